/**
 * Batch normalisation over rows (batch and length together), per channel: statistics by Chan's rule,
 * application with what follows it, and the gradients of both. Running moments are [E, 2, channels] (mean,
 * biased variance); those of a batch [E, 3, channels], with what rounding took from the mean. Affine
 * parameters are [E, 2, channels] (gamma, beta).
 */

import type { Gpu } from '../../device/gpu.js';
import { sizeFor } from '../../device/sizes.js';
import { type DropoutMask, dropoutParams, type RowShape, rowGrid, rowsPerThread } from '../elementwise.js';
import { ceilDivide, launch, type Operand } from '../launch.js';
import type { Learners } from './learners.js';

/** With `batch` the moments are the batch's own, [E, 3, channels]; without, constants [E, 2, channels]. */
export interface AppliedShape extends RowShape {
  readonly epsilon: number;
  readonly batch: boolean;
}

/** What follows a normalisation in the same pass over the data, in this order. */
export interface Finish {
  /** [E, rows, channels], added. */
  readonly skip?: Operand | undefined;
  readonly relu?: boolean | undefined;
  /** Only after a ReLU: the backward pass reads both masks off the result. */
  readonly dropout?: { readonly mask: DropoutMask; readonly learners: Learners } | undefined;
}

/**
 * Rows whose statistics are taken together: a sequence, unless it is long; of dense layers 24. A convolution
 * whose tile holds whole chunks takes them from registers; the number is the same for every tile, so the bits
 * are too.
 */
export const statisticsRows = (length: number): number => (length > 1 && length <= 64 ? length : 24);

/** Rows of sequences of `length` positions; of a dense layer with length 1. */
export interface SequenceShape extends RowShape {
  readonly length: number;
}

/** Chunks of statistics. */
export const statisticsOf = ({ rows, length }: Pick<SequenceShape, 'rows' | 'length'>): number =>
  ceilDivide(rows, statisticsRows(length));

/** partial [statisticsOf(shape), E, 3, channels]: mean, M2 and rest of the mean of each chunk of x. */
export function batchStatistics(gpu: Gpu, x: Operand, partial: Operand, shape: SequenceShape): void {
  const { models, rows, channels, length } = shape;
  launch(gpu, 'batch_norm_partials', {
    operands: { x, partial },
    params: { rows, channels, rows_per_chunk: statisticsRows(length), models },
    workgroups: [ceilDivide(channels, 32), statisticsOf(shape), models],
  });
}

/** Batch moments from the chunks' statistics; `running` moves towards them by 1 - momentum. */
export function mergeStatistics(
  gpu: Gpu,
  partial: Operand,
  moments: Operand,
  running: Operand,
  { momentum, ...shape }: SequenceShape & { momentum: number },
  parts = sizeFor(gpu.adapter, 'statisticsParts'),
): void {
  const { models, rows, channels, length } = shape;
  launch(gpu, 'batch_norm_merge', {
    operands: { partial, moments, running },
    params: {
      rows,
      channels,
      rows_per_chunk: statisticsRows(length),
      models,
      chunks: statisticsOf(shape),
      momentum,
    },
    tile: { PARTS: parts },
    workgroups: [ceilDivide(channels, 32), 1, models],
  });
}

/**
 * y = dropout(relu((x - mean) / sqrt(variance + epsilon) * gamma + beta + skip)), each part where asked for.
 */
export function batchNorm(
  gpu: Gpu,
  operands: { x: Operand; moments: Operand; affine: Operand; y: Operand },
  { models, rows, channels, epsilon, batch }: AppliedShape,
  { skip, relu, dropout }: Finish = {},
): void {
  launch(gpu, 'batch_norm', {
    operands: { ...operands, skip, learners: dropout?.learners },
    params: {
      rows,
      channels,
      rows_per_chunk: rowsPerThread(gpu),
      epsilon,
      ...dropoutParams(dropout?.mask ?? NO_MASK),
    },
    tile: {
      BATCH: Number(batch),
      SKIP: Number(skip !== undefined),
      RELU: Number(relu === true),
      DROPOUT: Number(dropout !== undefined),
    },
    workgroups: rowGrid({ models, rows, channels }, rowsPerThread(gpu)),
  });
}

const NO_MASK: DropoutMask = { rate: 0, layer: 0 };

/** The result of a normalisation that a ReLU (and dropout) followed, for the backward pass. */
export interface Mask {
  readonly y: Operand;
  /** 1 / (1 - rate) of the dropout. */
  readonly scale: number;
}

/** Rows whose affine gradients are summed together: the same on every adapter. */
const ROWS_PER_CHUNK = 64;

/** Chunks of `partial` of the affine gradient. */
export const chunksOf = (rows: number): number => ceilDivide(rows, ROWS_PER_CHUNK);

/** partial [chunksOf(rows), E, 2, channels]: gradients of gamma and beta, to be added up by `sumPartials`. */
export function batchNormAffineGradient(
  gpu: Gpu,
  operands: { x: Operand; dy: Operand; moments: Operand; partial: Operand },
  { models, rows, channels, epsilon, batch }: AppliedShape,
  mask?: Mask,
): void {
  launch(gpu, 'batch_norm_backward_partials', {
    operands: { ...operands, y: mask?.y },
    params: { rows, channels, rows_per_chunk: ROWS_PER_CHUNK, models, epsilon, scale: mask?.scale ?? 1 },
    tile: { BATCH: Number(batch), MASK: Number(mask !== undefined) },
    workgroups: rowGrid({ models, rows, channels }, ROWS_PER_CHUNK),
  });
}

/** dx from the affine gradients `sums`, and d_skip where a skip connection entered. */
export function batchNormInputGradient(
  gpu: Gpu,
  operands: {
    x: Operand;
    dy: Operand;
    moments: Operand;
    affine: Operand;
    sums: Operand;
    dx: Operand;
    d_skip?: Operand | undefined;
  },
  { models, rows, channels, epsilon, batch }: AppliedShape,
  mask?: Mask,
): void {
  launch(gpu, 'batch_norm_backward', {
    operands: { ...operands, y: mask?.y },
    params: { rows, channels, rows_per_chunk: rowsPerThread(gpu), epsilon, scale: mask?.scale ?? 1 },
    tile: {
      BATCH: Number(batch),
      MASK: Number(mask !== undefined),
      SKIP: Number(operands.d_skip !== undefined),
    },
    workgroups: rowGrid({ models, rows, channels }, rowsPerThread(gpu)),
  });
}

/** Inputs of an output that a thread folds. */
const INPUTS_PER_CHUNK = 32;

/**
 * folded [E, inputs, outputs] and bias [E, outputs]: a kernel w and the batch normalisation after it as one
 * product.
 */
export function foldBatchNorm(
  gpu: Gpu,
  operands: { w: Operand; affine: Operand; moments: Operand; folded: Operand; bias: Operand },
  { models, inputs, outputs, epsilon }: { models: number; inputs: number; outputs: number; epsilon: number },
  tiled?: { readonly channels: number },
): void {
  launch(gpu, 'fold_batch_norm', {
    operands,
    params: {
      inputs,
      outputs,
      epsilon,
      inputs_per_chunk: INPUTS_PER_CHUNK,
      inputs_per_tap: tiled?.channels ?? inputs,
    },
    tile: { TILED: Number(tiled !== undefined) },
    workgroups: [ceilDivide(outputs, 32), ceilDivide(inputs, INPUTS_PER_CHUNK), models],
  });
}
