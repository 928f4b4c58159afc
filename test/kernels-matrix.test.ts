/**
 * The matrix-like kernels in every variant, whichever one the adapter would get: all elements against float64
 * loops.
 */

import { Float16Array } from '@petamoriken/float16';
import { describe, expect, it } from 'vitest';
import type { AdapterDescription } from '../src/device/adapter/adapter-info.js';
import { pool } from '../src/kernels/elementwise.js';
import * as conv from '../src/kernels/matrix/conv.js';
import { splitsOf } from '../src/kernels/matrix/conv-shape.js';
import {
  describeVariant,
  fits,
  MATRIX_KERNELS,
  type MatrixVariant,
  type SubgroupVariant,
  useVariants,
  variantOf,
  variantTable,
} from '../src/kernels/matrix/variants.js';
import { batchStatistics } from '../src/kernels/training/batch-norm.js';
import { emptyStatistics } from '../src/tensor/operations.js';
import { Tensor } from '../src/tensor/tensor.js';
import { floats, take, useGpu } from './support/gpu.js';
import { expectClose, normals } from './support/numbers.js';
import * as reference from './support/reference-operations.js';

const gpu = useGpu();
const TOLERANCE = 1e-5;

interface Sizes extends reference.ConvSizes {
  readonly dilation: number;
}

const shapes: readonly Sizes[] = [
  { batch: 1, length: 1, inputs: 1, outputs: 1, taps: 1, dilation: 1 },
  { batch: 3, length: 1, inputs: 70, outputs: 66, taps: 1, dilation: 1 },
  { batch: 2, length: 41, inputs: 37, outputs: 67, taps: 3, dilation: 4 },
  { batch: 2, length: 5, inputs: 66, outputs: 3, taps: 3, dilation: 5 },
  { batch: 27, length: 21, inputs: 5, outputs: 6, taps: 3, dilation: 1 },
  // Multiples of four: the workgroup path loads four at a time.
  { batch: 3, length: 13, inputs: 36, outputs: 100, taps: 3, dilation: 2 },
];

/** Dilations that reach beyond the sequence, kernels of one tap and of more than the sequence path takes. */
const sequenceShapes: readonly Sizes[] = [
  { batch: 3, length: 7, inputs: 6, outputs: 9, taps: 3, dilation: 9 },
  { batch: 4, length: 6, inputs: 3, outputs: 10, taps: 1, dilation: 1 },
  { batch: 2, length: 6, inputs: 3, outputs: 4, taps: 5, dilation: 1 },
];

/** Tiles of the subgroup path: [SUBGROUPS, LOADS, COLS]. */
const tiles = [
  [8, 2, 4],
  [1, 1, 1],
  [2, 3, 2],
  [16, 1, 2],
  // 24 and 48 rows of 4 lanes, 48 of 8: whole chunks of batch statistics.
  [2, 6, 3],
  [1, 12, 1],
] as const;

/** A GPU whose subgroups vary in size. */
const HARDWARE: AdapterDescription = {
  class: 'hardware',
  name: '',
  vendor: '',
  architecture: '',
  subgroupSize: undefined,
  subgroupMaxSize: 64,
  subgroupMatrix: [],
};

/**
 * Tiles of the workgroup path: those of the table, the smallest, software's, one whose staging divides
 * unevenly.
 */
const hardware = variantTable(HARDWARE);
const workgroup = (rows: number, cols: number, y: number, x: number, slice: number): MatrixVariant => ({
  path: 'workgroup',
  rows,
  cols,
  x,
  y,
  slice,
});
const workgroupTiles = new Map(
  [
    ...Object.values(hardware).filter(({ path }) => path === 'workgroup'),
    workgroup(4, 8, 16, 12, 16),
    workgroup(8, 8, 8, 8, 16),
    workgroup(4, 4, 1, 1, 8),
    workgroup(4, 8, 5, 3, 8),
  ].map((variant) => [describeVariant(variant), variant]),
);

