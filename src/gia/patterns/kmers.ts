/**
 * k-mers and their indices: the index is the k-mer read as a base-4 number with the first letter most
 * significant, so AAAAAA = 0 and UUUUUU = 4^6 − 1, in the order of a sweep.
 */

import { ALPHABET, codeOf, PAD } from '../../data/sequences/letters.js';
import { canonicalSequence } from '../../data/sequences/sequence.js';
import { echo } from '../../device/echo.js';
import { InvalidSequenceError, ShapeError } from '../../device/errors.js';

/** The longest k-mers; there are 4^8 = 65,536 of them. */
export const MAX_K = 8;

/**
 * The k-mer of an index.
 *
 * @throws ShapeError unless k is 1 … 8 and index 0 … 4^k − 1
 */
export function kmer(index: number, k: number): string {
  checkK(k);
  if (!Number.isInteger(index) || index < 0 || index >= 4 ** k) {
    throw new ShapeError(`${k}-mer index ${index} is not an integer in 0 … ${4 ** k - 1}`);
  }
  let letters = '';
  for (let digit = k - 1; digit >= 0; digit--) letters += ALPHABET[(index >> (2 * digit)) & 3];
  return letters;
}

/**
 * The index of a k-mer; T reads as U, lower case as upper.
 *
 * @throws ShapeError unless it has 1 … 8 letters; InvalidSequenceError for a letter outside ACGU/T
 */
export function kmerIndex(letters: string): number {
  checkK(letters.length);
  let index = 0;
  for (const letter of canonicalSequence(letters, `k-mer ${echo(letters)}`)) {
    const code = codeOf(letter);
    if (code === PAD) throw new InvalidSequenceError(`k-mer ${echo(letters)}: N stands for no single letter`);
    index = index * 4 + code;
  }
  return index;
}

/** All 4^k k-mers in index order. @throws ShapeError unless k is 1 … 8 */
export function allKmers(k: number): string[] {
  checkK(k);
  return Array.from({ length: 4 ** k }, (_, index) => kmer(index, k));
}

function checkK(k: number): void {
  if (!Number.isInteger(k) || k < 1 || k > MAX_K) {
    throw new ShapeError(`a k-mer has 1 … ${MAX_K} letters, not ${k}`);
  }
}
