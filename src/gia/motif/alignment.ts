/**
 * Ungapped alignment of k-mers to the most important one, the first step from a sweep to a motif. The second
 * step, frequencies, is in `kmer-motif.ts`.
 */

import { ANY } from '../../data/sequences/letters.js';
import { canonicalSequence } from '../../data/sequences/sequence.js';
import { echo } from '../../device/echo.js';
import { InvalidSequenceError, ShapeError } from '../../device/errors.js';

/** A k-mer where it stands against the reference. */
export interface AlignedKmer {
  /** Letters ACGU. */
  readonly kmer: string;
  /** Global importance, in the unit of the model's output. */
  readonly importance: number;
  /** Place of the k-mer's first letter, counted from the reference's first; negative to its left. */
  readonly offset: number;
  /** Letters that agree with the reference there. */
  readonly matches: number;
}

/** An ungapped placement and its cross-correlation. */
export interface Placement {
  readonly offset: number;
  readonly matches: number;
}

/**
 * Places a k-mer where its cross-correlation with the reference is greatest (paper, Methods, Motif
 * Visualization). The cross-correlation of two one-hot sequences is the number of letters that agree. Of
 * equal placements the one shifted least is taken, and of two shifted equally far the one to the left.
 *
 * @param kmer, reference letters ACGU/T; they may differ in length
 * @throws InvalidSequenceError for no letters, N, or a letter outside ACGU/T
 */
export function placeKmer(kmer: string, reference: string): Placement {
  const letters = kmerLetters(kmer);
  const anchor = kmerLetters(reference);
  let best: Placement = { offset: 0, matches: -1 };
  for (const offset of offsetsByShift(letters.length, anchor.length)) {
    let matches = 0;
    for (let i = Math.max(0, -offset); i < letters.length && i + offset < anchor.length; i++) {
      if (letters[i] === anchor[i + offset]) matches++;
    }
    if (matches > best.matches) best = { offset, matches };
  }
  return best;
}

/**
 * Aligns k-mers to the first of them.
 *
 * @param kmers most important first
 * @returns one placement per k-mer, in order; the first is at offset 0
 * @throws ShapeError for no k-mers; InvalidSequenceError as `placeKmer`
 */
export function alignKmers(
  kmers: readonly { readonly kmer: string; readonly importance: number }[],
): AlignedKmer[] {
  const [top] = kmers;
  if (!top) throw new ShapeError('an alignment needs at least one k-mer');
  return kmers.map(({ kmer, importance }) => ({
    kmer: kmerLetters(kmer),
    importance,
    ...placeKmer(kmer, top.kmer),
  }));
}

/** Every offset at which lengths k and n overlap, nearest to 0 first, left before right. */
function* offsetsByShift(k: number, n: number): Generator<number> {
  for (let shift = 0; shift < Math.max(k, n); shift++) {
    if (shift < k) yield 0 - shift;
    if (shift > 0 && shift < n) yield shift;
  }
}

function kmerLetters(kmer: string): string {
  const letters = canonicalSequence(kmer, `k-mer ${echo(kmer)}`);
  if (letters.includes(ANY))
    throw new InvalidSequenceError(`k-mer ${echo(kmer)}: N stands for no single letter`);
  return letters;
}
