/**
 * The GPU's side of training several models: their weights and Adam's moments side by side, and an epoch of
 * each of them. Every model has its own records, order, seed and learning rate. Models stand in descending
 * order of their full batches, so that those which still have one are always the first, and a step takes these
 * alone. The last, smaller batch of an epoch is a step of one model in memory of its own. `fit-models.ts`
 * decides who is trained and when it ends.
 */

import type { Gpu } from '../../device/gpu.js';
import { Owned } from '../../device/owned.js';
import { Pace } from '../../device/pace.js';
import type { BufferRange } from '../../device/recording.js';
import { Tensor } from '../../tensor/tensor.js';
import { type Architecture, outputsOf, parameterSpecs, statisticSpecs } from '../architecture.js';
import type { Dataset } from '../dataset.js';
import { pearsonOnGpu } from '../metrics.js';
import { ParameterSet } from '../parameters.js';
import { Predictor } from '../prediction/predictor.js';
import type { TrainedNetwork } from './fused-step.js';
import { type ModelStep, TrainingStep, type TrainingStepOptions } from './training-step.js';

/** Records of a data set, and the data set's scores. */
export interface Scored {
  /** [sequences * outputs]; NaN where one is missing. */
  readonly scores: Float32Array;
  /** The records that count, by their numbers. */
  readonly records: Uint32Array;
}

/** What the GPU holds of a model between two epochs. */
export interface ModelState {
  readonly parameters: Float32Array;
  readonly statistics: Float32Array;
  readonly adamM: Float32Array;
  readonly adamV: Float32Array;
}

/** A model as the GPU trains it. */
export interface Trained {
  readonly train: Scored;
  readonly valid: Scored;
  /** Where it stands; written to the GPU when the model gets a place. */
  readonly state: ModelState;
}

/** The sizes of a cohort. */
export interface CohortOptions extends Pick<TrainingStepOptions, 'fused'> {
  /** Models side by side. */
  readonly models: number;
  readonly batch: number;
  /** Most records of a model. */
  readonly mostTrained: number;
  readonly mostValidated: number;
}

/** An epoch of a model. */
export interface ModelEpoch extends Pick<ModelStep, 'seed' | 'learningRate'> {
  /** Steps taken before the epoch. */
  readonly taken: number;
  /** The places in which `train.records` come. */
  readonly order: Uint32Array;
}

/** What an epoch left behind. */
export interface EpochEnd {
  /** Loss of every step. */
  readonly losses: Float32Array;
  readonly state: ModelState;
}

const STATE = ['parameters', 'statistics', 'adamM', 'adamV'] as const;

/** Steps that are waited for together. */
const STEPS_A_GROUP = 4;

/** Memory of models side by side: all that a step changes, and the scores that it reads. */
class Places implements Disposable {
  private constructor(
    readonly network: TrainedNetwork & Disposable,
    readonly data: Dataset,
    readonly step: TrainingStep,
  ) {}

  static async record(
    gpu: Gpu,
    architecture: Architecture,
    training: Dataset,
    size: { readonly models: number; readonly places: number; readonly batch: number },
    fused: TrainingStepOptions['fused'],
  ): Promise<Places> {
    const { models, places, batch } = size;
    using made = new Owned();
    const parameters = made.own(new ParameterSet(gpu, parameterSpecs(architecture), models));
    const statistics = made.own(new ParameterSet(gpu, statisticSpecs(architecture), models));
    const dispose = () => {
      parameters.dispose();
      statistics.dispose();
    };
    const network = { gpu, architecture, models, parameters, statistics, [Symbol.dispose]: dispose };
    const scores = made.own(Tensor.zeros(gpu, [models, training.records, outputsOf(architecture)]));
    const data = made.own(training.ordered(models, places, scores));
    const step = await TrainingStep.record(network, data, { batch, seed: 0, fused });
    made.release();
    return new Places(network, data, step);
  }

  /** The tensors of a state, [E, size] each. */
  get tensors(): Record<keyof ModelState, Tensor> {
    const { network, step } = this;
    const { m: adamM, v: adamV } = step.optimiser;
    return { parameters: network.parameters.flat, statistics: network.statistics.flat, adamM, adamV };
  }

  /** Where model `e`'s part of a tensor lies. */
  static part(tensor: Tensor, e: number): BufferRange {
    const { allocation, offset } = tensor.range;
    const bytes = (4 * tensor.size) / tensor.shape[0]!;
    return { allocation, offset: offset + e * bytes, bytes };
  }

