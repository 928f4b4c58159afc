/**
 * Experiments on two models whose weights are written by hand, so that what they must find is known to the
 * letter. Both count UGCAUG, half as much in the last window, with every copy after the first worth half, and
 * like GCGCGC at the 3′ end; the second also likes letters that pair on both sides of UGCAUG, which is a loop
 * of six closed by a pair.
 */

import { describe, expect, it } from 'vitest';
import { ALPHABET } from '../src/data/sequences/letters.js';
import { encodeSequences } from '../src/data/sequences/sequence.js';
import { affinity } from '../src/gia/experiments/affinity.js';
import { type GcFacts, gcBias } from '../src/gia/experiments/gc-bias.js';
import { type HairpinComparison, hairpin } from '../src/gia/experiments/hairpin.js';
import { multiplicity } from '../src/gia/experiments/multiplicity.js';
import { kmerMutagenesis } from '../src/gia/experiments/mutagenesis.js';
import { positionalBias } from '../src/gia/experiments/positions.js';
import { spacing } from '../src/gia/experiments/spacing.js';
import { architecture, residualSizes, windowsOf } from '../src/nn/presets.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { useGpu } from './support/gpu.js';
import { backgroundsOf, plantedWeights } from './support/planted.js';

const gpu = useGpu();
const MOTIF = 'UGCAUG';
const NETWORK = architecture('paper', { filters: 4, hidden: 2 });
const SIZE = residualSizes(NETWORK)!;
const { length: LENGTH, filters, hidden, taps, pool } = SIZE;

/**
 * A first-layer filter that is 1 where its letters are all there, 0 elsewhere; a dot is any letter. The third
 * tap is `letters[0]`.
 */
const DETECTORS = [`.${MOTIF}.`, '.GCGCGC.', `A${MOTIF}U`, `U${MOTIF}A`];
const FIRST_TAP = 2;

/** @param closing what a pair about the motif adds */
function planted(closing: number): ReturnType<typeof plantedWeights> {
  const entry = new Float32Array(taps * 4 * filters);
  DETECTORS.forEach((letters, filter) => {
    [...letters].forEach((letter, i) => {
      if (letter !== '.') entry[((FIRST_TAP + i) * 4 + ALPHABET.indexOf(letter)) * filters + filter] = 1;
    });
  });
  const windows = windowsOf(SIZE);
  const dense = new Float32Array(windows * filters * hidden);
  for (let window = 0; window < windows; window++) {
    const last = window === windows - 1;
    const put = (filter: number, unit: number, weight: number) => {
      dense[(window * filters + filter) * hidden + unit] = weight * pool;
    };
    put(0, 0, last ? 0.5 : 1);
    put(0, 1, 1);
    put(1, 0, last ? 0.5 : 0);
    put(2, 0, closing);
    put(3, 0, closing);
  }
  return plantedWeights(SIZE, {
    entry,
    entryOffsets: DETECTORS.map((letters) => 1 - letters.replaceAll('.', '').length),
    dense,
    // The second unit counts copies after the first.
    denseOffsets: [0, -1],
    out: [1, -0.5],
  });
}

const create = () => ResidualBind.fromWeights(gpu(), [planted(0), planted(1)], { architecture: NETWORK });

/** Random A and U: neither motif nor GC by chance. */
const N = 64;
const backgrounds = backgroundsOf('AU', N, LENGTH);

const ofModel = <Row extends { readonly model: number }>(all: readonly Row[], model = 0) =>
  all.filter((row) => row.model === model);
const expectAll = (values: readonly number[], expected: readonly number[]) => {
  expect(values).toHaveLength(expected.length);
  for (const [i, value] of values.entries()) expect(value, `value ${i}`).toBeCloseTo(expected[i]!, 5);
};

