/**
 * The network up to its pool by subgroup matrices: accepted by Dawn's compiler, and its arithmetic on adapters that have no
 * such matrices, with the extension's types and functions written out in plain WGSL.
 */

import { describe, expect, it, vi } from 'vitest';
import type { Gpu } from '../src/device/gpu.js';
import { matrixTrunkFits, matrixTrunkVariant } from '../src/kernels/matrix-trunk.js';
import type * as generated from '../src/kernels/shaders.generated.js';
import { layeredMeans } from '../src/nn/evaluation.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { fusedMeans } from '../src/nn/trunk.js';
import { Tensor } from '../src/tensor/tensor.js';
import { take, useGpu } from './support/gpu.js';
import { expectClose, randomCodes } from './support/numbers.js';

const { EXTENSION } = vi.hoisted(() => ({
  /**
   * The extension in plain WGSL: an operand is where it lies until it is multiplied, and of sums a lane holds PART. What the
   * kernel keeps of x in registers, `kept` has.
   */
  EXTENSION: `
// Memory, panel, offset and stride.
alias Left = vec4u;
alias Right = vec4u;
const PART = AREA / LANES;
alias Sums = array<f32, PART>;
var<private> lane: u32;
var<workgroup> kept: array<array<f16, ROWS * SIDE>, SUBGROUPS>;
const X = 0u;
const KEPT = 1u;
const W = 2u;
const IDENTITY = 3u;
// A count that no compiler knows: written out, the loops would take minutes to compile.
fn one() -> u32 { return min(params.taps, 1u); }
fn number(matrix: vec4u, row: u32, column: u32) -> f32 {
  let at = matrix.z + row * matrix.w + column;
  switch (matrix.x) {
    case X: { return f32(x[matrix.y][at]); }
    case KEPT: { return f32(kept[matrix.y][at]); }
    case W: { return f32(w[matrix.y][at]); }
    default: { return f32(identity[at]); }
  }
}
fn multiply_accumulate(left: Left, right: Right, sums: Sums) -> Sums {
  var result = sums;
  for (var j = 0u; j < PART * one(); j++) {
    let row = (lane * PART + j) / SIDE;
    let column = j % SIDE;
    for (var k = 0u; k < SIDE * one(); k++) {
      // Weights lie column by column.
      let factor = number(right, select(k, column, right.x == W), select(column, k, right.x == W));
      result[j] += number(left, row, k) * factor;
    }
  }
  return result;
}
fn load_sums(panel: u32, offset: u32, stride: u32) -> Sums {
  var result: Sums;
  for (var j = 0u; j < PART * one(); j++) { result[j] = sums[panel][offset + (lane * PART + j) / SIDE * stride + j % SIDE]; }
  return result;
}
fn store_sums(panel: u32, offset: u32, matrix: Sums, stride: u32) {
  for (var j = 0u; j < PART * one(); j++) { sums[panel][offset + (lane * PART + j) / SIDE * stride + j % SIDE] = matrix[j]; }
}
`,
}));

vi.mock('../src/kernels/shaders.generated.js', async (load) => {
  const { shaders } = await load<typeof generated>();
  const { code, bindings } = shaders.network_matrix;
  const plain = code
    .replace(/^enable chromium_experimental_subgroup_matrix;\n/m, '')
    .replace(/^diagnostic\(.*subgroup_matrix_uniformity\);\n/m, '')
    .replace(/^alias \w+ = subgroup_matrix_.*\n/gm, '')
    .replace(/(skip\[p\] = subgroupMatrixLoad<Left, row_major>\(&)x/, '$1kept')
    .replace(/subgroupMatrixLoad<Sums, row_major>\(&sums\[([^\]]*)\], /g, 'load_sums($1, ')
    .replace(
      /subgroupMatrixLoad<\w+, \w+>\(&(\w+)(?:\[([^\]]*)\])?, /g,
      (_, name: string, panel = '0u') => `vec4u(${name.toUpperCase()}, ${panel}, `,
    )
    .replaceAll('subgroupMatrixMultiplyAccumulate(', 'multiply_accumulate(')
    .replace(/subgroupMatrixStore<row_major>\(&sums\[([^\]]*)\], /g, 'store_sums($1, ')
    .replace(
      '  var skip: array<Left, RUN>; // scalars',
      `  lane = local % LANES;
  for (var i = local; i < SUBGROUPS * ROWS * SIDE; i += THREADS) {
    kept[i / (ROWS * SIDE)][i % (ROWS * SIDE)] = x[i / (ROWS * SIDE)][i % (ROWS * SIDE)];
  }
  workgroupBarrier();
$&`,
    )
    // As where subgroups turn out half as large as they might: twice as many, half of them without matrices.
    .replace('THREADS = LANES * SUBGROUPS', 'THREADS = 2u * LANES * SUBGROUPS')
    .concat(EXTENSION);
  return { shaders: { ...shaders, network_matrix: { code: plain, bindings } } };
});

const gpu = useGpu();

describe('the network up to its pool by matrices', () => {
  it.each([
    { length: 7, filters: 16, taps: 5, dilations: [1, 2], pool: 3, models: 2, sequences: 2, batch: 1 },
    { length: 17, filters: 32, taps: 3, dilations: [3], pool: 8, models: 1, sequences: 2, batch: 2 },
  ])('is a kernel a layer, but for f16: %o', async ({ sequences, batch, ...changes }) => {
    if (!gpu().device.features.has('shader-f16')) return;
    using model = await ResidualBind.create(gpu(), { ...changes, hidden: 4, seed: 3 });
    const count = 3;
    using codes = Tensor.from(gpu(), Uint32Array.from(randomCodes(count * changes.length)), [
      1,
      count,
      changes.length,
    ]);
    const expected = await take(layeredMeans(model, { codes }));
    using means = fusedMeans(model, codes, { by: 'matrices', variant: { sequences, batch } });
    expectClose(Float32Array.from(await means.read()), expected, 2e-3);
  });
});

describe('its variants', () => {
  const shape = {
    models: 1,
    sequences: 1,
    length: 41,
    filters: 96,
    taps: 11,
    dilations: [1, 2, 4],
    pool: 10,
  };
  /** A device with the limits of a GPU. */
  const device = {
    limits: { maxComputeInvocationsPerWorkgroup: 1024, maxComputeWorkgroupStorageSize: 49_152 },
    adapter: { subgroupMaxSize: 32 },
  } as unknown as Gpu;

  it('take as many sequences as fit', () => {
    expect(matrixTrunkVariant(device, shape)).toEqual({ sequences: 4, batch: 1 });
    expect(matrixTrunkVariant(device, { ...shape, dilations: [1, 2, 4, 8] })?.sequences).toBe(3);
    expect(matrixTrunkVariant(device, { ...shape, length: 150 })?.sequences).toBe(1);
    expect(matrixTrunkVariant(device, { ...shape, length: 300 })).toBeUndefined();
    expect(matrixTrunkVariant(device, { ...shape, filters: 24 })).toBeUndefined();
    expect(matrixTrunkFits(device, shape, { sequences: 8, batch: 1 })).toBe(false);
  });
});