  static write(tensor: Tensor, e: number, values: Float32Array | Uint32Array): void {
    const { allocation, offset } = Places.part(tensor, e);
    tensor.gpu.upload(allocation.buffer, offset, values);
  }

  [Symbol.dispose](): void {
    this.step.dispose();
    this.data.dispose();
    this.network[Symbol.dispose]();
  }
}

/** Models that are trained side by side. `dispose` it after use. */
export class Cohort implements Disposable {
  readonly #pace: Pace;
  /** Memory of one model, by the size of its last batch. */
  readonly #last = new Map<number, Places>();
  #trained: readonly Trained[] = [];

  private constructor(
    readonly gpu: Gpu,
    readonly architecture: Architecture,
    readonly training: Dataset,
    readonly options: CohortOptions,
    readonly places: Places,
    /** Losses of the last batches, [E, 1]. */
    readonly lastLosses: Tensor,
    readonly validator: Predictor,
    /** Scores in the order of the predictions, [E, mostValidated, outputs]; NaN beyond a model's last. */
    readonly goals: Tensor,
  ) {
    this.#pace = new Pace(gpu.device.queue);
  }

  /**
   * Records the steps that all epochs take.
   *
   * @param training the sequences that models learn from @param validation those that they are validated on
   * @throws ArgumentError or OutOfMemoryError where the models do not fit
   */
  static async record(
    gpu: Gpu,
    architecture: Architecture,
    training: Dataset,
    validation: Dataset,
    options: CohortOptions,
  ): Promise<Cohort> {
    const { models, mostTrained, mostValidated, fused } = options;
    const batch = Math.min(options.batch, mostTrained);
    using made = new Owned();
    const size = { models, batch, places: Math.floor(mostTrained / batch) * batch };
    const places = await Places.record(gpu, architecture, training, size, fused);
    made.own({ dispose: () => places[Symbol.dispose]() });
    const lastLosses = made.own(Tensor.zeros(gpu, [models, 1]));
    const held = made.own(validation.ordered(models, mostValidated));
    const validator = made.own(await Predictor.create(gpu, places.network, held));
    const goals = made.own(Tensor.zeros(gpu, [models, mostValidated, outputsOf(architecture)]));
    made.release();
    const sizes = { ...options, batch };
    return new Cohort(gpu, architecture, training, sizes, places, lastLosses, validator, goals);
  }

  /** Kernel launches of one full step. */
  get dispatches(): number {
    return this.places.step.dispatches;
  }

  /** Steps of an epoch of a model. */
  stepsOf({ train }: Trained): number {
    return Math.ceil(train.records.length / this.options.batch);
  }

