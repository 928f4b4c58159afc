/**
 * Models and checkpoints on disk. A run's directory holds `model.safetensors` (the best weights), `checkpoint.safetensors`
 * (everything that decides how training goes on) and `manifest.json` (what was run, on what, with which result).
 */

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as check from '../../device/check.js';
import { echo } from '../../device/echo.js';
import { ArgumentError, FormatError, NotFiniteError, ShapeError } from '../../device/errors.js';
import type { Gpu } from '../../device/gpu.js';
import { inWords } from '../../device/system-error.node.js';
import { writeAtomically } from '../../device/write-atomically.node.js';
import { checkArchitecture } from '../architecture.js';
import { ResidualBind } from '../residualbind.js';
import { checkTrainingState, STATE_TENSORS, type TrainingState } from '../training/training-state.js';
import { weightNames } from '../weights.js';
import { decodeSafetensors, encodeSafetensors, type TensorFile } from './safetensors.js';
import { isSealed, sealed } from './sealed.node.js';
import { strictJson } from './strict-json.js';

/** Name of the file with the best weights in a run's directory. */
export const MODEL_FILE = 'model.safetensors';
/** Name of the file that training goes on from. */
export const CHECKPOINT_FILE = 'checkpoint.safetensors';
/** Name of the file that says what was run, on what, with which result. */
export const MANIFEST_FILE = 'manifest.json';

/** Facts about a model that its weights do not tell, such as the fitted score transform. JSON-able. */
export type Extra = Readonly<Record<string, unknown>>;

/**
 * Writes model 0's weights with its architecture, `extra` facts and a sha256 over all of it.
 *
 * @param path a directory or a `.safetensors` file
 */
export async function saveModel(path: string, model: ResidualBind, extra: Extra = {}): Promise<void> {
  const metadata = { architecture: JSON.stringify(model.architecture), extra: JSON.stringify(extra) };
  const file = sealed({ tensors: await model.weights(), metadata });
  await writeAtomically(modelPath(path), encodeSafetensors(file));
}

/** What the metadata of a model file may hold; `format` is what other programs write. */
const MODEL_FACTS = ['architecture', 'extra', 'sha256', 'format'];

/**
 * Reads a model that `saveModel` wrote. Its sha256 is checked where it has one; models of earlier versions
 * have none.
 *
 * @param path a directory or a `.safetensors` file
 * @throws FormatError, ShapeError or NotFiniteError, naming the file and the field or tensor
 */
export async function loadModel(gpu: Gpu, path: string): Promise<{ model: ResidualBind; extra: Extra }> {
  const isDirectory = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const file = isDirectory ? join(path, MODEL_FILE) : path;
  const { tensors, metadata } = await readTensors(file);
  const made = checkArchitecture(parse(file, metadata, 'architecture'), check.fieldOf(file, 'architecture'));
  const extra = metadata.extra === undefined ? {} : parse(file, metadata, 'extra');
  const expected = weightNames(made);
  const stray = Object.keys(tensors).find((name) => !expected.includes(name));
  if (stray) throw new FormatError(`${file}: there is no tensor ${echo(stray)} in this architecture`);
  const unknown = Object.keys(metadata).find((key) => !MODEL_FACTS.includes(key));
  if (unknown !== undefined)
    throw new FormatError(`${file}: its metadata has an unknown key ${echo(unknown)}`);
  if (metadata.sha256 !== undefined && !isSealed({ tensors, metadata }))
    throw new FormatError(`${file}: ${DAMAGED}; train again or take another copy of the file`);
  try {
    return { model: await ResidualBind.fromWeights(gpu, tensors, { architecture: made }), extra };
  } catch (error) {
    throw named(file, error);
  }
}

/** The same error with the file's name, where weights are wrong. */
function named(file: string, cause: unknown): unknown {
  if (cause instanceof ShapeError) return new ShapeError(`${file}: ${cause.message}`, { cause });
  if (cause instanceof NotFiniteError) return new NotFiniteError(`${file}: ${cause.message}`, { cause });
  if (cause instanceof ArgumentError) return new FormatError(`${file}: ${cause.message}`, { cause });
  return cause;
}

/** Writes the state of a training run. */
export async function saveCheckpoint(
  directory: string,
  { tensors: flat, ...state }: TrainingState,
  extra: Extra,
): Promise<void> {
  const tensors = Object.fromEntries(
    Object.entries(flat).map(([name, data]) => [name, { shape: [data.length], data }] as const),
  );
  const metadata = { state: JSON.stringify(state), extra: JSON.stringify(extra) };
  await writeAtomically(join(directory, CHECKPOINT_FILE), encodeSafetensors(sealed({ tensors, metadata })));
}

/**
 * Reads what `saveCheckpoint` wrote. Every field is checked, and the whole by its sha256, so that nothing
 * damaged is resumed from.
 *
 * @throws FormatError naming the file and what is wrong
 */
export async function loadCheckpoint(directory: string): Promise<{ state: TrainingState; extra: Extra }> {
  const file = join(directory, CHECKPOINT_FILE);
  const { tensors, metadata } = await readTensors(file);
  const fields = parse(file, metadata, 'state');
  const held = STATE_TENSORS.map((name) => {
    const tensor = tensors[name];
    if (!tensor) throw new FormatError(`${file}: "${name}" is missing`);
    return [name, tensor.data] as const;
  });
  const place = check.fieldOf(file, 'state');
  const state = checkTrainingState({ ...fields, tensors: Object.fromEntries(held) }, place);
  const extra = parse(file, metadata, 'extra');
  if (metadata.sha256 === undefined)
    throw new FormatError(
      `${file}: it has no sha256, as an earlier version wrote it; train anew (--overwrite)`,
    );
  if (!isSealed({ tensors, metadata }))
    throw new FormatError(`${file}: ${DAMAGED}; train anew (--overwrite)`);
  return { state, extra };
}

const DAMAGED = 'it is damaged, since its contents do not have its sha256';

const modelPath = (path: string): string => (path.endsWith('.safetensors') ? path : join(path, MODEL_FILE));

async function readTensors(file: string): Promise<TensorFile> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new FormatError(
      `${file}: cannot be read (${inWords(error)}); give a directory or .safetensors file that train wrote`,
      { cause: error },
    );
  }
  return decodeSafetensors(bytes, file);
}

function parse(
  file: string,
  metadata: TensorFile['metadata'],
  key: string,
): Readonly<Record<string, unknown>> {
  const text = metadata[key];
  if (text === undefined) throw new FormatError(`${file}: its "${key}" is missing or not JSON`);
  const value = strictJson(
    () => text,
    (reason) => {
      throw new FormatError(
        `${file}: its "${key}" ${reason === 'is not JSON' ? 'is missing or not JSON' : reason}`,
      );
    },
  );
  return check.object(value, check.fieldOf(file, `its "${key}"`));
}
