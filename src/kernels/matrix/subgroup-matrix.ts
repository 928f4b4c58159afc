/**
 * Convolutions through subgroup matrices (`conv1d_subgroup_matrix.wgsl`): which of the matrices that an
 * adapter lists are taken, and what follows for the shader. An experiment of Dawn's, off unless asked for at
 * both ends: `requestGpu({ experimental: ['subgroup-matrix'] })`, then `useVariants(gpu,
 * subgroupMatrixVariants(gpu.adapter))`.
 */

import type { AdapterDescription, SubgroupMatrixConfig } from '../../device/adapter/adapter-info.js';

/** A subgroup accumulates `rows` x `cols` results; `subgroups` of them stage `slice` inputs at a time. */
export interface SubgroupMatrixVariant {
  readonly path: 'subgroup-matrix';
  /** A multiple of the matrices' M. */
  readonly rows: number;
  /** A multiple of their N. */
  readonly cols: number;
  /** In a workgroup, along the rows, at the size of the adapter's largest. */
  readonly subgroups: number;
  /** A multiple of their K. */
  readonly slice: number;
  /** One that the adapter lists, with f16 or f32 operands and f32 sums. */
  readonly config: SubgroupMatrixConfig;
}

const multiplies = ({ componentType, resultComponentType }: SubgroupMatrixConfig): boolean =>
  resultComponentType === 'f32' && (componentType === 'f32' || componentType === 'f16');

/**
 * Matrices that sum in f32: exact operands before halves, then the most products an instruction, then the
 * list's order.
 */
export function chooseConfig(configs: readonly SubgroupMatrixConfig[]): SubgroupMatrixConfig | undefined {
  const exact = ({ componentType }: SubgroupMatrixConfig) => Number(componentType === 'f32');
  const products = ({ M, N, K }: SubgroupMatrixConfig) => M * N * K;
  return configs.filter(multiplies).sort((a, b) => exact(b) - exact(a) || products(b) - products(a))[0];
}

const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

/**
 * The variant for an adapter; undefined where it lists no matrices that sum in f32.
 *
 * Untuned: 32 rows by 48 outputs (two cover ResidualBind's 96) and slices of 64 bytes need at most 20 KiB of
 * workgroup memory where matrices are up to 16 a side, and 256 threads a workgroup are what every WebGPU
 * device grants.
 */
export function subgroupMatrixVariant(adapter: AdapterDescription): SubgroupMatrixVariant | undefined {
  const config = chooseConfig(adapter.subgroupMatrix);
  const lanes = adapter.subgroupMaxSize;
  if (!config || lanes === undefined) return undefined;
  return {
    path: 'subgroup-matrix',
    rows: roundUp(32, config.M),
    cols: roundUp(48, config.N),
    subgroups: Math.max(1, Math.min(4, Math.floor(256 / lanes))),
    slice: roundUp(config.componentType === 'f16' ? 32 : 16, config.K),
    config,
  };
}

/** Whether an adapter has a variant's matrices, and the variant whole numbers of them. */
export function isListed(
  { rows, cols, subgroups, slice, config }: SubgroupMatrixVariant,
  { subgroupMatrix, subgroupMaxSize }: AdapterDescription,
): boolean {
  const same = (listed: SubgroupMatrixConfig) =>
    (Object.keys(config) as (keyof SubgroupMatrixConfig)[]).every((key) => listed[key] === config[key]);
  const counts = [rows / config.M, cols / config.N, slice / config.K, subgroups];
  return (
    subgroupMaxSize !== undefined &&
    multiplies(config) &&
    subgroupMatrix.some(same) &&
    counts.every((count) => Number.isInteger(count) && count > 0)
  );
}

/**
 * Tile constants, f16 memory and grid of a variant.
 *
 * @param lanes threads in the adapter's largest subgroup
 */
export function subgroupMatrixLaunch(
  { rows, cols, subgroups, slice, config: { M, N, K, componentType } }: SubgroupMatrixVariant,
  shape: { readonly models: number; readonly rows: number; readonly outputs: number },
  lanes: number,
) {
  const steps = { DOWN: rows / M, ACROSS: cols / N, STEPS: slice / K };
  const halves: readonly 'slices'[] = componentType === 'f16' ? ['slices'] : [];
  return {
    tile: { M, N, K, LANES: lanes, SUBGROUPS: subgroups, ...steps },
    halves,
    workgroups: [Math.ceil(shape.rows / (rows * subgroups)), Math.ceil(shape.outputs / cols), shape.models],
  } as const;
}
