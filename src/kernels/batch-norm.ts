/**
 * Batch normalisation over rows (batch and length together), per channel: statistics by Chan's rule, application,
 * and both gradients. Moments are (mean, biased variance), affine parameters (gamma, beta), each [E, 2, channels].
 */

import type { Gpu } from '../device/gpu.js';
import { ceilDivide, launch, type Operand } from './launch.js';

export interface NormShape {
  readonly models: number;
  readonly rows: number;
  readonly channels: number;
}

/** Rows that one workgroup takes. */
const ROWS_PER_CHUNK = 64;

export const chunksOf = (rows: number): number => ceilDivide(rows, ROWS_PER_CHUNK);

/** Batch moments of x; `running` moves towards them by 1 - momentum. `partial` is scratch [chunksOf(rows), E, 2, channels]. */
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
  shape: NormShape & { epsilon: number },
): void {
  const { models, rows, channels, epsilon } = shape;
  launch(gpu, 'batch_norm', {
    operands: { x, moments, affine, y },
    params: { rows, channels, rows_per_chunk: ROWS_PER_CHUNK, epsilon },
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
  shape: NormShape & { epsilon: number },
): void {
  const { models, rows, channels, epsilon } = shape;
  launch(gpu, 'batch_norm_backward_partials', {
    operands: { x, dy, moments, partial },
    params: { rows, channels, rows_per_chunk: ROWS_PER_CHUNK, models, epsilon },
    workgroups: [ceilDivide(channels, 32), chunksOf(rows), models],
  });
}

/** dx from the affine gradients `sums`; with `batch` false the moments are constants, as in evaluation. */
export function batchNormInputGradient(
  gpu: Gpu,
  operands: { x: Operand; dy: Operand; moments: Operand; affine: Operand; sums: Operand; dx: Operand },
  { models, rows, channels, epsilon, batch }: NormShape & { epsilon: number; batch: boolean },
): void {
  launch(gpu, 'batch_norm_backward', {
    operands,
    params: { rows, channels, rows_per_chunk: ROWS_PER_CHUNK, batch: Number(batch), epsilon },
    workgroups: [ceilDivide(channels, 32), chunksOf(rows), models],
  });
}
