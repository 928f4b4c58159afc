/**
 * The variants of the matrix-like kernels as data: which operand path and tile each of them takes on which
 * kind of adapter. The tables are what `residualbind tune` found where it could run, and reasoning where it
 * could not; a tuned adapter overrides them (`useVariants`). Variants of one path, and the paths `subgroup`
 * and `workgroup`, sum a result in the same order; `sequence` and subgroup matrices have orders of their own.
 */

import type { AdapterDescription } from '../../device/adapter/adapter-info.js';
import { ArgumentError } from '../../device/errors.js';
import type { Gpu } from '../../device/gpu.js';
import { isListed, type SubgroupMatrixVariant, subgroupMatrixVariant } from './subgroup-matrix.js';

/**
 * The kernels that are matrix products: convolution and dense layer, forward and both gradients, and a
 * sweep's products of many rows with a small matrix.
 */
export const MATRIX_KERNELS = [
  'conv1d',
  'conv1d_dx',
  'conv1d_dw',
  'dense',
  'dense_dx',
  'dense_dw',
  'product',
] as const;
/** A kernel that has several variants: one of `MATRIX_KERNELS`. */
export type MatrixKernel = (typeof MATRIX_KERNELS)[number];

/**
 * Operands spread by subgroup shuffles: a thread owns `rows` x `cols` results, its lanes lie along the
 * outputs.
 */
export interface SubgroupVariant {
  readonly path: 'subgroup';
  /** A multiple of the subgroup size. */
  readonly rows: number;
  readonly cols: number;
  /** Threads in a workgroup, a multiple of the subgroup size. */
  readonly threads: number;
  /** Positions (kernel gradient) or inputs (product) per loop iteration. Default 1. */
  readonly steps?: number;
}

/**
 * Whole sequences in registers: a thread owns up to `rows` positions x `cols` outputs. Only for convolutions
 * and their gradient with respect to the input; longer sequences and kernels of more taps than MOST_TAPS take
 * the variant of dense layers. Adds over inputs, then taps, where the other paths add over taps, then inputs.
 */
export interface SequenceVariant {
  readonly path: 'sequence';
  /** A multiple of the subgroup size. */
  readonly rows: number;
  readonly cols: number;
  /** Threads in a workgroup, a multiple of the subgroup size. */
  readonly threads: number;
}

/** Limit of the sequence path: beyond it, a loop iteration loads more than registers hold. */
export const MOST_TAPS = 3;

/**
 * Operands staged in workgroup memory: `y` x `x` threads own `rows` x `cols` results each, `slice` inputs at
 * a time. `rows` and `cols` are multiples of 4, `slice` of 8.
 */
export interface WorkgroupVariant {
  readonly path: 'workgroup';
  readonly rows: number;
  readonly cols: number;
  readonly x: number;
  readonly y: number;
  readonly slice: number;
}

/**
 * Both operands through the cache, for products of many rows on GPUs: `lanes` x `across` threads of a
 * subgroup along outputs and rows, each with `rows` x `cols` results. Only for `product`.
 */
export interface CacheVariant {
  readonly path: 'cache';
  readonly rows: number;
  /** A multiple of 4. */
  readonly cols: number;
  readonly lanes: number;
  readonly across: number;
  /** Threads in a workgroup, a multiple of lanes x across. */
  readonly threads: number;
}

/** How a matrix kernel divides its work; all variants of a kernel give the same bits. */
export type MatrixVariant =
  | SubgroupVariant
  | SequenceVariant
  | WorkgroupVariant
  | CacheVariant
  | SubgroupMatrixVariant;
/** The variant that each matrix kernel takes. */
export type VariantTable = Readonly<Record<MatrixKernel, MatrixVariant>>;

const every = (variant: MatrixVariant): VariantTable =>
  Object.fromEntries(MATRIX_KERNELS.map((kernel) => [kernel, variant])) as unknown as VariantTable;

/** `rows` x `cols` results a thread, `y` x `x` threads. */
export const workgroup = (
  rows: number,
  cols: number,
  y: number,
  x: number,
  slice: number,
): WorkgroupVariant => ({
  path: 'workgroup',
  rows,
  cols,
  x,
  y,
  slice,
});

/** `rows` x `cols` results a thread. */
export const cache = (
  rows: number,
  cols: number,
  lanes: number,
  across: number,
  threads: number,
): CacheVariant => ({ path: 'cache', rows, cols, lanes, across, threads });

