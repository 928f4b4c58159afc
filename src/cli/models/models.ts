/** Models as commands use them: opened from disk with the facts that `train` stored, and asked for predictions. */

import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { count as counted } from '../../device/count.js';
import { DataError } from '../../device/errors.js';
import type { Gpu } from '../../device/gpu.js';
import { Owned } from '../../device/owned.js';
import type { Precision } from '../../device/precision.js';
import {
  describeRange,
  type LetterRange,
  lettersOfProfile,
  reachesOut,
  sharedRange,
} from '../../gia/backgrounds/letters.js';
import { inputOf } from '../../nn/architecture.js';
import { loadModel, MODEL_FILE } from '../../nn/files/model-files.node.js';
import { predictionCost } from '../../nn/prediction/precision-cost.js';
import { ResidualBind } from '../../nn/residualbind.js';
import { type Io, note } from '../terminal/io.js';
import { Progress } from '../terminal/progress.js';
import { checkFacts, type ModelFacts } from './model-facts.js';
import { type PrecisionRecord, precisionRecord } from './precision.js';

export interface OpenedModel {
  readonly model: ResidualBind;
  readonly facts: ModelFacts;
  /** For the manifest. */
  readonly origin: { readonly path: string; readonly sha256: string };
}

/** @param path a directory that `train` wrote, or a `.safetensors` file */
export async function openModel(gpu: Gpu, path: string): Promise<OpenedModel> {
  const { model, extra } = await loadModel(gpu, path);
  using made = new Owned();
  made.own(model);
  const file = (await stat(path)).isDirectory() ? join(path, MODEL_FILE) : path;
  const facts = checkFacts(extra, file, inputOf(model.architecture));
  const sha256 = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  made.release();
  return { model, facts, origin: { path: file, sha256 } };
}

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
  readonly origins: readonly OpenedModel['origin'][];
}

/** Models of one architecture, to be asked together. @throws DataError for architectures that differ */
export async function openModels(gpu: Gpu, paths: readonly string[]): Promise<OpenedModels> {
  const opened: OpenedModel[] = [];
  try {
    for (const path of paths) opened.push(await openModel(gpu, path));
    const [{ model, facts }] = opened as [OpenedModel];
    const { architecture } = model;
    const differing = opened.findIndex(
      (other) => JSON.stringify(other.model.architecture) !== JSON.stringify(architecture),
    );
    if (differing > 0) {
      throw new DataError(
        `${paths[differing]}: its architecture is not that of ${paths[0]}; sweep them one by one`,
      );
    }
    const weights = await Promise.all(opened.map((each) => each.model.weights()));
    return {
      model: await ResidualBind.fromWeights(gpu, weights, { architecture }),
      facts,
      letters: opened
        .flatMap((each) => (each.facts.profile ? [lettersOfProfile(each.facts.profile)] : []))
        .reduce<LetterRange | undefined>((all, own) => (all ? sharedRange(all, own) : own), undefined),
      origins: opened.map(({ origin }) => origin),
    };
  } finally {
    for (const { model } of opened) model.dispose();
  }
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
