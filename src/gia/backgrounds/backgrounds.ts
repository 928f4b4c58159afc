/**
 * Backgrounds: the sequences into which patterns are embedded, drawn from a null model (docs/method.md,
 * Backgrounds). Background n depends only on the null model, the seed and n, so that neither the number of
 * backgrounds nor the order of work changes it.
 */

import { PAD } from '../../data/sequences/letters.js';
import { checkRows, profileOf } from '../../data/sequences/profile.js';
import { atOnce, type Steps } from '../../device/breathe.js';
import * as check from '../../device/check.js';
import { count as counted } from '../../device/count.js';
import {
  ArgumentError,
  DataError,
  InvalidSequenceError,
  PaddingError,
  ShapeError,
} from '../../device/errors.js';
import { checkHostMemory } from '../../device/host-memory.js';
import { type Draws, Random, STREAM } from '../../kernels/random.js';
import {
  describeRange,
  type LetterRange,
  lettersOfCodes,
  lettersOfProfile,
  outsideError,
  sharedRange,
  wholeRange,
  widthOf,
} from './letters.js';
import { MAX_ORDER, markovChain } from './markov.js';
import { type Quartile, quartileOf } from './quartiles.js';
import { shuffleDinucleotides, shuffleLetters } from './shuffles.js';

/** Null models by name; `makeBackgrounds` says what each one draws. */
export const BACKGROUND_KINDS = [
  'profile',
  'uniform',
  'shuffle',
  'dinuc',
  'markov',
  'quartile1',
  'quartile2',
  'quartile3',
  'quartile4',
  'sequences',
] as const;
/** One of `BACKGROUND_KINDS`. */
export type BackgroundKind = (typeof BACKGROUND_KINDS)[number];

/**
 * Which backgrounds `makeBackgrounds` makes.
 *
 * @example
 * makeBackgrounds({ kind: 'dinuc', count: 1000, length: 41, seed: 1, sequences: codes });
 */
export interface BackgroundOptions {
  /** The null model. All but `uniform` are made from `sequences` or from a profile. */
  readonly kind: BackgroundKind;
  /** Number of backgrounds N; the paper uses 1,000. */
  readonly count: number;
  /** Sequence length L. */
  readonly length: number;
  /** 0 … 2^32−1; `sequences` draws nothing and ignores it. */
  readonly seed: number;
  /** Base codes `[M * L]` of the training set, or of the backgrounds themselves for `sequences`. */
  readonly sequences?: Uint8Array;
  /**
   * Nucleotide frequencies `[L * 4]` of the training set: what `profile` draws from, in place of `sequences`,
   * and, for every kind, where training probes have letters (rows that are not all 0).
   */
  readonly profile?: Float64Array;
  /** Positions where training probes have letters. Default: those of `profile`, else all. */
  readonly letters?: LetterRange;
  /** Take `sequences` that have letters where training probes have none. Default false: they are refused. */
  readonly allowPadding?: boolean;
  /** Scores `[M]` of `sequences`, for quartiles. */
  readonly scores?: ArrayLike<number>;
  /** Letters that `markov` looks back, 0 … 5. Default 1. */
  readonly order?: number;
}

/** Sequences that patterns are embedded in. */
export interface Backgrounds {
  readonly kind: BackgroundKind;
  readonly seed: number;
  readonly count: number;
  readonly length: number;
  /** Of `markov` alone. */
  readonly order?: number;
  /**
   * Positions where patterns may stand: where training probes and `sequences` have letters. Default: where
   * `codes` have any.
   */
  readonly letters?: LetterRange;
  /** Base codes, row-major `[count * length]`, 4 = pad or N. */
  readonly codes: Uint8Array;
  /**
   * Structure profiles `[count * length * (channels - 4)]` for a model with structure channels, where
   * embedded sequences keep them (`structure: 'keep'`). Default: those that the backgrounds fold to.
   */
  readonly profile?: Float32Array | undefined;
}

/**
 * Positions where patterns may stand in backgrounds: those they carry, or else where they have letters
 * themselves.
 */
export const lettersIn = ({ letters, codes, length }: Backgrounds): LetterRange =>
  letters ?? lettersOfCodes(codes, length);

/** Some of the backgrounds, from … until - 1; patterns may be embedded where they may be in all of them. */
export const backgroundsBetween = (all: Backgrounds, from: number, until: number): Backgrounds => ({
  ...all,
  letters: lettersIn(all),
  count: until - from,
  codes: all.codes.subarray(from * all.length, until * all.length),
  ...(all.profile && { profile: rowsBetween(all.profile, all.count, from, until) }),
});

const rowsBetween = (all: Float32Array, rows: number, from: number, until: number): Float32Array =>
  all.subarray((from * all.length) / rows, (until * all.length) / rows);

const OPTIONS = {
  seed: check.seed,
  sequences: check.optional(check.bytes),
  profile: check.optional(check.numbers),
  scores: check.optional(check.numbers),
  allowPadding: check.optional(check.flag),
};

