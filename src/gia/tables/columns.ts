/** Tables of named columns as files, for every kind of table that has a format of its own. */

import type { Float16Array } from '@petamoriken/float16';
import { echo } from '../../device/echo.js';
import { FormatError } from '../../device/errors.js';
import { npy, npyText } from './npy.js';

/** A column of a table. */
export interface Column {
  readonly name: string;
  readonly kind: 'text' | 'integer' | 'number';
  /** One value per row; NaN where a number is undefined. */
  readonly values: readonly (string | number)[];
}

/**
 * The column that says what a row of an importance table is about, a pattern or a motif; undefined for other
 * tables.
 */
export const subjectOf = (columns: readonly string[]): 'pattern' | 'motif' | undefined =>
  columns.includes('importance')
    ? (['pattern', 'motif'] as const).find((column) => columns.includes(column))
    : undefined;

/**
 * Tab-separated text with a header line. Numbers carry 9 significant digits, which give back every f32
 * exactly.
 *
 * @throws FormatError for text with a tab or line break
 */
export function columnsToTsv(columns: readonly Column[]): string {
  const rows = columns[0]?.values.length ?? 0;
  const lines = [columns.map(({ name }) => name).join('\t')];
  for (let row = 0; row < rows; row++)
    lines.push(columns.map(({ name, values }) => cell(name, values[row]!)).join('\t'));
  return `${lines.join('\n')}\n`;
}

function cell(name: string, value: string | number): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(9)));
  if (/[\t\r\n]/.test(value))
    throw new FormatError(
      `${name} ${echo(value)} cannot be a TSV field; rename it without tab or line break`,
    );
  return value;
}

/** Rows as objects, keyed by the columns; NaN becomes null in JSON. */
export const rowsOfColumns = (columns: readonly Column[]): Record<string, string | number>[] =>
  (columns[0]?.values ?? []).map((_, row) =>
    Object.fromEntries(columns.map(({ name, values }) => [name, values[row]!])),
  );

/** Apache Parquet with the manifest in its metadata. */
export async function columnsToParquet(columns: readonly Column[], manifest: unknown): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const columnData = columns.map(({ name, kind, values }) => ({
    name,
    data: [...values],
    type: PARQUET[kind],
  }));
  const kvMetadata = [{ key: 'manifest', value: JSON.stringify(manifest) }];
  return new Uint8Array(parquetWriteBuffer({ columnData, kvMetadata }));
}

const PARQUET = { text: 'STRING', integer: 'INT32', number: 'DOUBLE' } as const;

/** A `.npz` of one array per column, with the manifest, and with local importances [rows, N] where given. */
export async function columnsToNpz(
  columns: readonly Column[],
  manifest: unknown,
  local?: Float32Array | Float16Array | undefined,
): Promise<Uint8Array> {
  const { strToU8, zipSync } = await import('fflate');
  const rows = columns[0]?.values.length ?? 0;
  const files: Record<string, Uint8Array> = {};
  for (const { name, kind, values } of columns)
    files[`${name}.npy`] =
      kind === 'text'
        ? npyText(values as string[])
        : kind === 'integer'
          ? npy('<i4', [rows], Int32Array.from(values as number[]))
          : npy('<f8', [rows], Float64Array.from(values as number[]));
  if (local) {
    const type = local instanceof Float32Array ? '<f4' : '<f2';
    files['local.npy'] = npy(type, [rows, local.length / rows], local);
  }
  files['manifest.json'] = strToU8(JSON.stringify(manifest, null, 2));
  return zipSync(files, { level: 6 });
}
