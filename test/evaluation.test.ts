/** The fused forward pass against the differentiable one in evaluation mode, and each fused operation against its parts. */

import { describe, expect, it } from 'vitest';
import { ShapeError } from '../src/device/errors.js';
import * as conv from '../src/kernels/matrix/conv.js';
import { Random } from '../src/kernels/random.js';
import { forward } from '../src/nn/network.js';
import { evaluate } from '../src/nn/prediction/evaluation.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { fold, fusedConv1d, fusedConvCodes, fusedDense } from '../src/tensor/fused.js';
import * as ops from '../src/tensor/operations.js';
import { Tensor } from '../src/tensor/tensor.js';
import { floats, take, useGpu } from './support/gpu.js';
import { expectClose, normals } from './support/numbers.js';

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

  it('start from codes as convCodes, batch norm and ReLU do', async () => {
    const { w, affine, moments } = layer(2, [11, 4, 20]);
    const random = new Random(1, 1);
    const letters = Uint32Array.from({ length: 3 * 41 }, (_, i) => random.draws(i).below(5));
    using codes = Tensor.from(gpu(), letters, [1, 3, 41]);
    using convolved = ops.convCodes(codes, w);
    using normalised = ops.batchNormEvaluation(convolved, affine, moments);
    using kernel = fold(w, affine, moments);
    expectClose(await take(fusedConvCodes(codes, kernel)), await take(ops.relu(normalised)), 1e-5);
    for (const tensor of [w, affine, moments]) tensor.dispose();
  });

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
