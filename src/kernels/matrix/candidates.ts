/**
 * What `tune` tries: candidate variants per kernel and adapter, and the shapes they are measured on. Data
 * only; every candidate costs a compilation (seconds on a software adapter), so these are few, and chosen by
 * the costs that are known: few loads and shuffles a multiply-add, few rows and outputs computed in vain, at
 * most 192 results a thread on software adapters.
 */

import { type AdapterDescription, kindOf } from '../../device/adapter/adapter-info.js';
import { SIZES } from '../../device/sizes.js';
import type { ConvShape } from './conv-shape.js';
import {
  type CacheVariant,
  cache,
  fits,
  type MatrixKernel,
  type MatrixVariant,
  type SequenceVariant,
  type SubgroupVariant,
  variantTable,
  type WorkgroupVariant,
  workgroup,
} from './variants.js';

type Tiles = readonly (readonly [rows: number, cols: number, threads: number, steps?: number])[];
type Family = 'conv1d' | 'conv1d_dw' | 'dense' | 'dense_dw' | 'product';

/**
 * Subgroup path on software adapters. Wide tiles (32 x 6, 16 x 12) shuffle less a multiply-add; small
 * workgroups leave fewer subgroups without rows (dense, 100 rows) or without a tile (dW, 96 inputs by 96
 * outputs).
 */
const SOFTWARE: Readonly<Record<Family, Tiles>> = {
  conv1d: [
    [48, 4, 64],
    [48, 4, 32],
    [32, 6, 32],
    [32, 4, 64],
    [24, 6, 64],
    [24, 4, 64],
    [16, 12, 32],
  ],
  conv1d_dw: [
    [48, 4, 48, 2],
    [48, 4, 24, 2],
    [48, 4, 48],
    [32, 6, 48],
    [32, 6, 48, 2],
    [24, 4, 64],
    [24, 4, 32],
  ],
  dense: [
    [48, 4, 64],
    [48, 4, 24],
    [32, 6, 32],
    [32, 4, 32],
    [24, 4, 64],
    [24, 4, 16],
    [16, 8, 16],
  ],
  dense_dw: [
    [48, 4, 64],
    [48, 4, 48],
    [32, 6, 48],
    [24, 4, 64],
    [24, 4, 32],
  ],
  product: [
    [32, 6, 16, 2],
    [32, 6, 32, 2],
    [48, 4, 16, 2],
    [40, 4, 16, 2],
    [64, 3, 16, 2],
    [24, 4, 16],
    [16, 8, 16],
  ],
};

/**
 * Whole sequences on software adapters, of the paper preset's 41 positions: 48 x 4 loads 18 vectors for 476
 * multiply-adds, 48 x 3 loads 15 for 357.
 */
const SEQUENCES: Tiles = [
  [48, 4, 32],
  [48, 4, 64],
  [48, 4, 16],
  [48, 3, 32],
  [48, 3, 64],
];

/** Subgroup path on GPUs, where threads have fewer registers and subgroups are 16 to 64 wide. */
const HARDWARE: Tiles = [
  [16, 2, 128],
  [16, 4, 64],
  [32, 1, 128],
  [32, 2, 64],
  [32, 3, 64],
  [32, 4, 128],
  [64, 1, 128],
  [64, 2, 128],
];

/** Workgroup memory, on adapters of every class: the tiles of the tables, and their neighbours in size. */
const WORKGROUP: readonly WorkgroupVariant[] = [
  workgroup(4, 8, 16, 12, 16),
  workgroup(4, 4, 8, 24, 16),
  workgroup(4, 4, 16, 16, 16),
  workgroup(4, 4, 8, 8, 16),
  workgroup(4, 4, 8, 8, 32),
  workgroup(8, 8, 8, 8, 16),
  workgroup(4, 8, 8, 12, 16),
  workgroup(4, 12, 8, 8, 16),
  workgroup(4, 12, 16, 8, 16),
  workgroup(8, 4, 8, 24, 16),
  workgroup(8, 8, 8, 12, 16),
  workgroup(8, 12, 8, 8, 16),
];

