/** The training of all experiments of a study, side by side, each in its folder. */

import { join } from 'node:path';
import { codesIn, type ExperimentSet } from '../../data/experiments/experiment-set.js';
import { type SharedExperiment, sharedExperiment } from '../../data/experiments/shared-experiment.js';
import { nextTurn, throwIfCancelled } from '../../device/breathe.js';
import { DataError } from '../../device/errors.js';
import type { Gpu } from '../../device/gpu.js';
import { type Architecture, lossKindOf } from '../../nn/architecture.js';
import {
  type FolderExperimentFit,
  fitManyInFolders,
  type KeepingOptions,
} from '../../nn/files/fit-in-folder.node.js';
import { MANIFEST_FILE } from '../../nn/files/model-files.node.js';
import { replicateFolder } from '../../nn/files/replicates.node.js';
import { ResidualBind } from '../../nn/residualbind.js';
import { EpochsDone } from '../../nn/training/epochs-done.js';
import { checkTraining, checkValidation } from '../../nn/training/examples.js';
import type { FitResult } from '../../nn/training/fit.js';
import type { FitManyOptions } from '../../nn/training/fit-many.js';
import {
  objectIn,
  removeFailure,
  type StudyPlace,
  type StudyTraining,
  writeObject,
} from './study-files.node.js';

/** How the models of a study are trained. */
export interface StudyTrainingOptions
  extends Pick<FitManyOptions, 'batch' | 'modelsAtOnce' | 'signal'>,
    Pick<KeepingOptions, 'saving'> {
  /** The network of every model. */
  readonly architecture: Architecture;
  /** What the files of models say of the network. */
  readonly preset?: string | undefined;
  /** Default 300. */
  readonly epochs?: number | undefined;
  /** Initial learning rate of Adam. Default 0.001. */
  readonly learningRate?: number | undefined;
  /** Division, weights, shuffles, dropout and backgrounds. Default 1. */
  readonly seed?: number | undefined;
  /**
   * Networks of each experiment, trained on the same division: the first has `seed`, each further one the
   * next number for its weights, shuffles and dropout. Default 1.
   */
  readonly replicates?: number | undefined;
  /** Share of the training probes to validate on. Default 0.1. */
  readonly validation?: number | undefined;
  /** Transformation of scores before the z-score. Default `log`. */
  readonly transform?: 'log' | 'clip' | 'none' | undefined;
  /** Experiments that are divided and normalised, of all that are to be trained. */
  readonly onPrepared?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
  /** Epochs that are done of all networks, with a fraction, of at most `total`. */
  readonly onTraining?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
  /** Is called when the training of a network of an experiment has ended, with its number from 1. */
  readonly onTrained?: ((name: string, training: StudyTraining, network: number) => void) | undefined;
}

/** A network of an experiment. */
interface Run {
  readonly place: StudyPlace;
  /** From 1. */
  readonly replicate: number;
  /** Has its model, checkpoint and manifest. */
  readonly folder: string;
  readonly identity: Record<string, unknown>;
}

/** A network that learns. */
interface StudyPupil {
  readonly run: Run;
  readonly fit: FolderExperimentFit;
}

/** Is told why an experiment cannot go on; throws what is not about the experiment. */
export type Fail = (place: StudyPlace, error: unknown) => Promise<void>;

/**
 * Trains what is not trained yet.
 *
 * @throws CancelledError; ConflictError where a folder holds a run of other data or options
 */
export async function trainStudy(
  gpu: Gpu,
  set: ExperimentSet,
  places: readonly StudyPlace[],
  options: StudyTrainingOptions,
  fail: Fail,
): Promise<void> {
  const { architecture, epochs = 300, batch, learningRate, modelsAtOnce, signal, saving } = options;
  const waiting: { readonly place: StudyPlace; readonly runs: readonly Run[] }[] = [];
  for (const place of places) {
    const runs: Run[] = [];
    for (const run of runsOf(set, place, options)) if (!(await isTrained(run, epochs))) runs.push(run);
    if (runs.length > 0) waiting.push({ place, runs });
  }
  const pupils: StudyPupil[] = [];
  try {
    for (const [i, { place, runs }] of waiting.entries()) {
      await nextTurn();
      throwIfCancelled(signal);
      try {
        await addPupils(pupils, gpu, set, runs, options);
        // An earlier failure is tried again.
        await removeFailure(place);
      } catch (error) {
        await fail(place, error);
      }
      options.onPrepared?.({ done: i + 1, total: waiting.length });
    }
    // Nothing is compiled where nothing is left to learn.
    if (pupils.length === 0) return;
    const progress = new EpochsDone(pupils.length, epochs, options.onTraining);
    await fitManyInFolders(
      { codes: codesIn(set, architecture.length) },
      pupils.map(({ fit }) => fit),
      {
        earlier: 'resume',
        epochs,
        ...(batch !== undefined && { batch }),
        ...(learningRate !== undefined && { learningRate }),
        modelsAtOnce,
        signal,
        saving,
        // One after another is faster where many models share each kernel.
        fused: false,
        onStep: ({ step, steps, experiments }) => progress.step(experiments, step / steps),
        onEpoch: (e, { epoch }) => progress.epoch(e, epoch),
        onEnd: async (e, result) => {
          if (result.reason === 'cancelled') return;
          progress.epoch(e, epochs);
          await ended(pupils[e]!, result, epochs, options, fail);
        },
      },
    );
    throwIfCancelled(signal);
  } finally {
    for (const { fit } of pupils) fit.model.dispose();
  }
}

