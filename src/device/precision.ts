/**
 * The precisions of sweeps and predictions, and the features that a device needs for each.
 * `src/kernels/precision.ts` decides how a GPU computes a precision.
 */

import {
  type AdapterDescription,
  SUBGROUP_MATRIX_FEATURE,
  type SubgroupMatrixConfig,
} from './adapter/adapter-info.js';

/**
 * The operands of matrix products; sums are always f32. `f32`: single precision, the reference. `f16x2`: two
 * halves for each operand, which together have about f32's accuracy. `f16`: one half, 11 significant bits.
 */
export const PRECISIONS = ['f32', 'f16x2', 'f16'] as const;
/** One of `PRECISIONS`. */
export type Precision = (typeof PRECISIONS)[number];

/**
 * Whether a precision needs features that Dawn hides by default: matrices of f16, which are experimental, and
 * any f16 on NVIDIA's Vulkan drivers, because older ones failed conformance tests.
 */
export const needsHalves = (precision: Precision | undefined): boolean =>
  precision !== undefined && precision !== 'f32';

/** The matrices that kernels of f16 multiply. */
export const HALF_MATRIX: SubgroupMatrixConfig = {
  M: 16,
  N: 16,
  K: 16,
  componentType: 'f16',
  resultComponentType: 'f32',
};

/** What an adapter or a device lacks for matrices of f16; undefined if it has them. */
export function missingForMatrices(
  features: { has(name: string): boolean },
  { subgroupMatrix, subgroupMaxSize }: Pick<AdapterDescription, 'subgroupMatrix' | 'subgroupMaxSize'>,
): string | undefined {
  if (!features.has('shader-f16')) return 'shader-f16';
  if (subgroupMaxSize === undefined) return 'subgroups';
  if (!features.has(SUBGROUP_MATRIX_FEATURE)) return 'subgroup matrices';
  const isWanted = (listed: SubgroupMatrixConfig) =>
    (Object.keys(HALF_MATRIX) as (keyof SubgroupMatrixConfig)[]).every(
      (key) => listed[key] === HALF_MATRIX[key],
    );
  return subgroupMatrix.some(isWanted)
    ? undefined
    : 'subgroup matrices of 16 x 16 x 16 in f16 with sums in f32';
}

/** What an adapter or a device lacks for a precision; undefined if nothing. f16 does not require matrices. */
export function missingFor(
  precision: Precision,
  features: { has(name: string): boolean },
  adapter: Pick<AdapterDescription, 'subgroupMatrix' | 'subgroupMaxSize'>,
): string | undefined {
  if (precision === 'f32') return undefined;
  if (precision === 'f16') return features.has('shader-f16') ? undefined : 'shader-f16';
  return missingForMatrices(features, adapter);
}
