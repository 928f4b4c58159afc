/**
 * RNA letters and base codes: A, C, G and U are 0 to 3. Code 4 is `PAD`, a one-hot column of zeros, for
 * padding and for N alike (docs/method.md, Sequences). This is the only file that knows which letters are
 * allowed.
 */

import * as check from '../../device/check.js';
import { count } from '../../device/count.js';
import { InvalidSequenceError } from '../../device/errors.js';
import { echo } from '../echo.js';

/** Letters in code order. */
export const ALPHABET = 'ACGU';

/** Code of padding and of N. */
export const PAD = 4;

/** Model input length of the paper, nt. */
export const INPUT_LENGTH = 41;

/**
 * Where records come from, for error messages: a file or other name, the 1-based line and the name of each
 * record.
 */
export interface Origin {
  readonly source?: string;
  readonly lines?: ArrayLike<number>;
  readonly names?: readonly string[];
}

const INVALID = 255;

const CODE_OF_CHARACTER = new Uint8Array(128).fill(INVALID);
for (const [letters, code] of [
  ['Aa', 0],
  ['Cc', 1],
  ['Gg', 2],
  ['UuTt', 3],
  ['Nn', PAD],
] as const) {
  for (const letter of letters) CODE_OF_CHARACTER[letter.charCodeAt(0)] = code;
}

/** Code of the letter at `offset`; throws InvalidSequenceError that starts with `where`. */
function codeAt(sequence: string, offset: number, where: () => string): number {
  const code = CODE_OF_CHARACTER[sequence.charCodeAt(offset)] ?? INVALID;
  if (code === INVALID) throw letterError(sequence, offset, where());
  return code;
}

/** Offset of the first letter outside A C G U T N; -1 where there is none. */
export function strangeLetter(sequence: string): number {
  for (let i = 0; i < sequence.length; i++)
    if ((CODE_OF_CHARACTER[sequence.charCodeAt(i)] ?? INVALID) === INVALID) return i;
  return -1;
}

/**
 * The error of a letter that is not allowed.
 *
 * @param advice what to do about it, where there is more to say
 */
export function letterError(
  sequence: string,
  offset: number,
  where: string,
  advice = '',
): InvalidSequenceError {
  const letter = echo(String.fromCodePoint(sequence.codePointAt(offset)!));
  return new InvalidSequenceError(
    `${where}: letter ${offset + 1} is ${letter}; expected A, C, G, U (or T) or N${advice}`,
  );
}

/**
 * The sequence in upper case with U for T.
 * @param where opens the error message, e.g. `probes.tsv:12`; a function is asked only for an error
 * @throws InvalidSequenceError when empty, or at the first letter outside A C G U T N
 */
export function canonicalSequence(sequence: string, where: string | (() => string)): string {
  check.text(sequence, check.argument('sequence'));
  const strange = strangeLetter(sequence);
  if (sequence === '' || strange >= 0) {
    const place = typeof where === 'string' ? where : where();
    if (sequence === '') throw new InvalidSequenceError(`${place}: the sequence is empty`);
    throw letterError(sequence, strange, place);
  }
  return sequence.toUpperCase().replaceAll('T', 'U');
}

/**
 * Base codes of N sequences, each in the centre of its row: `floor((length − len)/2)` pads on the left, the
 * rest on the right (docs/method.md, Sequences).
 *
 * @param origin names the records in errors; a `Probes` object serves as it is
 * @returns codes 0 … 4, shape [N, length], row-major
 * @throws InvalidSequenceError for an empty or too long sequence or an unknown letter, naming the record
 */
export function encodeSequences(
  sequences: readonly string[],
  length = INPUT_LENGTH,
  origin: Origin = {},
): Uint8Array {
  check.list(check.text)(sequences, check.argument('sequences'));
  check.whole(1)(length, check.argument('length'));
  const codes = new Uint8Array(sequences.length * length).fill(PAD);
  sequences.forEach((sequence, record) => {
    const where = () => locate(origin, record);
    if (sequence === '') throw new InvalidSequenceError(`${where()}: the sequence is empty`);
    if (sequence.length > length) {
      throw new InvalidSequenceError(
        `${where()}: the sequence has ${count(sequence.length, 'letter')}, but the input takes at most ${length}; cut it, or predict all its windows of ${length} letters: predict --window; or train a model with a longer input: train --length`,
      );
    }
    const start = record * length + Math.floor((length - sequence.length) / 2);
    for (let i = 0; i < sequence.length; i++) codes[start + i] = codeAt(sequence, i, where);
  });
  return codes;
}

/**
 * The letters of one row of codes. Outer pads are dropped and an inner code 4 reads as N, so that decoding
 * undoes `encodeSequences` for every canonical sequence that neither starts nor ends with N.
 * @throws InvalidSequenceError for a code above 4
 */
export function decodeSequence(codes: ArrayLike<number>): string {
  check.numbers(codes, check.argument('codes'));
  let start = 0;
  let end = codes.length;
  while (start < end && codes[start] === PAD) start++;
  while (end > start && codes[end - 1] === PAD) end--;
  let sequence = '';
  for (let i = start; i < end; i++) {
    const letter = `${ALPHABET}N`[codes[i]!];
    if (letter === undefined) {
      throw new InvalidSequenceError(`base code ${codes[i]} at offset ${i}; expected 0 … ${PAD}`);
    }
    sequence += letter;
  }
  return sequence;
}

function locate({ source = 'sequences', lines, names }: Origin, record: number): string {
  const line = lines?.[record];
  const name = names?.[record];
  // A name that was made up says no more than the number.
  const isTelling = name !== undefined && !name.startsWith('sequence_');
  const which = `record ${record + 1}${isTelling ? `, ${echo(name)}` : ''}`;
  return line === undefined ? `${source}, ${which}` : `${source}:${line} (${which})`;
}
