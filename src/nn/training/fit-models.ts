/**
 * The training recipe (docs/method.md, Training) for any number of models of one architecture: seeded
 * shuffles, batches of 100, learning-rate decay, early stopping, best weights restored. Models are trained
 * side by side, and each has the bits that it would have alone. A model that has stopped gives its place to
 * the next one. Every epoch of a model ends in a state that a checkpoint can hold and a later run continues
 * bit for bit. `fit.ts` and `fit-many.ts` check what users give and call this; the GPU's side is `cohort.ts`.
 */

import { CancelledError } from '../../device/errors.js';
import type { Gpu } from '../../device/gpu.js';
import { Random, STREAM } from '../../kernels/random.js';
import { type Architecture, lossKindOf } from '../architecture.js';
import type { Dataset } from '../dataset.js';
import type { ResidualBind } from '../residualbind.js';
import { Cohort, type ModelState, type Scored, type Trained } from './cohort.js';
import { baselineLoss, divergence, mean } from './divergence.js';
import { advance, initialSchedule, type ScheduleOptions, type ScheduleState } from './schedule.js';
import type { EpochReport, TrainingState } from './training-state.js';

/** The most epochs where a caller names none. */
export const EPOCHS = 300;

/** What all models of a training have in common. */
export interface RecipeOptions extends ScheduleOptions {
  /** Default 300. */
  readonly epochs?: number;
  /** Default 100. */
  readonly batch?: number;
  /** Aborting ends training after the running step; the best weights so far stay in the models. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether fused kernels compute the steps, or one kernel after another. Both give the same but for
   * rounding, so models that are to have the same bits need the same choice. Default: fused kernels on
   * hardware, if they take the network. They are faster for one model, and slower for 32 side by side.
   */
  readonly fused?: boolean | undefined;
  /** Called when everything is recorded and compiled, before the first epoch. */
  readonly onReady?: () => void;
}

/** What the training of a model reached. */
export interface FitResult {
  readonly history: readonly EpochReport[];
  readonly schedule: ScheduleState;
  /** Why training ended. */
  readonly reason: 'epochs' | 'early-stopping' | 'cancelled' | 'diverged';
  readonly steps: number;
  readonly dispatchesPerStep: number;
  /** What diverged, and what to do; only where that is the reason. */
  readonly divergence?: string;
}

/** One model and what it learns from. */
export interface Pupil {
  /** A single model with its initial weights. It always holds the best ones so far. */
  readonly model: ResidualBind;
  readonly train: Scored;
  readonly valid: Scored;
  /** Shuffles and dropout masks. */
  readonly seed: number;
  /** The state to go on from instead of the model's weights; asked for when the model gets its place. */
  readonly resume?: (() => Promise<TrainingState | undefined>) | undefined;
}

/** How `fitModels` trains. */
export interface FitModelsOptions extends RecipeOptions {
  /** Models side by side, at most. */
  readonly modelsAtOnce: number;
  /**
   * Called after every batch that was submitted, with the numbers of the models that are trained. Steps count
   * from 1, and up to those of the model that has most of them.
   */
  readonly onStep?: (step: number, steps: number, models: readonly number[]) => void;
  /**
   * Whether the next epochs run while `onEpoch` and `onEnd` are at work, so that saving takes no time of the
   * GPU. Errors of theirs end the training an epoch later.
   */
  readonly ahead?: boolean;
  /** Called after each epoch of a model; `state()` is for a checkpoint. Calls come one after the other. */
  readonly onEpoch?: (
    model: number,
    report: EpochReport,
    state: () => Promise<TrainingState>,
  ) => void | Promise<void>;
  /** Called when the training of a model has ended. */
  readonly onEnd?: (model: number, result: FitResult) => void | Promise<void>;
}

/** A model that has a place. */
class Trainee implements Trained {
  readonly train: Scored;
  readonly valid: Scored;
  readonly history: EpochReport[];
  readonly #shuffles: Random;
  readonly #baseline: number;
  /** Orders of epochs, by their numbers. */
  readonly #orders = new Map<number, Uint32Array>();
  reason: FitResult['reason'] | undefined;
  divergence: string | undefined;

