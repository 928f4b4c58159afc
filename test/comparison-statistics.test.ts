/** The signed-rank test against scipy's p values, and bootstrap intervals of correlations. */

import { describe, expect, it } from 'vitest';
import { NotFiniteError, ShapeError } from '../src/device/errors.js';
import { pairedCorrelations, pearson, signedRanks } from '../src/nn/index.js';
import { normals } from './support/numbers.js';

/** `a` and `b`, and the smaller rank sum and p of scipy 1.17.1: `wilcoxon(a, b, method='exact')`. */
const UNTIED: readonly (readonly [number[], number[], number, number])[] = [
  [[0.345584, 0.821618, 0.330437], [-0.657573, 2.026974, 1.076812], 2, 0.75],
  [
    [-0.536953, 0.581118, 0.364572, 0.294132, 0.028422, 0.546713],
    [-0.973407, 0.718208, 0.182453, 1.192978, 0.368144, 0.554256],
    8,
    0.6875,
  ],
  [waves(20, 1.7, 0.2), cosines(20), 83, 0.4304332733154297],
  [waves(50, 1.7, 0.2), cosines(50), 510, 0.22231487615329293],
  [waves(244, 1.7, 0.2), cosines(244), 12295, 0.016180354483404935],
  [Array.from({ length: 30 }, (_, i) => i + 1), new Array<number>(30).fill(0), 0, 2 ** -29],
];

/** With ties and equal pairs: scipy's permutation test over all signs of the pairs that differ. */
const TIED: typeof UNTIED = [
  [[1, 2, 5, 5, 1], [5, 1, 4, 2, 4], 6.5, 0.9375],
  [[3, 5, 2, 5, 5, 0, 0, 0, 3], [2, 0, 0, 5, 3, 0, 1, 3, 1], 7.5, 0.3125],
  [[4, 1, 3, 0, 4, 4, 3, 3, 0, 3, 2, 0], [0, 2, 4, 4, 1, 0, 1, 2, 0, 0, 2, 0], 12, 0.25390625],
];

function waves(n: number, step: number, offset: number): number[] {
  return Array.from({ length: n }, (_, i) => Math.sin(i * step) + offset);
}

function cosines(n: number): number[] {
  return Array.from({ length: n }, (_, i) => Math.cos(i * 2.3));
}

describe('signedRanks', () => {
  it.each([...UNTIED, ...TIED])('of %j and %j', (a, b, statistic, p) => {
    const forward = signedRanks(a, b);
    expect(Math.min(forward.plus, forward.minus)).toBe(statistic);
    expect(Math.abs(forward.p / p - 1)).toBeLessThan(1e-12);
    const back = signedRanks(b, a);
    expect(back).toEqual({
      n: forward.n,
      wins: forward.n - forward.wins,
      plus: forward.minus,
      minus: forward.plus,
      p: forward.p,
    });
  });

  it('leaves equal pairs out, and says nothing of none', () => {
    expect(signedRanks([1, 2, 3], [1, 2, 2])).toEqual({ n: 1, wins: 1, plus: 1, minus: 0, p: 1 });
    expect(signedRanks([1], [1])).toEqual({ n: 0, wins: 0, plus: 0, minus: 0, p: 1 });
  });

  it('refuses lists that are no pairs', () => {
    expect(() => signedRanks([1], [1, 2])).toThrow(ShapeError);
    expect(() => signedRanks([Number.NaN], [1])).toThrow(NotFiniteError);
    const many = new Float64Array(1001);
    expect(() => signedRanks(many, many)).toThrow(ShapeError);
  });
});

describe('pairedCorrelations', () => {
  const n = 400;
  const scores = normals(n, 1);
  const noisy = (amount: number, seed: number) =>
    scores.map((score, i) => score + amount * normals(n, seed)[i]!);
  const [good, bad, worse] = [noisy(0.5, 2), noisy(1.5, 3), noisy(4, 4)];

  it('has intervals of about the width that theory gives, and the same again', () => {
    const found = pairedCorrelations([bad, good], scores, { seed: 3 });
    [bad, good].forEach((predictions, i) => {
      const { value, ciLow, ciHigh } = found.correlations[i]!;
      expect(value).toBe(pearson(predictions, scores));
      expect(ciLow).toBeLessThan(value);
      expect(ciHigh).toBeGreaterThan(value);
      // Fisher: the standard error of r of normal values is (1 - r²)/√n. A 95 % interval has 3.92 of them.
      expect((ciHigh - ciLow) / ((3.92 * (1 - value ** 2)) / Math.sqrt(n))).toBeGreaterThan(0.75);
      expect((ciHigh - ciLow) / ((3.92 * (1 - value ** 2)) / Math.sqrt(n))).toBeLessThan(1.25);
    });
    expect(found.differences).toHaveLength(1);
    const [difference] = found.differences;
    expect(difference).toMatchObject({ a: 1, b: 0 });
    expect(difference!.value).toBeCloseTo(pearson(good, scores) - pearson(bad, scores), 14);
    expect(difference!.ciLow).toBeGreaterThan(0);
    expect(pairedCorrelations([bad, good], scores, { seed: 3 })).toEqual(found);
    expect(pairedCorrelations([bad, good], scores, { seed: 4 })).not.toEqual(found);
  });

  it('pairs methods: of nearly the same predictions the difference is much more certain than either', () => {
    const twin = bad.map((value, i) => value + 0.01 * good[i]!);
    const { correlations, differences } = pairedCorrelations([bad, twin], scores);
    const width = ({ ciLow, ciHigh }: { ciLow: number; ciHigh: number }) => ciHigh - ciLow;
    expect(width(differences[0]!)).toBeLessThan(width(correlations[0]!) / 20);
  });

  it('compares each method with every earlier one, and has no number where a side is constant', () => {
    const flat = new Float32Array(n);
    const { correlations, differences } = pairedCorrelations([worse, flat, good], scores, { resamples: 50 });
    expect(differences.map(({ a, b }) => [a, b])).toEqual([
      [1, 0],
      [2, 0],
      [2, 1],
    ]);
    expect(correlations[1]).toEqual({ value: Number.NaN, ciLow: Number.NaN, ciHigh: Number.NaN });
    expect(differences.map(({ value }) => Number.isNaN(value))).toEqual([true, false, true]);
  });

  it('refuses predictions without scores', () => {
    expect(() => pairedCorrelations([[1, 2]], [1, 2, 3])).toThrow(ShapeError);
    expect(() => pairedCorrelations([[1, 2]], [1, 2])).toThrow(ShapeError);
  });
});
