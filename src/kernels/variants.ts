/**
 * The variants of the matrix-like kernels as data: which operand path and tile each of them takes on which kind of
 * adapter. The tables are what `residualbind tune` found where it could run, and reasoning where it could not; a
 * tuned adapter overrides them (`useVariants`). A variant never changes the order in which a result is summed, but for
 * subgroup matrices, which no table names.
 */

import type { AdapterDescription } from '../device/adapter-info.js';
import type { Gpu } from '../device/gpu.js';
import { isListed, type SubgroupMatrixVariant, subgroupMatrixVariant } from './subgroup-matrix.js';
import type { Tile } from './unroll.js';

/** The kernels that are matrix products: convolution and dense layer, forward and both gradients. */
export const MATRIX_KERNELS = ['conv1d', 'conv1d_dx', 'conv1d_dw', 'dense', 'dense_dx', 'dense_dw'] as const;
export type MatrixKernel = (typeof MATRIX_KERNELS)[number];

/** Operands spread by subgroup shuffles: a thread owns `rows` x `cols` results, its lanes lie along the outputs. */
export interface SubgroupVariant {
  readonly path: 'subgroup';
  /** A multiple of the subgroup size. */
  readonly rows: number;
  readonly cols: number;
  /** Threads in a workgroup, a multiple of the subgroup size. */
  readonly threads: number;
}

/** Operands staged in workgroup memory: `y` x `x` threads own `rows` x `cols` results each, `slice` inputs at a time. */
export interface WorkgroupVariant {
  readonly path: 'workgroup';
  readonly rows: number;
  readonly cols: number;
  readonly x: number;
  readonly y: number;
  readonly slice: number;
}

export type MatrixVariant = SubgroupVariant | WorkgroupVariant | SubgroupMatrixVariant;
export type VariantTable = Readonly<Record<MatrixKernel, MatrixVariant>>;

const every = (variant: MatrixVariant): VariantTable =>
  Object.fromEntries(MATRIX_KERNELS.map((kernel) => [kernel, variant])) as unknown as VariantTable;

/** By adapter class. Beyond about 192 results a thread, software adapters run out of registers. */
const TABLES = {
  lavapipe: every({ path: 'subgroup', rows: 48, cols: 4, threads: 64 }),
  swiftshader: every({ path: 'subgroup', rows: 24, cols: 4, threads: 64 }),
  hardware: every({ path: 'workgroup', rows: 4, cols: 4, x: 16, y: 16, slice: 16 }),
} as const;

/** Whether an adapter can run a variant. */
export function fits(variant: MatrixVariant, adapter: AdapterDescription): boolean {
  const { subgroupSize } = adapter;
  if (variant.path === 'workgroup') return true;
  if (variant.path === 'subgroup-matrix') return isListed(variant, adapter);
  const { rows, threads } = variant;
  return subgroupSize !== undefined && rows % subgroupSize === 0 && threads % subgroupSize === 0;
}

/** The table for an adapter. Keyed by what the adapter is, never by its name. */
export function variantTable(adapter: AdapterDescription): VariantTable {
  const table =
    adapter.class === 'lavapipe' || adapter.class === 'swiftshader'
      ? TABLES[adapter.class]
      : adapter.class === 'software' && adapter.subgroupSize === 4
        ? TABLES.swiftshader
        : TABLES.hardware;
  return MATRIX_KERNELS.every((kernel) => fits(table[kernel], adapter)) ? table : TABLES.hardware;
}

const tuned = new WeakMap<Gpu, Partial<VariantTable>>();

/**
 * Makes a device use these variants, in what is recorded from now on.
 *
 * @throws RangeError when the adapter cannot run one of them
 */
export function useVariants(gpu: Gpu, variants: Partial<VariantTable>): void {
  for (const [kernel, variant] of Object.entries(variants)) {
    const absent = variant.path === 'subgroup-matrix' && kernel.endsWith('_dw');
    if (absent || !fits(variant, gpu.adapter)) {
      throw new RangeError(`${kernel}: ${gpu.adapter.name} cannot run ${JSON.stringify(variant)}`);
    }
  }
  tuned.set(gpu, variants);
}

/**
 * Every kernel that subgroup matrices can compute, for `useVariants`; nothing where the adapter lists no matrices that
 * sum in f32. Matrices of f16 round both operands to 11 bits. Kernel gradients keep their variants.
 */
export function subgroupMatrixVariants(adapter: AdapterDescription): Partial<VariantTable> {
  const variant = subgroupMatrixVariant(adapter);
  const kernels = variant ? MATRIX_KERNELS.filter((kernel) => !kernel.endsWith('_dw')) : [];
  return Object.fromEntries(kernels.map((kernel) => [kernel, variant]));
}

/** The variant that a kernel takes on a device. */
export const variantOf = (gpu: Gpu, kernel: MatrixKernel): MatrixVariant =>
  tuned.get(gpu)?.[kernel] ?? variantTable(gpu.adapter)[kernel];

/** The subgroup path's tile constants. */
export function subgroupTile({ rows, cols, threads }: SubgroupVariant, lanes: number) {
  return { LANES: lanes, SUBGROUPS: threads / lanes, LOADS: rows / lanes, COLS: cols } satisfies Tile;
}

/** In words: `48 x 4 results a thread by subgroup shuffles, 64 threads`. */
export function describeVariant(variant: MatrixVariant): string {
  if (variant.path === 'subgroup-matrix') {
    const { rows, cols, subgroups, slice, config } = variant;
    const matrices = `${config.M} x ${config.N} x ${config.K} in ${config.componentType}`;
    return `${rows} x ${cols} results a subgroup by matrices of ${matrices}, ${subgroups} subgroups, slices of ${slice}`;
  }
  const results = `${variant.rows} x ${variant.cols} results a thread`;
  return variant.path === 'subgroup'
    ? `${results} by subgroup shuffles, ${variant.threads} threads`
    : `${results} from workgroup memory, ${variant.y} x ${variant.x} threads, slices of ${variant.slice}`;
}
