/**
 * Operations on tensors. Each is recorded as kernels, and noted by a tape that watches. Every tensor has the
 * model axis E first; an operand with E = 1 is shared by all models. Gradient rules: `gradients.ts`.
 */

import { ShapeError } from '../device/errors.js';
import type { Gpu } from '../device/gpu.js';
import type { RowShape } from '../kernels/elementwise.js';
import * as flat from '../kernels/elementwise.js';
import * as conv from '../kernels/matrix/conv.js';
import * as codesKernels from '../kernels/matrix/conv-codes.js';
import * as norm from '../kernels/training/batch-norm.js';
import type { Learners } from '../kernels/training/learners.js';
import * as training from '../kernels/training/training.js';
import { commonModels, expectRank, expectShape, type Pool, pooled, show } from './shapes.js';
import { trace } from './tape.js';
import { sizeOf, Tensor } from './tensor.js';

/** How a convolution reads its input. */
export interface Conv1dOptions {
  /** Distance between neighbouring taps, in positions. Default 1. */
  readonly dilation?: number;
  /** Receives the result's statistics, for the batch normalisation that follows (`emptyStatistics`). */
  readonly statistics?: Tensor | undefined;
}

/**
 * Dilated 1-D convolution, stride 1, "same" zero padding.
 *
 * @param x [E, batch, length, inputs] @param w [E, taps, inputs, outputs], taps odd @returns
 * [E, batch, length, outputs]
 */
export function conv1d(x: Tensor, w: Tensor, { dilation = 1, statistics }: Conv1dOptions = {}): Tensor {
  expectRank('conv1d', 'x', x, 4);
  expectRank('conv1d', 'w', w, 4);
  const [, batch, length, inputs] = x.shape as [number, number, number, number];
  const [, taps, kernelInputs, outputs] = w.shape as [number, number, number, number];
  if (kernelInputs !== inputs || taps % 2 === 0) {
    throw new ShapeError(
      `conv1d: a kernel ${show(w.shape)} does not fit x ${show(x.shape)}; taps must be odd`,
    );
  }
  const models = commonModels('conv1d', [x, w]);
  const shape = { models, rows: batch * length, length, inputs, outputs, taps, dilation };
  const y = Tensor.empty(x.gpu, [models, batch, length, outputs]);
  conv.conv1d(x.gpu, x, w, y, shape, { statistics });
  return trace('conv1d', [x, w], y, shape);
}

/**
 * First convolution directly from base codes, without a one-hot tensor and without multiplications. The codes
 * have no gradient.
 *
 * @param codes [E or 1, batch, length] u32, 0-3 = ACGU, 4 = all-zero column @param w [E, taps, 4, outputs]
 * @returns [E, batch, length, outputs]
 */
export function convCodes(
  codes: Tensor,
  w: Tensor,
  { statistics }: { statistics?: Tensor | undefined } = {},
): Tensor {
  expectRank('convCodes', 'codes', codes, 3, 'u32');
  expectRank('convCodes', 'w', w, 4);
  const [, batch, length] = codes.shape as [number, number, number];
  const [, taps, bases, outputs] = w.shape as [number, number, number, number];
  if (bases !== 4 || taps % 2 === 0)
    throw new ShapeError(`convCodes: a kernel must be [E, odd, 4, outputs], not ${show(w.shape)}`);
  const models = commonModels('convCodes', [codes, w]);
  const shape = { models, rows: batch * length, length, outputs, taps };
  const y = Tensor.empty(w.gpu, [models, batch, length, outputs]);
  using tables = Tensor.empty(w.gpu, codesKernels.tablesShape(models, taps, outputs));
  codesKernels.codeTables(w.gpu, { w, tables }, shape);
  codesKernels.convCodes(w.gpu, { codes, tables, y }, shape, { statistics });
  return trace('convCodes', [codes, w], y, shape);
}

/**
 * Dense layer without bias.
 *
 * @param x [E, batch, inputs]
 * @param w [E, inputs, outputs]
 * @returns [E, batch, outputs]
 */
export function dense(
  x: Tensor,
  w: Tensor,
  { statistics }: { statistics?: Tensor | undefined } = {},
): Tensor {
  expectRank('dense', 'x', x, 3);
  expectRank('dense', 'w', w, 3);
  const [, batch, inputs] = x.shape as [number, number, number];
  const [, kernelInputs, outputs] = w.shape as [number, number, number];
  if (kernelInputs !== inputs)
    throw new ShapeError(`dense: weights ${show(w.shape)} do not fit x ${show(x.shape)}`);
  const models = commonModels('dense', [x, w]);
  const shape = { models, rows: batch, length: 1, inputs, outputs, taps: 1, dilation: 1 };
  const y = Tensor.empty(x.gpu, [models, batch, outputs]);
  conv.conv1d(x.gpu, x, w, y, shape, { statistics });
  return trace('conv1d', [x, w], y, shape);
}

