/**
 * What conv1d_subgroup_matrix computes, on adapters that have no subgroup matrices: the same text, staging,
 * addresses and epilogue, with the extension's types and functions written out in plain WGSL, against float64
 * loops.
 */

import { describe, expect, it, vi } from 'vitest';
import * as conv from '../src/kernels/matrix/conv.js';
import type { SubgroupMatrixVariant } from '../src/kernels/matrix/subgroup-matrix.js';
import type * as generated from '../src/kernels/shaders.generated.js';
import { Tensor } from '../src/tensor/tensor.js';
import { floats, take, useGpu } from './support/gpu.js';
import { expectClose, normals } from './support/numbers.js';
import * as reference from './support/reference-operations.js';

/**
 * The extension in plain WGSL: every lane holds whole matrices, and the lanes of a subgroup store the same
 * numbers.
 */
const EXTENSION = vi.hoisted(
  () => `
alias Left = array<array<Component, K>, M>;
alias Right = array<array<Component, N>, K>;
alias Sums = array<array<f32, N>, M>;
fn load_Left_x_slice(offset: u32, stride: u32) -> Left {
  var matrix: Left;
  for (var m = 0u; m < M; m++) { for (var k = 0u; k < K; k++) { matrix[m][k] = x_slice[offset + m * stride + k]; } }
  return matrix;
}
fn load_Right_w_slice(offset: u32, stride: u32) -> Right {
  var matrix: Right;
  for (var k = 0u; k < K; k++) { for (var n = 0u; n < N; n++) { matrix[k][n] = w_slice[offset + k * stride + n]; } }
  return matrix;
}
fn multiply_accumulate(left: Left, right: Right, sums: Sums) -> Sums {
  var matrix = sums;
  for (var m = 0u; m < M; m++) { for (var n = 0u; n < N; n++) { for (var k = 0u; k < K; k++) {
    matrix[m][n] += f32(left[m][k]) * f32(right[k][n]);
  } } }
  return matrix;
}
fn store_sums(offset: u32, matrix: Sums, stride: u32) {
  for (var m = 0u; m < M; m++) { for (var n = 0u; n < N; n++) { sums[offset + m * stride + n] = matrix[m][n]; } }
}
`,
);