const subgroup = (
  lanes: number,
  [SUBGROUPS, LOADS, COLS]: readonly [number, number, number],
): SubgroupVariant => ({
  path: 'subgroup',
  rows: LOADS * lanes,
  cols: COLS,
  threads: SUBGROUPS * lanes,
});

/** Tiles of the sequence path: [subgroups, loads of a sequence, columns]. */
const sequenceTiles = [
  [4, 6, 4],
  [1, 2, 1],
] as const;

const sequence = (
  lanes: number,
  [subgroups, loads, cols]: readonly [number, number, number],
): MatrixVariant => ({
  path: 'sequence',
  rows: loads * lanes,
  cols,
  threads: subgroups * lanes,
});

async function check(
  variant: MatrixVariant,
  size: Sizes,
  models: number,
  gradient: MatrixVariant = variant,
): Promise<void> {
  const { batch, length, inputs, outputs, taps, dilation } = size;
  const rows = batch * length;
  const shape = { models, rows, length, inputs, outputs, taps, dilation };
  const parts = { x: rows * inputs, w: taps * inputs * outputs, dy: rows * outputs };
  const data = {
    x: normals(models * parts.x, 1),
    w: normals(models * parts.w, 2),
    dy: normals(models * parts.dy, 3),
  };
  const perModel = (f: (part: (name: 'x' | 'w' | 'dy') => Float32Array) => Float64Array) =>
    Array.from({ length: models }, (_, e) => [
      ...f((name) => data[name].subarray(e * parts[name], (e + 1) * parts[name])),
    ]).flat();

  using x = floats(gpu(), data.x, [models, parts.x]);
  using w = floats(gpu(), data.w, [models, parts.w]);
  using dy = floats(gpu(), data.dy, [models, parts.dy]);
  using partial = Tensor.empty(gpu(), [splitsOf(shape), models, parts.w]);
  const y = Tensor.empty(gpu(), dy.shape);
  const dx = Tensor.empty(gpu(), x.shape);
  const dw = Tensor.empty(gpu(), w.shape);
  using statistics = emptyStatistics(gpu(), [models, batch, length, outputs]);
  using separately = emptyStatistics(gpu(), [models, batch, length, outputs]);
  conv.conv1d(gpu(), x, w, y, shape, { statistics }, variant);
  batchStatistics(gpu(), y, separately, { models, rows, length, channels: outputs });
  // Whichever tile holds the rows, the bits are the same.
  expect(await take(statistics)).toEqual(await take(separately));
  conv.conv1dInputGradient(gpu(), dy, w, dx, shape, variant);
  conv.conv1dKernelGradient(gpu(), x, dy, partial, shape, gradient);
  conv.sumPartials(gpu(), partial, dw, { models, splits: splitsOf(shape), count: parts.w });

  const actual = { y: await take(y), dx: await take(dx), dw: await take(dw) };
  expectClose(
    actual.y,
    perModel((of) => reference.conv1d(of('x'), of('w'), size)),
    TOLERANCE,
    'y',
  );
  expectClose(
    actual.dx,
    perModel((of) => reference.conv1dInputGradient(of('dy'), of('w'), size)),
    TOLERANCE,
    'dx',
  );
  expectClose(
    actual.dw,
    perModel((of) => reference.conv1dKernelGradient(of('x'), of('dy'), size)),
    TOLERANCE,
    'dw',
  );
}

