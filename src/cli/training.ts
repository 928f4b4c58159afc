/**
 * One training run in a directory: progress, a checkpoint after every epoch, the best model as soon as there
 * is one, and continuation from a checkpoint.
 */

import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as check from '../device/check.js';
import { ConflictError } from '../device/errors.js';
import { checkArchitecture } from '../nn/architecture.js';
import {
  CHECKPOINT_FILE,
  type Extra,
  loadCheckpoint,
  MANIFEST_FILE,
  MODEL_FILE,
  saveCheckpoint,
  saveModel,
} from '../nn/files/model-files.node.js';
import type { ResidualBind } from '../nn/residualbind.js';
import {
  type EpochReport,
  type FitOptions,
  type FitResult,
  fit as fitModel,
  type TrainingState,
} from '../nn/training/fit.js';
import { coefficient } from '../report/correlation.js';
import type { Experiment } from './experiment.js';
import { saveIfPossible } from './output/files.js';
import type { Io } from './terminal/io.js';
import { OrderlyLoop } from './terminal/orderly.js';
import { duration, NO_ESTIMATE, Progress } from './terminal/progress.js';
import { TimeLeft } from './terminal/time-left.js';

/** Everything that must agree for a run to be continued bit for bit; keys are what the message calls them. */
export type Identity = Readonly<Record<string, unknown>>;

export interface TrainingRun {
  readonly model: ResidualBind;
  readonly experiment: Experiment;
  readonly epochs: number;
  readonly batch: number;
  readonly seed: number;
  readonly learningRate: number;
  /** Where checkpoint and model go; absent: nowhere. */
  readonly save?:
    | { readonly directory: string; readonly identity: Identity; readonly facts: Extra }
    | undefined;
  readonly resume?: TrainingState | undefined;
  /** Told what begins: `compile`, then `epochs`, interrupted by `save` at each one's end. */
  readonly onStage?: ((stage: string) => void) | undefined;
}

/**
 * What a run leaves, in the order in which an earlier one's is removed: a manifest never describes another
 * model.
 */
const RUN_FILES = [MANIFEST_FILE, CHECKPOINT_FILE, MODEL_FILE];

/** Trains with progress; writes the best model and a checkpoint at each epoch's end. */
export async function trainWithProgress(io: Io, run: TrainingRun): Promise<FitResult> {
  const { model, experiment, epochs, batch, seed, learningRate, save, resume, onStage } = run;
  const pace = new TimeLeft();
  /** At most, since training may stop early; empty while there is no estimate. */
  const left = (done: number): string => {
    pace.reached(done);
    if (done >= epochs) return '';
    const seconds = pace.seconds(done, epochs);
    return seconds === undefined ? '' : `${duration(seconds)} left`;
  };
  let bar: Progress | undefined;
  // Whether the folder may hold another run.
  let isOld = save !== undefined && resume === undefined;
  onStage?.('compile');
  const options: FitOptions = {
    epochs,
    batch,
    seed,
    learningRate,
    signal: io.signal,
    resume,
    onReady: () => {
      onStage?.('epochs');
      // To the end of the command: what training has reached is saved, and said.
      if (save) new OrderlyLoop().enter();
    },
    onStep: ({ epoch, step, steps }) => {
      bar ??= new Progress(io, { label: `epoch ${epoch}/${epochs}`, total: steps, lines: 0 });
      bar.update(step, { tail: left(epoch - 1 + step / steps) || NO_ESTIMATE });
    },
    onEpoch: async (report, state) => {
      if (save) {
        onStage?.('save');
        const reached = await state();
        await saveIfPossible(io, join(save.directory, CHECKPOINT_FILE), async () => {
          // An earlier run goes when there is something of this one to take its place, and never mixes with
          // it.
          if (isOld) for (const file of RUN_FILES) await rm(join(save.directory, file), { force: true });
          isOld = false;
          // The model before the checkpoint: a checkpoint never promises a best model that is not there.
          if (report.improved) await saveModel(save.directory, model, save.facts);
          await saveCheckpoint(save.directory, reached, { identity: save.identity });
        });
      }
      bar?.finish(`${summary(report)}  ${left(report.epoch)}`.trimEnd());
      bar = undefined;
      onStage?.('epochs');
    },
  };
  try {
    return await fitModel(model, experiment.train, experiment.valid, options);
  } finally {
    bar?.stop();
  }
}

const summary = ({ loss, validation, improved }: EpochReport): string =>
  `loss ${loss.toFixed(4)}  validation r ${coefficient(validation)}${improved ? ' *' : '  '}`;

/**
 * The state to continue from, if the directory holds one of the same run.
 *
 * @throws ConflictError naming the first thing that differs
 */
export async function resumable(directory: string, identity: Identity): Promise<TrainingState | undefined> {
  if (!(await exists(join(directory, CHECKPOINT_FILE)))) return undefined;
  const { state, extra } = await loadCheckpoint(directory);
  const before = withLayers(directory, (extra.identity ?? {}) as Identity);
  for (const name of new Set([...Object.keys(identity), ...Object.keys(before)])) {
    const [now, then] = [JSON.stringify(identity[name]), JSON.stringify(before[name])];
    if (now !== then) {
      throw new ConflictError(
        `${directory}: cannot resume, since ${name} differs: the checkpoint has ${then ?? 'none'}, this command has ${now ?? 'none'}`,
      );
    }
  }
  return state;
}

/** What identifies a run of version 0.1, which described its network by sizes, in today's form. */
function withLayers(directory: string, identity: Identity): Identity {
  const { architecture } = identity;
  if (typeof architecture !== 'object' || architecture === null) return identity;
  const place = check.fieldOf(join(directory, CHECKPOINT_FILE), 'architecture');
  return { ...identity, architecture: checkArchitecture(architecture, place) };
}

/** Refuses to overwrite what an earlier run left. @throws ConflictError */
export async function refuseOverwriting(directory: string): Promise<void> {
  for (const file of [CHECKPOINT_FILE, MODEL_FILE]) {
    if (await exists(join(directory, file))) {
      throw new ConflictError(
        `${directory} already holds a training run (${file}); use --resume to continue it, --overwrite to replace it, or another --out`,
      );
    }
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
