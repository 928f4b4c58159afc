/** Correlations in words, with those that do not exist. */

import { describe, expect, it } from 'vitest';
import { agreement } from '../src/nn/agreement.js';
import { coefficient, fitOf, isBetterThanChance, whyUndefined } from '../src/report/correlation.js';
import { chanceFindings } from '../src/report/sections/agreement-section.js';

describe('correlations in words', () => {
  it('are numbers where they exist', () => {
    expect([0.91239, -0.5, -1e-9].map((r) => coefficient(r))).toEqual(['0.9124', '-0.5000', '0.0000']);
    expect(fitOf(0.95, 3)).toBe('R² = 0.950 over 3 points');
    expect(fitOf(1, 2)).toBe('no R², as any line fits 2 points');
    expect(whyUndefined(agreement([1, 2, 4], [1, 2, 3]))).toBeUndefined();
  });

  it('say that they are undefined, and why', () => {
    expect(coefficient(Number.NaN)).toBe('undefined');
    expect(fitOf(Number.NaN, 3)).toBe('no R², as all 3 points have the same value');
    const why = (predictions: number[], scores: number[]) => whyUndefined(agreement(predictions, scores));
    expect(why([1, 2, 3], [5, 5, 5])).toBe('all 3 scores are equal');
    expect(why([5, 5, 5], [1, 2, 3])).toBe('the model predicts the same for all 3 sequences');
    expect(why([5, 5, 5], [1, 1, 1])).toBe('all 3 scores are equal, and so are all predictions');
    expect(why([1, 2], [3, 4])).toMatch(/^n = 2 is too small/);
  });

  it('tell predictions that are no better than chance', () => {
    // 1.96 / sqrt(103 - 3) = 0.196 = atanh(0.1935)
    expect([0.193, 0.194].map((r) => isBetterThanChance(r, 103))).toEqual([false, true]);
    expect([0.099, 0.1].map((r) => isBetterThanChance(r, 1e6))).toEqual([false, true]);
    expect([-0.9, 1].map((r) => isBetterThanChance(r, undefined))).toEqual([false, true]);
    const scores = Float32Array.from({ length: 103 }, (_, i) => i);
    const finding = (pearson: number) => chanceFindings({ measured: scores, predicted: scores, pearson });
    expect(chanceFindings(undefined)).toBeUndefined();
    expect(finding(0.5)).toBeUndefined();
    expect(finding(0.1)?.[0]).toContain('at r = 0.100. This is no better than chance');
  });
});
