/**
 * `.weights.h5` of Keras 3 (and of TensorFlow from 2.12), in Node: `/layers/conv1d_1/vars/0`, a group for
 * each layer, counted for each kind in the order of the model, and its weights by number.
 */

import type { Group } from 'h5wasm/node';
import { FormatError } from '../../device/errors.js';
import { isDataset, isGroup } from '../../device/hdf5.node.js';
import type { KerasLayer, KerasWeight } from './keras-layout.js';

/** Names of the group that has the layers, in different versions. */
const CONTAINERS = ['layers', '_layer_checkpoint_dependencies'] as const;

/** Weights of a layer in their order, by how many there are and their axes. */
const NORMALISATION = ['gamma', 'beta', 'moving_mean', 'moving_variance'];

/** The group with the layers; undefined for a file of another layout. */
export function keras3Layers(root: Group): Group | undefined {
  const name = CONTAINERS.find((each) => root.keys().includes(each));
  const found = name === undefined ? undefined : root.get(name);
  return isGroup(found) ? found : undefined;
}

/**
 * The layers in the order of the model, which their numbers give: `conv1d`, `conv1d_1`, …
 *
 * @param read reads a dataset as a weight of a name
 * @throws FormatError naming the layer
 */
export function layersOfKeras3(
  layers: Group,
  path: string,
  read: (dataset: unknown, name: string) => KerasWeight,
): readonly KerasLayer[] {
  const number = (name: string): number => Number(/_(\d+)$/.exec(name)?.[1] ?? 0);
  const names = layers.keys().toSorted((a, b) => number(a) - number(b));
  return names.map((name) => {
    const vars = childOf(childOf(layers, name), 'vars');
    const keys = isGroup(vars) ? vars.keys().toSorted((a, b) => Number(a) - Number(b)) : [];
    const parts = isGroup(vars) ? partsOf(vars, keys) : [];
    if (keys.length !== parts.length)
      throw new FormatError(
        `${path}: ${layers.path}/${name} has ${keys.length} weights, which no Conv1D, BatchNormalization or Dense layer has`,
      );
    return {
      name,
      weights: keys.map((key, i) => read((vars as Group).get(key), `${name}/vars/${key}/${parts[i]}`)),
    };
  });
}

const childOf = (group: unknown, name: string): unknown =>
  isGroup(group) && group.keys().includes(name) ? group.get(name) : undefined;

function partsOf(vars: Group, keys: readonly string[]): readonly string[] {
  const first = keys[0] === undefined ? undefined : vars.get(keys[0]);
  if (!isDataset(first)) return [];
  const axes = first.shape?.length ?? 0;
  if (axes > 1) return ['kernel', 'bias'].slice(0, keys.length);
  // Without a scale and a shift.
  return keys.length === 2 ? NORMALISATION.slice(2) : NORMALISATION.slice(0, keys.length);
}