/**
 * Hardware, by reasoning and what `tune` found on an H100 (docs/performance.md); `npm run bench:static` shows
 * what a compiler makes of it for AMD chips.
 *
 * - All operands are read four floats at a time, from memory and from workgroup memory, where a thread spends
 *   rows / 4 + cols / 4 reads of 16 bytes on rows x cols multiply-adds: 10.7 a read for 4 x 8, 8 for 4 x 4. 8
 *   x 8 would be 16 a read, but its registers leave RDNA 2 only 3 waves to hide the latency of memory, and an
 *   H100 gains nothing.
 * - Tiles are 96 or 32 outputs wide, so that 96 channels are not padded to 128. Workgroups are whole waves of
 *   32 and 64.
 * - A tile of R rows by C outputs does 2 R C flops for every 4 (R + C) bytes that it stages. Large tiles
 *   stage less; small ones give a training step of batch 100 enough workgroups (last column) for a large GPU,
 *   of 50 to 150 cores.
 *
 * | kernel | tile | flops and bytes a slice | flops per byte | workgroup memory | threads | workgroups |
 * |---|---|---|---|---|---|---|
 * | conv1d, 96 to 96 | 32 x 96 | 98,304 and 8,192 | 12 | 8,960 bytes | 192 | 129 |
 * | conv1d_dx | 32 x 32 | 32,768 and 4,096 | 8 | 4,864 bytes | 64 | 387 |
 * | conv1d_dw | 32 x 32 | 32,768 and 4,096 | 8 | 4,096 bytes | 64 | 243 |
 * | dense, 384 to 256 | 32 x 32 | 32,768 and 4,096 | 8 | 4,864 bytes | 64 | 32 |
 * | dense_dx | 32 x 32 | 32,768 and 4,096 | 8 | 4,864 bytes | 64 | 48 |
 * | dense_dw | 32 x 32 | 32,768 and 4,096 | 8 | 4,096 bytes | 64 | 96 |
 *
 * `product` reads rows and weights through the cache (product_rows.wgsl): 31.6 TFLOP/s on an H200 with 6 x 12
 * results a thread, where 4 x 8 from workgroup memory reach 18 to 22.
 *
 * Subgroup shuffles are no default here even where subgroups have one fixed size, such as 32: a thread of 32
 * x 3 results spends a shuffle on every 3 multiply-adds, and shuffles are no cheaper than reads of workgroup
 * memory.
 */
const HARDWARE: VariantTable = {
  conv1d: workgroup(4, 4, 8, 24, 16),
  conv1d_dx: workgroup(4, 4, 8, 8, 16),
  conv1d_dw: workgroup(4, 4, 8, 8, 16),
  dense: workgroup(4, 4, 8, 8, 16),
  dense_dx: workgroup(4, 4, 8, 8, 16),
  dense_dw: workgroup(4, 4, 8, 8, 16),
  product: cache(6, 12, 8, 4, 128),
};

const subgroup = (rows: number, cols: number, threads: number): SubgroupVariant => ({
  path: 'subgroup',
  rows,
  cols,
  threads,
});

const sequence = (rows: number, cols: number, threads: number): SequenceVariant => ({
  path: 'sequence',
  rows,
  cols,
  threads,
});

/** What `tune` found. Beyond about 192 results a thread, software adapters run out of registers. */
const LAVAPIPE: VariantTable = {
  conv1d: sequence(48, 4, 32),
  conv1d_dx: sequence(48, 4, 32),
  conv1d_dw: { ...subgroup(48, 4, 48), steps: 2 },
  // 48 x 4 and 32 x 6 are a tenth faster, and take three times as long to compile.
  dense: subgroup(24, 4, 16),
  dense_dx: subgroup(24, 4, 16),
  dense_dw: subgroup(48, 4, 48),
  product: { ...subgroup(32, 6, 16), steps: 2 },
};

const SWIFTSHADER: VariantTable = {
  conv1d: sequence(48, 4, 16),
  conv1d_dx: sequence(48, 4, 16),
  conv1d_dw: subgroup(24, 4, 32),
  dense: subgroup(16, 8, 16),
  dense_dx: subgroup(16, 8, 16),
  dense_dw: subgroup(32, 6, 48),
  product: subgroup(16, 8, 16),
};

/** By adapter class. */
const TABLES = {
  lavapipe: LAVAPIPE,
  swiftshader: SWIFTSHADER,
  hardware: HARDWARE,
  // Where subgroups are missing or vary in size: large tiles in few threads, since reads of workgroup memory
  // cost most.
  software: every(workgroup(8, 8, 8, 8, 16)),
} as const;

/** Whether a variant's path computes a kernel. */
function runs(variant: MatrixVariant, kernel: MatrixKernel): boolean {
  if (variant.path === 'sequence') return kernel === 'conv1d' || kernel === 'conv1d_dx';
  if (variant.path === 'cache') return kernel === 'product';
  return variant.path !== 'subgroup-matrix' || !kernel.endsWith('_dw');
}

/** The limits that bound a workgroup. */
export type WorkgroupLimits = Pick<
  GPUSupportedLimits,
  'maxComputeWorkgroupStorageSize' | 'maxComputeInvocationsPerWorkgroup'
>;

/** What every WebGPU device has at least. */
const GUARANTEED: WorkgroupLimits = {
  maxComputeWorkgroupStorageSize: 16_384,
  maxComputeInvocationsPerWorkgroup: 256,
};

