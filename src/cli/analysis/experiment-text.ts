/** Experiments as text: tab-separated tables for files, aligned ones for the terminal. */

import type { ExperimentResult, Labels, ReplicatedComparison } from '../../gia/experiments/index.js';
import { columnName, flatRow } from '../../gia/tables/column-names.js';
import { count, probability } from '../../report/wording.js';
import { aligned, interval } from '../tables.js';

/** Labels and further numbers become columns of their own. */
export function experimentTsv(rows: readonly ({ readonly labels: Labels } & object)[]): string {
  const flat = rows.map(flatRow);
  const columns = Object.keys(flat[0] ?? {});
  const cell = (value: string | number | undefined) =>
    typeof value === 'number' ? String(Number(value.toPrecision(9))) : (value ?? '');
  const lines = flat.map((row) => columns.map((column) => cell(row[column])));
  return `${[columns.map(columnName), ...lines].map((line) => line.join('\t')).join('\n')}\n`;
}

/** Rows that a terminal shows of a table. */
const MOST = 24;

/**
 * What an experiment found, in tables; model by model where there are several, and then over all of them.
 *
 * @param paths the models', in order
 */
export function experimentText(
  { what, rows, comparisons, facts }: ExperimentResult,
  paths: readonly string[],
  across: readonly ReplicatedComparison[] = [],
): string {
  const found = paths.flatMap((path, e) => {
    const own = <Row extends { readonly model: number }>(all: readonly Row[]) =>
      all.filter(({ model }) => model === e);
    return [
      ...(paths.length > 1 ? [`${path}:`] : []),
      modelText(own(rows), own(comparisons), facts[e] ?? {}),
    ];
  });
  const common =
    across.length > 0
      ? [
          `Over ${count(paths.length, 'model')}, with the mean difference of each model as one value:`,
          compared(across),
        ]
      : [];
  return [`${what[0]!.toUpperCase()}${what.slice(1)}:`, ...found, ...common].join('\n');
}

const compared = (comparisons: readonly ReplicatedComparison[]): string =>
  table(
    comparisons,
    'difference',
    ({ difference, ciLow, ciHigh, d, p, q }) => [
      difference.toFixed(4),
      interval(ciLow, ciHigh),
      d.toFixed(2),
      probability(p, ''),
      probability(q, ''),
    ],
    ["Cohen's d", 'p', 'q'],
  );

function modelText(
  rows: ExperimentResult['rows'],
  comparisons: ExperimentResult['comparisons'],
  facts: ExperimentResult['facts'][number],
): string {
  const lines = [
    table(
      rows,
      'importance',
      ({ importance, ciLow, ciHigh, more }) => [
        importance.toFixed(4),
        interval(ciLow, ciHigh),
        ...shownOf(more).map((name) => (name === 'position' ? String(more![name]) : more![name]!.toFixed(4))),
      ],
      shownOf(rows[0]?.more),
    ),
  ];
  if (comparisons.length > 0) {
    lines.push('Paired by background:');
    lines.push(compared(comparisons));
  }
  const known = Object.keys(facts).filter((name) => !/Ci(Low|High)$/.test(name));
  if (known.length > 0) lines.push(known.map((name) => factText(facts, name)).join('; '));
  return lines.join('\n');
}

/** Facts whose column names say too little to a reader of a terminal. */
const IN_WORDS: Readonly<Record<string, string>> = {
  best: 'best position',
  range: 'range of importance over positions',
  heights: 'root of the summed squares of the changes at each position',
  effect5: "with 5' GC / motif alone",
  effect3: "with 3' GC / motif alone",
  difference: 'difference of these ratios',
  r2: 'R²',
  suboptimalR2: 'suboptimal R²',
  suboptimalSlope: 'suboptimal slope',
  suboptimalIntercept: 'suboptimal intercept',
  inLoop: 'motif in the loop at',
  inStem: 'motif in the stem at',
};

/** A fact in words or by the name of its column, with its interval where it has one. */
function factText(facts: ExperimentResult['facts'][number], name: string): string {
  const text = (x: number) =>
    name === 'p' ? probability(x, '') : Number.isNaN(x) ? 'undefined' : String(Number(x.toPrecision(4)));
  const values = [facts[name]!].flat().map(text).join(', ');
  const ends = ['CiLow', 'CiHigh'].flatMap((end) => facts[name + end] ?? []);
  const between =
    ends.length < 2
      ? ''
      : ends.every(Number.isFinite)
        ? ` (95 % interval ${ends.map(text).join(' to ')})`
        : ' (95 % interval unbounded)';
  return `${IN_WORDS[name] ?? columnName(name)} ${values}${between}`;
}

/** Further numbers that a terminal has room for: all but the ends of their intervals. */
const shownOf = (more: Readonly<Record<string, number>> = {}): string[] =>
  Object.keys(more).filter((name) => !/Ci(Low|High)$/.test(name));

function table<Row extends { readonly labels: Labels }>(
  rows: readonly Row[],
  value: string,
  cells: (row: Row) => string[],
  more: readonly string[] = [],
): string {
  const names = Object.keys(rows[0]?.labels ?? {});
  const shown = aligned([
    [...names, value, '95 % interval', ...more],
    ...rows.slice(0, MOST).map((row) => [
      ...names.map((name) => {
        const label = row.labels[name] ?? '';
        return typeof label === 'number' ? String(Number(label.toPrecision(5))) : label;
      }),
      ...cells(row),
    ]),
  ]);
  return rows.length > MOST ? `${shown}\n  … and ${rows.length - MOST} more` : shown;
}
