/**
 * A network as data: an ordered list of layers. Parameters, both passes, arithmetic, memory, receptive fields
 * and the plans of sweeps all derive from this list. A new kind of layer is a row of `LAYERS`, beside its
 * shader, its kernel function and its gradient rule (CONTRIBUTING.md shows one).
 */

import * as check from '../device/check.js';
import type { ResidualBindError } from '../device/errors.js';
import { tooLargeAt } from '../device/too-large.js';
import { multiplyAdds as convolutionMultiplyAdds } from '../kernels/matrix/conv-shape.js';
import * as ops from '../tensor/operations.js';
import type { Tensor } from '../tensor/tensor.js';

/** What the outputs are: affinities, or logits of probabilities. */
export type Head = 'regression' | 'classification';

/** What each kind of layer holds, beside its kind. */
export interface LayerFields {
  /** "Same" zero padding, stride 1. Without a bias where a batch normalisation follows. */
  convolution: {
    readonly filters: number;
    /** Odd. */
    readonly taps: number;
    /** Positions from one tap to the next. */
    readonly dilation: number;
  };
  /** Statistics over records and positions; epsilon 1e-3, momentum 0.99 (docs/method.md). */
  'batch-norm': Record<never, never>;
  relu: Record<never, never>;
  /** exp(x), for a first layer whose filters are to look like motifs (Koo and Ploenzke, 2021). */
  exponential: Record<never, never>;
  /** Inverted dropout; the identity in evaluation. */
  dropout: { /** In [0, 1). */ readonly rate: number };
  /** Adds the output of an earlier layer, which must have the same shape. */
  skip: { /** Index of that layer in the list. */ readonly from: number };
  /** "Valid" windows: positions after the last whole window fall outside. */
  pool: { readonly by: 'mean' | 'max'; readonly size: number; readonly stride: number };
  /** On all positions and channels, position-major. Without a bias where a batch normalisation follows. */
  dense: { readonly units: number };
  /** The last layer: a dense layer with a bias. Classification ends in a sigmoid. */
  head: { readonly outputs: number; readonly loss: Head };
}

/** The name of a kind of layer. */
export type LayerKind = keyof LayerFields;
/** One layer, of any kind or of one. */
export type Layer<Kind extends LayerKind = LayerKind> = {
  [K in Kind]: { readonly kind: K } & LayerFields[K];
}[Kind];

/** Which letter is printed and drawn for U and T; both are read. */
export type Alphabet = 'rna' | 'dna';

/** A network: its input, and its layers in order. */
export interface Architecture {
  /** Input positions, nt. */
  readonly length: number;
  /** 4 (sequence), 6 (+ paired, unpaired) or 9 (+ paired, hairpin, interior, multi, exterior). */
  readonly channels: number;
  readonly alphabet: Alphabet;
  readonly layers: readonly Layer[];
}

/** The values of a record between two layers: positions times channels. */
export interface Shape {
  readonly positions: number;
  readonly channels: number;
}

/** A tensor of parameters. */
export interface ParameterSpec {
  readonly name: string;
  /** Without the model axis. */
  readonly shape: readonly number[];
  /**
   * Glorot's fans: units that feed one output, and outputs that one unit feeds. Absent where initialisation
   * is constant.
   */
  readonly fans?: readonly [number, number];
}

/** A layer at its place in a network. */
export interface PlacedLayer<Kind extends LayerKind = LayerKind> {
  readonly layer: Layer<Kind>;
  readonly index: number;
  /** What its parameters' names begin with, such as `conv0`. */
  readonly name: string;
  readonly input: Shape;
  readonly output: Shape;
  /** Whether a product adds a bias of its own. */
  readonly biased: boolean;
}

/** What a layer's operation may ask for. */
export interface LayerContext {
  /** A parameter of the layer, such as `w`. */
  parameter(suffix: string): Tensor;
  /** Running statistics of the layer. */
  moments(): Tensor;
  /** Output of an earlier layer that a skip adds. */
  earlier(index: number): Tensor;
  /** In training with dropout: what the layer drops; undefined otherwise. */
  dropout(): ops.Finish['dropout'];
  readonly training: boolean;
  /** Receives the statistics of a product for the batch normalisation that follows. */
  readonly statistics?: Tensor | undefined;
}

interface LayerRow<Kind extends LayerKind> {
  readonly fields: check.Check<LayerFields[Kind]>;
  /** Name of the parameters of the n-th layer of its kind. */
  readonly named: (n: number) => string;
  /** The shape after the layer, or what is wrong, as a text. */
  readonly output: (layer: Layer<Kind>, input: Shape) => Shape | string;
  readonly parameters?: (placed: PlacedLayer<Kind>) => readonly ParameterSpec[];
  /** Multiply-adds of matrix products, per record. */
  readonly multiplyAdds?: (placed: PlacedLayer<Kind>) => number;
  /**
   * Positions that one output position sees beyond its own on either side, in input positions of the layer.
   */
  readonly reach?: (layer: Layer<Kind>) => number;
  /**
   * The layer by itself as a differentiable operation. x is [E, batch, positions, channels],
   * [E, batch, units] after a dense layer, or before the first convolution base codes [1, batch, length] u32.
   */
  readonly forward: (placed: PlacedLayer<Kind>, x: Tensor, context: LayerContext) => Tensor;
}

