/**
 * The training recipe (docs/method.md, Training): seeded shuffles, batches of 100, learning-rate decay, early
 * stopping, best weights restored. Every epoch ends in a state that a checkpoint can hold and a later run
 * continues bit for bit.
 */

import * as check from '../../device/check.js';
import { ArgumentError, CancelledError, NotFiniteError, ShapeError } from '../../device/errors.js';
import { Pace } from '../../device/pace.js';
import { Random, STREAM } from '../../kernels/random.js';
import type { Tensor } from '../../tensor/tensor.js';
import { lossKindOf } from '../architecture.js';
import { Dataset } from '../dataset.js';
import { pearsonOnGpu } from '../metrics.js';
import { Predictor } from '../prediction/predictor.js';
import { ResidualBind } from '../residualbind.js';
import { baselineLoss, divergence, mean } from './divergence.js';
import { checkTraining, checkValidation, type Examples } from './examples.js';
import {
  advance,
  checkSchedule,
  initialSchedule,
  type ScheduleOptions,
  type ScheduleState,
} from './schedule.js';
import { checkTrainingState, type EpochReport, type TrainingState } from './training-state.js';
import { TrainingStep } from './training-step.js';

export type { EpochReport, Examples, TrainingState };

/** How a model is trained. */
export interface FitOptions extends ScheduleOptions {
  /** Default 300. */
  readonly epochs?: number;
  /** Default 100. */
  readonly batch?: number;
  /** Shuffles and dropout masks. Default 1. */
  readonly seed?: number;
  /** Aborting ends training after the running step; the best weights so far stay in the model. */
  readonly signal?: AbortSignal | undefined;
  /** Continues from here instead of from the model's weights. */
  readonly resume?: TrainingState | undefined;
  /** Called when everything is recorded and compiled, before the first epoch. */
  readonly onReady?: () => void;
  /** Called after every batch that was submitted; steps and epochs count from 1. */
  readonly onStep?: (progress: { epoch: number; step: number; steps: number }) => void;
  /** Called after each epoch; `state()` reads the state back for a checkpoint. */
  readonly onEpoch?: (report: EpochReport, state: () => Promise<TrainingState>) => void | Promise<void>;
}

/** What the training reached. */
export interface FitResult {
  readonly history: readonly EpochReport[];
  readonly schedule: ScheduleState;
  /** Why training ended. */
  readonly reason: 'epochs' | 'early-stopping' | 'cancelled' | 'diverged';
  readonly steps: number;
  readonly dispatchesPerStep: number;
}

/** Training diverged; the model holds the weights of the best epoch before, or those that it had at first. */
export class TrainingDivergedError extends NotFiniteError {
  override readonly code: string = 'ERR_TRAINING_DIVERGED';

  constructor(
    message: string,
    /** The training up to there; the model has its best weights so far. */
    readonly result: FitResult,
  ) {
    super(message);
  }
}

/** Steps that are waited for together. */
const STEPS_A_GROUP = 4;

const OPTIONS = {
  epochs: check.optional(check.whole(1)),
  batch: check.optional(check.whole(1)),
  seed: check.optional(check.seed),
  signal: check.optional(check.signal),
};

/**
 * Trains a single model; on return it holds the weights of the epoch with the best validation score.
 *
 * @throws ArgumentError naming the option; DataError where nothing can be learned or validated; ShapeError,
 * InvalidSequenceError or NotFiniteError naming the record; TrainingDivergedError where the loss or the
 * weights leave the finite range, the model then holding the best weights so far
 */