/** Through the cache, for products on GPUs. */
const CACHE: readonly CacheVariant[] = [
  cache(6, 12, 8, 4, 128),
  cache(6, 12, 8, 4, 256),
  cache(8, 12, 8, 4, 128),
  cache(12, 12, 8, 4, 128),
  cache(12, 12, 8, 4, 64),
  cache(16, 4, 8, 4, 128),
];

/** The gradient of the input is the forward kernel with other strides. */
const familyOf = (kernel: MatrixKernel): Family => kernel.replace(/_dx$/, '') as Family;

/**
 * The variants that `tune` measures for a kernel, all of which the adapter can run; the table's own comes
 * first.
 */
export function candidatesOf(kernel: MatrixKernel, adapter: AdapterDescription): readonly MatrixVariant[] {
  const kind = kindOf(adapter);
  const tiles = kind === 'hardware' ? HARDWARE : SOFTWARE[familyOf(kernel)];
  const table = variantTable(adapter)[kernel];
  const subgroup = tiles
    .filter(([rows, cols]) => rows * cols <= SIZES.tunedResults[kind])
    .map(
      ([rows, cols, threads, steps]): SubgroupVariant => ({
        path: 'subgroup',
        rows,
        cols,
        threads,
        ...(steps && { steps }),
      }),
    );
  const sequences = SEQUENCES.map(
    ([rows, cols, threads]): SequenceVariant => ({ path: 'sequence', rows, cols, threads }),
  );
  // On software adapters with subgroups, workgroup memory is many times slower.
  const workgroup = kind === 'hardware' || adapter.subgroupSize === undefined ? WORKGROUP : [];
  // Paths that sum in a different order are excluded, so tuning changes a result in its last bits at most.
  const cached = kind === 'hardware' && kernel === 'product' ? CACHE : [];
  const rivals = table.path === 'sequence' ? sequences : [...subgroup, ...workgroup, ...cached];
  const others = rivals.filter((variant) => !sameVariant(variant, table));
  return [table, ...others.filter((variant) => fits(variant, adapter))];
}

/** Whether two variants are the same, in whichever order their fields were written. */
export function sameVariant(a: MatrixVariant, b: MatrixVariant): boolean {
  const fields = (variant: MatrixVariant) => JSON.stringify(Object.entries(variant).sort());
  return fields(a) === fields(b);
}

/** The paper preset's batch of sequences in training. */
const TRAINING = 100;

/** The residual block's convolution, in the middle of its dilations. */
const convolution = (batch: number): ConvShape => ({
  models: 1,
  rows: batch * 41,
  length: 41,
  inputs: 96,
  outputs: 96,
  taps: 3,
  dilation: 2,
});

const denseLayer = (batch: number): ConvShape => ({
  models: 1,
  rows: batch,
  length: 1,
  inputs: 384,
  outputs: 256,
  taps: 1,
  dilation: 1,
});

/**
 * The shapes of the paper preset as an adapter is given them; `shape` is the forward's, as everywhere.
 * Gradients run in training only.
 */
export function typicalShapes(kernel: MatrixKernel, adapter: AdapterDescription): readonly ConvShape[] {
  const kind = kindOf(adapter);
  switch (kernel) {
    case 'conv1d':
      return [convolution(TRAINING), convolution(SIZES.predicted[kind])];
    case 'conv1d_dx':
    case 'conv1d_dw':
      return [convolution(TRAINING)];
    case 'product':
      // The points of 3 columns each.
      return [{ ...denseLayer(SIZES.tunedProduct[kind]), models: 5, inputs: 96, outputs: 96 }];
    default:
      return [denseLayer(TRAINING), denseLayer(SIZES.predicted[kind])];
  }
}
