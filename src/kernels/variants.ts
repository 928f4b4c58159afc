/**
 * The variants of the matrix-like kernels as data: which operand path and tile each of them takes on which kind of
 * adapter. The tables are what `residualbind tune` found where it could run, and reasoning where it could not; a
 * tuned adapter overrides them (`useVariants`). A variant never changes the order in which a result is summed.
 */

import type { AdapterDescription } from '../device/adapter-info.js';
import type { Gpu } from '../device/gpu.js';
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

export type MatrixVariant = SubgroupVariant | WorkgroupVariant;
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
export function fits(variant: MatrixVariant, { subgroupSize }: AdapterDescription): boolean {
  if (variant.path === 'workgroup') return true;
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
    if (!fits(variant, gpu.adapter)) {
      throw new RangeError(`${kernel}: ${gpu.adapter.name} cannot run ${JSON.stringify(variant)}`);
    }
  }
  tuned.set(gpu, variants);
}

/** The variant that a kernel takes on a device. */
export const variantOf = (gpu: Gpu, kernel: MatrixKernel): MatrixVariant =>
  tuned.get(gpu)?.[kernel] ?? variantTable(gpu.adapter)[kernel];

/** The subgroup path's tile constants. */
export function subgroupTile({ rows, cols, threads }: SubgroupVariant, lanes: number) {
  return { LANES: lanes, SUBGROUPS: threads / lanes, LOADS: rows / lanes, COLS: cols } satisfies Tile;
}

const ceilDivide = (a: number, b: number): number => Math.ceil(a / b);

/** The workgroup path's tile constants that all kernels share: COLS in groups of four. */
const groups = ({ cols, x, y, slice }: WorkgroupVariant, wide: boolean) => ({
  GROUPS: cols / 4,
  THREADS_X: x,
  THREADS_Y: y,
  SLICE: slice,
  WIDE: Number(wide),
});

/** Tile constants of `conv1d_workgroup`: what a thread computes, and how many fours of x and 4 x 4 blocks of w it stages. */
export function convTile(variant: WorkgroupVariant, wide: boolean, transposed: boolean) {
  const { rows, cols, x, y, slice } = variant;
  return {
    ROWS: rows,
    ...groups(variant, wide),
    X_LOADS: ceilDivide((rows * y * slice) / 4, x * y),
    W_BLOCKS: ceilDivide((cols * x * slice) / 16, x * y),
    TRANSPOSED: Number(transposed),
  } satisfies Tile;
}

/** Tile constants of `conv1d_dw_workgroup`: what a thread computes, and how many fours of x and dy it stages. */
export function kernelGradientTile(variant: WorkgroupVariant, wide: boolean) {
  const { rows, cols, x, y, slice } = variant;
  return {
    ROW_GROUPS: rows / 4,
    ...groups(variant, wide),
    X_LOADS: ceilDivide((rows * y * slice) / 4, x * y),
    DY_LOADS: ceilDivide((cols * x * slice) / 4, x * y),
  } satisfies Tile;
}

/** In words: `48 x 4 results a thread by subgroup shuffles, 64 threads`. */
export function describeVariant(variant: MatrixVariant): string {
  const results = `${variant.rows} x ${variant.cols} results a thread`;
  return variant.path === 'subgroup'
    ? `${results} by subgroup shuffles, ${variant.threads} threads`
    : `${results} from workgroup memory, ${variant.y} x ${variant.x} threads, slices of ${variant.slice}`;
}
