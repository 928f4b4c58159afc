/**
 * Tells from a network's layers whether patterns can share work in a sweep. This needs convolutions followed
 * by ReLUs, at most one skip around all convolutions but the first, a mean pool, a dense layer and the head.
 * For any other network, a sentence says why it cannot, and each pattern is embedded and predicted.
 */

import { UnsupportedError } from '../../device/errors.js';
import { type Architecture, placedLayers } from '../../nn/architecture.js';
import type { Layer, LayerKind, PlacedLayer } from '../../nn/layers.js';

/**
 * Names of a product's parameters: `<name>.w`, and those of the batch normalisation after it, or `<name>.b`
 * if there is none.
 */
export interface SharedProduct {
  readonly name: string;
  readonly norm?: string;
}

/** A convolution with the ReLU after it. */
export interface SharedConvolution extends SharedProduct {
  readonly inputs: number;
  readonly outputs: number;
  readonly taps: number;
  readonly dilation: number;
}

/** A network in which patterns share work. */
export interface ShareableNetwork {
  /** Input positions, nt. */
  readonly length: number;
  readonly first: SharedConvolution;
  /** The convolutions after the first. */
  readonly convolutions: readonly SharedConvolution[];
  /** Whether a skip adds the first stage's output to the last convolution's, before the ReLU. */
  readonly skip: boolean;
  /** Mean pool. Size and stride are 1 where the network has none. */
  readonly pool: { readonly size: number; readonly stride: number; readonly windows: number };
  readonly dense: SharedProduct & { readonly units: number };
  readonly head: SharedProduct & { readonly outputs: number; readonly sigmoid: boolean };
}

/** Channels of the pooled stage. */
export const lastOf = ({ first, convolutions }: ShareableNetwork): SharedConvolution =>
  convolutions.at(-1) ?? first;

/** Reads the layers in order. Dropout is left out, because it does nothing in predictions. */
class Reader {
  readonly #layers: readonly PlacedLayer[];
  #at = 0;

  constructor(architecture: Architecture) {
    this.#layers = placedLayers(architecture).filter(({ layer }) => layer.kind !== 'dropout');
  }

  /** Takes the next layer if it has this kind. */
  take<Kind extends LayerKind>(kind: Kind): PlacedLayer<Kind> | undefined {
    const placed = this.#layers[this.#at];
    if (placed?.layer.kind !== kind) return undefined;
    this.#at++;
    return placed as PlacedLayer & PlacedLayer<Kind>;
  }

  get next(): Layer | undefined {
    return this.#layers[this.#at]?.layer;
  }
}

/** The network in the form that shared sweeps need, or the reason why patterns cannot share work. */
export function shareable(architecture: Architecture): ShareableNetwork | string {
  if (architecture.channels !== 4) return 'a network with structure channels cannot be shared';
  const reader = new Reader(architecture);
  const convolutions: SharedConvolution[] = [];
  /** Index of the layer whose output a skip adds, and of the layers that have the first stage's output. */
  let skipped: number | undefined;
  let entry: readonly number[] = [];
  for (let placed = reader.take('convolution'); placed; placed = reader.take('convolution')) {
    const { layer, input, output, name } = placed;
    if (skipped !== undefined) return 'a skip that does not end at the last convolution cannot be shared';
    const norm = reader.take('batch-norm')?.name;
    skipped = reader.take('skip')?.layer.from;
    const relu = reader.take('relu');
    if (!relu) return `${describe(reader.next)} after a convolution cannot be shared; a ReLU can`;
    if (convolutions.length === 0) entry = sameAs(architecture, relu.index);
    const { taps, dilation } = layer;
    convolutions.push({
      name,
      ...(norm && { norm }),
      inputs: input.channels,
      outputs: output.channels,
      taps,
      dilation,
    });
  }
  if (skipped !== undefined && !entry.includes(skipped))
    return 'a skip that does not begin at the first convolution cannot be shared';
  const [first, ...others] = convolutions;
  const pool = reader.take('pool');
  if (pool?.layer.by === 'max') return 'a max pool cannot be shared';
  const dense = reader.take('dense');
  if (reader.next?.kind === 'head') return 'a network without a dense layer cannot be shared';
  if (!dense) return `${describe(reader.next)} before the dense layer cannot be shared`;
  const norm = reader.take('batch-norm')?.name;
  if (!reader.take('relu'))
    return `${describe(reader.next)} after the dense layer cannot be shared; a ReLU can`;
  const head = reader.take('head');
  if (!head) return `${describe(reader.next)} after the dense layer's ReLU cannot be shared`;
  const { size, stride } = pool?.layer ?? { size: 1, stride: 1 };
  return {
    length: architecture.length,
    first: first!,
    convolutions: others,
    skip: skipped !== undefined,
    pool: { size, stride, windows: dense.input.positions },
    dense: { name: dense.name, ...(norm && { norm }), units: dense.layer.units },
    head: { name: head.name, outputs: head.layer.outputs, sigmoid: head.layer.loss === 'classification' },
  };
}

/** Why patterns cannot share work in this network; undefined if they can. */
export function reasonNotShared(architecture: Architecture): string | undefined {
  const network = shareable(architecture);
  return typeof network === 'string' ? network : undefined;
}

/** @throws UnsupportedError with the reason where sharing cannot follow the layers */
export function expectShareable(architecture: Architecture): ShareableNetwork {
  const network = shareable(architecture);
  if (typeof network === 'string') throw new UnsupportedError(network);
  return network;
}

/** A layer and the dropouts after it. In predictions, all of them have the same output. */
function sameAs({ layers }: Architecture, index: number): number[] {
  const all = [index];
  while (layers[all.at(-1)! + 1]?.kind === 'dropout') all.push(all.at(-1)! + 1);
  return all;
}

const describe = (layer: Layer | undefined): string =>
  layer ? `a layer of kind "${layer.kind}"` : 'the end';
