/**
 * `Probes`: the probes and scores of one experiment as plain columns, and the ways to divide them. Encoding
 * is in `sequence.ts`, score normalisation in `transform.ts`.
 */
import * as check from '../../device/check.js';
import { ArgumentError, DataError } from '../../device/errors.js';
import { Random, STREAM } from '../../kernels/random.js';
import type { Origin } from '../sequences/sequence.js';
import { type MatchedProfiles, matchProfiles } from '../structure/match-profiles.js';
import type { StructureProfiles } from '../structure/profiles.js';

/** The two halves of an RNAcompete array: A trains, B tests. Empty where the source does not say. */
export type ProbeSet = 'A' | 'B' | '';

/** N probes; every column has length N. */
export interface Probes extends Origin {
  /** File path, or what else the probes came from. */
  readonly source: string;
  /** 1-based line of each record in the source. */
  readonly lines: Uint32Array;
  /** Canonical letters: upper case, U for T. */
  readonly sequences: readonly string[];
  /** Raw scores, always finite; of T tasks [N * T] record by record, NaN where one is missing. */
  readonly scores: Float64Array;
  /** Names of the tasks, where there are several. */
  readonly tasks?: readonly string[];
  readonly sets: readonly ProbeSet[];
  /** Array design, e.g. `linear` or `structured`; empty where the source does not say. */
  readonly pools: readonly string[];
  /** Whether the source keeps a record of set A for validation; absent where it keeps none. */
  readonly validates?: readonly boolean[];
  /** Row of each record among all of the source, from 0; absent where none was left out. */
  readonly rows?: Uint32Array;
  /** Structure profiles of the records, where they were given (`withProfiles`). */
  readonly structure?: MatchedProfiles;
  /** How many records of the whole source were left out because they lack a sequence or a finite score. */
  readonly dropped: number;
  /** The same by what they lack; absent where no record was left out, and from subsets. */
  readonly leftOut?: LeftOut;
  /**
   * What was read as something else, in sentences for the user; absent where nothing was, and from subsets.
   */
  readonly notes?: readonly string[];
}

/** How many records of a source were left out; each is counted once. */
export interface LeftOut {
  /** A sequence without a score. */
  readonly score: number;
  /** A score without a sequence. */
  readonly sequence: number;
  /** Neither, as blank control spots have. */
  readonly both: number;
  /** A score that is infinite. */
  readonly infinite: number;
}

/** Scores of a record: one, or one for each task. */
export function scoresOf({ scores, tasks }: Probes, record: number): Float64Array {
  const width = tasks?.length ?? 1;
  return scores.subarray(record * width, (record + 1) * width);
}

/**
 * The probes with their tasks in the order of some names.
 *
 * @throws DataError where the tasks have other names
 */
export function inTaskOrder(probes: Probes, names: readonly string[]): Probes {
  const { tasks = [], source, sequences } = probes;
  const places = names.map((name) => tasks.indexOf(name));
  if (tasks.length !== names.length || places.includes(-1))
    throw new DataError(
      `${source}: its tasks are ${tasks.join(', ')}, but ${names.join(', ')} are expected; choose the columns of these names`,
    );
  const scores = sequences.flatMap((_, i) => places.map((place) => scoresOf(probes, i)[place]!));
  return { ...probes, scores: Float64Array.from(scores), tasks: names };
}

/** Scores of some records, one after the other. */
function scoresAt({ scores, tasks }: Probes, records: readonly number[]): Float64Array {
  const width = tasks?.length ?? 1;
  const chosen = new Float64Array(records.length * width);
  records.forEach((record, i) => {
    for (let task = 0; task < width; task++) chosen[i * width + task] = scores[record * width + task]!;
  });
  return chosen;
}

/**
 * Probes with structure profiles, which stay with their records when these are divided.
 *
 * @throws DataError naming the first record without a profile
 */
export const withProfiles = <T extends Probes>(probes: T, profiles: StructureProfiles): T => ({
  ...probes,
  structure: matchProfiles(profiles, probes),
});

const profilesAt = ({ profiles, by, at }: MatchedProfiles, order: readonly number[]): MatchedProfiles => ({
  profiles,
  by,
  at: Uint32Array.from(order, (i) => at[i]!),
});

/** The probes at `indices`, in that order. */
export function subset(probes: Probes, indices: ArrayLike<number>): Probes {
  check.object(probes, check.argument('probes'));
  check.numbers(indices, check.argument('indices'));
  const order = Array.from(indices);
  const stray = order.find((i) => !(i in probes.sequences));
  if (stray !== undefined) {
    throw new ArgumentError(
      'indices',
      `probe ${stray} asked for, but ${probes.source} has ${probes.sequences.length}`,
    );
  }
  return {
    source: probes.source,
    lines: Uint32Array.from(order, (i) => probes.lines[i]!),
    sequences: order.map((i) => probes.sequences[i]!),
    scores: scoresAt(probes, order),
    ...(probes.tasks && { tasks: probes.tasks }),
    sets: order.map((i) => probes.sets[i]!),
    pools: order.map((i) => probes.pools[i]!),
    ...(probes.validates && { validates: order.map((i) => probes.validates![i]!) }),
    ...(probes.rows && { rows: Uint32Array.from(order, (i) => probes.rows![i]!) }),
    ...(probes.structure && { structure: profilesAt(probes.structure, order) }),
    dropped: probes.dropped,
  };
}

/** Set A, set B, and the probes whose source names no set, each in source order. */
export function splitBySet(probes: Probes): { A: Probes; B: Probes; none: Probes } {
  check.object(probes, check.argument('probes'));
  const of = (set: ProbeSet) =>
    subset(
      probes,
      probes.sets.flatMap((s, i) => (s === set ? [i] : [])),
    );
  return { A: of('A'), B: of('B'), none: of('') };
}

/**
 * Divides records 0 … n−1 into training and validation by a seeded permutation (docs/method.md, Training,
 * validation and test).
 * @param fraction share of validation; its count is rounded, and both parts hold at least one record
 * @returns indices in permuted order; train and valid are disjoint and cover all n
 * @throws ArgumentError when n < 2 or the fraction is not strictly between 0 and 1
 */
export function splitValidation(
  n: number,
  fraction = 0.1,
  seed = 1,
): { train: Uint32Array; valid: Uint32Array } {
  if (!(n >= 2))
    throw new ArgumentError('n', `cannot split ${n} records into training and validation; need 2`);
  if (!(fraction > 0 && fraction < 1)) {
    throw new ArgumentError('fraction', `validation fraction must lie between 0 and 1, not ${fraction}`);
  }
  const order = new Random(seed, STREAM.split).permutation(n);
  const validCount = Math.min(n - 1, Math.max(1, Math.round(n * fraction)));
  return { train: order.slice(validCount), valid: order.slice(0, validCount) };
}
