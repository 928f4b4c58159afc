/**
 * Training in a folder: a checkpoint after every epoch, the best model as soon as there is one, and
 * continuation of a run that was stopped or killed.
 */

import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as check from '../../device/check.js';
import { ConflictError } from '../../device/errors.js';
import { checkArchitecture } from '../architecture.js';
import type { ResidualBind } from '../residualbind.js';
import {
  type Examples,
  type FitOptions,
  type FitResult,
  fit as fitModel,
  type TrainingState,
} from '../training/fit.js';
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

/** How a model is trained, and where the run is kept. */
export interface FolderFitOptions extends FitOptions {
  /** Where `model.safetensors` and `checkpoint.safetensors` go. */
  readonly folder: string;
  /** What the model's file says of it: `data.trainingFacts`, preset, seed. */
  readonly facts?: ModelFacts;
  /** Everything that must agree for the run to be continued. Default: nothing. */
  readonly identity?: Identity;
  /**
   * What to do with a run that the folder holds: `refuse` (the default) raises ConflictError, `resume`
   * continues it from its checkpoint, and `overwrite` replaces it as soon as there is something in its place.
   */
  readonly earlier?: 'refuse' | 'resume' | 'overwrite' | undefined;
  /**
   * Runs the saving at the end of an epoch, for instance to continue where the disk is full. Default: runs
   * it.
   */
  readonly saving?: ((save: () => Promise<void>) => Promise<unknown>) | undefined;
}

/**
 * The files of a run in the order in which those of an earlier run are removed: a manifest never describes
 * another model.
 */
const RUN_FILES = [MANIFEST_FILE, CHECKPOINT_FILE, MODEL_FILE];

/**
 * Trains one model as `fit` does and keeps the run in a folder. The model ends with its best weights, which
 * the folder has too.
 *
 * @throws ConflictError where the folder holds another run; as `fit` and `saveModel`
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
  const { folder, facts = {}, identity = {}, earlier, saving = (save) => save(), ...fitting } = options;
  const resume = fitting.resume ?? (earlier === 'resume' ? await stateIn(folder, identity) : undefined);
  if (!resume && earlier !== 'overwrite') await refuseRun(folder);
  // Whether the folder may hold another run.
  let isOld = resume === undefined;
  return await fitModel(model, train, valid, {
    ...fitting,
    resume,
    onEpoch: async (report, state) => {
      await saving(async () => {
        const reached = await state();
        // The old run is removed only when something of the new one takes its place, and the two never mix.
        if (isOld) for (const file of RUN_FILES) await rm(join(folder, file), { force: true });
        isOld = false;
        // The model is saved before the checkpoint, so that a checkpoint never refers to a best model that
        // does not exist.
        if (report.improved) await saveModel(folder, model, facts);
        await saveCheckpoint(folder, reached, { identity });
      });
      await options.onEpoch?.(report, state);
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
        `${folder}: cannot resume, since ${name} differs: the checkpoint has ${then ?? 'none'}, this command has ${now ?? 'none'}`,
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
