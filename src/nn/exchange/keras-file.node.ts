/**
 * Keras' HDF5 files of weights, in Node: `save_weights` of TensorFlow 1.15 and 2.x, the weights within a
 * whole model (`model.save`), and `.weights.h5` of Keras 3. Nothing in a file is trusted: names, shapes and
 * sizes are checked before numbers are read.
 */

import type { Dataset, File, Group } from 'h5wasm/node';
import { echo } from '../../device/echo.js';
import { FormatError } from '../../device/errors.js';
import { encodeHdf5, isDataset, isGroup, withHdf5 } from '../../device/hdf5.node.js';
import { sizeOf } from '../../tensor/tensor.js';
import type { Architecture, Head } from '../architecture.js';
import type { ModelFacts } from '../files/model-facts.js';
import { strictJson } from '../files/strict-json.js';
import type { Weights } from '../weights.js';
import {
  type ForeignLayer,
  type ForeignModel,
  isNormalised,
  MOST_NUMBERS,
  OUR_EPSILON,
} from './foreign-model.js';
import { type KerasNetwork, kerasNetwork } from './keras-config.js';
import { foreignLayerOf, type KerasLayer, type KerasWeight, kerasLayersOf } from './keras-layout.js';
import { keras3Layers, layersOfKeras3 } from './keras3-file.node.js';
import { checkKind, inOurOrder, type NameMap } from './name-map.js';
import { OWN_KEY, ownNetwork, ownText } from './own-network.js';

/** More layers than a model has, more weights than a layer has, and more letters than our own text. */
const MOST = { layers: 4096, weights: 64, own: 2 ** 26 } as const;

/** Letters of an attribute with our own text: HDF5 stores 64 KiB at most. */
const PIECE = 32_000;

/** Letters of a name. */
const LONGEST_NAME = 200;

const LAYOUT =
  'expected what save_weights of Keras writes: a list layer_names, and for each layer a group with weight_names';

/**
 * Reads the weights of a Keras model.
 *
 * @param options a map, and whether the user says the network; otherwise a whole model says it itself
 * @throws FormatError naming the file and the layer or dataset; MissingPackageError
 */
export const readKeras = (
  path: string,
  { map, isGiven = false }: { readonly map?: NameMap | undefined; readonly isGiven?: boolean } = {},
): Promise<ForeignModel> =>
  withHdf5(path, async (root) => {
    const layers = layersIn(root, path);
    const withWeights = layers.filter(({ weights }) => weights.length > 0);
    if (withWeights.length === 0) throw new FormatError(`${path}: none of its layers has weights`);
    const epsilon = map?.epsilon ?? OUR_EPSILON;
    const own = ownIn(root, path);
    const network = isGiven || own ? undefined : networkIn(root, path);
    const epsilons = map?.epsilon === undefined ? network?.epsilons : undefined;
    const read = withWeights.map((layer) => {
      const said = epsilons?.get(layer.name);
      return { ...foreignLayerOf(layer, path), ...(said !== undefined && { epsilon: said }) };
    });
    const made = ordered(read, path, map);
    return {
      path,
      program: 'keras',
      layers: made,
      epsilon,
      architecture: network?.architecture,
      ...own,
      flatten: map?.flatten ?? 'position-major',
      loss: lossOf(layers),
      notes:
        map?.epsilon === undefined && !network && !own && isNormalised(made)
          ? [
              `batch normalisation with Keras' epsilon, ${epsilon}; the file does not say it ("epsilon" in --map)`,
            ]
          : [],
    };
  });

/** Network and facts in a file that this program wrote. @throws FormatError naming the file and the field */
function ownIn(root: Group, path: string): ReturnType<typeof ownNetwork> | undefined {
  const { attrs } = root;
  let text = '';
  for (let i = 0; attrs[`${OWN_KEY}${i}`] && text.length <= MOST.own; i++) {
    const { value } = attrs[`${OWN_KEY}${i}`]!;
    if (typeof value !== 'string')
      throw new FormatError(`${path}: the attribute ${OWN_KEY}${i} is not a text`);
    text += value;
  }
  return text === '' ? undefined : ownNetwork(text, path);
}

/** The network that a whole model describes; undefined for a file of weights. */
function networkIn(root: Group, path: string): KerasNetwork | undefined {
  const stored = root.attrs.model_config;
  if (!stored) return undefined;
  const fail = (reason: string): never => {
    throw new FormatError(
      `${path}: ${reason}; for a network that computes the same, give --network or --preset`,
    );
  };
  const value = strictJson(
    () => String(stored.value),
    (reason) => fail(`its model_config ${reason}`),
  );
  return kerasNetwork(value, path, fail);
}

