/**
 * Names of the columns of tables. Every file of this project spells them alike (`ci_low`, `ci_high`),
 * whatever its format; in the library they are fields (`ciLow`, `ciHigh`).
 */

import { type Spellable, spelledResult } from './spelling.js';

/**
 * `ciLow` as the column `ci_low`. Letters that stand alone, such as the nucleotides of a matrix, stay as they
 * are.
 */
export const columnName = (field: string): string =>
  field.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The same fields under the names of their columns. */
export const withColumnNames = (row: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(row).map(([field, value]) => [columnName(field), value]));

/** A row of an experiment's importances or comparisons. */
export interface LabelledRow {
  readonly labels: Readonly<Record<string, string | number | undefined>>;
  readonly more?: Readonly<Record<string, number>>;
}

/** A row of an experiment as one flat object: its labels, its further numbers, then its statistics. */
export function flatRow({
  labels,
  more,
  ...numbers
}: LabelledRow): Readonly<Record<string, string | number | undefined>> {
  return { ...labels, ...more, ...numbers };
}

/** The parts of an experiment's result whose fields are named like columns. */
export interface ExperimentTables {
  readonly design: object;
  readonly rows: readonly LabelledRow[];
  readonly comparisons: readonly LabelledRow[];
  readonly across?: readonly LabelledRow[];
  readonly facts: readonly object[];
}

/**
 * An experiment's result as JSON: everything that is a column in a table has the name of that column, and
 * letters are those of the result's alphabet.
 */
export function namedResult<Result extends ExperimentTables & Spellable>(given: Result): object {
  const result = spelledResult(given);
  const named = (rows: readonly LabelledRow[]) =>
    rows.map(({ labels, more, ...numbers }) => ({
      ...withColumnNames(numbers),
      labels: withColumnNames(labels),
      ...(more && { more: withColumnNames(more) }),
    }));
  const { design, rows, comparisons, across, facts } = result;
  return {
    ...result,
    design: withColumnNames(design),
    rows: named(rows),
    comparisons: named(comparisons),
    facts: facts.map(withColumnNames),
    ...(across && { across: named(across) }),
  };
}