describe.each([1, 3])('with %d models', (models) => {
  describe.each([...workgroupTiles])('the workgroup path, %s', (_, variant) => {
    it.each(shapes)('$batch x $length, $inputs to $outputs, $taps taps', async (size) => {
      await check(variant, size, models);
    });
  });

  describe.each(tiles.map((tile) => ({ tile })))('the subgroup path, tile $tile', ({ tile }) => {
    it.for(shapes)('$batch x $length, $inputs to $outputs, $taps taps', async (size, { skip }) => {
      const lanes = gpu().adapter.subgroupSize;
      if (lanes === undefined) skip('this adapter has no subgroups of one fixed size');
      else await check(subgroup(lanes, tile), size, models);
    });
  });

  // Some of the shapes are too long for some of these tiles; they take the variant of dense layers.
  describe.each(sequenceTiles.map((tile) => ({ tile })))('the sequence path, tile $tile', ({ tile }) => {
    it.for([...shapes, ...sequenceShapes])(
      '$batch x $length, $inputs to $outputs, $taps taps',
      async (size, { skip }) => {
        const lanes = gpu().adapter.subgroupSize;
        if (lanes === undefined) skip('this adapter has no subgroups of one fixed size');
        else await check(sequence(lanes, tile), size, models, { ...subgroup(lanes, [1, 1, 1]), steps: 2 });
      },
    );
  });
});

describe('pooling from registers', () => {
  it.for(['f32', 'f16'] as const)(
    'gives what a separate kernel gives, stored as %s',
    async (storage, { skip }) => {
      const lanes = gpu().adapter.subgroupSize;
      if (lanes === undefined) skip('this adapter has no subgroups of one fixed size');
      if (storage === 'f16' && !gpu().device.features.has('shader-f16')) skip('this adapter has no f16');
      const size = { batch: 5, length: 14, inputs: 9, outputs: 38, taps: 3, dilation: 2 };
      const rows = size.batch * size.length;
      const shape = { models: 2, rows, ...size };
      using x = floats(gpu(), normals(2 * rows * 9, 1), [2, rows * 9]);
      using w = floats(gpu(), normals(2 * 3 * 9 * 38, 2), [2, 3 * 9 * 38]);
      using bias = floats(gpu(), normals(2 * 38, 3), [2, 38]);
      using added = floats(gpu(), normals(2 * rows * 38, 4), [2, rows * 38]);
      using y = Tensor.empty(gpu(), [2, rows * 38], storage);
      using expected = Tensor.empty(gpu(), [2, size.batch * 2 * 38], storage);
      using pooled = Tensor.empty(gpu(), [2, size.batch * 2 * 38], storage);
      const variant = sequence(lanes!, [2, Math.ceil(14 / lanes!), 3]);
      const epilogue = { bias, skip: added, relu: true };
      conv.conv1d(gpu(), x, w, y, shape, epilogue, variant);
      const windows = { by: 'mean', size: 6, stride: 6 } as const;
      pool(gpu(), y, expected, { models: 2, batch: size.batch, length: 14, channels: 38, ...windows });
      conv.conv1d(gpu(), x, w, pooled, shape, { ...epilogue, pool: 6 }, variant);
      // The mean is of numbers that were not rounded to 11 bits in between.
      const tolerance = storage === 'f32' ? 1e-6 : 2 ** -10;
      const means = (of: Tensor) => of.read().then((numbers) => Float32Array.from(numbers as Float32Array));
      expectClose(await means(pooled), await means(expected), tolerance, 'y');
    },
  );
});

describe('numbers stored as f16, workgroup path', () => {
  it.for([
    { batch: 2, length: 9, inputs: 24, outputs: 40, taps: 3, dilation: 2 },
    { batch: 2, length: 9, inputs: 7, outputs: 5, taps: 3, dilation: 2 },
  ])('$inputs to $outputs: x, w and y', async (size, { skip }) => {
    if (!gpu().device.features.has('shader-f16')) skip('this adapter has no f16');
    const { batch, length, inputs, outputs, taps } = size;
    const rows = batch * length;
    const shape = { models: 1, rows, ...size };
    const half = (count: number, seed: number) => Float16Array.from(normals(count, seed));
    const data = { x: half(rows * inputs, 1), w: half(taps * inputs * outputs, 2) };
    using x = Tensor.from(gpu(), data.x, [1, data.x.length]);
    using w = Tensor.from(gpu(), data.w, [1, data.w.length]);
    using y = Tensor.empty(gpu(), [1, rows * outputs], 'f16');
    conv.conv1d(gpu(), x, w, y, shape, {}, hardware.conv1d);
    const expected = reference.conv1d(Float32Array.from(data.x), Float32Array.from(data.w), size);
    // y is rounded to 11 bits.
    expectClose(Float32Array.from((await y.read()) as Float16Array), expected, 2 ** -11, 'y');
  });
});

