/** Correlations against values by hand, ties included, and the GPU's against the host's. */

import { describe, expect, it } from 'vitest';
import { NotFiniteError, ShapeError } from '../src/device/errors.js';
import { agreement } from '../src/nn/agreement.js';
import { pearson, pearsonOnGpu, ranks, spearman } from '../src/nn/metrics.js';
import { floats, useGpu } from './support/gpu.js';
import { expectClose, normals } from './support/numbers.js';

const gpu = useGpu();

describe('pearson', () => {
  it.each([
    [[1, 2, 3], [2, 4, 6], 1],
    [[1, 2, 3], [3, 2, 1], -1],
    // Deviations (-1, 0, 1) and (-1, 1, 0): 1 / sqrt(2 * 2).
    [[1, 2, 3], [1, 3, 2], 0.5],
    [[1, 2, 3, 4], [1, -1, -1, 1], 0],
  ])('of %j and %j is %d', (x, y, expected) => {
    expect(pearson(x, y)).toBeCloseTo(expected, 14);
    expect(pearson(y, x)).toBeCloseTo(expected, 14);
  });

  it('does not mind an offset, and is NaN for a constant', () => {
    const x = Array.from(normals(100, 1));
    const y = Array.from(normals(100, 2));
    expect(
      pearson(
        x.map((value) => value + 1e6),
        y,
      ),
    ).toBeCloseTo(pearson(x, y), 9);
    expect(pearson([1, 1], [1, 2])).toBeNaN();
  });

  it.each([
    [[1, 2], [1]],
    [[1], [1]],
    [[], []],
  ])('refuses %j and %j', (x, y) => {
    expect(() => pearson(x, y)).toThrow(ShapeError);
  });
});

/** Constants that no binary fraction holds, in both precisions. */
const CONSTANTS = [0.1, 0.3, -0.53, 1.5, 2.7, 0, 1e-30, 12345.678];
const COUNTS = [2, 3, 7, 10, 64, 65, 200, 1000, 4131];
const waves = (count: number): number[] => Array.from({ length: count }, (_, i) => Math.sin(7.3 * i));

describe('constants', () => {
  it.each(COUNTS)('have no correlation on the host, n = %d', (count) => {
    for (const a of CONSTANTS) {
      const flat = new Array<number>(count).fill(a);
      for (const y of [waves(count), new Array<number>(count).fill(0.3)]) {
        for (const correlation of [pearson, spearman]) {
          expect(correlation(flat, y)).toBeNaN();
          expect(correlation(y, Float32Array.from(flat))).toBeNaN();
        }
      }
    }
  });

  it.each(COUNTS)('have none on the GPU either, n = %d', async (count) => {
    const rows = CONSTANTS.map((a) => new Array<number>(count).fill(a));
    using flat = floats(gpu(), rows.flat(), [CONSTANTS.length, count]);
    using varied = floats(gpu(), waves(count), [count]);
    using constant = floats(gpu(), rows[0]!, [count]);
    using one = floats(gpu(), waves(count), [1, count]);
    const none = CONSTANTS.map(() => Number.NaN);
    expect(await pearsonOnGpu(flat, varied)).toEqual(none);
    expect(await pearsonOnGpu(flat, constant)).toEqual(none);
    expect(await pearsonOnGpu(one, constant)).toEqual([Number.NaN]);
  });

  it('are told from the smallest variation', async () => {
    const above = 1 + 2 ** -23;
    const x = [1, 1, 1, above, 1, above];
    const y = [0, 0, 0, 1, 0, 1];
    expect(pearson(x, y)).toBe(1);
    expect(spearman(x, y)).toBe(1);
    // Sxx = 2 - 4/6, Sxy = 1 - 2/6: r = (2/3) / sqrt(4/3 * 5/6) of one that agrees at one of two places.
    const one = [0, 0, 0, 1, 0, 0];
    const r = 2 / 3 / Math.sqrt((4 / 3) * (5 / 6));
    expect(pearson(x, one)).toBeCloseTo(r, 14);
    using row = floats(gpu(), x, [1, 6]);
    using scores = floats(gpu(), one, [6]);
    expect((await pearsonOnGpu(row, scores))[0]).toBeCloseTo(r, 6);
  });
});

