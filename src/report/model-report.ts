/**
 * The report of one trained model: what it was asked and what it answered, figure by figure (paper, figures 2
 * to 4). Takes results, gives the page and the files beside it; computing and writing are the caller's.
 */

import { type Alphabet, spell, spellName } from '../data/sequences/letters.js';
import type { Precision } from '../device/precision.js';
import type { Measured } from '../gia/measurement/measurements.js';
import { fileNamesOf } from '../gia/tables/file-names.js';
import { Files, type ReportFile } from './figures/figure-files.js';
import { facts, html, page, type Section } from './page/page.js';
import type { Theme } from './page/page-style.js';
import { READING } from './reading.js';
import { networkId, replicatesSections, type SharedReport } from './replicates/replicates-sections.js';
import {
  findingsOf,
  inOrder,
  list,
  type Shown,
  type TaskReport,
  taskSections,
} from './sections/task-sections.js';
import { taskId, tasksSection } from './sections/tasks-section.js';
import { count } from './wording.js';

/** What a page says of a model as a whole. */
interface WholeReport {
  /** What the model is called. */
  readonly name: string;
  /** Of the model's output, beside axes: `s.d. of scores`. */
  readonly unit?: string;
  /**
   * In which the sweep was computed, and everything else; captions name those that are not f32, the default.
   */
  readonly precisions?: { readonly sweep: Precision; readonly others: Precision } | undefined;
  /** Facts for the last section, by name. */
  readonly facts: readonly (readonly [string, string])[];
  /** Which letters are printed and drawn. Default `rna`. */
  readonly alphabet?: Alphabet | undefined;
  /** Colours of the page; default the reader's preference. Files are dark on white. */
  readonly theme?: Theme | undefined;
}

/** What the page of one model with one output shows. */
export interface ModelReport extends WholeReport, TaskReport {}

/** A task by its name. */
export type NamedTask = TaskReport & { readonly task: string };

/** What the page of one model with several outputs shows: everything for each task. */
export interface TasksReport extends WholeReport {
  readonly tasks: readonly NamedTask[];
}

/** What the page of replicates shows: what they have in common, then everything of each. */
export interface ReplicatesReport extends WholeReport, SharedReport {}

/**
 * The page and its files: one SVG and one table of numbers a figure. With several tasks, the files of each
 * are in a folder of its name; with replicates, those of each are in `network-1` and so on.
 *
 * @throws ShapeError where there is no sweep; and as the charts
 */
export async function modelReport(
  report: ModelReport | TasksReport | ReplicatesReport,
): Promise<{ page: string; files: readonly ReportFile[] }> {
  const { name, unit = 'output units', alphabet, theme } = report;
  const { precisions = { sweep: 'f32', others: 'f32' } } = report;
  const all = new Files();
  const [swept, others] = [precisions.sweep, precisions.others].map((precision) =>
    all.remarking(precision === 'f32' ? undefined : `Computed in ${precision}.`),
  ) as [Files, Files];
  const shown = { swept, others, unit, alphabet };
  const own = await sectionsOf(shown, report);
  const sections = [...own, { id: 'about', title: 'How this was made', body: facts(report.facts) }];
  const title =
    'replicates' in report
      ? `What ${report.replicates.length} networks of ${name} have learned`
      : `What ${name} has learned`;
  return {
    page: page({ title, subtitle: 'Global importance analysis of a ResidualBind model', sections, theme }),
    files: all.all,
  };
}

async function sectionsOf(
  shown: Shown,
  report: ModelReport | TasksReport | ReplicatesReport,
): Promise<Section[]> {
  const { alphabet } = shown;
  if ('tasks' in report)
    return await sectionsOfTasks(
      shown,
      report.tasks.map((task) => spelled(task, alphabet)),
    );
  if (!('replicates' in report)) return await sectionsOfOne(shown, spelled(report, alphabet));
  return await sectionsOfReplicates(shown, {
    ...spelled(report, alphabet),
    replicates: report.replicates.map((each) => spelled(each, alphabet)),
  });
}

