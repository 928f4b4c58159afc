/**
 * A model of another program before it is one of ours: layers with weights in the order in which they
 * compute, their tensors already in our layouts. Readers of Keras, PyTorch and ONNX files end here;
 * `network-of.ts` and `weights-of.ts` go on from here.
 */

import type { Architecture, Head } from '../architecture.js';
import type { ModelFacts } from '../files/model-facts.js';

/** Programs whose models are read and written. */
export const PROGRAMS = ['keras', 'pytorch', 'onnx'] as const;
/** A program whose models are read and written. */
export type Program = (typeof PROGRAMS)[number];

/** Formats of models: that of this program, and those of others. */
export const MODEL_FORMATS = ['residualbind', ...PROGRAMS] as const;
/** A format of models. */
export type ModelFormat = (typeof MODEL_FORMATS)[number];

/** What a tensor is in its layer. */
export const PARTS = ['w', 'b', 'gamma', 'beta', 'mean', 'var'] as const;
export type Part = (typeof PARTS)[number];

/** A tensor of another program. */
export interface ForeignTensor {
  /** As its file calls it, for messages. */
  readonly name: string;
  /** In our layout: [taps, in, out], [in, out] or [channels]. */
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Kinds of layers that have weights; the head is a dense layer. */
export type ForeignKind = 'convolution' | 'batch-norm' | 'dense';

/** A layer with weights. */
export interface ForeignLayer {
  readonly kind: ForeignKind;
  /** As its file calls it. */
  readonly name: string;
  readonly parts: { readonly [P in Part]?: ForeignTensor };
  /** Of this batch normalisation, where it is known. */
  readonly epsilon?: number;
}

/** How rows of the first dense layer are ordered where it follows several positions. */
export type Flatten = 'position-major' | 'channel-major';

export interface ForeignModel {
  /** Its file. */
  readonly path: string;
  readonly program: Program;
  readonly layers: readonly ForeignLayer[];
  /** Of batch normalisations whose layers do not say it. */
  readonly epsilon: number;
  readonly flatten: Flatten;
  /** Where the file says it. */
  readonly loss?: Head | undefined;
  /** The whole network, where the file has it. */
  readonly architecture?: Architecture | undefined;
  /** Facts of a model of ours, where the file has them. */
  readonly facts?: ModelFacts | undefined;
  /** What was assumed or left out, in sentences for people. */
  readonly notes: readonly string[];
}

/** Epsilon of our batch normalisations, and Keras' default. */
export const OUR_EPSILON = 1e-3;

/** Most numbers that are read of one model: 1 GiB. */
export const MOST_NUMBERS = 2 ** 28;

/** The kind of a layer by its tensors; undefined for a layer that this program does not know. */
export function kindOf(parts: ForeignLayer['parts']): ForeignKind | undefined {
  if (parts.w && !parts.mean && !parts.gamma)
    return { 3: 'convolution', 2: 'dense' }[parts.w.shape.length] as ForeignKind | undefined;
  return parts.mean && parts.var && !parts.w && !parts.b ? 'batch-norm' : undefined;
}

/** Whether any of the layers is a batch normalisation, so that epsilon matters. */
export const isNormalised = (layers: readonly ForeignLayer[]): boolean =>
  layers.some(({ kind }) => kind === 'batch-norm');

/** Throws an error that says what is wrong with a file. */
export type Fail = (reason: string) => never;
