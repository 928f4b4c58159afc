/**
 * What global importance analysis asks of a model. It asks for predictions and does not care who makes them;
 * what it can do beyond embedding and predicting (`sweep/plan.ts`) it does only for a model that shows its
 * layers.
 */

import { ALPHABETS, type Alphabet } from '../data/sequences/letters.js';
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
  /** Which letters tables, sentences and figures are written in. Default `rna`. */
  readonly alphabet?: Alphabet | undefined;
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
   * @param profile structure profiles [1, batch, length, channels - 4] f32; only a model with layers and
   * structure channels is given any. Without them it folds the sequences itself
   * @returns [E, batch, outputs] f32, or [E, batch] where there is one output: model by model and record by
   * record
   */
  record(codes: Tensor, path?: PrecisionPath, profile?: Tensor): Tensor;
  /** Sequences to predict at a time. Default 512. */
  sequencesAtOnce?(path?: PrecisionPath): number;
}

/**
 * A model that shows its layers and weights: sweeps share what patterns have in common, and gradients exist.
 */
export interface LayeredModel extends Predicts, NetworkState {}

/**
 * A model of another library as a function: a session of a runtime, a service behind HTTP.
 *
 * @param codes base codes [n * length], sequence by sequence: 0-3 = ACGU, 4 = no letter (pad or N). The
 * function may keep them
 * @param options what ends the analysis, for a request that can be aborted
 * @returns predictions [E, n, outputs], model by model and sequence by sequence: [n] for one model with one
 * output
 */
export type PredictFunction = (
  codes: Uint8Array,
  options: { readonly signal?: AbortSignal },
) => ArrayLike<number> | Promise<ArrayLike<number>>;

/** A function that predicts, and what it does not say of itself. */
export interface PlainModel extends Partial<Readouts> {
  readonly predict: PredictFunction;
  /** Letters of a sequence. */
  readonly length: number;
  /** Sequences per call at most. Default 1024. */
  readonly batch?: number | undefined;
}

/**
 * What analyses take: a `ResidualBind`, anything else that predicts on a GPU, or a plain function, alone or
 * with what it does not say of itself. A function alone is one model with one output, for sequences as long
 * as the backgrounds.
 */
export type Model = Predicts | PlainModel | PredictFunction;

/** A plain model whose number of models is known. */
export interface HostModel extends PlainModel {
  readonly models: number;
}

/** A model as analyses ask it. */
export type AskedModel = Predicts | HostModel;

/** Whether a model is a plain function. */
export const isHost = (model: AskedModel): model is HostModel => !('record' in model);

/** Whether a model shows its layers. */
export const isLayered = (model: AskedModel): model is LayeredModel =>
  'record' in model && 'architecture' in model && 'parameters' in model && 'statistics' in model;

/** Outputs of all models together; each is a readout and has importances of its own. */
export const readoutsOf = ({ models, outputs = 1 }: Readouts): number => models * outputs;

/**
 * Which model and output readout `r` is; nothing where models have one output, since the model alone tells.
 */
export function readoutAt({ outputs = 1, tasks }: Readouts, r: number): Readout | undefined {
  if (outputs === 1) return undefined;
  const output = r % outputs;
  return { model: Math.floor(r / outputs), output, task: tasks?.[output] ?? String(output + 1) };
}

/** What results note of a model's alphabet: `rna`, the default, is left out. */
export function alphabetIn(model: Model | Pick<Readouts, 'alphabet'>): Written {
  const alphabet = typeof model === 'function' ? undefined : model.alphabet;
  return alphabet === undefined || alphabet === 'rna' ? {} : { alphabet };
}

/**
 * A result that knows which letters it is to be written in. In memory its sequences and patterns are RNA
 * letters all the same; whoever writes it spells them (`spelledResult`, `resultTable`).
 */
export interface Written {
  /** Absent for RNA. */
  readonly alphabet?: Alphabet | undefined;
}

/** The readouts of a model as a result holds them: with one output as without any. */
export const readoutsIn = ({ models, outputs = 1, tasks, alphabet }: Readouts): Readouts => ({
  models,
  ...(outputs > 1 && { outputs }),
  ...(outputs > 1 && tasks && { tasks }),
  ...alphabetIn({ alphabet }),
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

const READOUTS = {
  models: check.whole(1),
  outputs: check.optional(check.whole(1)),
  tasks: check.optional(check.list(check.text)),
  alphabet: check.optional(check.oneOf(...ALPHABETS)),
  length: check.whole(1),
};
const PREDICTS = check.record({ ...READOUTS, gpu: check.object, record: check.callable });
const PLAIN = check.record({
  ...READOUTS,
  models: check.optional(READOUTS.models),
  predict: check.callable,
  batch: check.optional(check.whole(1)),
});

/**
 * A model that can be asked.
 *
 * @param length letters of a sequence, for a function that does not say
 * @throws ArgumentError naming what `model` lacks
 */
export function checkModel(model: unknown, length?: number): AskedModel {
  const place = check.argument('model');
  if (typeof model === 'function') {
    if (length === undefined)
      throw place.error('model: a function does not say how long sequences are; give { predict, length }');
    return { predict: model as PredictFunction, length, models: 1 };
  }
  const given = check.object(model, place);
  if (!('predict' in given) || 'record' in given) {
    PREDICTS(given, place);
    return model as Predicts;
  }
  PLAIN(given, place);
  const plain = model as PlainModel;
  const { models = 1, tasks, outputs = 1, alphabet, batch } = plain;
  if (tasks && tasks.length !== outputs)
    throw place.error(`model.tasks names ${tasks.length} outputs of ${outputs}`);
  // Not spread: an instance of a class has its methods elsewhere, and they need it.
  const predict: PredictFunction = (codes, options) => plain.predict(codes, options);
  return { predict, length: plain.length, models, outputs, tasks, alphabet, batch };
}
