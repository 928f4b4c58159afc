/**
 * A data set's file → `ExperimentSet`, in Node. Only the columns that are asked for are read. Every column is
 * checked against its sha256.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import type { AsyncBuffer, FileMetaData } from 'hyparquet';
import { throwIfCancelled } from '../../device/breathe.js';
import { FormatError, ResidualBindError } from '../../device/errors.js';
import { unreadable } from '../../device/system-error.node.js';
import type { ReadOptions } from '../files/text-file.node.js';
import { codeAt } from '../sequences/letters.js';
import { COLUMNS, checkedDataSet, KEYS, type StoredDataSet } from './data-set.js';
import { digestsOf, scoresDigest } from './data-set-writer.node.js';
import { type ExperimentSet, placesOf, SETS } from './experiment-set.js';
import { MOST } from './set-builder.js';

/** Largest page of a column when unpacked; those that are written have 1 MiB. */
const LARGEST_PAGE = 2 ** 26;

/** How a data set is read. */
export interface ReadDataSetOptions extends ReadOptions {
  /** Names of experiments to read, in this order. Default: all. */
  readonly experiments?: readonly string[] | undefined;
}

/**
 * Reads a data set that `prepare` wrote.
 *
 * @throws FormatError for a damaged file, or one that is no data set; DataError for an experiment that it has
 * not
 */
export async function readDataSet(
  path: string,
  { experiments, signal }: ReadDataSetOptions = {},
): Promise<ExperimentSet> {
  using file = await OpenedDataSet.open(path);
  const { stored } = file;
  const names = stored.experiments.map(({ name }) => name);
  const places = experiments
    ? placesOf({ experiments: names, source: path }, experiments)
    : names.map((_, e) => e);
  const read = places.map((place) => stored.experiments[place]!);
  if (stored.records * read.length > MOST.scores)
    throw new FormatError(
      `${path}: holds more than ${MOST.scores.toLocaleString('en')} scores; choose experiments by name`,
    );
  const beside = await file.beside();
  const scores = new Float32Array(stored.records * read.length);
  for (const [e, { name, sha256 }] of read.entries()) {
    throwIfCancelled(signal);
    const own = scores.subarray(e * stored.records, (e + 1) * stored.records);
    await file.column(name, (values, from) => own.set(values as Float32Array, from));
    if (scoresDigest(own) !== sha256)
      throw damaged(path, `the scores of ${JSON.stringify(name.slice(0, 80))}`);
  }
  return {
    source: path,
    experiments: read.map(({ name }) => name),
    ...beside,
    scores,
    lines: Uint32Array.from({ length: stored.records }, (_, i) => i + 1),
    leftOut: stored.leftOut,
    gaps: read.map(({ missing, flagged, infinite }) => ({ missing, flagged, infinite })),
    notes: stored.notes,
    inputs: stored.inputs,
  };
}

/** What a data set says of itself, without its columns. @throws FormatError */
export async function describeDataSet(path: string): Promise<StoredDataSet> {
  using file = await OpenedDataSet.open(path);
  return file.stored;
}

const damaged = (path: string, what: string): FormatError =>
  new FormatError(`${path}: damaged, ${what} are not those that were written; prepare it again`);

type Values = ArrayLike<unknown>;

class OpenedDataSet implements Disposable {
  private constructor(
    readonly path: string,
    readonly handle: FileHandle,
    readonly buffer: AsyncBuffer,
    readonly metadata: FileMetaData,
    readonly stored: StoredDataSet,
  ) {}