describe('numbers at the ends of the range', () => {
  it.each([1e200, 1e-200, 1.7e308, 5e-324])('do not overflow or vanish: %d', (scale) => {
    const x = [-1, 0, 1, 0, 1].map((value) => value * scale);
    expect(pearson(x, [-1, 0, 1, 0, 1])).toBeCloseTo(1, 12);
    expect(pearson([-1, 0, 1, 0, 1], x)).toBeCloseTo(1, 12);
  });

  it('that f32 cannot square have no correlation on the GPU', async () => {
    using x = floats(gpu(), [1e25, -1e25, 2e25], [1, 3]);
    using y = floats(gpu(), [1, 2, 4], [3]);
    expect(await pearsonOnGpu(x, y)).toEqual([Number.NaN]);
  });

  it('are refused when they are none', () => {
    expect(() => pearson([1, Number.NaN, 2], [1, 2, 3])).toThrow(NotFiniteError);
    expect(() => pearson([1, 2, 3], [1, 2, Infinity])).toThrow('value 3 of 3 is Infinity');
    expect(() => spearman([1, Number.NaN, 2], [1, 2, 3])).toThrow('value 2 of 3 is NaN');
  });

  it('never leave −1 to 1', () => {
    for (let n = 3; n < 60; n++) {
      const x = Array.from({ length: n }, (_, i) => 0.1 * i + 0.7);
      expect(pearson(x, x)).toBeLessThanOrEqual(1);
      expect(pearson(x, x)).toBeCloseTo(1, 14);
    }
  });
});

describe('agreement', () => {
  const [flat, varied] = [
    [2, 2, 2],
    [1, 2, 4],
  ];

  it('has both coefficients and n', () => {
    const both = agreement([1, 2, 3], varied);
    expect(both).toEqual({ pearson: pearson([1, 2, 3], varied), spearman: 1, n: 3, reason: null });
  });

  it.each([
    [varied, flat, 'constant-scores'],
    [flat, varied, 'constant-predictions'],
    [flat, flat, 'constant-scores-and-predictions'],
    [[1, 2], [3, 5], 'too-few'],
    [[1], [3], 'too-few'],
  ])('of %j and %j is undefined: %s', (predictions, scores, reason) => {
    const none = { pearson: Number.NaN, spearman: Number.NaN, n: scores.length, reason };
    expect(agreement(predictions, scores)).toEqual(none);
  });

  it('needs one prediction a score', () => {
    expect(() => agreement([1, 2, 3], [1, 2])).toThrow(ShapeError);
  });
});

describe('ranks', () => {
  it.each([
    [
      [30, 10, 20],
      [3, 1, 2],
    ],
    [
      [5, 5, 1],
      [2.5, 2.5, 1],
    ],
    [
      [2, 1, 2, 2, 0],
      [4, 2, 4, 4, 1],
    ],
    [
      [7, 7, 7, 7],
      [2.5, 2.5, 2.5, 2.5],
    ],
    [
      [0, -0, 1],
      [1.5, 1.5, 3],
    ],
    [[], []],
  ])('of %j are %j', (values, expected) => {
    expect(Array.from(ranks(values))).toEqual(expected);
  });
});

