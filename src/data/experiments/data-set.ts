/**
 * What a prepared data set says of itself: the JSON in the metadata of its Parquet file. It has a sha256 of
 * every column and of itself, so that a damaged file is never read as something else.
 */
import * as check from '../../device/check.js';
import type { LeftOut } from '../tables/probes.js';
import type { ExperimentGaps, InputFile } from './experiment-set.js';

/** Keys of the Parquet file's metadata. */
export const KEYS = { about: 'residualbind.data', sha256: 'residualbind.data.sha256' } as const;

/** Columns beside those of the experiments. */
export const COLUMNS = {
  sequence: 'sequence',
  set: 'set',
  validation: 'validation',
  pool: 'pool',
} as const;

export type ColumnName = keyof typeof COLUMNS;

/** An experiment of a data set. */
export interface StoredExperiment extends ExperimentGaps {
  readonly name: string;
  /** Of its scores as little-endian 32-bit floats. */
  readonly sha256: string;
}

/** Everything that a data set's file says beside its columns. */
export interface StoredDataSet {
  readonly version: 1;
  readonly records: number;
  /** Letters of all sequences together. */
  readonly letters: number;
  /** sha256 of the columns that it has. */
  readonly columns: {
    readonly sequence: string;
    readonly set: string;
    readonly validation?: string | undefined;
    readonly pool?: string | undefined;
  };
  readonly experiments: readonly StoredExperiment[];
  readonly leftOut: LeftOut;
  readonly notes: readonly string[];
  /** The files that it was made from. */
  readonly inputs: readonly InputFile[];
  /** Versions of the programs that made it. */
  readonly versions: Readonly<Record<string, unknown>>;
}

const digest: check.Check<string> = (value, place) => {
  const text = check.text(value, place);
  if (!/^[0-9a-f]{64}$/.test(text)) throw place.error(`${place.name} is not a sha256`);
  return text;
};

const amount = check.whole(0);

const STORED = check.record<StoredDataSet>({
  version: (value, place) => {
    if (value !== 1) throw place.error(`${place.name}: a data set of another version; prepare it again`);
    return 1;
  },
  records: check.whole(1),
  letters: check.whole(1),
  columns: check.record<StoredDataSet['columns']>({
    sequence: digest,
    set: digest,
    validation: check.optional(digest),
    pool: check.optional(digest),
  }),
  experiments: check.list(
    check.record<StoredExperiment>({
      name: check.text,
      sha256: digest,
      missing: amount,
      flagged: amount,
      infinite: amount,
    }),
    1,
  ),
  leftOut: check.record<LeftOut>({ score: amount, sequence: amount, both: amount, infinite: amount }),
  notes: check.list(check.text),
  inputs: check.list(check.record<InputFile>({ path: check.text, sha256: digest })),
  versions: check.object,
});

/**
 * Facts of a data set that may be believed.
 *
 * @throws FormatError naming the file and the field
 */
export const checkedDataSet = (value: unknown, path: string): StoredDataSet =>
  STORED(value, check.fieldOf(path, ''));
