/**
 * Statistics of values paired by background: what a sample of differences says, how large that is beside its spread, and
 * least-squares lines. Distributions come from `@stdlib`, so load this module on demand.
 */

import tCdf from '@stdlib/stats-base-dists-t-cdf';
import { ShapeError } from '../device/errors.js';
import { fitLine } from './line.js';
import { type Summary, summarise } from './statistics.js';

/** A sample and its paired test against 0. */
export interface Effect extends Summary {
  /** Cohen's d of paired values: mean / sd; 0 where both are 0. */
  readonly d: number;
}

/** @param where opens the error message @throws as `summarise` */
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
  if (a.length !== b.length) throw new ShapeError(`${a.length} values cannot be paired with ${b.length}`);
  return Float64Array.from({ length: a.length }, (_, i) => a[i]! - b[i]!);
}

/** A least-squares line y = intercept + slope x. */
export interface Line {
  readonly slope: number;
  readonly intercept: number;
  /** Share of the variance explained, 0 to 1; 1 where y does not vary. */
  readonly r2: number;
  /** Pearson's correlation; 0 where y does not vary. */
  readonly r: number;
  /** Two-sided p of the slope against 0, Student's t with n - 2 degrees of freedom; NaN for two points. */
  readonly p: number;
  readonly n: number;
}

/** @throws ShapeError for fewer than 2 points, or x that do not vary; NotFiniteError */
export function leastSquares(x: ArrayLike<number>, y: ArrayLike<number>): Line {
  const { slope, intercept, r, n } = fitLine(x, y);
  if (Number.isNaN(r)) return { slope, intercept, r2: 1, r: 0, p: n === 2 ? Number.NaN : 1, n };
  const r2 = Math.min(1, r * r);
  const t = Math.abs(r) * Math.sqrt((n - 2) / (1 - r2));
  const p = n === 2 ? Number.NaN : Number.isFinite(t) ? Math.min(1, 2 * tCdf(-t, n - 2)) : 0;
  return { slope, intercept, r2, r, p, n };
}