/**
 * Bytes of workgroup memory that a variant takes, in the kernel that takes most. Rows are padded to an odd
 * count of fours.
 */
function workgroupBytes({ rows, cols, x, y, slice }: WorkgroupVariant): number {
  const odd = (fours: number): number => fours + 1 - (fours % 2);
  const product = rows * y * odd(slice / 4) + slice * odd((cols * x) / 4);
  const gradient = slice * ((rows * y + cols * x) / 4);
  return 16 * Math.max(product, gradient);
}

/** Whether an adapter can run a variant, in a device of these limits. */
export function fits(
  variant: MatrixVariant,
  adapter: AdapterDescription,
  limits: WorkgroupLimits = GUARANTEED,
): boolean {
  const { subgroupSize } = adapter;
  if (variant.path === 'subgroup-matrix') return isListed(variant, adapter);
  if (variant.path === 'workgroup') {
    const { rows, cols, x, y, slice } = variant;
    return (
      [rows / 4, cols / 4, slice / 8, x, y].every((n) => Number.isInteger(n) && n > 0) &&
      x * y <= limits.maxComputeInvocationsPerWorkgroup &&
      workgroupBytes(variant) <= limits.maxComputeWorkgroupStorageSize
    );
  }
  if (variant.path === 'cache') {
    const { rows, cols, lanes, across, threads } = variant;
    return (
      [rows, cols / 4, lanes, across, threads / (lanes * across)].every(
        (n) => Number.isInteger(n) && n > 0,
      ) && threads <= limits.maxComputeInvocationsPerWorkgroup
    );
  }
  const { rows, threads } = variant;
  return (
    subgroupSize !== undefined &&
    rows % subgroupSize === 0 &&
    threads % subgroupSize === 0 &&
    threads <= limits.maxComputeInvocationsPerWorkgroup
  );
}

/** The table for an adapter. Keyed by what the adapter is, never by its name. */
export function variantTable(adapter: AdapterDescription): VariantTable {
  const kind = adapter.class === 'software' && adapter.subgroupSize === 4 ? 'swiftshader' : adapter.class;
  const runs = MATRIX_KERNELS.every((kernel) => fits(TABLES[kind][kernel], adapter));
  return runs ? TABLES[kind] : TABLES.software;
}

const tuned = new WeakMap<Gpu, Partial<VariantTable>>();

/**
 * Makes a device use these variants, in what is recorded from now on.
 *
 * @throws ArgumentError when the adapter cannot run one of them
 */
export function useVariants(gpu: Gpu, variants: Partial<VariantTable>): void {
  for (const [kernel, variant] of Object.entries(variants)) {
    if (!runs(variant, kernel as MatrixKernel) || !fits(variant, gpu.adapter, gpu.limits)) {
      throw new ArgumentError(
        'variants',
        `${kernel}: ${gpu.adapter.name} cannot run ${JSON.stringify(variant)}`,
      );
    }
  }
  tuned.set(gpu, variants);
}

/**
 * Every kernel that subgroup matrices can compute, for `useVariants`; nothing where the adapter lists no
 * matrices that sum in f32. Matrices of f16 round both operands to 11 bits. Kernel gradients keep their
 * variants.
 */
export function subgroupMatrixVariants(adapter: AdapterDescription): Partial<VariantTable> {
  const variant = subgroupMatrixVariant(adapter);
  const kernels = variant ? MATRIX_KERNELS.filter((kernel) => !kernel.endsWith('_dw')) : [];
  return Object.fromEntries(kernels.map((kernel) => [kernel, variant]));
}

/** The variant that a kernel takes on a device. */
export const variantOf = (gpu: Gpu, kernel: MatrixKernel): MatrixVariant =>
  tuned.get(gpu)?.[kernel] ?? variantTable(gpu.adapter)[kernel];

/** In words: `48 x 4 results a thread by subgroup shuffles, 64 threads`. */
export function describeVariant(variant: MatrixVariant): string {
  if (variant.path === 'subgroup-matrix') {
    const { rows, cols, subgroups, slice, config } = variant;
    const matrices = `${config.M} x ${config.N} x ${config.K} in ${config.componentType}`;
    return `${rows} x ${cols} results a subgroup by matrices of ${matrices}, ${subgroups} subgroups, slices of ${slice}`;
  }
  const results = `${variant.rows} x ${variant.cols} results a thread`;
  if (variant.path === 'sequence') return `${results}, whole sequences, ${variant.threads} threads`;
  if (variant.path === 'cache')
    return `${results} through the cache, ${variant.lanes} x ${variant.across} lanes, ${variant.threads} threads`;
  const steps =
    variant.path === 'subgroup' && variant.steps ? `, ${variant.steps} positions per iteration` : '';
  return variant.path === 'subgroup'
    ? `${results} by subgroup shuffles, ${variant.threads} threads${steps}`
    : `${results} from workgroup memory, ${variant.y} x ${variant.x} threads, slices of ${variant.slice}`;
}
