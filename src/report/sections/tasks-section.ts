/** The tasks of a model side by side: the top k-mer of each, and what it does in the others. */

import type { StoredRow } from '../../gia/tables/table-reader.js';
import { heatMap } from '../charts/index.js';
import { coefficient } from '../correlation.js';
import type { Files } from '../figures/figure-files.js';
import { fixed } from '../figures/svg.js';
import { html, paragraph, type Section, sortable } from '../page/page.js';
import { intervalColumn, numberColumn } from '../table-columns.js';
import { count } from '../wording.js';
import type { TaskAgreement } from './agreement-section.js';

/** Anchor of the section of the `i`-th task. */
export const taskId = (i: number): string => `task-${i + 1}`;

/** A task, and what its page says of it. */
export interface ComparedTask {
  readonly task: string;
  /** Anchor of its section. */
  readonly id: string;
  /** Patterns by descending importance. */
  readonly ranked: readonly StoredRow[];
  readonly agreement?: TaskAgreement | undefined;
}

/** The top pattern of a task, and its importance in every task. */
interface Top {
  readonly of: ComparedTask;
  readonly best: StoredRow;
  /** In the order of the tasks; undefined where a sweep lacks the pattern. */
  readonly rows: readonly (StoredRow | undefined)[];
}

/** @param note ends the section, HTML */
export async function tasksSection(
  files: Files,
  tasks: readonly ComparedTask[],
  unit: string,
  note: string,
): Promise<Section> {
  const byPattern = tasks.map(({ ranked }) => new Map(ranked.map((row) => [row.pattern, row])));
  const tops = tasks.map((of): Top => {
    const best = of.ranked[0]!;
    return { of, best, rows: byPattern.map((rows) => rows.get(best.pattern)) };
  });
  const findings = tops.map((top) => `<li>${html(finding(top, tasks))}</li>`).join('');
  return {
    id: 'findings',
    title: 'Findings',
    body: `<ul class="findings">${findings}</ul>${overview(tops)}${await matrix(files, tops, tasks, unit)}${note}`,
  };
}

/** The most important pattern of a task there and elsewhere. */
function finding({ of, best, rows }: Top, tasks: readonly ComparedTask[]): string {
  const others = rows.flatMap((row, i) => (row && tasks[i] !== of ? [{ row, task: tasks[i]!.task }] : []));
  const here = `${of.task}: ${best.pattern} is the most important pattern, with an importance of ${fixed(best.importance, 2)}.`;
  const [most] = others.toSorted((a, b) => Math.abs(b.row.importance) - Math.abs(a.row.importance));
  if (!most) return here;
  return others.length === 1
    ? `${here} In ${most.task}, its importance is ${fixed(most.row.importance, 2)}.`
    : `${here} Its largest effect on another task is ${fixed(most.row.importance, 2)} (${most.task}).`;
}

/** One line per task. */
function overview(tops: readonly Top[]): string {
  const hasAgreement = tops.some(({ of }) => of.agreement);
  return sortable(tops, [
    { heading: 'task', cell: ({ of }) => of.task, href: ({ of }) => `#${of.id}` },
    { heading: 'top pattern', cell: ({ best }) => best.pattern, letters: true },
    numberColumn<Top>('importance', ({ best }) => best.importance, 3),
    ...(tops.every(({ best }) => best.ciLow === undefined)
      ? []
      : [intervalColumn<Top>(({ best }) => ({ ciLow: best.ciLow, ciHigh: best.ciHigh }))]),
    ...(hasAgreement
      ? [
          {
            heading: 'r',
            hint: 'Pearson’s correlation of predictions with measurements that were not trained on',
            value: ({ of }: Top) => of.agreement?.pearson ?? Number.NaN,
            cell: ({ of }: Top) => (of.agreement ? coefficient(of.agreement.pearson, 3) : ''),
          },
          numberColumn<Top>('n', ({ of }) => of.agreement?.measured.length ?? 0, 0, 'measurements'),
        ]
      : []),
  ]);
}

/** The importance of every top pattern in every task, as a heat map and as a table. */
async function matrix(
  files: Files,
  tops: readonly Top[],
  tasks: readonly ComparedTask[],
  unit: string,
): Promise<string> {
  const nameOf = ({ of, best }: Top) => `${best.pattern} (${of.task})`;
  const known = tops.flatMap((top) =>
    top.rows.flatMap((row, i) => (row ? [{ top, row, task: tasks[i]!.task }] : [])),
  );
  const chart = await heatMap(
    known.map(({ top, row, task }) => ({ x: task, y: nameOf(top), value: row.importance })),
    {
      title: 'Top patterns of all tasks in all tasks',
      xLabel: 'predicted task',
      yLabel: 'top pattern',
      valueLabel: `global importance, ${unit}`,
    },
  );
  const numbers = known.map(({ top: { of }, row, task }) => ({
    top_of: of.task,
    pattern: row.pattern,
    task,
    importance: row.importance,
    ...(row.ciLow !== undefined && { ciLow: row.ciLow, ciHigh: row.ciHigh }),
  }));
  const table = sortable(tops, [
    { heading: 'top pattern', cell: ({ best }) => best.pattern, letters: true },
    { heading: 'of', cell: ({ of }) => of.task },
    ...tasks.map(({ task }, i) => ({
      heading: `in ${task}`,
      value: ({ rows }: Top) => rows[i]?.importance ?? Number.NaN,
      cell: ({ rows }: Top) => (rows[i] ? fixed(rows[i].importance, 3) : ''),
    })),
  ]);
  return (
    files.figure(
      'tasks',
      chart.svg,
      numbers,
      `Global importance of the most important pattern of each of ${count(tasks.length, 'task')} (rows) in the predictions of every task (columns).`,
    ) +
    paragraph('The same numbers: the top pattern of each task, and its importance in every task.') +
    table
  );
}