/** The longest input, nt. */
export const LONGEST = 2048;

/** No size is larger, so that a damaged file is refused before memory is asked for. */
const LARGEST = 2 ** 20;
export const size = check.whole(1, LARGEST);
export const odd: check.Check<number> = (value, place) => {
  const taps = size(value, place);
  if (taps % 2 === 0) throw place.error(`${place.name} must be odd, not ${taps}`);
  return taps;
};
export const rate = check.number({ least: 0, below: 1 });
export const head = check.oneOf('regression', 'classification');

/** Checks of what an architecture says of its input. */
export const INPUT = {
  length: check.whole(1, LONGEST),
  channels: ((value, place) => {
    if (value === 4 || value === 6 || value === 9) return value;
    throw place.error(`${place.name} must be 4, 6 or 9, not ${check.shown(value)}`);
  }) as check.Check<number>,
  alphabet: check.oneOf('rna', 'dna'),
};

const nothing = check.strictRecord<Record<never, never>>({});
const unnamed = () => '';
const numbered = (prefix: string) => (n: number) => `${prefix}${n}`;

const product = (
  name: string,
  shape: readonly number[],
  fans: readonly [number, number],
  biased: boolean,
) => [{ name: `${name}.w`, shape, fans }, ...(biased ? [{ name: `${name}.b`, shape: [shape.at(-1)!] }] : [])];
const flat = ({ positions, channels }: Shape): number => positions * channels;

/** A product, and the bias of one that no batch normalisation follows. */
function withBias({ biased }: PlacedLayer, sums: Tensor, { parameter }: LayerContext): Tensor {
  using taken = sums;
  return biased ? ops.bias(taken, parameter('b')) : taken.retain();
}

function denseForward(placed: PlacedLayer, x: Tensor, context: LayerContext): Tensor {
  const [models, batch] = x.shape as [number, number];
  using rows = ops.reshape(x, [models, batch, x.size / (models * batch)]);
  const { statistics } = context;
  return withBias(placed, ops.dense(rows, context.parameter('w'), { statistics }), context);
}

/** The table of layer kinds. */
export const LAYERS: { readonly [Kind in LayerKind]: LayerRow<Kind> } = {
  convolution: {
    fields: check.strictRecord<LayerFields['convolution']>({ filters: size, taps: odd, dilation: size }),
    named: numbered('conv'),
    output: ({ filters }, { positions }) => ({ positions, channels: filters }),
    parameters: ({ layer: { taps, filters }, name, input, biased }) =>
      product(name, [taps, input.channels, filters], [taps * input.channels, taps * filters], biased),
    multiplyAdds: ({ layer: { taps, dilation, filters }, index, input: { positions, channels } }) =>
      // The first convolution of one-hot letters only adds.
      index === 0
        ? 0
        : convolutionMultiplyAdds({
            models: 1,
            rows: positions,
            length: positions,
            inputs: channels,
            outputs: filters,
            taps,
            dilation,
          }),
    reach: ({ taps, dilation }) => ((taps - 1) / 2) * dilation,
    forward: (placed, x, context) => {
      const w = context.parameter('w');
      const { statistics } = context;
      const { dilation } = placed.layer;
      const sums =
        x.dtype === 'u32' ? ops.convCodes(x, w, { statistics }) : ops.conv1d(x, w, { dilation, statistics });
      return withBias(placed, sums, context);
    },
  },
  'batch-norm': {
    fields: nothing,
    named: numbered('bn'),
    output: (_, input) => input,
    parameters: ({ name, input: { channels } }) => [{ name: `${name}.affine`, shape: [2, channels] }],
    forward: (_, x, { parameter, moments, training }) =>
      (training ? ops.batchNorm : ops.batchNormEvaluation)(x, parameter('affine'), moments()),
  },
  relu: {
    fields: nothing,
    named: unnamed,
    output: (_, input) => input,
    forward: (_, x) => ops.relu(x),
  },
  exponential: {
    fields: nothing,
    named: unnamed,
    output: (_, input) => input,
    forward: (_, x) => ops.exponential(x),
  },
  dropout: {
    fields: check.strictRecord<LayerFields['dropout']>({ rate }),
    named: unnamed,
    output: (_, input) => input,
    forward: (_, x, { dropout }) => {
      const dropping = dropout();
      return dropping ? ops.dropout(x, dropping.mask, dropping.learners) : x.retain();
    },
  },
  skip: {
    fields: check.strictRecord<LayerFields['skip']>({ from: check.whole(0, LARGEST) }),
    named: unnamed,
    output: (_, input) => input,
    forward: ({ layer: { from } }, x, { earlier }) => ops.add(x, earlier(from)),
  },
  pool: {
    fields: check.strictRecord<LayerFields['pool']>({ by: check.oneOf('mean', 'max'), size, stride: size }),
    named: unnamed,
    output: ({ size: window, stride }, { positions, channels }) =>
      window > positions
        ? `its window of ${window} is longer than the ${positions} positions that it is given`
        : { positions: Math.floor((positions - window) / stride) + 1, channels },
    forward: ({ layer: { by, size: window, stride } }, x) => ops.pool(x, { by, size: window, stride }),
  },
  dense: {
    fields: check.strictRecord<LayerFields['dense']>({ units: size }),
    named: (n) => (n === 0 ? 'dense' : `dense${n}`),
    output: ({ units }) => ({ positions: 1, channels: units }),
    parameters: ({ layer: { units }, name, input, biased }) =>
      product(name, [flat(input), units], [flat(input), units], biased),
    multiplyAdds: ({ layer: { units }, input }) => flat(input) * units,
    forward: denseForward,
  },
  head: {
    fields: check.strictRecord<LayerFields['head']>({
      outputs: size,
      loss: head,
    }),
    named: () => 'out',
    output: ({ outputs }) => ({ positions: 1, channels: outputs }),
    parameters: ({ layer: { outputs }, name, input }) =>
      product(name, [flat(input), outputs], [flat(input), outputs], true),
    multiplyAdds: ({ layer: { outputs }, input }) => flat(input) * outputs,
    forward: denseForward,
  },
};

