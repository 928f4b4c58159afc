/**
 * Reductions in a fixed order, one workgroup a row: mean and variance, and the terms of Pearson's
 * correlation.
 */

import type { Gpu } from '../device/gpu.js';
import { flatGrid, launch, type Operand } from './launch.js';

/** out [E, rows, 2] = mean and variance (ddof 1) of x [E, rows, count]. */
export function moments(
  gpu: Gpu,
  x: Operand,
  out: Operand,
  { models, rows, count }: { models: number; rows: number; count: number },
): void {
  launch(gpu, 'moments', {
    operands: { x, out },
    params: { rows, count },
    workgroups: flatGrid(gpu, rows, models, 1),
  });
}

/**
 * out [E, outputs, 6] = (mean x, mean y, Sxx, Syy, Sxy, n) of x [E, outputs, count] and y
 * [E or 1, count, outputs], over the pairs whose y is not NaN.
 */
export function pearsonTerms(
  gpu: Gpu,
  x: Operand,
  y: Operand,
  out: Operand,
  { models, outputs, count }: { models: number; outputs: number; count: number },
): void {
  launch(gpu, 'pearson', { operands: { x, y, out }, params: { count }, workgroups: [1, outputs, models] });
}
