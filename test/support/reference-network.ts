/** Networks in plain float64 loops: forward in both modes, loss, gradient by differences, and Adam. */

import { type Architecture, lossKindOf } from '../../src/nn/architecture.js';
import type { Sequences } from '../../src/nn/dataset.js';
import * as op from './reference-operations.js';

/** By file name, `conv0.w`, `bn0.gamma`, … */
export type Numbers = Record<string, Float64Array>;

/**
 * Evaluation by running statistics; training by the batch's, with dropout masks of a seed and step where
 * given.
 */
export type ReferenceMode =
  | 'evaluation'
  | { readonly dropout?: { readonly seed: number; readonly step: number } };

export const toNumbers = (weights: Readonly<Record<string, { data: ArrayLike<number> }>>): Numbers =>
  Object.fromEntries(Object.entries(weights).map(([name, { data }]) => [name, Float64Array.from(data)]));

const relu = (x: Float64Array): Float64Array => x.map((value) => Math.max(value, 0));

/** Raw outputs [batch * outputs]. */
export function forward(
  model: Architecture,
  weights: Numbers,
  sequences: Sequences,
  mode: ReferenceMode,
): Float64Array {
  return forwardDense(model, weights, denseInput(model, sequences), mode);
}

/** One-hot bases and structure profiles, [batch, length, channels]. */
export function denseInput({ channels }: Architecture, { codes, profile }: Sequences): Float64Array {
  const bases = op.oneHot(codes);
  const wide = channels - 4;
  return new Float64Array(codes.length * channels).map((_, i) => {
    const [row, c] = [Math.floor(i / channels), i % channels];
    return c < 4 ? bases[4 * row + c]! : profile![row * wide + c - 4]!;
  });
}

/** Raw outputs [batch * outputs] of any input [batch, length, channels], layer by layer. */
export function forwardDense(
  { layers, ...sizes }: Architecture,
  weights: Numbers,
  input: Float64Array,
  mode: ReferenceMode,
): Float64Array {
  let { length, channels } = sizes;
  const batch = input.length / (length * channels);
  const outputs: Float64Array[] = [];
  const counts: Record<string, number> = {};
  let x = input;
  for (const [index, layer] of layers.entries()) {
    const n = counts[layer.kind] ?? 0;
    counts[layer.kind] = n + 1;
    /** The bias of a product that no batch normalisation follows. */
    const biased = (name: string, sums: Float64Array): Float64Array => {
      const b = layers[index + 1]?.kind === 'batch-norm' ? undefined : weights[`${name}.b`]!;
      return b ? sums.map((sum, i) => sum + b[i % b.length]!) : sums;
    };
    const dense = (name: string, units: number): Float64Array => {
      const size = { batch, length: 1, inputs: length * channels, outputs: units, taps: 1 };
      [length, channels] = [1, units];
      return biased(name, op.conv1d(x, weights[`${name}.w`]!, size));
    };
    switch (layer.kind) {
      case 'convolution': {
        const { filters, taps, dilation } = layer;
        const size = { batch, length, inputs: channels, outputs: filters, taps, dilation };
        x = biased(`conv${n}`, op.conv1d(x, weights[`conv${n}.w`]!, size));
        channels = filters;
        break;
      }
      case 'batch-norm': {
        const part = (name: string) => weights[`bn${n}.${name}`]!;
        const affine = [...part('gamma'), ...part('beta')];
        const moments =
          mode === 'evaluation' ? [...part('mean'), ...part('var')] : op.channelMoments(x, channels);
        x = op.normalise(x, moments, affine, 1e-3);
        break;
      }
      case 'relu':
        x = relu(x);
        break;
      case 'exponential':
        x = x.map(Math.exp);
        break;
      case 'dropout':
        if (mode !== 'evaluation' && mode.dropout && layer.rate > 0) {
          const mask = dropoutMask(
            { rate: layer.rate, layer: n, ...mode.dropout },
            x.length / channels,
            channels,
          );
          x = x.map((value, i) => (value * mask[i]!) / (1 - layer.rate));
        }
        break;
      case 'skip':
        x = x.map((value, i) => value + outputs[layer.from]![i]!);
        break;
      case 'pool':
        x = op.pool(x, { ...layer, batch, length, channels });
        length = x.length / (batch * channels);
        break;
      case 'dense':
        x = dense(n === 0 ? 'dense' : `dense${n}`, layer.units);
        break;
      case 'head':
        x = dense('out', layer.outputs);
    }
    outputs.push(x);
  }
  return x;
}

/** Masks that were made: differences evaluate a network thousands of times with the same ones. */
const masks = new Map<string, readonly number[]>();

function dropoutMask(...wanted: Parameters<typeof op.dropoutMask>): readonly number[] {
  const key = JSON.stringify(wanted);
  const mask = masks.get(key) ?? op.dropoutMask(...wanted);
  masks.set(key, mask);
  return mask;
}

/**
 * Mean loss of raw outputs: squared error, or cross-entropy of logits. NaN scores are missing and do not
 * count.
 */
export function loss(model: Architecture, outputs: Float64Array, scores: ArrayLike<number>): number {
  const each = Array.from(outputs, (z, i) => {
    const t = scores[i]!;
    return lossKindOf(model) === 'regression'
      ? (z - t) ** 2
      : Math.max(z, 0) - z * t + Math.log1p(Math.exp(-Math.abs(z)));
  }).filter((_, i) => !Number.isNaN(scores[i]));
  return each.length === 0 ? 0 : each.reduce((a, b) => a + b, 0) / each.length;
}

const STEP = 1e-6;

/** Central differences with respect to every trainable number; running statistics have no entry. */
export function gradient(weights: Numbers, lossOf: (weights: Numbers) => number): Numbers {
  const trainable = Object.entries(weights).filter(([name]) => !/\.(mean|var)$/.test(name));
  return Object.fromEntries(
    trainable.map(([name, values]) => [
      name,
      values.map((_, i) => {
        const before = values[i]!;
        values[i] = before + STEP;
        const above = lossOf(weights);
        values[i] = before - STEP;
        const below = lossOf(weights);
        values[i] = before;
        return (above - below) / (2 * STEP);
      }),
    ]),
  );
}

/** Adam in Keras form; moves `weights` in place. */
export class ReferenceAdam {
  readonly #m: Numbers = {};
  readonly #v: Numbers = {};
  #t = 0;

  step(weights: Numbers, gradients: Numbers, learningRate: number): void {
    this.#t++;
    const rate = (learningRate * Math.sqrt(1 - 0.999 ** this.#t)) / (1 - 0.9 ** this.#t);
    for (const [name, slopes] of Object.entries(gradients)) {
      this.#m[name] ??= new Float64Array(slopes.length);
      this.#v[name] ??= new Float64Array(slopes.length);
      const [m, v, p] = [this.#m[name], this.#v[name], weights[name]!];
      slopes.forEach((slope, i) => {
        m[i] = 0.9 * m[i]! + 0.1 * slope;
        v[i] = 0.999 * v[i]! + 0.001 * slope ** 2;
        p[i]! -= (rate * m[i]!) / (Math.sqrt(v[i]!) + 1e-7);
      });
    }
  }
}
