/**
 * Models and checkpoints on disk. A run's directory holds `model.safetensors` (the best weights),
 * `checkpoint.safetensors` (everything that decides how training goes on) and `manifest.json` (what was run,
 * on what, with which result).
 */

import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as check from '../../device/check.js';
import { echo } from '../../device/echo.js';
import { ArgumentError, DataError, FormatError, NotFiniteError, ShapeError } from '../../device/errors.js';
import type { Gpu } from '../../device/gpu.js';
import { unreadable } from '../../device/system-error.node.js';
import { sizedFrom } from '../../device/too-large.js';
import { writeAtomically } from '../../device/write-atomically.node.js';
import { type Architecture, checkArchitecture, inputOf } from '../architecture.js';
import { ResidualBind } from '../residualbind.js';
import { checkTrainingState, STATE_TENSORS, type TrainingState } from '../training/training-state.js';
import { checkWeights, type Weights, weightNames } from '../weights.js';
import { isHdf5, isOnnx, isSafetensors } from './file-kinds.js';
import { checkFacts, type ModelFacts } from './model-facts.js';
import { decodeSafetensors, encodeSafetensors, metadataOf, type TensorFile } from './safetensors.js';
import { isSealed, sealed } from './sealed.node.js';
import { strictJson } from './strict-json.js';

/** Name of the file with the best weights in a run's directory. */
export const MODEL_FILE = 'model.safetensors';
/** Name of the file that training goes on from. */
export const CHECKPOINT_FILE = 'checkpoint.safetensors';
/** Name of the file that says what was run, on what, with which result. */
export const MANIFEST_FILE = 'manifest.json';

/** What a manifest's name adds to that of its file. */
export const MANIFEST = '.manifest.json';

/** JSON that a checkpoint carries beside its state. */
export type Extra = Readonly<Record<string, unknown>>;

/**
 * Writes model 0's weights with its architecture, facts and a sha256 over all of it.
 *
 * @param path a directory or a `.safetensors` file
 * @throws ArgumentError naming the fact that no reader would believe
 */
export async function saveModel(path: string, model: ResidualBind, facts: ModelFacts = {}): Promise<void> {
  const { architecture } = model;
  await saveWeights(path, { architecture, weights: await model.weights(), facts });
}

/**
 * The same for weights that are on the host, such as those of another program's model.
 *
 * @throws as `saveModel`; ShapeError or NotFiniteError naming the tensor
 */
export async function saveWeights(path: string, model: Saved): Promise<void> {
  await writeAtomically(modelPath(path), encodeWeights(model));
}

/** What a model's file is made from. */
export interface Saved {
  readonly architecture: Architecture;
  readonly weights: Weights;
  readonly facts?: ModelFacts;
}

/** The bytes of a model's file. @throws as `saveWeights` */
export function encodeWeights({ architecture, weights, facts = {} }: Saved): Uint8Array {
  checkFacts(check.object(facts, check.argument('facts')), check.argument, inputOf(architecture));
  const metadata = { architecture: JSON.stringify(architecture), extra: JSON.stringify(facts) };
  return encodeSafetensors(sealed({ tensors: checkWeights(architecture, weights), metadata }));
}

/** A model as its file holds it: checked, on the host, for any number of GPUs or none. */
export interface ModelFile {
  /** The file itself, also where its directory was given. */
  readonly path: string;
  /** Of the file's bytes, in hexadecimal. */
  readonly sha256: string;
  readonly architecture: Architecture;
  readonly weights: Weights;
  readonly facts: ModelFacts;
}

const CONVERT = 'residualbind convert makes a model of it';

/** Says of a model of another program how to convert it. @throws FormatError */
function checkOwn(bytes: Uint8Array, file: string): void {
  if (isSafetensors(bytes)) {
    const metadata = metadataOf(bytes, file);
    if (!('architecture' in metadata || 'state' in metadata))
      throw new FormatError(
        `${file}: its "architecture" is missing, so train did not write it; if it is a state dict of PyTorch, ${CONVERT}`,
      );
  } else if (isOnnx(bytes) || isHdf5(bytes))
    throw new FormatError(`${file}: not a model that train wrote; if it is one of Keras or ONNX, ${CONVERT}`);
}

/** What the metadata of a model file may hold; `format` is what other programs write. */
const METADATA = ['architecture', 'extra', 'sha256', 'format'];

