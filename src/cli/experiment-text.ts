/** Experiments as text: tab-separated tables for files, aligned ones for the terminal. */

import type { ExperimentResult, Labels, ReplicatedComparison } from '../gia/experiments/index.js';
import { aligned } from './tables.js';

/** Labels become columns of their own. */
export function experimentTsv(rows: readonly ({ readonly labels: Labels } & object)[]): string {
  const flat = rows.map(
    ({ labels, ...numbers }) => ({ ...labels, ...numbers }) as Record<string, string | number>,
  );
  const columns = Object.keys(flat[0] ?? {});
  const cell = (value: string | number | undefined) =>
    typeof value === 'number' ? String(Number(value.toPrecision(9))) : (value ?? '');
  return `${[columns.map(snake), ...flat.map((row) => columns.map((column) => cell(row[column])))].map((line) => line.join('\t')).join('\n')}\n`;
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

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
      ? [`Over all ${paths.length} models, each one's mean difference a value:`, compared(across)]
      : [];
  return [`${what[0]!.toUpperCase()}${what.slice(1)}:`, ...found, ...common].join('\n');
}

const compared = (comparisons: readonly ReplicatedComparison[]): string =>
  table(
    comparisons,
    'difference',
    ({ difference, ciLow, ciHigh, d, p, q }) => [
      difference.toFixed(4),
      `${ciLow.toFixed(4)} to ${ciHigh.toFixed(4)}`,
      d.toFixed(2),
      p.toExponential(1),
      q.toExponential(1),
    ],
    ["Cohen's d", 'p', 'q'],
  );

function modelText(
  rows: ExperimentResult['rows'],
  comparisons: ExperimentResult['comparisons'],
  facts: ExperimentResult['facts'][number],
): string {
  const lines = [
    table(rows, 'importance', ({ importance, ciLow, ciHigh }) => [
      importance.toFixed(4),
      `${ciLow.toFixed(4)} to ${ciHigh.toFixed(4)}`,
    ]),
  ];
  if (comparisons.length > 0) {
    lines.push('Paired by background:');
    lines.push(compared(comparisons));
  }
  const known = Object.entries(facts);
  if (known.length > 0) {
    const numbers = (value: number | readonly number[]) =>
      [value].flat().map((x) => Number(x.toPrecision(4)));
    lines.push(known.map(([name, value]) => `${name} ${numbers(value).join(', ')}`).join('; '));
  }
  return lines.join('\n');
}

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
