/**
 * `StructureProfiles`: probabilities of structural contexts for each nucleotide of some sequences, as files
 * hold them. Every value is checked here; `match-profiles.ts` finds the profile of each record.
 */
import * as check from '../../device/check.js';
import { count } from '../../device/count.js';
import { ArgumentError, DataError, FormatError } from '../../device/errors.js';
import { inRna } from '../sequences/letters.js';
import { CONTEXT_LETTERS, type Contexts } from './contexts.js';

/** Profiles of N sequences. */
export interface StructureProfiles {
  /** The file or files, for messages. */
  readonly source: string;
  readonly contexts: Contexts;
  /** Canonical letters of each, where the source has them. */
  readonly sequences?: readonly string[];
  /** Identifiers, where the source has them and no sequences. */
  readonly names?: readonly string[];
  /** File and line of each, for messages. */
  readonly places: readonly string[];
  /** [N + 1]: nucleotides before each, and all of them. */
  readonly starts: Float64Array;
  /** Probabilities, nucleotide by nucleotide and context by context [nucleotides * contexts]. */
  readonly values: Float32Array;
}

/**
 * How far probabilities may lie outside 0 to 1, and their sum from 1: five values of three decimals are off
 * by less.
 */
export const ROUNDING = 0.003;

/** What a source says of one sequence. */
export interface ProfileRecord {
  /** File and line, for messages. */
  readonly place: string;
  /** A sequence, an identifier, or nothing. */
  readonly label: string;
  /** Probabilities by context: those of `P`, `H` … */
  readonly rows: ReadonlyMap<string, ArrayLike<number>>;
}

/** Checks records and puts them together. All must have the same contexts. */
export class ProfileBuilder {
  readonly #labels: string[] = [];
  readonly #places: string[] = [];
  readonly #starts: number[] = [0];
  #values = new Float32Array(2 ** 12);
  #contexts: Contexts | undefined;
  #hasSequences = true;

  /**
   * @throws FormatError naming the place of a value that is no probability, and of contexts that are missing
   */
  add({ place, label, rows: given }: ProfileRecord): void {
    const rows = completed(given, place);
    const contexts: Contexts = rows.has('H') ? 'phime' : 'pu';
    this.#contexts ??= contexts;
    if (this.#contexts !== contexts)
      throw new FormatError(
        `${place}: has the contexts ${namesOf(contexts)}, but the profiles before it have ${namesOf(this.#contexts)}`,
      );
    const columns = Array.from(CONTEXT_LETTERS[contexts], (letter) => rows.get(letter)!);
    const { length } = columns[0]!;
    const from = this.#starts.at(-1)!;
    this.#grow((from + length) * columns.length);
    for (let i = 0; i < length; i++) this.#put(columns, contexts, i, from, place);
    this.#starts.push(from + length);
    this.#labels.push(label);
    this.#places.push(place);
    this.#hasSequences &&= label.length === length && /^[ACGTUN]+$/i.test(label);
  }

  /** One nucleotide. */
  #put(
    columns: readonly ArrayLike<number>[],
    contexts: Contexts,
    i: number,
    from: number,
    place: string,
  ): void {
    const width = columns.length;
    let sum = 0;
    for (let context = 0; context < width; context++) {
      const value = columns[context]![i]!;
      if (!(value >= -ROUNDING && value <= 1 + ROUNDING))
        throw new FormatError(
          `${place}: the probability of ${CONTEXT_LETTERS[contexts][context]} at nucleotide ${i + 1} is ${value}; it must be between 0 and 1`,
        );
      sum += value;
      this.#values[(from + i) * width + context] = Math.min(1, Math.max(0, value));
    }
    if (Math.abs(sum - 1) > ROUNDING)
      throw new FormatError(
        `${place}: the probabilities of ${namesOf(contexts)} at nucleotide ${i + 1} sum to ${Number(sum.toFixed(6))}, not to 1`,
      );
  }

