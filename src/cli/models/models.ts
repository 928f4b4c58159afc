/** Models as commands use them: read from disk, uploaded, and asked for predictions. */

import { count as counted } from '../../device/count.js';
import { UnsupportedError } from '../../device/errors.js';
import type { Gpu } from '../../device/gpu.js';
import type { Precision } from '../../device/precision.js';
import {
  describeRange,
  type LetterRange,
  lettersOfModels,
  lettersOfProfile,
  reachesOut,
} from '../../gia/backgrounds/letters.js';
import type { ModelFacts } from '../../nn/files/model-facts.js';
import { loadModel, type ModelFile, readModels, uploadModels } from '../../nn/files/model-files.node.js';
import { predictionCost } from '../../nn/prediction/precision-cost.js';
import type { ResidualBind } from '../../nn/residualbind.js';
import { type Io, note } from '../terminal/io.js';
import { Progress } from '../terminal/progress.js';
import { type PrecisionRecord, precisionRecord } from './precision.js';

/** What a manifest says of a model. */
export type Origin = Pick<ModelFile, 'path' | 'sha256'>;

export interface OpenedModel {
  readonly model: ResidualBind;
  readonly facts: ModelFacts;
  readonly origin: Origin;
}

/** @param path a directory that `train` wrote, or a `.safetensors` file */
export async function openModel(
  gpu: Gpu,
  path: string,
  { tasks = false }: { readonly tasks?: boolean } = {},
): Promise<OpenedModel> {
  const { model, facts, ...file } = await loadModel(gpu, path);
  if (!tasks) refuseTasks(path, model);
  return { model, facts, origin: originOf(file) };
}

/** @throws UnsupportedError for a model of several tasks, where a command takes one */
function refuseTasks(path: string, model: ResidualBind): void {
  const { outputs } = model;
  if (outputs === 1) return;
  model.dispose();
  throw new UnsupportedError(
    `${path}: the model predicts ${outputs} tasks, and this command takes models of one; train and evaluate take several`,
  );
}

const originOf = ({ path, sha256 }: Origin): Origin => ({ path, sha256 });

/**
 * Says how many sequences have letters where no training probe has one, and the model has learned nothing.
 *
 * @returns for the manifest: their number, where there are any
 */
export function noteInPadding(
  io: Io,
  { architecture: { length } }: ResidualBind,
  { profile }: ModelFacts,
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

export interface OpenedModels {
  /** All of them on one model axis. */
  readonly model: ResidualBind;
  /** The first one's. */
  readonly facts: ModelFacts;
  /**
   * Positions where the training probes of all of them have letters, as far as models carry their profiles.
   */
  readonly letters: LetterRange | undefined;
  readonly origins: readonly Origin[];
}

/** Models of one architecture, to be asked together. @throws DataError for architectures that differ */
export async function openModels(gpu: Gpu, paths: readonly string[]): Promise<OpenedModels> {
  const files = await readModels(paths);
  const model = await uploadModels(gpu, files);
  refuseTasks(files[0]!.path, model);
  return {
    model,
    facts: files[0]!.facts,
    letters: lettersOfModels(files.map(({ facts }) => facts)),
    origins: files.map(originOf),
  };
}

/** The precision of predictions for the manifest, after saying what it costs on the given sequences. */
export const notePredictionCost = (
  io: Io,
  model: ResidualBind,
  codes: Uint8Array,
  precision: Precision | undefined,
): Promise<PrecisionRecord> =>
  precisionRecord(io, precision, (chosen) => predictionCost(model, codes, chosen));

/** Predictions [N] with progress. @throws CancelledError */
export async function predictWithProgress(
  io: Io,
  model: ResidualBind,
  codes: Uint8Array,
  label: string,
  precision?: Precision,
): Promise<Float32Array> {
  const { length } = model.architecture;
  const count = codes.length / length;
  using progress = new Progress(io, { label, total: count, unit: 'sequences/s' });
  const predictions = await model.predict(
    { codes },
    { signal: io.signal, precision, onProgress: (done) => progress.update(done) },
  );
  progress.finish();
  return predictions;
}
