import { describe, expect, it } from 'vitest';
import { applyTransform, fitTransform, normaliseSplits, percentile } from '../src/data/index.js';
import { ArgumentError, NotFiniteError } from '../src/device/errors.js';

const RAW = [-1, 0, 1, 3, 8];

function expectClose(actual: ArrayLike<number>, expected: number[], digits = 6): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(actual[i]).toBeCloseTo(value, digits);
  });
}

// Expected numbers by hand or by numpy: np.log, np.percentile, np.mean, np.std (ddof 0).
describe('fitTransform and applyTransform', () => {
  it('log: ln 1, ln 2, ln 3, ln 5, ln 10, then z-scores', () => {
    const fitted = fitTransform(RAW);
    expect(fitted).toMatchObject({ kind: 'log', min: -1, cap: null, n: 5 });
    expect(fitted.mean).toBeCloseTo(Math.log(300) / 5, 12);
    expect(fitted.std).toBeCloseTo(0.7839596386996429, 12);
    expectClose(applyTransform(fitted, RAW), [-1.45512146, -0.57095964, -0.05375813, 0.59783871, 1.48200053]);
  });

  it('clip at the 99.9th percentile', () => {
    const fitted = fitTransform(RAW, { kind: 'clip' });
    expect(fitted.cap).toBeCloseTo(7.98, 12);
    expectClose(applyTransform(fitted, RAW), [-1.00496864, -0.69052288, -0.37607713, 0.25281439, 1.81875426]);
    expect(applyTransform(fitted, [1000])).toEqual(applyTransform(fitted, [8]));
  });

  it('clip at four standard deviations, counted from 0', () => {
    const raw = [...Array(30).fill(0), 10];
    const fitted = fitTransform(raw, { kind: 'clip', clipAt: 'std' });
    expect(fitted.cap).toBeCloseTo(7.067387838776337, 12);
    expect(fitted.mean).toBeCloseTo(0.2279802528637528, 12);
    expect(fitted.std).toBeCloseTo(1.2486992715920917, 12);
    expectClose(applyTransform(fitted, [0, 10]), [-0.18257419, 5.47722558]);
  });

  it('none: the z-score alone', () => {
    const fitted = fitTransform([1, 3], { kind: 'none' });
    expect(fitted).toEqual({ kind: 'none', min: 1, cap: null, mean: 2, std: 1, n: 2 });
    expect([...applyTransform(fitted, [1, 3, 7])]).toEqual([-1, 1, 5]);
  });

  it('log counts scores below the fitted minimum as the minimum', () => {
    const fitted = fitTransform(RAW);
    const [atMinimum, below, farBelow] = applyTransform(fitted, [-1, -1.5, -100]);
    expect(below).toBe(atMinimum);
    expect(farBelow).toBe(atMinimum);
  });

  it.each([1e200, 1e-200, 1e308])('z-scores of ±%d are those of ±1', (unit) => {
    const raw = [-unit, 0, 0, unit];
    const fitted = fitTransform(raw, { kind: 'none' });
    expect(fitted.std / unit).toBeCloseTo(Math.SQRT1_2, 12);
    expectClose(applyTransform(fitted, raw), [-Math.SQRT2, 0, 0, Math.SQRT2]);
    expect(fitted.mean).toBe(0);
  });

  it.each(['log', 'clip', 'none'] as const)('%s never turns scores of ±1e308 into 0 or NaN', (kind) => {
    for (const clipAt of kind === 'clip' ? (['percentile', 'std'] as const) : [undefined]) {
      const options = { kind, ...(clipAt && { clipAt }) };
      const fitted = fitTransform([-1e308, 1, 2, 1e308], options);
      const z = applyTransform(fitted, [-1e308, 1, 2, 1e308]);
      expect(z.every(Number.isFinite)).toBe(true);
      expect(z[0]).toBeLessThan(z[3]! - 1);
      expect(JSON.parse(JSON.stringify(fitted))).toEqual(fitted);
    }
  });

  it('refuses a score that is too far from the fit for a z-score', () => {
    expect(() => applyTransform(fitTransform([1, 2], { kind: 'none' }), [1, 1e300])).toThrow(
      'score 2 of 2 is 1e+300, too far from the scores of the fit',
    );
  });

  it('survives a trip through JSON', () => {
    for (const kind of ['log', 'clip', 'none'] as const) {
      const fitted = fitTransform(RAW, { kind });
      expect(JSON.parse(JSON.stringify(fitted))).toEqual(fitted);
    }
  });

  it('refuses scores that have no z-score', () => {
    expect(() => fitTransform([2, 2, 2])).toThrow(NotFiniteError);
    expect(() => fitTransform([2, 2, 2])).toThrow('cannot z-score 3 scores that are all equal');
    // The mean of three times 0.1 is not 0.1.
    expect(() => fitTransform([0.1, 0.1, 0.1], { kind: 'none' })).toThrow(NotFiniteError);
    expect(() => fitTransform([1e-30, 2e-30])).toThrow('all equal after the log transform');
    expect(() => fitTransform([])).toThrow(NotFiniteError);
    // 4·std is below every score here, so clipping leaves nothing to tell them apart.
    expect(() => fitTransform([100, 101], { kind: 'clip', clipAt: 'std' })).toThrow('after clipping at 2');
  });

  it('refuses scores that are not finite', () => {
    expect(() => fitTransform([1, Number.NaN])).toThrow(NotFiniteError);
    expect(() => fitTransform([1, Number.NaN])).toThrow('score 2 of 2 is NaN');
    expect(() => applyTransform(fitTransform(RAW), [Number.POSITIVE_INFINITY])).toThrow(
      'score 1 of 1 is Infinity',
    );
  });
});

describe('normaliseSplits', () => {
  const splits = { train: RAW, valid: [0, 2], test: [-3, 5, 6] };

  it('fits on train by default', () => {
    const result = normaliseSplits(splits);
    const fitted = fitTransform(RAW);
    expect(result.fitted).toEqual({ train: fitted, valid: fitted, test: fitted });
    expect(result.test).toEqual(applyTransform(fitted, splits.test));
  });

  it('fits on all scores (paper)', () => {
    const all = fitTransform([...RAW, 0, 2, -3, 5, 6], { kind: 'clip' });
    const result = normaliseSplits(splits, { kind: 'clip', scope: 'all' });
    expect(result.fitted).toEqual({ train: all, valid: all, test: all });
    expect(result.train).toEqual(applyTransform(all, RAW));
  });

  it('fits each split by itself (released code)', () => {
    const result = normaliseSplits(splits, { scope: 'split' });
    expect(result.fitted.test).toEqual(fitTransform(splits.test));
    expect(result.valid).toEqual(applyTransform(fitTransform(splits.valid), splits.valid));
  });

  it('lets a part be empty', () => {
    for (const scope of ['train', 'all', 'split'] as const) {
      expect(normaliseSplits({ ...splits, test: [] }, { scope }).test).toHaveLength(0);
    }
  });
});

describe('percentile', () => {
  it.each([
    [0, -1],
    [25, 0],
    [37.5, 0.5],
    [50, 1],
    [99.9, 7.98],
    [100, 8],
  ])('%f of the five scores is %f, as numpy has it', (p, expected) => {
    expect(percentile([3, 8, -1, 1, 0], p)).toBeCloseTo(expected, 12);
  });

  it('refuses no values and percentages out of range', () => {
    expect(() => percentile([], 50)).toThrow(ArgumentError);
    expect(() => percentile([1], 101)).toThrow(ArgumentError);
  });
});
