/** Products of many rows with a small matrix, as a sweep takes them. */

import type { Gpu } from '../device/gpu.js';
import { conv1d } from './conv.js';
import type { Operand } from './launch.js';
import { subgroupMatrixVariants, variantOf } from './variants.js';

export interface ProductShape {
  readonly models: number;
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** x [E, rows, inputs] times w [E, inputs, outputs] is y [E, rows, outputs]; by subgroup matrices where all are f16 and there are such. */
export function product(
  gpu: Gpu,
  x: Operand,
  w: Operand,
  y: Operand,
  { models, rows, inputs, outputs }: ProductShape,
): void {
  const shape = { models, rows, length: 1, inputs, outputs, taps: 1, dilation: 1 };
  const matrices = x.dtype === 'f16' ? subgroupMatrixVariants(gpu.adapter).product : undefined;
  conv1d(gpu, x, w, y, shape, {}, matrices ?? variantOf(gpu, 'product'));
}
