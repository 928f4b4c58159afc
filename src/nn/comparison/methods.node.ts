/**
 * The methods that `compareMethods` trains: k-mer regression, a single motif, and two networks. Each learns
 * from the same training part, chooses on the same validation part, and predicts the same test part.
 */

import { join } from 'node:path';
import { breathing } from '../../device/breathe.js';
import { CancelledError, DataError } from '../../device/errors.js';
import type { Gpu } from '../../device/gpu.js';
import { type LearnedMotif, learnedMotif } from '../baselines/pwm.js';
import { predictRidge, ridgeInSteps } from '../baselines/ridge.js';
import { fitManyInFolders, type Identity, type KeepingOptions } from '../files/fit-in-folder.node.js';
import type { ModelFacts } from '../files/model-facts.js';
import { architecture, type Preset } from '../presets.js';
import { ResidualBind } from '../residualbind.js';
import type { Sequences } from '../sequences.js';
import { EpochsDone } from '../training/epochs-done.js';
import type { Examples } from '../training/examples.js';
import type { FitResult } from '../training/fit.js';
import { type ExperimentFit, type FitManyOptions, fitMany } from '../training/fit-many.js';
import { type PooledExperiment, pooled } from './pool.js';

/** Methods in the order in which they are trained and printed. */
export const COMPARED_METHODS = ['ridge', 'pwm', 'deepbind', 'residualbind'] as const;
/** A method that is compared. */
export type ComparedMethod = (typeof COMPARED_METHODS)[number];

/** A method that is trained by gradients. */
type ComparedNetwork = Exclude<ComparedMethod, 'ridge'>;

/** How the networks are trained. A single motif needs larger steps, and several attempts. */
const NETWORKS: Readonly<
  Record<ComparedNetwork, { readonly preset: Preset; readonly learningRate: number; readonly starts: number }>
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

