/** Deterministic test data, and float64 comparison that says where two arrays part. */

import { expect } from 'vitest';
import { Random } from '../../src/kernels/random.js';

/** A stream that no part of the program uses. */
const TEST_STREAM = 1000;

/** `count` standard normals as f32; the same `index` gives the same numbers. */
export function normals(count: number, index = 0): Float32Array {
  const draws = new Random(20, TEST_STREAM).draws(index);
  return Float32Array.from({ length: count }, () => draws.normal());
}

/** `count` base codes 0-4 as u32; the same `index` gives the same codes. */
export function randomCodes(count: number, index = 0): Uint32Array {
  const draws = new Random(21, TEST_STREAM).draws(index);
  return Uint32Array.from({ length: count }, () => draws.below(5));
}

/** Largest magnitude, at least a floor that keeps an all-zero reference from demanding bit equality. */
export const scaleOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);

/**
 * Expects every element within `tolerance` of the reference, relative to the reference's largest magnitude.
 */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = 'values',
): void {
  expect(actual.length, `${what}: number of elements`).toBe(expected.length);
  const scale = scaleOf(expected);
  let worst = { error: 0, at: 0 };
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!) / scale;
    // A NaN on either side is the worst error there is.
    if (!(error <= worst.error))
      worst = { error: Number.isNaN(error) ? Number.POSITIVE_INFINITY : error, at: i };
  }
  const { error, at } = worst;
  expect(
    error,
    `${what}: element ${at} is ${actual[at]}, not ${expected[at]} (largest: ${scale})`,
  ).toBeLessThanOrEqual(tolerance);
}
