/** The training of many models, an experiment each, on the same probes. The recipe is in `fit-models.ts`. */

import * as check from '../../device/check.js';
import { ArgumentError, DataError, ShapeError } from '../../device/errors.js';
import { MOST_LEARNERS } from '../../kernels/training/learners.js';
import { type Architecture, lossKindOf } from '../architecture.js';
import { Dataset, type Sequences } from '../dataset.js';
import { ResidualBind } from '../residualbind.js';
import { checkCount } from '../sequences.js';
import type { Scored } from './cohort.js';
import { checkTraining, checkValidation } from './examples.js';
import { RECIPE_OPTIONS, stateFor } from './fit.js';
import { type FitResult, fitModels, type Pupil, type RecipeOptions, scoresOf } from './fit-models.js';
import { modelsThatFit } from './models-at-once.js';
import { checkSchedule } from './schedule.js';
import type { EpochReport, TrainingState } from './training-state.js';

/** An experiment: what was measured on the probes, and the model that learns it. */
export interface ExperimentFit {
  /** A single model with its initial weights. It always holds the best ones so far. */
  readonly model: ResidualBind;
  /**
   * Normalised scores of all probes, [N] for a model of one output, else [N * outputs] probe by probe; NaN where
   * the experiment has none.
   */
  readonly scores: Float32Array;
  /** Numbers of the probes to train on, from 0. Those without any score are left out. */
  readonly train: ArrayLike<number>;
  /** Numbers of the probes to validate on. Those without any score are left out. */
  readonly valid: ArrayLike<number>;
  /** Shuffles and dropout masks. Default 1. */
  readonly seed?: number;
  /**
   * Continues from here instead of from the model's weights. A function is called when the model gets its place,
   * so that the states of models that wait are not in memory.
   */
  readonly resume?: TrainingState | (() => Promise<TrainingState | undefined>) | undefined;
}

/** Where the training of many models is. */
export interface ManyProgress {
  /** Step of the running epochs, from 1, and steps of the longest of them. */
  readonly step: number;
  readonly steps: number;
  /** Numbers of the experiments that are trained at present. */
  readonly experiments: readonly number[];
}

/** How many models are trained. */
export interface FitManyOptions extends RecipeOptions {
  /** Models side by side, 256 at most. Default: as many as `modelsAtOnce` says. It changes no result. */
  readonly modelsAtOnce?: number | undefined;
  /** Called after every batch that was submitted. */
  readonly onStep?: (progress: ManyProgress) => void;
  /**
   * Called after each epoch of an experiment, by its number; `state()` is for a checkpoint. Calls come one after
   * the other, and the next epochs run meanwhile.
   */
  readonly onEpoch?: (
    experiment: number,
    report: EpochReport,
    state: () => Promise<TrainingState>,
  ) => void | Promise<void>;
  /** Called when the training of an experiment has ended, by its number. */
  readonly onEnd?: (experiment: number, result: FitResult) => void | Promise<void>;
}

const OPTIONS = { ...RECIPE_OPTIONS, modelsAtOnce: check.optional(check.whole(1, MOST_LEARNERS)) };

const EXPERIMENT = {
  model: check.instance(ResidualBind),
  scores: check.floats,
  seed: check.optional(check.seed),
};

/**
 * Trains a model for each experiment on the same probes, several side by side. Each model has the bits that
 * `fit` gives it with the same probes, seed and options: it has its own order, learning rate, decay and early
 * stopping. Models that have stopped leave, and the next ones take their places. A model that diverges ends
 * alone, with `reason` 'diverged'.
 *
 * @returns what each experiment reached, in their order
 * @throws ArgumentError naming the option; DataError naming the experiment where nothing can be learned or
 * validated; ShapeError, InvalidSequenceError or NotFiniteError naming the record
 * @example
 * const results = await nn.fitMany({ codes }, experiments, { epochs: 100, onEnd: (e) => console.log(names[e]) });
 */
export async function fitMany(
  probes: Sequences,
  experiments: readonly ExperimentFit[],
  options: FitManyOptions = {},
): Promise<FitResult[]> {
  check.list(check.object, 1)(experiments, check.argument('experiments'));
  experiments.forEach((experiment, e) => {
    check.options(experiment, EXPERIMENT, `experiments[${e}]`);
  });
  check.options(options, OPTIONS);
  checkSchedule(options);
  const { gpu, architecture } = experiments[0]!.model;
  using dataset = Dataset.upload(gpu, architecture, probes);
  const pupils = experiments.map((experiment, e) => pupilOf(experiment, e, dataset.records, architecture));
  const { batch, onStep, ...rest } = options;
  const sizes = { sequences: dataset.records, batch };
  return await fitModels(gpu, architecture, { training: dataset, validation: dataset }, pupils, {
    ...rest,
    ...(batch !== undefined && { batch }),
    ahead: true,
    modelsAtOnce: options.modelsAtOnce ?? modelsThatFit(gpu, architecture, sizes),
    onStep: (step, steps, running) => onStep?.({ step, steps, experiments: running }),
  });
}

/** An experiment whose model can learn. @throws as `fitMany` */
function pupilOf(experiment: ExperimentFit, e: number, probes: number, architecture: Architecture): Pupil {
  const { model, scores, seed = 1, resume } = experiment;
  const where = `experiments[${e}]`;
  if (model.models !== 1)
    throw new ShapeError(`${where}: its model must be a single one, not ${model.models}`);
  if (JSON.stringify(model.architecture) !== JSON.stringify(architecture))
    throw new ArgumentError(where, `${where}: all models must have the same network`);
  const { outputs } = model;
  checkCount(`${where}: score`, scores, probes * outputs);
  const part = (name: 'train' | 'valid'): Scored => ({
    scores,
    records: withScores(scores, outputs, experiment[name], { name: `${where}.${name}`, probes }),
  });
  const [train, valid] = [part('train'), part('valid')];
  const head = lossKindOf(architecture);
  checkTraining({ scores: scoresOf(train, outputs) }, head, outputs, `${where}, training`);
  checkValidation({ scores: scoresOf(valid, outputs) }, head, outputs, `${where}, validation`);
  const state = typeof resume === 'function' ? resume : resume && (async () => resume);
  const checked =
    state &&
    (async () => {
      const reached = await state();
      return reached && stateFor(model, reached, check.argument(`${where}.resume`));
    });
  return { model, train, valid, seed, resume: checked };
}

/** The probes of a list that have a score. @throws ArgumentError or DataError naming the experiment */
function withScores(
  scores: Float32Array,
  outputs: number,
  given: ArrayLike<number>,
  { name, probes }: { readonly name: string; readonly probes: number },
): Uint32Array {
  const kept = Uint32Array.from(given).filter((record, i) => {
    if (record !== given[i] || record >= probes)
      throw new ArgumentError(name, `${name}: there is no probe ${given[i]}; numbers are 0 to ${probes - 1}`);
    const own = scores.subarray(record * outputs, (record + 1) * outputs);
    if (own.some((score) => !Number.isFinite(score) && !Number.isNaN(score)))
      throw new DataError(`${name}: a score of probe ${record} is infinite`);
    return own.some((score) => !Number.isNaN(score));
  });
  if (kept.length === 0) throw new DataError(`${name}: none of its probes has a score`);
  return kept;
}