/** Writes background `n` into `row` (base codes `[L]`). */
type Model = (row: Uint8Array, draws: Draws, n: number) => void;

/** Backgrounds per step. */
const ROWS = 64;

/**
 * Draws backgrounds from a null model:
 *
 * - `profile`: each position independently, from the nucleotide frequencies seen there; a position that no
 *   sequence reaches stays a pad. Needs `profile` or `sequences`.
 * - `uniform`: each position independently, A, C, G and U equally likely; positions outside `letters` stay
 *   pads.
 * - `shuffle`: a sequence drawn from `sequences` with replacement, its letters permuted.
 * - `dinuc`: the same with an exact uniform dinucleotide shuffle, the first and last letter fixed.
 * - `markov`: a sequence drawn from `sequences` with replacement, for its length, pads and N, with new
 *   letters in it by the chain of order `order` that all sequences have (`markovChain`).
 * - `quartile1` … `quartile4`: `sequences` as they are, those whose `scores` are the lowest quarter … the
 *   highest, in a seeded order without replacement.
 * - `sequences`: the first `count` of `sequences` as they are.
 *
 * Letters stand only where training probes have them (`letters` or `profile`), and the result carries these
 * positions.
 *
 * @throws ShapeError for sizes that do not fit; ResidualBindError if the model lacks its data or has too few
 * sequences, and for an order that is none; InvalidSequenceError for a sequence without letters; PaddingError
 * for sequences with letters where training probes have none; NotFiniteError for a score that has no rank;
 * OutOfMemoryError for more than the machine's memory holds; ArgumentError for a seed that is not a u32
 */
export const makeBackgrounds = (options: BackgroundOptions): Backgrounds =>
  atOnce(makeBackgroundsInSteps(options));

/** The same in steps, for `breathing`. */
export function* makeBackgroundsInSteps(options: BackgroundOptions): Steps<Backgrounds> {
  check.options(options, OPTIONS);
  const { kind, count, length, seed, order = 1 } = options;
  for (const [name, size] of Object.entries({ count, length })) {
    if (!Number.isInteger(size) || size < 1) {
      throw new ShapeError(`background ${name} must be a positive integer, not ${size}`);
    }
  }
  checkHostMemory(count * length, `${count} backgrounds of ${length} letters`, 'draw fewer (--backgrounds)');
  const letters = backgroundLetters(options);
  const model = modelOf(options, letters);
  const random = new Random(seed, STREAM.background);
  const codes = new Uint8Array(count * length);
  for (let n = 0; n < count; n++) {
    if (n % ROWS === 0) yield;
    model(codes.subarray(n * length, (n + 1) * length), random.draws(n), n);
  }
  return { kind, seed, count, length, ...(kind === 'markov' && { order }), letters, codes };
}

/**
 * The positions that backgrounds with these options allow patterns to stand at, known without drawing any:
 * where training probes have letters and so do the sequences that backgrounds are made from.
 *
 * @throws as `makeBackgrounds`
 */
export function backgroundLetters(options: BackgroundOptions): LetterRange {
  const { kind, length, profile, allowPadding = false } = options;
  if (profile) checkProfile(profile, length);
  const trained = options.letters ?? (profile ? lettersOfProfile(profile) : wholeRange(length));
  checkRange(trained, length);
  const own = sourceLetters(options);
  if (!own) return trained;
  const isOutside = widthOf(own) > 0 && (own.start < trained.start || own.end > trained.end);
  if (isOutside && !allowPadding)
    throw outsideError(
      `backgrounds of kind "${kind}" would have letters at positions ${describeRange(own)}, also`,
      trained,
    );
  const letters = sharedRange(trained, own);
  if (widthOf(letters) === 0)
    throw new PaddingError(
      `backgrounds of kind "${kind}" would have letters at positions ${describeRange(own)}, and training probes have theirs at ${describeRange(trained)}: they share none; give other sequences`,
    );
  return letters;
}

/** Where what backgrounds are made from has letters; undefined where they are made from nothing. */
function sourceLetters({ kind, length, profile, sequences }: BackgroundOptions): LetterRange | undefined {
  if (kind === 'uniform') return undefined;
  if (kind === 'profile' && profile) return lettersOfProfile(profile);
  if (!sequences) return undefined;
  checkRows(sequences, length);
  return lettersOfCodes(sequences, length);
}

function checkRange({ start, end }: LetterRange, length: number): void {
  if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end <= start || end > length)
    throw new ShapeError(
      `letters must be one or more positions of 0 to ${length - 1}, not ${start} up to and without ${end}`,
    );
}

