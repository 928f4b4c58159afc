/**
 * A network's forward pass as differentiable operations, in training or evaluation, on any number of models
 * at once. Predictions take the fused pass, `prediction/evaluation.ts`.
 */

import { ShapeError } from '../device/errors.js';
import { Owned } from '../device/owned.js';
import type { Learners } from '../kernels/training/learners.js';
import { oneHot } from '../kernels/training/training.js';
import * as ops from '../tensor/operations.js';
import { Tensor } from '../tensor/tensor.js';
import { type Architecture, outputsOf, placedLayers } from './architecture.js';
import { inLayer, type LayerContext, type PlacedLayer, rowOf } from './layers.js';
import type { ParameterSet } from './parameters.js';

/** A batch of sequences. */
export interface NetworkInput {
  /** [E or 1, batch, length] u32; 0-3 = ACGU, 4 = all-zero column. */
  readonly codes: Tensor;
  /**
   * [E or 1, batch, length, channels - 4] f32: structure profiles, where the model has more than four channels.
   */
  readonly profile?: Tensor | undefined;
}

/**
 * A batch of sequences as numbers, of which gradients can be asked (`ops.convCodes` has none for its codes).
 */
export interface DenseInput {
  /**
   * [E or 1, batch, length, channels] f32: one-hot bases, or anything between them, and the structure
   * profile.
   */
  readonly x: Tensor;
}

export interface NetworkState {
  readonly architecture: Architecture;
  readonly parameters: ParameterSet;
  readonly statistics: ParameterSet;
}

/**
 * Evaluation uses running statistics and no dropout; training the batch's statistics and, with `dropout`,
 * masks.
 */
export type Mode =
  | { readonly kind: 'evaluation' }
  | {
      readonly kind: 'training';
      readonly dropout?: { readonly learners: Learners };
    };

/**
 * The network's raw output, the predictions (regression) or the logits (classification): [E, batch], or
 * [E, batch, outputs] where there are several.
 */
export function forward(network: NetworkState, input: NetworkInput | DenseInput, mode: Mode): Tensor {
  const placed = placedLayers(network.architecture);
  const added = skipSources(placed);
  using kept = new Owned();
  const outputs = new Map<number, Tensor>();
  const contextOf = contexts(network, placed, outputs, mode);
  let x = 'x' in input ? input.x.retain() : firstInput(network.architecture, input);
  for (let i = 0; i < placed.length; ) {
    using before = x;
    const last = lastOfSegment(placed, i, added);
    const each = placed[i]!;
    x = inLayer(each, () =>
      last === i
        ? rowOf(each.layer).forward(each, before, contextOf(each))
        : normalised(placed.slice(i, last + 1), before, contextOf, mode),
    );
    if (added.has(last)) outputs.set(last, kept.own(x.retain()));
    i = last + 1;
  }
  using out = x;
  return shapedOutput(network.architecture, out);
}

/** Raw output [E, batch, outputs], the last axis dropped where there is one output. */
export function shapedOutput(architecture: Architecture, out: Tensor): Tensor {
  const [models, batch] = out.shape as [number, number];
  const outputs = outputsOf(architecture);
  return ops.reshape(out, outputs === 1 ? [models, batch] : [models, batch, outputs]);
}

/** Layers whose output a later skip adds. */
export const skipSources = (placed: readonly PlacedLayer[]): ReadonlySet<number> =>
  new Set(placed.flatMap(({ layer }) => (layer.kind === 'skip' ? [layer.from] : [])));

/** What a segment after a product may go on with, in this order. */
const FINISH = ['batch-norm', 'skip', 'relu', 'dropout'] as const;

/**
 * The last layer of a segment from layer `first` on that two kernels compute: a product, its batch
 * normalisation, and of skip, ReLU and dropout what follows in this order. Any other layer is a segment by
 * itself.
 */
