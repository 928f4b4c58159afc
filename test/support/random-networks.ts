/** Networks drawn at random, for tests and for `bench/random-networks.mjs`. */

import type { Architecture, Layer } from '../../src/nn/layers.js';

type Range = readonly [least: number, most: number];

/** What is drawn from. */
export interface Ranges {
  readonly convolutions: Range;
  /** Odd ones are taken. */
  readonly taps: Range;
  /** Of all convolutions but the first. */
  readonly dilation: Range;
  readonly length: Range;
  readonly outputs: Range;
  readonly pools: readonly ('mean' | 'max')[];
}

/** Numbers in [0, 1) of a seed (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function randomNetwork(seed: number, ranges: Ranges): Architecture {
  const draw = uniform(seed);
  const whole = ([least, most]: Range): number => least + Math.floor(draw() * (most - least + 1));
  const one = <T>(choices: readonly T[]): T => choices[Math.floor(draw() * choices.length)]!;
  const length = whole(ranges.length);
  const count = whole(ranges.convolutions);
  const [least, most] = ranges.taps;
  const skips = draw() < 0.5 && count > 1;
  const width = whole([3, 9]);
  const layers: Layer[] = [];
  let entry = 0;
  for (let i = 0; i < count; i++) {
    const isLast = i === count - 1;
    layers.push({
      kind: 'convolution',
      filters: i === 0 || isLast ? width : whole([3, 9]),
      taps: 2 * whole([(least - 1) / 2, (most - 1) / 2]) + 1,
      dilation: i === 0 ? 1 : whole(ranges.dilation),
    });
    if (draw() < 0.6) layers.push({ kind: 'batch-norm' });
    if (skips && isLast) layers.push({ kind: 'skip', from: entry });
    layers.push({ kind: 'relu' });
    if (i === 0) entry = layers.length - 1;
    if (draw() < 0.3) layers.push({ kind: 'dropout', rate: 0.1 });
  }
  const size = whole([1, 12]);
  if (draw() < 0.9) layers.push({ kind: 'pool', by: one(ranges.pools), size, stride: whole([1, size + 2]) });
  layers.push({ kind: 'dense', units: whole([4, 20]) });
  if (draw() < 0.6) layers.push({ kind: 'batch-norm' });
  layers.push({ kind: 'relu' });
  layers.push({ kind: 'head', outputs: whole(ranges.outputs), loss: one(['regression', 'classification']) });
  return { length, channels: 4, alphabet: one(['rna', 'dna']), layers };
}

/** Weights of a fresh model with biases, scales and moments such as a trained one may have. */
export function trainedLike<T extends { readonly data: Float32Array }>(
  fresh: Readonly<Record<string, T>>,
  seed: number,
): Record<string, T> {
  const draw = uniform(seed);
  const about = (middle: number) => () => middle + draw() - 0.5;
  const changes: Readonly<Record<string, () => number>> = {
    gamma: about(1),
    beta: about(0),
    mean: about(0),
    var: about(1),
    b: about(0),
  };
  return Object.fromEntries(
    Object.entries(fresh).map(([name, tensor]) => {
      const change = changes[name.slice(name.lastIndexOf('.') + 1)];
      return [name, change ? { ...tensor, data: tensor.data.map(change) } : tensor];
    }),
  );
}

/** A network in a few words. */
export function inWords({ length, layers }: Architecture): string {
  const words = layers.flatMap((layer) => {
    if (layer.kind === 'convolution') return [`${layer.filters}x${layer.taps}/${layer.dilation}`];
    if (layer.kind === 'pool') return [`${layer.by} ${layer.size}/${layer.stride}`];
    if (layer.kind === 'head') return [`${layer.outputs} out`];
    return layer.kind === 'skip' ? ['skip'] : [];
  });
  return `${length} nt, ${words.join(', ')}`;
}
