/** What commands say of models, and predictions with progress. */

import type { Command } from 'commander';
import { chosenNames } from '../../data/chosen-names.js';
import { count as counted } from '../../device/count.js';
import { echo } from '../../device/echo.js';
import type { Precision } from '../../device/precision.js';
import { describeRange, lettersOfProfile, reachesOut } from '../../gia/backgrounds/letters.js';
import { alphabetIn } from '../../gia/model.js';
import { outputsOf } from '../../nn/architecture.js';
import type { StoredNormalisation } from '../../nn/files/model-facts.js';
import type { ModelFile } from '../../nn/files/model-files.node.js';
import { replicatesIn } from '../../nn/files/replicates.node.js';
import { chooseTasks, taskNames } from '../../nn/files/task-choice.js';
import { predictionCost } from '../../nn/prediction/precision-cost.js';
import type { ResidualBind } from '../../nn/residualbind.js';
import type { Sequences } from '../../nn/sequences.js';
import { checkedOption, UsageError } from '../terminal/errors.js';
import { type Io, note } from '../terminal/io.js';
import { Progress } from '../terminal/progress.js';
import { type PrecisionRecord, precisionRecord } from './precision.js';

/** What a manifest says of the file of a model. */
export const originOf = ({ path, sha256 }: ModelFile) => ({ path, sha256 });

/** What a manifest says of a model. */
export const aboutModel = (file: ModelFile) => ({
  seed: file.facts.seed ?? null,
  preset: file.facts.preset ?? null,
  model: originOf(file),
  ...alphabetIn(file.architecture),
});

/** Paths of all networks of the models: the folder of replicates stands for all of them. */
export async function networksOf(io: Io, paths: readonly string[]): Promise<readonly string[]> {
  const all = await Promise.all(paths.map(replicatesIn));
  for (const [i, networks] of all.entries())
    if (networks.length > 1) note(io, `${paths[i]} has ${networks.length} networks; all are asked`);
  return all.flat();
}

/** Says that a command that asks one network takes the first, where a path is the folder of several. */
export async function noteFirst(io: Io, path: string): Promise<void> {
  const networks = await replicatesIn(path);
  if (networks.length > 1)
    note(
      io,
      `${path} has ${networks.length} networks; this command takes the first (another is ${networks[1]})`,
    );
}

export interface TaskOptions {
  readonly task?: string;
}

/** --task, on every command that asks models. */
export const withTask = (command: Command): Command =>
  command.option(
    '--task <names>',
    'names of the tasks to work on, for example RBFOX2 or RBFOX2,MBNL1 (default: all that the model predicts)',
  );

/**
 * A model with the tasks that were chosen.
 *
 * @throws UsageError for a task that it does not have, or that is named twice
 */
export function chosenTasks(file: ModelFile, { task }: TaskOptions): ModelFile {
  if (task === undefined) return file;
  const names = taskNames(file);
  if (names.length === 1)
    throw new UsageError(`${file.path}: the model predicts one score, so leave out --task ${task}`);
  const chosen = namesIn(task, names);
  const unknown = chosen.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new UsageError(
      `${file.path}: the model has no task ${echo(unknown)}; choose from ${names.join(', ')}`,
    );
  return chooseTasks(file, chosen);
}

/** Names of the chosen tasks of a model of several, by which a table's columns are found; else none. */
export function soughtTasks({ facts: { tasks = [] } }: ModelFile, { task }: TaskOptions): readonly string[] {
  if (task === undefined) return tasks;
  const chosen = namesIn(task, tasks);
  return tasks.filter((name) => chosen.includes(name));
}

/** Tasks that --task names. A name may have a comma, although one that train made has none. */
const namesIn = (task: string, names: readonly string[]): readonly string[] =>
  checkedOption(() => chosenNames(task, names));

/** Names of a model's tasks for a manifest, where it has several. */
export const aboutTasks = (file: ModelFile): { readonly tasks?: readonly string[] } =>
  outputsOf(file.architecture) > 1 ? { tasks: taskNames(file) } : {};

/**
 * How a model's scores were normalised in training.
 *
 * @param command what needs to know
 * @throws UsageError for a model that does not say
 */
export function normalisationOf({ path, facts }: ModelFile, command: string): StoredNormalisation {
  if (facts.normalisation === undefined)
    throw new UsageError(
      `${path} does not say how its scores were normalised; ${command} needs a model that train wrote, or one that convert made with --data`,
    );
  return facts.normalisation;
}

/**
 * Says how many sequences have letters where no training probe has one, and the model has learned nothing.
 *
 * @returns for the manifest: their number, where there are any
 */
export function noteInPadding(
  io: Io,
  { architecture: { length }, facts: { profile } }: ModelFile,
  sequences: readonly string[],
): { readonly sequencesInPadding?: number } {
  if (!profile) return {};
  const letters = lettersOfProfile(profile);
  const outside = sequences.filter((sequence) => reachesOut(sequence.length, length, letters)).length;
  if (outside === 0) return {};
  note(
    io,
    `${outside} of ${counted(sequences.length, 'sequence')} have letters where no training probe has one (probes have letters at positions ${describeRange(letters)} of the input): the model has learned nothing there`,
  );
  return { sequencesInPadding: outside };
}

/** The precision of predictions for the manifest, after saying what it costs on the given sequences. */
export const notePredictionCost = (
  io: Io,
  model: ResidualBind,
  sequences: Sequences,
  precision: Precision | undefined,
): Promise<PrecisionRecord> =>
  precisionRecord(io, precision, (chosen) => predictionCost(model, sequences, chosen));

/** Predictions [outputs * N], output by output, with progress. @throws CancelledError */
export async function predictWithProgress(
  io: Io,
  model: ResidualBind,
  { codes, profile }: Sequences,
  label: string,
  precision?: Precision,
): Promise<Float32Array> {
  const { length } = model.architecture;
  const count = codes.length / length;
  using progress = new Progress(io, { label, total: count, unit: 'sequences/s' });
  const predictions = await model.predict(
    { codes, ...(profile && { profile }) },
    { signal: io.signal, precision, onProgress: (done) => progress.update(done) },
  );
  progress.finish();
  return predictions;
}
