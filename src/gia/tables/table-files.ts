/**
 * Tables as files by extension: `.tsv`, `.json`, `.parquet` (Apache Parquet) and `.npz` (NumPy). Returns
 * their contents; the libraries for them are loaded when they are needed.
 */

import type { Float16Array } from '@petamoriken/float16';
import { FormatError } from '../../device/errors.js';
import { type Column, columnsToNpz, columnsToParquet } from './columns.js';
import { columnsOf, type GiaTable, NAMES, toJson, toTsv } from './table.js';

export const TABLE_FORMATS = ['tsv', 'json', 'parquet', 'npz'] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];

/** What a table file may hold beside the table. */
export interface Enclosed {
  /** How the table came about. */
  readonly manifest: unknown;
  /** Local importances of every pattern, in the table's order [rows, backgrounds]; `.npz` only. */
  readonly local?: Float32Array | Float16Array | undefined;
}

/** The format that a file's name asks for. @throws FormatError for any other */
export const formatOf = (path: string): TableFormat => extensionOf(path, TABLE_FORMATS, 'a table');

/** The one of some extensions that a file's name has. @throws FormatError for any other */
export function extensionOf<Format extends string>(
  path: string,
  formats: readonly Format[],
  what: string,
): Format {
  const extension = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  const format = formats.find((known) => known === extension);
  if (!format || !path.includes('.'))
    throw new FormatError(
      `${path}: the name of ${what} must end in .${formats.join(', .')}, because the ending determines the format`,
    );
  return format;
}

/**
 * The contents of a table file.
 *
 * @throws FormatError for names that the format cannot hold
 */
export async function encodeTable(
  table: GiaTable,
  format: TableFormat,
  { manifest, local }: Enclosed,
): Promise<string | Uint8Array> {
  switch (format) {
    case 'tsv':
      return toTsv(table);
    case 'json':
      return toJson(table, manifest);
    case 'parquet':
      return await columnsToParquet(valuesOf(table), manifest);
    case 'npz':
      return await columnsToNpz(valuesOf(table), manifest, local);
  }
}

const INTEGERS: readonly string[] = ['n', 'rank', 'inPadding'];
const TEXTS: readonly string[] = ['pattern', ...NAMES];

/** The columns of a table with their values. */
const valuesOf = (table: GiaTable): Column[] =>
  columnsOf(table).map(([name, field]) => ({
    name,
    kind: TEXTS.includes(field) ? 'text' : INTEGERS.includes(field) ? 'integer' : 'number',
    values: table.rows.map((row) => row[field]!),
  }));