/**
 * Reads a model that `saveModel` wrote, in one read of its file. Its sha256 is checked where it has one;
 * models of earlier versions have none.
 *
 * @param path a directory or a `.safetensors` file
 * @throws FormatError, ShapeError or NotFiniteError, naming the file and the field or tensor
 */
export async function readModel(path: string): Promise<ModelFile> {
  return await readModelFile(await fileOf(path));
}

async function readModelFile(file: string): Promise<ModelFile> {
  const bytes = await readBytes(file);
  checkOwn(bytes, file);
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  const made = checkArchitecture(parse(file, metadata, 'architecture'), check.fieldOf(file, 'architecture'));
  const facts = metadata.extra === undefined ? {} : parse(file, metadata, 'extra');
  const expected = weightNames(made);
  const stray = Object.keys(tensors).find((name) => !expected.includes(name));
  if (stray) throw new FormatError(`${file}: there is no tensor ${echo(stray)} in this architecture`);
  const unknown = Object.keys(metadata).find((key) => !METADATA.includes(key));
  if (unknown !== undefined)
    throw new FormatError(`${file}: its metadata has an unknown key ${echo(unknown)}`);
  if (metadata.sha256 !== undefined && !isSealed({ tensors, metadata }))
    throw new FormatError(`${file}: ${DAMAGED}; train again or take another copy of the file`);
  return {
    path: file,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    architecture: made,
    weights: weightsOf(file, made, tensors),
    facts: checkFacts(facts, (name) => check.fieldOf(file, name), inputOf(made)),
  };
}

/**
 * Reads models of one architecture, to be asked together. A file that is named twice is read once.
 *
 * @throws as `readModel`; DataError for architectures or tasks that differ
 */
export async function readModels(paths: readonly string[]): Promise<readonly ModelFile[]> {
  check.list(check.text, 1)(paths, check.argument('paths'));
  const read = new Map<string, ModelFile>();
  const models: ModelFile[] = [];
  for (const path of paths) {
    const file = await fileOf(path);
    const key = resolve(file);
    const found = read.get(key) ?? (await readModelFile(file));
    read.set(key, found);
    models.push({ ...found, path: file });
  }
  const architectures = models.map(({ architecture }) => JSON.stringify(architecture));
  const differing = architectures.findIndex((each) => each !== architectures[0]);
  if (differing > 0)
    throw new DataError(
      `${paths[differing]}: its architecture differs from that of ${paths[0]}; sweep them one by one`,
    );
  const tasks = models.map(({ facts }) => JSON.stringify(facts.tasks));
  const other = tasks.findIndex((each) => each !== tasks[0]);
  if (other > 0)
    throw new DataError(
      `${paths[other]}: its tasks (${tasks[other]}) differ from those of ${paths[0]} (${tasks[0]}); sweep them one by one`,
    );
  return models;
}

/**
 * Uploads models of one architecture side by side, in the order given.
 *
 * @param files as `readModel` and `readModels` give them
 * @throws OutOfMemoryError naming the file and the layer
 */
export async function uploadModels(gpu: Gpu, files: readonly ModelFile[]): Promise<ResidualBind> {
  check.list(check.object, 1)(files, check.argument('files'));
  const weights = files.map((file) => file.weights);
  const { architecture, facts } = files[0]!;
  const uploading = ResidualBind.fromWeights(gpu, weights, { architecture, tasks: facts.tasks });
  return await sizedFrom(files[0]!.path, uploading);
}

/** `readModel` and an upload. @throws as these */
export async function loadModel(
  gpu: Gpu,
  path: string,
): Promise<ModelFile & { readonly model: ResidualBind }> {
  const file = await readModel(path);
  return { ...file, model: await uploadModels(gpu, [file]) };
}

/** Where a model lies: the file, or that of its directory. */
async function fileOf(path: string): Promise<string> {
  const isDirectory = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isDirectory ? join(path, MODEL_FILE) : path;
}

/** Checked weights; an error names the file. */
function weightsOf(file: string, architecture: Architecture, tensors: TensorFile['tensors']): Weights {
  try {
    return checkWeights(architecture, tensors);
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
export const loadCheckpoint = (directory: string): Promise<{ state: TrainingState; extra: Extra }> =>
  loadCheckpointFile(join(directory, CHECKPOINT_FILE));

/** The same of a file by its own name. */
export async function loadCheckpointFile(file: string): Promise<{ state: TrainingState; extra: Extra }> {
  const { tensors, metadata } = decodeSafetensors(await readBytes(file), file);
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

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw unreadable(file, error, 'give a directory or .safetensors file that train wrote');
  }
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
