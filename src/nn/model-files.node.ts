/**
 * Models and checkpoints on disk. A run's directory holds `model.safetensors` (the best weights), `checkpoint.safetensors`
 * (everything that decides how training goes on) and `manifest.json` (what was run, on what, with which result).
 */

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FormatError } from '../device/errors.js';
import type { Gpu } from '../device/gpu.js';
import { writeAtomically } from '../device/write-atomically.node.js';
import type { Architecture } from './architecture.js';
import { architecture as completed } from './architecture.js';
import type { TrainingState } from './fit.js';
import { ResidualBind } from './residualbind.js';
import { decodeSafetensors, encodeSafetensors, type TensorFile } from './safetensors.js';
import { weightNames } from './weights.js';

export const MODEL_FILE = 'model.safetensors';
export const CHECKPOINT_FILE = 'checkpoint.safetensors';
export const MANIFEST_FILE = 'manifest.json';

/** Facts about a model that its weights do not tell, such as the fitted score transform. JSON-able. */
export type Extra = Readonly<Record<string, unknown>>;

/** Writes model 0's weights with its architecture and `extra` facts. @param path a directory or a `.safetensors` file */
export async function saveModel(path: string, model: ResidualBind, extra: Extra = {}): Promise<void> {
  const metadata = { architecture: JSON.stringify(model.architecture), extra: JSON.stringify(extra) };
  await writeAtomically(modelPath(path), encodeSafetensors({ tensors: await model.weights(), metadata }));
}

/**
 * Reads a model that `saveModel` wrote.
 *
 * @param path a directory or a `.safetensors` file
 * @throws FormatError naming the file, ShapeError or NotFiniteError naming the tensor
 */
export async function loadModel(gpu: Gpu, path: string): Promise<{ model: ResidualBind; extra: Extra }> {
  const isDirectory = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const file = isDirectory ? join(path, MODEL_FILE) : path;
  const { tensors, metadata } = await readTensors(file);
  const architecture = completed('paper', parse<Architecture>(file, metadata, 'architecture'));
  const extra = metadata.extra === undefined ? {} : parse<Extra>(file, metadata, 'extra');
  const expected = weightNames(architecture);
  const stray = Object.keys(tensors).find((name) => !expected.includes(name));
  if (stray) throw new FormatError(`${file}: there is no tensor "${stray}" in this architecture`);
  return { model: await ResidualBind.fromWeights(gpu, tensors, { architecture }), extra };
}

/** Writes the state of a training run. */
export async function saveCheckpoint(
  directory: string,
  { tensors, ...state }: TrainingState,
  extra: Extra,
): Promise<void> {
  const flat = Object.entries(tensors).map(([name, data]) => [name, { shape: [data.length], data }] as const);
  const metadata = { state: JSON.stringify(state), extra: JSON.stringify(extra) };
  await writeAtomically(
    join(directory, CHECKPOINT_FILE),
    encodeSafetensors({ tensors: Object.fromEntries(flat), metadata }),
  );
}

/** Reads what `saveCheckpoint` wrote. @throws FormatError naming the file */
export async function loadCheckpoint(directory: string): Promise<{ state: TrainingState; extra: Extra }> {
  const file = join(directory, CHECKPOINT_FILE);
  const { tensors, metadata } = await readTensors(file);
  const state = parse<Omit<TrainingState, 'tensors'>>(file, metadata, 'state');
  const names = ['parameters', 'statistics', 'bestParameters', 'bestStatistics', 'adamM', 'adamV'] as const;
  const held = names.map((name) => {
    const tensor = tensors[name];
    if (!tensor) throw new FormatError(`${file}: "${name}" is missing`);
    return [name, tensor.data] as const;
  });
  const all = Object.fromEntries(held) as TrainingState['tensors'];
  return { state: { ...state, tensors: all }, extra: parse<Extra>(file, metadata, 'extra') };
}

const modelPath = (path: string): string => (path.endsWith('.safetensors') ? path : join(path, MODEL_FILE));

async function readTensors(file: string): Promise<TensorFile> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new FormatError(
      `${file}: cannot be read (${(error as Error).message}); give a directory or .safetensors file that train wrote`,
      { cause: error },
    );
  }
  return decodeSafetensors(bytes, file);
}

function parse<T>(file: string, metadata: TensorFile['metadata'], key: string): T {
  try {
    const value: unknown = JSON.parse(metadata[key] ?? '');
    if (typeof value !== 'object' || value === null) throw new SyntaxError('it is not an object');
    return value as T;
  } catch (error) {
    throw new FormatError(`${file}: its "${key}" is missing or not JSON`, { cause: error });
  }
}