  #grow(size: number): void {
    if (size <= this.#values.length) return;
    const larger = new Float32Array(Math.max(size, 2 * this.#values.length));
    larger.set(this.#values);
    this.#values = larger;
  }

  /** @throws FormatError where there is none */
  finish(source: string): StructureProfiles {
    const contexts = this.#contexts;
    if (contexts === undefined) throw new FormatError(`${source}: no structure profile; ${PROFILE_FORMATS}`);
    const labels = this.#labels;
    return {
      source,
      contexts,
      ...(this.#hasSequences
        ? { sequences: labels.map((label) => inRna(label)) }
        : labels.every((label) => label !== '' && !isMadeUp(label)) && { names: labels }),
      places: this.#places,
      starts: Float64Array.from(this.#starts),
      values: this.#values.slice(0, this.#starts.at(-1)! * CONTEXT_LETTERS[contexts].length),
    };
  }
}

/** What profiles may be read from, for messages. */
export const PROFILE_FORMATS =
  'profiles are _lunp files of RNAplfold -u 1, text of P, H, I, M and E for each sequence, or tables of sequence, context and values';

/** `P, H, I, M and E` */
export const namesOf = (contexts: Contexts): string =>
  Array.from(CONTEXT_LETTERS[contexts])
    .join(', ')
    .replace(/, (\w)$/, ' and $1');

/** Names that programs give to sequences without one. */
export const isMadeUp = (name: string): boolean => /^(?:sequence_\d+|plfold(?:_\d+)?)$/.test(name);

/**
 * All contexts, computed from those that are given: one of P and U is enough, and P is 1 minus H, I, M and E.
 */
function completed(
  given: ReadonlyMap<string, ArrayLike<number>>,
  place: string,
): ReadonlyMap<string, ArrayLike<number>> {
  const letters = [...given.keys()];
  const [first, ...others] = letters;
  if (first === undefined) throw new FormatError(`${place}: no probabilities; ${PROFILE_FORMATS}`);
  const { length } = given.get(first)!;
  const other = others.find((letter) => given.get(letter)!.length !== length);
  if (other !== undefined)
    throw new FormatError(
      `${place}: ${first} has ${count(length, 'value')}, but ${other} has ${given.get(other)!.length}`,
    );
  if (length === 0) throw new FormatError(`${place}: no probabilities`);
  const rest = (letter: string): Map<string, ArrayLike<number>> => {
    const left = Array.from({ length }, (_, i) => {
      let sum = 0;
      for (const name of letters) sum += given.get(name)![i]!;
      return 1 - sum;
    });
    return new Map([...given, [letter, left]]);
  };
  const has = (wanted: string): boolean => [...wanted].every((letter) => given.has(letter));
  if (letters.length === 5 && has('PHIME')) return given;
  if (letters.length === 4 && has('HIME')) return rest('P');
  if (letters.length === 2 && has('PU')) return given;
  if (letters.length === 1 && has('U')) return rest('P');
  if (letters.length === 1 && has('P')) return rest('U');
  throw new FormatError(
    `${place}: has the contexts ${letters.join(', ')}; expected P, H, I, M and E, or P and U`,
  );
}

/**
 * Profiles of sequences in the middle of a model's input; pads are all zero. Paired and unpaired are summed
 * from P, H, I, M and E where these are given.
 *
 * @param at which profile each sequence has
 * @returns [N * length * contexts]
 * @throws ArgumentError naming the option, or a profile that does not exist; DataError if P, H, I, M and E
 * are wanted and profiles have only P and U
 */
export function placedProfiles(
  profiles: StructureProfiles,
  at: ArrayLike<number>,
  options: { readonly length: number; readonly contexts: Contexts },
): Float32Array {
  check.object(profiles, check.argument('profiles'));
  check.numbers(at, check.argument('at'));
  check.options(options, { length: check.whole(1), contexts: check.oneOf('pu', 'phime') });
  const { source, contexts: given, starts, values } = profiles;
  const { length, contexts } = options;
  if (given === 'pu' && contexts === 'phime')
    throw new DataError(
      `${source}: has only the contexts P and U, from which H, I, M and E cannot be computed; use --structure pu, or profiles of P, H, I, M and E`,
    );
  const [from, to] = [CONTEXT_LETTERS[given].length, CONTEXT_LETTERS[contexts].length];
  const stray = Array.prototype.find.call(
    at,
    (profile) => !(profile in starts) || profile === starts.length - 1,
  );
  if (stray !== undefined)
    throw new ArgumentError('at', `at asks for profile ${stray}, but ${source} has ${starts.length - 1}`);
  const placed = new Float32Array(at.length * length * to);
  for (let record = 0; record < at.length; record++) {
    const [start, end] = [starts[at[record]!]!, starts[at[record]! + 1]!];
    if (end - start > length)
      throw new ArgumentError(
        'length',
        `a profile has ${end - start} nucleotides, but the input takes ${length}`,
      );
    let next = (record * length + Math.floor((length - (end - start)) / 2)) * to;
    for (let nucleotide = start; nucleotide < end; nucleotide++) {
      const first = nucleotide * from;
      if (from === to) for (let c = 0; c < to; c++) placed[next + c] = values[first + c]!;
      else {
        placed[next] = values[first]!;
        placed[next + 1] = values[first + 1]! + values[first + 2]! + values[first + 3]! + values[first + 4]!;
      }
      next += to;
    }
  }
  return placed;
}