describe('planted models', () => {
  it('predict what was planted', async () => {
    using model = await create();
    const codes = encodeSequences(
      [
        `${'A'.repeat(17)}${MOTIF}${'A'.repeat(18)}`,
        `${'A'.repeat(17)}${MOTIF}${'U'.repeat(18)}`,
        `${'A'.repeat(5)}${MOTIF}AA${MOTIF}${'A'.repeat(22)}`,
        `${'A'.repeat(34)}GCGCGCA`,
        `GCGCGC${'A'.repeat(35)}`,
      ],
      LENGTH,
    );
    expectAll(Array.from(await model.predict({ codes })), [1, 1, 1.5, 0.5, 0, 1, 2, 1.5, 0.5, 0]);
  });

  it('mutagenesis: every variant loses all, and all letters are equally high', async () => {
    using model = await create();
    const result = await kmerMutagenesis(model, { motif: MOTIF, backgrounds });
    expectAll(
      ofModel(result.comparisons).map(({ difference }) => difference),
      new Array(18).fill(-1),
    );
    for (const { q } of ofModel(result.comparisons)) expect(q).toBeLessThan(1e-12);
    expectAll(result.facts[0]!.heights, new Array(6).fill(Math.sqrt(3)));
  });

  it('multiplicity: half a motif for every further copy', async () => {
    using model = await create();
    const result = await multiplicity(model, { motif: MOTIF, backgrounds });
    expectAll(
      ofModel(result.rows).map(({ importance }) => importance),
      [1, 1.5, 2],
    );
    expectAll(
      ofModel(result.comparisons).map(({ difference }) => difference),
      [-0.5, -1, -0.5],
    );
    expectAll(
      ofModel(result.rows).flatMap(({ more }) => [more.added, more.alone]),
      [1, 1, 0.5, 1, 0.5, 1],
    );
    expect(result.facts[0]!.slope).toBeCloseTo(0.5, 5);
    expect(result.facts[0]!.r2).toBeCloseTo(1, 8);
  });

  it('spacing: the same loss at every gap, and no second motif where both are one', async () => {
    using model = await create();
    const apart = await spacing(model, { motif: MOTIF, pairs: [[2, 20]], backgrounds });
    expectAll([ofModel(apart.rows)[0]!.importance, ofModel(apart.comparisons)[0]!.difference], [1.5, -0.5]);
    const near = await spacing(model, {
      motif: MOTIF,
      pairs: [
        [17, 17],
        [16, 20],
        [15, 21],
      ],
      backgrounds,
    });
    expectAll(
      ofModel(near.rows).map(({ importance }) => importance),
      [1, 1.5, 1.5],
    );
    expectAll(
      ofModel(near.comparisons).map(({ difference }) => difference),
      [-1, -0.5, -0.5],
    );
  });

  it('positions: half in the last window, from 28 on', async () => {
    using model = await create();
    const result = await positionalBias(model, { motif: MOTIF, against: 'best', backgrounds });
    const expected = Array.from({ length: 36 }, (_, position) => (position < 28 ? 1 : 0.5));
    expectAll(
      ofModel(result.rows).map(({ importance }) => importance),
      expected,
    );
    expectAll(
      ofModel(result.comparisons).map(({ difference }) => difference),
      expected.map((value) => value - 1),
    );
    expect(result.facts[0]!.range).toBeCloseTo(0.5, 5);
  });

  it('gc: half a motif more at the 3′ end, nothing at the 5′ end', async () => {
    using model = await create();
    const result = await gcBias(model, { motif: MOTIF, backgrounds });
    const [facts, own] = result.facts as [GcFacts, GcFacts];
    expectAll([facts.effect5, facts.effect3, facts.difference], [1, 1.5, -0.5]);
    expectAll([facts.effect3CiLow, facts.effect3CiHigh], [1.5, 1.5]);
    expectAll(
      ofModel(result.comparisons).map(({ difference }) => difference),
      [0, 0.5, -0.5, 0, 0],
    );
    // The second model's motif varies by background; GC does not, so both ratios keep an interval that holds
    // the truth.
    expect(own.effect3CiLow).toBeLessThan(own.effect3);
    expect(own.effect3CiHigh).toBeGreaterThan(own.effect3);
    expect(own.effect3CiLow).toBeGreaterThan(1);
  });

  it('hairpin: a loop counts by its closing pair, whichever letters pair; a model without it sees no difference', async () => {
    using model = await create();
    const result = await hairpin(model, { motif: MOTIF, backgrounds });
    const found = (comparison: HairpinComparison, e: number) =>
      ofModel(result.comparisons, e).find(({ labels }) => labels.comparison === comparison)!;
    const loop = ofModel(result.rows, 1).filter(({ labels }) => labels.place === 'loop');
    expect(loop.map(({ labels }) => labels.arms)).toEqual(['paired', 'broken', 'compensated', 'unpaired']);
    // By chance, A and U close the loop of an unpaired background.
    const { codes } = backgrounds;
    const ends = Array.from({ length: N }, (_, n) => [15, 22].map((at) => codes[n * LENGTH + at]));
    const closed = ends.filter(([left, right]) => left !== right).length / N;
    expect(closed).toBeGreaterThan(0.2);
    expect(closed).toBeLessThan(0.8);
    expectAll(
      loop.map(({ importance }) => importance),
      [2, 1, 2, 1 + closed],
    );
    expectAll(
      (['broken', 'compensated', 'unpaired'] as const).map(
        (arms) => found(`loop-paired-minus-${arms}`, 1).difference,
      ),
      [1, 0, 1 - closed],
    );
    expect(found('loop-compensated-minus-broken', 1).difference).toBeCloseTo(1, 5);
    expect(found('loop-paired-minus-unpaired', 1).q).toBeLessThan(1e-4);
    expect(found('paired-loop-minus-stem', 1).difference).toBeGreaterThan(0.2);
    for (const { difference } of ofModel(result.comparisons, 0)) expect(difference).toBeCloseTo(0, 5);
  });

  it('affinity: a line through the motif and what does not bind', async () => {
    using model = await create();
    const measured = [
      { letters: 'UGCAUG', kd: 1 },
      { letters: 'UGCAUU', kd: Math.E },
      { letters: 'UGUAUG', kd: Math.E ** 2 },
    ];
    const { facts } = await affinity(model, { measured, backgrounds });
    // Importances 1, 0, 0 over 0, 1, 2.
    const { slope, intercept, r2 } = facts[0]!;
    expectAll([slope, intercept, r2], [-0.5, 5 / 6, 0.75]);
  });
});
