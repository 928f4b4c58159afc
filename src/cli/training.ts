/** Training with progress on the terminal, in a folder or without one. */

import { join } from 'node:path';
import type { Experiment } from '../data/index.node.js';
import { ConflictError } from '../device/errors.js';
import { fitInFolder, type Identity, runFileIn } from '../nn/files/fit-in-folder.node.js';
import type { ModelFacts } from '../nn/files/model-facts.js';
import { CHECKPOINT_FILE } from '../nn/files/model-files.node.js';
import type { ResidualBind } from '../nn/residualbind.js';
import {
  type EpochReport,
  type FitOptions,
  type FitResult,
  fit as fitModel,
  type TrainingState,
} from '../nn/training/fit.js';
import { coefficient } from '../report/correlation.js';
import { saveIfPossible } from './output/files.js';
import type { Io } from './terminal/io.js';
import { OrderlyLoop } from './terminal/orderly.js';
import { duration, NO_ESTIMATE, Progress } from './terminal/progress.js';
import { TimeLeft } from './terminal/time-left.js';

export interface TrainingRun {
  readonly model: ResidualBind;
  readonly experiment: Experiment;
  readonly epochs: number;
  readonly batch: number;
  readonly seed: number;
  readonly learningRate: number;
  /** Where checkpoint and model go; absent: nowhere. */
  readonly save?:
    | { readonly folder: string; readonly identity: Identity; readonly facts: ModelFacts }
    | undefined;
  readonly resume?: TrainingState | undefined;
  /**
   * Is called with the stage that begins: `compile`, then `epochs`, interrupted by `save` at the end of each
   * epoch.
   */
  readonly onStage?: ((stage: string) => void) | undefined;
}

/** Trains with progress; in a folder it keeps the best model and a checkpoint at each epoch's end. */
export async function trainWithProgress(io: Io, run: TrainingRun): Promise<FitResult> {
  const { model, experiment, epochs, batch, seed, learningRate, save, resume, onStage } = run;
  using bars = new EpochBars(io, epochs);
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
      // Until the command ends: what training has reached must be saved and printed after a signal.
      if (save) new OrderlyLoop().enter();
    },
    onStep: (progress) => bars.step(progress),
    onEpoch: (report) => {
      bars.finish(report);
      onStage?.('epochs');
    },
  };
  const { train, valid } = experiment;
  if (!save) return await fitModel(model, train, valid, options);
  return await fitInFolder(model, train, valid, {
    ...options,
    ...save,
    // Whether a run may be replaced was checked before anything was read.
    earlier: 'overwrite',
    saving: async (work) => {
      onStage?.('save');
      await saveIfPossible(io, join(save.folder, CHECKPOINT_FILE), work);
    },
  });
}

/** A progress bar for each epoch. When the epoch ends, the bar becomes a line about it. */
class EpochBars implements Disposable {
  readonly #pace = new TimeLeft();
  #bar: Progress | undefined;

  constructor(
    readonly io: Io,
    readonly epochs: number,
  ) {}

  step({
    epoch,
    step,
    steps,
  }: {
    readonly epoch: number;
    readonly step: number;
    readonly steps: number;
  }): void {
    this.#bar ??= new Progress(this.io, { label: `epoch ${epoch}/${this.epochs}`, total: steps, lines: 0 });
    this.#bar.update(step, { tail: this.#left(epoch - 1 + step / steps) || NO_ESTIMATE });
  }

  finish(report: EpochReport): void {
    this.#bar?.finish(`${summary(report)}  ${this.#left(report.epoch)}`.trimEnd());
    this.#bar = undefined;
  }

  /** The most time that is left, since training may stop early; empty while there is no estimate. */
  #left(done: number): string {
    this.#pace.reached(done);
    if (done >= this.epochs) return '';
    const seconds = this.#pace.seconds(done, this.epochs);
    return seconds === undefined ? '' : `${duration(seconds)} left`;
  }

  [Symbol.dispose](): void {
    this.#bar?.stop();
  }
}

const summary = ({ loss, validation, improved }: EpochReport): string =>
  `loss ${loss.toFixed(4)}  validation r ${coefficient(validation)}${improved ? ' *' : '  '}`;

/** Refuses to overwrite what an earlier run left. @throws ConflictError */
export async function refuseOverwriting(folder: string): Promise<void> {
  const held = await runFileIn(folder);
  if (held !== undefined)
    throw new ConflictError(
      `${folder} already holds a training run (${held}); use --resume to continue it, --overwrite to replace it, or another --out`,
    );
}
