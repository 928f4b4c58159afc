/** Results of experiments as aligned tables for the terminal. */

import {
  atReadout,
  type ExperimentResult,
  type ExperimentRow,
  type Labels,
  type ReplicatedComparison,
  readoutsOfResult,
} from '../../gia/experiments/index.js';
import { spelledResult } from '../../gia/tables/spelling.js';
import { descriptionOf, reportOf } from '../../report/experiments/index.js';
import { capitalised } from '../../report/experiments/shared.js';
import { count, probability } from '../../report/wording.js';
import { aligned, interval } from '../tables.js';

/** The most rows of a table that the terminal shows. */
const MOST = 24;

/**
 * The result of an experiment as tables, model by model and output by output, then over all models where
 * there are several.
 *
 * @param paths of the models, in order
 * @param task shows only this one
 */
export function experimentText(
  given: ExperimentResult & { readonly across?: readonly ReplicatedComparison[] },
  paths: readonly string[],
  task?: string,
): string {
  const { across = [], ...result } = spelledResult(given);
  const isShown = (of: { readonly task?: string }) => task === undefined || of.task === task;
  const found = readoutsOfResult(result).flatMap((readout) => {
    if (!isShown(readout)) return [];
    const names = [
      ...(paths.length > 1 ? [paths[readout.model]!] : []),
      ...(readout.task === undefined ? [] : [`task ${readout.task}`]),
    ];
    return [...(names.length > 0 ? [`${names.join(', ')}:`] : []), readoutText(atReadout(result, readout))];
  });
  const common =
    across.length > 0
      ? [
          `Over ${count(paths.length, 'model')}, with the mean difference of each model as one value:`,
          comparisonTable(result, across.filter(isShown)),
        ]
      : [];
  return [`${capitalised(descriptionOf(result))}:`, ...found, ...common].join('\n');
}

/** The importance of a motif in all tasks but its own, from its mutagenesis; nothing for other results. */
export function besideText(given: ExperimentResult, paths: readonly string[], task: string): string[] {
  const result = spelledResult(given);
  if (result.experiment !== 'mutagenesis') return [];
  const { motif, position } = result.design;
  const others = result.rows.filter((row) => row.labels.pattern === motif && row.task !== task);
  if (others.length === 0) return [];
  const rows = others.map(({ model, task: other = '', importance, ciLow, ciHigh }) => [
    ...(paths.length > 1 ? [paths[model]!] : []),
    other,
    importance.toFixed(4),
    interval(ciLow, ciHigh),
  ]);
  const headings = [...(paths.length > 1 ? ['model'] : []), 'task', 'importance', '95 % interval'];
  return [`${motif} at position ${position} in the other tasks:\n${aligned([headings, ...rows])}`];
}

function readoutText(result: ExperimentResult): string {
  const { rows, comparisons } = result;
  const facts = reportOf(result).facts(result.facts[0]!);
  return [
    rowTable(result, rows),
    ...(comparisons.length > 0 ? ['Paired by background:', comparisonTable(result, comparisons)] : []),
    ...(facts.length > 0 ? [facts.join('; ')] : []),
  ].join('\n');
}

interface Column<Row> {
  readonly heading: string;
  readonly cell: (row: Row) => string;
}

function rowTable(result: ExperimentResult, rows: readonly ExperimentRow[]): string {
  const report = reportOf(result);
  // The rows are those of the result, so that they have what its columns read.
  const [columns, numbers] = [report.columns(result), report.numbers?.(result) ?? []] as [
    Column<ExperimentRow>[],
    Column<ExperimentRow>[],
  ];
  const isMarked = rows.some(({ labels }) => labels.inPadding !== undefined);
  return table(rows, [
    ...columns,
    ...(isMarked
      ? [{ heading: 'letters in padding', cell: ({ labels }: ExperimentRow) => `${labels.inPadding ?? 0}` }]
      : []),
    { heading: 'importance', cell: ({ importance }) => importance.toFixed(4) },
    { heading: '95 % interval', cell: ({ ciLow, ciHigh }) => interval(ciLow, ciHigh) },
    ...numbers,
  ]);
}

function comparisonTable(result: ExperimentResult, comparisons: readonly ReplicatedComparison[]): string {
  const name = reportOf(result).comparison as (labels: Labels, result: ExperimentResult) => string;
  return table(comparisons, [
    ...(comparisons[0]?.task === undefined
      ? []
      : [{ heading: 'task', cell: ({ task = '' }: ReplicatedComparison) => task }]),
    { heading: 'comparison', cell: ({ labels }) => name(labels, result) },
    { heading: 'difference', cell: ({ difference }) => difference.toFixed(4) },
    { heading: '95 % interval', cell: ({ ciLow, ciHigh }) => interval(ciLow, ciHigh) },
    { heading: "Cohen's d", cell: ({ d }) => d.toFixed(2) },
    { heading: 'p', cell: ({ p }) => probability(p, '') },
    { heading: 'q', cell: ({ q }) => probability(q, '') },
  ]);
}

function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const shown = aligned([
    columns.map(({ heading }) => heading),
    ...rows.slice(0, MOST).map((row) => columns.map(({ cell }) => cell(row))),
  ]);
  return rows.length > MOST ? `${shown}\n  … and ${rows.length - MOST} more` : shown;
}