  private constructor(
    readonly number: number,
    readonly pupil: Pupil,
    history: readonly EpochReport[],
    public schedule: ScheduleState,
    /** Steps that it has taken. */
    public taken: number,
    public state: ModelState,
    public best: Pick<ModelState, 'parameters' | 'statistics'>,
  ) {
    const { model, train, valid, seed } = pupil;
    this.train = train;
    this.valid = valid;
    this.history = [...history];
    this.#shuffles = new Random(seed, STREAM.shuffleEpoch);
    this.#baseline = baselineLoss(scoresOf(train, model.outputs), lossKindOf(model.architecture));
  }

  /** From a model's own weights, or from where it was. */
  static async start(number: number, pupil: Pupil, options: ScheduleOptions): Promise<Trainee> {
    const { parameters, statistics } = pupil.model;
    const resume = await pupil.resume?.();
    if (!resume) {
      const best = {
        parameters: await parameters.flat.readFloats(),
        statistics: await statistics.flat.readFloats(),
      };
      const size = best.parameters.length;
      const state = { ...best, adamM: new Float32Array(size), adamV: new Float32Array(size) };
      return new Trainee(number, pupil, [], initialSchedule(options), 0, state, best);
    }
    const { history, schedule, steps, tensors } = resume;
    const { bestParameters, bestStatistics, ...state } = tensors;
    const best = { parameters: bestParameters, statistics: bestStatistics };
    const trainee = new Trainee(number, pupil, history, schedule, steps, state, best);
    await trainee.#keep();
    return trainee;
  }

  /** The epoch that comes next. */
  get next() {
    const { taken, schedule, pupil, history } = this;
    const epoch = history.length + 1;
    const order = this.#orders.get(epoch) ?? this.#orderOf(epoch);
    this.#orders.delete(epoch);
    return { seed: pupil.seed, learningRate: schedule.learningRate, taken, order };
  }

  /** Computes the order of the epoch after the one that runs, while the GPU is busy. */
  lookAhead(): void {
    const epoch = this.history.length + 2;
    if (!this.#orders.has(epoch)) this.#orders.set(epoch, this.#orderOf(epoch));
  }

  #orderOf(epoch: number): Uint32Array {
    const { records } = this.train;
    return this.#shuffles.permutation(records.length, epoch).map((place) => records[place]!);
  }

  /** Takes in an epoch that the GPU has finished. Gives no report of one that diverged. */
  async finished(
    { losses, state }: { readonly losses: Float32Array; readonly state: ModelState },
    validation: number,
    options: ScheduleOptions,
  ): Promise<EpochReport | undefined> {
    const epoch = this.history.length + 1;
    this.taken += losses.length;
    const what = divergence({ epoch, losses, tensors: { ...state } }, this.#baseline);
    if (what !== undefined) {
      this.reason = 'diverged';
      this.divergence = `${what}; ${adviceAfter(this.schedule)}`;
      return undefined;
    }
    this.state = state;
    const { learningRate } = this.schedule;
    this.schedule = advance(this.schedule, epoch, validation, options);
    const improved = this.schedule.bestEpoch === epoch;
    if (improved) {
      this.best = state;
      await this.#keep();
    }
    const report = { epoch, loss: mean(losses), validation, learningRate, improved };
    this.history.push(report);
    return report;
  }

  /** Whether it has no epoch left. */
  endsBy(epochs: number): boolean {
    if (this.schedule.stop) this.reason ??= 'early-stopping';
    else if (this.history.length >= epochs) this.reason ??= 'epochs';
    return this.reason !== undefined;
  }

  result(dispatchesPerStep: number): FitResult {
    const { history, schedule, reason = 'cancelled', taken: steps, divergence } = this;
    return { history, schedule, reason, steps, dispatchesPerStep, ...(divergence && { divergence }) };
  }

  /** The best weights, in the model. */
  async #keep(): Promise<void> {
    const { parameters, statistics } = this.pupil.model;
    await parameters.flat.write(this.best.parameters);
    await statistics.flat.write(this.best.statistics);
  }

  /** Where it stands after its last epoch. */
  checkpoint(): TrainingState {
    const { history, taken: steps, schedule, state, best } = this;
    const tensors = { ...state, bestParameters: best.parameters, bestStatistics: best.statistics };
    return { epoch: history.length, steps, schedule, history: [...history], tensors };
  }
}

