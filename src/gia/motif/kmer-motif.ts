/**
 * The motif of a sweep: its most important k-mers, aligned, as a position weight matrix (paper, Methods,
 * Motif Visualization, "k-mer alignment-based motif").
 */

import type { PositionWeightMatrix } from '../../data/pwm.js';
import { ALPHABET } from '../../data/sequences/letters.js';
import { count } from '../../device/count.js';
import { echo } from '../../device/echo.js';
import { DataError, NotFiniteError, ShapeError } from '../../device/errors.js';
import { type AlignedKmer, alignKmers } from './alignment.js';
import { columnInformation, UNIFORM } from './information.js';

/** A row of an importance table whose pattern is one k-mer. */
export interface KmerImportance {
  readonly pattern: string;
  readonly importance: number;
}

/** Which k-mers are aligned, and how they are weighted. */
export interface KmerMotifOptions {
  /** k-mers to align; default 10, as in the paper. */
  readonly top?: number;
  /** Frequencies of A, C, G, U where a k-mer has no letter; default 0.25 each. */
  readonly background?: readonly [number, number, number, number];
  /** Outer positions with less information than this are cut off, bits; default 0, none. */
  readonly trim?: number;
}

/** Important k-mers, aligned into one motif. */
export interface KmerMotif {
  /** Letter frequencies [positions, 4]. */
  readonly pwm: PositionWeightMatrix;
  /** The k-mers it was made of, most important first. */
  readonly alignment: readonly AlignedKmer[];
  /** Offset of the matrix's first position from the first letter of the top k-mer; negative to its left. */
  readonly start: number;
}

/** k-mers in an alignment, as in the paper. */
export const TOP_KMERS = 10;

/**
 * Aligns the most important k-mers to the top one and weights their letters by global importance.
 *
 * A k-mer counts as background at positions that it does not reach: embedded in a background, it leaves them
 * to the background's letters. Leaving it out of the frequencies there instead would let a single k-mer at
 * the edge of the alignment stand for certainty, at two bits. Every k-mer has its whole weight, the top one
 * included, and every column that a k-mer reaches is kept. Only k-mers that raise the prediction are aligned:
 * a weight cannot be negative.
 *
 * @param rows of a sweep's table, in any order
 * @throws ResidualBindError if no k-mer has an importance above 0; NotFiniteError naming a k-mer without one;
 * InvalidSequenceError for a pattern that is no k-mer; ShapeError for options out of range
 */
export function kmerMotif(rows: readonly KmerImportance[], options: KmerMotifOptions = {}): KmerMotif {
  const { top = TOP_KMERS, background = UNIFORM, trim = 0 } = options;
  if (!Number.isInteger(top) || top < 1)
    throw new ShapeError(`top must be a whole number above 0, not ${top}`);
  const alignment = alignKmers(mostImportant(rows, top));
  const start = Math.min(...alignment.map(({ offset }) => offset));
  const end = Math.max(...alignment.map(({ kmer, offset }) => offset + kmer.length));
  const total = alignment.reduce((sum, { importance }) => sum + importance, 0);
  const pwm = Array.from({ length: end - start }, (_, i): [number, number, number, number] => {
    const column: [number, number, number, number] = [0, 0, 0, 0];
    for (const { kmer, importance, offset } of alignment) {
      const letter = kmer[start + i - offset];
      for (let base = 0; base < 4; base++) {
        const share = letter === undefined ? background[base]! : Number(letter === ALPHABET[base]);
        column[base]! += (importance / total) * share;
      }
    }
    return column;
  });
  const trimmed = trimMotif(pwm, trim);
  return { pwm: trimmed.pwm, alignment, start: start + trimmed.start };
}

/**
 * Cuts off the outer positions that say little.
 *
 * @param bits least information of the first and the last position kept
 * @returns the matrix, and how many positions were cut on its left
 * @throws DataError if no position has so much; ShapeError unless bits is 0 to 2
 */
export function trimMotif(
  pwm: PositionWeightMatrix,
  bits: number,
): { readonly pwm: PositionWeightMatrix; readonly start: number } {
  if (!(bits >= 0 && bits <= 2)) throw new ShapeError(`information to trim by is 0 to 2 bits, not ${bits}`);
  if (bits === 0) return { pwm, start: 0 };
  const kept = pwm.map((column) => columnInformation(column) >= bits);
  const start = kept.indexOf(true);
  if (start < 0) throw new DataError(`no position of the motif has ${bits} bits; trim by less`);
  return { pwm: pwm.slice(start, kept.lastIndexOf(true) + 1), start };
}

function mostImportant(rows: readonly KmerImportance[], top: number) {
  const bad = rows.find(({ importance }) => !Number.isFinite(importance));
  if (bad) throw new NotFiniteError(`k-mer ${echo(bad.pattern)}: importance ${bad.importance} is not finite`);
  const raising = rows.filter(({ importance }) => importance > 0);
  if (raising.length === 0) {
    throw new DataError(`none of ${count(rows.length, 'k-mer')} raises the prediction, so there is no motif`);
  }
  return raising
    .sort((a, b) => b.importance - a.importance)
    .slice(0, top)
    .map(({ pattern, importance }) => ({ kmer: pattern, importance }));
}