function modelOf(options: BackgroundOptions, letters: LetterRange): Model {
  switch (options.kind) {
    case 'profile':
      return profileModel(options.profile ?? profileOf(sequencesOf(options), options.length));
    case 'uniform':
      return (row, draws) => {
        row.fill(PAD);
        for (let i = letters.start; i < letters.end; i++) row[i] = draws.below(4);
      };
    case 'shuffle':
      return shuffledModel(options, shuffleLetters);
    case 'dinuc':
      return shuffledModel(options, shuffleDinucleotides);
    case 'markov':
      return markovModel(options);
    case 'quartile1':
    case 'quartile2':
    case 'quartile3':
    case 'quartile4':
      return quartileModel(options, Number(options.kind.at(-1)) as Quartile);
    case 'sequences':
      return givenModel(options);
    default:
      throw new ArgumentError(
        'kind',
        `unknown background kind "${options.kind}"; choose one of ${BACKGROUND_KINDS.join(', ')}`,
      );
  }
}

function profileModel(profile: Float64Array): Model {
  return (row, draws) => {
    for (let i = 0; i < row.length; i++)
      row[i] = drawLetter(profile.subarray(i * 4, i * 4 + 4), draws.uniform());
  };
}

/** The letter whose share of [0, 1) holds `u`; `PAD` if all frequencies are zero. */
function drawLetter(frequencies: Float64Array, u: number): number {
  let drawn = PAD;
  let below = 0;
  for (let letter = 0; letter < 4; letter++) {
    const frequency = frequencies[letter]!;
    if (frequency === 0) continue;
    drawn = letter; // The last letter keeps what rounding leaves of the sum below 1.
    below += frequency;
    if (u < below) break;
  }
  return drawn;
}

function checkProfile(profile: Float64Array, length: number): void {
  if (profile.length !== length * 4) {
    throw new ShapeError(
      `a profile for length ${length} has ${length * 4} frequencies, not ${profile.length}`,
    );
  }
  for (let position = 0; position < length; position++) {
    const row = profile.subarray(position * 4, position * 4 + 4);
    const total = row.reduce((sum, frequency) => sum + frequency, 0);
    const sumsUp = total === 0 || Math.abs(total - 1) < 1e-6;
    if (!sumsUp || row.some((frequency) => frequency < 0)) {
      throw new ArgumentError(
        'profile',
        `profile position ${position}: frequencies ${row.join(', ')} must be non-negative and sum to 1 (or all be 0 for a pad)`,
      );
    }
  }
}

function shuffledModel(options: BackgroundOptions, shuffle: (row: Uint8Array, draws: Draws) => void): Model {
  const sequences = sequencesOf(options);
  const { length } = options;
  return (row, draws) => {
    const chosen = draws.below(sequences.length / length);
    row.set(sequences.subarray(chosen * length, (chosen + 1) * length));
    shuffle(row, draws);
  };
}

function markovModel(options: BackgroundOptions): Model {
  const { length, order = 1 } = options;
  if (!Number.isInteger(order) || order < 0 || order > MAX_ORDER) {
    throw new ArgumentError(
      'order',
      `the order of a Markov chain must be a whole number from 0 to ${MAX_ORDER}, not ${order}`,
    );
  }
  return shuffledModel(options, markovChain(sequencesOf(options), length, order));
}

function quartileModel(options: BackgroundOptions, quartile: Quartile): Model {
  const { kind, length, seed, scores } = options;
  const sequences = sequencesOf(options);
  const all = sequences.length / length;
  if (!scores)
    throw new ArgumentError(
      'scores',
      `backgrounds of kind "${kind}" need scores, one for each sequence; none were given`,
    );
  if (scores.length !== all) throw new ShapeError(`${all} sequences have ${scores.length} scores`);
  const members = quartileOf(scores, quartile);
  const order = new Random(seed, STREAM.background).permutation(members.length);
  return takenModel(
    options,
    Array.from(order, (place) => members[place]!),
    `${kind} has only ${members.length} of ${all} sequences`,
  );
}

function givenModel(options: BackgroundOptions): Model {
  const given = sequencesOf(options).length / options.length;
  return takenModel(
    options,
    Array.from({ length: given }, (_, n) => n),
    `only ${given} sequences given`,
  );
}

/** The sequences at `places`, one after the other, each once. */
function takenModel(options: BackgroundOptions, places: readonly number[], available: string): Model {
  const { count, length } = options;
  const sequences = sequencesOf(options);
  if (places.length < count) {
    throw new DataError(
      `${counted(count, 'background')} wanted but ${available}; give more or lower the count`,
    );
  }
  return (row, _, n) => row.set(sequences.subarray(places[n]! * length, (places[n]! + 1) * length));
}

function sequencesOf({ kind, sequences, length }: BackgroundOptions): Uint8Array {
  if (!sequences) {
    const either = kind === 'profile' ? 'a profile or sequences' : 'sequences';
    throw new ArgumentError('sequences', `backgrounds of kind "${kind}" need ${either}; none were given`);
  }
  const count = checkRows(sequences, length);
  for (let n = 0; n < count; n++) {
    if (sequences.subarray(n * length, (n + 1) * length).every((code) => code === PAD))
      throw new InvalidSequenceError(
        `sequence ${n} has no letters (only pads or N), so no background can be made from it; leave it out`,
      );
  }
  return sequences;
}
