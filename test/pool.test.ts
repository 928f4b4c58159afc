/**
 * Pools: results and gradients against float64 loops, ties, NaN, f16 storage, and pools after a convolution.
 */

import { Float16Array } from '@petamoriken/float16';
import { describe, expect, it } from 'vitest';
import { ShapeError } from '../src/device/errors.js';
import { fold, fusedConv1d, fusedPool } from '../src/tensor/fused.js';
import * as ops from '../src/tensor/operations.js';
import { Tape } from '../src/tensor/tape.js';
import { Tensor } from '../src/tensor/tensor.js';
import { checkOperation } from './support/check-operation.js';
import { floats, take, useGpu } from './support/gpu.js';
import { expectClose, normals } from './support/numbers.js';
import { type PoolSizes, pool } from './support/reference-operations.js';

const gpu = useGpu();

const CASES = [
  { batch: 1, length: 1, channels: 1, size: 1, stride: 1 },
  // Windows that touch: with a rest, without one, and a single one.
  { batch: 2, length: 41, channels: 3, size: 10, stride: 10 },
  { batch: 3, length: 8, channels: 33, size: 4, stride: 4 },
  { batch: 1, length: 5, channels: 2, size: 5, stride: 5 },
  // Windows that overlap, by more than half and by a position.
  { batch: 2, length: 13, channels: 5, size: 5, stride: 2 },
  { batch: 1, length: 12, channels: 34, size: 4, stride: 3 },
  { batch: 2, length: 9, channels: 1, size: 3, stride: 1 },
  // Gaps between windows, a window of one position, and a stride past the end.
  { batch: 2, length: 17, channels: 3, size: 2, stride: 5 },
  { batch: 1, length: 10, channels: 31, size: 1, stride: 3 },
  { batch: 1, length: 7, channels: 2, size: 3, stride: 50 },
] satisfies Omit<PoolSizes, 'by'>[];

for (const by of ['mean', 'max'] as const) {
  checkOperation(`pool by ${by}`, gpu, {
    cases: CASES,
    inputs: ({ batch, length, channels }) => ({ x: { shape: [batch, length, channels] } }),
    apply: ({ x }, { size, stride }) => ops.pool(x, { by, size, stride }),
    reference: ({ x }, size) => pool(x, { by, ...size }),
  });
}

/**
 * Gradient of the sum of a pool over x [1, 1, length, 1], each window's share multiplied by its number from
 * 1.
 */
async function gradientOf(values: readonly number[], windows: Parameters<typeof ops.pool>[1]) {
  using x = floats(gpu(), values, [1, 1, values.length, 1]);
  using tape = new Tape();
  using y = tape.watch(() => ops.pool(x, windows));
  const count = y.shape[2]!;
  using numbers = floats(
    gpu(),
    Array.from({ length: count }, (_, i) => i + 1),
    [1, count, 1],
  );
  using row = tape.watch(() => ops.reshape(y, [1, 1, count]));
  using sum = tape.watch(() => ops.dense(row, numbers));
  const [dx] = tape.gradients(sum, [x]);
  return Array.from(await take(dx!));
}

describe('the gradient of a max pool', () => {
  it('goes to the first of equal values, as after a ReLU that gave only zeros', async () => {
    expect(await gradientOf([0, 0, 0, 0, 2, 2, 9], { by: 'max', size: 3 })).toEqual([1, 0, 0, 0, 2, 0, 0]);
  });

  it('adds up where windows share their greatest position', async () => {
    // Windows 1 to 3 hold the 5, window 4 the second 5 of the two.
    const values = [1, 2, 5, 0, 5, 3];
    expect(await gradientOf(values, { by: 'max', size: 3, stride: 1 })).toEqual([0, 0, 6, 0, 4, 0]);
  });

  it('leaves out what lies in no window', async () => {
    expect(await gradientOf([1, 2, 9, 4, 3, 9], { by: 'max', size: 2, stride: 3 })).toEqual([
      0, 1, 0, 2, 0, 0,
    ]);
  });
});