/** How far a method has got with the experiments that it is trained on together. */
export interface CompareProgress {
  readonly method: ComparedMethod;
  /** Names of the experiments. */
  readonly experiments: readonly string[];
  /** Epochs done of all of its models, of at most `total`; experiments for ridge. */
  readonly done: number;
  readonly total: number;
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
  /** Called at the start of every method, and after each step of its training. */
  readonly onProgress?: ((progress: CompareProgress) => void) | undefined;
  /** Models that are trained side by side. Default: as many as memory allows. It changes no result. */
  readonly modelsAtOnce?: number | undefined;
  /** As in `fitManyInFolders`. */
  readonly saving?: KeepingOptions['saving'];
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

/**
 * Trains one method on several experiments: networks side by side, ridge one by one.
 *
 * @returns what it has learned of each experiment, or why it cannot learn from it
 * @throws as `fitManyInFolders`; CancelledError
 */
export async function trainMethod(
  gpu: Gpu,
  method: ComparedMethod,
  experiments: readonly LoadedExperiment[],
  options: MethodOptions,
): Promise<readonly (TrainedMethod | DataError)[]> {
  if (method === 'ridge') return await trainRidges(experiments, options);
  const trained: (TrainedMethod | DataError)[] = [];
  // Networks of one training have inputs of one length.
  for (const length of new Set(experiments.map((own) => own.length))) {
    const places = [...experiments.keys()].filter((e) => experiments[e]!.length === length);
    const alike = places.map((e) => experiments[e]!);
    const found = await trainNetworks(gpu, method, alike, options);
    places.forEach((e, i) => {
      trained[e] = found[i]!;
    });
  }
  return trained;
}

async function trainRidges(
  experiments: readonly LoadedExperiment[],
  { signal, onProgress }: MethodOptions,
): Promise<readonly (TrainedMethod | DataError)[]> {
  const at = { method: 'ridge', experiments: namesOf(experiments), total: experiments.length } as const;
  const trained: (TrainedMethod | DataError)[] = [];
  onProgress?.({ ...at, done: 0 });
  for (const experiment of experiments) {
    try {
      trained.push(await trainRidge(experiment, signal));
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      trained.push(error);
    }
    onProgress?.({ ...at, done: trained.length });
  }
  return trained;
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

/** A model of a method: one of the attempts on an experiment. */
interface Attempt {
  readonly experiment: LoadedExperiment;
  readonly fit: ExperimentFit;
  readonly seed: number;
  /** Its folder, where models are kept. */
  readonly folder: string | undefined;
}

/** Trains the networks of experiments that have inputs of one length. */
async function trainNetworks(
  gpu: Gpu,
  method: ComparedNetwork,
  experiments: readonly LoadedExperiment[],
  options: MethodOptions,
): Promise<readonly TrainedMethod[]> {
  const { signal } = options;
  const { length } = experiments[0]!;
  const { codes, experiments: own } = await pooled(experiments, length, signal);
  const attempts: Attempt[] = [];
  try {
    for (const [e, experiment] of experiments.entries())
      for (let start = 0; start < NETWORKS[method].starts; start++)
        attempts.push(await attemptOf(gpu, method, start, experiment, own[e]!, options));
    const results = await fitted(method, { codes }, attempts, options);
    if (signal?.aborted || results.some(({ reason }) => reason === 'cancelled'))
      throw new CancelledError('the comparison was cancelled');
    const trained: TrainedMethod[] = [];
    for (const experiment of experiments) {
      const mine = [...attempts.keys()].filter((i) => attempts[i]!.experiment === experiment);
      const valid = (i: number): number => validationOf(results[i]!) ?? -1;
      const best = mine.reduce((a, b) => (valid(b) > valid(a) ? b : a));
      trained.push(await learnedBy(method, attempts[best]!, results[best]!, signal));
    }
    return trained;
  } finally {
    for (const { fit } of attempts) fit.model.dispose();
  }
}

/** A model with its initial weights, and what it is to learn. */
async function attemptOf(
  gpu: Gpu,
  method: ComparedNetwork,
  start: number,
  experiment: LoadedExperiment,
  own: PooledExperiment,
  options: MethodOptions,
): Promise<Attempt> {
  const { preset, starts } = NETWORKS[method];
  const seed = (options.seed ?? 1) + start;
  const model = await ResidualBind.create(gpu, {
    architecture: architecture(preset, { length: experiment.length }),
    seed,
  });
  const folder =
    options.folder &&
    join(options.folder, folderName(experiment.name), starts > 1 ? `${method}-${start + 1}` : method);
  return { experiment, fit: { model, ...own, seed }, seed, folder };
}

/** Trains models, in their folders or without any; one that diverged counts up to its best epoch. */
async function fitted(
  method: ComparedNetwork,
  probes: Sequences,
  attempts: readonly Attempt[],
  { epochs = 300, batch = 100, signal, saving, modelsAtOnce, onProgress }: MethodOptions,
): Promise<readonly FitResult[]> {
  const { preset, learningRate } = NETWORKS[method];
  const experiments = [...new Set(attempts.map(({ experiment }) => experiment.name))];
  const progress = new EpochsDone(attempts.length, epochs, (at) =>
    onProgress?.({ method, experiments, ...at }),
  );
  progress.step([], 0);
  const training: FitManyOptions = {
    epochs,
    batch,
    learningRate,
    modelsAtOnce,
    signal,
    // Fused kernels are for a model alone.
    ...(attempts.length > 1 && { fused: false }),
    onStep: ({ step, steps, experiments: running }) => progress.step(running, step / steps),
    onEpoch: (e, { epoch }) => progress.epoch(e, epoch),
    onEnd: (e) => progress.epoch(e, epochs),
  };
  const kept = attempts.flatMap(({ experiment: { facts, identity }, fit, seed, folder }) => {
    if (folder === undefined) return [];
    const { architecture: shape } = fit.model;
    const run = { ...identity, architecture: shape, seed, batch, 'learning rate': learningRate };
    return [{ ...fit, folder, facts: { preset, seed, ...facts }, identity: run }];
  });
  return kept.length > 0
    ? await fitManyInFolders(probes, kept, { ...training, saving, earlier: 'resume' })
    : await fitMany(
        probes,
        attempts.map(({ fit }) => fit),
        training,
      );
}

/** Pearson's r on the validation part; null where no epoch gave a model. */
const validationOf = ({ schedule }: FitResult): number | null =>
  schedule.bestEpoch > 0 ? (schedule.best ?? null) : null;

async function learnedBy(
  method: ComparedNetwork,
  { experiment: { test }, fit: { model }, folder }: Attempt,
  result: FitResult,
  signal: AbortSignal | undefined,
): Promise<TrainedMethod> {
  const { bestEpoch } = result.schedule;
  const learned = bestEpoch > 0;
  return {
    predictions: learned ? await model.predict(test, { signal }) : unlearned(test),
    validation: validationOf(result),
    epochs: result.history.length,
    bestEpoch,
    ...(learned && method === 'pwm' && { motif: learnedMotif(model.architecture, await model.weights()) }),
    ...(learned && folder !== undefined && { folder }),
  };
}

const namesOf = (experiments: readonly LoadedExperiment[]): readonly string[] =>
  experiments.map(({ name }) => name);

/** Predictions of a network that learned nothing: all the same, so that no correlation exists. */
const unlearned = ({ scores }: Examples): Float32Array => new Float32Array(scores.length);

/** The folder of an experiment: its name, without what file systems do not take. */
export const folderName = (name: string): string =>
  name.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^\./, '_');
