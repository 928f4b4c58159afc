/**
 * Shared sweeps of networks drawn at random against predictions of every embedded sequence, and what cannot
 * be shared.
 */

import { describe, expect, it } from 'vitest';
import { UnsupportedError } from '../src/device/errors.js';
import { makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import { kmerPatterns } from '../src/gia/importance.js';
import { KEEP } from '../src/gia/patterns/patterns.js';
import { type PatternSet, patternSet } from '../src/gia/sweep/partition.js';
import { planSweep } from '../src/gia/sweep/plan.js';
import { shareable } from '../src/gia/sweep/shareable.js';
import { SharedSweep } from '../src/gia/sweep/shared-sweep.js';
import { type Architecture, outputsOf } from '../src/nn/architecture.js';
import type { Layer } from '../src/nn/layers.js';
import { architecture } from '../src/nn/presets.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { useGpu } from './support/gpu.js';
import { expectClose } from './support/numbers.js';
import { inWords, type Ranges, randomNetwork, trainedLike } from './support/random-networks.js';

const gpu = useGpu();

const RANGES: Ranges = {
  convolutions: [1, 4],
  taps: [1, 15],
  dilation: [1, 16],
  length: [20, 80],
  outputs: [1, 3],
  pools: ['mean'],
};
const COUNT = 3;

/**
 * After the second convolution every position sees all letters, so the third has nothing that patterns share.
 */
const FILLED: Architecture = {
  length: 20,
  channels: 4,
  alphabet: 'rna',
  layers: [
    { kind: 'convolution', filters: 4, taps: 3, dilation: 1 },
    { kind: 'relu' },
    ...[1, 2].flatMap((): Layer[] => [
      { kind: 'convolution', filters: 4, taps: 15, dilation: 3 },
      { kind: 'relu' },
    ]),
    { kind: 'pool', by: 'mean', size: 4, stride: 4 },
    { kind: 'dense', units: 6 },
    { kind: 'relu' },
    { kind: 'head', outputs: 2, loss: 'regression' },
  ],
};

/** A first convolution of more taps than its kernels write out. */
const WIDE: Architecture = {
  ...FILLED,
  length: 70,
  layers: [{ kind: 'convolution', filters: 4, taps: 51, dilation: 1 }, ...FILLED.layers.slice(5)],
};

/** Every pattern in every background, [backgrounds * patterns, length]. */
function embedded({ overlays, length, names }: PatternSet, codes: Uint8Array): Uint8Array {
  const all = new Uint8Array(COUNT * names.length * length);
  for (let n = 0; n < COUNT; n++) {
    overlays.forEach((code, i) => {
      all[n * overlays.length + i] = code === KEEP ? codes[n * length + (i % length)]! : code;
    });
  }
  return all;
}

describe('a shared sweep', () => {
  it.each(
    [
      ...[1, 2, 3, 4, 5, 6, 7, 8].map((seed) => ({ seed, network: randomNetwork(seed, RANGES) })),
      { seed: 9, network: FILLED },
      { seed: 10, network: WIDE },
    ].map((drawn) => ({ ...drawn, words: inWords(drawn.network) })),
  )('predicts what the network predicts: $words', async ({ seed, network }) => {
    using fresh = await ResidualBind.create(gpu(), { architecture: network, seed, models: 2 });
    const weights = [await fresh.weights(0), await fresh.weights(1)];
    using model = await ResidualBind.fromWeights(
      gpu(),
      weights.map((each, e) => trainedLike(each, seed + e)),
      { architecture: network },
    );
    const { length } = network;
    const backgrounds = makeBackgrounds({ kind: 'uniform', count: COUNT, length, seed });
    backgrounds.codes.fill(KEEP, 0, 2);
    const set = patternSet(kmerPatterns(2, (seed * 7) % (length - 1), length), length);
    const expected = await model.predict({ codes: embedded(set, backgrounds.codes) });
    expect(expected).toHaveLength(2 * outputsOf(network) * COUNT * set.names.length);
    for (const method of ['shared', 'filtered'] as const) {
      const size = { block: COUNT, patterns: set.names.length, backgrounds: 2 };
      using sweep = await SharedSweep.create(model, planSweep(network, set, method), backgrounds, size);
      for (const pairs of sweep.run(0, COUNT)) expect(pairs).toBeGreaterThan(0);
      expectClose(await sweep.predictions.readFloats(), expected, 1e-4);
    }
  });
});

describe('what cannot be shared', () => {
  const { layers, ...input } = architecture('paper');
  const at = (kind: Layer['kind'], n = 0): number =>
    layers.flatMap((layer, i) => (layer.kind === kind ? [i] : []))[n]!;
  const changed = (index: number, remove: number, ...added: readonly Layer[]): Architecture => ({
    ...input,
    layers: layers.toSpliced(index, remove, ...added),
  });

  it.each([
    [
      changed(at('pool'), 1, { kind: 'pool', by: 'max', size: 10, stride: 10 }),
      'a max pool cannot be shared',
    ],
    [
      changed(at('relu', 1), 1),
      'a layer of kind "convolution" after a convolution cannot be shared; a ReLU can',
    ],
    [
      changed(at('skip'), 1, { kind: 'skip', from: at('relu', 1) }),
      'a skip that does not begin at the first convolution cannot be shared',
    ],
    [changed(at('dense'), 4), 'a network without a dense layer cannot be shared'],
    [
      changed(at('head'), 0, { kind: 'dense', units: 8 }),
      'a layer of kind "dense" after the dense layer\'s ReLU cannot be shared',
    ],
    [{ ...input, channels: 9, layers }, 'a network with structure channels cannot be shared'],
  ])('has a reason: %#', (network, reason) => {
    expect(shareable(network)).toBe(reason);
    expect(() => planSweep(network, patternSet(kmerPatterns(1, 3, 41), 41))).toThrow(
      new UnsupportedError(reason),
    );
  });

  it('is nothing in the paper’s network', () => {
    expect(shareable({ ...input, layers })).toMatchObject({ skip: true, convolutions: [{}, {}, {}] });
  });
});
