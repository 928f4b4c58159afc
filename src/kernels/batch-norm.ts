/**
 * Batch normalisation over rows (batch and length together), per channel: statistics by Chan's rule, application,
 * and both gradients. Running moments are [E, 2, channels]
 * (mean, biased variance); those of a batch [E, 3, channels], with what rounding took from the mean. Affine
 * parameters are [E, 2, channels] (gamma, beta).
 */

import type { Gpu } from '../device/gpu.js';
import { ceilDivide, launch, type Operand } from './launch.js';

export interface NormShape {
  readonly models: number;
  readonly rows: number;
  readonly channels: number;
}

/** With `batch` the moments are the batch's own, [E, 3, channels]; without, constants [E, 2, channels]. */
export interface AppliedShape extends NormShape {
  readonly epsilon: number;
  readonly batch: boolean;
}

/** Rows that one workgroup takes. */
const ROWS_PER_CHUNK = 64;

export const chunksOf = (rows: number): number => ceilDivide(rows, ROWS_PER_CHUNK);

/** Batch moments of x; `running` moves towards them by 1 - momentum. `partial` is scratch [chunksOf(rows), E, 3, channels]. */
export function batchMoments(
  gpu: Gpu,
  x: Operand,
  partial: Operand,
  moments: Operand,
  running: Operand,
  shape: NormShape & { momentum: number },
): void {
  const { models, rows, channels, momentum } = shape;
  const chunks = chunksOf(rows);
  const params = { rows, channels, rows_per_chunk: ROWS_PER_CHUNK, models };
  const columns = ceilDivide(channels, 32);
  launch(gpu, 'batch_norm_partials', {
    operands: { x, partial },
    params,
    workgroups: [columns, chunks, models],
  });
  launch(gpu, 'batch_norm_merge', {
    operands: { partial, moments, running },
    params: { ...params, chunks, momentum },
    workgroups: [columns, 1, models],
  });
}

/** y = (x - mean) / sqrt(variance + epsilon) * gamma + beta. */
export function batchNorm(
  gpu: Gpu,
  x: Operand,
  moments: Operand,
  affine: Operand,
  y: Operand,
  { models, rows, channels, epsilon, batch }: AppliedShape,
): void {
  launch(gpu, 'batch_norm', {
    operands: { x, moments, affine, y },
    params: { rows, channels, rows_per_chunk: ROWS_PER_CHUNK, batch: Number(batch), epsilon },
    workgroups: [ceilDivide(channels, 32), chunksOf(rows), models],
  });
}

/** partial [chunksOf(rows), E, 2, channels]: gradients of gamma and beta, to be added up by `sumPartials`. */
export function batchNormAffineGradient(
  gpu: Gpu,
  x: Operand,
  dy: Operand,
  moments: Operand,
  partial: Operand,
  { models, rows, channels, epsilon, batch }: AppliedShape,
): void {
  launch(gpu, 'batch_norm_backward_partials', {
    operands: { x, dy, moments, partial },
    params: { rows, channels, rows_per_chunk: ROWS_PER_CHUNK, batch: Number(batch), models, epsilon },
    workgroups: [ceilDivide(channels, 32), chunksOf(rows), models],
  });
}

/** dx from the affine gradients `sums`. */
export function batchNormInputGradient(
  gpu: Gpu,
  operands: { x: Operand; dy: Operand; moments: Operand; affine: Operand; sums: Operand; dx: Operand },
  { models, rows, channels, epsilon, batch }: AppliedShape,
): void {
  launch(gpu, 'batch_norm_backward', {
    operands,
    params: { rows, channels, rows_per_chunk: ROWS_PER_CHUNK, batch: Number(batch), epsilon },
    workgroups: [ceilDivide(channels, 32), chunksOf(rows), models],
  });
}

/** folded [E, inputs, outputs] and bias [E, outputs]: a kernel w and the batch normalisation after it as one product. */
export function foldBatchNorm(
  gpu: Gpu,
  operands: { w: Operand; affine: Operand; moments: Operand; folded: Operand; bias: Operand },
  { models, inputs, outputs, epsilon }: { models: number; inputs: number; outputs: number; epsilon: number },
): void {
  launch(gpu, 'fold_batch_norm', {
    operands,
    params: { inputs, outputs, epsilon },
    workgroups: [ceilDivide(outputs, 32), 1, models],
  });
}
