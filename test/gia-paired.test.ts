/** Ratios of means by the test that their interval inverts, and slopes against published values. */

import { describe, expect, it } from 'vitest';
import { ShapeError } from '../src/device/errors.js';
import { effectOf, leastSquares, ratioOf } from '../src/gia/statistics/paired.js';
import { Random } from '../src/kernels/random.js';

/** Pairs that go together: b about 2, a about 3, each with what the other has. */
function pairs(n: number, spread = 1): { a: Float64Array; b: Float64Array } {
  const draws = new Random(4, 1000).draws(n);
  const b = Float64Array.from({ length: n }, () => 2 + spread * draws.normal());
  const a = b.map((value) => 1 + value + 0.5 * spread * draws.normal());
  return { a, b };
}

describe('ratioOf', () => {
  it.each([3, 10, 200])('has bounds that the paired t test just does not refuse, n = %d', (n) => {
    const { a, b } = pairs(n, 0.3);
    const { ratio, ciLow, ciHigh } = ratioOf(a, b, 'here');
    expect(ratio).toBeCloseTo(effectOf(a, 'a').mean / effectOf(b, 'b').mean, 12);
    const p = (r: number) =>
      effectOf(
        Float64Array.from(a, (value, i) => value - r * b[i]!),
        'residual',
      ).p;
    expect(p(ciLow)).toBeCloseTo(0.05, 8);
    expect(p(ciHigh)).toBeCloseTo(0.05, 8);
    expect(ciLow).toBeLessThan(ratio);
    expect(ciHigh).toBeGreaterThan(ratio);
    expect(p((ciLow + ratio) / 2)).toBeGreaterThan(0.05);
    expect(p(2 * ciHigh - ratio)).toBeLessThan(0.05);
  });

  it('holds nothing back where the denominator may be 0', () => {
    expect(ratioOf([1, 2, 3, 4], [1, -1, 1.5, -1], 'here')).toMatchObject({
      ciLow: Number.NEGATIVE_INFINITY,
      ciHigh: Number.POSITIVE_INFINITY,
    });
  });

  it('is exact for one that is a multiple of the other, and has a sign', () => {
    const ratio = ratioOf([-20, -22, -24], [10, 11, 12], 'here');
    for (const value of Object.values(ratio)) expect(value).toBeCloseTo(-2, 6);
  });

  it('refuses samples that are not paired', () => {
    expect(() => ratioOf([1, 2], [1, 2, 3], 'here')).toThrow(ShapeError);
  });
});

describe('leastSquares', () => {
  it('has the interval of the slope of Anscombe’s first quartet, as scipy gives its error', () => {
    const x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
    const y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
    // linregress: stderr 0.1179055; t(0.975, 9) = 2.2621572.
    const { slopeCiLow, slopeCiHigh } = leastSquares(x, y);
    expect(slopeCiLow).toBeCloseTo(0.2333701363851875, 10);
    expect(slopeCiHigh).toBeCloseTo(0.7668116817966308, 10);
    expect(leastSquares([1, 2], [3, 1]).slopeCiLow).toBeNaN();
  });
});
