/**
 * What the columns of tables are called. Every file of this project spells them alike (`ci_low`, `ci_high`),
 * whatever its format; in the library they are fields (`ciLow`, `ciHigh`).
 */

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
interface LabelledRow {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly more?: Readonly<Record<string, number>>;
}

/** An experiment's row as one flat object: labels, further numbers, then its statistics. */
export function flatRow({
  labels,
  more,
  ...numbers
}: LabelledRow): Readonly<Record<string, string | number>> {
  return { ...labels, ...more, ...numbers };
}

/** What an experiment's JSON holds beside its rows, comparisons and facts. */
interface ExperimentTables {
  readonly rows: readonly LabelledRow[];
  readonly comparisons: readonly LabelledRow[];
  readonly across?: readonly LabelledRow[];
  readonly facts: readonly object[];
}

/** An experiment's result as its JSON has it: everything that is a column in a table is called as there. */
export function namedResult<Result extends ExperimentTables>(result: Result): object {
  const named = (rows: readonly LabelledRow[]) =>
    rows.map(({ labels, more, ...numbers }) => ({
      ...withColumnNames(numbers),
      labels: withColumnNames(labels),
      ...(more && { more: withColumnNames(more) }),
    }));
  const { rows, comparisons, across, facts } = result;
  return {
    ...result,
    rows: named(rows),
    comparisons: named(comparisons),
    facts: facts.map(withColumnNames),
    ...(across && { across: named(across) }),
  };
}
