/** Importance tables for the terminal. */

import type { GiaRow, GiaTable } from '../gia/tables/table.js';

/** Columns padded to their widest cell; the first column to the left, all others to the right. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]!.length))) ?? [];
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  return rows.map((row) => `  ${line(row).trimEnd()}`).join('\n');
}

/** Facts one below the other: what each is about, and what it is. */
export function factLines(facts: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...facts.map(([name]) => name.length));
  return facts.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}

/** `-0.0120 to 0.3400`. */
export const interval = (low: number, high: number): string => `${low.toFixed(4)} to ${high.toFixed(4)}`;

/** The first rows of every model and task, each under their names where a table has several. */
export const topTables = ({ rows }: GiaTable, count: number): string[] =>
  rowsByName(rows).flatMap(({ name, rows: own }) => [
    ...(name === '' ? [] : [`${name}:`]),
    importanceTable(own.slice(0, count)),
  ]);

/** The first rows of every model and task. */
export const topOfEach = ({ rows }: GiaTable, count: number): readonly GiaRow[] =>
  rowsByName(rows).flatMap(({ rows: own }) => own.slice(0, count));

/** The rows of every model and task, which are in order of rank. */
function rowsByName(rows: readonly GiaRow[]): { readonly name: string; readonly rows: GiaRow[] }[] {
  const groups = new Map<string, GiaRow[]>();
  for (const row of rows) {
    const name = [row.model, row.task].filter((part) => part !== undefined).join(', ');
    const own = groups.get(name);
    if (own) own.push(row);
    else groups.set(name, [row]);
  }
  return Array.from(groups, ([name, own]) => ({ name, rows: own }));
}

/** Letters in padding have a column where a table knows of any. */
export const importanceTable = (rows: readonly GiaRow[]): string => {
  const isMarked = rows.some(({ inPadding }) => inPadding !== undefined);
  return aligned([
    ['pattern', 'rank', 'importance', '95 % interval', ...(isMarked ? ['letters in padding'] : [])],
    ...rows.map(({ pattern, rank, importance, ciLow, ciHigh, inPadding }) => [
      pattern,
      String(rank),
      importance.toFixed(4),
      interval(ciLow, ciHigh),
      ...(isMarked ? [String(inPadding ?? 0)] : []),
    ]),
  ]);
};