export async function fit(
  model: ResidualBind,
  train: Examples,
  valid: Examples,
  options: FitOptions = {},
): Promise<FitResult> {
  check.instance(ResidualBind)(model, check.argument('model'));
  check.options(train, { scores: check.floats }, 'train');
  check.options(valid, { scores: check.floats }, 'valid');
  check.options(options, OPTIONS);
  checkSchedule(options);
  const { gpu, parameters, statistics, architecture } = model;
  const { epochs = 300, batch = 100, seed = 1, signal } = options;
  if (model.models !== 1) throw new ShapeError('fit trains one model; predictions and sweeps take several');
  const resume = options.resume && stateFor(model, options.resume);
  using data = Dataset.upload(gpu, architecture, train, train.scores);
  using held = Dataset.upload(gpu, architecture, valid, valid.scores);
  const [head, outputs] = [lossKindOf(architecture), model.outputs];
  checkTraining(train, head, outputs);
  checkValidation(valid, head, outputs);
  const baseline = baselineLoss(train.scores, head);
  using step = await TrainingStep.record(model, data, { batch, seed });
  using validator = await Predictor.create(gpu, model, held);

  const history: EpochReport[] = [...(resume?.history ?? [])];
  let schedule = resume?.schedule ?? initialSchedule(options);
  let taken = resume?.steps ?? 0;
  let best = {
    parameters: resume?.tensors.bestParameters ?? (await parameters.flat.readFloats()),
    statistics: resume?.tensors.bestStatistics ?? (await statistics.flat.readFloats()),
  };
  if (resume) {
    await parameters.flat.write(resume.tensors.parameters);
    await statistics.flat.write(resume.tensors.statistics);
    await step.optimiser.m.write(resume.tensors.adamM);
    await step.optimiser.v.write(resume.tensors.adamV);
  }
  const pace = new Pace(gpu.device.queue);
  const shuffles = new Random(seed, STREAM.shuffleEpoch);
  let reason: FitResult['reason'] = schedule.stop ? 'early-stopping' : 'epochs';
  const result = (): FitResult => ({
    history,
    schedule,
    reason,
    steps: taken,
    dispatchesPerStep: step.dispatches,
  });

  options.onReady?.();
  try {
    for (let epoch = history.length + 1; epoch <= epochs && !schedule.stop; epoch++) {
      await data.order.write(shuffles.permutation(data.records, epoch));
      for (let i = 0; i < step.steps; i++) {
        if (signal?.aborted) throw new CancelledError('training was cancelled');
        step.run(i, ++taken, schedule.learningRate);
        if (i % STEPS_A_GROUP === STEPS_A_GROUP - 1) await pace.submitted();
        options.onStep?.({ epoch, step: i + 1, steps: step.steps });
      }
      const losses = await step.losses.readFloats();
      const tensors = {
        parameters: await parameters.flat.readFloats(),
        statistics: await statistics.flat.readFloats(),
        adamM: await step.optimiser.m.readFloats(),
        adamV: await step.optimiser.v.readFloats(),
      };
      const what = divergence({ epoch, losses, tensors }, baseline);
      if (what !== undefined) {
        reason = 'diverged';
        throw new TrainingDivergedError(`${what}; ${adviceAfter(schedule)}`, result());
      }
      const validation = await validationOf(await validator.run(), held.scores!);
      const { learningRate } = schedule;
      schedule = advance(schedule, epoch, validation, options);
      const improved = schedule.bestEpoch === epoch;
      if (improved) best = tensors;
      const report = { epoch, loss: mean(losses), validation, learningRate, improved };
      history.push(report);
      if (schedule.stop) reason = 'early-stopping';
      await options.onEpoch?.(report, async () => ({
        epoch,
        steps: taken,
        schedule,
        history: [...history],
        tensors: { ...tensors, bestParameters: best.parameters, bestStatistics: best.statistics },
      }));
    }
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    reason = 'cancelled';
  } finally {
    await gpu.sync();
    await parameters.flat.write(best.parameters);
    await statistics.flat.write(best.statistics);
  }
  return result();
}

/** Pearson's r of the only model; of several outputs the mean of those that are defined. */
async function validationOf(predictions: Tensor, scores: Tensor): Promise<number> {
  const [records, outputs] = scores.shape as [number, number];
  using rows = predictions.reshape([1, outputs, records]);
  const each = await pearsonOnGpu(rows, scores);
  const defined = each.filter((r) => !Number.isNaN(r));
  return defined.reduce((sum, r) => sum + r, 0) / defined.length;
}

const adviceAfter = ({ bestEpoch, learningRate }: ScheduleState): string =>
  `try a lower learning rate than ${learningRate} (${bestEpoch > 0 ? `the model keeps the weights of epoch ${bestEpoch}, the best so far` : 'no epoch before gave better weights than the initial ones'})`;

/** A state to resume from that is sound and of this model's sizes. */
function stateFor({ parameters, statistics }: ResidualBind, given: TrainingState): TrainingState {
  const state = checkTrainingState(given, check.argument('resume'));
  for (const [name, { flat }] of Object.entries({ parameters, statistics })) {
    const { length } = state.tensors[name as 'parameters' | 'statistics'];
    if (length !== flat.size)
      throw new ArgumentError(
        'resume',
        `resume: its ${name} hold ${length} numbers, this model's ${flat.size}`,
      );
  }
  return state;
}
