/**
 * What experiments can be asked beside their defaults, against plain loops: pairs, gaps, overlaps, the best
 * position, more contrasts.
 */

import { describe, expect, it } from 'vitest';
import { ALPHABET } from '../src/data/sequences/letters.js';
import { ShapeError } from '../src/device/errors.js';
import { makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import { type HairpinComparison, hairpin } from '../src/gia/experiments/hairpin.js';
import { positionalBias } from '../src/gia/experiments/positions.js';
import { spacing } from '../src/gia/experiments/spacing.js';
import { withStemLoop } from '../src/gia/experiments/stem-loops.js';
import { effectOf } from '../src/gia/statistics/paired.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { useGpu } from './support/gpu.js';

const gpu = useGpu();
const LENGTH = 41;
const N = 10;
const backgrounds = makeBackgrounds({ kind: 'uniform', count: N, length: LENGTH, seed: 9 });
const create = (models = 1) => ResidualBind.create(gpu(), { filters: 12, hidden: 20, models, seed: 6 });

/** Local importances [N] of text written over given backgrounds, model `e`. */
async function plain(
  model: ResidualBind,
  sites: Readonly<Record<number, string>>,
  { codes } = backgrounds,
  e = 0,
): Promise<number[]> {
  const written = codes.slice();
  for (let n = 0; n < N; n++)
    for (const [position, letters] of Object.entries(sites))
      for (const [i, letter] of [...letters].entries())
        written[n * LENGTH + Number(position) + i] = ALPHABET.indexOf(letter);
  const [base, embedded] = [await model.predict({ codes }), await model.predict({ codes: written })];
  return Array.from({ length: N }, (_, n) => embedded[e * N + n]! - base[e * N + n]!);
}
const combined = (make: (n: number) => number) =>
  effectOf(
    Array.from({ length: N }, (_, n) => make(n)),
    'sum',
  );

describe('spacing', () => {
  it('takes the pairs of positions that it is given, overlapping where letters agree', async () => {
    using model = await create();
    const pairs = [
      [17, 17],
      [16, 20],
      [15, 21],
      [13, 22],
      [30, 4],
    ] as const;
    const { rows, comparisons } = await spacing(model, { motif: 'UGCAUG', pairs, backgrounds });
    const written = [
      { 17: 'UGCAUG' },
      { 16: 'UGCAUGCAUG' },
      { 15: 'UGCAUGUGCAUG' },
      { 13: 'UGCAUG', 22: 'UGCAUG' },
      { 30: 'UGCAUG', 4: 'UGCAUG' },
    ];
    for (const [i, [a, b]] of pairs.entries()) {
      const both = await plain(model, written[i]! as Record<number, string>);
      const [first, second] = [await plain(model, { [a]: 'UGCAUG' }), await plain(model, { [b]: 'UGCAUG' })];
      expect(rows[i]!.labels).toEqual({ first: a, second: b, gap: b - a - 6 });
      expect(rows[i]!.importance).toBeCloseTo(combined((n) => both[n]!).mean, 5);
      const excess = combined((n) => both[n]! - first[n]! - second[n]!);
      expect(comparisons[i]!.difference).toBeCloseTo(excess.mean, 5);
      expect(comparisons[i]!.sd).toBeCloseTo(excess.sd, 5);
    }
  });

  it('takes gaps about the middle', async () => {
    using model = await create();
    const { rows } = await spacing(model, { motif: 'UGCAUG', gaps: [-2, 0, 5], backgrounds });
    expect(rows.map(({ labels }) => labels)).toEqual([
      { first: 15, second: 19, gap: -2 },
      { first: 14, second: 20, gap: 0 },
      { first: 12, second: 23, gap: 5 },
    ]);
  });

  it('refuses letters that contradict each other, and two ways at once', async () => {
    using model = await create();
    const wrong = spacing(model, { motif: 'UGCAUG', pairs: [[16, 19]], backgrounds });
    await expect(wrong).rejects.toThrow(
      /UGCAUG@16 and UGCAUG@19 overlap in different letters, A and U at 19/,
    );
    await expect(spacing(model, { motif: 'UG', map: true, gaps: [1], backgrounds })).rejects.toThrow(
      ShapeError,
    );
    const wide = spacing(model, { motif: 'UGCAUG', gaps: [40], backgrounds });
    await expect(wide).rejects.toThrow(ShapeError);
    await expect(wide).rejects.toThrow(
      'UGCAUG and UGCAUG with 40 letters between them take 52 letters, and a sequence has 41',
    );
  });
});

describe('positions', () => {
  it('against the best, model by model', async () => {
    using model = await create(2);
    const positions = [0, 9, 20, 35];
    const { comparisons, facts } = await positionalBias(model, {
      motif: 'UGCAUG',
      positions,
      against: 'best',
      backgrounds,
    });
    for (const e of [0, 1]) {
      const samples = await Promise.all(
        positions.map((p) => plain(model, { [p]: 'UGCAUG' }, backgrounds, e)),
      );
      const means = samples.map((sample) => combined((n) => sample[n]!).mean);
      const best = means.indexOf(Math.max(...means));
      expect(facts[e]!.best).toBe(positions[best]);
      const own = comparisons.filter(({ model: of }) => of === e);
      for (const [i, { difference, p }] of own.entries()) {
        expect(difference).toBeCloseTo(combined((n) => samples[i]![n]! - samples[best]![n]!).mean, 5);
        if (i === best) expect(p).toBe(1);
        else expect(difference).toBeLessThan(0);
      }
    }
  });
});

describe('hairpin', () => {
  it.each([false, true])(
    'contrasts stems made again with broken ones, and places with places, G·U %s',
    async (gu) => {
      using model = await create();
      const { comparisons } = await hairpin(model, { motif: 'GCUGG', gu, backgrounds });
      const stem = { start: 5, arm: 11, loop: 6 };
      const local = (arms: 'paired' | 'broken' | 'compensated' | 'unpaired', sites: Record<number, string>) =>
        plain(model, sites, withStemLoop(backgrounds, stem, arms, { gu }));
      const loop = {
        paired: await local('paired', { 16: 'GCUGG' }),
        broken: await local('broken', { 16: 'GCUGG' }),
        compensated: await local('compensated', { 16: 'GCUGG' }),
        unpaired: await local('unpaired', { 16: 'GCUGG' }),
      };
      const inStem = {
        paired: await local('paired', { 8: 'GCUGG', 25: 'CCAGC' }),
        unpaired: await local('unpaired', { 8: 'GCUGG' }),
        opposite: await local('unpaired', { 25: 'CCAGC' }),
      };
      const found = (name: HairpinComparison) =>
        comparisons.find(({ labels }) => labels.comparison === name)!;
      const again = combined((n) => loop.compensated[n]! - loop.broken[n]!);
      expect(found('loop-compensated-minus-broken').difference).toBeCloseTo(again.mean, 5);
      expect(found('loop-compensated-minus-broken').t).toBeCloseTo(again.t, 2);
      const places = combined(
        (n) =>
          loop.paired[n]! -
          (inStem.paired[n]! - inStem.opposite[n]!) -
          (loop.unpaired[n]! - inStem.unpaired[n]!),
      );
      expect(found('paired-minus-unpaired-loop-minus-stem').difference).toBeCloseTo(places.mean, 5);
      expect(found('paired-minus-unpaired-loop-minus-stem').sd).toBeCloseTo(places.sd, 5);
    },
  );
});
