/** ResidualBind in plain float64 loops: forward in both modes, loss, gradient by differences, and Adam. */

import type { Architecture } from '../../src/nn/architecture.js';
import type { Sequences } from '../../src/nn/dataset.js';
import * as op from './reference-operations.js';

/** By file name, `conv0.w`, `bn0.gamma`, … */
export type Numbers = Record<string, Float64Array>;

/** Evaluation by running statistics; training by the batch's, with dropout masks of a seed and step where given. */
export type ReferenceMode =
  | 'evaluation'
  | { readonly dropout?: { readonly seed: number; readonly step: number } };

export const toNumbers = (weights: Readonly<Record<string, { data: ArrayLike<number> }>>): Numbers =>
  Object.fromEntries(Object.entries(weights).map(([name, { data }]) => [name, Float64Array.from(data)]));

const relu = (x: Float64Array): Float64Array => x.map((value) => Math.max(value, 0));

/** Raw outputs [batch] (docs/method.md, Network). */
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
  return Float64Array.from({ length: codes.length * channels }, (_, i) => {
    const [row, c] = [Math.floor(i / channels), i % channels];
    return c < 4 ? bases[4 * row + c]! : profile![row * wide + c - 4]!;
  });
}

/** Raw outputs [batch] of any input [batch, length, channels]. */
export function forwardDense(
  model: Architecture,
  weights: Numbers,
  input: Float64Array,
  mode: ReferenceMode,
): Float64Array {
  const { length, channels, filters, taps, dilations, pool, hidden, dropout: rates } = model;
  const batch = input.length / (length * channels);
  const last = dilations.length;
  const norm = (i: number, x: Float64Array): Float64Array => {
    const part = (name: string) => weights[`bn${i}.${name}`]!;
    const affine = [...part('gamma'), ...part('beta')];
    const moments =
      mode === 'evaluation' ? [...part('mean'), ...part('var')] : op.channelMoments(x, affine.length / 2);
    return op.normalise(x, moments, affine, 1e-3);
  };
  const drop = (layer: number, rate: number, x: Float64Array, width = filters): Float64Array => {
    if (mode === 'evaluation' || !mode.dropout || rate === 0) return x;
    const mask = op.dropoutMask({ rate, layer, ...mode.dropout }, x.length / width, width);
    return x.map((value, i) => (value * mask[i]!) / (1 - rate));
  };
  const convolve = (i: number, x: Float64Array, inputs: number, k: number, dilation: number) =>
    op.conv1d(x, weights[`conv${i}.w`]!, { batch, length, inputs, outputs: filters, taps: k, dilation });

  const entry = drop(0, rates.first, relu(norm(0, convolve(0, input, channels, taps, 1))));
  let x = entry;
  dilations.forEach((dilation, j) => {
    x = norm(j + 1, convolve(j + 1, x, filters, 3, dilation));
    if (j + 1 < last) x = drop(j + 1, rates.block, relu(x));
  });
  const sum = relu(x.map((value, i) => value + entry[i]!));
  const pooled = drop(
    last,
    rates.pool,
    op.pool(sum, { by: 'mean', batch, length, channels: filters, size: pool, stride: pool }),
  );
  const dense = (name: string, from: Float64Array, outputs: number) =>
    op.conv1d(from, weights[name]!, { batch, length: 1, inputs: from.length / batch, outputs, taps: 1 });
  const units = drop(last + 1, rates.hidden, relu(norm(last + 1, dense('dense.w', pooled, hidden))), hidden);
  return dense('out.w', units, 1).map((value) => value + weights['out.b']![0]!);
}

/** Mean loss of raw outputs: squared error, or cross-entropy of logits. */
export function loss({ head }: Architecture, outputs: Float64Array, scores: ArrayLike<number>): number {
  const each = outputs.map((z, i) => {
    const t = scores[i]!;
    return head === 'regression' ? (z - t) ** 2 : Math.max(z, 0) - z * t + Math.log1p(Math.exp(-Math.abs(z)));
  });
  return each.reduce((a, b) => a + b, 0) / each.length;
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
