/**
 * The methods that `compareMethods` trains: k-mer regression, a single motif, and two networks. Each learns
 * from the same training part, chooses on the same validation part, and predicts the same test part.
 */

import { join } from 'node:path';
import { breathing } from '../../device/breathe.js';
import { CancelledError } from '../../device/errors.js';
import type { Gpu } from '../../device/gpu.js';
import type { Architecture } from '../architecture.js';
import { type LearnedMotif, learnedMotif } from '../baselines/pwm.js';
import { predictRidge, ridgeInSteps } from '../baselines/ridge.js';
import { type FolderFitOptions, fitInFolder, type Identity } from '../files/fit-in-folder.node.js';
import type { ModelFacts } from '../files/model-facts.js';
import { architecture, type Preset } from '../presets.js';
import { ResidualBind } from '../residualbind.js';
import type { Sequences } from '../sequences.js';
import type { Examples } from '../training/examples.js';
import { type FitResult, fit as fitModel, TrainingDivergedError } from '../training/fit.js';

/** Methods in the order in which they are trained and printed. */
export const COMPARED_METHODS = ['ridge', 'pwm', 'deepbind', 'residualbind'] as const;
/** A method that is compared. */
export type ComparedMethod = (typeof COMPARED_METHODS)[number];

/** How the networks are trained. A single motif needs larger steps, and several attempts. */
const NETWORKS: Readonly<
  Record<
    Exclude<ComparedMethod, 'ridge'>,
    { readonly preset: Preset; readonly learningRate: number; readonly starts: number }
  >
> = {
  pwm: { preset: 'pwm', learningRate: 0.03, starts: 5 },
  deepbind: { preset: 'deepbind', learningRate: 1e-3, starts: 1 },
  residualbind: { preset: 'paper', learningRate: 1e-3, starts: 1 },
};

/** An experiment's parts, with scores normalised alike. */
export interface ComparedParts {
  /** Positions of a sequence's codes. */
  readonly length: number;
  readonly train: Examples;
  readonly valid: Examples;
  readonly test: Examples;
  /** What the files of models say of their data: `data.trainingFacts`. */
  readonly facts?: ModelFacts;
  /** What must agree for a kept run to be continued, beside network, seed, batch and learning rate. */
  readonly identity?: Identity;
}

/** An experiment; its parts are asked for when its turn comes. `data.experimentsIn` makes them. */
export interface ComparedExperiment {
  /** Is used in results, and as the name of a folder. */
  readonly name: string;
  parts(): ComparedParts;
}

/** An experiment whose parts are there. */
export type LoadedExperiment = ComparedParts & { readonly name: string };

/** How far the training of a method has got. */
export interface CompareProgress {
  readonly experiment: string;
  readonly method: ComparedMethod;
  /** Attempt, from 1, and how many there are. */
  readonly start: number;
  readonly starts: number;
  /** Epochs done with a fraction, of at most `epochs`. */
  readonly epoch: number;
  readonly epochs: number;
}

/** How methods are trained. */
export interface MethodOptions {
  /** Most epochs of a network. Default 300. */
  readonly epochs?: number | undefined;
  /** Default 100. */
  readonly batch?: number | undefined;
  /** Weights, shuffles and dropout; attempt s has seed + s. Default 1. */
  readonly seed?: number | undefined;
  /** Where models and checkpoints are kept, and runs continued from. Default: nothing is kept. */
  readonly folder?: string | undefined;
  /** Aborting ends the comparison after the running step. */
  readonly signal?: AbortSignal | undefined;
  /** Called at the start of every training and after each of its steps. */
  readonly onProgress?: ((progress: CompareProgress) => void) | undefined;
  /** As in `fitInFolder`. */
  readonly saving?: FolderFitOptions['saving'];
}

/** What a method has learned, and its predictions of the test part. */
export interface TrainedMethod {
  readonly predictions: ArrayLike<number>;
  /** Pearson's r on the validation part; null where there is none. */
  readonly validation: number | null;
  /** Epochs of the attempt that was kept, and the best of them; absent for ridge. */
  readonly epochs?: number;
  readonly bestEpoch?: number;
  /** The penalty that ridge chose. */
  readonly penalty?: number;
  /** What the PWM model found. */
  readonly motif?: LearnedMotif;
  /** Folder of the model that was kept, where there is one. */
  readonly folder?: string;
}

