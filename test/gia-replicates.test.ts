/** What models trained apart have in common: Student's t over their differences. */

import { describe, expect, it } from 'vitest';
import { acrossModels, type Comparison } from '../src/gia/experiments/index.js';

const of = (model: number, comparison: string, difference: number): Comparison => ({
  model,
  labels: { comparison },
  difference,
  sd: 1,
  se: 0.01,
  ciLow: 0,
  ciHigh: 0,
  t: 100,
  d: 1,
  p: 0,
  q: 0,
  n: 1000,
});

describe('acrossModels', () => {
  it('tests the differences of models, however sure each is of its own', () => {
    const [loop, gc] = acrossModels([
      of(0, 'loop', 1),
      of(0, 'gc', 1),
      of(1, 'loop', 2),
      of(1, 'gc', -1),
      of(2, 'loop', 3),
      of(2, 'gc', 0),
    ]);
    // By hand: mean 2, sd 1, t = 2 √3 with 2 degrees of freedom, p = 1 - t / √(2 + t²).
    const t = 2 * Math.sqrt(3);
    const p = 1 - t / Math.sqrt(2 + t * t);
    expect(loop).toMatchObject({ labels: { comparison: 'loop' }, difference: 2, n: 3 });
    expect(loop!.sd).toBeCloseTo(1, 12);
    expect(loop!.t).toBeCloseTo(t, 10);
    expect(loop!.p).toBeCloseTo(p, 8);
    expect(loop!.q).toBeCloseTo(2 * p, 8);
    expect(gc).toMatchObject({ difference: 0, p: 1, q: 1 });
  });

  it('refuses one model, and a comparison that a model lacks', () => {
    expect(() => acrossModels([of(0, 'loop', 1)])).toThrow('loop: 1 of 1 models');
    expect(() => acrossModels([of(0, 'loop', 1), of(1, 'loop', 1), of(0, 'gc', 1)])).toThrow('1 of 2 models');
  });
});
