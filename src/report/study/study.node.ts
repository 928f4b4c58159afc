/**
 * A study: every experiment of a data set is trained, swept, asked and reported (the paper's 244). Models are
 * trained side by side; everything is kept in folders, and a study that was killed goes on where it was.
 */

import { join } from 'node:path';
import { type ExperimentSet, placesOf } from '../../data/experiments/experiment-set.js';
import { removeLeftovers } from '../../device/adapter/owner.node.js';
import { throwIfCancelled } from '../../device/breathe.js';
import * as check from '../../device/check.js';
import { count } from '../../device/count.js';
import {
  ArgumentError,
  ConflictError,
  DataError,
  FormatError,
  InvalidSequenceError,
  NotFiniteError,
  ShapeError,
} from '../../device/errors.js';
import type { Gpu } from '../../device/gpu.js';
import { runFileIn } from '../../nn/files/fit-in-folder.node.js';
import { replicateFolder } from '../../nn/files/replicates.node.js';
import {
  REPORT_FOLDER,
  removeFailure,
  type StudyEntry,
  type StudyPlace,
  studyEntries,
  studyPlaces,
  writeFailure,
} from './study-files.node.js';
import { reportOnPlace, type StudyReportOptions } from './study-report.node.js';
import { type StudyTrainingOptions, trainStudy } from './study-training.node.js';

/** What is studied, and how. */
export interface StudyOptions extends StudyTrainingOptions, Omit<StudyReportOptions, 'onSweep'> {
  /** Where everything is kept. */
  readonly folder: string;
  /** Names of experiments. Default: all. */
  readonly only?: readonly string[] | undefined;
  /** Only every `of`-th of them, from the `number`-th on, counted from 1. Default: all. */
  readonly shard?: { readonly number: number; readonly of: number } | undefined;
  /** Reports that are done, with a fraction, of `total`. */
  readonly onReports?:
    | ((progress: { readonly done: number; readonly total: number; readonly name: string }) => void)
    | undefined;
  /** Is called when an experiment has failed; the others go on. */
  readonly onFailed?: ((name: string, message: string) => void) | undefined;
}

const OPTIONS = {
  architecture: check.object,
  folder: check.text,
  epochs: check.optional(check.whole(1)),
  batch: check.optional(check.whole(1)),
  seed: check.optional(check.seed),
  replicates: check.optional(check.whole(1)),
  backgrounds: check.optional(check.whole(2)),
  signal: check.optional(check.signal),
};

/**
 * The experiments that a study is about, and their folders.
 *
 * @throws DataError for one that does not exist; ArgumentError for one that is named twice
 */
export function chosenPlaces(
  set: Pick<ExperimentSet, 'experiments' | 'source'>,
  { folder, only }: Pick<StudyOptions, 'folder' | 'only'>,
): readonly StudyPlace[] {
  const all = studyPlaces(folder, set.experiments);
  if (only === undefined) return all;
  return [...placesOf(set, only)].sort((a, b) => a - b).map((at) => all[at]!);
}

/**
 * Trains and reports the experiments of a set, or those of a shard. An experiment that fails does not stop
 * the others; a later run tries it again. What is done already is not done again, so the same call continues
 * a study that was stopped or killed, and its models and tables have the same bits.
 *
 * @returns how far every experiment has come, those of other shards too
 * @throws ArgumentError naming the option; DataError for an experiment that there is not; ConflictError where
 * the folder has runs of other data or options, or more replicates; CancelledError
 * @example
 * const entries = await report.study(gpu, set, { folder: 'study', architecture: nn.architecture('paper') });
 */
export async function study(
  gpu: Gpu,
  set: ExperimentSet,
  options: StudyOptions,
): Promise<readonly StudyEntry[]> {
  check.options(options, OPTIONS);
  const { signal, onFailed, onReports, replicates = 1 } = options;
  const chosen = chosenPlaces(set, options);
  const own = placesOfShard(chosen, options.shard);
  await refuseFewer(own, replicates);
  for (const { folder } of own)
    for (const at of [join(folder, REPORT_FOLDER), ...foldersOf(folder, replicates)]) removeLeftovers(at);
  const failed = new Set<string>();
  const fail = async (place: StudyPlace, error: unknown): Promise<void> => {
    if (!isOfExperiment(error)) throw error;
    failed.add(place.name);
    await writeFailure(place, error.message);
    onFailed?.(place.name, error.message);
  };
  await trainStudy(gpu, set, own, options, fail);
  const asked = own.filter(({ name }) => !failed.has(name));
  for (const [i, place] of asked.entries()) {
    throwIfCancelled(signal);
    const tell = (done: number): void =>
      onReports?.({ done: i + done, total: asked.length, name: place.name });
    tell(0);
    try {
      await reportOnPlace(gpu, set, place, {
        ...options,
        // Experiments take about as long as a tenth of the sweep.
        onSweep: ({ done, total }) => tell((0.9 * done) / total),
      });
      await removeFailure(place);
    } catch (error) {
      await fail(place, error);
    }
    tell(1);
  }
  return await studyEntries(chosen, replicates);
}

/** The folders of an experiment's networks. */
const foldersOf = (folder: string, replicates: number): readonly string[] =>
  Array.from({ length: replicates }, (_, i) => replicateFolder(folder, i + 1));

/** @throws ConflictError where an experiment has more networks than are asked for */
async function refuseFewer(places: readonly StudyPlace[], replicates: number): Promise<void> {
  for (const { folder } of places)
    if ((await runFileIn(replicateFolder(folder, replicates + 1))) !== undefined)
      throw new ConflictError(
        `${folder} holds more than ${count(replicates, 'network')}, which an earlier study trained; ask for as many (--replicates), or name another folder`,
      );
}

/** The experiments of a shard. @throws ArgumentError for a shard that does not exist */
export function placesOfShard<Place>(
  places: readonly Place[],
  shard: StudyOptions['shard'],
): readonly Place[] {
  if (!shard) return places;
  const { number, of } = shard;
  if (!(Number.isInteger(of) && of >= 1 && Number.isInteger(number) && number >= 1 && number <= of))
    throw new ArgumentError('shard', `there is no shard ${number} of ${of}; they are counted from 1`);
  return places.filter((_, i) => i % of === number - 1);
}

/** Whether an error is about one experiment, so that others can go on. */
const isOfExperiment = (error: unknown): error is Error =>
  [DataError, FormatError, InvalidSequenceError, NotFiniteError, ShapeError, ArgumentError].some(
    (kind) => error instanceof kind,
  );
