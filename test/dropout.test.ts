/**
 * Dropout: the mask is the host's Threefry bit for bit, and depends on seed, layer, step and element alone.
 */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ShapeError } from '../src/device/errors.js';
import { createLearners, type Learners } from '../src/kernels/training/learners.js';
import * as ops from '../src/tensor/operations.js';
import { Tape } from '../src/tensor/tape.js';
import { Tensor } from '../src/tensor/tensor.js';
import { floats, take, useGpu } from './support/gpu.js';
import { normals } from './support/numbers.js';
import { dropoutMask } from './support/reference-operations.js';

const gpu = useGpu();
let learners: Learners;
beforeEach(() => {
  learners = createLearners(gpu());
});
afterEach(() => learners.dispose());

/** Sets the step of all models; model e has the seed of the first and e. */
const setStep = (step: number, seed: number, models = 1): void =>
  learners.set(Array.from({ length: models }, (_, e) => ({ seed: seed + e, step, rate: 0, epsilon: 0 })));

interface Mask {
  readonly rate: number;
  readonly seed: number;
  readonly layer: number;
}

/** The mask that the GPU draws: dropout of ones, unscaled. */
async function gpuMask(mask: Mask, step: number, shape: readonly number[]): Promise<number[]> {
  setStep(step, mask.seed, shape[0]);
  using ones = Tensor.from(gpu(), new Float32Array(shape.reduce((a, b) => a * b)).fill(1), shape);
  return Array.from(await take(ops.dropout(ones, mask, learners)), (value) => Number(value > 0));
}

const mask: Mask = { rate: 0.5, seed: 7, layer: 3 };

describe('the mask', () => {
  it.each([
    { rate: 0.1, rows: 1, channels: 1 },
    { rate: 0.5, rows: 9, channels: 37 },
    { rate: 0.2, rows: 64 * 2 + 1, channels: 3 },
  ])('is the host twin at rate $rate over $rows x $channels', async ({ rate, rows, channels }) => {
    const one = { ...mask, rate, seed: 0xfffffff0 };
    const twin = dropoutMask({ ...one, step: 12345 }, rows, channels);
    expect(await gpuMask(one, 12345, [1, rows, channels])).toEqual(twin);
  });

  it('of model e is the one it has alone under seed + e', async () => {
    const count = 101;
    const together = await gpuMask(mask, 4, [3, count]);
    const alone = [0, 1, 2].flatMap((e) => dropoutMask({ ...mask, seed: mask.seed + e, step: 4 }, 1, count));
    expect(together).toEqual(alone);
  });

  it('changes with step, layer and seed', async () => {
    const masks = [
      await gpuMask(mask, 1, [1, 64]),
      await gpuMask(mask, 2, [1, 64]),
      await gpuMask({ ...mask, layer: 4 }, 1, [1, 64]),
      await gpuMask({ ...mask, seed: 8 }, 1, [1, 64]),
    ];
    expect(new Set(masks.map((bits) => bits.join(''))).size).toBe(4);
  });

  it.each([0.1, 0.5, 0.9])('drops a share of %d', async (rate) => {
    const count = 20_000;
    const kept = (await gpuMask({ ...mask, rate }, 1, [1, count])).reduce((sum, bit) => sum + bit, 0);
    // Five standard errors.
    expect(Math.abs(kept / count - (1 - rate))).toBeLessThan(5 * Math.sqrt((rate * (1 - rate)) / count));
  });
});

describe('dropout', () => {
  it('scales what it keeps, and its gradient has the same mask and scale', async () => {
    const [models, count] = [3, 45];
    const rate = 0.2;
    const data = normals(models * count);
    const kept = [0, 1, 2].flatMap((e) =>
      dropoutMask({ ...mask, rate, seed: mask.seed + e, step: 9 }, 1, count),
    );
    setStep(9, mask.seed, models);
    using x = floats(gpu(), data, [models, count]);
    using tape = new Tape();
    using y = tape.watch(() => ops.dropout(x, { ...mask, rate }, learners));
    const [gradient] = tape.gradients(y, [x]);
    const scale = Math.fround(1 / (1 - rate));
    expect(await y.readFloats()).toEqual(data.map((value, i) => Math.fround(value * scale) * kept[i]! + 0));
    expect(await take(gradient!)).toEqual(Float32Array.from(kept, (bit) => bit * scale));
  });

  it('after a batch norm and a ReLU has the mask of a dropout alone, forward and backward', async () => {
    const [models, batch, length, channels] = [2, 3, 23, 5];
    const size = [models, batch, length, channels];
    using x = floats(gpu(), normals(models * batch * length * channels), size);
    using affine = floats(gpu(), normals(models * 2 * channels, 2), [models, 2, channels]);
    const finish = { mask: { ...mask, rate: 0.3 }, learners };
    setStep(5, mask.seed, models);
    const run = (fused: boolean) => {
      using tape = new Tape();
      const y = tape.watch(() => {
        using running = Tensor.zeros(gpu(), [models, 2, channels]);
        if (fused) return ops.batchNorm(x, affine, running, { relu: true, dropout: finish });
        using normal = ops.batchNorm(x, affine, running);
        using rectified = ops.relu(normal);
        return ops.dropout(rectified, finish.mask, learners);
      });
      return [y, ...tape.gradients(y, [x, affine])];
    };
    const [fused, parts] = [run(true), run(false)];
    for (const [i, tensor] of fused.entries()) expect(await take(tensor)).toEqual(await take(parts[i]!));
  });

  it('after a batch norm needs a ReLU between', () => {
    using x = floats(gpu(), [1, 2], [1, 2, 1]);
    using affine = floats(gpu(), [1, 0], [1, 2, 1]);
    using running = floats(gpu(), [0, 1], [1, 2, 1]);
    expect(() => ops.batchNorm(x, affine, running, { dropout: { mask, learners } })).toThrow(ShapeError);
  });

  it('at rate 0 is the identity', async () => {
    using x = floats(gpu(), [1, 2, 3], [1, 3]);
    using y = ops.dropout(x, { ...mask, rate: 0 }, learners);
    expect(y.id).toBe(x.id);
  });

  it.each([-0.1, 1, Number.NaN])('refuses a rate of %d', (rate) => {
    using x = floats(gpu(), [1], [1, 1]);
    expect(() => ops.dropout(x, { ...mask, rate }, learners)).toThrow(ShapeError);
  });
});
