/**
 * The model: E ResidualBind networks of one architecture on one GPU. Plain arrays go in and come out;
 * training is `fit.ts`, files are `model-files.node.ts`.
 */

import * as check from '../device/check.js';
import { ArgumentError, ShapeError } from '../device/errors.js';
import { Gpu } from '../device/gpu.js';
import { Owned } from '../device/owned.js';
import { createControl } from '../kernels/control.js';
import type { PrecisionPath } from '../kernels/precision.js';
import type { Loss } from '../kernels/training/training.js';
import { loss } from '../tensor/operations.js';
import { Tape } from '../tensor/tape.js';
import type { Tensor } from '../tensor/tensor.js';
import {
  type Alphabet,
  type Architecture,
  checkArchitecture,
  checkFits,
  type Head,
  lossKindOf,
  outputsOf,
  parameterSpecs,
  statisticSpecs,
} from './architecture.js';
import { contextsOf, withStructure } from './contexts.js';
import { Dataset, type Sequences } from './dataset.js';
import { Folding, foldedAtOnce } from './folding/folding.js';
import { initialWeights } from './initialise.js';
import { forward, type NetworkState } from './network.js';
import { ParameterSet } from './parameters.js';
import { evaluate } from './prediction/evaluation.js';
import { sequencesAtOnce } from './prediction/predictor.js';
import { type PredictOptions, predictOnce } from './prediction/sequence-predictor.js';
import { architecture, type Preset, type Sizes } from './presets.js';
import { architectureOf, type NamedArray, readSet, type Weights, writeSet } from './weights.js';

/** New models: a preset, and the sizes that differ from it; or a network of one's own. */
export interface CreateOptions extends Partial<Sizes> {
  /** Default `paper`. */
  readonly preset?: Preset;
  /** A whole network, instead of a preset and its sizes. */
  readonly architecture?: Architecture;
  /** Model e is initialised with seed + e. Default 1. */
  readonly seed?: number;
  /** Models trained or evaluated side by side, E. Default 1. */
  readonly models?: number;
  /** Names of the outputs, for results. Default: their numbers, from 1. */
  readonly tasks?: readonly string[] | undefined;
}

/** What weights do not tell of their network. */
export interface FromWeightsOptions {
  /** Default `regression`. */
  readonly head?: Head;
  /** Input positions; weights do not tell them. Default 41. */
  readonly length?: number;
  /** The full architecture; overrides what would be inferred from the weights. */
  readonly architecture?: Architecture;
  /** Names of the outputs, for results. Default: their numbers, from 1. */
  readonly tasks?: readonly string[] | undefined;
}

/** More models than any adapter holds. */
const MOST_MODELS = 65_535;

/** The training loss of a head (docs/method.md, Training). */
export const lossOf = (head: Head): Loss =>
  head === 'classification' ? 'binary_cross_entropy' : 'mean_squared_error';

/**
 * E ResidualBind networks of one architecture on one GPU, trained by `nn.fit`. `dispose` it after use.
 *
 * @example
 * const model = await ResidualBind.create(gpu, { preset: 'paper', filters: 32, seed: 1 });
 * const codes = data.encodeSequences(['UGCAUGA', 'ACGUACG'], model.architecture.length);
 * const scores = await model.predict({ codes }); // Float32Array [2]; it takes codes, not letters
 * model.dispose();
 */
export class ResidualBind implements NetworkState, Disposable {
  /** What training changes: weights, biases, scales and shifts. */
  readonly parameters: ParameterSet;
  /** Running means and variances of batch normalisation. */
  readonly statistics: ParameterSet;
  /** Folds sequences that come without a profile; made when it is needed first. */
  #folding: Folding | undefined;

  private constructor(
    /** The GPU that holds it. */
    readonly gpu: Gpu,
    /** Its sizes, the same for all models. */
    readonly architecture: Architecture,
    /** Number of models side by side, E. */
    readonly models: number,
    /** Names of the outputs, where they have names. */
    readonly tasks?: readonly string[] | undefined,
  ) {
    checkFits(architecture, models, gpu.pool.most);
    using made = new Owned();
    this.parameters = made.own(new ParameterSet(gpu, parameterSpecs(architecture), models));
    this.statistics = new ParameterSet(gpu, statisticSpecs(architecture), models);
    made.release();
  }

