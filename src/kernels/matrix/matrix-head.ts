/**
 * Dense layer, ReLU and output by subgroup matrices (`dense_head_matrix.wgsl`): for which layers, and its
 * launch.
 */

import type { Gpu } from '../../device/gpu.js';
import { HALF_MATRIX } from '../../device/precision.js';
import { asDeclared, ceilDivide, flatGrid, launch, type Operand } from '../launch.js';

const SIDE = HALF_MATRIX.M;
/** Matrices of rows a workgroup, and the most of outputs a subgroup: both stay in registers. */
const DOWN = 4;
const MOST_ACROSS = 4;
const MOST_SUBGROUPS = 8;

export interface HeadShape {
  readonly models: number;
  readonly rows: number;
  readonly inputs: number;
  readonly hidden: number;
}

/** Subgroups of a workgroup: the most that share the hidden units evenly. */
function subgroupsOf(hidden: number): number {
  const shares = Array.from({ length: MOST_SUBGROUPS }, (_, i) => MOST_SUBGROUPS - i);
  return shares.find((each) => hidden % (SIDE * each) === 0) ?? 1;
}

/** Whether a device with matrices computes the layers. */
export function matrixHeadFits({ adapter, limits }: Gpu, { inputs, hidden }: HeadShape): boolean {
  const subgroups = subgroupsOf(hidden);
  return (
    inputs % SIDE === 0 &&
    hidden % SIDE === 0 &&
    hidden / (SIDE * subgroups) <= MOST_ACROSS &&
    adapter.subgroupMaxSize! * subgroups <= limits.maxComputeInvocationsPerWorkgroup
  );
}

/** Rows that x must have memory for. */
export const rowsOfHead = (rows: number): number => DOWN * SIDE * ceilDivide(rows, DOWN * SIDE);

/**
 * y [E, rows] of x f16 in matrices of rowsOfHead(rows) rows, w f16 in matrices, bias and head [E, hidden] and
 * headBias [E, 1].
 */
export function matrixHead(
  gpu: Gpu,
  {
    x,
    w,
    bias,
    head,
    headBias,
    y,
  }: Readonly<Record<'x' | 'w' | 'bias' | 'head' | 'headBias' | 'y', Operand>>,
  { models, rows, inputs, hidden }: HeadShape,
): void {
  const SUBGROUPS = subgroupsOf(hidden);
  launch(gpu, 'dense_head_matrix', {
    operands: { x: asDeclared(x), w: asDeclared(w), bias, head, head_bias: headBias, y },
    params: { rows },
    tile: {
      LANES: gpu.adapter.subgroupMaxSize!,
      SUBGROUPS,
      ACROSS: hidden / (SIDE * SUBGROUPS),
      DOWN,
      STEPS: inputs / SIDE,
    },
    workgroups: flatGrid(gpu, rowsOfHead(rows) / (DOWN * SIDE), models, 1),
    flops: 2 * models * rows * (inputs + 1) * hidden,
  });
}
