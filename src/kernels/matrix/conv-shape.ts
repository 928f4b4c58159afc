/** The sizes of a convolution, and what follows from them: splits of its kernel's gradient, multiply-adds. */

import { ceilDivide } from '../launch.js';

/** Sizes of a "same" convolution with stride 1; rows = batch * length. */
export interface ConvShape {
  readonly models: number;
  readonly rows: number;
  readonly length: number;
  readonly inputs: number;
  readonly outputs: number;
  /** Odd. */
  readonly taps: number;
  readonly dilation: number;
}

/** Records whose kernel gradient one split sums: about 512 rows. */
export const recordsPerSplit = (length: number): number => Math.max(1, Math.floor(512 / length));

/** Splits of a kernel gradient. */
export const splitsOf = ({ rows, length }: { rows: number; length: number }): number =>
  ceilDivide(rows / length, recordsPerSplit(length));

/** Multiply-adds of a convolution: taps that leave their sequence do not count. */
export function multiplyAdds({ models, rows, length, inputs, outputs, taps, dilation }: ConvShape): number {
  let columns = 0;
  for (let tap = 0; tap < taps; tap++) {
    columns += Math.max(0, length - Math.abs(tap - (taps - 1) / 2) * dilation);
  }
  return ((models * rows) / length) * columns * inputs * outputs;
}
