/** Correlations against values by hand, ties included, and the GPU's against the host's. */

import { describe, expect, it } from 'vitest';
import { ShapeError } from '../src/device/errors.js';
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
});
