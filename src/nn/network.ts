/**
 * ResidualBind's forward pass as differentiable operations, in training or evaluation, on any number of models at
 * once. Predictions take the fused pass, `evaluation.ts`.
 */

import type { UniformBlock } from '../device/uniform-block.js';
import { oneHot } from '../kernels/training.js';
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

/** Passes x through steps, letting go of every intermediate result but the last. x stays the caller's. */
function through(x: Tensor, ...steps: ((x: Tensor) => Tensor)[]): Tensor {
  let value = x;
  for (const step of steps) {
    const next = step(value);
    if (value !== x) value.dispose();
    value = next;
  }
  return value;
}

/** The network's raw output [E, batch]: the prediction (regression) or the logit (classification). */
export function forward(
  { architecture, parameters, statistics }: NetworkState,
  input: NetworkInput,
  mode: Mode,
): Tensor {
  const { dilations, dropout: rates, filters, pool } = architecture;
  const models = parameters.models;
  const batch = input.codes.shape[1]!;

  const norm = (i: number) => (x: Tensor) => {
    const affine = parameters.get(`bn${i}.affine`);
    const moments = statistics.get(`bn${i}.moments`);
    return mode.kind === 'training'
      ? ops.batchNorm(x, affine, moments)
      : ops.batchNormEvaluation(x, affine, moments);
  };
  let layer = 0;
  const dropout = (rate: number) => {
    const mask = { rate, layer: layer++ };
    return (x: Tensor) => {
      if (mode.kind === 'evaluation' || !mode.dropout) return x.retain();
      const { seed, control } = mode.dropout;
      return ops.dropout(x, { ...mask, seed }, control);
    };
  };
  const convolution = (i: number, dilation: number) => (x: Tensor) =>
    ops.conv1d(x, parameters.get(`conv${i}.w`), { dilation });
  const last = dilations.length;

  using first = firstConvolution(architecture, parameters, input);
  using entry = through(first, norm(0), ops.relu, dropout(rates.first));
  const block = dilations.flatMap((dilation, j) => [
    convolution(j + 1, dilation),
    norm(j + 1),
    ...(j + 1 < last ? [ops.relu, dropout(rates.block)] : []),
  ]);
  using residual = through(entry, ...block);
  return through(
    residual,
    (x) => ops.add(x, entry),
    ops.relu,
    (x) => ops.meanPool(x, pool),
    dropout(rates.pool),
    // Window-major: index = window * filters + filter.
    (x) => ops.reshape(x, [models, batch, windowsOf(architecture) * filters]),
    (x) => ops.dense(x, parameters.get('dense.w')),
    norm(last + 1),
    ops.relu,
    dropout(rates.hidden),
    (x) => ops.dense(x, parameters.get('out.w')),
    (x) => ops.bias(x, parameters.get('out.b')),
    (x) => ops.reshape(x, [models, batch]),
  );
}

/** On sequence alone straight from codes; with structure channels on an input tensor. */
function firstConvolution(architecture: Architecture, parameters: ParameterSet, input: NetworkInput): Tensor {
  const w = parameters.get('conv0.w');
  if (architecture.channels === 4) return ops.convCodes(input.codes, w);
  using x = inputTensor(architecture, input);
  return ops.conv1d(x, w);
}

/** One-hot bases and structure profiles as one tensor [1, batch, length, channels]. */
export function inputTensor({ channels, length }: Architecture, { codes, profile }: NetworkInput): Tensor {
  if (!profile) {
    throw new RangeError(`a model of ${channels} channels needs a structure profile of ${channels - 4}`);
  }
  const batch = codes.shape[1]!;
  const x = Tensor.empty(codes.gpu, [1, batch, length, channels]);
  oneHot(codes.gpu, codes, profile, x, { rows: batch * length, channels });
  return x;
}
