/** Models whose weights are written by hand, and backgrounds for them. */

import { encodeSequences } from '../../src/data/sequences/sequence.js';
import { type Backgrounds, makeBackgrounds } from '../../src/gia/backgrounds/backgrounds.js';
import { Random } from '../../src/kernels/random.js';
import { type Sizes, windowsOf } from '../../src/nn/presets.js';
import type { NamedArray } from '../../src/nn/weights.js';

/** What a model counts. Between the first layer and the dense layer nothing is added. */
export interface Planted {
  /** First layer, [taps, channels, filters]. */
  readonly entry: Float32Array;
  /** What the first layer adds to each filter. */
  readonly entryOffsets: readonly number[];
  /** [windows * filters, hidden]. */
  readonly dense: Float32Array;
  /** What the dense layer adds to each unit. */
  readonly denseOffsets: readonly number[];
  /** [hidden]. */
  readonly out: readonly number[];
}

/** Batch normalisation that only adds. */
function adding(layer: number, beta: readonly number[]): Record<string, NamedArray> {
  const shape = [beta.length];
  return {
    [`bn${layer}.gamma`]: { shape, data: beta.map(() => Math.sqrt(1 + 1e-3)) },
    [`bn${layer}.beta`]: { shape, data: beta },
    [`bn${layer}.mean`]: { shape, data: beta.map(() => 0) },
    [`bn${layer}.var`]: { shape, data: beta.map(() => 1) },
  };
}

/** The weights of a ResidualBind of `sizes`. */
export function plantedWeights(sizes: Sizes, planted: Planted): Record<string, NamedArray> {
  const { channels, filters, hidden, taps, dilations } = sizes;
  return {
    'conv0.w': { shape: [taps, channels, filters], data: planted.entry },
    ...adding(0, planted.entryOffsets),
    ...Object.assign(
      {},
      ...dilations.map((_, i) => ({
        [`conv${i + 1}.w`]: { shape: [3, filters, filters], data: new Float32Array(3 * filters * filters) },
        ...adding(i + 1, new Array(filters).fill(0)),
      })),
    ),
    'dense.w': { shape: [windowsOf(sizes) * filters, hidden], data: planted.dense },
    ...adding(dilations.length + 1, planted.denseOffsets),
    'out.w': { shape: [hidden, 1], data: planted.out },
    'out.b': { shape: [1], data: [0] },
  };
}

/** Random backgrounds of some letters only. */
export function backgroundsOf(letters: string, count: number, length: number): Backgrounds {
  const sequences = Array.from({ length: count }, (_, n) => {
    const draws = new Random(3, 1000).draws(n);
    return Array.from({ length }, () => letters[draws.below(letters.length)]!).join('');
  });
  const codes = encodeSequences(sequences, length);
  return makeBackgrounds({ kind: 'sequences', count, length, seed: 1, sequences: codes });
}
