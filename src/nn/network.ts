/**
 * ResidualBind's forward pass as differentiable operations, in training or evaluation, on any number of models at
 * once. Predictions take the fused pass, `evaluation.ts`.
 */

import { ShapeError } from '../device/errors.js';
import type { UniformBlock } from '../device/uniform-block.js';
import { oneHot } from '../kernels/training/training.js';
import * as ops from '../tensor/operations.js';
import { Tensor } from '../tensor/tensor.js';
import { type Architecture, windowsOf } from './architecture.js';
import type { ParameterSet } from './parameters.js';

/** A batch of sequences. */
export interface NetworkInput {
  /** [1, batch, length] u32; 0-3 = ACGU, 4 = all-zero column. */
  readonly codes: Tensor;
  /** [1, batch, length, channels - 4] f32: structure profiles, where the model has more than four channels. */
  readonly profile?: Tensor | undefined;
}

/** A batch of sequences as numbers, of which gradients can be asked (`ops.convCodes` has none for its codes). */
export interface DenseInput {
  /** [E or 1, batch, length, channels] f32: one-hot bases, or anything between them, and the structure profile. */
  readonly x: Tensor;
}

export interface NetworkState {
  readonly architecture: Architecture;
  readonly parameters: ParameterSet;
  readonly statistics: ParameterSet;
}

/** Evaluation uses running statistics and no dropout; training the batch's statistics and, with `dropout`, masks. */
export type Mode =
  | { readonly kind: 'evaluation' }
  | {
      readonly kind: 'training';
      readonly dropout?: { readonly seed: number; readonly control: UniformBlock };
    };

/** The network's raw output [E, batch]: the prediction (regression) or the logit (classification). */
export function forward(
  { architecture, parameters, statistics }: NetworkState,
  input: NetworkInput | DenseInput,
  mode: Mode,
): Tensor {
  const { dilations, dropout: rates, filters, hidden, length, pool } = architecture;
  const given = 'x' in input ? input.x : input.codes;
  const { gpu } = given;
  const models = parameters.models;
  const batch = given.shape[1]!;
  const last = dilations.length;

  /** A product of the given shape, its batch normalisation, and what follows. */
  const layer = (
    i: number,
    shape: readonly number[],
    product: (statistics?: Tensor) => Tensor,
    finish: ops.Finish,
  ): Tensor => {
    const affine = parameters.get(`bn${i}.affine`);
    const moments = statistics.get(`bn${i}.moments`);
    if (mode.kind === 'evaluation') {
      using sums = product();
      return ops.batchNormEvaluation(sums, affine, moments, finish);
    }
    using taken = ops.emptyStatistics(gpu, [models, ...shape]);
    using sums = product(taken);
    return ops.batchNorm(sums, affine, moments, { statistics: taken, ...finish });
  };
  // Dropout layers are numbered from the input on; the number enters their masks.
  const dropout = (number: number, rate: number): ops.Finish['dropout'] =>
    mode.kind === 'training' && mode.dropout
      ? { mask: { rate, layer: number, seed: mode.dropout.seed }, control: mode.dropout.control }
      : undefined;

  const columns = [batch, length, filters];
  using entry = layer(0, columns, (taken) => firstConvolution(architecture, parameters, input, taken), {
    relu: true,
    dropout: dropout(0, rates.first),
  });
  let x = entry.retain();
  dilations.forEach((dilation, j) => {
    using before = x;
    const w = parameters.get(`conv${j + 1}.w`);
    x = layer(j + 1, columns, (taken) => ops.conv1d(before, w, { dilation, statistics: taken }), {
      relu: true,
      ...(j + 1 < last ? { dropout: dropout(j + 1, rates.block) } : { skip: entry }),
    });
  });
  using residual = x;
  using pooled = ops.pool(residual, { by: 'mean', size: pool });
  const pooling = dropout(last, rates.pool);
  using kept = pooling ? ops.dropout(pooled, pooling.mask, pooling.control) : pooled.retain();
  // Window-major: index = window * filters + filter.
  using flat = ops.reshape(kept, [models, batch, windowsOf(architecture) * filters]);
  const dense = parameters.get('dense.w');
  using activity = layer(
    last + 1,
    [batch, hidden],
    (taken) => ops.dense(flat, dense, { statistics: taken }),
    {
      relu: true,
      dropout: dropout(last + 1, rates.hidden),
    },
  );
  using out = ops.dense(activity, parameters.get('out.w'));
  using biased = ops.bias(out, parameters.get('out.b'));
  return ops.reshape(biased, [models, batch]);
}

/** On sequence alone straight from codes; with structure channels, or where it was given, on an input tensor. */
function firstConvolution(
  architecture: Architecture,
  parameters: ParameterSet,
  input: NetworkInput | DenseInput,
  statistics: Tensor | undefined,
): Tensor {
  const w = parameters.get('conv0.w');
  if ('x' in input) return ops.conv1d(input.x, w, { statistics });
  if (architecture.channels === 4) return ops.convCodes(input.codes, w, { statistics });
  using x = inputTensor(architecture, input);
  return ops.conv1d(x, w, { statistics });
}

/** One-hot bases and structure profiles as one tensor [1, batch, length, channels]. */
export function inputTensor({ channels, length }: Architecture, { codes, profile }: NetworkInput): Tensor {
  if (!profile) {
    throw new ShapeError(`a model of ${channels} channels needs a structure profile of ${channels - 4}`);
  }
  const batch = codes.shape[1]!;
  const x = Tensor.empty(codes.gpu, [1, batch, length, channels]);
  oneHot(codes.gpu, codes, profile, x, { rows: batch * length, channels });
  return x;
}
