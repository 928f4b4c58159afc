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
  /** Share of the training probes to validate on. Default 0.1. */
  readonly validation?: number | undefined;
  /** Transformation of scores before the z-score. Default `log`. */
  readonly transform?: 'log' | 'clip' | 'none' | undefined;
  /** Experiments that are divided and normalised, of all that are to be trained. */
  readonly onPrepared?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
  /** Epochs that are done of all experiments, with a fraction, of at most `total`. */
  readonly onTraining?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
  /** Is called when the training of an experiment has ended. */
  readonly onTrained?: ((name: string, training: StudyTraining) => void) | undefined;
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
  const waiting: (StudyPlace & { readonly identity: object })[] = [];
  for (const place of places) {
    const identity = identityOf(set, place, options);
    if (!(await isTrained(place, identity, epochs))) waiting.push({ ...place, identity });
  }
  const pupils: { readonly place: StudyPlace; readonly fit: FolderExperimentFit }[] = [];
  try {
    for (const [i, { identity, ...place }] of waiting.entries()) {
      await nextTurn();
      throwIfCancelled(signal);
      try {
        pupils.push({ place, fit: await pupilOf(gpu, set, { ...place, identity }, options) });
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

/** Notes that the training of an experiment has ended, with a model or without one. */
async function ended(
  { place, fit: { identity } }: { readonly place: StudyPlace; readonly fit: FolderExperimentFit },
  { history, schedule, reason, divergence }: FitResult,
  epochs: number,
  { onTrained }: StudyTrainingOptions,
  fail: Fail,
): Promise<void> {
  const { bestEpoch, best } = schedule;
  if (bestEpoch === 0 || divergence !== undefined) {
    await fail(place, new DataError(divergence ?? NO_MODEL));
    return;
  }
  const training = { epochs: history.length, bestEpoch, validation: best ?? null, reason };
  await removeFailure(place);
  await writeObject(join(place.folder, MANIFEST_FILE), {
    command: 'study',
    experiment: place.name,
    identity,
    mostEpochs: epochs,
    training: { ...training, history },
  });
  onTrained?.(place.name, training);
}

const NO_MODEL =
  'no epoch gave a model: predictions are constant, so their correlation with the scores is undefined; try a lower learning rate or more epochs';

/** Whether an experiment was trained to its end with the same data and options. */
async function isTrained({ folder }: StudyPlace, identity: object, epochs: number): Promise<boolean> {
  const before = await objectIn(join(folder, MANIFEST_FILE));
  return (
    before !== undefined &&
    JSON.stringify(before.identity) === JSON.stringify(identity) &&
    before.mostEpochs === epochs
  );
}

/** Everything that must agree for a run to be continued. */
const identityOf = (
  set: ExperimentSet,
  { name }: StudyPlace,
  {
    architecture,
    batch = 100,
    learningRate = 1e-3,
    seed = 1,
    validation = 0.1,
    transform = 'log',
  }: StudyTrainingOptions,
) => ({
  data: set.inputs.map(({ sha256 }) => sha256),
  experiment: name,
  architecture,
  seed,
  batch,
  'learning rate': learningRate,
  'validation share': validation,
  transform,
});

/** @throws as `sharedExperiment`; DataError where nothing can be learned or validated */
async function pupilOf(
  gpu: Gpu,
  set: ExperimentSet,
  { name, folder, identity }: StudyPlace & { readonly identity: object },
  { architecture, preset, seed = 1, validation, transform = 'log' }: StudyTrainingOptions,
): Promise<FolderExperimentFit> {
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
  const model = await ResidualBind.create(gpu, { architecture, seed });
  return {
    model,
    scores,
    train,
    valid,
    seed,
    folder,
    identity: identity as Record<string, unknown>,
    facts: { ...(preset !== undefined && { preset }), seed, ...facts },
  };
}

const scoresOf = (shared: SharedExperiment, part: 'train' | 'valid'): Float32Array =>
  Float32Array.from(shared[part], (record) => shared.scores[record]!);
