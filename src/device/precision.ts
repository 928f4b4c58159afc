/**
 * The precisions of sweeps and predictions, and what a device must be opened with for each. How a GPU computes one is
 * `kernels/precision.ts`.
 */

import {
  type AdapterDescription,
  SUBGROUP_MATRIX_FEATURE,
  type SubgroupMatrixConfig,
} from './adapter/adapter-info.js';

/**
 * What the operands of matrix products are; sums are f32 in all of them. `f32`: single precision, the reference.
 * `f16x2`: two halves for each operand, which together have about f32's accuracy. `f16`: one half, 11 significant bits.
 */
export const PRECISIONS = ['f32', 'f16x2', 'f16'] as const;
/** One of `PRECISIONS`. */
export type Precision = (typeof PRECISIONS)[number];

/**
 * Whether a precision needs what Dawn withholds unless it is asked: matrices of f16, which are an experiment, and
 * on NVIDIA's Vulkan drivers f16 altogether, because older ones failed conformance tests.
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

/** Why an adapter or a device has no matrices of f16, by what it lacks; undefined where it has them. */
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

/** What a precision needs and an adapter or a device lacks; undefined where nothing is. f16 can do without matrices. */
export function missingFor(
  precision: Precision,
  features: { has(name: string): boolean },
  adapter: Pick<AdapterDescription, 'subgroupMatrix' | 'subgroupMaxSize'>,
): string | undefined {
  if (precision === 'f32') return undefined;
  if (precision === 'f16') return features.has('shader-f16') ? undefined : 'shader-f16';
  return missingForMatrices(features, adapter);
}