/** The row of a layer's kind, typed for it. */
export const rowOf = <Kind extends LayerKind>({ kind }: { readonly kind: Kind }): LayerRow<Kind> =>
  LAYERS[kind] as unknown as LayerRow<Kind>;

const KINDS = Object.keys(LAYERS) as LayerKind[];

/** A layer of any kind, its fields checked. */
export const checkLayer: check.Check<Layer> = (value, place) => {
  const { kind } = check.record<{ kind: LayerKind }>({ kind: check.oneOf(...KINDS) })(value, place);
  const { kind: _, ...own } = check.object(value, place);
  return { kind, ...LAYERS[kind].fields(own, place) } as Layer;
};

/**
 * Layers in their places: names of parameters, shapes before and after.
 *
 * @param fail makes the error for a list that is no network
 */
export function placeLayers(
  layers: readonly Layer[],
  input: Shape,
  fail: (message: string) => ResidualBindError,
): PlacedLayer[] {
  const counts = new Map<LayerKind, number>();
  const placed: PlacedLayer[] = [];
  let shape = input;
  for (const [index, layer] of layers.entries()) {
    const n = counts.get(layer.kind) ?? 0;
    counts.set(layer.kind, n + 1);
    const where = `layers[${index}] (${layer.kind})`;
    const wrong = misplaced(layer, index, layers, placed, shape);
    const output = wrong ?? rowOf(layer).output(layer, shape);
    if (typeof output === 'string') throw fail(`${where}: ${output}`);
    const biased = layer.kind === 'head' || layers[index + 1]?.kind !== 'batch-norm';
    placed.push({ layer, index, name: rowOf(layer).named(n), input: shape, output, biased });
    shape = output;
  }
  return placed;
}

/**
 * The part of a layer in a recording.
 *
 * @throws OutOfMemoryError naming the layer
 */
export function inLayer<T>({ index, layer }: PlacedLayer, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw tooLargeAt(`layers[${index}] (${layer.kind})`, error);
  }
}

/** Why a layer cannot stand where it does. */
function misplaced(
  layer: Layer,
  index: number,
  layers: readonly Layer[],
  before: readonly PlacedLayer[],
  { positions, channels }: Shape,
): string | undefined {
  if (index === 0 && (layer.kind !== 'convolution' || layer.dilation !== 1))
    return 'the first layer must be a convolution of dilation 1';
  const isLast = index === layers.length - 1;
  if (isLast !== (layer.kind === 'head'))
    return isLast ? 'the last layer must be a head' : 'a head must be last';
  const isFlat = before.some((each) => each.layer.kind === 'dense');
  if (isFlat && (layer.kind === 'convolution' || layer.kind === 'pool'))
    return `a ${layer.kind} cannot follow a dense layer`;
  if (layer.kind !== 'skip') return undefined;
  const from = before[layer.from];
  if (!from) return `"from" must be the index of an earlier layer, 0 to ${index - 1}`;
  const { output } = from;
  return output.positions === positions && output.channels === channels
    ? undefined
    : `layer ${layer.from} has ${output.positions} positions of ${output.channels} channels, not ${positions} of ${channels}`;
}
