/**
 * Statistics of a sample of local importances: spread, error of the mean, and its confidence interval. Local
 * importances are already paired differences, so these are one-sample statistics. Also ranks, and the
 * correction of many p values.
 */

import { ArgumentError, DataError, NotFiniteError } from '../../device/errors.js';
import { tQuantile, twoSidedTail } from './student-t.js';

/**
 * The least p value: the smallest number above 0 that a double holds, about 5e-324. A tail below it would
 * round to 0, which no test yields. Read every p and q below 1e-300 as "less than 1e-300".
 */
export const LEAST_P = Number.MIN_VALUE;

/** Moments of n values: their mean and their variance, ddof 1. */
export interface Moments {
  readonly mean: number;
  readonly variance: number;
  readonly n: number;
}

/** Estimates of a population's mean from a sample, in the unit of the values. */
export interface Summary {
  readonly mean: number;
  /** Sample standard deviation, ddof 1. */
  readonly sd: number;
  /** Standard error of the mean, sd/√n. */
  readonly se: number;
  /** 95 % confidence interval of the mean, by Student's t with n − 1 degrees of freedom. */
  readonly ciLow: number;
  readonly ciHigh: number;
  /** Student's t of the mean against 0: the paired test of sequences with and without the pattern. */
  readonly t: number;
  /** Its two-sided p value, at least `LEAST_P`. */
  readonly p: number;
  readonly n: number;
}

/**
 * Summary of a sample from its moments.
 *
 * @param where begins the error message, e.g. `pattern "UGCAUG@17"`
 * @throws DataError if n < 2, where no spread is defined; NotFiniteError unless mean and variance are finite
 * and the variance is not negative
 */
export function summarise({ mean, variance, n }: Moments, where: string): Summary {
  if (!Number.isInteger(n) || n < 2) {
    throw new DataError(`${where}: a confidence interval needs at least 2 backgrounds, not ${n}`);
  }
  if (!Number.isFinite(mean) || !Number.isFinite(variance) || variance < 0) {
    throw new NotFiniteError(
      `${where}: mean ${mean} and variance ${variance} must be finite and the variance not negative`,
    );
  }
  const sd = Math.sqrt(variance);
  const se = sd / Math.sqrt(n);
  const half = tQuantile(0.975, n - 1) * se;
  const t = mean === 0 ? 0 : mean / se;
  return { mean, sd, se, ciLow: mean - half, ciHigh: mean + half, t, p: twoSided(t, n - 1), n };
}

/** The two-sided p value of Student's t, from `LEAST_P` (also for infinite t) to 1. */
export function twoSided(t: number, degreesOfFreedom: number): number {
  if (!Number.isFinite(t)) return Number.isNaN(t) ? Number.NaN : LEAST_P;
  return Math.max(LEAST_P, Math.min(1, twoSidedTail(t, degreesOfFreedom)));
}

/**
 * Ranks of values, 1 for the highest. Equal values rank in the order given.
 *
 * @throws NotFiniteError for NaN, which has no rank
 */
export function ranksOf(values: ArrayLike<number>): Uint32Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i);
  const nan = order.find((i) => Number.isNaN(values[i]));
  if (nan !== undefined) throw new NotFiniteError(`value ${nan} is NaN and cannot be ranked`);
  order.sort((a, b) => values[b]! - values[a]! || a - b);
  const ranks = new Uint32Array(values.length);
  order.forEach((value, place) => {
    ranks[value] = place + 1;
  });
  return ranks;
}

/**
 * Benjamini and Hochberg's q values: the least false discovery rate at which each would be a discovery.
 *
 * @param p p values, 0 to 1
 * @param hypotheses the number of tests, where that is more than p values; the others count as p = 1, which
 * only makes q larger
 * @throws NotFiniteError for NaN; ArgumentError for fewer hypotheses than p values
 */
export function falseDiscoveryRates(p: ArrayLike<number>, hypotheses = p.length): Float64Array {
  const values = Array.from(p);
  const nan = values.findIndex((value) => Number.isNaN(value));
  if (nan >= 0) throw new NotFiniteError(`p value ${nan} is NaN`);
  if (!(hypotheses >= values.length))
    throw new ArgumentError(
      'hypotheses',
      `hypotheses must be at least the ${values.length} p values, not ${hypotheses}`,
    );
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[b]! - values[a]!);
  const q = new Float64Array(values.length);
  let least = 1;
  // From the largest p down: no q may exceed that of a larger p.
  order.forEach((value, fromLast) => {
    // The quotient first: it is at least 1, so that rounding cannot make q less than p.
    least = Math.min(least, values[value]! * (hypotheses / (values.length - fromLast)));
    q[value] = least;
  });
  return q;
}
