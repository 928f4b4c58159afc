/** Products of many rows with a small matrix, as a sweep takes them. */

import type { Gpu } from '../../device/gpu.js';
import type { Operand } from '../launch.js';
import { conv1d } from './conv.js';
import { variantOf } from './variants.js';

export interface ProductShape {
  readonly models: number;
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** x [E, rows, inputs] times w [E, inputs, outputs] is y [E, rows, outputs]. */
export function product(
  gpu: Gpu,
  x: Operand,
  w: Operand,
  y: Operand,
  { models, rows, inputs, outputs }: ProductShape,
): void {
  const shape = { models, rows, length: 1, inputs, outputs, taps: 1, dilation: 1 };
  conv1d(gpu, x, w, y, shape, {}, variantOf(gpu, 'product'));
}
