/** The matrix-like kernels in every variant, whichever one the adapter would get: all elements against float64 loops. */

import { describe, expect, it } from 'vitest';
import { batchStatistics } from '../src/kernels/batch-norm.js';
import * as conv from '../src/kernels/conv.js';
import {
  fits,
  MATRIX_KERNELS,
  type MatrixVariant,
  useVariants,
  variantOf,
  variantTable,
} from '../src/kernels/variants.js';
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

const subgroup = (lanes: number, [SUBGROUPS, LOADS, COLS]: (typeof tiles)[number]): MatrixVariant => ({
  path: 'subgroup',
  rows: LOADS * lanes,
  cols: COLS,
  threads: SUBGROUPS * lanes,
});

async function check(variant: MatrixVariant, size: Sizes, models: number): Promise<void> {
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
  using partial = Tensor.empty(gpu(), [conv.splitsOf(shape), models, parts.w]);
  const y = Tensor.empty(gpu(), dy.shape);
  const dx = Tensor.empty(gpu(), x.shape);
  const dw = Tensor.empty(gpu(), w.shape);
  using statistics = emptyStatistics(gpu(), [models, rows, outputs]);
  using separately = emptyStatistics(gpu(), [models, rows, outputs]);
  conv.conv1d(gpu(), x, w, y, shape, { statistics }, variant);
  batchStatistics(gpu(), y, separately, { models, rows, channels: outputs });
  // Whichever tile holds the rows, the bits are the same.
  expect(await take(statistics)).toEqual(await take(separately));
  conv.conv1dInputGradient(gpu(), dy, w, dx, shape, variant);
  conv.conv1dKernelGradient(gpu(), x, dy, partial, shape, variant);
  conv.sumPartials(gpu(), partial, dw, { models, splits: conv.splitsOf(shape), count: parts.w });

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
  it.each(shapes)('the workgroup path: $batch x $length, $inputs to $outputs, $taps taps', async (size) => {
    await check({ path: 'workgroup', rows: 4, cols: 4, x: 16, y: 16, slice: 16 }, size, models);
  });

  describe.each(tiles.map((tile) => ({ tile })))('the subgroup path, tile $tile', ({ tile }) => {
    it.for(shapes)('$batch x $length, $inputs to $outputs, $taps taps', async (size, { skip }) => {
      const lanes = gpu().adapter.subgroupSize;
      if (lanes === undefined) skip('this adapter has no subgroups of one fixed size');
      else await check(subgroup(lanes, tile), size, models);
    });
  });
});

describe('variantTable', () => {
  const adapter = { name: '', vendor: '', architecture: '', subgroupMatrix: [] };

  it.each([
    ['hardware', 32, 'workgroup'],
    ['software', undefined, 'workgroup'],
    ['swiftshader', 4, 'subgroup'],
    ['lavapipe', 8, 'subgroup'],
  ] as const)('gives %s with subgroups of %s the %s path', (kind, subgroupSize, path) => {
    const description = { ...adapter, class: kind, subgroupSize, subgroupMaxSize: subgroupSize };
    const table = variantTable(description);
    for (const kernel of MATRIX_KERNELS) {
      expect(table[kernel].path).toBe(path);
      expect(fits(table[kernel], description)).toBe(true);
    }
  });

  it('gives way to variants that were asked for, and refuses those that cannot run', () => {
    const tuned = { path: 'workgroup', rows: 4, cols: 4, x: 16, y: 16, slice: 16 } as const;
    useVariants(gpu(), { dense: tuned });
    expect(variantOf(gpu(), 'dense')).toBe(tuned);
    expect(variantOf(gpu(), 'conv1d')).toBe(variantTable(gpu().adapter).conv1d);
    useVariants(gpu(), {});
    const odd = { path: 'subgroup', rows: 7, cols: 1, threads: 63 } as const;
    expect(() => useVariants(gpu(), { conv1d: odd })).toThrow(/conv1d: .* cannot run/);
  });
});
