/**
 * Batch normalisation in training and evaluation, its running statistics, and its arithmetic far from zero.
 */

import { describe, expect, it } from 'vitest';
import { ShapeError } from '../src/device/errors.js';
import { batchStatistics, mergeStatistics, statisticsOf } from '../src/kernels/training/batch-norm.js';
import * as ops from '../src/tensor/operations.js';
import { Tensor } from '../src/tensor/tensor.js';
import { checkOperation, type Input } from './support/check-operation.js';
import { floats, take, useGpu } from './support/gpu.js';
import { expectClose, normals } from './support/numbers.js';
import { channelMoments, normalise } from './support/reference-operations.js';

const gpu = useGpu();
const EPSILON = 1e-3;

interface Sizes {
  readonly batch: number;
  readonly length: number;
  readonly channels: number;
}

const sizes: readonly Sizes[] = [
  { batch: 2, length: 1, channels: 1 },
  { batch: 1, length: 7, channels: 5 },
  { batch: 3, length: 5, channels: 33 },
  // Several chunks of 64 rows, the last one of 1 and of 13.
  { batch: 5, length: 13, channels: 3 },
  { batch: 11, length: 19, channels: 2 },
];

const inputs = ({ batch, length, channels }: Sizes): Record<'x' | 'affine' | 'moments', Input> => ({
  x: { shape: [batch, length, channels] },
  affine: { shape: [2, channels] },
  moments: {
    shape: [2, channels],
    differentiable: false,
    // The second half are variances.
    map: (normal, i) => (i < channels ? normal : Math.abs(normal) + 0.1),
  },
});

checkOperation('batchNorm', gpu, {
  cases: sizes,
  inputs,
  apply: ({ x, affine, moments }) => ops.batchNorm(x, affine, moments),
  reference: ({ x, affine }, { channels }) => normalise(x, channelMoments(x, channels), affine, EPSILON),
  gradientTolerance: 3e-4,
});

checkOperation('batchNorm of a dense layer', gpu, {
  cases: [{ batch: 9, channels: 4 }],
  inputs: ({ batch, channels }) => {
    const { x: _, ...others } = inputs({ batch, length: 1, channels });
    return { x: { shape: [batch, channels] } as Input, ...others };
  },
  apply: ({ x, affine, moments }) => ops.batchNorm(x, affine, moments, { epsilon: 0.1 }),
  reference: ({ x, affine }, { channels }) => normalise(x, channelMoments(x, channels), affine, 0.1),
});

checkOperation('batchNormEvaluation', gpu, {
  cases: sizes,
  inputs,
  apply: ({ x, affine, moments }) => ops.batchNormEvaluation(x, affine, moments),
  reference: ({ x, affine, moments }) => normalise(x, moments, affine, EPSILON),
});

checkOperation('batchNorm, skip and ReLU', gpu, {
  cases: sizes,
  inputs: (size) => ({ ...inputs(size), skip: inputs(size).x }),
  apply: ({ x, affine, moments, skip }) => ops.batchNorm(x, affine, moments, { skip, relu: true }),
  reference: ({ x, affine, skip }, { channels }) =>
    normalise(x, channelMoments(x, channels), affine, EPSILON).map((y, i) => Math.max(0, y + skip[i]!)),
  gradientTolerance: 3e-4,
});

checkOperation('batchNormEvaluation and skip', gpu, {
  cases: sizes,
  inputs: (size) => ({ ...inputs(size), skip: inputs(size).x }),
  apply: ({ x, affine, moments, skip }) => ops.batchNormEvaluation(x, affine, moments, { skip }),
  reference: ({ x, affine, moments, skip }) =>
    normalise(x, moments, affine, EPSILON).map((y, i) => y + skip[i]!),
});