/** Trains one method on one experiment. @throws as `fitRidge` and `fitInFolder`; CancelledError */
export async function trainMethod(
  gpu: Gpu,
  method: ComparedMethod,
  experiment: LoadedExperiment,
  options: MethodOptions,
): Promise<TrainedMethod> {
  if (method === 'ridge') return await trainRidge(experiment, options.signal);
  const { starts } = NETWORKS[method];
  let best: TrainedMethod | undefined;
  for (let start = 0; start < starts; start++) {
    const trained = await trainNetwork(gpu, method, start, experiment, options);
    if (!best || (trained.validation ?? -1) > (best.validation ?? -1)) best = trained;
  }
  return best!;
}

async function trainRidge(
  { train, valid, test, length }: ComparedParts,
  signal: AbortSignal | undefined,
): Promise<TrainedMethod> {
  const ridge = await breathing(ridgeInSteps(train, valid, length), signal);
  const chosen = ridge.path.find(({ penalty }) => penalty === ridge.penalty)!;
  return {
    predictions: predictRidge(ridge, test.codes, length),
    validation: chosen.validation,
    penalty: ridge.penalty,
  };
}

async function trainNetwork(
  gpu: Gpu,
  method: Exclude<ComparedMethod, 'ridge'>,
  start: number,
  experiment: LoadedExperiment,
  options: MethodOptions,
): Promise<TrainedMethod> {
  const { preset, starts } = NETWORKS[method];
  const { epochs = 300, folder, signal } = options;
  const seed = (options.seed ?? 1) + start;
  const shape = architecture(preset, { length: experiment.length });
  const own =
    folder && join(folder, folderName(experiment.name), starts > 1 ? `${method}-${start + 1}` : method);
  using model = await ResidualBind.create(gpu, { architecture: shape, seed });
  const at = { experiment: experiment.name, method, start: start + 1, starts, epochs };
  options.onProgress?.({ ...at, epoch: 0 });
  const result = await fitted(model, experiment, method, {
    ...options,
    seed,
    epochs,
    folder: own,
    onProgress: (epoch) => options.onProgress?.({ ...at, epoch }),
  });
  if (result.reason === 'cancelled') throw new CancelledError('the comparison was cancelled');
  const { bestEpoch, best } = result.schedule;
  const learned = bestEpoch > 0;
  return {
    predictions: learned ? await predicted(model, experiment.test, signal) : unlearned(experiment.test),
    validation: learned ? best : null,
    epochs: result.history.length,
    bestEpoch,
    ...(learned && method === 'pwm' && { motif: await motifOf(shape, model) }),
    ...(learned && own && { folder: own }),
  };
}

/** Trains a network, in a folder or without one; a run that diverged counts up to its best epoch. */
async function fitted(
  model: ResidualBind,
  { train, valid, facts, identity }: ComparedParts,
  method: Exclude<ComparedMethod, 'ridge'>,
  {
    epochs,
    batch = 100,
    seed,
    folder,
    signal,
    saving,
    onProgress,
  }: Omit<MethodOptions, 'onProgress'> & {
    readonly epochs: number;
    readonly seed: number;
    readonly onProgress: (epoch: number) => void;
  },
): Promise<FitResult> {
  const { preset, learningRate } = NETWORKS[method];
  const common = {
    epochs,
    batch,
    seed,
    learningRate,
    signal,
    onStep: ({ epoch, step, steps }: { epoch: number; step: number; steps: number }) =>
      onProgress(epoch - 1 + step / steps),
  };
  try {
    if (!folder) return await fitModel(model, train, valid, common);
    return await fitInFolder(model, train, valid, {
      ...common,
      folder,
      saving,
      earlier: 'resume',
      facts: { preset, seed, ...facts },
      identity: { ...identity, architecture: model.architecture, seed, batch, 'learning rate': learningRate },
    });
  } catch (error) {
    if (error instanceof TrainingDivergedError) return error.result;
    throw error;
  }
}

const predicted = (
  model: ResidualBind,
  test: Sequences,
  signal: AbortSignal | undefined,
): Promise<Float32Array> => model.predict(test, { signal });

/** Predictions of a network that learned nothing: all the same, so that no correlation exists. */
const unlearned = ({ scores }: Examples): Float32Array => new Float32Array(scores.length);

const motifOf = async (shape: Architecture, model: ResidualBind): Promise<LearnedMotif> =>
  learnedMotif(shape, await model.weights());

/** The folder of an experiment: its name, without what file systems do not take. */
export const folderName = (name: string): string =>
  name.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^\./, '_');