vi.mock('../src/kernels/shaders.generated.js', async (original) => {
  const { shaders } = await original<typeof generated>();
  const { code, bindings } = shaders.conv1d_subgroup_matrix;
  const plain = code
    .replace(/^enable chromium_experimental_subgroup_matrix;\n/m, '')
    .replace(/^diagnostic\(.*subgroup_matrix_uniformity\);\n/m, '')
    .replace(/^alias \w+ = subgroup_matrix_.*\n/gm, '')
    .replace(/subgroupMatrixLoad<(\w+), row_major>\(&(\w+), /g, 'load_$1_$2(')
    .replaceAll('subgroupMatrixMultiplyAccumulate(', 'multiply_accumulate(')
    .replaceAll('subgroupMatrixStore<row_major>(&sums, ', 'store_sums(')
    // As where subgroups turn out half as large as they might: twice as many, half of them without matrices.
    .replace('THREADS = LANES * SUBGROUPS', 'THREADS = 2u * LANES * SUBGROUPS')
    .concat(EXTENSION);
  return { shaders: { ...shaders, conv1d_subgroup_matrix: { code: plain, bindings } } };
});

const gpu = useGpu();

const exact = { resultComponentType: 'f32', componentType: 'f32' } as const;
const variants = {
  'one small matrix': { rows: 2, cols: 2, subgroups: 1, slice: 2, config: { M: 2, N: 2, K: 2, ...exact } },
  'several oblong ones': {
    rows: 8,
    cols: 6,
    subgroups: 2,
    slice: 10,
    config: { M: 4, N: 3, K: 5, ...exact },
  },
  'tall ones': { rows: 5, cols: 4, subgroups: 4, slice: 9, config: { M: 5, N: 2, K: 3, ...exact } },
} as const;
const variantOf = (name: keyof typeof variants): SubgroupMatrixVariant => ({
  path: 'subgroup-matrix',
  ...variants[name],
});

const shapes = [
  { batch: 1, length: 1, inputs: 1, outputs: 1, taps: 1, dilation: 1 },
  { batch: 3, length: 1, inputs: 70, outputs: 66, taps: 1, dilation: 1 },
  { batch: 2, length: 41, inputs: 37, outputs: 67, taps: 3, dilation: 4 },
  { batch: 2, length: 5, inputs: 66, outputs: 3, taps: 3, dilation: 5 },
  { batch: 27, length: 21, inputs: 5, outputs: 6, taps: 3, dilation: 1 },
] as const;

const TOLERANCE = 1e-5;
const models = 2;

/** One list per model, one after the other. */
const perModel = (f: (model: number) => Float64Array) =>
  Array.from({ length: models }, (_, e) => [...f(e)]).flat();

describe.each(Object.keys(variants) as (keyof typeof variants)[])('%s', (name) => {
  it.each(shapes)('$batch x $length, $inputs to $outputs, $taps taps', async (size) => {
    const { batch, length, inputs, outputs, taps, dilation } = size;
    const rows = batch * length;
    const shape = { models, rows, length, inputs, outputs, taps, dilation };
    const [nx, nw, ny] = [rows * inputs, taps * inputs * outputs, rows * outputs];
    const values = {
      x: normals(models * nx, 1),
      w: normals(models * nw, 2),
      dy: normals(models * ny, 3),
      bias: normals(models * outputs, 4),
    };
    const part = (key: 'x' | 'w' | 'dy', count: number, e: number) =>
      values[key].subarray(e * count, (e + 1) * count);
    using x = floats(gpu(), values.x, [models, nx]);
    using w = floats(gpu(), values.w, [models, nw]);
    using dy = floats(gpu(), values.dy, [models, ny]);
    using bias = floats(gpu(), values.bias, [models, outputs]);
    const y = Tensor.empty(gpu(), dy.shape);
    const finished = Tensor.empty(gpu(), dy.shape);
    const dx = Tensor.empty(gpu(), x.shape);
    const variant = variantOf(name);
    conv.conv1d(gpu(), x, w, y, shape, {}, variant);
    conv.conv1d(gpu(), x, w, finished, shape, { bias, skip: dy, relu: true }, variant);
    conv.conv1dInputGradient(gpu(), dy, w, dx, shape, variant);

    const sums = perModel((e) => reference.conv1d(part('x', nx, e), part('w', nw, e), size));
    const ends = sums.map((sum, i) => {
      const model = Math.floor(i / ny);
      return Math.max(0, sum + values.bias[model * outputs + (i % outputs)]! + values.dy[i]!);
    });
    const gradient = perModel((e) =>
      reference.conv1dInputGradient(part('dy', ny, e), part('w', nw, e), size),
    );
    const actual = { y: await take(y), finished: await take(finished), dx: await take(dx) };
    expectClose(actual.y, sums, TOLERANCE, 'y');
    expectClose(actual.finished, ends, TOLERANCE, 'y with its epilogue');
    expectClose(actual.dx, gradient, TOLERANCE, 'dx');
  });
});

describe('halves', () => {
  it('round the operands, not the sums', async ({ skip }) => {
    if (!gpu().device.features.has('shader-f16')) skip('this adapter has no f16');
    const shape = { models: 1, rows: 3, length: 1, inputs: 70, outputs: 66, taps: 1, dilation: 1 };
    const size = { batch: 3, ...shape };
    // Multiples of 1/16 up to 4 are halves; their products' sums are exact in f32 and none of them a half.
    const sixteenths = (count: number, seed: number) =>
      Float32Array.from(normals(count, seed), (v) => Math.round(Math.max(-4, Math.min(4, v)) * 16) / 16);
    const values = { x: sixteenths(3 * 70, 1), w: sixteenths(70 * 66, 2) };
    using x = floats(
      gpu(),
      values.x.map((v) => v * (1 + 2 ** -13)),
      [3, 70],
    );
    using w = floats(gpu(), values.w, [70, 66]);
    const y = Tensor.empty(gpu(), [3, 66]);
    const { config, ...rest } = variantOf('several oblong ones');
    conv.conv1d(gpu(), x, w, y, shape, {}, { ...rest, config: { ...config, componentType: 'f16' } });
    expect([...(await take(y))]).toEqual([...reference.conv1d(values.x, values.w, size)]);
  });
});
