/**
 * The network from base codes to pooled means by subgroup matrices (`network_matrix.wgsl`): how sequences lie
 * in the rows of matrices, for which networks it is there, and its launch.
 */

import type { Gpu } from '../../device/gpu.js';
import { HALF_MATRIX } from '../../device/precision.js';
import { asDeclared, ceilDivide, flatGrid, launch } from '../launch.js';
import {
  codeWords,
  MOST_GROUPS,
  type TrunkOperands,
  type TrunkShape,
  type TrunkStrides,
  trunkFlops,
} from './fused-trunk.js';

const SIDE = HALF_MATRIX.M;
const AREA = SIDE * SIDE;
/**
 * Registers hold so many matrices of sums, 8 numbers a thread each, and half as much for the skip connection.
 */
const MOST_RUN = 13;
/** Convolutions whose text is written out in one kernel. */
const MOST_STAGES = 8;
const MOST_SEQUENCES = 8;

/** How a workgroup divides its work. Variants give the same bits. */
export interface MatrixTrunkVariant {
  /** Sequences a workgroup. */
  readonly sequences: number;
  /** Matrices that a subgroup writes between two barriers. */
  readonly batch: number;
}

/** Rows of zeros between two sequences: the furthest that a tap reaches. */
const gapOf = ({ dilations }: TrunkShape): number => Math.max(...dilations);

/**
 * Rows of the tape between two rows of a matrix; odd, so that they lie on different banks of workgroup
 * memory.
 */
function runOf(shape: TrunkShape, { sequences }: MatrixTrunkVariant): number {
  const rows = (sequences - 1) * (shape.length + gapOf(shape)) + shape.length;
  const run = ceilDivide(rows, SIDE);
  return run + 1 - (run % 2);
}

/** Bytes of workgroup memory. */
function bytesOf(shape: TrunkShape, variant: MatrixTrunkVariant): number {
  const { filters } = shape;
  const rows = 2 * gapOf(shape) + SIDE * runOf(shape, variant);
  const words = variant.sequences * codeWords(shape).STARTS;
  return 2 * rows * filters + 4 * variant.batch * filters * SIDE + 2 * AREA + 16 * ceilDivide(words, 4);
}

/** Whether a device runs a variant for a network. */
export function matrixTrunkFits(gpu: Gpu, shape: TrunkShape, variant: MatrixTrunkVariant): boolean {
  const { filters, dilations } = shape;
  const { maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupStorageSize } = gpu.limits;
  return (
    filters % SIDE === 0 &&
    codeWords(shape).GROUPS <= MOST_GROUPS &&
    dilations.length <= MOST_STAGES &&
    runOf(shape, variant) <= MOST_RUN &&
    (gpu.adapter.subgroupMaxSize! * filters) / SIDE <= maxComputeInvocationsPerWorkgroup &&
    bytesOf(shape, variant) <= maxComputeWorkgroupStorageSize
  );
}

/**
 * The variant that a device with matrices takes for a network: the most sequences that fit; undefined where
 * none do.
 */
export function matrixTrunkVariant(gpu: Gpu, shape: TrunkShape): MatrixTrunkVariant | undefined {
  for (let sequences = MOST_SEQUENCES; sequences > 0; sequences--) {
    const variant = { sequences, batch: 1 };
    if (matrixTrunkFits(gpu, shape, variant)) return variant;
  }
  return undefined;
}

/** Pooled means y of the residual block from codes; w f16, stage by stage as `foldInto` tiles it. */
export function matrixTrunk(
  gpu: Gpu,
  operands: TrunkOperands,
  shape: TrunkShape,
  strides: TrunkStrides,
  variant: MatrixTrunkVariant,
  inMatrices = false,
): void {
  const { models, sequences, length, filters, taps, dilations, pool } = shape;
  const RUN = runOf(shape, variant);
  launch(gpu, 'network_matrix', {
    operands: { ...operands, w: asDeclared(operands.w) },
    params: { sequences, taps, w_stride: strides.w, bias_stride: strides.bias },
    tile: {
      ...codeWords(shape),
      LENGTH: length,
      SUBGROUPS: filters / SIDE,
      LANES: gpu.adapter.subgroupMaxSize!,
      SEQUENCES: variant.sequences,
      GAP: gapOf(shape),
      RUN,
      BATCH: variant.batch,
      ROUNDS: ceilDivide(RUN, variant.batch),
      POOL: pool,
      WINDOWS: Math.floor(length / pool),
      TILED: Number(inMatrices),
      STAGES: dilations.length,
      DILATION: dilations,
      COLUMNS: dilations.map((dilation) => RUN + 2 * dilation),
    },
    workgroups: flatGrid(gpu, ceilDivide(sequences, variant.sequences), models, 1),
    flops: trunkFlops(shape),
  });
}