describe('running statistics', () => {
  it.each([1, 3])('move by a hundredth towards the biased moments of each of %d models', async (models) => {
    const [rows, channels] = [130, 5];
    const data = normals(models * rows * channels, 1);
    const before = normals(models * 2 * channels, 2);
    using x = floats(gpu(), data, [models, rows, channels]);
    using affine = floats(gpu(), normals(models * 2 * channels, 3), [models, 2, channels]);
    const running = floats(gpu(), before, [models, 2, channels]);
    ops.batchNorm(x, affine, running).dispose();
    const part = rows * channels;
    const batch = Array.from({ length: models }, (_, e) => [
      ...channelMoments(data.subarray(e * part, (e + 1) * part), channels),
    ]).flat();
    expectClose(
      await take(running),
      batch.map((value, i) => 0.99 * before[i]! + 0.01 * value),
      1e-6,
    );
  });

  it('replace the old ones at momentum 0', async () => {
    using x = floats(gpu(), [1, 2, 3, 6], [1, 4, 1]);
    using affine = floats(gpu(), [1, 0], [1, 2, 1]);
    const running = floats(gpu(), [50, 60], [1, 2, 1]);
    ops.batchNorm(x, affine, running, { momentum: 0 }).dispose();
    expectClose(await take(running), [3, 3.5], 1e-6);
  });
});

describe('data far from zero', () => {
  // At 1e4 an f32 resolves 1e-3; a difference of mean squares would be off by more than the variance itself.
  it('keeps their variance over many chunks', async () => {
    const [rows, channels] = [1000, 3];
    const data = normals(rows * channels, 4).map((value, i) =>
      Math.fround(value * (1 + (i % channels)) + 1e4),
    );
    using x = floats(gpu(), data, [1, rows, channels]);
    using affine = floats(gpu(), [1, 1, 1, 0, 0, 0], [1, 2, channels]);
    using running = floats(gpu(), new Float32Array(6), [1, 2, channels]);
    const y = ops.batchNorm(x, affine, running, { momentum: 0 });
    const expected = channelMoments(data, channels);
    const moments = await running.readFloats();
    expectClose(moments.subarray(0, channels), expected.subarray(0, channels), 1e-7, 'mean');
    expectClose(moments.subarray(channels), expected.subarray(channels), 1e-5, 'variance');
    expectClose(await take(y), normalise(data, expected, [1, 1, 1, 0, 0, 0], EPSILON), 1e-3, 'result');
  });

  // 1, 2, 9 and 42 chunks of 24 rows; hardware takes eight threads a channel.
  it.each([1, 3, 8])('merges chunks by %i threads a channel to the same moments', async (parts) => {
    for (const rows of [5, 25, 200, 1000]) {
      const shape = { models: 2, rows, channels: 35, length: 1 };
      const size = rows * shape.channels;
      const data = normals(2 * size, 5).map((value) => Math.fround(value + 1e4));
      using x = floats(gpu(), data, [2, rows, shape.channels]);
      using partial = Tensor.empty(gpu(), [statisticsOf(shape), 2, 3, shape.channels]);
      using moments = Tensor.empty(gpu(), [2, 3, shape.channels]);
      using running = floats(gpu(), new Float32Array(2 * 2 * shape.channels), [2, 2, shape.channels]);
      batchStatistics(gpu(), x, partial, shape);
      mergeStatistics(gpu(), partial, moments, running, { ...shape, momentum: 0 }, parts);
      const merged = await running.readFloats();
      for (const e of [0, 1]) {
        const expected = channelMoments(data.slice(e * size, (e + 1) * size), shape.channels);
        const actual = merged.subarray(e * 2 * shape.channels, (e + 1) * 2 * shape.channels);
        expectClose(actual.subarray(0, shape.channels), expected.subarray(0, shape.channels), 1e-7, 'mean');
        expectClose(actual.subarray(shape.channels), expected.subarray(shape.channels), 1e-5, 'variance');
      }
    }
  });

  it('gives a constant channel the variance 0 and the result beta', async () => {
    using x = Tensor.from(gpu(), new Float32Array(200).fill(12345.5), [1, 200, 1]);
    using affine = floats(gpu(), [2, 0.5], [1, 2, 1]);
    using running = floats(gpu(), [0, 1], [1, 2, 1]);
    const y = ops.batchNorm(x, affine, running, { momentum: 0 });
    expect(await take(y)).toEqual(new Float32Array(200).fill(0.5));
    expect((await running.readFloats())[1]).toBe(0);
  });
});

it('refuses statistics of other channels', () => {
  using x = Tensor.zeros(gpu(), [1, 4, 3]);
  using affine = Tensor.zeros(gpu(), [1, 2, 3]);
  using moments = Tensor.zeros(gpu(), [1, 2, 4]);
  expect(() => ops.batchNorm(x, affine, moments)).toThrow(ShapeError);
  expect(() => ops.batchNormEvaluation(x, affine, moments)).toThrow(
    'moments must be [1, 2, 3], not [1, 2, 4]',
  );
});