/** The layers that a map names, in its order; without a map as the file lists them. */
function ordered(
  layers: readonly ForeignLayer[],
  path: string,
  map: NameMap | undefined,
): readonly ForeignLayer[] {
  const [tensor] = map?.tensors.keys() ?? [];
  if (map && tensor !== undefined)
    throw new FormatError(`${map.path}: ${tensor}: for Keras, name layers, such as "conv0": "conv1d_3"`);
  if (!map || map.layers.size === 0) return layers;
  const named = [...map.layers].map(([ours, theirs]) => {
    const layer = layers.find(({ name }) => name === theirs);
    if (!layer)
      throw new FormatError(
        `${map.path}: ${ours}: there is no layer ${echo(theirs)} with weights in ${path}; it has ${layers
          .map(({ name }) => name)
          .join(', ')
          .slice(0, 400)}`,
      );
    checkKind(map, ours, layer, path);
    return { ours, layer };
  });
  return inOurOrder(named, ({ ours }) => ours).map(({ layer }) => layer);
}

/** The layers of a file, in the order of the model. */
export function layersIn(root: Group, path: string): readonly KerasLayer[] {
  let numbers = 0;
  const read = (dataset: unknown, name: string): KerasWeight => {
    if (!isDataset(dataset)) throw new FormatError(`${path}: ${name} is not a dataset; ${LAYOUT}`);
    numbers += sizeOf(dataset.shape ?? []);
    if (numbers > MOST_NUMBERS)
      throw new FormatError(`${path}: its weights are more than ${MOST_NUMBERS} numbers`);
    return weightIn(dataset, name, path);
  };
  const group = weightsIn(root);
  const keras3 = group ? undefined : keras3Layers(root);
  if (keras3) return layersOfKeras3(keras3, path, read);
  if (!group) throw notWeights(root, path);
  return textsIn(group, 'layer_names', path, MOST.layers).map((name) => {
    const layer = child(group, name, path);
    if (!isGroup(layer)) throw new FormatError(`${path}: ${shown(group, name)} is not a group; ${LAYOUT}`);
    const weights = textsIn(layer, 'weight_names', path, MOST.weights);
    return { name, weights: weights.map((weight) => read(child(layer, weight, path), weight)) };
  });
}

/** Whether an HDF5 file holds weights of Keras, by its groups and attributes. */
export const isKeras = (root: Group): boolean =>
  weightsIn(root) !== undefined || keras3Layers(root) !== undefined;

/** The group with the list of layers: the root, or the weights within a whole model. */
function weightsIn(root: Group): Group | undefined {
  if (hasTexts(root, 'layer_names')) return root;
  if (root.keys().includes('model_weights')) {
    const inner = root.get('model_weights');
    if (isGroup(inner) && hasTexts(inner, 'layer_names')) return inner;
  }
  return undefined;
}

function notWeights(root: Group, path: string): FormatError {
  const isProbes = root.keys().some((key) => /^[XY]_(train|valid|test)$/.test(key));
  return new FormatError(
    isProbes ? `${path}: holds probes, not weights; prepare and train read it` : `${path}: ${LAYOUT}`,
  );
}

const hasTexts = (group: Group, name: string): boolean =>
  Object.keys(group.attrs).some((key) => key === name || key === `${name}0`);

const shown = (group: Group, name: string): string => `${group.path.replace(/\/$/, '')}/${name}`;

/** @throws FormatError where there is nothing of that name */
function child(group: Group, name: string, path: string): unknown {
  let found: unknown = null;
  try {
    found = group.get(name);
  } catch {
    // The library throws where a part of the path is missing.
  }
  if (found === null || found === undefined)
    throw new FormatError(`${path}: there is no ${shown(group, name)}, which is listed; ${LAYOUT}`);
  return found;
}

