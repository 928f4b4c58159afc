/**
 * The network up to its pool by subgroup matrices: accepted by Dawn's compiler, and its arithmetic on
 * adapters that have no such matrices, with the extension's types and functions written out in plain WGSL.
 */

import { describe, expect, it, vi } from 'vitest';
import type { Gpu } from '../src/device/gpu.js';
import { matrixHeadFits, rowsOfHead } from '../src/kernels/matrix/matrix-head.js';
import { matrixTrunkFits, matrixTrunkVariant } from '../src/kernels/network/matrix-trunk.js';
import type * as generated from '../src/kernels/shaders.generated.js';
import { layeredMeans, predicted } from '../src/nn/prediction/evaluation.js';
import { predictedByMatrices } from '../src/nn/prediction/matrix-end.js';
import { fusedMeans } from '../src/nn/prediction/trunk.js';
import { residualSizes } from '../src/nn/presets.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { Tensor } from '../src/tensor/tensor.js';
import { take, useGpu } from './support/gpu.js';
import { expectClose, randomCodes } from './support/numbers.js';

vi.mock('../src/kernels/shaders.generated.js', async (load) => {
  const { shaders } = await load<typeof generated>();
  const { matricesInWgsl } = await import('./support/matrices-in-wgsl.js');
  const { network_matrix, dense_head_matrix } = shaders;
  // What the kernel keeps of x in registers, `kept` has.
  const kept = network_matrix.code
    .replace(/(skip\[p\] = subgroupMatrixLoad<Left, row_major>\(&)x/, '$1kept')
    .replace('var<workgroup> identity', 'var<workgroup> kept: array<array<f16, ROWS * SIDE>, SUBGROUPS>;\n$&')
    .replace(
      '  var skip: array<Left, RUN>; // scalars',
      `  for (var i = local; i < SUBGROUPS * ROWS * SIDE; i += THREADS) {
    kept[i / (ROWS * SIDE)][i % (ROWS * SIDE)] = x[i / (ROWS * SIDE)][i % (ROWS * SIDE)];
  }
  workgroupBarrier();
$&`,
    );
  const trunk = matricesInWgsl(kept, ['x', 'kept', 'w', 'identity'], 'params.taps');
  const head = matricesInWgsl(dense_head_matrix.code, ['x', 'w'], 'params.rows');
  return {
    shaders: {
      ...shaders,
      network_matrix: { ...network_matrix, code: trunk },
      dense_head_matrix: { ...dense_head_matrix, code: head },
    },
  };
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

describe('predictions by matrices', () => {
  it.each([
    { filters: 16, pool: 3, hidden: 32, models: 2, count: 70, head: 'regression' },
    { filters: 16, pool: 2, hidden: 48, models: 1, count: 3, head: 'classification' },
  ] as const)('are a kernel a layer, but for f16: %o', async ({ count, ...changes }) => {
    if (!gpu().device.features.has('shader-f16')) return;
    using model = await ResidualBind.create(gpu(), {
      ...changes,
      length: 7,
      taps: 3,
      dilations: [1],
      seed: 4,
    });
    const { filters, hidden, pool } = residualSizes(model.architecture)!;
    await model.parameters.get('out.b').write(Float32Array.from({ length: model.models }, (_, e) => 0.1 + e));
    using codes = Tensor.from(gpu(), Uint32Array.from(randomCodes(7 * count)), [1, count, 7]);
    using layered = layeredMeans(model, { codes });
    const expected = await take(predicted(model, layered, 'f32'));
    using means = fusedMeans(model, codes, { by: 'matrices', variant: { sequences: 2, batch: 1 } }, true);
    const shape = { models: model.models, rows: count, inputs: Math.floor(7 / pool) * filters, hidden };
    const raw = await take(predictedByMatrices(model, means, shape));
    const predictions = changes.head === 'classification' ? raw.map((z) => 1 / (1 + Math.exp(-z))) : raw;
    expectClose(predictions, expected, 2e-3);
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

  it('are whole matrices of a dense layer', () => {
    const layer = { models: 1, rows: 100, inputs: 384, hidden: 256 };
    expect(rowsOfHead(100)).toBe(128);
    expect(matrixHeadFits(device, layer)).toBe(true);
    for (const part of [{ inputs: 24 }, { hidden: 24 }, { hidden: 16 * 37 }])
      expect(matrixHeadFits(device, { ...layer, ...part })).toBe(false);
  });
});
