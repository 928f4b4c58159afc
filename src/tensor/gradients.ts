/**
 * The table of gradient rules. Operations are in `operations.ts`. A rule receives:
 *
 * - the call and the gradient dy of its result
 * - `want(i)`, which returns the tensor for input i's gradient, or undefined if that gradient is not needed
 * - `pass(i, gradient)`, for an input whose gradient is dy itself, unchanged or reshaped
 */

import * as flat from '../kernels/elementwise.js';
import * as conv from '../kernels/matrix/conv.js';
import { type CodesShape, convCodesKernelGradient } from '../kernels/matrix/conv-codes.js';
import { type ConvShape, splitsOf } from '../kernels/matrix/conv-shape.js';
import * as norm from '../kernels/training/batch-norm.js';
import type { Learners } from '../kernels/training/learners.js';
import * as training from '../kernels/training/training.js';
import { Tensor } from './tensor.js';

/** What each differentiable operation records for its gradient. */
export interface OperationAttributes {
  conv1d: ConvShape;
  convCodes: CodesShape;
  batchNorm: norm.AppliedShape & { readonly relu: boolean /** Of its dropout. */; readonly scale: number };
  relu: flat.FlatShape;
  sigmoid: flat.FlatShape;
  exponential: flat.FlatShape;
  add: flat.FlatShape;
  dropout: flat.RowShape & { readonly mask: flat.DropoutMask; readonly learners: Learners };
  bias: flat.RowShape;
  pool: flat.PoolShape;
  reshape: { readonly from: readonly number[] };
  loss: training.LossShape & { readonly kind: training.Loss };
}

export type OperationName = keyof OperationAttributes;

/** One operation that ran: its inputs, its output, and what its gradient needs. */
export interface Call<Name extends OperationName = OperationName> {
  readonly name: Name;
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  /** Values kept for the gradient that are neither inputs nor output. */
  readonly saved: readonly Tensor[];
  readonly attributes: OperationAttributes[Name];
}

type Want = (input: number) => Tensor | undefined;
type Pass = (input: number, gradient: Tensor) => void;
export type Rule<Name extends OperationName> = (call: Call<Name>, dy: Tensor, want: Want, pass: Pass) => void;

/** The rule of every activation: its gradient follows from its result. */
const activationRule: Rule<flat.Activation> = ({ name, output: y, attributes }, dy, want) => {
  const dx = want(0);
  if (dx) flat.activationGradient(dy.gpu, name, { y, dy, dx }, attributes);
};

export const gradients: { readonly [Name in OperationName]: Rule<Name> } = {
  conv1d: ({ inputs, attributes }, dy, want) => {
    const [x, w] = inputs as [Tensor, Tensor];
    const dx = want(0);
    if (dx) conv.conv1dInputGradient(dy.gpu, dy, w, dx, attributes);
    const dw = want(1);
    if (dw)
      summed(dw, attributes, (partial) => conv.conv1dKernelGradient(dy.gpu, x, dy, partial, attributes));
  },

  convCodes: ({ inputs, attributes }, dy, want) => {
    const dw = want(1);
    if (!dw) return;
    summed(dw, attributes, (partial) =>
      convCodesKernelGradient(dy.gpu, { codes: inputs[0]!, dy, partial }, attributes),
    );
  },

  batchNorm: ({ inputs, output, saved, attributes }, dy, want, pass) => {
    const [x, affine, skip] = inputs as [Tensor, Tensor, Tensor | undefined];
    const moments = saved[0]!;
    const mask = attributes.relu ? { y: output, scale: attributes.scale } : undefined;
    const { gpu } = dy;
    const { models, rows, channels } = attributes;
    const wanted = want(1);
    const sums = wanted ?? Tensor.empty(gpu, affine.shape);
    const splits = norm.chunksOf(rows);
    using partial = Tensor.empty(gpu, [splits, models, 2, channels]);
    norm.batchNormAffineGradient(gpu, { x, dy, moments, partial }, attributes, mask);
    conv.sumPartials(gpu, partial, sums, { models, splits, count: 2 * channels });
    const dx = want(0);
    if (skip && !mask) pass(2, dy);
    const d_skip = skip && mask ? want(2) : undefined;
    if (dx || d_skip) {
      using unwanted = dx ? undefined : Tensor.empty(gpu, x.shape);
      const operands = { x, dy, moments, affine, sums, dx: (dx ?? unwanted)!, d_skip };
      norm.batchNormInputGradient(gpu, operands, attributes, mask);
    }
    if (!wanted) sums.dispose();
  },

  relu: activationRule,
  sigmoid: activationRule,
  exponential: activationRule,

  add: (_, dy, __, pass) => {
    pass(0, dy);
    pass(1, dy);
  },

  dropout: ({ attributes }, dy, want) => {
    const dx = want(0);
    if (dx) flat.dropout(dy.gpu, attributes.learners, dy, dx, attributes, attributes.mask);
  },

  bias: ({ attributes }, dy, want, pass) => {
    pass(0, dy);
    const db = want(1);
    if (db) flat.biasGradient(dy.gpu, dy, db, attributes);
  },

  pool: ({ inputs, attributes }, dy, want) => {
    const dx = want(0);
    if (dx) flat.poolGradient(dy.gpu, { x: inputs[0]!, dy, dx }, attributes);
  },

  reshape: ({ attributes }, dy, _, pass) => {
    using reshaped = dy.reshape(attributes.from);
    pass(0, reshaped);
  },

  loss: ({ inputs, saved, attributes }, dy, want) => {
    const [predictions, goals] = inputs as [Tensor, Tensor];
    const present = saved[0]!;
    const d_prediction = want(0);
    if (!d_prediction) return;
    training.lossGradient(
      dy.gpu,
      attributes.kind,
      { predictions, goals, d_loss: dy, present, d_prediction },
      attributes,
    );
  },
};

/**
 * Lets `fill` write a kernel gradient in splits over rows, then adds the splits into `dw`. A single split is
 * written to `dw` directly.
 */
function summed(
  dw: Tensor,
  shape: Pick<ConvShape, 'models' | 'rows' | 'length'>,
  fill: (partial: Tensor) => void,
): void {
  const splits = splitsOf(shape);
  const { models } = shape;
  if (splits === 1 && models === 1) {
    fill(dw);
    return;
  }
  using partial = Tensor.empty(dw.gpu, [splits, ...dw.shape]);
  fill(partial);
  conv.sumPartials(dw.gpu, partial, dw, { models, splits, count: dw.size / models });
}