describe('spearman', () => {
  it('sees order alone', () => {
    expect(spearman([1, 2, 3, 4], [1, 10, 100, 1000])).toBeCloseTo(1, 14);
    expect(spearman([1, 2, 3], [-1, -8, -27])).toBeCloseTo(-1, 14);
  });

  it('averages ties', () => {
    // Ranks (1, 2.5, 2.5, 4) and (1, 2, 3, 4): 4.5 / sqrt(4.5 * 5).
    expect(spearman([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 14);
  });
});

describe('pearsonOnGpu', () => {
  it.each([
    { models: 1, count: 2 },
    { models: 3, count: 333 },
  ])('agrees for $models models and $count scores', async ({ models, count }) => {
    const scores = normals(count, 1);
    const data = normals(models * count, 2).map((value, i) => value + scores[i % count]! + 100);
    using predictions = floats(gpu(), data, [models, count]);
    using row = floats(gpu(), scores, [count]);
    const expected = Array.from({ length: models }, (_, e) =>
      pearson(data.subarray(e * count, (e + 1) * count), scores),
    );
    expectClose(await pearsonOnGpu(predictions, row), expected, 1e-5);
  });

  it('is NaN where a model predicts one value', async () => {
    using predictions = floats(gpu(), [1, 2, 3, 5, 5, 5], [2, 3]);
    using row = floats(gpu(), [1, 2, 3], [3]);
    const [varied, constant] = await pearsonOnGpu(predictions, row);
    expect(varied).toBeCloseTo(1, 6);
    expect(constant).toBeNaN();
  });

  it.each([
    { models: 1, outputs: 1, count: 100 },
    { models: 1, outputs: 3, count: 7 },
    { models: 3, outputs: 5, count: 130 },
  ])('leaves missing scores out: $models models, $outputs outputs, $count records', async (size) => {
    const { models, outputs, count } = size;
    // Output by output another share is missing, the first and the last record's scores among them.
    const scores = normals(count * outputs, 1).map((value, i) =>
      Math.floor(i / outputs) % (2 + (i % outputs)) === 0 || i >= outputs * (count - 1) ? Number.NaN : value,
    );
    const scoresOf = (o: number) => scores.filter((_, i) => i % outputs === o);
    const data = normals(models * outputs * count, 2).map((value, i) => {
      const score = scores[(i % count) * outputs + (Math.floor(i / count) % outputs)]!;
      return value + (Number.isNaN(score) ? 1e6 : score);
    });
    using predictions = floats(gpu(), data, [models, outputs, count]);
    using all = floats(gpu(), scores, [count, outputs]);
    const expected = Array.from({ length: models * outputs }, (_, row) => {
      const own = scoresOf(row % outputs);
      const x = data.subarray(row * count, (row + 1) * count).filter((_, i) => !Number.isNaN(own[i]!));
      return pearson(
        x,
        own.filter((score) => !Number.isNaN(score)),
      );
    });
    expectClose(await pearsonOnGpu(predictions, all), expected, 1e-5);
  });

  it('is NaN for outputs whose scores are missing, too few or constant, and only for these', async () => {
    const none = Number.NaN;
    // Record by record: every score; none; two; three equal ones; three.
    const rows = [
      [1, none, none, none, 2],
      [2, none, none, 0.1, none],
      [4, none, 1, 0.1, 1],
      [3, none, 2, none, 4],
      [5, none, none, 0.1, none],
    ];
    using predictions = floats(gpu(), normals(25, 3), [1, 5, 5]);
    using scores = floats(gpu(), rows.flat(), [5, 5]);
    const r = await pearsonOnGpu(predictions, scores);
    expect(r.map(Number.isNaN)).toEqual([false, true, true, true, false]);
  });

  it('is NaN where predictions are constant among the records that have a score', async () => {
    using predictions = floats(gpu(), [7, 0.1, 0.1, 9, 0.1, 1, 2, 3, 4, 6], [1, 2, 5]);
    using scores = floats(gpu(), [Number.NaN, 1, 1, 2, 2, 3, Number.NaN, 4, 3, 5], [5, 2]);
    const [constant, varied] = await pearsonOnGpu(predictions, scores);
    expect(constant).toBeNaN();
    expect(varied).toBeCloseTo(pearson([1, 2, 3, 4, 6], [1, 2, 3, 4, 5]), 6);
  });
});
