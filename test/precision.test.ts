/**
 * Precisions: what each needs and costs, and that only those that need it ask for it; f16 storage of kernels
 * and activations, whose sums stay f32. Matrices of f16 are known-product.test.ts.
 */

import { Float16Array } from '@petamoriken/float16';
import { describe, expect, it } from 'vitest';
import { create } from 'webgpu';
import { dawnFlags } from '../src/device/adapter/adapter.node.js';
import { PrecisionError } from '../src/device/errors.js';
import { Gpu } from '../src/device/gpu.js';
import { missingFor, needsHalves, PRECISIONS } from '../src/device/precision.js';
import { requestGpu } from '../src/device/request-gpu.js';
import { makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import { importance } from '../src/gia/importance.js';
import { parsePattern } from '../src/gia/patterns/patterns.js';
import { importanceCost } from '../src/gia/precision-cost.js';
import { checkMatrices } from '../src/kernels/precision.js';
import { predictionCost } from '../src/nn/prediction/precision-cost.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { fold, fusedConv1d, fusedPool } from '../src/tensor/fused.js';
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
    for (const by of ['mean', 'max'] as const) {
      using pooled = fusedPool(y, { by, size: 5, stride: 3 });
      using pooledHalf = fusedPool(yHalf, { by, size: 5, stride: 3 });
      expectClose((await pooledHalf.read()) as ArrayLike<number>, await pooled.readFloats(), 4 * ROUNDING);
    }
  });

  it('costs predictions and importances a small, stated error', async ({ skip }) => {
    if (!hasHalves()) return skip('this adapter has no shader-f16');
    using made = await model();
    const { codes } = sequences(40);
    const { count, max, rms, deviation } = await predictionCost(made, codes, 'f16');
    expect(count).toBe(80);
    expect(rms).toBeGreaterThan(0);
    expect(max).toBeGreaterThanOrEqual(rms);
    expect(max).toBeLessThan(0.02 * deviation);
    const patterns = ['UGCAUG@17', 'GGAC@3'].map(parsePattern);
    const run = (precision: 'f32' | 'f16') => importance(made, patterns, sequences(40), { precision });
    const [exact, half] = [await run('f32'), await run('f16')];
    const all = (result: typeof exact) => result.models.flatMap(({ mean }) => [...mean]);
    expectClose(all(half), all(exact), 0.02);
    const cost = await importanceCost(made, patterns, sequences(40), 'f16');
    expect(cost).toMatchObject({ of: 'importances', patterns: 2, backgrounds: 40 });
    expect(cost.largest).toBe(Math.max(...all(exact).map(Math.abs)));
    expect(cost.max).toBe(Math.max(...all(exact).map((value, i) => Math.abs(value - all(half)[i]!))));
    expect(cost.rms).toBeGreaterThan(0);
    expect(cost.rms).toBeLessThanOrEqual(cost.max);
  });

  it('is refused where the adapter cannot', async ({ skip }) => {
    if (hasHalves()) return skip('this adapter has shader-f16');
    using made = await model();
    await expect(made.predict({ codes: sequences(2).codes }, { precision: 'f16' })).rejects.toThrow(
      /was opened without shader-f16, which f16 needs/,
    );
    await expect(requestGpu({ precision: 'f16' })).rejects.toThrow(
      /has no shader-f16, which f16 needs; use f32/,
    );
  });
});

describe('a precision without kernels', () => {
  it('is refused by task', async () => {
    using made = await model();
    const predicted = made.predict({ codes: sequences(2).codes }, { precision: 'f16x2' });
    await expect(predicted).rejects.toThrow(PrecisionError);
    await expect(predicted).rejects.toThrow('predictions have no kernels for f16x2; use f32 or f16');
  });
});

describe("Dawn's flags", () => {
  it('are none by default, and one list of what is asked for', () => {
    expect(dawnFlags()).toEqual([]);
    expect(dawnFlags({ experimental: true })).toEqual(['enable-dawn-features=allow_unsafe_apis']);
    expect(dawnFlags({ halves: true, exactTimestamps: true })).toEqual([
      'enable-dawn-features=allow_unsafe_apis,vulkan_enable_f16_on_nvidia',
      'disable-dawn-features=timestamp_quantization',
    ]);
    expect(PRECISIONS.filter(needsHalves)).toEqual(['f16x2', 'f16']);
  });
});