  /**
   * New models with Glorot-uniform weights.
   *
   * @throws ArgumentError or ShapeError naming the option; OutOfMemoryError
   */
  static async create(gpu: Gpu, options: CreateOptions = {}): Promise<ResidualBind> {
    check.instance(Gpu)(gpu, check.argument('gpu'));
    check.object(options, check.argument('options'));
    const { preset, architecture: own, seed = 1, models = 1, tasks, ...changes } = options;
    check.whole(1, MOST_MODELS)(models, check.argument('models'));
    check.whole(0, check.U32 + 1 - models)(seed, check.argument('seed'));
    if (own !== undefined && (preset !== undefined || Object.keys(changes).length > 0))
      throw new ArgumentError('architecture', 'architecture stands alone: leave out preset and sizes');
    const made =
      own === undefined
        ? architecture(preset, changes)
        : checkArchitecture(own, check.argument('architecture'));
    const empty = ResidualBind.#empty(gpu, made, models, tasks);
    return ResidualBind.#filled(
      empty,
      Array.from({ length: models }, (_, e) => initialWeights(made, seed + e)),
    );
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
    check.instance(Gpu)(gpu, check.argument('gpu'));
    check.object(options, check.argument('options'));
    const all = Array.isArray(weights) ? weights : [weights];
    if (all.length === 0) throw new ShapeError('weights: at least one model is needed');
    for (const each of all) check.object(each, check.argument('weights'));
    const made =
      options.architecture === undefined
        ? architectureOf(all[0], options.head, options.length)
        : checkArchitecture(options.architecture, check.argument('architecture'));
    return ResidualBind.#filled(ResidualBind.#empty(gpu, made, all.length, options.tasks), all);
  }

  /** @throws ArgumentError where names are not as many as outputs */
  static #empty(
    gpu: Gpu,
    architecture: Architecture,
    models: number,
    tasks: readonly string[] | undefined,
  ): ResidualBind {
    const outputs = outputsOf(architecture);
    if (tasks !== undefined) check.list(check.text, outputs, outputs)(tasks, check.argument('tasks'));
    return new ResidualBind(gpu, architecture, models, tasks);
  }

  static async #filled(
    made: ResidualBind,
    weights: readonly Readonly<Record<string, NamedArray>>[],
  ): Promise<ResidualBind> {
    try {
      await made.load(weights);
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

  /** Model `e`'s parameters and running statistics. @throws ArgumentError where there is no model `e` */
  async weights(e = 0): Promise<Weights> {
    this.#checkModel(e);
    return { ...(await readSet(this.parameters, e)), ...(await readSet(this.statistics, e)) };
  }

  /** Letters of a sequence. */
  get length(): number {
    return this.architecture.length;
  }

  /**
   * Records the prediction of codes [1, batch, length] u32 in evaluation mode: [E, batch, outputs].
   *
   * @param profile structure profiles [1, batch, length, channels - 4] f32. Default: a model with structure
   * channels folds the sequences
   */
  record(codes: Tensor, path?: PrecisionPath, profile?: Tensor): Tensor {
    const contexts = contextsOf(this.architecture);
    if (!contexts) return evaluate(this, { codes }, path);
    if (profile) return evaluate(this, { codes, profile }, path);
    this.#folding ??= Folding.create(this.gpu, { length: this.length, contexts });
    using folded = this.#folding.record(codes);
    return evaluate(this, { codes, profile: folded }, path);
  }

  /**
   * Sequences to predict at a time. A model with structure channels folds them side by side: more would mean
   * thousands of dispatches for each such group in one submit, which long sequences take beyond what drivers
   * can hold.
   */
  sequencesAtOnce(path?: PrecisionPath): number {
    const predicted = sequencesAtOnce(this.gpu, this, path);
    if (!contextsOf(this.architecture)) return predicted;
    return Math.min(predicted, foldedAtOnce(this.gpu, this.length));
  }

  /**
   * Predictions in evaluation mode: affinities, or probabilities for a classification head.
   *
   * @param sequences without profiles, a model with structure channels folds them
   * @returns [E * outputs * N], model by model and output by output
   * @throws ArgumentError naming the option; ShapeError, InvalidSequenceError or NotFiniteError naming the
   * record; CancelledError
   */
  async predict(sequences: Sequences, options: PredictOptions = {}): Promise<Float32Array> {
    const { gpu, architecture } = this;
    const { signal } = options;
    return await predictOnce(
      gpu,
      this,
      await withStructure(gpu, architecture, sequences, { signal }),
      options,
    );
  }

  /**
   * Loss and its gradient with respect to every parameter on one batch, in training mode (batch statistics)
   * without dropout. The running statistics move as in a training step.
   *
   * @param scores [N * outputs], record by record; of several outputs, NaN is a missing score
   * @returns `outputs` [E * N * outputs] (raw: logits for classification), `loss` [E], and model `e`'s
   * `gradients`
   */
  async gradients(
    sequences: Sequences,
    scores: Float32Array,
    e = 0,
  ): Promise<{ outputs: Float32Array; loss: Float32Array; gradients: Weights }> {
    this.#checkModel(e);
    check.floats(scores, check.argument('scores'));
    const { gpu } = this;
    using dataset = Dataset.upload(gpu, this.architecture, sequences, scores);
    using destinations = new ParameterSet(gpu, this.parameters.specs, this.models);
    using made = new Owned();
    const control = made.own(createControl(gpu));
    const { plan, result } = await gpu.record(() => {
      using input = dataset.batch(control, dataset.records);
      using goals = dataset.goals(control, dataset.records);
      using tape = new Tape();
      using outputs = tape.watch(() => forward(this, input, { kind: 'training' }));
      using value = tape.watch(() => loss(lossOf(lossKindOf(this.architecture)), outputs, goals));
      for (const gradient of tape.gradients(value, this.parameters.tensors, destinations.tensors))
        gradient.dispose();
      return { outputs: outputs.retain(), value: value.retain() };
    });
    using _plan = plan;
    using outputs = result.outputs;
    using value = result.value;
    await gpu.flush();
    plan.run();
    return {
      outputs: await outputs.readFloats(),
      loss: await value.readFloats(),
      gradients: await readSet(destinations, e),
    };
  }

  /** Numbers that each model gives for a sequence: its tasks. */
  get outputs(): number {
    return outputsOf(this.architecture);
  }

  /** Which letters results are written in. */
  get alphabet(): Alphabet {
    return this.architecture.alphabet;
  }

  #checkModel(e: number): void {
    check.whole(0, this.models - 1)(e, check.argument('e'));
  }

  /** Frees its memory. */
  dispose(): void {
    this.parameters.dispose();
    this.statistics.dispose();
    this.#folding?.dispose();
    this.#folding = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
