/**
 * Statistics of values that are paired by background: tests of mean differences and their size relative to
 * the spread, ratios of means, and least-squares lines.
 */

import { count } from '../../device/count.js';
import { ShapeError } from '../../device/errors.js';
import { fitLine, mean } from './line.js';
import { type Summary, summarise, twoSided } from './statistics.js';
import { tQuantile } from './student-t.js';

/** A sample and its paired test against 0. */
export interface Effect extends Summary {
  /** Cohen's d of paired values: mean / sd; 0 where both are 0. */
  readonly d: number;
}

/** Mean, interval and test of a sample. @param where begins the error message @throws as `summarise` */
export function effectOf(values: ArrayLike<number>, where: string): Effect {
  const n = values.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += values[i]! / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (values[i]! - mean) ** 2;
  const summary = summarise({ mean, variance: squares / Math.max(1, n - 1), n }, where);
  return { ...summary, d: mean === 0 ? 0 : mean / summary.sd };
}

/** a - b, pair by pair. @throws ShapeError where their numbers differ */
export function differences(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  if (a.length !== b.length)
    throw new ShapeError(`${count(a.length, 'value')} cannot be paired with ${b.length}`);
  return Float64Array.from({ length: a.length }, (_, i) => a[i]! - b[i]!);
}

/** A ratio of two means, paired by background. */
export interface Ratio {
  readonly ratio: number;
  /**
   * 95 % confidence interval: all ratios r for which the paired t test of numerator - r * denominator does
   * not reject 0. Infinite where the mean of the denominator cannot be distinguished from 0.
   */
  readonly ciLow: number;
  readonly ciHigh: number;
}

/**
 * The ratio of two means with Fieller's interval (E. C. Fieller, Some problems in interval estimation, J. R.
 * Stat. Soc. B 16:175, 1954).
 *
 * @param where begins the error message
 * @throws ShapeError where their numbers differ; and as `summarise`
 */
export function ratioOf(numerator: ArrayLike<number>, denominator: ArrayLike<number>, where: string): Ratio {
  const sum = Float64Array.from(numerator, (value, i) => value + denominator[i]!);
  const minus = effectOf(differences(numerator, denominator), where);
  const [a, b, plus] = [numerator, denominator, sum].map((values) => effectOf(values, where)) as [
    Effect,
    Effect,
    Effect,
  ];
  const t2 = tQuantile(0.975, a.n - 1) ** 2;
  // Of the means: variances, and the covariance by polarisation.
  const [va, vb, vab] = [a.se ** 2, b.se ** 2, (plus.se ** 2 - minus.se ** 2) / 4];
  // The bounds are the roots of (a - r b)² = t² var(a - r b), a quadratic q r² - 2 h r + c.
  const [q, h, c] = [b.mean ** 2 - t2 * vb, a.mean * b.mean - t2 * vab, a.mean ** 2 - t2 * va];
  const ratio = a.mean / b.mean;
  if (!(q > 0)) return { ratio, ciLow: Number.NEGATIVE_INFINITY, ciHigh: Number.POSITIVE_INFINITY };
  const root = Math.sqrt(Math.max(0, h * h - q * c));
  return { ratio, ciLow: (h - root) / q, ciHigh: (h + root) / q };
}

/** A least-squares line y = intercept + slope x. */
export interface Line {
  readonly slope: number;
  /**
   * 95 % confidence interval of the slope, by Student's t with n - 2 degrees of freedom; NaN for two points.
   */
  readonly slopeCiLow: number;
  readonly slopeCiHigh: number;
  readonly intercept: number;
  /**
   * Share of the variance explained, 0 to 1; NaN where y does not vary, and for two points, which any line
   * fits.
   */
  readonly r2: number;
  /** Pearson's correlation; NaN where R² is. */
  readonly r: number;
  /** Two-sided p of the slope against 0, Student's t with n - 2 degrees of freedom; NaN where R² is. */
  readonly p: number;
  /** Number of points. */
  readonly points: number;
}

/**
 * The least-squares line and its test.
 *
 * @throws ShapeError for fewer than 2 points, or equal x; NotFiniteError
 */
export function leastSquares(x: ArrayLike<number>, y: ArrayLike<number>): Line {
  const { slope, intercept, r, n: points } = fitLine(x, y);
  const r2 = r * r;
  const t = Math.abs(r) * Math.sqrt((points - 2) / (1 - r2));
  const p = twoSided(t, points - 2);
  const meanX = mean(x);
  let [residual, spread] = [0, 0];
  for (let i = 0; i < points; i++) {
    residual += (y[i]! - intercept - slope * x[i]!) ** 2;
    spread += (x[i]! - meanX) ** 2;
  }
  const half =
    points < 3 ? Number.NaN : tQuantile(0.975, points - 2) * Math.sqrt(residual / (points - 2) / spread);
  return { slope, slopeCiLow: slope - half, slopeCiHigh: slope + half, intercept, r2, r, p, points };
}