function normShape(operation: string, x: Tensor, affine: Tensor, moments: Tensor): RowShape {
  const shape = rowShape(x);
  for (const [name, tensor] of [['affine', affine] as const, ['moments', moments] as const]) {
    expectShape(operation, name, tensor, [shape.models, 2, shape.channels]);
  }
  return shape;
}

/** Operations that follow a normalisation in the same kernel, in this order. */
export interface Finish {
  /** Added to the result; it has x's shape. */
  readonly skip?: Tensor | undefined;
  readonly relu?: boolean | undefined;
  /** Inverted dropout; only after a ReLU. Rate 0 is the identity. */
  readonly dropout?: { readonly mask: flat.DropoutMask; readonly learners: Learners } | undefined;
}

/** Batch normalisation, and what follows it in the same kernel. */
export interface BatchNormOptions extends Finish {
  /** Added to the variance. Default 1e-3 (docs/method.md, Batch normalisation). */
  readonly epsilon?: number;
}

/** Batch normalisation by the statistics of the batch. */
export interface BatchNormTrainingOptions extends BatchNormOptions {
  /** Share of the running statistics that is kept at each step. Default 0.99. */
  readonly momentum?: number;
  /** Statistics of x, if the convolution that made x computed them (`conv1d`'s option). */
  readonly statistics?: Tensor | undefined;
}

/** Room for the statistics of a tensor of the given shape [E, …, channels]. */
export function emptyStatistics(gpu: Gpu, shape: readonly number[]): Tensor {
  const { models, channels, ...rows } = sequenceShape(shape);
  return Tensor.empty(gpu, [norm.statisticsOf(rows), models, 3, channels]);
}

/** A tensor [E, batch, length, channels] holds sequences. In any other shape every row is separate. */
function sequenceShape(shape: readonly number[]): norm.SequenceShape {
  const [models, channels] = [shape[0]!, shape.at(-1)!];
  return {
    models,
    rows: sizeOf(shape) / (models * channels),
    channels,
    length: shape.length === 4 ? shape[2]! : 1,
  };
}

/**
 * Batch normalisation in training, and what follows it: statistics over all axes but the first and the last;
 * `running` moves towards them.
 *
 * @param x [E, …, channels] @param affine [E, 2, channels] = gamma, beta
 * @param running [E, 2, channels] = mean, biased variance; updated in place
 */
export function batchNorm(
  x: Tensor,
  affine: Tensor,
  running: Tensor,
  { epsilon = 1e-3, momentum = 0.99, statistics, ...finish }: BatchNormTrainingOptions = {},
): Tensor {
  const { gpu } = x;
  const shape = { ...normShape('batchNorm', x, affine, running), epsilon, batch: true };
  const sequences = sequenceShape(x.shape);
  using partial = statistics?.retain() ?? emptyStatistics(gpu, x.shape);
  expectShape('batchNorm', 'statistics', partial, [
    norm.statisticsOf(sequences),
    shape.models,
    3,
    shape.channels,
  ]);
  if (!statistics) norm.batchStatistics(gpu, x, partial, sequences);
  using moments = Tensor.empty(gpu, [shape.models, 3, shape.channels]);
  norm.mergeStatistics(gpu, partial, moments, running, { ...sequences, momentum });
  return applyNorm(x, affine, moments, shape, finish);
}

/**
 * Batch normalisation in evaluation, with given moments [E, 2, channels] = mean, biased variance, and what
 * follows it.
 */
export function batchNormEvaluation(
  x: Tensor,
  affine: Tensor,
  moments: Tensor,
  { epsilon = 1e-3, ...finish }: BatchNormOptions = {},
): Tensor {
  const shape = { ...normShape('batchNormEvaluation', x, affine, moments), epsilon, batch: false };
  return applyNorm(x, affine, moments, shape, finish);
}

function applyNorm(
  x: Tensor,
  affine: Tensor,
  moments: Tensor,
  shape: norm.AppliedShape,
  { skip, relu = false, dropout }: Finish,
): Tensor {
  if (skip) expectShape('batchNorm', 'skip', skip, x.shape);
  if (dropout) checkRate(dropout.mask);
  if (dropout && !relu) throw new ShapeError('batchNorm: dropout follows only a ReLU here; use dropout()');
  const dropping = dropout && dropout.mask.rate > 0 ? dropout : undefined;
  const y = Tensor.empty(x.gpu, x.shape);
  norm.batchNorm(x.gpu, { x, moments, affine, y }, shape, { skip, relu, dropout: dropping });
  const scale = 1 / (1 - (dropping?.mask.rate ?? 0));
  return trace('batchNorm', [x, affine, ...(skip ? [skip] : [])], y, { ...shape, relu, scale }, [moments]);
}

