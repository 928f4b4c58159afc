/**
 * The position-specific nucleotide frequencies of a set of sequences: the paper's "profile-based sequence
 * model" (Methods, Global importance analysis), from which default backgrounds are drawn.
 */
import { InvalidSequenceError, ShapeError } from '../../device/errors.js';
import { PAD } from './letters.js';

/**
 * Nucleotide frequencies per position.
 *
 * Pads and N are not letters and are not counted: the edge positions of centred 38–41-mers average over the
 * sequences that reach them. A row sums to 1, or is all zero where no sequence has a letter.
 *
 * @param codes base codes, row-major `[N * length]`, 4 = pad or N
 * @returns `[length * 4]`, row-major
 * @throws ShapeError if `codes` is not N ≥ 1 whole rows; InvalidSequenceError for a code above 4
 */
export function profileOf(codes: Uint8Array, length: number): Float64Array {
  checkRows(codes, length);
  const profile = new Float64Array(length * 4);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    if (code !== PAD) profile[(i % length) * 4 + code]! += 1;
  }
  for (let position = 0; position < length; position++) {
    const row = profile.subarray(position * 4, position * 4 + 4);
    const total = row.reduce((sum, count) => sum + count, 0);
    if (total > 0) for (let letter = 0; letter < 4; letter++) row[letter]! /= total;
  }
  return profile;
}

/**
 * Checks that `codes` holds N ≥ 1 rows of `length` base codes and returns N.
 *
 * @throws ShapeError if it does not; InvalidSequenceError for a code above 4, naming sequence and position
 */
export function checkRows(codes: Uint8Array, length: number): number {
  if (codes.length === 0 || codes.length % length !== 0) {
    throw new ShapeError(
      `${codes.length} base codes are not one or more sequences of length ${length}; encode them to that length`,
    );
  }
  const bad = codes.findIndex((code) => code > PAD);
  if (bad >= 0) {
    throw new InvalidSequenceError(
      `sequence ${Math.floor(bad / length)}, position ${bad % length}: ${codes[bad]} is not a base code (0–3 = ACGU, 4 = pad or N)`,
    );
  }
  return codes.length / length;
}
