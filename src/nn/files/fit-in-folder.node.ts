/**
 * Training in folders, one for each model: a checkpoint after every epoch, the best model as soon as there is
 * one, and continuation of runs that were stopped or killed.
 */

import { access, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as check from '../../device/check.js';
import { count as counted } from '../../device/count.js';
import { ConflictError } from '../../device/errors.js';
import { checkArchitecture } from '../architecture.js';
import type { ResidualBind } from '../residualbind.js';
import type { Sequences } from '../sequences.js';
import {
  type EpochReport,
  type Examples,
  type FitOptions,
  type FitResult,
  fit as fitModel,
  type TrainingState,
} from '../training/fit.js';
import { type ExperimentFit, type FitManyOptions, fitMany } from '../training/fit-many.js';
import { EPOCHS } from '../training/fit-models.js';
import type { ModelFacts } from './model-facts.js';
import {
  CHECKPOINT_FILE,
  loadCheckpoint,
  MANIFEST_FILE,
  MODEL_FILE,
  saveCheckpoint,
  saveModel,
} from './model-files.node.js';

/** Everything that must agree for a run to be continued bit for bit. The keys are used in messages. */
export type Identity = Readonly<Record<string, unknown>>;

/** Where a run is kept, and what its files say. */
export interface KeptRun {
  /** Where `model.safetensors` and `checkpoint.safetensors` go. */
  readonly folder: string;
  /** What the model's file says of it: `data.trainingFacts`, preset, seed. */
  readonly facts?: ModelFacts;
  /** Everything that must agree for the run to be continued. Default: nothing. */
  readonly identity?: Identity;
}

/** What becomes of runs that folders hold. */
export interface KeepingOptions {
  /**
   * What to do with a run that a folder holds: `refuse` (the default) raises ConflictError, `resume`
   * continues it from its checkpoint, and `overwrite` replaces it as soon as there is something in its place.
   */
  readonly earlier?: 'refuse' | 'resume' | 'overwrite' | undefined;
  /**
   * Runs the saving at the end of an epoch, for instance to continue where the disk is full. Default: runs
   * it.
   */
  readonly saving?: ((save: () => Promise<void>) => Promise<unknown>) | undefined;
}

/** How a model is trained, and where the run is kept. */
export interface FolderFitOptions extends FitOptions, KeptRun, KeepingOptions {}

/** An experiment, and where its run is kept. */
export interface FolderExperimentFit extends Omit<ExperimentFit, 'resume'>, KeptRun {}

/** How many models are trained and kept. */
export interface FolderFitManyOptions extends FitManyOptions, KeepingOptions {}

/**
 * The files of a run in the order in which those of an earlier run are removed: a manifest never describes
 * another model.
 */
const RUN_FILES = [MANIFEST_FILE, CHECKPOINT_FILE, MODEL_FILE];

/** A run that is under way in a folder. */
class FolderRun {
  /** Whether the folder may hold another run. */
  #isOld = true;

  constructor(
    readonly kept: KeptRun,
    readonly model: ResidualBind,
    readonly options: KeepingOptions,
    /** How many epochs are asked for; undefined: as many as `fit` does by itself. */
    readonly epochs: number | undefined,
  ) {}

  /**
   * The state to go on from, if there is one.
   *
   * @param given a state that the caller has read from the folder
   * @throws ConflictError where the folder holds a run that must not be continued or replaced, or one of more
   * epochs than are asked for
   */
  async start(given?: TrainingState): Promise<TrainingState | undefined> {
    const { folder, identity = {} } = this.kept;
    const { earlier } = this.options;
    const state = given ?? (earlier === 'resume' ? await stateIn(folder, identity) : undefined);
    if (!state && earlier !== 'overwrite') await refuseRun(folder);
    if (state) refuseLonger(folder, state.epoch, this.epochs);
    this.#isOld = state === undefined;
    if (state) await this.#restoreModel(state);
    return state;
  }

  /** Writes the best model where a run was killed between its first checkpoint and its first model. */
  async #restoreModel({ schedule, tensors }: TrainingState): Promise<void> {
    const { folder, facts = {} } = this.kept;
    if (schedule.bestEpoch === 0 || (await exists(join(folder, MODEL_FILE)))) return;
    const { parameters, statistics } = this.model;
    await parameters.flat.write(tensors.bestParameters);
    await statistics.flat.write(tensors.bestStatistics);
    await saveModel(folder, this.model, facts);
  }

  /** Saves what an epoch reached. */
  async save({ improved }: EpochReport, state: () => Promise<TrainingState>): Promise<void> {
    const { folder, facts = {}, identity = {} } = this.kept;
    const { saving = (save) => save() } = this.options;
    await saving(async () => {
      const reached = await state();
      // The old run is removed only when something of the new one takes its place, and the two never mix.
      if (this.#isOld) for (const file of RUN_FILES) await rm(join(folder, file), { force: true });
      this.#isOld = false;
      // The model comes before the checkpoint, so that a checkpoint never promises a better model than there
      // is. The first checkpoint comes before its model, so that no model stands in the folder without one.
      const isFirst = !(await exists(join(folder, CHECKPOINT_FILE)));
      if (isFirst) await saveCheckpoint(folder, reached, { identity });
      if (improved) await saveModel(folder, this.model, facts);
      if (!isFirst) await saveCheckpoint(folder, reached, { identity });
    });
  }
}

/**
 * Trains one model as `fit` does and keeps the run in a folder. The model ends with its best weights, which
 * the folder has too.
 *
 * @throws ConflictError where the folder holds another run, or one of more epochs; as `fit` and `saveModel`
 * @example
 * await fitInFolder(model, train, valid, { folder: 'run', earlier: 'resume', facts, epochs: 30 });
 */
export async function fitInFolder(
  model: ResidualBind,
  train: Examples,
  valid: Examples,
  options: FolderFitOptions,
): Promise<FitResult> {
  check.options(options, { folder: check.text, earlier: check.optional(EARLIER) });
  const { folder, facts = {}, identity = {}, earlier, saving, ...fitting } = options;
  const run = new FolderRun({ folder, facts, identity }, model, { earlier, saving }, fitting.epochs);
  return await fitModel(model, train, valid, {
    ...fitting,
    resume: await run.start(fitting.resume),
    onEpoch: async (report, state) => {
      await run.save(report, state);
      await options.onEpoch?.(report, state);
    },
  });
}

/**
 * Trains many models as `fitMany` does and keeps each run in a folder of its own, as `fitInFolder` keeps one.
 * It can be stopped or killed at any moment: with `earlier: 'resume'` every experiment goes on from its own
 * checkpoint, those that have ended are not trained again, and all end with the same bits.
 *
 * @throws ConflictError where a folder holds another run, or one of more epochs, before any training; as
 * `fitMany` and `saveModel`
 * @example
 * await fitManyInFolders(probes, experiments, { earlier: 'resume', epochs: 100 });
 */
export async function fitManyInFolders(
  probes: Sequences,
  experiments: readonly FolderExperimentFit[],
  options: FolderFitManyOptions = {},
): Promise<FitResult[]> {
  check.list(check.object, 1)(experiments, check.argument('experiments'));
  check.options(options, { earlier: check.optional(EARLIER) });
  const { earlier, saving, ...fitting } = options;
  const runs: FolderRun[] = [];
  const folders = new Set<string>();
  for (const [e, { folder, facts = {}, identity = {}, model }] of experiments.entries()) {
    check.text(folder, check.argument(`experiments[${e}].folder`));
    if (folders.has(resolve(folder))) throw new ConflictError(`${folder}: two experiments name this folder`);
    folders.add(resolve(folder));
    const run = new FolderRun({ folder, facts, identity }, model, { earlier, saving }, fitting.epochs);
    // A state is read again when its model gets a place: those of all experiments together are large.
    await run.start();
    runs.push(run);
  }
  const resumable = experiments.map((experiment, e) => ({
    ...experiment,
    resume: () => runs[e]!.start(),
  }));
  return await fitMany(probes, resumable, {
    ...fitting,
    onEpoch: async (e, report, state) => {
      await runs[e]!.save(report, state);
      await options.onEpoch?.(e, report, state);
    },
  });
}

const EARLIER = check.oneOf('refuse', 'resume', 'overwrite');

async function refuseRun(folder: string): Promise<void> {
  const held = await runFileIn(folder);
  if (held !== undefined)
    throw new ConflictError(
      `${folder} already holds a training run (${held}); continue it (earlier: 'resume'), replace it (earlier: 'overwrite'), or name another folder`,
    );
}

/** Its best model may be of an epoch that was not asked for, and would pass for one of a shorter run. */
function refuseLonger(folder: string, done: number, asked = EPOCHS): void {
  if (done > asked)
    throw new ConflictError(
      `${folder}: its run has done ${counted(done, 'epoch')}, and ${asked} ${asked === 1 ? 'is' : 'are'} asked for; raise epochs (--epochs) to ${done} or more, name another folder, or overwrite the run (train --overwrite)`,
    );
}

/** A file of a training run that a folder holds; undefined where it holds none. */
export async function runFileIn(folder: string): Promise<string | undefined> {
  for (const file of [CHECKPOINT_FILE, MODEL_FILE]) if (await exists(join(folder, file))) return file;
  return undefined;
}

/**
 * The state that a run in a folder has reached, if the folder holds one of the same run.
 *
 * @throws ConflictError naming the first thing that differs; FormatError for a damaged checkpoint
 */
export async function stateIn(folder: string, identity: Identity): Promise<TrainingState | undefined> {
  if (!(await exists(join(folder, CHECKPOINT_FILE)))) return undefined;
  const { state, extra } = await loadCheckpoint(folder);
  const before = withLayers(folder, (extra.identity ?? {}) as Identity);
  for (const name of new Set([...Object.keys(identity), ...Object.keys(before)])) {
    const [now, then] = [JSON.stringify(identity[name]), JSON.stringify(before[name])];
    if (now !== then)
      throw new ConflictError(
        `${folder}: cannot resume, since ${name} differs: the checkpoint has ${then ?? 'none'}, this command has ${now ?? 'none'}; give another folder for a new run`,
      );
  }
  return state;
}

/** What identifies a run of version 0.1, which described its network by sizes, in today's form. */
function withLayers(folder: string, identity: Identity): Identity {
  const { architecture } = identity;
  if (typeof architecture !== 'object' || architecture === null) return identity;
  const place = check.fieldOf(join(folder, CHECKPOINT_FILE), 'architecture');
  return { ...identity, architecture: checkArchitecture(architecture, place) };
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
