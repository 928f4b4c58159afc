/**
 * The training recipe (SPEC §4): seeded shuffles, batches of 100, learning-rate decay, early stopping, best weights
 * restored. Every epoch ends in a state that a checkpoint can hold and a later run continues bit for bit.
 */

import { CancelledError, NotFiniteError, ShapeError } from '../device/errors.js';
import { Pace } from '../device/pace.js';
import { Random, STREAM } from '../kernels/random.js';
import { Dataset, type Sequences } from './dataset.js';
import { pearsonOnGpu } from './metrics.js';
import { Predictor } from './predictor.js';
import type { ResidualBind } from './residualbind.js';
import { advance, initialSchedule, type ScheduleOptions, type ScheduleState } from './schedule.js';
import { TrainingStep } from './training-step.js';

export interface Examples extends Sequences {
  /** Normalised scores [N]; 0 or 1 for classification. */
  readonly scores: Float32Array;
}

export interface EpochReport {
  /** 1-based. */
  readonly epoch: number;
  /** Mean training loss over the epoch's steps. */
  readonly loss: number;
  /** Pearson's r on validation. */
  readonly validation: number;
  readonly learningRate: number;
  readonly improved: boolean;
}

/** Everything that decides how training goes on, after a whole number of epochs. */
export interface TrainingState {
  readonly epoch: number;
  readonly steps: number;
  readonly schedule: ScheduleState;
  readonly history: readonly EpochReport[];
  /** Flat buffers, gaps included: current and best parameters and running statistics, and Adam's moments. */
  readonly tensors: Readonly<
    Record<
      'parameters' | 'statistics' | 'bestParameters' | 'bestStatistics' | 'adamM' | 'adamV',
      Float32Array
    >
  >;
}

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
  readonly onStep?: (progress: { epoch: number; step: number; steps: number }) => void;
  /** Called after each epoch; `state()` reads the state back for a checkpoint. */
  readonly onEpoch?: (report: EpochReport, state: () => Promise<TrainingState>) => void | Promise<void>;
}

export interface FitResult {
  readonly history: readonly EpochReport[];
  readonly schedule: ScheduleState;
  /** Why training ended. */
  readonly reason: 'epochs' | 'early-stopping' | 'cancelled';
  readonly steps: number;
  readonly dispatchesPerStep: number;
}

/** Steps that are waited for together. */
const STEPS_A_GROUP = 4;

/**
 * Trains a single model; on return it holds the weights of the epoch with the best validation score.
 *
 * @throws NotFiniteError when the loss is no longer finite; the model then holds the best weights so far
 */
export async function fit(
  model: ResidualBind,
  train: Examples,
  valid: Examples,
  options: FitOptions = {},
): Promise<FitResult> {
  const { gpu, parameters, statistics, architecture } = model;
  const { epochs = 300, batch = 100, seed = 1, signal, resume } = options;
  if (model.models !== 1) throw new ShapeError('fit trains one model; predictions and sweeps take several');
  using data = Dataset.upload(gpu, architecture, train, train.scores);
  using held = Dataset.upload(gpu, architecture, valid, valid.scores);
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
      const loss = losses.reduce((sum, value) => sum + value, 0) / losses.length;
      if (!Number.isFinite(loss)) {
        const bad = losses.findIndex((value) => !Number.isFinite(value));
        throw new NotFiniteError(
          `the loss became ${losses[bad]} in epoch ${epoch}, step ${bad + 1}; try a lower learning rate`,
        );
      }
      const [validation] = (await pearsonOnGpu(await validator.run(), held.scores!)) as [number];
      const { learningRate } = schedule;
      schedule = advance(schedule, epoch, validation, options);
      const improved = schedule.bestEpoch === epoch;
      if (improved)
        best = {
          parameters: await parameters.flat.readFloats(),
          statistics: await statistics.flat.readFloats(),
        };
      const report = { epoch, loss, validation, learningRate, improved };
      history.push(report);
      if (schedule.stop) reason = 'early-stopping';
      await options.onEpoch?.(report, async () => ({
        epoch,
        steps: taken,
        schedule,
        history: [...history],
        tensors: {
          parameters: await parameters.flat.readFloats(),
          statistics: await statistics.flat.readFloats(),
          bestParameters: best.parameters,
          bestStatistics: best.statistics,
          adamM: await step.optimiser.m.readFloats(),
          adamV: await step.optimiser.v.readFloats(),
        },
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
  return { history, schedule, reason, steps: taken, dispatchesPerStep: step.dispatches };
}
