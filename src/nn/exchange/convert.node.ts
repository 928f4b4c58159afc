/**
 * Models of other programs as models of ours, and ours as theirs, in Node: Keras' HDF5, PyTorch's state dicts
 * in safetensors, ONNX. The kind of a file is recognised by its contents.
 */

import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { ArgumentError, FormatError } from '../../device/errors.js';
import { unreadable } from '../../device/system-error.node.js';
import { writeAtomically } from '../../device/write-atomically.node.js';
import { isHdf5, isOnnx, isSafetensors, isZip } from '../files/file-kinds.js';
import { encodeWeights, type ModelFile, readModel, saveWeights } from '../files/model-files.node.js';
import { readNetwork } from '../files/network-file.node.js';
import { metadataOf } from '../files/safetensors.js';
import { strictJson } from '../files/strict-json.js';
import { type ForeignModel, MODEL_FORMATS, type ModelFormat, type Program } from './foreign-model.js';
import { asOurs } from './import.js';
import { encodeKeras, readKeras } from './keras-file.node.js';
import { checkNameMap, type NameMap } from './name-map.js';
import type { NetworkChoice } from './network-of.js';
import { encodeOnnx } from './onnx/encode.js';
import { readOnnx } from './onnx/read.js';
import { encodePytorch, readPytorch } from './pytorch.js';

export { MODEL_FORMATS, type ModelFormat };

/** What the file of another program does not say. */
export interface ImportOptions extends Omit<NetworkChoice, 'network'> {
  /** A file with the list of layers, as `readNetwork` takes it. */
  readonly network?: string | undefined;
  /** A JSON file that maps our names of layers or tensors to theirs. */
  readonly map?: string | undefined;
}

/** A model of any program as one of ours. `uploadModels` takes it. */
export interface ImportedModel extends ModelFile {
  readonly format: ModelFormat;
  /** What was inferred, in sentences for people. */
  readonly notes: readonly string[];
}

/** Larger files hold no model that fits. */
const LARGEST = 2 ** 31 - 1;

/**
 * Reads a model of this program, of Keras, of PyTorch or of ONNX.
 *
 * @param path a file, or a directory that `train` wrote
 * @throws FormatError or NotFiniteError naming the file and the group, tensor or field; ArgumentError for
 * options about a model of this program; MissingPackageError where HDF5 cannot be read
 * @example
 * const model = await uploadModels(gpu, [await importModel('RNCMPT00168_weights.hdf5')]);
 */
export async function importModel(path: string, options: ImportOptions = {}): Promise<ImportedModel> {
  const bytes = await contentsOf(path);
  const program = bytes && (await programOf(bytes, path));
  if (!bytes || program === undefined) return await ownModel(path, options);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const map = options.map === undefined ? undefined : await readNameMap(options.map);
  const model = await foreignModel(path, bytes, program, { map, options });
  const { network: file, ...choice } = options;
  const network = file === undefined ? undefined : await readNetwork(file);
  const made = asOurs(model, { ...choice, network });
  const facts = { ...made.facts, convertedFrom: { program, path: basename(path), sha256 } };
  return { ...made, path, sha256, format: program, facts };
}

async function foreignModel(
  path: string,
  bytes: Uint8Array,
  program: Program,
  { map, options }: { readonly map: NameMap | undefined; readonly options: ImportOptions },
): Promise<ForeignModel> {
  const { preset, network, length } = options;
  if (program === 'keras') return await readKeras(path, { map, isGiven: (preset ?? network) !== undefined });
  if (program === 'pytorch') return readPytorch(bytes, path, map);
  if (map)
    throw new ArgumentError('map', `${path} is an ONNX file, which describes its network; leave out the map`);
  return readOnnx(bytes, path, length);
}

async function ownModel(path: string, options: ImportOptions): Promise<ImportedModel> {
  const given = Object.entries(options).find(([, value]) => value !== undefined);
  if (given)
    throw new ArgumentError(
      given[0],
      `${path} is a model of this program, whose file describes its network; leave out ${given[0]}`,
    );
  return { ...(await readModel(path)), format: 'residualbind', notes: [] };
}

/** The bytes of a file; undefined for a directory. */
async function contentsOf(path: string): Promise<Uint8Array | undefined> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return undefined;
    if (found.size > LARGEST) throw new FormatError(`${path}: has more than 2 GiB, more than any model`);
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw unreadable(path, cause);
  }
}

/**
 * The program that a file is from, by its contents; undefined for a model of this program.
 *
 * @throws FormatError for a file of another kind
 */
async function programOf(bytes: Uint8Array, path: string): Promise<Program | undefined> {
  if (isHdf5(bytes)) return 'keras';
  if (isZip(bytes))
    throw new FormatError(
      `${path}: a ZIP archive, as torch.save and model.save('….keras') write it; save the weights alone: in Python, safetensors.torch.save_file(model.state_dict(), 'weights.safetensors'), or model.save_weights('model.weights.h5')`,
    );
  if (isSafetensors(bytes)) {
    const metadata = metadataOf(bytes, path);
    return 'architecture' in metadata || 'state' in metadata ? undefined : 'pytorch';
  }
  if (isOnnx(bytes)) return 'onnx';
  throw new FormatError(
    `${path}: not a model: expected a folder or file that train wrote, weights of Keras (.h5), a state dict of PyTorch in safetensors, or an ONNX file`,
  );
}

async function readNameMap(path: string): Promise<NameMap> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const value = strictJson(
    () => text.replace(/^\uFEFF/, ''),
    (reason) => {
      throw new FormatError(`${path}: the map ${reason}; it must hold {"conv0": "…", …}`);
    },
  );
  return checkNameMap(value, path);
}

const FORMAT_OF: Readonly<Record<string, ModelFormat>> = {
  '.h5': 'keras',
  '.hdf5': 'keras',
  '.safetensors': 'pytorch',
  '.onnx': 'onnx',
};

/** The format that a file's name asks for: a folder, and any other name, is a model of this program. */
export const formatByName = (path: string): ModelFormat =>
  FORMAT_OF[extname(path).toLowerCase()] ?? 'residualbind';

/** What is written of a model. */
export type ExportedModel = Pick<ModelFile, 'architecture' | 'weights' | 'facts'>;

/**
 * Writes a model in the format of any program.
 *
 * @param format default: that of the extension, as `formatByName` says
 * @throws FileError where it cannot be written; MissingPackageError where HDF5 cannot
 */
export async function exportModel(
  path: string,
  model: ExportedModel,
  format: ModelFormat = formatByName(path),
): Promise<void> {
  if (format === 'residualbind') return await saveWeights(path, model);
  await writeAtomically(path, await encodeModel(path, model, format));
}

/**
 * The bytes of a model's file in the format of any program.
 *
 * @param path where they will go, for messages
 * @throws MissingPackageError where HDF5 cannot be written
 */
export async function encodeModel(
  path: string,
  model: ExportedModel,
  format: ModelFormat,
): Promise<Uint8Array> {
  switch (format) {
    case 'residualbind':
      return encodeWeights(model);
    case 'keras':
      return await encodeKeras(path, model);
    case 'pytorch':
      return encodePytorch(model);
    case 'onnx':
      return encodeOnnx(model);
  }
}