  static async open(path: string): Promise<OpenedDataSet> {
    const handle = await open(path).catch((cause: unknown) => {
      throw unreadable(path, cause);
    });
    try {
      const buffer = await bufferOf(handle);
      const metadata = await parquetError(path, async () => {
        const { parquetMetadataAsync } = await import('hyparquet');
        return await parquetMetadataAsync(buffer, { geoparquet: false });
      });
      return new OpenedDataSet(path, handle, buffer, metadata, storedIn(metadata, path, buffer.byteLength));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /**
   * Reads one column.
   *
   * @param take gets its values piece by piece, and the record of the first of each
   */
  async column(name: string, take: (values: Values, from: number) => void): Promise<void> {
    const { parquetRead } = await import('hyparquet');
    const { path, metadata, buffer: file, stored } = this;
    let read = 0;
    let rowStart = 0;
    for (const group of metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows);
      const onChunk = ({ columnData, rowStart: from }: { columnData: Values; rowStart: number }) => {
        if (from + columnData.length > stored.records) throw new RangeError('a chunk is too long');
        read += columnData.length;
        chunks.push([columnData, from]);
      };
      const chunks: [Values, number][] = [];
      await parquetError(path, () =>
        parquetRead({
          file,
          metadata,
          columns: [name],
          rowStart,
          rowEnd,
          onChunk,
          compressors: { GZIP: unpacked },
        }),
      );
      for (const [values, from] of chunks) take(values, from);
      rowStart = rowEnd;
    }
    if (read !== stored.records) throw damaged(path, `the values of ${JSON.stringify(name.slice(0, 80))}`);
  }

  /** The columns beside the scores. @throws FormatError unless they have their sha256 */
  async beside() {
    const { path, stored } = this;
    const { records } = stored;
    const starts = new Uint32Array(records + 1);
    const letters = new Uint8Array(stored.letters);
    await this.column(COLUMNS.sequence, (values, from) => spell(values, from, letters, starts));
    const sets = new Uint8Array(records);
    await this.column(COLUMNS.set, (values, from) => {
      for (let i = 0; i < values.length; i++) sets[from + i] = SETS.indexOf(values[i] as 'A');
    });
    const validation = stored.columns.validation === undefined ? undefined : new Uint8Array(records);
    if (validation)
      await this.column(COLUMNS.validation, (values, from) => {
        for (let i = 0; i < values.length; i++) validation[from + i] = values[i] === true ? 1 : 0;
      });
    const pools =
      stored.columns.pool === undefined ? undefined : { names: [] as string[], of: new Uint8Array(records) };
    if (pools)
      await this.column(COLUMNS.pool, (values, from) => {
        for (let i = 0; i < values.length; i++) {
          const name = String(values[i]);
          const known = pools.names.indexOf(name);
          pools.of[from + i] = known >= 0 ? known : pools.names.push(name) - 1;
        }
      });
    const beside = { letters, starts, sets, ...(validation && { validation }), ...(pools && { pools }) };
    const found = digestsOf(beside);
    for (const name of Object.keys(stored.columns) as (keyof typeof found)[])
      if (found[name] !== stored.columns[name]) throw damaged(path, `the values of ${name}`);
    return beside;
  }

  [Symbol.dispose](): void {
    void this.handle.close();
  }
}

/** Sequences → their codes, and where each begins. What does not fit is cut off, and fails by its sha256. */
function spell(values: Values, from: number, letters: Uint8Array, starts: Uint32Array): void {
  for (let i = 0; i < values.length; i++) {
    const sequence = String(values[i]);
    const start = starts[from + i]!;
    for (let at = 0; at < sequence.length; at++) letters[start + at] = codeAt(sequence, at);
    starts[from + i + 1] = start + sequence.length;
  }
}

/** Random access to an opened file. */
async function bufferOf(handle: FileHandle): Promise<AsyncBuffer> {
  const { size } = await handle.stat();
  return {
    byteLength: size,
    async slice(start, end = size) {
      const from = start < 0 ? Math.max(0, size + start) : start;
      const length = Math.max(0, Math.min(end, size) - from);
      const bytes = new Uint8Array(length);
      const { bytesRead } = await handle.read(bytes, 0, length, from);
      return bytes.buffer.slice(0, bytesRead);
    },
  };
}

function unpacked(bytes: Uint8Array, length: number): Uint8Array {
  if (!(length >= 0 && length <= LARGEST_PAGE)) throw new RangeError(`a page of ${length} bytes`);
  return length === 0 ? new Uint8Array(0) : gunzipSync(bytes, { maxOutputLength: length });
}

/** Errors of the Parquet library as our own, naming the file. */
async function parquetError<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ResidualBindError) throw cause;
    const reason = cause instanceof Error ? cause.message.slice(0, 200) : 'unknown';
    throw new FormatError(`${path}: not a Parquet file that can be read, or a damaged one (${reason})`, {
      cause,
    });
  }
}

/** The facts in the metadata, which must agree with the file's columns. */
function storedIn(
  { key_value_metadata, row_groups, num_rows, schema }: FileMetaData,
  path: string,
  size: number,
): StoredDataSet {
  const text = key_value_metadata?.find(({ key }) => key === KEYS.about)?.value;
  const sha256 = key_value_metadata?.find(({ key }) => key === KEYS.sha256)?.value;
  if (text === undefined)
    throw new FormatError(
      `${path}: a Parquet file, but not a data set that prepare wrote; export it as a tab-separated table, and prepare that`,
    );
  if (createHash('sha256').update(text).digest('hex') !== sha256) throw damaged(path, 'its metadata');
  const stored = checkedDataSet(JSON.parse(text), path);
  const expected = [
    ...(Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]).filter(
      (name) => stored.columns[name] !== undefined,
    ),
    ...stored.experiments.map(({ name }) => name),
  ];
  const rows = row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  const fits =
    Number(num_rows) === stored.records &&
    rows === stored.records &&
    stored.records <= MOST.records &&
    stored.letters <= MOST.letters &&
    JSON.stringify(schema.slice(1).map(({ name }) => name)) === JSON.stringify(expected) &&
    row_groups.every(
      ({ columns, num_rows: own }) =>
        columns.length === expected.length &&
        columns.every(
          ({ meta_data: about }, i) =>
            about !== undefined &&
            about.path_in_schema.length === 1 &&
            about.path_in_schema[0] === expected[i] &&
            about.num_values === own &&
            Number(about.total_compressed_size) <= size,
        ),
    );
  if (!fits) throw damaged(path, 'its columns');
  return stored;
}
