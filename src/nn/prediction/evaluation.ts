/**
 * The forward pass for predictions: the same function as `network.ts` in evaluation mode, with batch
 * normalisation folded into the kernels and everything between two products done as they store. Folding is
 * part of the recording, so a plan always sees the present weights.
 */

import { UnsupportedError } from '../../device/errors.js';
import { Owned } from '../../device/owned.js';
import { matrixHeadFits } from '../../kernels/matrix/matrix-head.js';
import type { PrecisionPath } from '../../kernels/precision.js';
import * as fused from '../../tensor/fused.js';
import * as ops from '../../tensor/operations.js';
import { Tensor } from '../../tensor/tensor.js';
import { type Architecture, lossKindOf, placedLayers } from '../architecture.js';
import { inLayer, type Layer, type LayerKind, type PlacedLayer, rowOf } from '../layers.js';
import {
  contexts,
  firstInput,
  isProduct,
  type NetworkInput,
  type NetworkState,
  shapedOutput,
  skipSources,
} from '../network.js';
import { headShape, predictedByMatrices } from './matrix-end.js';
import { fusedMeans, trunkOf } from './trunk.js';

/**
 * Predictions [E, batch], or [E, batch, outputs] where there are several: affinities, or probabilities for a
 * classification head.
 *
 * @param path of a precision; where there are no matrices for the network, `matrices` is `storage`. Sums are
 * f32 whatever the path.
 * @throws UnsupportedError where f16 is asked for a network that has layers between its products' kernels
 */
export function evaluate(network: NetworkState, input: NetworkInput, path: PrecisionPath = 'f32'): Tensor {
  const { codes } = input;
  const trunk = trunkOf(codes.gpu, network, path);
  const storage = path === 'f32' ? 'f32' : 'f16';
  if (!trunk) {
    using x = firstInput(network.architecture, input);
    return finished(network.architecture, layered(network, x, 0, storage));
  }
  const head = headShape(network, codes.shape[1]!);
  if (trunk.by === 'matrices' && head && matrixHeadFits(codes.gpu, head)) {
    using means = fusedMeans(network, codes, trunk, true);
    return finished(network.architecture, predictedByMatrices(network, means, head));
  }
  using means = fusedMeans(network, codes, trunk);
  return predicted(network, means, storage);
}

/**
 * Pooled means of the residual block [E, batch, windows, filters], a kernel a layer: everything up to the
 * pool.
 */
export function layeredMeans(
  network: NetworkState,
  input: NetworkInput,
  storage: fused.StorageFormat = 'f32',
): Tensor {
  using x = firstInput(network.architecture, input);
  return layered(network, x, 0, storage, poolOf(network.architecture));
}

/** Predictions of pooled means [E, batch, windows, filters], a kernel a layer: everything after the pool. */
export function predicted(network: NetworkState, means: Tensor, storage: fused.StorageFormat): Tensor {
  const { architecture } = network;
  return finished(architecture, layered(network, means, poolOf(architecture) + 1, storage));
}

const poolOf = (architecture: Architecture): number =>
  placedLayers(architecture).findIndex(({ layer }) => layer.kind === 'pool');

/** Raw output as predictions; takes it over. */
function finished(architecture: Architecture, out: Tensor): Tensor {
  using taken = out;
  using raw = shapedOutput(architecture, taken);
  return lossKindOf(architecture) === 'classification' ? ops.sigmoid(raw) : raw.retain();
}

/** What one kernel computes: a product, and what follows it as it is stored. */
interface Segment {
  readonly product: PlacedLayer;
  readonly norm?: PlacedLayer;
  readonly skip?: number;
  readonly relu: boolean;
  readonly pool?: Layer<'pool'>;
  /** Its last layer. */
  readonly last: number;
}