/** A report with the names of its patterns and its sequences in an alphabet. */
const spelled = <Report extends Pick<TaskReport, 'agreement' | 'measured'> & Swept>(
  report: Report,
  alphabet: Alphabet | undefined,
): Report => ({
  ...report,
  sweep: report.sweep.map((row) => ({ ...row, pattern: spellName(row.pattern, alphabet) })),
  ...(report.agreement?.sequences && {
    agreement: {
      ...report.agreement,
      sequences: report.agreement.sequences.map((one) => spell(one, alphabet)),
    },
  }),
  ...(report.measured && { measured: spelledMeasured(report.measured, alphabet) }),
});

/** Rows of patterns. */
interface Swept {
  readonly sweep: readonly { readonly pattern: string }[];
}

const spelledMeasured = ({ beside, ridge }: Measured, alphabet: Alphabet | undefined): Measured => ({
  beside: {
    ...beside,
    rows: beside.rows.map((row) => ({ ...row, pattern: spell(row.pattern, alphabet) })),
    best: beside.best && { ...beside.best, pattern: spell(beside.best.pattern, alphabet) },
  },
  ridge,
});

async function sectionsOfOne(shown: Shown, report: TaskReport): Promise<Section[]> {
  const found = findingsOf(report, shown.unit);
  return [
    { id: 'findings', title: 'Findings', body: list(found) + noteOn([report]) },
    READING,
    ...(await taskSections(shown, report)),
  ];
}

/** Tasks side by side, then everything of each. */
async function sectionsOfTasks(shown: Shown, tasks: readonly NamedTask[]): Promise<Section[]> {
  const { swept, others, unit } = shown;
  const names = tasks.map(({ task }) => task);
  const folders = fileNamesOf(names);
  const ids = names.map((_, i) => taskId(i));
  const sections: Section[] = [];
  for (const [i, report] of tasks.entries()) {
    const { task } = report;
    const [from, beside] = [swept, others].map((files) =>
      files.in(folders[i]!).remarking(`Task: ${task}.`),
    ) as [Files, Files];
    const parts = await taskSections({ ...shown, swept: from, others: beside }, report);
    const links = names.map((name, n) =>
      n === i ? `<b>${html(name)}</b>` : `<a href="#${ids[n]}">${html(name)}</a>`,
    );
    sections.push({
      id: ids[i]!,
      title: task,
      body: `<p class="note">Tasks: ${links.join(' · ')}</p>${list(findingsOf(report, unit))}`,
      parts: parts.map((part) => ({ ...part, id: `${ids[i]}-${part.id}` })),
    });
  }
  const compared = tasks.map(({ task, sweep, agreement }, i) => ({
    task,
    id: ids[i]!,
    ranked: inOrder(sweep),
    agreement,
  }));
  return [await tasksSection(swept, compared, unit, noteOn(tasks)), READING, ...sections];
}

/** What replicates have in common, then everything of each. */
async function sectionsOfReplicates(shown: Shown, report: SharedReport): Promise<Section[]> {
  const { swept, others, unit } = shown;
  const { replicates, seeds } = report;
  const common = await replicatesSections(shown, report);
  const sections: Section[] = [];
  for (const [i, own] of replicates.entries()) {
    const id = networkId(i);
    const [from, beside] = [swept, others].map((files) =>
      files.in(id).remarking(`Network ${i + 1} of ${replicates.length}.`),
    ) as [Files, Files];
    const parts = await taskSections({ ...shown, swept: from, others: beside }, own);
    sections.push({
      id,
      title: `Network ${i + 1} (seed ${seeds[i]})`,
      body: list(findingsOf(own, unit)),
      parts: parts.map((part) => ({ ...part, id: `${id}-${part.id}` })),
    });
  }
  const [findings, ...rest] = common;
  return [findings!, READING, ...rest, ...sections];
}

/** What n is. */
function noteOn(reports: readonly TaskReport[]): string {
  const backgrounds = reports[0]!.experiments[0]?.backgrounds ?? inOrder(reports[0]!.sweep)[0]!.n;
  return `<p class="note">${html(
    `This is one trained network (n = 1). Intervals and q are over ${backgrounds === undefined ? 'its backgrounds' : count(backgrounds, 'background')}: they say how well this network’s averages are known, not whether another network, trained anew, would agree. To ask several networks, run residualbind study with --replicates, or residualbind gia all with all of their models.`,
  )}</p>`;
}
