/** f16 storage of kernels and activations: the sums stay f32, so only rounding on the way to memory is lost. */

import { Float16Array } from '@petamoriken/float16';
import { describe, expect, it } from 'vitest';
import { makeBackgrounds } from '../src/gia/backgrounds.js';
import { importance } from '../src/gia/importance.js';
import { parsePattern } from '../src/gia/patterns.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { storageError } from '../src/nn/storage-error.js';
import { fold, fusedConv1d, fusedMeanPool } from '../src/tensor/fused.js';
import { Tensor } from '../src/tensor/tensor.js';
import { floats, useGpu } from './support/gpu.js';
import { expectClose, normals } from './support/numbers.js';

const gpu = useGpu();
const hasHalves = (): boolean => gpu().device.features.has('shader-f16');
/** Half a unit in the last of f16's 11 bits. */
const ROUNDING = 2 ** -11;

const model = () => ResidualBind.create(gpu(), { filters: 16, hidden: 24, seed: 3, models: 2 });
const sequences = (count: number) => makeBackgrounds({ kind: 'uniform', count, length: 41, seed: 5 });

describe('f16 storage', () => {
  it('rounds what a kernel stores and nothing else', async ({ skip }) => {
    if (!hasHalves()) return skip('this adapter has no shader-f16');
    const [models, batch, length, channels] = [2, 3, 11, 33];
    // Numbers that f16 holds exactly, so that both storages start from the same.
    const numbers = (size: number, seed: number) =>
      normals(size, seed).map((value) => Math.round(value * 64) / 64);
    const size = models * batch * length * channels;
    using x = floats(gpu(), numbers(size, 1), [models, batch, length, channels]);
    using half = Tensor.from(gpu(), Float16Array.from(numbers(size, 1)), x.shape);
    using w = floats(gpu(), numbers(models * 3 * channels * 7, 2), [models, 3, channels, 7]);
    const unit = (values: readonly number[]) =>
      floats(
        gpu(),
        [0, 1].flatMap(() => values.flatMap((value) => Array(7).fill(value))),
        [models, 2, 7],
      );
    // gamma 1, beta 0; mean 0, variance 1 less epsilon: folding changes nothing.
    using affine = unit([1, 0]);
    using moments = unit([0, 1]);
    using exact = fold(w, affine, moments, 'f32', 0);
    using rounded = fold(w, affine, moments, 'f16', 0);
    using y = fusedConv1d(x, exact, { dilation: 2, relu: true });
    using yHalf = fusedConv1d(half, rounded, { dilation: 2, relu: true });
    expect(yHalf.dtype).toBe('f16');
    const expected = await y.readFloats();
    const actual = (await yHalf.read()) as ArrayLike<number>;
    for (const [i, value] of expected.entries())
      expect(Math.abs(actual[i]! - value)).toBeLessThanOrEqual(Math.abs(value) * 2 * ROUNDING);
    using pooled = fusedMeanPool(y, 5);
    using pooledHalf = fusedMeanPool(yHalf, 5);
    expectClose((await pooledHalf.read()) as ArrayLike<number>, await pooled.readFloats(), 4 * ROUNDING);
  });

  it('costs predictions and importances a small, stated error', async ({ skip }) => {
    if (!hasHalves()) return skip('this adapter has no shader-f16');
    using made = await model();
    const { codes } = sequences(40);
    const { count, max, rms, deviation } = await storageError(made, codes);
    expect(count).toBe(80);
    expect(rms).toBeGreaterThan(0);
    expect(max).toBeGreaterThanOrEqual(rms);
    expect(max).toBeLessThan(0.02 * deviation);
    const run = (storage: 'f32' | 'f16') =>
      importance(made, [parsePattern('UGCAUG@17')], sequences(40), { storage });
    const [exact, half] = [await run('f32'), await run('f16')];
    expectClose(half.models[0]!.mean, exact.models[0]!.mean, 0.02);
    expect(half.models[0]!.mean).not.toEqual(exact.models[0]!.mean);
  });

  it('is refused where the adapter cannot', async ({ skip }) => {
    if (hasHalves()) return skip('this adapter has shader-f16');
    using made = await model();
    await expect(made.predict({ codes: sequences(2).codes }, { storage: 'f16' })).rejects.toThrow(
      /no shader-f16; leave the storage at f32/,
    );
  });
});
