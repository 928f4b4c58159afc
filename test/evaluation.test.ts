/**
 * The fused forward pass against the differentiable one in evaluation mode, and each fused operation against
 * its parts.
 */

import type { Float16Array } from '@petamoriken/float16';
import { describe, expect, it } from 'vitest';
import { ShapeError } from '../src/device/errors.js';
import * as conv from '../src/kernels/matrix/conv.js';
import { Random } from '../src/kernels/random.js';
import { forward } from '../src/nn/network.js';
import { evaluate } from '../src/nn/prediction/evaluation.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { fold, fusedConv1d, fusedConvCodes, fusedDense, unfolded } from '../src/tensor/fused.js';
import * as ops from '../src/tensor/operations.js';
import { cast } from '../src/tensor/reductions.js';
import { Tensor } from '../src/tensor/tensor.js';
import { floats, take, useGpu } from './support/gpu.js';
import { expectClose, normals } from './support/numbers.js';
import * as reference from './support/reference-operations.js';

const gpu = useGpu();

/** A kernel, an affine map and moments with positive variances. */
function layer(models: number, kernel: readonly number[]) {
  const outputs = kernel.at(-1)!;
  const size = kernel.reduce((a, b) => a * b);
  const moments = normals(models * 2 * outputs, 3).map((x, i) =>
    Math.floor(i / outputs) % 2 === 1 ? 0.2 + x * x : x,
  );
  return {
    w: floats(gpu(), normals(models * size, 1), [models, ...kernel]),
    affine: floats(gpu(), normals(models * 2 * outputs, 2), [models, 2, outputs]),
    moments: floats(gpu(), moments, [models, 2, outputs]),
  };
}

const sizes = [
  { models: 1, batch: 2, length: 9, inputs: 5, outputs: 7, taps: 3, dilation: 2 },
  { models: 3, batch: 1, length: 4, inputs: 40, outputs: 33, taps: 3, dilation: 4 },
  { models: 2, batch: 3, length: 41, inputs: 8, outputs: 96, taps: 5, dilation: 1 },
];

