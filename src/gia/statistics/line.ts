/** Least-squares lines through points. `paired.ts` adds their test. */
import { NotFiniteError, ShapeError } from '../../device/errors.js';
import { isConstant, pearson } from '../../nn/metrics.js';

/** y ≈ intercept + slope · x. */
export interface LineFit {
  readonly slope: number;
  readonly intercept: number;
  /**
   * Pearson's r; its square is R². NaN where y is constant, and for two points, which always lie on a line.
   */
  readonly r: number;
  readonly n: number;
}

/**
 * The least-squares line.
 *
 * @throws ShapeError unless there are two or more points with different x; NotFiniteError
 */
export function fitLine(x: ArrayLike<number>, y: ArrayLike<number>): LineFit {
  const n = x.length;
  if (n !== y.length || n < 2)
    throw new ShapeError(`a line needs the same number of x and y, 2 or more, not ${n} and ${y.length}`);
  const meanX = mean(x);
  const meanY = mean(y);
  if (!Number.isFinite(meanX) || !Number.isFinite(meanY))
    throw new NotFiniteError('a line needs finite points');
  if (isConstant(x)) throw new ShapeError('a line needs points with different x');
  if (isConstant(y)) return { slope: 0, intercept: y[0]!, r: Number.NaN, n };
  let [sxx, sxy] = [0, 0];
  for (let i = 0; i < n; i++) {
    sxx += (x[i]! - meanX) ** 2;
    sxy += (x[i]! - meanX) * (y[i]! - meanY);
  }
  const slope = sxy / sxx;
  return { slope, intercept: meanY - slope * meanX, r: n < 3 ? Number.NaN : pearson(x, y), n };
}

/** The mean of values. */
export function mean(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total / values.length;
}