describe('fits', () => {
  const limits = { maxComputeWorkgroupStorageSize: 16_384, maxComputeInvocationsPerWorkgroup: 256 };

  it('knows the workgroup memory and the threads that a device grants', () => {
    // (64 rows x 9 + 32 inputs x 17) fours of 16 bytes.
    const large = workgroup(4, 4, 16, 16, 32);
    expect(fits(large, HARDWARE)).toBe(false);
    expect(fits(large, HARDWARE, { ...limits, maxComputeWorkgroupStorageSize: 17_920 })).toBe(true);
    expect(fits(large, HARDWARE, { ...limits, maxComputeWorkgroupStorageSize: 17_919 })).toBe(false);
    const many = workgroup(4, 4, 32, 9, 8);
    expect(fits(many, HARDWARE)).toBe(false);
    expect(fits(many, HARDWARE, { ...limits, maxComputeInvocationsPerWorkgroup: 288 })).toBe(true);
  });

  it.each([
    [6, 4, 16],
    [4, 2, 16],
    [4, 4, 12],
    [0, 4, 16],
  ])('refuses tiles that are not whole fours: %d rows, %d columns, slices of %d', (rows, cols, slice) => {
    expect(fits(workgroup(rows, cols, 8, 8, slice), HARDWARE)).toBe(false);
  });
});

describe('variantTable', () => {
  const adapter = { name: '', vendor: '', architecture: '', subgroupMatrix: [] };

  it.each([
    ['hardware', 32, 'workgroup', 'workgroup', 'cache'],
    ['software', undefined, 'workgroup', 'workgroup', 'workgroup'],
    ['swiftshader', 4, 'sequence', 'subgroup', 'subgroup'],
    ['lavapipe', 8, 'sequence', 'subgroup', 'subgroup'],
  ] as const)(
    'gives %s with subgroups of %s the %s path, the %s path, and for products the %s path',
    (kind, subgroupSize, first, path, product) => {
      const description = { ...adapter, class: kind, subgroupSize, subgroupMaxSize: subgroupSize };
      const table = variantTable(description);
      for (const kernel of MATRIX_KERNELS) {
        const other = kernel === 'product' ? product : path;
        expect(table[kernel].path).toBe(/^conv1d(_dx)?$/.test(kernel) ? first : other);
        expect(fits(table[kernel], description)).toBe(true);
      }
    },
  );

  it('gives way to variants that were asked for, and refuses those that cannot run', () => {
    const tuned = { path: 'workgroup', rows: 4, cols: 4, x: 16, y: 16, slice: 16 } as const;
    useVariants(gpu(), { dense: tuned });
    expect(variantOf(gpu(), 'dense')).toBe(tuned);
    expect(variantOf(gpu(), 'conv1d')).toBe(variantTable(gpu().adapter).conv1d);
    useVariants(gpu(), {});
    const odd = { path: 'subgroup', rows: 7, cols: 1, threads: 63 } as const;
    expect(() => useVariants(gpu(), { conv1d: odd })).toThrow(/conv1d: .* cannot run/);
    const whole = sequence(gpu().adapter.subgroupSize ?? 8, [1, 1, 1]);
    expect(() => useVariants(gpu(), { dense: whole })).toThrow(/dense: .* cannot run/);
    expect(() => useVariants(gpu(), { conv1d_dw: whole })).toThrow(/conv1d_dw: .* cannot run/);
  });
});
