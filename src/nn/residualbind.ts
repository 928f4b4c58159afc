/**
 * The model: E ResidualBind networks of one architecture on one GPU. Plain arrays go in and come out; training is
 * `fit.ts`, files are `model-files.node.ts`.
 */

import { ShapeError } from '../device/errors.js';
import type { Gpu } from '../device/gpu.js';
import { createControl } from '../kernels/training.js';
import { loss } from '../tensor/operations.js';
import { Tape } from '../tensor/tape.js';
import {
  type Architecture,
  architecture,
  type Head,
  type Preset,
  parameterSpecs,
  statisticSpecs,
} from './architecture.js';
import { Dataset, type Sequences } from './dataset.js';
import { initialWeights } from './initialise.js';
import { forward, type NetworkState } from './network.js';
import { ParameterSet } from './parameters.js';
import { Predictor, type PredictorOptions } from './predictor.js';
import { architectureOf, type NamedArray, readSet, type Weights, writeSet } from './weights.js';

export interface CreateOptions extends Partial<Architecture> {
  /** Default `paper`. */
  readonly preset?: Preset;
  /** Model e is initialised with seed + e. Default 1. */
  readonly seed?: number;
  /** Models trained or evaluated side by side, E. Default 1. */
  readonly models?: number;
}

export interface FromWeightsOptions {
  /** Default `regression`. */
  readonly head?: Head;
  /** Input positions; weights do not tell them. Default 41. */
  readonly length?: number;
  /** Says everything at once, instead of reading it off the weights. */
  readonly architecture?: Architecture;
}

/** The training loss of a head (SPEC §2). */
export const lossOf = (head: Head) =>
  head === 'classification' ? 'binary_cross_entropy' : 'mean_squared_error';

export class ResidualBind implements NetworkState, Disposable {
  readonly parameters: ParameterSet;
  readonly statistics: ParameterSet;

  private constructor(
    readonly gpu: Gpu,
    readonly architecture: Architecture,
    readonly models: number,
  ) {
    this.parameters = new ParameterSet(gpu, parameterSpecs(architecture), models);
    this.statistics = new ParameterSet(gpu, statisticSpecs(architecture), models);
  }

  /** New models with Glorot-uniform weights. */
  static async create(
    gpu: Gpu,
    { preset, seed = 1, models = 1, ...changes }: CreateOptions = {},
  ): Promise<ResidualBind> {
    const made = new ResidualBind(gpu, architecture(preset, changes), models);
    await made.load(Array.from({ length: models }, (_, e) => initialWeights(made.architecture, seed + e)));
    return made;
  }

  /**
   * A model from plain arrays, `{ 'conv0.w': { shape, data }, … }` (names and layouts: `weights.ts`); several
   * records make several models.
   *
   * @throws ShapeError or NotFiniteError naming the tensor
   */
  static async fromWeights(
    gpu: Gpu,
    weights: Readonly<Record<string, NamedArray>> | readonly Readonly<Record<string, NamedArray>>[],
    options: FromWeightsOptions = {},
  ): Promise<ResidualBind> {
    const all = Array.isArray(weights) ? weights : [weights];
    if (all.length === 0) throw new ShapeError('weights: at least one model is needed');
    const made = new ResidualBind(
      gpu,
      options.architecture ?? architectureOf(all[0], options.head, options.length),
      all.length,
    );
    try {
      await made.load(all);
    } catch (error) {
      made.dispose();
      throw error;
    }
    return made;
  }

  /** Replaces all weights, one record of arrays per model. */
  async load(weights: readonly Readonly<Record<string, NamedArray>>[]): Promise<void> {
    if (weights.length !== this.models)
      throw new ShapeError(`${this.models} sets of weights are needed, not ${weights.length}`);
    await writeSet(this.parameters, weights);
    await writeSet(this.statistics, weights);
  }

  /** Model `e`'s parameters and running statistics. */
  async weights(e = 0): Promise<Weights> {
    return { ...(await readSet(this.parameters, e)), ...(await readSet(this.statistics, e)) };
  }

  /**
   * Predictions in evaluation mode: affinities, or probabilities for a classification head.
   *
   * @returns [E * N], model by model
   */
  async predict(
    sequences: Sequences,
    options: PredictorOptions & { signal?: AbortSignal } = {},
  ): Promise<Float32Array> {
    using dataset = Dataset.upload(this.gpu, this.architecture, sequences);
    using predictor = await Predictor.create(this.gpu, this, dataset, options);
    return await predictor.predict(options.signal);
  }

  /**
   * Loss and its gradient with respect to every parameter on one batch, in training mode (batch statistics) without
   * dropout. The running statistics move as in a training step.
   *
   * @returns `outputs` [E * N] (raw: logits for classification), `loss` [E], and model `e`'s `gradients`
   */
  async gradients(
    sequences: Sequences,
    scores: Float32Array,
    e = 0,
  ): Promise<{ outputs: Float32Array; loss: Float32Array; gradients: Weights }> {
    const { gpu } = this;
    using dataset = Dataset.upload(gpu, this.architecture, sequences, scores);
    using destinations = new ParameterSet(gpu, this.parameters.specs, this.models);
    const control = createControl(gpu);
    try {
      using input = dataset.batch(control, dataset.records);
      using goals = dataset.goals(control, dataset.records);
      using tape = new Tape();
      using outputs = tape.watch(() => forward(this, input, { kind: 'training' }));
      using value = tape.watch(() => loss(lossOf(this.architecture.head), outputs, goals));
      for (const gradient of tape.gradients(value, this.parameters.tensors, destinations.tensors))
        gradient.dispose();
      return {
        outputs: await outputs.readFloats(),
        loss: await value.readFloats(),
        gradients: await readSet(destinations, e),
      };
    } finally {
      control.dispose();
    }
  }

  dispose(): void {
    this.parameters.dispose();
    this.statistics.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