function flatShape(x: Tensor): flat.FlatShape {
  x.check();
  const models = x.shape[0]!;
  return { models, count: x.size / models };
}

/** All axes except the first and the last together are rows. */
function rowShape(x: Tensor): RowShape {
  x.check();
  const [models, channels] = [x.shape[0]!, x.shape.at(-1)!];
  return { models, rows: x.size / (models * channels), channels };
}

function activation(name: flat.Activation, x: Tensor): Tensor {
  const shape = flatShape(x);
  const y = Tensor.empty(x.gpu, x.shape);
  flat.activation(x.gpu, name, x, y, shape);
  return trace(name, [x], y, shape);
}

/** max(x, 0) of any shape. */
export const relu = (x: Tensor): Tensor => activation('relu', x);

/** 1 / (1 + exp(-x)) of any shape. */
export const sigmoid = (x: Tensor): Tensor => activation('sigmoid', x);

/** exp(x) of any shape. */
export const exponential = (x: Tensor): Tensor => activation('exponential', x);

/** a + b of equal shapes. */
export function add(a: Tensor, b: Tensor): Tensor {
  expectShape('add', 'b', b, a.shape);
  const shape = flatShape(a);
  const y = Tensor.empty(a.gpu, a.shape);
  flat.add(a.gpu, a, b, y, shape);
  return trace('add', [a, b], y, shape);
}

/**
 * Inverted dropout; the mask depends on the layer and each model's seed and step in `learners`. Rate 0 is the
 * identity.
 */
export function dropout(x: Tensor, mask: flat.DropoutMask, learners: Learners): Tensor {
  checkRate(mask);
  if (mask.rate === 0) return x.retain();
  const shape = rowShape(x);
  const y = Tensor.empty(x.gpu, x.shape);
  flat.dropout(x.gpu, learners, x, y, shape, mask);
  return trace('dropout', [x], y, { ...shape, mask, learners });
}

function checkRate({ rate }: flat.DropoutMask): void {
  if (!(rate >= 0 && rate < 1)) throw new ShapeError(`dropout: the rate must be in [0, 1), not ${rate}`);
}

/** Adds b [E, channels] to x [E, …, channels]. */
export function bias(x: Tensor, b: Tensor): Tensor {
  const shape = rowShape(x);
  expectShape('bias', 'b', b, [shape.models, shape.channels]);
  const y = Tensor.empty(x.gpu, x.shape);
  flat.bias(x.gpu, x, b, y, shape);
  return trace('bias', [x, b], y, shape);
}

/**
 * Mean or greatest value over windows of positions. A max pool's gradient goes to the first greatest position
 * of each window; where windows overlap, their gradients add up.
 *
 * @param x [E, batch, length, channels]
 * @returns [E, batch, floor((length - size) / stride) + 1, channels]
 * @throws ShapeError where no window fits
 */
export function pool(x: Tensor, windows: Pool): Tensor {
  expectRank('pool', 'x', x, 4);
  const { shape, result } = pooled('pool', x.shape, windows);
  const y = Tensor.empty(x.gpu, result);
  flat.pool(x.gpu, x, y, shape);
  return trace('pool', [x], y, shape);
}

/** The same elements with another shape; the model axis stays. */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  if (shape[0] !== x.shape[0] || sizeOf(shape) !== x.size) {
    throw new ShapeError(`reshape: ${show(x.shape)} does not become ${show(shape)}`);
  }
  return trace('reshape', [x], x.reshape(shape), { from: x.shape });
}

/**
 * A loss, the mean over the goals that are present. A goal that is NaN is missing: it has no part in the
 * loss, and its prediction's gradient is 0. A model without any goal has loss 0. Binary cross-entropy takes
 * logits.
 *
 * @param predictions [E, batch] or [E, batch, outputs] @param goals the same, for each model or [1, …] for
 * all
 * @returns [E]
 */
export function loss(kind: training.Loss, predictions: Tensor, goals: Tensor): Tensor {
  expectRank(kind, 'predictions', predictions, predictions.shape.length === 3 ? 3 : 2);
  const { gpu } = predictions;
  const [models, ...rest] = predictions.shape as [number, ...number[]];
  expectShape(kind, 'goals', goals, [goals.shape[0] === 1 ? 1 : models, ...rest]);
  const shape = { models, count: predictions.size / models };
  const out = Tensor.empty(gpu, [models]);
  using present = Tensor.empty(gpu, [models]);
  training.loss(gpu, kind, { predictions, goals, loss: out, present }, shape);
  return trace('loss', [predictions, goals], out, { ...shape, kind }, [present]);
}
