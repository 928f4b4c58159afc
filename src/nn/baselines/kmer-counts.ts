/**
 * The k-mers of many sequences as a sparse matrix: one row per sequence, one column per k-mer, how often each
 * occurs. Only the k-mers that occur are kept, so a product takes one addition per letter.
 */

import * as check from '../../device/check.js';

/** Largest k: 4^8 = 65,536 columns. */
export const LARGEST_K = 8;

/** Counts of k-mers in N sequences. */
export interface KmerCounts {
  readonly k: number;
  readonly records: number;
  /** Where the k-mers of each sequence begin in `kmers`; the last entry is the total. [N + 1] */
  readonly starts: Uint32Array;
  /**
   * Indices of the k-mers from left to right, one entry per occurrence: letters as base-4 digits, A C G U = 0
   * to 3, the first letter highest.
   */
  readonly kmers: Uint16Array;
}

/**
 * The k-mers of every sequence. Stretches with N or padding have none.
 *
 * @param codes base codes [N * length]: 0-3 = ACGU, 4 = pad or N
 * @throws ArgumentError unless k is 1 to 8
 */
export function kmerCounts(codes: Uint8Array, length: number, k: number): KmerCounts {
  check.bytes(codes, check.argument('codes'));
  check.whole(1, LARGEST_K)(k, check.argument('k'));
  const records = codes.length / length;
  const starts = new Uint32Array(records + 1);
  const kmers = new Uint16Array(records * Math.max(0, length - k + 1));
  const mask = 4 ** k - 1;
  let found = 0;
  for (let record = 0; record < records; record++) {
    starts[record] = found;
    let [index, letters] = [0, 0];
    for (let i = record * length; i < (record + 1) * length; i++) {
      const code = codes[i]!;
      letters = code > 3 ? 0 : letters + 1;
      index = ((index << 2) | code) & mask;
      if (letters >= k) kmers[found++] = index;
    }
  }
  starts[records] = found;
  return { k, records, starts, kmers: kmers.slice(0, found) };
}

/** X w: for each sequence the sum of the weights of its k-mers, into `out` [N]. */
export function timesWeights(counts: KmerCounts, weights: Float64Array, out: Float64Array): void {
  const { starts, kmers, records } = counts;
  for (let record = 0; record < records; record++) {
    let sum = 0;
    for (let i = starts[record]!; i < starts[record + 1]!; i++) sum += weights[kmers[i]!]!;
    out[record] = sum;
  }
}

/** Xᵀ v: for each k-mer the sum of the values of the sequences that have it, into `out` [4^k]. */
export function timesValues(counts: KmerCounts, values: ArrayLike<number>, out: Float64Array): void {
  const { starts, kmers, records } = counts;
  out.fill(0);
  for (let record = 0; record < records; record++) {
    const value = values[record]!;
    for (let i = starts[record]!; i < starts[record + 1]!; i++) out[kmers[i]!]! += value;
  }
}