/** Notes that the training of a network has ended, with a model or without one. */
async function ended(
  { run: { place, replicate, folder, identity } }: StudyPupil,
  { history, schedule, reason, divergence }: FitResult,
  epochs: number,
  { onTrained, replicates = 1, seed = 1 }: StudyTrainingOptions,
  fail: Fail,
): Promise<void> {
  const { bestEpoch, best } = schedule;
  if (bestEpoch === 0 || divergence !== undefined) {
    const which = replicates > 1 ? `network ${replicate} (seed ${seedOf(seed, replicate)}): ` : '';
    await fail(place, new DataError(`${which}${divergence ?? NO_MODEL}`));
    return;
  }
  const training = { epochs: history.length, bestEpoch, validation: best ?? null, reason };
  await writeObject(join(folder, MANIFEST_FILE), {
    command: 'study',
    experiment: place.name,
    identity,
    mostEpochs: epochs,
    training: { ...training, history },
  });
  onTrained?.(place.name, training, replicate);
}

const NO_MODEL =
  'no epoch gave a model: predictions are constant, so their correlation with the scores is undefined; try a lower learning rate or more epochs';

/** Whether a network was trained to its end with the same data and options. */
async function isTrained({ folder, identity }: Run, epochs: number): Promise<boolean> {
  const before = await objectIn(join(folder, MANIFEST_FILE));
  return (
    before !== undefined &&
    JSON.stringify(before.identity) === JSON.stringify(identity) &&
    before.mostEpochs === epochs
  );
}

/** Seed of a network's weights, shuffles and dropout. */
export const seedOf = (seed: number, replicate: number): number => seed + replicate - 1;

/** The networks of an experiment, with everything that must agree for the run of each to be continued. */
function runsOf(
  set: ExperimentSet,
  place: StudyPlace,
  {
    architecture,
    batch = 100,
    learningRate = 1e-3,
    seed = 1,
    replicates = 1,
    validation = 0.1,
    transform = 'log',
  }: StudyTrainingOptions,
): readonly Run[] {
  const identity = {
    data: set.inputs.map(({ sha256 }) => sha256),
    experiment: place.name,
    architecture,
    seed,
    batch,
    'learning rate': learningRate,
    'validation share': validation,
    transform,
  };
  return Array.from({ length: replicates }, (_, i) => ({
    place,
    replicate: i + 1,
    folder: replicateFolder(place.folder, i + 1),
    // The first is the only network of a study without replicates.
    identity: { ...identity, ...(i > 0 && { replicate: i + 1 }) },
  }));
}

/** @throws as `sharedExperiment`; DataError where nothing can be learned or validated */
async function addPupils(
  pupils: StudyPupil[],
  gpu: Gpu,
  set: ExperimentSet,
  runs: readonly Run[],
  { architecture, preset, seed = 1, validation, transform = 'log' }: StudyTrainingOptions,
): Promise<void> {
  const { name } = runs[0]!.place;
  const head = lossKindOf(architecture);
  const input = { length: architecture.length, head };
  const shared = sharedExperiment(set, name, input, {
    ...(validation !== undefined && { validation }),
    seed,
    normalise: { kind: transform },
  });
  checkTraining({ scores: scoresOf(shared, 'train') }, head, 1, `${name}, training`);
  checkValidation({ scores: scoresOf(shared, 'valid') }, head, 1, `${name}, validation`);
  const { scores, train, valid, facts } = shared;
  for (const run of runs) {
    const { folder, identity, replicate } = run;
    const own = seedOf(seed, replicate);
    const model = await ResidualBind.create(gpu, { architecture, seed: own });
    const about = { ...(preset !== undefined && { preset }), seed: own, ...facts };
    pupils.push({ run, fit: { model, scores, train, valid, seed: own, folder, identity, facts: about } });
  }
}

const scoresOf = (shared: SharedExperiment, part: 'train' | 'valid'): Float32Array =>
  Float32Array.from(shared[part], (record) => shared.scores[record]!);