describe('fused operations', () => {
  it.each(sizes)('convolve as conv1d, batch norm, skip and ReLU do: %o', async (size) => {
    const { models, batch, length, inputs, outputs, taps, dilation } = size;
    const { w, affine, moments } = layer(models, [taps, inputs, outputs]);
    using x = floats(gpu(), normals(models * batch * length * inputs, 4), [models, batch, length, inputs]);
    using skip = floats(gpu(), normals(models * batch * length * outputs, 5), [
      models,
      batch,
      length,
      outputs,
    ]);
    using convolved = ops.conv1d(x, w, { dilation });
    using normalised = ops.batchNormEvaluation(convolved, affine, moments);
    using sum = ops.add(normalised, skip);
    const expected = await take(ops.relu(sum));
    using kernel = fold(w, affine, moments);
    expectClose(await take(fusedConv1d(x, kernel, { dilation, skip, relu: true })), expected, 1e-5);
    expectClose(await take(fusedConv1d(x, kernel, { dilation })), await normalised.readFloats(), 1e-5);
    for (const tensor of [w, affine, moments]) tensor.dispose();
  });

  it.each([{ path: 'workgroup', rows: 4, cols: 4, x: 16, y: 16, slice: 16 }] as const)(
    'finish alike on the $path path',
    async (variant) => {
      const [size] = sizes as [(typeof sizes)[number]];
      const { models, batch, length, inputs, outputs, taps } = size;
      const shape = { ...size, rows: batch * length };
      using x = floats(gpu(), normals(models * batch * length * inputs, 4), [models, batch, length, inputs]);
      using w = floats(gpu(), normals(models * taps * inputs * outputs, 1), [models, taps, inputs, outputs]);
      using bias = floats(gpu(), normals(models * outputs, 6), [models, outputs]);
      using skip = floats(gpu(), normals(models * batch * length * outputs, 5), [
        models,
        batch,
        length,
        outputs,
      ]);
      const run = (chosen?: typeof variant) => {
        const y = Tensor.empty(gpu(), skip.shape);
        conv.conv1d(gpu(), x, w, y, shape, { bias, skip, relu: true }, chosen);
        return take(y);
      };
      expectClose(await run(variant), await run(), 1e-5);
    },
  );

  it.each([11, 51])('start from codes as convCodes, batch norm and ReLU do: %i taps', async (taps) => {
    const { w, affine, moments } = layer(2, [taps, 4, 20]);
    const random = new Random(1, 1);
    const letters = Uint32Array.from({ length: 3 * 41 }, (_, i) => random.draws(i).below(5));
    using codes = Tensor.from(gpu(), letters, [1, 3, 41]);
    using convolved = ops.convCodes(codes, w);
    using normalised = ops.batchNormEvaluation(convolved, affine, moments);
    using kernel = fold(w, affine, moments);
    expectClose(
      await take(fusedConvCodes(codes, kernel, { relu: false })),
      await normalised.readFloats(),
      1e-5,
    );
    expectClose(await take(fusedConvCodes(codes, kernel)), await take(ops.relu(normalised)), 1e-5);
    for (const tensor of [w, affine, moments]) tensor.dispose();
  });

  it.for(['f32', 'f16'] as const)(
    'take kernels that no batch norm follows, and add without rectifying, stored as %s',
    async (storage, { skip }) => {
      if (storage === 'f16' && !gpu().device.features.has('shader-f16')) skip('this adapter has no f16');
      const size = { batch: 2, length: 9, inputs: 5, outputs: 7, taps: 3, dilation: 2 };
      const { batch, length, inputs, outputs, taps } = size;
      const [models, rows, weights, stride] = [2, batch * length, taps * inputs * outputs, 192];
      // Parameters of several models are slices, with gaps between the models. Halves hold the numbers of
      // this test.
      const numbers = (count: number, seed: number) =>
        normals(count, seed).map((value) => Math.round(value * 32) / 32);
      const all = numbers(models * stride, 1);
      using parameters = floats(gpu(), all, [models, stride]);
      using w = parameters.slice(0, [models, taps, inputs, outputs], stride);
      using b = parameters.slice(128, [models, outputs], stride);
      const stored = (values: Float32Array, shape: readonly number[]) => {
        using full = floats(gpu(), values, shape);
        return cast(full, storage);
      };
      const [xs, added] = [numbers(models * rows * inputs, 2), numbers(models * rows * outputs, 3)];
      using x = stored(xs, [models, batch, length, inputs]);
      using more = stored(added, [models, batch, length, outputs]);
      using kernel = unfolded(w, b, storage);
      expect(kernel.w.dtype).toBe(storage);
      using y = fusedConv1d(x, kernel, { dilation: 2, skip: more, relu: false });
      const expected = [0, 1].flatMap((e) => {
        const of = (values: Float32Array, count: number) => values.subarray(e * count, (e + 1) * count);
        const own = of(all, stride);
        const sums = reference.conv1d(of(xs, rows * inputs), own.subarray(0, weights), size);
        return [...sums.map((sum, i) => sum + own[128 + (i % outputs)]! + of(added, rows * outputs)[i]!)];
      });
      expect(Math.min(...expected)).toBeLessThan(0);
      const actual = Float32Array.from((await y.read()) as Float16Array);
      expectClose(actual, expected, storage === 'f32' ? 1e-6 : 2 ** -11);
    },
  );

  it('multiply as dense, bias and ReLU do', async () => {
    using x = floats(gpu(), normals(2 * 5 * 30, 1), [2, 5, 30]);
    using w = floats(gpu(), normals(2 * 30 * 9, 2), [2, 30, 9]);
    using b = floats(gpu(), normals(2 * 9, 3), [2, 9]);
    using product = ops.dense(x, w);
    using sum = ops.bias(product, b);
    expectClose(await take(fusedDense(x, w, b)), await sum.readFloats(), 1e-5);
    expectClose(await take(fusedDense(x, w, b, true)), await take(ops.relu(sum)), 1e-5);
  });

  it('let NaN through', async () => {
    using x = floats(gpu(), [Number.NaN, -1], [1, 2, 1]);
    using w = floats(gpu(), [1], [1, 1, 1]);
    using b = floats(gpu(), [0], [1, 1]);
    expect([...(await take(fusedDense(x, w, b, true)))]).toEqual([Number.NaN, 0]);
  });

  it('refuse shapes that do not go together', () => {
    using x = floats(gpu(), normals(8, 1), [1, 2, 4]);
    using w = floats(gpu(), normals(6, 1), [1, 3, 2]);
    using b = floats(gpu(), normals(2, 1), [1, 2]);
    expect(() => fusedDense(x, w, b)).toThrow(ShapeError);
    expect(() => fold(w, b, b)).toThrow('fold: affine');
  });
});

describe('evaluate', () => {
  it.each([
    { preset: 'paper', models: 1, channels: 4 },
    { preset: 'keras', models: 3, channels: 4 },
    { preset: 'paper', models: 1, channels: 9 },
  ] as const)(
    'equals the differentiable pass: $preset, $models models, $channels channels',
    async (options) => {
      const { channels, models } = options;
      using model = await ResidualBind.create(gpu(), { ...options, filters: 12, hidden: 10, seed: 2 });
      // Statistics and affine parameters of a model that has learned something.
      for (const set of [model.parameters, model.statistics]) {
        for (const [i, { name, shape }] of set.specs.entries()) {
          if (!/affine|moments/.test(name)) continue;
          const values = normals(models * shape.reduce((a, b) => a * b), 10 + i);
          await set.get(name).write(Float32Array.from(values, (x) => 0.3 + x * x));
        }
      }
      const batch = 5;
      const random = new Random(3, 1);
      const letters = Uint32Array.from({ length: batch * 41 }, (_, i) => random.draws(i).below(5));
      using codes = Tensor.from(gpu(), letters, [1, batch, 41]);
      using profile =
        channels === 4
          ? undefined
          : floats(gpu(), normals(batch * 41 * (channels - 4), 4), [1, batch, 41, channels - 4]);
      const expected = await take(forward(model, { codes, profile }, { kind: 'evaluation' }));
      expectClose(await take(evaluate(model, { codes, profile })), expected, 1e-5);
    },
  );
});
