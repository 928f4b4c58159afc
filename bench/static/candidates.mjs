/**
 * The kernels that `bench/static.mjs` compiles: variants that hardware uses, which must stay within the
 * limits, and variants to compare them with.
 */

import { kmerPatterns } from '../../dist/gia/importance.js';
import { sweepShapeOf } from '../../dist/gia/sweep/fused-shape.js';
import { patternSet } from '../../dist/gia/sweep/partition.js';
import { planSweep } from '../../dist/gia/sweep/plan.js';
import { forwardPath, kernelGradientPath } from '../../dist/kernels/matrix/conv-paths.js';
import { MATRIX_KERNELS, variantTable } from '../../dist/kernels/matrix/variants.js';
import { trunkTile } from '../../dist/kernels/network/fused-trunk.js';
import { fusedTile } from '../../dist/kernels/sweep/fused-sweep.js';
import { fusedVariantOf } from '../../dist/kernels/sweep/fused-variants.js';
import { architecture } from '../../dist/nn/presets.js';

const ADAPTER = { class: 'hardware', name: '', vendor: '', architecture: '', subgroupSize: undefined };

/** [kernel, variant], only for comparison. */
const OTHERS = [
  ['conv1d', { path: 'workgroup', rows: 4, cols: 8, x: 12, y: 16, slice: 16 }],
  ['conv1d', { path: 'workgroup', rows: 4, cols: 12, x: 8, y: 16, slice: 16 }],
  ['conv1d', { path: 'workgroup', rows: 8, cols: 8, x: 12, y: 8, slice: 16 }],
  ['conv1d', { path: 'workgroup', rows: 8, cols: 12, x: 8, y: 8, slice: 16 }],
  ['conv1d_dx', { path: 'workgroup', rows: 4, cols: 8, x: 12, y: 16, slice: 16 }],
  ['conv1d_dw', { path: 'workgroup', rows: 8, cols: 4, x: 8, y: 8, slice: 16 }],
  ['dense', { path: 'workgroup', rows: 4, cols: 4, x: 8, y: 8, slice: 32 }],
  ['conv1d', { path: 'subgroup', rows: 32, cols: 3, threads: 64 }],
  ['conv1d_dw', { path: 'subgroup', rows: 32, cols: 3, threads: 64 }],
];

/** The residual block's convolution. Its tiles only need channels in multiples of four. */
const SHAPE = { models: 1, rows: 4100, length: 41, inputs: 96, outputs: 96, taps: 3, dilation: 1 };

/** Products of a sweep: each row is one position and one tap. */
const PRODUCT = { ...SHAPE, length: 1, taps: 1 };

/** Subgroup size for which the variant with shuffles is compiled. */
const LANES = { subgroupSize: 32 };

function describe(kernel, variant, chosen) {
  const { path, rows, cols, x, y, slice } = variant;
  const asked = {
    wide: true,
    transposed: kernel.endsWith('_dx'),
    statistics: false,
    bare: kernel === 'product',
  };
  const { shader, tile } = kernel.endsWith('_dw')
    ? kernelGradientPath(LANES, variant, SHAPE, asked)
    : forwardPath(LANES, variant, kernel === 'product' ? PRODUCT : SHAPE, asked);
  if (path === 'cache') return { kernel, name: `${rows}x${cols} through the cache`, chosen, shader, tile };
  return path === 'subgroup'
    ? { kernel, name: `${rows}x${cols} shuffled`, chosen, shader, tile, needs: 'subgroups' }
    : { kernel, name: `${rows}x${cols} by ${y}x${x}, ${slice}`, chosen, shader, tile };
}

/**
 * The network up to its pool (preset paper) for several [threads per sequence, sequences per workgroup]. The
 * engine uses the first.
 */
const TRUNKS = [
  [8, 1],
  [4, 1],
  [2, 1],
];
const PAPER = { models: 1, sequences: 1, length: 41, filters: 96, taps: 11, dilations: [1, 2, 4], pool: 10 };

const trunk = ([spread, sequences], i) => ({
  kernel: 'network',
  name: `${spread} threads by ${sequences}`,
  chosen: i === 0,
  shader: 'network',
  tile: trunkTile(PAPER, { spread, sequences }),
});

/** The fused sweep of all 6-mers. */
function fused(method) {
  const model = { architecture: architecture('paper'), models: 1 };
  const plan = planSweep(model.architecture, patternSet(kmerPatterns(6, 17, 41), 41), method);
  const shape = sweepShapeOf(model, plan, { block: 64, patterns: 4096, backgrounds: 64 });
  const limits = { maxComputeWorkgroupStorageSize: 32_768, maxComputeInvocationsPerWorkgroup: 1024 };
  const variant = fusedVariantOf({ adapter: ADAPTER, limits }, shape);
  const { pairs, lanes, across, down } = variant;
  return {
    kernel: 'sweep',
    name: `${method}, ${pairs} pairs, ${lanes}x${across}x${down}`,
    chosen: true,
    shader: 'sweep_fused',
    tile: fusedTile(variant, shape),
  };
}

export function candidates() {
  const table = variantTable(ADAPTER);
  return [
    ...MATRIX_KERNELS.map((kernel) => describe(kernel, table[kernel], true)),
    ...['filtered', 'shared'].map(fused),
    ...OTHERS.map(([kernel, variant]) => describe(kernel, variant, false)),
    ...TRUNKS.map(trunk),
  ];
}