describe('special values', () => {
  it('NaN and infinities come out of the windows that hold them', async () => {
    const data = [Number.NaN, 1, 2, Number.NaN, -Infinity, -Infinity, Infinity, 3, 4, -5];
    using x = floats(gpu(), data, [1, 1, 10, 1]);
    const greatest = await take(ops.pool(x, { by: 'max', size: 2 }));
    expect(Array.from(greatest)).toEqual([Number.NaN, Number.NaN, -Infinity, Infinity, 4]);
    const means = await take(ops.pool(x, { by: 'mean', size: 2 }));
    expect(Array.from(means)).toEqual([Number.NaN, Number.NaN, -Infinity, Infinity, -0.5]);
  });
});

describe('fusedPool', () => {
  it.for(CASES)('takes and leaves f16, $length by $size every $stride', async (size, { skip }) => {
    if (!gpu().device.features.has('shader-f16')) skip('this adapter has no f16');
    const { batch, length, channels, ...windows } = size;
    const data = Float16Array.from(normals(2 * batch * length * channels, 1));
    using x = Tensor.from(gpu(), data, [2, batch, length, channels]);
    for (const by of ['mean', 'max'] as const) {
      using y = fusedPool(x, { by, ...windows });
      expect(y.dtype).toBe('f16');
      const expected = pool(Float32Array.from(data), { by, ...size, batch: 2 * batch });
      // A maximum is one of the numbers; a mean is rounded to 11 bits.
      expectClose((await y.read()) as Float16Array, expected, by === 'max' ? 0 : 2 ** -11);
    }
  });
});

describe('a pool after a convolution', () => {
  it.each([
    { by: 'mean', size: 3 },
    { by: 'mean', size: 3, stride: 3 },
    { by: 'mean', size: 3, stride: 2 },
    { by: 'mean', size: 2, stride: 3 },
    { by: 'max', size: 3, stride: 3 },
    { by: 'max', size: 3, stride: 2 },
  ] as const)('gives what the parts give: $by of $size every $stride', async (windows) => {
    const [models, batch, length, channels, outputs] = [2, 3, 7, 6, 9];
    using x = floats(gpu(), normals(models * batch * length * channels, 1), [
      models,
      batch,
      length,
      channels,
    ]);
    using w = floats(gpu(), normals(models * 3 * channels * outputs, 2), [models, 3, channels, outputs]);
    using affine = floats(gpu(), normals(models * 2 * outputs, 3), [models, 2, outputs]);
    using moments = floats(gpu(), normals(models * 2 * outputs, 4).map(Math.abs), [models, 2, outputs]);
    using skip = floats(gpu(), normals(models * batch * length * outputs, 5), [
      models,
      batch,
      length,
      outputs,
    ]);
    using kernel = fold(w, affine, moments);
    using whole = fusedConv1d(x, kernel, { dilation: 2, skip, relu: true });
    const expected = pool(await whole.readFloats(), {
      ...{ batch: models * batch, length, channels: outputs },
      ...{ by: windows.by, size: windows.size, stride: 'stride' in windows ? windows.stride : windows.size },
    });
    const pooled = fusedConv1d(x, kernel, { dilation: 2, skip, relu: true, pool: windows });
    expect(pooled.shape).toEqual([models, batch, expected.length / (models * batch * outputs), outputs]);
    expectClose(await take(pooled), expected, 1e-6);
  });
});

describe('windows that do not fit', () => {
  it('are refused', () => {
    using x = Tensor.zeros(gpu(), [1, 2, 3, 4]);
    const refused = (by: 'mean' | 'max', size: number, stride?: number) =>
      expect(() => ops.pool(x, { by, size, stride }));
    refused('mean', 4).toThrow('pool: no window of 4 fits a length of 3');
    refused('max', 2, 0).toThrow('pool: stride must be a positive whole number, not 0');
    refused('max', 1.5).toThrow(ShapeError);
    expect(() => fusedPool(x, { by: 'max', size: 4 })).toThrow('fusedPool: no window of 4');
  });
});
