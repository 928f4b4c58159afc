/**
 * The pooled means of the residual block from base codes in one kernel, whose workgroups keep whole
 * sequences: no activation passes through memory. Folding is part of the recording, as in `evaluation.ts`.
 */

import type { Gpu } from '../../device/gpu.js';
import { Owned } from '../../device/owned.js';
import { codeTables, tablesShape } from '../../kernels/matrix/conv-codes.js';
import { rowsOfHead } from '../../kernels/matrix/matrix-head.js';
import {
  fusedTrunk,
  type TrunkShape,
  type TrunkVariant,
  trunkVariant,
} from '../../kernels/network/fused-trunk.js';
import {
  type MatrixTrunkVariant,
  matrixTrunk,
  matrixTrunkVariant,
} from '../../kernels/network/matrix-trunk.js';
import type { PrecisionPath } from '../../kernels/precision.js';
import { foldInto, type StorageFormat } from '../../tensor/fused.js';
import { Tensor, VIEW_ALIGNMENT } from '../../tensor/tensor.js';
import type { NetworkState } from '../network.js';
import { residualSizes, type Sizes, windowsOf } from '../presets.js';

/** Numbers of a slice, rounded up so that the next one may be bound. */
const aligned = (count: number): number => {
  // Of two bytes or four.
  const elements = VIEW_ALIGNMENT / 2;
  return Math.ceil(count / elements) * elements;
};

const shapeOf = (sizes: Sizes, models: number, sequences: number): TrunkShape => ({
  ...sizes,
  models,
  sequences,
});

/** Which of the kernels computes a network, and how it divides the work. */
export type Trunk =
  | { readonly by: 'threads'; readonly variant: TrunkVariant }
  | { readonly by: 'matrices'; readonly variant: MatrixTrunkVariant };

/** The kernel that a device takes for a network; undefined where layer by layer is the way. */
export function trunkOf(
  gpu: Gpu,
  { architecture, parameters }: NetworkState,
  path: PrecisionPath,
): Trunk | undefined {
  const sizes = residualSizes(architecture);
  if (sizes?.channels !== 4 || path === 'storage') return undefined;
  const shape = shapeOf(sizes, parameters.models, 1);
  if (path === 'f32') {
    const variant = trunkVariant(gpu, shape);
    return variant && { by: 'threads', variant };
  }
  const variant = matrixTrunkVariant(gpu, shape);
  return variant && { by: 'matrices', variant };
}

/**
 * Means [E, batch, windows, filters] of codes [E or 1, batch, length] u32.
 *
 * @param inMatrices whether they are left as `matrixHead` reads them,
 * [E, rowsOfHead(batch), windows, filters] in matrices, with nothing written behind the batch
 */
export function fusedMeans(
  { architecture, parameters, statistics }: NetworkState,
  codes: Tensor,
  trunk: Trunk,
  inMatrices = false,
): Tensor {
  const { gpu } = codes;
  const { models } = parameters;
  const sizes = residualSizes(architecture)!;
  const { dilations, filters, taps } = sizes;
  const batch = codes.shape[1]!;
  using made = new Owned();
  const storage = trunk.by === 'matrices' ? 'f16' : 'f32';
  const empty = (shape: readonly number[], dtype: StorageFormat = 'f32') =>
    made.own(Tensor.empty(gpu, shape, dtype));
  const fold = (layer: number, w: Tensor, bias: Tensor, tiled = false): void =>
    foldInto(
      { w, bias },
      parameters.get(`conv${layer}.w`),
      parameters.get(`bn${layer}.affine`),
      statistics.get(`bn${layer}.moments`),
      { tiled },
    );

  const entry = empty([models, taps, 4, filters]);
  const entryBias = empty([models, filters]);
  fold(0, entry, entryBias);
  const tables = empty(tablesShape(models, taps, filters));
  codeTables(gpu, { w: entry, bias: entryBias, tables }, { models, taps, outputs: filters });

  const strides = { w: aligned(3 * filters * filters), bias: aligned(filters) };
  const stages = dilations.length;
  const w = empty([models, stages * strides.w], storage);
  const bias = empty([models, stages * strides.bias]);
  for (let stage = 0; stage < stages; stage++) {
    using kernel = w.slice(stage * strides.w, [models, 3, filters, filters], stages * strides.w);
    using shift = bias.slice(stage * strides.bias, [models, filters], stages * strides.bias);
    fold(stage + 1, kernel, shift, trunk.by === 'matrices');
  }

  const rows = inMatrices ? rowsOfHead(batch) : batch;
  const means = Tensor.empty(gpu, [models, rows, windowsOf(sizes), filters], storage);
  const operands = { codes, tables, w, bias, y: means };
  const shape = shapeOf(sizes, models, batch);
  if (trunk.by === 'matrices') matrixTrunk(gpu, operands, shape, strides, trunk.variant, inMatrices);
  else fusedTrunk(gpu, operands, shape, strides, trunk.variant);
  return means;
}
