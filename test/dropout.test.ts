/** Dropout: the mask is the host's Threefry bit for bit, and depends on seed, layer, step and element alone. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ShapeError } from '../src/device/errors.js';
import type { UniformBlock } from '../src/device/uniform-block.js';
import { createControl } from '../src/kernels/training.js';
import * as ops from '../src/tensor/operations.js';
import { Tape } from '../src/tensor/tape.js';
import { Tensor } from '../src/tensor/tensor.js';
import { floats, take, useGpu } from './support/gpu.js';
import { normals } from './support/numbers.js';
import { dropoutMask } from './support/reference-operations.js';

const gpu = useGpu();
let control: UniformBlock;
beforeEach(() => {
  control = createControl(gpu());
});
afterEach(() => control.dispose());

interface Mask {
  readonly rate: number;
  readonly seed: number;
  readonly layer: number;
}

/** The mask that the GPU draws: dropout of ones, unscaled. */
async function gpuMask(mask: Mask, step: number, shape: readonly number[]): Promise<number[]> {
  control.set({ step });
  using ones = Tensor.from(gpu(), new Float32Array(shape.reduce((a, b) => a * b)).fill(1), shape);
  return Array.from(await take(ops.dropout(ones, mask, control)), (value) => Number(value > 0));
}

const mask: Mask = { rate: 0.5, seed: 7, layer: 3 };

describe('the mask', () => {
  it.each([
    { rate: 0.1, count: 1 },
    { rate: 0.5, count: 333 },
    { rate: 0.2, count: 64 * 2 * 3 + 1 },
  ])('is the host twin at rate $rate over $count elements', async ({ rate, count }) => {
    const one = { ...mask, rate, seed: 0xfffffff0 };
    expect(await gpuMask(one, 12345, [1, count])).toEqual(dropoutMask({ ...one, step: 12345 }, count));
  });

  it('of model e is the one it has alone under seed + e', async () => {
    const count = 101;
    const together = await gpuMask(mask, 4, [3, count]);
    const alone = [0, 1, 2].flatMap((e) => dropoutMask({ ...mask, seed: mask.seed + e, step: 4 }, count));
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
      dropoutMask({ ...mask, rate, seed: mask.seed + e, step: 9 }, count),
    );
    control.set({ step: 9 });
    using x = floats(gpu(), data, [models, count]);
    using tape = new Tape();
    using y = tape.watch(() => ops.dropout(x, { ...mask, rate }, control));
    const [gradient] = tape.gradients(y, [x]);
    const scale = Math.fround(1 / (1 - rate));
    expect(await y.readFloats()).toEqual(data.map((value, i) => Math.fround(value * scale) * kept[i]! + 0));
    expect(await take(gradient!)).toEqual(Float32Array.from(kept, (bit) => bit * scale));
  });

  it('at rate 0 is the identity', async () => {
    using x = floats(gpu(), [1, 2, 3], [1, 3]);
    using y = ops.dropout(x, { ...mask, rate: 0 }, control);
    expect(y.id).toBe(x.id);
  });

  it.each([-0.1, 1, Number.NaN])('refuses a rate of %d', (rate) => {
    using x = floats(gpu(), [1], [1, 1]);
    expect(() => ops.dropout(x, { ...mask, rate }, control)).toThrow(ShapeError);
  });
});
