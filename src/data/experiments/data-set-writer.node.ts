/**
 * `ExperimentSet` → a data set: one Apache Parquet file that every command reads, with a column for each
 * experiment and what the data come from in its metadata. The same set gives the same bytes.
 */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Encoding } from 'hyparquet';
import { Breath } from '../../device/breathe.js';
import { FormatError } from '../../device/errors.js';
import { echo } from '../echo.js';
import { COLUMNS, type ColumnName, KEYS, type StoredDataSet } from './data-set.js';
import { type ExperimentSet, recordsIn, SETS, scoresIn, sequenceIn } from './experiment-set.js';

/** Records per row group, so that a reader of all columns holds little at a time. */
const GROUP = 2 ** 15;

/** Scores barely shrink, and a higher level only takes longer. */
const LEVEL = 1;

/** A part of a data set's file, which is written part by part. */
export type DataSetBytes = AsyncIterable<Uint8Array>;

/**
 * The bytes of the file. They can be taken several times.
 *
 * @param versions of the programs that make it
 * @throws FormatError for an experiment that is called like another column
 */
export function encodeDataSet(
  set: ExperimentSet,
  versions: StoredDataSet['versions'],
  signal?: AbortSignal,
): DataSetBytes {
  const taken = set.experiments.find((name) => Object.values<string>(COLUMNS).includes(name) || name === '');
  if (taken !== undefined)
    throw new FormatError(
      `${set.source}: an experiment cannot be called ${echo(taken)}; rename its column of scores`,
    );
  return { [Symbol.asyncIterator]: () => parts(set, versions, signal) };
}

/** The columns beside the scores, with their values from one record to another. */
function columnsBeside(set: ExperimentSet): readonly {
  readonly name: ColumnName;
  readonly values: (from: number, to: number) => (string | boolean)[];
}[] {
  const { validation, pools } = set;
  const each =
    <Value>(value: (record: number) => Value) =>
    (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => value(from + i));
  return [
    { name: 'sequence', values: each((record) => sequenceIn(set, record)) },
    { name: 'set', values: each((record) => SETS[set.sets[record]!]!) },
    ...(validation
      ? [{ name: 'validation' as const, values: each((record) => validation[record] === 1) }]
      : []),
    ...(pools ? [{ name: 'pool' as const, values: each((record) => pools.names[pools.of[record]!]!) }] : []),
  ];
}

async function* parts(
  set: ExperimentSet,
  versions: StoredDataSet['versions'],
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
  const about = JSON.stringify(aboutSet(set, versions));
  const columns = columnsBeside(set);
  const writer = new ByteWriter(2 ** 20);
  const parquet = new ParquetWriter({
    writer,
    schema: [
      { name: 'root', num_children: columns.length + set.experiments.length },
      ...columns.map(({ name }) =>
        name === 'validation'
          ? ({ name: COLUMNS[name], type: 'BOOLEAN', repetition_type: 'REQUIRED' } as const)
          : ({
              name: COLUMNS[name],
              type: 'BYTE_ARRAY',
              converted_type: 'UTF8',
              repetition_type: 'REQUIRED',
            } as const),
      ),
      ...set.experiments.map((name) => ({ name, type: 'FLOAT', repetition_type: 'REQUIRED' }) as const),
    ],
    codec: 'GZIP',
    compressors: { GZIP: (bytes) => gzipSync(bytes, { level: LEVEL }) },
    statistics: false,
    kvMetadata: [
      { key: KEYS.about, value: about },
      { key: KEYS.sha256, value: createHash('sha256').update(about).digest('hex') },
    ],
    createdBy: 'residualbind-webgpu',
  });
  const taken = (): Uint8Array => {
    const bytes = writer.getBytes().slice();
    writer.index = 0;
    return bytes;
  };
  const breath = new Breath(signal);
  const records = recordsIn(set);
  for (let from = 0; from < records; from += GROUP) {
    const to = Math.min(records, from + GROUP);
    const columnData = [
      ...columns.map(({ name, values }) => ({
        name: COLUMNS[name],
        data: values(from, to),
        encoding: encodingOf(name),
      })),
      ...set.experiments.map((name, e) => ({
        name,
        data: scoresIn(set, e).subarray(from, to),
        encoding: 'BYTE_STREAM_SPLIT' as const,
      })),
    ];
    parquet.write({ columnData, rowGroupSize: to - from });
    yield taken();
    await breath.take();
  }
  parquet.finish();
  yield taken();
}

const encodingOf = (name: ColumnName): Encoding =>
  name === 'sequence' ? 'PLAIN' : name === 'validation' ? 'RLE' : 'RLE_DICTIONARY';

/** What the file says of the set. */
export function aboutSet(set: ExperimentSet, versions: StoredDataSet['versions']): StoredDataSet {
  const { experiments, leftOut, gaps, notes, inputs } = set;
  return {
    version: 1,
    records: recordsIn(set),
    letters: set.letters.length,
    columns: digestsOf(set),
    experiments: experiments.map((name, e) => ({
      name,
      sha256: scoresDigest(scoresIn(set, e)),
      ...gaps[e]!,
    })),
    leftOut,
    notes,
    inputs,
    versions,
  };
}

/** sha256 of what the columns beside the scores say. */
export function digestsOf({ letters, starts, sets, validation, pools }: Beside): StoredDataSet['columns'] {
  return {
    sequence: digest(letters, starts),
    set: digest(sets),
    ...(validation && { validation: digest(validation) }),
    // Names in the order in which they come, so that it is the values that count.
    ...(pools && { pool: digest(JSON.stringify(Array.from(pools.of, (pool) => pools.names[pool]))) }),
  };
}

type Beside = Pick<ExperimentSet, 'letters' | 'starts' | 'sets' | 'validation' | 'pools'>;

export const scoresDigest = (scores: Float32Array): string => digest(scores);

/** Of numbers, their bytes; all machines that this runs on are little-endian. */
function digest(...parts: readonly (Uint8Array | Uint32Array | Float32Array | string)[]): string {
  const hash = createHash('sha256');
  for (const part of parts)
    hash.update(
      typeof part === 'string' ? part : new Uint8Array(part.buffer, part.byteOffset, part.byteLength),
    );
  return hash.digest('hex');
}