  /**
   * Gives models their places; those that have the same place as before keep it as it is.
   *
   * @param trained in descending order of their records
   */
  async seat(trained: readonly Trained[]): Promise<void> {
    await this.gpu.flush();
    trained.forEach((each, e) => {
      if (this.#trained[e] !== each) this.#write(each, e);
    });
    this.#trained = trained;
    const sizes = new Set(trained.map((each) => this.#lastOf(each)).filter((size) => size > 0));
    for (const [size, places] of this.#last) {
      if (sizes.has(size)) continue;
      places[Symbol.dispose]();
      this.#last.delete(size);
    }
    const { gpu, architecture, training, options } = this;
    for (const size of sizes) {
      if (this.#last.has(size)) continue;
      const one = { models: 1, places: size, batch: size };
      this.#last.set(size, await Places.record(gpu, architecture, training, one, options.fused));
    }
  }

  #write({ train, valid, state }: Trained, e: number): void {
    const { places, goals, validator } = this;
    for (const name of STATE) Places.write(places.tensors[name], e, state[name]);
    Places.write(places.data.scores!, e, train.scores);
    const [, most, outputs] = goals.shape as [number, number, number];
    const order = new Uint32Array(most).fill(valid.records.at(-1)!);
    order.set(valid.records);
    Places.write(validator.dataset.order, e, order);
    const scores = new Float32Array(most * outputs).fill(Number.NaN);
    valid.records.forEach((record, i) => {
      scores.set(valid.scores.subarray(record * outputs, (record + 1) * outputs), i * outputs);
    });
    Places.write(goals, e, scores);
  }

  /** Records of the last batch of an epoch where it is smaller than the others, else 0. */
  #lastOf({ train }: Trained): number {
    return train.records.length % this.options.batch;
  }

  /**
   * Submits an epoch of every model.
   *
   * @param onStep called after every step of the model that has most of them; it may throw, which ends the epoch
   */
  async run(epochs: readonly ModelEpoch[], onStep: (step: number, steps: number) => void): Promise<void> {
    const { batch } = this.options;
    const { data, step } = this.places;
    const full = this.#trained.map(({ train }) => Math.floor(train.records.length / batch));
    const steps = Math.max(...this.#trained.map((each) => this.stepsOf(each)));
    epochs.forEach(({ order }, e) => {
      Places.write(data.order, e, order.subarray(0, full[e]! * batch));
    });
    const stepOf = ({ seed, learningRate, taken }: ModelEpoch, i: number): ModelStep => ({
      seed,
      learningRate,
      count: taken + i + 1,
    });
    for (let i = 0; i < full[0]!; i++) {
      const active = epochs.filter((_, e) => full[e]! > i);
      step.runModels(
        i,
        active.map((epoch) => stepOf(epoch, i)),
      );
      if (i % STEPS_A_GROUP === STEPS_A_GROUP - 1) await this.#pace.submitted();
      onStep(i + 1, steps);
    }
    let isLonger = false;
    for (const [e, epoch] of epochs.entries()) {
      if (this.#lastOf(this.#trained[e]!) === 0) continue;
      this.#runLast(e, epoch.order.subarray(full[e]! * batch), stepOf(epoch, full[e]!));
      isLonger ||= full[e]! + 1 > full[0]!;
    }
    if (isLonger) onStep(steps, steps);
  }

  /** The last batch of model `e`: its state is copied out and back. */
  #runLast(e: number, order: Uint32Array, taken: ModelStep): void {
    const { gpu, places, lastLosses } = this;
    const alone = this.#last.get(order.length)!;
    const state = STATE.map((name) => ({
      from: Places.part(places.tensors[name], e),
      to: Places.part(alone.tensors[name], 0),
    }));
    const scores = { from: Places.part(places.data.scores!, e), to: Places.part(alone.data.scores!, 0) };
    const loss = { from: Places.part(alone.step.losses, 0), to: Places.part(lastLosses, e) };
    Places.write(alone.data.order, 0, order);
    gpu.copy([...state, scores]);
    alone.step.runModels(0, [taken]);
    gpu.copy([...state.map(({ from, to }) => ({ from: to, to: from })), loss]);
  }

  /** What the epoch left of every model. */
  async read(): Promise<EpochEnd[]> {
    const { places, lastLosses } = this;
    const count = this.#trained.length;
    const parts = async (tensor: Tensor): Promise<Float32Array[]> => {
      const size = tensor.size / tensor.shape[0]!;
      using some = tensor.slice(0, [count, size], size);
      const all = await some.readFloats();
      // Copies, so that a state which is kept does not keep those of all models.
      return Array.from({ length: count }, (_, e) => all.slice(e * size, (e + 1) * size));
    };
    const states = {} as Record<keyof ModelState, Float32Array[]>;
    for (const name of STATE) states[name] = await parts(places.tensors[name]);
    const [losses, last] = [await parts(places.step.losses), await parts(lastLosses)];
    return this.#trained.map((each, e) => {
      const full = Math.floor(each.train.records.length / this.options.batch);
      const of = new Float32Array(this.stepsOf(each));
      of.set(losses[e]!.subarray(0, full));
      if (of.length > full) of.set(last[e]!, full);
      const state = {
        parameters: states.parameters[e]!,
        statistics: states.statistics[e]!,
        adamM: states.adamM[e]!,
        adamV: states.adamV[e]!,
      };
      return { losses: of, state };
    });
  }

  /** Pearson's r of every model on its validation records; of several outputs the mean of those defined. */
  async validate(): Promise<number[]> {
    const { goals, validator } = this;
    const [models, records, outputs] = goals.shape as [number, number, number];
    const some = { first: this.#trained.length, of: models };
    const predictions = await validator.run({}, some);
    using rows = predictions.reshape([models, outputs, records]);
    const all = await pearsonOnGpu(rows, goals);
    return this.#trained.map((_, e) => {
      const defined = all.slice(e * outputs, (e + 1) * outputs).filter((r) => !Number.isNaN(r));
      return defined.reduce((sum, r) => sum + r, 0) / defined.length;
    });
  }

  dispose(): void {
    for (const places of this.#last.values()) places[Symbol.dispose]();
    this.validator.dispose();
    this.validator.dataset.dispose();
    this.goals.dispose();
    this.lastLosses.dispose();
    this.places[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