/** A list of names, which Keras splits into `name0`, `name1`, … where it is long. */
function textsIn(group: Group, name: string, path: string, most: number): readonly string[] {
  const { attrs } = group;
  const pieces = attrs[name] ? [name] : [];
  for (let i = 0; pieces.length === i && attrs[`${name}${i}`] && i <= most; i++) pieces.push(`${name}${i}`);
  const where = group.path === '/' ? `the attribute ${name}` : `the attribute ${name} of ${group.path}`;
  if (pieces.length === 0) throw new FormatError(`${path}: ${where} is missing; ${LAYOUT}`);
  const texts = pieces.flatMap((piece) => {
    const { shape } = attrs[piece]!;
    // A layer without weights has an empty list of numbers.
    if (shape?.length === 1 && shape[0] === 0) return [];
    if (shape?.length !== 1 || shape[0]! > most)
      throw new FormatError(`${path}: ${where} is not a list of at most ${most} names`);
    const { value } = attrs[piece]!;
    if (!Array.isArray(value) || !value.every((each) => typeof each === 'string' && each !== ''))
      throw new FormatError(`${path}: ${where} is not a list of names`);
    return value as string[];
  });
  const long = texts.find(({ length }) => length > LONGEST_NAME);
  if (long !== undefined) throw new FormatError(`${path}: ${where} has the long name ${echo(long)}`);
  const twice = texts.find((text, i) => texts.indexOf(text) !== i);
  if (twice !== undefined) throw new FormatError(`${path}: ${where} has ${echo(twice)} twice`);
  return texts;
}

/** The numbers of a dataset in single precision. */
function weightIn(dataset: Dataset, name: string, path: string): KerasWeight {
  const { shape, metadata } = dataset;
  const FLOAT = 1;
  if (!shape || metadata.type !== FLOAT || (metadata.size !== 4 && metadata.size !== 8))
    throw new FormatError(`${path}: ${dataset.path} does not hold numbers of 32 or 64 bits`);
  const { value } = dataset;
  if (!(value instanceof Float32Array || value instanceof Float64Array) || value.length !== sizeOf(shape))
    throw new FormatError(`${path}: ${dataset.path} cannot be read, or ends too early`);
  return { name, shape: [...shape], data: Float32Array.from(value) };
}

/**
 * What the layers after the last dense layer say of the outputs: the released code ends classification in a
 * sigmoid of its own (`activation_6`).
 */
function lossOf(layers: readonly KerasLayer[]): Head | undefined {
  const last = layers.findLastIndex(({ weights }) => weights.length > 0);
  const after = layers.slice(last + 1);
  return after.some(({ name }) => /^activation/.test(name)) ? 'classification' : undefined;
}

/** The version of Keras whose layout is written: that of TensorFlow 2.4. */
const VERSION = '2.4.0';

/**
 * A model's weights as the bytes of an HDF5 file that `load_weights` of Keras takes. Its layers are those of
 * the Keras model of the same network. Attributes of our own, which Keras does not read, hold what else the
 * model's file says.
 *
 * @param path where the bytes will go, for messages
 * @throws MissingPackageError
 */
export async function encodeKeras(
  path: string,
  {
    architecture,
    weights,
    facts = {},
  }: { readonly architecture: Architecture; readonly weights: Weights; readonly facts?: ModelFacts },
): Promise<Uint8Array> {
  const layers = kerasLayersOf(architecture, weights);
  return await encodeHdf5(path, (root) => {
    writeTexts(
      root,
      'layer_names',
      layers.map(({ name }) => name),
    );
    writeText(root, 'backend', 'tensorflow');
    writeText(root, 'keras_version', VERSION);
    writeOwn(root, ownText(architecture, facts));
    for (const layer of layers.toSorted((a, b) => (a.name < b.name ? -1 : 1))) writeLayer(root, layer);
  });
}

/** Writes our own text in ASCII, in as many attributes as it needs. */
function writeOwn(root: File, text: string): void {
  const ascii = text.replace(
    /[\u0080-\uffff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  for (let i = 0; i * PIECE < ascii.length; i++)
    writeText(root, `${OWN_KEY}${i}`, ascii.slice(i * PIECE, (i + 1) * PIECE));
}

function writeLayer(root: File, { name, weights }: KerasLayer): void {
  const group = root.create_group(name);
  writeTexts(
    group,
    'weight_names',
    weights.map((weight) => weight.name),
  );
  if (weights.length === 0) return;
  const inner = group.create_group(name);
  for (const { name: full, shape, data } of weights)
    inner.create_dataset({ name: full.slice(name.length + 1), data, shape: [...shape], dtype: '<f' });
}

/**
 * Texts of a fixed length: every version of h5py gives them as bytes, which Keras of TensorFlow 1 needs. An
 * empty list has no type of text; NumPy makes it one of numbers.
 */
function writeTexts(group: Group, name: string, texts: readonly string[]): void {
  if (texts.length === 0) group.create_attribute(name, new Float64Array(0), [0], '<d');
  else {
    const longest = Math.max(...texts.map(({ length }) => length));
    group.create_attribute(name, [...texts], [texts.length], `S${longest}`);
  }
}

const writeText = (group: Group, name: string, text: string): void =>
  group.create_attribute(name, text, null, `S${text.length}`);
