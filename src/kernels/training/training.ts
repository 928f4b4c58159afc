/**
 * Kernels around the network in training: batch gather, losses with their gradients, Adam, and results put in
 * place.
 */

import type { Gpu } from '../../device/gpu.js';
import type { Control } from '../control.js';
import { flatGrid, launch, type Operand, streamGrid } from '../launch.js';
import type { Learners } from './learners.js';

/** out [E, batch, length] u32 = codes [records, length] u8 at order [E, places] from `record` on. */
export function gatherCodes(
  gpu: Gpu,
  control: Control,
  codes: Operand,
  order: Operand,
  out: Operand,
  size: { models?: number; batch: number; length: number; places: number },
): void {
  const { models = 1, batch, length, places } = size;
  const count = batch * length;
  launch(gpu, 'gather_codes', {
    operands: { control, codes, order, out },
    params: { count, length, order_count: places },
    // A code, its index and its copy, not the whole set.
    bytes: models * (5 * count + 4 * batch),
    workgroups: flatGrid(gpu, count, models),
  });
}

/** out [E, batch, width] = rows [E or 1, records, width] at order [E, places] from `record` on. */
export function gatherRows(
  gpu: Gpu,
  control: Control,
  rows: Operand,
  order: Operand,
  out: Operand,
  size: { models?: number; batch: number; width: number; places: number },
): void {
  const { models = 1, batch, width, places } = size;
  const count = batch * width;
  launch(gpu, 'gather_rows', {
    operands: { control, rows, order, out },
    params: { count, width, order_count: places },
    bytes: models * (8 * count + 4 * batch),
    workgroups: flatGrid(gpu, count, models),
  });
}

/** x [rows, channels]: one-hot bases in channels 0-3, the profile in the others. */
export function oneHot(
  gpu: Gpu,
  codes: Operand,
  profile: Operand,
  x: Operand,
  { rows, channels }: { rows: number; channels: number },
): void {
  const count = rows * channels;
  launch(gpu, 'one_hot', {
    operands: { codes, profile, x },
    params: { count, channels },
    workgroups: flatGrid(gpu, count),
  });
}

/**
 * `binary_cross_entropy` takes logits. A goal of NaN is missing: it enters neither the loss nor its gradient.
 */
export type Loss = 'mean_squared_error' | 'binary_cross_entropy';

/** Predictions per model (records times outputs), and models. */
export interface LossShape {
  readonly models: number;
  readonly count: number;
}

/**
 * loss [E], the mean over the goals that are present, 0 where none is; and `present` [E], how many there are.
 */
export function loss(
  gpu: Gpu,
  kind: Loss,
  operands: { predictions: Operand; goals: Operand; loss: Operand; present: Operand },
  { models, count }: LossShape,
): void {
  launch(gpu, kind, { operands, params: { count }, workgroups: [1, 1, models] });
}

/** d_prediction of d_loss, 0 where the goal is missing; `present` is `loss`'s. */
export function lossGradient(
  gpu: Gpu,
  kind: Loss,
  operands: {
    predictions: Operand;
    goals: Operand;
    d_loss: Operand;
    present: Operand;
    d_prediction: Operand;
  },
  { models, count }: LossShape,
): void {
  launch(gpu, `${kind}_backward`, {
    operands,
    params: { count },
    workgroups: flatGrid(gpu, count, models),
  });
}

/** Decay of Adam's two moments. */
export const ADAM = { beta1: 0.9, beta2: 0.999 } as const;

/** Adam's epsilon. */
const EPSILON = 1e-7;

/**
 * Where epsilon stands: `keras` adds it to sqrt(v) before the bias correction, as ResidualBind's authors
 * trained; `torch` adds it after. They differ where a gradient is near epsilon.
 */
export type EpsilonForm = 'keras' | 'torch';

/** The `rate` and `epsilon` of Adam's step `t` (from 1), bias corrections included. */
export function adamRate(
  learningRate: number,
  t: number,
  form: EpsilonForm = 'keras',
): { rate: number; epsilon: number } {
  const second = Math.sqrt(1 - ADAM.beta2 ** t);
  return {
    rate: (learningRate * second) / (1 - ADAM.beta1 ** t),
    epsilon: form === 'keras' ? EPSILON : EPSILON * second,
  };
}

/** One Adam step over flat buffers [E, count]; each model's `rate` and `epsilon` come from `learners`. */
export function adam(
  gpu: Gpu,
  learners: Learners,
  operands: { gradients: Operand; parameters: Operand; m: Operand; v: Operand },
  { models, count }: { models: number; count: number },
): void {
  launch(gpu, 'adam', {
    operands: { learners, ...operands },
    params: { count, ...ADAM },
    workgroups: streamGrid(gpu, count, models),
  });
}

/** out [E, outputs, total] at slot … = x [E, count, outputs]. Default: one output. */
export function place(
  gpu: Gpu,
  control: Control,
  x: Operand,
  out: Operand,
  { models, count, total, outputs = 1 }: { models: number; count: number; total: number; outputs?: number },
): void {
  const elements = count * outputs;
  launch(gpu, 'place', {
    operands: { control, x, out },
    params: { count: elements, outputs, total },
    bytes: 8 * models * elements,
    workgroups: flatGrid(gpu, elements, models),
  });
}
