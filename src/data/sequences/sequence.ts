/**
 * Sequences as texts and as base codes: checked, encoded into the middle of a model's input, and decoded.
 * `letters.ts` knows which letters there are, and their codes.
 */

import * as check from '../../device/check.js';
import { count } from '../../device/count.js';
import { InvalidSequenceError } from '../../device/errors.js';
import { echo } from '../echo.js';
import { codeAt, inRna, letterOf, PAD, READABLE, strangeLetter } from './letters.js';

/** Model input length of the paper, nt. */
export const INPUT_LENGTH = 41;

/** Most positions of a model's input, nt. */
export const MOST_INPUT_LENGTH = 2048;

/**
 * Where records come from, for error messages: a file or other name, the 1-based line and the name of each
 * record.
 */
export interface Origin {
  readonly source?: string;
  readonly lines?: ArrayLike<number>;
  readonly names?: readonly string[];
  /** What to do about a sequence that is longer than the input. Default: advice for predictions. */
  readonly tooLong?: string;
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
    `${where}: letter ${offset + 1} is ${letter}; expected ${READABLE}${advice}`,
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
  return inRna(sequence);
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
        `${where()}: the sequence has ${count(sequence.length, 'letter')}, but the input takes at most ${length}; ${origin.tooLong ?? windowsOr(sequence.length, length)}`,
      );
    }
    const start = record * length + Math.floor((length - sequence.length) / 2);
    for (let i = 0; i < sequence.length; i++) {
      const code = codeAt(sequence, i);
      if (code < 0) throw letterError(sequence, i, where());
      codes[start + i] = code;
    }
  });
  return codes;
}

/** What to do about a sequence that is too long for predictions. */
const windowsOr = (letters: number, length: number): string =>
  `cut it, or predict all its windows of ${length} letters: predict --windows${letters > MOST_INPUT_LENGTH ? '' : '; or train a model with a longer input: train --length'}`;

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
    const letter = letterOf(codes[i]!);
    if (letter === undefined) {
      throw new InvalidSequenceError(`base code ${codes[i]} at offset ${i}; expected 0 … ${PAD}`);
    }
    sequence += letter;
  }
  return sequence;
}

/** Where a record is, for messages. */
export function locate({ source = 'sequences', lines, names }: Origin, record: number): string {
  const line = lines?.[record];
  const name = names?.[record];
  // A name that was made up says no more than the number.
  const isTelling = name !== undefined && !name.startsWith('sequence_');
  const which = `record ${record + 1}${isTelling ? `, ${echo(name)}` : ''}`;
  return line === undefined ? `${source}, ${which}` : `${source}:${line} (${which})`;
}