/** Layers `first` to `end` of an input. */
function layered(
  network: NetworkState,
  input: Tensor,
  first: number,
  storage: fused.StorageFormat,
  end = Number.POSITIVE_INFINITY,
): Tensor {
  const placed = placedLayers(network.architecture);
  const added = skipSources(placed);
  using kept = new Owned();
  const outputs = new Map<number, Tensor>();
  let x = input.retain();
  for (let i = first; i < placed.length && i <= end; ) {
    using before = x;
    const each = placed[i]!;
    const segment = isProduct(each) ? segmentFrom(placed, i, added) : undefined;
    const last = segment?.last ?? i;
    x = inLayer(each, () =>
      segment
        ? multiplied(network, segment, before, outputs, storage)
        : alone(network, each, before, outputs),
    );
    // What evaluation leaves as it is belongs to the segment: any of its layers may be what a skip adds.
    for (let index = i; index <= last; index++)
      if (added.has(index)) outputs.set(index, kept.own(x.retain()));
    i = last + 1;
  }
  return x;
}

/**
 * The longest segment from a product on. Dropout is the identity here; a layer that a skip adds ends a
 * segment.
 */
function segmentFrom(placed: readonly PlacedLayer[], first: number, added: ReadonlySet<number>): Segment {
  const product = placed[first]!;
  const isCodes = first === 0 && product.input.channels === 4;
  const made: { -readonly [Name in keyof Segment]: Segment[Name] } = { product, relu: false, last: first };
  let isAdded = added.has(first);
  for (let i = first + 1; i < placed.length; i++) {
    const each = placed[i]!;
    const { layer } = each;
    if (layer.kind !== 'dropout') {
      if (isAdded || made.pool) break;
      if (layer.kind === 'batch-norm' && i === first + 1) made.norm = each;
      else if (layer.kind === 'relu' && !made.relu) made.relu = true;
      else if (layer.kind === 'skip' && !made.relu && made.skip === undefined && takesMore(product, isCodes))
        made.skip = layer.from;
      else if (layer.kind === 'pool' && takesMore(product, isCodes) && isPlainMean(layer)) made.pool = layer;
      else break;
    }
    made.last = i;
    isAdded ||= added.has(i);
  }
  return made;
}

/** Whether the kernel of a product adds skips and pools. */
const takesMore = ({ layer }: PlacedLayer, isCodes: boolean): boolean =>
  layer.kind === 'convolution' && !isCodes;

const isPlainMean = ({ by, size, stride }: Layer<'pool'>): boolean => by === 'mean' && size === stride;

/** A segment in one kernel. */
function multiplied(
  { parameters, statistics }: NetworkState,
  { product, norm, skip, relu, pool }: Segment,
  x: Tensor,
  outputs: ReadonlyMap<number, Tensor>,
  storage: fused.StorageFormat,
): Tensor {
  const { layer, name } = product;
  const w = parameters.get(`${name}.w`);
  // A skip may add the product itself, before its batch normalisation, which then has no bias.
  using bias = product.biased
    ? parameters.get(`${name}.b`).retain()
    : Tensor.zeros(x.gpu, [w.shape[0]!, w.shape.at(-1)!]);
  // The last layer's kernel and result are f32 whatever the storage.
  using kernel = norm
    ? fused.fold(w, parameters.get(`${norm.name}.affine`), statistics.get(`${norm.name}.moments`), storage)
    : fused.unfolded(w, bias, layer.kind === 'head' ? 'f32' : storage);
  if (layer.kind !== 'convolution') {
    const [models, batch] = x.shape as [number, number];
    using rows = x.reshape([models, batch, x.size / (models * batch)]);
    return fused.fusedDense(rows, kernel.w, kernel.bias, relu);
  }
  if (x.dtype === 'u32') return fused.fusedConvCodes(x, kernel, { relu });
  const { dilation } = layer;
  const added = skip === undefined ? {} : { skip: outputs.get(skip)! };
  return fused.fusedConv1d(x, kernel, { dilation, relu, ...added, ...(pool && { pool }) });
}

/** A layer by itself. */
function alone(
  network: NetworkState,
  placed: PlacedLayer,
  x: Tensor,
  outputs: ReadonlyMap<number, Tensor>,
): Tensor {
  const { layer } = placed;
  if (layer.kind === 'dropout') return x.retain();
  if (layer.kind === 'pool') return fused.fusedPool(x, layer);
  if (x.dtype === 'f16')
    throw new UnsupportedError(
      `f16 does not cover layers[${placed.index}] (${layer.kind}) of this network; predict in f32`,
    );
  const contextOf = contexts(network, placedLayers(network.architecture), outputs, { kind: 'evaluation' });
  return rowOf<LayerKind>(layer).forward(placed, x, contextOf(placed));
}
