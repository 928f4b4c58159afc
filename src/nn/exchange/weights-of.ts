/**
 * Weights of a foreign model → weights of a network of ours, layer by layer. What another program computes
 * in another way is carried over exactly: epsilon of a batch normalisation, a bias before one, a missing
 * scale, and the order of a flattened input.
 */

import { count } from '../../device/count.js';
import { shortened } from '../../device/echo.js';
import { FormatError, NotFiniteError } from '../../device/errors.js';
import { sizeOf } from '../../tensor/tensor.js';
import { type Architecture, placedLayers } from '../architecture.js';
import type { PlacedLayer } from '../layers.js';
import type { Weights } from '../weights.js';
import {
  type ForeignKind,
  type ForeignLayer,
  type ForeignModel,
  type ForeignTensor,
  OUR_EPSILON,
  type Part,
} from './foreign-model.js';
import { positionMajor } from './layouts.js';

/** The kind of foreign layer that a layer takes its weights from. */
const TAKES: Readonly<Record<string, ForeignKind>> = {
  convolution: 'convolution',
  'batch-norm': 'batch-norm',
  dense: 'dense',
  head: 'dense',
};

/** A normalisation as it is used: (x - mean) · gamma / √(variance + epsilon) + beta. */
interface Normalisation {
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
  readonly mean: Float32Array;
  readonly var: Float32Array;
}

/**
 * The weights of a network, from the layers of a foreign model in their order.
 *
 * @throws FormatError or NotFiniteError naming the file and the tensor: too few or too many layers, another
 * shape, a negative variance, a number that is not finite
 */
export function weightsOf(model: ForeignModel, architecture: Architecture): Weights {
  const queues = new Map<ForeignKind, ForeignLayer[]>();
  for (const layer of model.layers) queues.set(layer.kind, [...(queues.get(layer.kind) ?? []), layer]);
  const weights: Record<string, { shape: readonly number[]; data: Float32Array }> = {};
  // The bias of a product whose place is taken by a batch normalisation.
  let held: ForeignTensor | undefined;
  for (const placed of placedLayers(architecture)) {
    const kind = TAKES[placed.layer.kind];
    if (!kind) continue;
    const given = queues.get(kind)?.shift();
    if (!given)
      throw new FormatError(
        `${model.path}: there is no ${kind} layer left for ${placed.name} of the network; ${countsOf(model)}`,
      );
    const set = (part: Part, shape: readonly number[], data: Float32Array) => {
      weights[`${placed.name}.${part}`] = { shape, data };
    };
    if (kind === 'batch-norm') {
      const { channels } = placed.input;
      const parts = normalisationOf(model, given, placed, held);
      for (const part of ['gamma', 'beta', 'mean', 'var'] as const) set(part, [channels], parts[part]);
      held = undefined;
      continue;
    }
    const w = productOf(model, given, placed);
    set('w', w.shape, w.data);
    const [units] = w.shape.slice(-1) as [number];
    const bias = given.parts.b && checked(model, given.parts.b, [units], `${placed.name}.b`);
    if (placed.biased) set('b', [units], bias?.data ?? new Float32Array(units));
    else held = bias;
  }
  const [left] = [...queues.values()].flat();
  if (left)
    throw new FormatError(
      `${model.path}: the network has no place for the ${left.kind} layer ${shortened(left.name)}; ${countsOf(model)}`,
    );
  return weights;
}

/** How many layers of each kind a file has, for messages. */
export function countsOf({ layers }: ForeignModel): string {
  const of = (kind: ForeignKind) => layers.filter((layer) => layer.kind === kind).length;
  return `the file has ${count(of('convolution'), 'convolution')}, ${count(of('batch-norm'), 'batch normalisation')} and ${count(of('dense'), 'dense layer')}`;
}

/** The weights of a convolution or dense layer, their rows position by position. */
function productOf(model: ForeignModel, layer: ForeignLayer, placed: PlacedLayer): ForeignTensor {
  const { positions, channels } = placed.input;
  const isConvolution = placed.layer.kind === 'convolution';
  const { w } = layer.parts;
  const units = placed.output.channels;
  const shape = isConvolution
    ? [(placed.layer as { taps: number }).taps, channels, units]
    : [positions * channels, units];
  const found = checked(model, w!, shape, `${placed.name}.w`);
  if (isConvolution || positions === 1 || model.flatten === 'position-major') return found;
  const data = positionMajor(found.data, positions, channels, units);
  return { ...found, data };
}

/** A tensor of the right shape and finite numbers. */
function checked(
  { path }: ForeignModel,
  tensor: ForeignTensor,
  shape: readonly number[],
  ours: string,
): ForeignTensor {
  const { name, data } = tensor;
  if (tensor.shape.join() !== shape.join() || data.length !== sizeOf(shape))
    throw new FormatError(
      `${path}: ${name} has the shape [${tensor.shape.join(', ')}], but ${ours} of the network is [${shape.join(', ')}]`,
    );
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new NotFiniteError(`${path}: ${name} holds ${data[bad]} at element ${bad}`);
  return tensor;
}

function normalisationOf(
  model: ForeignModel,
  { parts, name, epsilon = model.epsilon }: ForeignLayer,
  placed: PlacedLayer,
  bias: ForeignTensor | undefined,
): Normalisation {
  const { channels } = placed.input;
  const of = (part: 'gamma' | 'beta' | 'mean' | 'var', standard?: number): Float32Array => {
    const tensor = parts[part];
    if (tensor) return Float32Array.from(checked(model, tensor, [channels], `${placed.name}.${part}`).data);
    if (standard === undefined) throw new FormatError(`${model.path}: ${shortened(name)} has no ${part}`);
    return new Float32Array(channels).fill(standard);
  };
  const found = { gamma: of('gamma', 1), beta: of('beta', 0), mean: of('mean'), var: of('var') };
  const negative = found.var.findIndex((value) => value < 0);
  if (negative >= 0)
    throw new FormatError(
      `${model.path}: ${parts.var!.name} holds the negative variance ${found.var[negative]} at element ${negative}`,
    );
  // (x + b) - mean = x - (mean - b)
  if (bias) found.mean = found.mean.map((mean, channel) => mean - bias.data[channel]!);
  if (!(epsilon > 0 && epsilon <= 1))
    throw new FormatError(
      `${model.path}: ${shortened(name)} has the epsilon ${epsilon}; it must be above 0 and at most 1`,
    );
  const moved = withEpsilon(found, epsilon, OUR_EPSILON);
  if (![moved.gamma, moved.mean, moved.var].every((values) => values.every(Number.isFinite)))
    throw new NotFiniteError(
      `${model.path}: ${shortened(name)} has numbers that are too large for single precision`,
    );
  return moved;
}

/**
 * The same normalisation with another epsilon. The variance takes up the difference; where it would become
 * negative it is 0, and gamma takes up the rest.
 */
export function withEpsilon<T extends Pick<Normalisation, 'gamma' | 'var'>>(
  given: T,
  from: number,
  to: number,
): T {
  if (from === to) return given;
  const gamma = Float32Array.from(given.gamma);
  const variances = given.var.map((variance, channel) => {
    const moved = variance + from - to;
    if (moved >= 0) return moved;
    gamma[channel]! *= Math.sqrt(to / (variance + from));
    return 0;
  });
  return { ...given, gamma, var: variances };
}
