/** The training of one model on sequences of its own. The recipe is in `fit-models.ts`. */

import * as check from '../../device/check.js';
import { ArgumentError, NotFiniteError, ShapeError } from '../../device/errors.js';
import { lossKindOf } from '../architecture.js';
import { Dataset } from '../dataset.js';
import { ResidualBind } from '../residualbind.js';
import { checkCount, checkScores } from '../sequences.js';
import { checkTraining, checkValidation, type Examples } from './examples.js';
import { type FitResult, fitModels, type RecipeOptions } from './fit-models.js';
import { checkSchedule } from './schedule.js';
import { checkTrainingState, type EpochReport, type TrainingState } from './training-state.js';

export type { EpochReport, Examples, FitResult, TrainingState };

/** How a model is trained. */
export interface FitOptions extends RecipeOptions {
  /** Shuffles and dropout masks. Default 1. */
  readonly seed?: number;
  /** Continues from here instead of from the model's weights. */
  readonly resume?: TrainingState | undefined;
  /** Called after every batch that was submitted; steps and epochs count from 1. */
  readonly onStep?: (progress: { epoch: number; step: number; steps: number }) => void;
  /** Called after each epoch; `state()` reads the state back for a checkpoint. */
  readonly onEpoch?: (report: EpochReport, state: () => Promise<TrainingState>) => void | Promise<void>;
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

/** Options that every training has. */
export const RECIPE_OPTIONS = {
  epochs: check.optional(check.whole(1)),
  batch: check.optional(check.whole(1)),
  signal: check.optional(check.signal),
  fused: check.optional(check.flag),
};

const OPTIONS = { ...RECIPE_OPTIONS, seed: check.optional(check.seed) };

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
  const { gpu, architecture, outputs } = model;
  const { seed = 1, resume, onStep, onEpoch, ...recipe } = options;
  if (model.models !== 1)
    throw new ShapeError(
      'fit trains one model, and fitMany several; predictions and sweeps take models of both',
    );
  const state = resume && stateFor(model, resume, check.argument('resume'));
  using training = uploaded(model, train);
  using validation = uploaded(model, valid);
  const head = lossKindOf(architecture);
  checkTraining(train, head, outputs);
  checkValidation(valid, head, outputs);
  const pupil = {
    model,
    seed,
    train: { scores: train.scores, records: upTo(training.records) },
    valid: { scores: valid.scores, records: upTo(validation.records) },
    ...(state && { resume: async () => state }),
  };
  let epoch = (state?.epoch ?? 0) + 1;
  const [result] = await fitModels(gpu, architecture, { training, validation }, [pupil], {
    ...recipe,
    modelsAtOnce: 1,
    onStep: (step, steps) => onStep?.({ epoch, step, steps }),
    onEpoch: async (_, report, stateOf) => {
      epoch++;
      await onEpoch?.(report, stateOf);
    },
  });
  if (result!.divergence !== undefined) throw new TrainingDivergedError(result!.divergence, result!);
  return result!;
}

function uploaded({ gpu, architecture, outputs }: ResidualBind, examples: Examples): Dataset {
  const dataset = Dataset.upload(gpu, architecture, examples);
  try {
    checkCount('score', examples.scores, dataset.records * outputs);
    checkScores(examples.scores, outputs);
  } catch (error) {
    dataset.dispose();
    throw error;
  }
  return dataset;
}

const upTo = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, i) => i);

/** A state to resume from that is sound and of this model's sizes. @throws ArgumentError */
export function stateFor(
  { parameters, statistics }: ResidualBind,
  given: TrainingState,
  place: check.Place,
): TrainingState {
  const state = checkTrainingState(given, place);
  for (const [name, { flat }] of Object.entries({ parameters, statistics })) {
    const { length } = state.tensors[name as 'parameters' | 'statistics'];
    if (length !== flat.size)
      throw new ArgumentError(
        place.name,
        `${place.name}: its ${name} hold ${length} numbers, this model's ${flat.size}`,
      );
  }
  return state;
}
