/**
 * Importance tables read back, from the tab-separated text and the JSON that `table.ts` writes. Tables of
 * older versions have fewer columns; only the pattern and its importance are required.
 */
import { echo } from '../../data/echo.js';
import { contentLines } from '../../data/files/text-lines.js';
import { ALPHABETS, type Alphabet, alphabetOf } from '../../data/sequences/letters.js';
import { readNumber } from '../../data/tables/numbers.js';
import * as check from '../../device/check.js';
import { FormatError } from '../../device/errors.js';
import { COLUMNS, type GiaRow, NAMES } from './table.js';

/** A row as found in a file. */
export type StoredRow = Pick<GiaRow, 'pattern' | 'importance'> & Partial<GiaRow>;

/** Rows in the file's order. */
export interface StoredTable {
  readonly source: string;
  readonly rows: readonly StoredRow[];
  /**
   * The letters that its patterns are written in: what a JSON table says, else DNA where patterns have T and
   * none has U.
   */
  readonly alphabet: Alphabet;
  /** What a JSON table says of how it came about. */
  readonly manifest?: unknown;
}

const FIELD_OF: ReadonlyMap<string, keyof GiaRow> = new Map<string, keyof GiaRow>([
  ...NAMES.map((name) => [name, name] as const),
  ...COLUMNS,
]);
const REQUIRED = ['pattern', 'importance'] as const;

/**
 * Reads a tab-separated table. Columns may come in any order; those it does not know are passed over. `#`
 * begins a comment above the header only, since a model or pattern may be called `#1`.
 *
 * @param source file name or other origin, for messages
 * @throws FormatError naming source and line: a missing or repeated column, a row of another width, a number
 * that is none, or a pattern that has come before (of the same model and task)
 */
export function parseTsv(text: string, source = 'text'): StoredTable {
  check.text(text, check.argument('text'));
  const [header, ...lines] = [...contentLines(text, 'above the header')];
  if (!header) throw new FormatError(`${source}: the table is empty`);
  const columns = header.text.split('\t');
  const repeated = columns.find((column, i) => columns.indexOf(column) < i);
  if (repeated !== undefined)
    throw new FormatError(`${source}:${header.number}: two columns are called ${echo(repeated)}`);
  for (const column of REQUIRED) {
    if (!columns.includes(column))
      throw new FormatError(
        `${source}:${header.number}: no column "${column}"; expected a table that gia sweep wrote, columns between tabs`,
      );
  }
  const rows = lines.map(({ number, text: line }) => {
    const cells = line.split('\t');
    const where = `${source}:${number}`;
    if (cells.length !== columns.length)
      throw new FormatError(
        `${where}: expected ${columns.length} tab-separated fields, found ${cells.length}`,
      );
    const record = Object.fromEntries(
      columns.map((column, i) => [column, isText(column) ? cells[i] : numberIn(cells[i]!)]),
    );
    return { where, row: rowOf(record, where) };
  });
  return { source, ...checked(rows, source) };
}

/**
 * Reads a JSON table, `{ manifest, rows }`. A null is a value that JSON cannot hold, such as an infinite t,
 * and is left out.
 *
 * @throws FormatError naming source and row, as `parseTsv`
 */
export function parseTableJson(text: string, source = 'text'): StoredTable {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new FormatError(`${source}: not JSON (${(cause as Error).message})`, { cause });
  }
  const { rows, manifest, alphabet } = (content ?? {}) as Readonly<Record<string, unknown>>;
  if (!Array.isArray(rows))
    throw new FormatError(`${source}: no "rows"; expected a table that gia sweep wrote`);
  const found = rows.map((row: unknown, i) => {
    const where = `${source}: row ${i + 1}`;
    if (typeof row !== 'object' || row === null) throw new FormatError(`${where}: expected an object`);
    return { where, row: rowOf(row as Record<string, unknown>, where) };
  });
  const noted = ALPHABETS.find((known) => known === alphabet);
  return { source, ...checked(found, source), ...(noted && { alphabet: noted }), manifest };
}

/** The row of the highest importance, the first of equals. @throws FormatError for a table without rows */
export function topRow<Row extends Pick<GiaRow, 'importance'>>(rows: readonly Row[]): Row {
  const [first] = rows;
  if (!first) throw new FormatError('the table has no rows');
  return rows.reduce((best, row) => (row.importance > best.importance ? row : best), first);
}

/**
 * The rows of a task; of a table without tasks all.
 *
 * @throws FormatError where the table has other tasks
 */
export function rowsOfTask<Row extends Pick<GiaRow, 'task'>>(
  rows: readonly Row[],
  task: string | undefined,
): readonly Row[] {
  if (task === undefined && rows.every((row) => row.task === undefined)) return rows;
  const own = rows.filter((row) => row.task === task);
  if (own.length > 0) return own;
  const known = [...new Set(rows.map((row) => row.task))].filter((name) => name !== undefined);
  throw new FormatError(
    known.length === 0
      ? `the table has no column task, and the model has the task ${echo(task!)}; make it again from this model`
      : `the table has rows of ${known.join(', ')}${task === undefined ? ', and the model has one task' : `, and none of the task ${echo(task)}`}`,
  );
}

/**
 * Letters of a pattern's name, without the position that sweeps of several positions add: `UGCAUG@17` is
 * UGCAUG.
 */
export const lettersOfName = (pattern: string): string => pattern.replace(/@\d+$/, '');

const TEXTS: readonly string[] = ['pattern', ...NAMES];
const isText = (column: string): boolean => TEXTS.includes(column);

/** As `toTsv` writes numbers; NaN for text that is none. */
const numberIn = (cell: string): number =>
  cell === 'Infinity' || cell === '-Infinity' ? Number(cell) : (readNumber(cell) ?? Number.NaN);

function rowOf(record: Readonly<Record<string, unknown>>, where: string): StoredRow {
  const row: Partial<Record<keyof GiaRow, unknown>> = {};
  for (const [column, value] of Object.entries(record)) {
    const field = FIELD_OF.get(column);
    if (field === undefined || value === null) continue;
    const isValid = isText(column)
      ? typeof value === 'string' && value !== ''
      : typeof value === 'number' && (column === 't' ? !Number.isNaN(value) : Number.isFinite(value));
    if (!isValid)
      throw new FormatError(`${where}: the ${column} is not ${isText(column) ? 'a name' : 'a number'}`);
    row[field] = value;
  }
  for (const column of REQUIRED) {
    if (row[column] === undefined) throw new FormatError(`${where}: no ${column}`);
  }
  return row as unknown as StoredRow;
}

function checked(
  rows: readonly { readonly where: string; readonly row: StoredRow }[],
  source: string,
): Pick<StoredTable, 'rows' | 'alphabet'> {
  if (rows.length === 0) throw new FormatError(`${source}: the table has no rows`);
  const seen = new Set<string>();
  for (const { where, row } of rows) {
    const key = [row.model, row.task, row.pattern].join('\t');
    if (seen.has(key)) throw new FormatError(`${where}: a second row for ${echo(row.pattern)}`);
    seen.add(key);
  }
  return {
    rows: rows.map(({ row }) => row),
    alphabet: alphabetOf(rows.map(({ row }) => row.pattern)),
  };
}
