/**
 * What the static evidence is about: the tiles that hardware takes, which must keep the bounds, and others that
 * they were chosen over.
 */
import {
  convTile,
  kernelGradientTile,
  MATRIX_KERNELS,
  subgroupTile,
  variantTable,
} from '../../dist/kernels/variants.js';

const ADAPTER = { class: 'hardware', name: '', vendor: '', architecture: '', subgroupSize: undefined };

/** For comparison only: [kernel, variant]. */
const OTHERS = [
  ['conv1d', { path: 'workgroup', rows: 4, cols: 4, x: 24, y: 8, slice: 16 }],
  ['conv1d', { path: 'workgroup', rows: 4, cols: 12, x: 8, y: 16, slice: 16 }],
  ['conv1d', { path: 'workgroup', rows: 8, cols: 8, x: 12, y: 8, slice: 16 }],
  ['conv1d', { path: 'workgroup', rows: 8, cols: 12, x: 8, y: 8, slice: 16 }],
  ['conv1d_dx', { path: 'workgroup', rows: 4, cols: 8, x: 12, y: 16, slice: 16 }],
  ['conv1d_dw', { path: 'workgroup', rows: 8, cols: 4, x: 8, y: 8, slice: 16 }],
  ['dense', { path: 'workgroup', rows: 4, cols: 4, x: 8, y: 8, slice: 16 }],
  ['conv1d', { path: 'subgroup', rows: 32, cols: 3, threads: 64 }],
  ['conv1d_dw', { path: 'subgroup', rows: 32, cols: 3, threads: 64 }],
];

/** Lanes that the shuffle path is compiled for. */
const LANES = 32;

function describe(kernel, variant, chosen) {
  const gradient = kernel.endsWith('_dw');
  const { path, rows, cols } = variant;
  if (path === 'subgroup') {
    const tile = subgroupTile(variant, LANES);
    const name = `${rows}x${cols} shuffled`;
    return { kernel, name, chosen, shader: gradient ? 'conv1d_dw' : 'conv1d', tile, needs: 'subgroups' };
  }
  const { x, y, slice } = variant;
  const tile = gradient ? kernelGradientTile(variant, true) : convTile(variant, true, kernel.endsWith('_dx'));
  const shader = gradient ? 'conv1d_dw_workgroup' : 'conv1d_workgroup';
  return { kernel, name: `${rows}x${cols} by ${y}x${x}, ${slice}`, chosen, shader, tile };
}

export function candidates() {
  const table = variantTable(ADAPTER);
  return [
    ...MATRIX_KERNELS.map((kernel) => describe(kernel, table[kernel], true)),
    ...OTHERS.map(([kernel, variant]) => describe(kernel, variant, false)),
  ];
}
