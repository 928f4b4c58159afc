/** Tukey's box of a sample. */

import { percentile } from '../../data/transform.js';
import { NotFiniteError, ShapeError } from '../../device/errors.js';

/** Quartiles, and whiskers at the last values within 1.5 interquartile ranges of them. */
export interface Box {
  readonly low: number;
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
  readonly high: number;
}

/**
 * The box of a sample. Quartiles are interpolated as in numpy.
 *
 * @param where begins the error message
 * @throws ShapeError for an empty sample; NotFiniteError
 */
export function boxOf(values: ArrayLike<number>, where: string): Box {
  if (values.length === 0) throw new ShapeError(`${where}: a box needs at least one value`);
  const sorted = Float64Array.from(values).sort();
  if (!sorted.every(Number.isFinite)) throw new NotFiniteError(`${where}: a value is not finite`);
  const [q1, median, q3] = [25, 50, 75].map((p) => percentile(sorted, p)) as [number, number, number];
  const reach = 1.5 * (q3 - q1);
  const low = sorted.find((value) => value >= q1 - reach)!;
  const high = sorted.findLast((value) => value <= q3 + reach)!;
  return { low, q1, median, q3, high };
}