/**
 * Trains models of one architecture. Each ends with the weights of the epoch with the best validation score.
 * A model that diverges ends alone.
 *
 * @param training the sequences that `train.records` number @param validation those of `valid.records`
 * @returns what each model reached, in their order
 */
export async function fitModels(
  gpu: Gpu,
  architecture: Architecture,
  data: { readonly training: Dataset; readonly validation: Dataset },
  pupils: readonly Pupil[],
  options: FitModelsOptions,
): Promise<FitResult[]> {
  const { epochs = EPOCHS, batch = 100, fused = 'as-alone', modelsAtOnce, signal } = options;
  const most = (records: (pupil: Pupil) => Uint32Array) => Math.max(...pupils.map((p) => records(p).length));
  using cohort = await Cohort.record(gpu, architecture, data.training, data.validation, {
    models: Math.min(modelsAtOnce, pupils.length),
    batch,
    mostTrained: most(({ train }) => train.records),
    mostValidated: most(({ valid }) => valid.records),
    fused,
  });
  const results: FitResult[] = [];
  const waiting = pupils.map((pupil, number) => ({ pupil, number }));
  let seated: Trainee[] = [];
  // What callers are told, one call after the other.
  let told: Promise<void> = Promise.resolve();
  const tell = (call: () => void | Promise<void>): void => {
    told = told.then(call);
    // Whoever awaits it next hears of the error.
    told.catch(() => undefined);
  };
  const end = (trainee: Trainee): void => {
    const result = trainee.result(cohort.dispatches);
    results[trainee.number] = result;
    tell(() => options.onEnd?.(trainee.number, result));
  };
  const onStep = (step: number, steps: number): void => {
    options.onStep?.(
      step,
      steps,
      seated.map(({ number }) => number),
    );
    if (signal?.aborted) throw new StoppedError(step);
    seated[step - 1]?.lookAhead();
  };

  options.onReady?.();
  try {
    for (;;) {
      while (seated.length < cohort.options.models && waiting.length > 0) {
        const { pupil, number } = waiting.shift()!;
        const trainee = await Trainee.start(number, pupil, options);
        if (trainee.endsBy(epochs)) end(trainee);
        else seated.push(trainee);
      }
      if (seated.length === 0 || !options.ahead) await told;
      if (seated.length === 0) return results;
      seated.sort((a, b) => b.train.records.length - a.train.records.length || a.number - b.number);
      await cohort.seat(seated);
      if (signal?.aborted) throw new StoppedError(0);
      await cohort.run(
        seated.map(({ next }) => next),
        onStep,
      );
      const reached = await cohort.read();
      const validations = await cohort.validate();
      await told;
      for (const [e, trainee] of seated.entries()) {
        const report = await trainee.finished(reached[e]!, validations[e]!, options);
        if (report) {
          const state = trainee.checkpoint();
          tell(() => options.onEpoch?.(trainee.number, report, async () => state));
        }
        if (trainee.endsBy(epochs)) end(trainee);
        if (!options.ahead) await told;
      }
      seated = seated.filter(({ reason }) => reason === undefined);
    }
  } catch (error) {
    if (!(error instanceof StoppedError)) throw error;
    await told;
    for (const trainee of seated) {
      trainee.taken += Math.min(error.step, cohort.stepsOf(trainee));
      end(trainee);
    }
    for (const { pupil, number } of waiting) {
      const trainee = await Trainee.start(number, pupil, options);
      trainee.endsBy(epochs);
      end(trainee);
    }
    await told;
    return results;
  } finally {
    await Promise.allSettled([told]);
    await gpu.sync();
  }
}

/** The signal was aborted after a step of an epoch. */
class StoppedError extends CancelledError {
  constructor(readonly step: number) {
    super('training was cancelled');
  }
}

/** The scores of the records that count, [n * outputs]. */
export function scoresOf({ scores, records }: Scored, outputs: number): Float32Array {
  const chosen = new Float32Array(records.length * outputs);
  records.forEach((record, i) => {
    chosen.set(scores.subarray(record * outputs, (record + 1) * outputs), i * outputs);
  });
  return chosen;
}

const adviceAfter = ({ bestEpoch, learningRate }: ScheduleState): string =>
  `try a lower learning rate than ${learningRate} (${bestEpoch > 0 ? `the model keeps the weights of epoch ${bestEpoch}, the best so far` : 'no epoch before gave better weights than the initial ones'})`;
