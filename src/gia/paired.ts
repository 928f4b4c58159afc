/**
 * Statistics of values paired by background: what a sample of differences says, how large that is beside its spread, and
 * least-squares lines. Distributions come from `@stdlib`, so load this module on demand.
 */

import tCdf from '@stdlib/stats-base-dists-t-cdf';
import { NotFiniteError, ShapeError } from '../device/errors.js';
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
  const n = x.length;
  if (n !== y.length || n < 2)
    throw new ShapeError(`a line takes two points or more, not ${n} and ${y.length}`);
  const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, v) => sum + v, 0) / n;
  const [mx, my] = [mean(x), mean(y)];
  let [sxx, sxy, syy] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    sxx += (x[i]! - mx) ** 2;
    sxy += (x[i]! - mx) * (y[i]! - my);
    syy += (y[i]! - my) ** 2;
  }
  if (!Number.isFinite(sxx + sxy + syy)) throw new NotFiniteError('the points of a line must be finite');
  if (sxx === 0) throw new ShapeError('a line takes x that differ');
  const slope = sxy / sxx;
  const r2 = syy === 0 ? 1 : Math.min(1, (sxy * sxy) / (sxx * syy));
  const residual = Math.max(0, syy - slope * sxy);
  const t = residual === 0 ? Number.POSITIVE_INFINITY : Math.abs(slope) / Math.sqrt(residual / (n - 2) / sxx);
  const p =
    n === 2 ? Number.NaN : slope === 0 ? 1 : Number.isFinite(t) ? Math.min(1, 2 * tCdf(-t, n - 2)) : 0;
  return { slope, intercept: my - slope * mx, r2, r: syy === 0 ? 0 : Math.sign(sxy) * Math.sqrt(r2), p, n };
}