function lastOfSegment(placed: readonly PlacedLayer[], first: number, added: ReadonlySet<number>): number {
  const kindAt = (i: number) => placed[i]?.layer.kind;
  if (!isProduct(placed[first]!) || kindAt(first + 1) !== 'batch-norm' || added.has(first)) return first;
  let last = first;
  for (const kind of FINISH) {
    // Dropout follows only a ReLU there.
    const goesOn = kindAt(last + 1) === kind && !added.has(last);
    if (goesOn && (kind !== 'dropout' || kindAt(last) === 'relu')) last++;
  }
  return last;
}

/** Whether a layer multiplies by a kernel. */
export const isProduct = ({ layer: { kind } }: PlacedLayer): boolean =>
  kind === 'convolution' || kind === 'dense' || kind === 'head';

/** A product, its batch normalisation, and what follows in the same kernel. */
function normalised(
  segment: readonly PlacedLayer[],
  x: Tensor,
  contextOf: (placed: PlacedLayer) => LayerContext,
  mode: Mode,
): Tensor {
  const [product, norm, ...rest] = segment as [PlacedLayer, PlacedLayer, ...PlacedLayer[]];
  const finish: { skip?: Tensor; relu?: boolean; dropout?: ops.Finish['dropout'] } = {};
  for (const each of rest) {
    const { layer } = each;
    if (layer.kind === 'skip') finish.skip = contextOf(each).earlier(layer.from);
    if (layer.kind === 'relu') finish.relu = true;
    if (layer.kind === 'dropout') finish.dropout = contextOf(each).dropout();
  }
  const { parameter, moments } = contextOf(norm);
  const { forward } = rowOf(product.layer);
  if (mode.kind === 'evaluation') {
    using sums = forward(product, x, contextOf(product));
    return ops.batchNormEvaluation(sums, parameter('affine'), moments(), finish);
  }
  const affine = parameter('affine');
  const { positions, channels } = product.output;
  const shape = [affine.shape[0]!, x.shape[1]!, ...(positions > 1 ? [positions] : []), channels];
  using taken = ops.emptyStatistics(x.gpu, shape);
  using sums = forward(product, x, { ...contextOf(product), statistics: taken });
  return ops.batchNorm(sums, affine, moments(), { statistics: taken, ...finish });
}

/**
 * What operations of layers may ask for. Dropout layers are numbered from the input on; the number enters
 * their masks.
 */
export function contexts(
  { parameters, statistics }: NetworkState,
  placed: readonly PlacedLayer[],
  outputs: ReadonlyMap<number, Tensor>,
  mode: Mode,
): (placed: PlacedLayer) => LayerContext {
  const dropouts = placed.filter(({ layer }) => layer.kind === 'dropout');
  return (each) => ({
    training: mode.kind === 'training',
    parameter: (suffix) => parameters.get(`${each.name}.${suffix}`),
    moments: () => statistics.get(`${each.name}.moments`),
    earlier: (index) => outputs.get(index)!,
    dropout: () =>
      each.layer.kind === 'dropout' && mode.kind === 'training' && mode.dropout
        ? {
            mask: { rate: each.layer.rate, layer: dropouts.indexOf(each) },
            learners: mode.dropout.learners,
          }
        : undefined,
  });
}

/** What the first convolution takes: base codes, or with structure channels an input tensor. */
export function firstInput(architecture: Architecture, input: NetworkInput): Tensor {
  return architecture.channels === 4 ? input.codes.retain() : inputTensor(architecture, input);
}

/** One-hot bases and structure profiles as one tensor [E or 1, batch, length, channels]. */
export function inputTensor({ channels, length }: Architecture, { codes, profile }: NetworkInput): Tensor {
  if (!profile) {
    throw new ShapeError(`a model of ${channels} channels needs a structure profile of ${channels - 4}`);
  }
  const [models, batch] = codes.shape as [number, number];
  const x = Tensor.empty(codes.gpu, [models, batch, length, channels]);
  oneHot(codes.gpu, codes, profile, x, { rows: models * batch * length, channels });
  return x;
}
