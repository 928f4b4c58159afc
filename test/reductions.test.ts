/** Reductions and conversions without gradients: row statistics, Pearson's terms, f16 storage. */

import { Float16Array } from '@petamoriken/float16';
import { describe, expect, it } from 'vitest';
import { ShapeError } from '../src/device/errors.js';
import { cast, pearsonTerms, rowMoments } from '../src/tensor/reductions.js';
import { Tensor } from '../src/tensor/tensor.js';
import { floats, take, useGpu } from './support/gpu.js';
import { expectClose, normals } from './support/numbers.js';

const gpu = useGpu();

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((a, b) => a + b, 0) / values.length;

/** Sum of products of deviations, in float64. */
function products(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const [mx, my] = [mean(x), mean(y)];
  return Array.from(x).reduce((sum, value, i) => sum + (value - mx) * (y[i]! - my), 0);
}

describe('rowMoments', () => {
  it.each([
    { models: 1, rows: 1, count: 1, offset: 0 },
    { models: 1, rows: 5, count: 2, offset: 0 },
    { models: 3, rows: 7, count: 63, offset: 3 },
    { models: 2, rows: 3, count: 1000, offset: 0 },
    { models: 1, rows: 2, count: 300, offset: 1e4 },
  ])('$models x $rows rows of $count around $offset', async ({ models, rows, count, offset }) => {
    const data = normals(models * rows * count).map((value) => value + offset);
    using x = floats(gpu(), data, [models, rows, count]);
    const actual = await take(rowMoments(x));
    const all = Array.from({ length: models * rows }, (_, r) => data.subarray(r * count, (r + 1) * count));
    const half = (which: number) => actual.filter((_, i) => i % 2 === which);
    expectClose(half(0), all.map(mean), 1e-6, 'mean');
    const variances = all.map((row) => (count > 1 ? products(row, row) / (count - 1) : 0));
    expectClose(half(1), variances, 1e-5, 'variance');
  });
});

describe('pearsonTerms', () => {
  it.each([
    { models: 1, count: 2, shared: false, offset: 0 },
    { models: 3, count: 65, shared: true, offset: 0 },
    { models: 3, count: 500, shared: false, offset: 0 },
    { models: 1, count: 500, shared: false, offset: 1e4 },
  ])('$models models, $count pairs around $offset, shared $shared', async (size) => {
    const { models, count, shared, offset } = size;
    const xs = normals(models * count, 1).map((value) => value + offset);
    const ys = normals((shared ? 1 : models) * count, 2).map((value) => value + offset);
    using x = floats(gpu(), xs, [models, 1, count]);
    using y = floats(gpu(), ys, [shared ? 1 : models, count, 1]);
    const actual = await take(pearsonTerms(x, y));
    for (let e = 0; e < models; e++) {
      const xe = xs.subarray(e * count, (e + 1) * count);
      const ye = shared ? ys : ys.subarray(e * count, (e + 1) * count);
      expectClose(actual.subarray(6 * e, 6 * e + 2), [mean(xe), mean(ye)], 1e-6, 'means');
      const sums = [products(xe, xe), products(ye, ye), products(xe, ye)];
      expectClose(actual.subarray(6 * e + 2, 6 * e + 5), sums, 1e-5, 'sums');
      expect(actual[6 * e + 5]).toBe(count);
    }
  });
});

describe('cast', () => {
  // Powers of two, the largest half, subnormal halves, and numbers that halves hold exactly.
  const exact = [0, -0, 1, -2, 0.5, 65504, -65504, 2 ** -14, 2 ** -24, -(2 ** -20), 1.0009765625, 2047];

  it('to f16 and back keeps what f16 can hold', async () => {
    using x = floats(gpu(), exact, [1, exact.length]);
    using half = cast(x, 'f16');
    expect(half.dtype).toBe('f16');
    expect(Array.from((await half.read()) as Float16Array)).toEqual(exact);
    expect(Array.from(await take(cast(half, 'f32')))).toEqual(exact);
  });

  it.each([1, 2, 127, 1000])('rounds %d numbers to a neighbouring half', async (count) => {
    const data = normals(count);
    using x = floats(gpu(), data, [1, count]);
    using half = cast(x, 'f16');
    const actual = await half.read();
    const nearest = Float16Array.from(data);
    expect(actual.length).toBe(count);
    // WGSL leaves the direction of rounding to the adapter, so one unit in the last place is allowed.
    data.forEach((value, i) => {
      const unit = 2 ** Math.max(-24, Math.floor(Math.log2(Math.abs(value))) - 10);
      expect(Math.abs(actual[i]! - value)).toBeLessThan(unit);
      expect(Math.abs(actual[i]! - nearest[i]!)).toBeLessThanOrEqual(unit);
    });
  });

  it.each([1, 3, 64])('reads %d uploaded halves', async (count) => {
    const data = Float16Array.from(normals(count));
    using half = Tensor.from(gpu(), data, [1, count]);
    expect(Array.from(await take(cast(half, 'f32')))).toEqual(Array.from(data));
  });

  it.each([1, 6, 33])('takes slices of several models, as parameters are: %d numbers each', async (part) => {
    const [models, stride, start] = [3, 384, 128];
    const data = Float16Array.from(normals(models * stride));
    const expected = Array.from({ length: models * part }, (_, i) => {
      const model = Math.floor(i / part);
      return data[model * stride + start + (i % part)]!;
    });
    for (const whole of [floats(gpu(), data, [models, stride]), Tensor.from(gpu(), data, [models, stride])]) {
      using _ = whole;
      using slice = whole.slice(start, [models, part], stride);
      using other = cast(slice, whole.dtype === 'f16' ? 'f32' : 'f16');
      expect(Array.from(await other.read())).toEqual(expected);
    }
  });

  it('keeps a tensor that has the type already, and refuses codes', () => {
    using x = floats(gpu(), [1], [1]);
    using same = cast(x, 'f32');
    expect(same.id).toBe(x.id);
    using codes = Tensor.from(gpu(), Uint32Array.of(1), [1]);
    expect(() => cast(codes, 'f16')).toThrow(ShapeError);
  });
});
