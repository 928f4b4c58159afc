/** Rows of a motif file's matrix → probabilities, whether the file holds probabilities or counts. */
import type { PositionWeightMatrix } from '../../../data/pwm.js';

export type Four = [number, number, number, number];

/** How far four probabilities may sum from 1 by rounding: files with two decimals come to 0.99 and 1.01. */
const ROUNDING = 0.0101;

/** How far they may sum from 1 at all; within it they are divided by their sum, and this is said. */
const TOLERANCE = 0.05;

/** How much the sums of rows of weighted counts differ, as a share of the largest. */
const EQUAL_SUMS = 0.02;

/** What a matrix holds, by the sums of its rows; `row` is one that fits neither. */
export type MatrixKind =
  | { readonly kind: 'probabilities' | 'rounded' | 'counts' }
  | { readonly kind: 'neither'; readonly row: number; readonly sum: number };

export const sumOf = (row: Four): number => row[0] + row[1] + row[2] + row[3];

/** The row divided by its sum. */
export const normalised = (row: Four): Four => {
  const sum = sumOf(row);
  return row.map((value) => value / sum) as Four;
};

/**
 * Probabilities that sum to 1, or nearly; or counts, whose rows sum to 2 or more and are whole or of equal
 * sums.
 *
 * @param countsAreUsual of a format that is made for counts, where rows of weighted counts may differ in sum
 */
export function matrixKind(rows: readonly Four[], countsAreUsual = false): MatrixKind {
  const sums = rows.map(sumOf);
  const row = sums.findIndex((sum) => !(Math.abs(sum - 1) <= TOLERANCE));
  if (row < 0) {
    const isExact = sums.every((sum) => Math.abs(sum - 1) <= ROUNDING);
    return { kind: isExact ? 'probabilities' : 'rounded' };
  }
  const least = sums.reduce((a, b) => Math.min(a, b));
  const most = sums.reduce((a, b) => Math.max(a, b));
  const areWhole = rows.every((each) => each.every(Number.isInteger));
  const areCounts = countsAreUsual
    ? least >= (areWhole ? 1 : 2)
    : least >= 2 && (areWhole || most - least <= EQUAL_SUMS * most);
  if (areCounts && Number.isFinite(most)) return { kind: 'counts' };
  const strange = countsAreUsual && most >= 2 ? sums.indexOf(least) : row;
  return { kind: 'neither', row: strange, sum: sums[strange]! };
}

/** Every row divided by its sum. */
export const probabilities = (rows: readonly Four[]): PositionWeightMatrix => rows.map(normalised);
