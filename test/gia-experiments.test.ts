/**
 * Experiments against plain loops over predictions of sequences embedded by hand; paired effects and lines.
 */

import { describe, expect, it } from 'vitest';
import { ALPHABET } from '../src/data/sequences/letters.js';
import { FormatError, NotFiniteError, ShapeError } from '../src/device/errors.js';
import { type Backgrounds, makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import { affinity, parseAffinities } from '../src/gia/experiments/affinity.js';
import { gcBias } from '../src/gia/experiments/gc-bias.js';
import { type HairpinComparison, hairpin } from '../src/gia/experiments/hairpin.js';
import { EXPERIMENTS, runAll } from '../src/gia/experiments/index.js';
import { multiplicity } from '../src/gia/experiments/multiplicity.js';
import { kmerMutagenesis } from '../src/gia/experiments/mutagenesis.js';
import { positionalBias } from '../src/gia/experiments/positions.js';
import { spacing } from '../src/gia/experiments/spacing.js';
import { partnerOf, type StemLoop, withStemLoop } from '../src/gia/experiments/stem-loops.js';
import { differences, effectOf, leastSquares } from '../src/gia/statistics/paired.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { useGpu } from './support/gpu.js';

const gpu = useGpu();
const LENGTH = 41;
const backgrounds = makeBackgrounds({ kind: 'uniform', count: 12, length: LENGTH, seed: 7 });
const create = (models = 1) => ResidualBind.create(gpu(), { filters: 12, hidden: 20, models, seed: 3 });

/** Local importances [E][N] of sites written by hand over given backgrounds. */
async function plain(
  model: ResidualBind,
  sites: readonly (readonly [letters: string, position: number])[],
  { codes, count }: Backgrounds = backgrounds,
): Promise<number[][]> {
  const written = codes.slice();
  for (let n = 0; n < count; n++)
    for (const [letters, position] of sites)
      Array.from(letters).forEach((letter, i) => {
        written[n * LENGTH + position + i] = ALPHABET.indexOf(letter);
      });
  const [base, embedded] = [await model.predict({ codes }), await model.predict({ codes: written })];
  return Array.from({ length: model.models }, (_, e) =>
    Array.from({ length: count }, (_, n) => embedded[e * count + n]! - base[e * count + n]!),
  );
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const add = (...samples: readonly (readonly number[])[]): number[] =>
  samples[0]!.map((_, n) => samples.reduce((sum, sample) => sum + sample[n]!, 0));
const minus = (a: readonly number[], b: readonly number[]): number[] => a.map((x, n) => x - b[n]!);

describe('effectOf', () => {
  it('is the paired t test: sleep data of Student (1908), as R prints it', () => {
    const one = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
    const two = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
    const effect = effectOf(differences(one, two), 'sleep');
    expect(effect.t).toBeCloseTo(-4.0621, 4);
    expect(effect.p).toBeCloseTo(0.002833, 6);
    expect(effect.ciLow).toBeCloseTo(-2.4598858, 6);
    expect(effect.ciHigh).toBeCloseTo(-0.7001142, 6);
    expect(effect.d).toBeCloseTo(-4.0621277 / Math.sqrt(10), 6);
    expect(() => differences([1], [1, 2])).toThrow(ShapeError);
    expect(() => effectOf([1, Number.NaN], 'here')).toThrow(NotFiniteError);
  });
});

describe('leastSquares', () => {
  it('is the line of Anscombe’s first quartet, as published', () => {
    const x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
    const y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
    const line = leastSquares(x, y);
    expect(line.slope).toBeCloseTo(0.50009, 5);
    expect(line.intercept).toBeCloseTo(3.00009, 5);
    expect(line.r2).toBeCloseTo(0.66654, 5);
    expect(line.p).toBeCloseTo(0.00217, 5);
  });

  it('knows perfect, flat and impossible lines', () => {
    expect(leastSquares([1, 2, 3], [2, 4, 6])).toMatchObject({
      slope: 2,
      intercept: 0,
      r2: 1,
      r: 1,
      p: Number.MIN_VALUE,
    });
    expect(leastSquares([1, 2, 3], [5, 5, 5])).toMatchObject({
      slope: 0,
      r2: Number.NaN,
      r: Number.NaN,
      p: Number.NaN,
    });
    expect(leastSquares([1, 2], [3, 1])).toMatchObject({
      slope: -2,
      r2: Number.NaN,
      r: Number.NaN,
      p: Number.NaN,
      points: 2,
    });
    // 0.1 ten times has a rounded mean; it is flat all the same.
    const flat = leastSquares([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], new Array<number>(10).fill(0.1));
    expect(flat).toMatchObject({ slope: 0, intercept: 0.1, r: Number.NaN });
    // Flat, yet not constant: the slope is 0 and its interval is not.
    const vee = leastSquares([1, 2, 3], [1, 0, 1]);
    expect(vee).toMatchObject({ slope: 0, r: 0, r2: 0, p: 1, points: 3 });
    expect(vee.slopeCiHigh).toBeCloseTo(12.706204736 * Math.sqrt(2 / 3 / 2), 8);
    expect(() => leastSquares([1, 1], [2, 3])).toThrow(ShapeError);
    expect(() => leastSquares([1], [2])).toThrow(ShapeError);
    expect(() => leastSquares([1, 2], [2, Number.NaN])).toThrow(NotFiniteError);
  });
});

describe('withStemLoop', () => {
  const stem: StemLoop = { start: 5, arm: 11, loop: 6 };
  const letter = (set: Backgrounds, n: number, p: number) => ALPHABET[set.codes[n * LENGTH + p]!]!;
  const PAIRS = ['AU', 'UA', 'CG', 'GC'];

  it('pairs the paper’s positions, 1-based 6-16 with 23-33, and changes nothing else', () => {
    expect(partnerOf(stem, 5)).toBe(32);
    expect(partnerOf(stem, 15)).toBe(22);
    const before = backgrounds.codes.slice();
    for (const arms of ['paired', 'compensated', 'broken'] as const) {
      const set = withStemLoop(backgrounds, stem, arms);
      for (let n = 0; n < 12; n++) {
        for (let p = 0; p < LENGTH; p++) {
          const pair = letter(set, n, p) + letter(set, n, partnerOf(stem, p));
          const inLeft = p >= 5 && p < 16;
          if (inLeft && arms === 'broken') expect(['AA', 'CC', 'GG', 'UU']).toContain(pair);
          else if (inLeft) expect(PAIRS).toContain(pair);
          const isChanged = set.codes[n * LENGTH + p] !== backgrounds.codes[n * LENGTH + p];
          if (p < 5 || (p >= 16 && p < 22) || p > 32) expect(isChanged).toBe(false);
          if (inLeft) expect(isChanged).toBe(arms === 'compensated');
        }
      }
    }
    expect(backgrounds.codes).toEqual(before);
    expect(withStemLoop(backgrounds, stem, 'unpaired')).toBe(backgrounds);
  });

  it('takes G with U where asked, only where it can be', () => {
    const set = withStemLoop(backgrounds, stem, 'paired', { gu: true });
    const pairs = Array.from({ length: 12 * 11 }, (_, i) => {
      const [n, p] = [Math.floor(i / 11), 5 + (i % 11)];
      return letter(set, n, p) + letter(set, n, partnerOf(stem, p));
    });
    expect(pairs.every((pair) => [...PAIRS, 'GU', 'UG'].includes(pair))).toBe(true);
    expect(pairs).toContain('GU');
    expect(pairs).toContain('GC');
  });

  it.each([
    { start: 10, arm: 14, loop: 6 },
    { start: 5, arm: 11, loop: 2 },
    { start: -1, arm: 3, loop: 4 },
    { start: 0, arm: 0, loop: 4 },
  ])('refuses %o', (impossible) => {
    expect(() => withStemLoop(backgrounds, impossible, 'paired')).toThrow(ShapeError);
  });
});

describe('experiments', () => {
  it('mutagenesis: all variants, and heights by the L2 norm with its root', async () => {
    using model = await create(2);
    const result = await kmerMutagenesis(model, { motif: 'GCA', position: 9, backgrounds });
    expect(result.rows).toHaveLength(2 * 10);
    expect(result.comparisons).toHaveLength(2 * 9);
    const whole = await plain(model, [['GCA', 9]]);
    for (const e of [0, 1]) {
      const squares = [0, 0, 0];
      for (const { labels, difference } of result.comparisons.filter(({ model: of }) => of === e)) {
        const expected = mean(minus((await plain(model, [[labels.pattern, 9]]))[e]!, whole[e]!));
        expect(difference).toBeCloseTo(expected, 5);
        squares[labels.position]! += expected ** 2;
      }
      const { heights } = result.facts[e]!;
      expect(heights).toHaveLength(3);
      for (const [place, height] of heights.entries())
        expect(height).toBeCloseTo(Math.sqrt(squares[place]!), 5);
    }
  });

  it('multiplicity: copies, their line, and what adding up would give', async () => {
    using model = await create();
    const result = await multiplicity(model, { motif: 'UGCA', positions: [3, 12, 30], backgrounds });
    const singles = await Promise.all([3, 12, 30].map((p) => plain(model, [['UGCA', p]])));
    const three = (
      await plain(model, [
        ['UGCA', 3],
        ['UGCA', 12],
        ['UGCA', 30],
      ])
    )[0]!;
    expect(result.rows.map(({ labels }) => labels.copies)).toEqual([1, 2, 3]);
    expect(result.rows[0]!.importance).toBeCloseTo(mean(singles[0]![0]!), 5);
    expect(result.rows[2]!.importance).toBeCloseTo(mean(three), 5);
    const excess = minus(three, add(...singles.map(([sample]) => sample!)));
    expect(result.comparisons[1]!.difference).toBeCloseTo(mean(excess), 5);
    expect(result.comparisons[1]!.t).toBeCloseTo(effectOf(excess, 'excess').t, 2);
    const { slope, r2 } = leastSquares(
      [1, 2, 3],
      result.rows.map(({ importance }) => importance),
    );
    expect(result.facts[0]).toMatchObject({ slope, r2, points: 3 });
  });

  it('multiplicity: what a copy adds, against the same copy alone at the same place', async () => {
    using model = await create();
    const positions = [3, 12, 30];
    const result = await multiplicity(model, { motif: 'UGCA', positions, backgrounds });
    const sites = positions.map((p) => ['UGCA', p] as const);
    const together = await Promise.all(
      [1, 2, 3].map(async (n) => (await plain(model, sites.slice(0, n)))[0]!),
    );
    const alone = await Promise.all(sites.map(async (site) => (await plain(model, [site]))[0]!));
    const added = together.map((sample, i) => (i === 0 ? sample : minus(sample, together[i - 1]!)));
    for (const [i, { more }] of result.rows.entries()) {
      expect(more.position).toBe(positions[i]);
      for (const [name, samples] of [
        ['added', added],
        ['alone', alone],
      ] as const) {
        const { mean: of, ciLow, ciHigh } = effectOf(samples[i]!, name);
        expect(more[name]).toBeCloseTo(of, 5);
        expect(more[`${name}CiLow`]).toBeCloseTo(ciLow, 5);
        expect(more[`${name}CiHigh`]).toBeCloseTo(ciHigh, 5);
      }
    }
    expect(result.comparisons.map(({ labels }) => `${labels.comparison}, ${labels.copies}`)).toEqual([
      'together-minus-sum, 2',
      'together-minus-sum, 3',
      'added-minus-alone, 3',
    ]);
    const { difference, ciLow } = result.comparisons[2]!;
    const expected = effectOf(minus(added[2]!, alone[2]!), 'third');
    expect(difference).toBeCloseTo(expected.mean, 5);
    expect(ciLow).toBeCloseTo(expected.ciLow, 5);
    const one = multiplicity(model, { motif: 'UGCA', positions: [3], backgrounds });
    await expect(one).rejects.toThrow('at least 2 positions to compare copies, not 1');
  });

  it('spacing: every gap about the middle, and every pair of positions', async () => {
    using model = await create();
    const result = await spacing(model, { motif: 'UGCA', second: 'GG', backgrounds });
    expect(result.rows.map(({ labels }) => labels.gap)).toEqual(Array.from({ length: 36 }, (_, gap) => gap));
    const { first, second } = result.comparisons[5]!.labels;
    expect(second - first - 4).toBe(5);
    const both = (
      await plain(model, [
        ['UGCA', first],
        ['GG', second],
      ])
    )[0]!;
    const alone = add(
      (await plain(model, [['UGCA', first]]))[0]!,
      (await plain(model, [['GG', second]]))[0]!,
    );
    expect(result.rows[5]!.importance).toBeCloseTo(mean(both), 5);
    expect(result.comparisons[5]!.difference).toBeCloseTo(mean(minus(both, alone)), 5);
    const long = await spacing(model, { motif: 'UGCAUGCAUGCAUGC', map: true, backgrounds });
    // Free letters: 11, so 12 * 13 / 2 places.
    expect(long.rows).toHaveLength(78);
    expect(new Set(long.rows.map(({ labels }) => `${labels.first},${labels.second}`)).size).toBe(78);
  });

  it('positions: each against the mean over all', async () => {
    using model = await create();
    const result = await positionalBias(model, { motif: 'UGCAU', positions: [0, 17, 36], backgrounds });
    const samples = await Promise.all([0, 17, 36].map(async (p) => (await plain(model, [['UGCAU', p]]))[0]!));
    const middle = add(...samples).map((sum) => sum / 3);
    samples.forEach((sample, i) => {
      expect(result.rows[i]!.importance).toBeCloseTo(mean(sample), 5);
      expect(result.comparisons[i]!.difference).toBeCloseTo(mean(minus(sample, middle)), 5);
    });
    const means = samples.map(mean);
    expect(result.facts[0]!.range).toBeCloseTo(Math.max(...means) - Math.min(...means), 5);
    expect((await positionalBias(model, { motif: 'UGCAU', backgrounds })).rows).toHaveLength(37);
  });

  it('gc: ratios over the motif alone, by end', async () => {
    using model = await create();
    const result = await gcBias(model, { motif: 'UGCAUG', backgrounds });
    const at = async (...sites: [string, number][]) => (await plain(model, sites))[0]!;
    const motif = await at(['UGCAUG', 17]);
    const five = await at(['GCGCGC', 0], ['UGCAUG', 17]);
    const three = await at(['GCGCGC', 34], ['UGCAUG', 17]);
    const effects = [mean(five) / mean(motif), mean(three) / mean(motif)];
    const { effect5, effect3, difference } = result.facts[0]!;
    expect(effect5).toBeCloseTo(effects[0]!, 3);
    expect(effect3).toBeCloseTo(effects[1]!, 3);
    expect(difference).toBeCloseTo(effects[0]! - effects[1]!, 3);
    const ends = result.comparisons.find(({ labels }) => labels.comparison === 'with-gc5-minus-with-gc3')!;
    expect(ends.difference).toBeCloseTo(mean(minus(five, three)), 5);
    const both = result.comparisons.find(({ labels }) => labels.comparison === 'with-gc3-minus-sum')!;
    expect(both.difference).toBeCloseTo(mean(minus(three, add(motif, await at(['GCGCGC', 34])))), 5);
  });

  it('hairpin: each place in its own backgrounds, partners written where the stem pairs', async () => {
    using model = await create();
    const result = await hairpin(model, { motif: 'GCUGG', backgrounds });
    const stem = { start: 5, arm: 11, loop: 6 };
    const expected: Record<string, number[]> = {};
    // GCUGG at 8-12 stands opposite 25-29: CCAGC where they pair, GGUCG where they do not.
    const opposite = { paired: 'CCAGC', compensated: 'CCAGC', broken: 'GGUCG', unpaired: '' };
    for (const letters of ['CCAGC', 'GGUCG'])
      expected[`opposite unpaired ${letters}`] = (await plain(model, [[letters, 25]], backgrounds))[0]!;
    for (const arms of ['paired', 'broken', 'compensated', 'unpaired'] as const) {
      const set = withStemLoop(backgrounds, stem, arms);
      const inStem = [
        ['GCUGG', 8],
        [opposite[arms], 25],
      ] as const;
      expected[`loop ${arms} GCUGG`] = (await plain(model, [['GCUGG', 16]], set))[0]!;
      const whole = (await plain(model, inStem, set))[0]!;
      const alone = expected[`opposite unpaired ${opposite[arms]}`];
      expected[`stem ${arms} GCUGG`] = alone ? minus(whole, alone) : whole;
    }
    expect(result.rows).toHaveLength(10);
    for (const { labels, importance } of result.rows) {
      const { place, arms, letters } = labels;
      expect(importance).toBeCloseTo(mean(expected[`${place} ${arms} ${letters}`]!), 5);
    }
    const named = (comparison: HairpinComparison) =>
      result.comparisons.find(({ labels }) => labels.comparison === comparison)!.difference;
    const overStem = (arms: string) =>
      minus(expected[`loop ${arms} GCUGG`]!, expected[`stem ${arms} GCUGG`]!);
    expect(named('paired-loop-minus-stem')).toBeCloseTo(mean(overStem('paired')), 5);
    expect(named('paired-minus-unpaired-loop-minus-stem')).toBeCloseTo(
      mean(minus(overStem('paired'), overStem('unpaired'))),
      5,
    );
    expect(named('loop-paired-minus-unpaired')).toBeCloseTo(
      mean(minus(expected['loop paired GCUGG']!, expected['loop unpaired GCUGG']!)),
      5,
    );
    await expect(hairpin(model, { motif: 'GCUGGCC', stem, backgrounds })).rejects.toThrow(
      /must fit the loop/,
    );
  });

  it('affinity: the line over ln K_D', async () => {
    using model = await create();
    const measured = [
      { letters: 'UGCAUGU', kd: 0.83 },
      { letters: 'AGCAUGU', kd: 4.8 },
      { letters: 'UACAUGU', kd: 350 },
    ];
    const result = await affinity(model, { measured, backgrounds });
    const means = await Promise.all(
      measured.map(async ({ letters }) => mean((await plain(model, [[letters, 17]]))[0]!)),
    );
    const line = leastSquares(
      measured.map(({ kd }) => Math.log(kd)),
      means,
    );
    expect(result.facts[0]!.slope).toBeCloseTo(line.slope, 5);
    expect(result.facts[0]!.r2).toBeCloseTo(line.r2, 3);
  });

  it('all: one after the other, with q over the comparisons of each', async () => {
    using model = await create();
    const seen: string[] = [];
    const results = await runAll(model, { motif: 'UGCAU', backgrounds }, ({ experiment }) =>
      seen.push(experiment),
    );
    expect(seen).toEqual(Object.keys(EXPERIMENTS));
    expect(results.map(({ experiment }) => experiment)).toEqual(seen);
    for (const { comparisons, rows } of results) {
      expect(rows.length).toBeGreaterThan(0);
      for (const { p, q } of comparisons) expect(q).toBeGreaterThanOrEqual(p);
    }
  });
});

describe('parseAffinities', () => {
  it('reads commas and tabs, with and without a header', () => {
    const expected = [
      { letters: 'UGCAUGU', kd: 0.83 },
      { letters: 'AGC', kd: 4.8 },
      { letters: 'CGC', kd: 280 },
    ];
    expect(parseAffinities('pattern,KD_nM\nUGCAUGU,0.83\nAGC,4.8\nCGC,2.8e2\n')).toEqual(expected);
    expect(parseAffinities('# K_D\nUGCAUGU\t0.83\nAGC\t4.8\nCGC\t280')).toEqual(expected);
  });

  it.each([
    ['pattern,kd\nUGC,1\nUXC,2\nA,3\n', /kd\.csv:3: "UXC"/],
    ['UGC,1\nAGC,-2\nA,3\n', /kd\.csv:2: K_D "-2"/],
    ['UGC,1\nAGC\nA,3\n', /kd\.csv:2: expected 2 columns, found 1/],
    ['UGC,1\n', /kd\.csv: 1 affinity;/],
  ])('refuses %j', (text, message) => {
    expect(() => parseAffinities(text, 'kd.csv')).toThrow(FormatError);
    expect(() => parseAffinities(text, 'kd.csv')).toThrow(message);
  });
});
