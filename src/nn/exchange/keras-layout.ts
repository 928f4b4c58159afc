/**
 * The layout of weights in Keras' HDF5 files, as TensorFlow 1.15 and 2.x write them with `save_weights`: the
 * layers in order, and for each the names of its weights. `keras-file.node.ts` reads and writes the HDF5.
 */

import { FormatError } from '../../device/errors.js';
import { type Architecture, lossKindOf, placedLayers } from '../architecture.js';
import type { LayerKind } from '../layers.js';
import type { Weights } from '../weights.js';
import { type ForeignLayer, type ForeignTensor, kindOf, type Part } from './foreign-model.js';

/** A weight in a file: its name, such as `conv1d/kernel:0`, shape and numbers. */
export interface KerasWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A layer in a file. Layers without weights are listed too. */
export interface KerasLayer {
  readonly name: string;
  readonly weights: readonly KerasWeight[];
}

/** What Keras calls each part; older versions end its weights in `:0`. */
const PART_OF: Readonly<Record<string, Part>> = {
  kernel: 'w',
  bias: 'b',
  gamma: 'gamma',
  beta: 'beta',
  moving_mean: 'mean',
  moving_variance: 'var',
};

/**
 * A layer's weights as those of a foreign layer. Keras' layouts are ours.
 *
 * @throws FormatError for a kind of layer that this program does not have
 */
export function foreignLayerOf({ name, weights }: KerasLayer, path: string): ForeignLayer {
  const parts: { [P in Part]?: ForeignTensor } = {};
  for (const weight of weights) {
    const last = weight.name.slice(weight.name.lastIndexOf('/') + 1).replace(/:\d+$/, '');
    const part = Object.hasOwn(PART_OF, last) ? PART_OF[last] : undefined;
    if (!part || parts[part])
      throw new FormatError(
        `${path}: the layer ${name} has the weight ${weight.name}, which no convolution (Conv1D), batch normalisation or dense layer has; other layers cannot be converted`,
      );
    parts[part] = weight;
  }
  const kind = kindOf(parts);
  if (!kind)
    throw new FormatError(
      `${path}: the layer ${name} is neither a Conv1D, a BatchNormalization nor a Dense layer (weights: ${weights.map((weight) => `${weight.name} [${weight.shape.join(', ')}]`).join(', ')})`,
    );
  return { kind, name, parts };
}

/** Keras' names for layers of each kind. */
const KERAS_NAME: Readonly<Record<Exclude<LayerKind, 'pool'>, string>> = {
  convolution: 'conv1d',
  'batch-norm': 'batch_normalization',
  relu: 'activation',
  exponential: 'activation',
  dropout: 'dropout',
  skip: 'add',
  dense: 'dense',
  head: 'dense',
};

/**
 * Names as Keras gives them to the first model of a process: `conv1d`, `conv1d_1`, …, counted for each kind.
 */
class Names {
  readonly #counts = new Map<string, number>();

  next(kind: string): string {
    const n = this.#counts.get(kind) ?? 0;
    this.#counts.set(kind, n + 1);
    return n === 0 ? kind : `${kind}_${n}`;
  }
}

/** Weights of layers of ours, in the order in which Keras lists them. */
const PARTS_OF: Readonly<Partial<Record<LayerKind, readonly (readonly [Part, string])[]>>> = {
  convolution: [
    ['w', 'kernel'],
    ['b', 'bias'],
  ],
  dense: [
    ['w', 'kernel'],
    ['b', 'bias'],
  ],
  head: [
    ['w', 'kernel'],
    ['b', 'bias'],
  ],
  'batch-norm': [
    ['gamma', 'gamma'],
    ['beta', 'beta'],
    ['mean', 'moving_mean'],
    ['var', 'moving_variance'],
  ],
};

/** The layers of a network as `save_weights` lists them, for the model that the released code builds. */
export function kerasLayersOf(architecture: Architecture, weights: Weights): KerasLayer[] {
  const names = new Names();
  const layers: KerasLayer[] = [{ name: 'input_1', weights: [] }];
  const bare = (name: string) => layers.push({ name: names.next(name), weights: [] });
  let isFlat = false;
  for (const { layer, name: ours } of placedLayers(architecture)) {
    const isDense = layer.kind === 'dense' || layer.kind === 'head';
    if (isDense && !isFlat) bare('flatten');
    isFlat ||= isDense;
    if (layer.kind === 'pool') {
      bare(layer.by === 'mean' ? 'average_pooling1d' : 'max_pooling1d');
      continue;
    }
    const name = names.next(KERAS_NAME[layer.kind]);
    const stored = (PARTS_OF[layer.kind] ?? []).flatMap(([part, theirs]) => {
      const tensor = weights[`${ours}.${part}`];
      return tensor ? [{ name: `${name}/${theirs}:0`, ...tensor }] : [];
    });
    layers.push({ name, weights: stored });
  }
  if (lossKindOf(architecture) === 'classification') bare('activation');
  return layers;
}
