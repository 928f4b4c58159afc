/**
 * What global importance analysis asks of a model. It asks for predictions and does not care who makes them; what it
 * can do beyond embedding and predicting (`sweep/plan.ts`) it does only for a model that shows its layers.
 */

import * as check from '../device/check.js';
import type { Gpu } from '../device/gpu.js';
import type { PrecisionPath } from '../kernels/precision.js';
import type { NetworkState } from '../nn/network.js';
import type { Tensor } from '../tensor/tensor.js';

/** Models side by side, and what each of them predicts. */
export interface Readouts {
  /** Models side by side, E. */
  readonly models: number;
  /** Outputs of each model: one per task. Default 1. */
  readonly outputs?: number | undefined;
  /** Names of the outputs. Default: their numbers, from 1. */
  readonly tasks?: readonly string[] | undefined;
}

/** Something that predicts on a GPU: E models of one shape side by side. `ResidualBind` is one. */
export interface Predicts extends Readouts {
  /** The GPU that holds it. */
  readonly gpu: Gpu;
  /** Letters of a sequence. */
  readonly length: number;
  /**
   * Records the prediction of a batch of sequences; called while the GPU records.
   *
   * @param codes [1, batch, length] u32; 0-3 = ACGU, 4 = no letter (pad or N)
   * @param path how products are computed; only a model with layers is asked for more than `f32`
   * @returns [E, batch, outputs] f32, or [E, batch] where there is one output: model by model and record by record
   */
  record(codes: Tensor, path?: PrecisionPath): Tensor;
  /** Sequences to predict at a time. Default 512. */
  sequencesAtOnce?(path?: PrecisionPath): number;
}

/** A model that shows its layers and weights: sweeps share what patterns have in common, and gradients exist. */
export interface LayeredModel extends Predicts, NetworkState {}

/** What analyses take. */
export type Model = Predicts;

/** Whether a model shows its layers. */
export const isLayered = (model: Model): model is LayeredModel =>
  'architecture' in model && 'parameters' in model && 'statistics' in model;

/** Outputs of all models together; each is a readout and has importances of its own. */
export const readoutsOf = ({ models, outputs = 1 }: Readouts): number => models * outputs;

/** Which model and output readout `r` is; nothing where models have one output, since the model alone tells. */
export function readoutAt({ outputs = 1, tasks }: Readouts, r: number): Readout | undefined {
  if (outputs === 1) return undefined;
  const output = r % outputs;
  return { model: Math.floor(r / outputs), output, task: tasks?.[output] ?? String(output + 1) };
}

/** The readouts of a model as a result holds them: with one output as without any. */
export const readoutsIn = ({ models, outputs = 1, tasks }: Readouts): Readouts => ({
  models,
  ...(outputs > 1 && { outputs }),
  ...(outputs > 1 && tasks && { tasks }),
});

/** One output of one of several models. */
export interface Readout {
  /** Place of the model on the E axis. */
  readonly model: number;
  /** Place of the output among the model's. */
  readonly output: number;
  /** The output's name. */
  readonly task: string;
}

/** Sequences predicted at a time by a model that does not say how many. */
const AT_ONCE = 512;

/** Sequences to predict at a time. */
export const sequencesAtOnce = (model: Predicts, path: PrecisionPath): number =>
  model.sequencesAtOnce?.(path) ?? AT_ONCE;

const PREDICTS = {
  gpu: check.object,
  models: check.whole(1),
  outputs: check.optional(check.whole(1)),
  tasks: check.optional(check.list(check.text)),
  length: check.whole(1),
  record: check.callable,
};

/** @throws ArgumentError naming what `model` lacks */
export function checkModel(model: unknown): Model {
  check.record(PREDICTS)(model, check.argument('model'));
  return model as Model;
}
