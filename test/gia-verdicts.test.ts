/** When experiments on one network count as an effect of the data. */

import { describe, expect, it } from 'vitest';
import { gcVerdicts, hairpinVerdict, verdictOf } from '../src/gia/experiments/index.js';
import { hairpin, RESULTS } from './support/experiment-results.js';

describe('verdictOf', () => {
  const q = 0.05;

  it.each([
    ['more', [{ difference: 0.2, q }], 2],
    ['less', [{ difference: -0.2, q }], 2],
    ['less', [{ difference: -0.2, q }], -2],
    ['none', [{ difference: 0.19, q }], 2],
    ['none', [{ difference: 0.2, q: 0.051 }], 2],
    ['none', [{ difference: 0, q }], 0],
    ['none', [undefined], 1],
    ['none', [{ difference: 0.2, q }], Number.NaN],
    ['none', [{ difference: 0.2, q: Number.NaN }], 1],
    ['none', [], 1],
  ] as const)('%s: %j beside %f', (verdict, differences, importance) => {
    expect(verdictOf(differences, importance)).toBe(verdict);
  });

  it('needs all of several differences', () => {
    const all = [0.3, 0.5].map((difference) => ({ difference, q }));
    expect(verdictOf(all, 1)).toBe('more');
    for (const difference of [0.05, -0.5]) expect(verdictOf([...all, { difference, q }], 1)).toBe('none');
    expect(verdictOf([...all, { difference: 0.5, q: 0.2 }], 1)).toBe('none');
    expect(verdictOf([...all, undefined], 1)).toBe('none');
  });
});

describe('verdicts of experiments', () => {
  it('of hairpins need every control', () => {
    expect(hairpinVerdict(hairpin(0.7, 1e-4))).toBe('more');
    expect(hairpinVerdict(hairpin(-0.7, 1e-4, -0.5))).toBe('less');
    expect(hairpinVerdict(hairpin(0.7, 1e-4, -0.5))).toBe('none');
    expect(hairpinVerdict(hairpin(0.7, 1e-4, 0.5, 0.05))).toBe('none');
  });

  it('of GC are for each end', () => {
    expect(gcVerdicts(RESULTS.gc)).toEqual({ gc5: 'none', gc3: 'more' });
  });
});