const FEATURE = 'chromium-experimental-subgroup-matrix';
const config = (componentType: string, resultComponentType = 'f32', K = 16) => ({
  ...{ M: 16, N: 16, K, componentType, resultComponentType },
});

describe('what a precision needs', () => {
  const everything = new Set(['shader-f16', 'subgroups', FEATURE]);
  const adapter = { subgroupMaxSize: 32, subgroupMatrix: [config('u8', 'u32', 32), config('f16')] };
  const without = (feature: string) => new Set([...everything].filter((each) => each !== feature));

  it('is all there, or named', () => {
    for (const precision of PRECISIONS) expect(missingFor(precision, everything, adapter)).toBeUndefined();
    expect(missingFor('f32', new Set(), adapter)).toBeUndefined();
    expect(missingFor('f16', without('shader-f16'), adapter)).toBe('shader-f16');
    expect(missingFor('f16', without(FEATURE), adapter)).toBeUndefined();
    expect(missingFor('f16x2', without(FEATURE), adapter)).toBe('subgroup matrices');
    expect(missingFor('f16x2', everything, { ...adapter, subgroupMaxSize: undefined })).toBe('subgroups');
    const others = { ...adapter, subgroupMatrix: [config('f16', 'f16'), config('f16', 'f32', 8)] };
    expect(missingFor('f16x2', everything, others)).toBe(
      'subgroup matrices of 16 x 16 x 16 in f16 with sums in f32',
    );
  });

  /** An adapter that notes the features of the device asked of it, which it refuses. */
  function adapterWith(features: readonly string[]) {
    const asked: string[][] = [];
    const info = { vendor: '', architecture: '', device: 'a GPU', description: '', subgroupMaxSize: 32 };
    const adapter = {
      info: { ...info, subgroupMatrixConfigs: [config('f16')] },
      features: new Set(features),
      limits: {},
      requestDevice: async ({ requiredFeatures }: { requiredFeatures: string[] }) => {
        asked.push(requiredFeatures);
        throw new Error('no device');
      },
    };
    return { asked, adapter: adapter as unknown as GPUAdapter };
  }

  it('is asked of the device only for that precision', async () => {
    const { asked, adapter } = adapterWith([...everything]);
    for (const precision of PRECISIONS)
      await expect(Gpu.fromAdapter(adapter, { precision })).rejects.toThrow('no device');
    expect(asked.map((features) => features.includes(FEATURE))).toEqual([false, true, true]);
  });

  it('is refused before a device is opened, also where the host brought the adapter', async () => {
    const { asked, adapter } = adapterWith(['subgroups', 'shader-f16']);
    const gpu = { requestAdapter: async () => adapter } as unknown as GPU;
    const opened = requestGpu({ gpu, precision: 'f16x2' });
    await expect(opened).rejects.toThrow(PrecisionError);
    await expect(opened).rejects.toThrow('a GPU has no subgroup matrices, which f16x2 needs; use f32');
    expect(asked).toEqual([]);
  });
});

describe("Dawn's compiler", () => {
  it('takes the known product, and a device that computes nothing is found out', async ({ skip }) => {
    // Its null backend owns no hardware and runs nothing, but validates everything.
    const instance = create(['backend=null', ...dawnFlags({ halves: true })]);
    const adapter = await instance.requestAdapter();
    if (!adapter?.features.has(FEATURE)) return skip("Dawn's null adapter offers no subgroup matrices");
    using nothing = await Gpu.fromAdapter(adapter, {
      keepAlive: instance,
      experimental: ['subgroup-matrix'],
    });
    const checked = checkMatrices(nothing);
    await expect(checked).rejects.toThrow(PrecisionError);
    await expect(checked).rejects.toThrow(
      /multiplies matrices of f16 wrong \(with operands from storage: \S+ instead of -?\d+ in row 0, output 0\); use f32/,
    );
    expect(nothing.pool.usage.liveBuffers).toBe(0);
  });
});
