/** Products of many rows with a small matrix by subgroup matrices of f16, as a sweep takes them in f16. */

import type { Gpu } from '../../device/gpu.js';
import { HALF_MATRIX } from '../../device/precision.js';
import { asDeclared, ceilDivide, launch, type Operand } from '../launch.js';
import type { ProductShape } from './product.js';

/** Matrices of rows and of outputs to a subgroup, and subgroups along the outputs. */
const DOWN = 4;
const ACROSS = 3;
const SUBGROUPS = 6;

/**
 * x [E, rows, inputs] f16 times w, which is y [E, rows, outputs] f32. All sizes are whole numbers of
 * matrices.
 *
 * @param w [E, inputs, outputs] f16, matrix by matrix (`asMatrices`)
 * @param lanes threads of the device's largest subgroup
 */
export function productByMatrices(
  gpu: Gpu,
  x: Operand,
  w: Operand,
  y: Operand,
  { models, rows, inputs, outputs }: ProductShape,
  lanes: number,
): void {
  const side = HALF_MATRIX.M;
  launch(gpu, 'product_matrix', {
    operands: { x: asDeclared(x), w: asDeclared(w), y },
    params: { rows, outputs },
    tile: { LANES: lanes, SUBGROUPS, DOWN, ACROSS, STEPS: inputs / side },
    workgroups: [ceilDivide(rows, DOWN * side), ceilDivide(outputs, SUBGROUPS * ACROSS * side), models],
    flops: 2 * models * rows * inputs * outputs,
  });
}
