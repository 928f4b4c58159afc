/**
 * Motifs: alignment against hand-worked cases and brute force, planted matrices found again, information,
 * likeness.
 */

import { describe, expect, it } from 'vitest';
import { consensusOf, type PositionWeightMatrix, pwmFromConsensus } from '../src/data/pwm.js';
import { InvalidSequenceError, NotFiniteError, ResidualBindError, ShapeError } from '../src/device/errors.js';
import {
  alignKmers,
  compareMotifs,
  informationContent,
  informationHeights,
  kmerMotif,
  mutagenesisHeights,
  mutagenesisNorms,
  placeKmer,
  rankMotifs,
  trimMotif,
} from '../src/gia/motif/index.js';
import { allKmers } from '../src/gia/patterns/kmers.js';
import { Random } from '../src/kernels/random.js';
import { pearson } from '../src/nn/metrics.js';

const random = new Random(7, 0);
const draws = random.draws(0);

const randomPwm = (positions: number): PositionWeightMatrix =>
  Array.from({ length: positions }, () => {
    const weights = [0, 1, 2, 3].map(() => draws.uniform() ** 3 + 1e-3);
    const total = weights.reduce((sum, w) => sum + w, 0);
    return weights.map((w) => w / total) as unknown as PositionWeightMatrix[number];
  });

const expectColumnsToSumToOne = (pwm: PositionWeightMatrix) => {
  for (const column of pwm) expect(column.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
};

describe('placeKmer', () => {
  it.each([
    { kmer: 'GCUGGC', offset: 0, matches: 6, why: 'itself' },
    { kmer: 'CGCUGG', offset: -1, matches: 5, why: 'one to the left' },
    { kmer: 'CUGGCA', offset: 1, matches: 5, why: 'one to the right' },
    { kmer: 'AACUGG', offset: -1, matches: 4, why: 'a core' },
    { kmer: 'AAAAAA', offset: 0, matches: 0, why: 'nothing in common' },
    { kmer: 'gctggc', offset: 0, matches: 6, why: 'DNA in lower case' },
    { kmer: 'GG', offset: 3, matches: 2, why: 'shorter' },
    { kmer: 'AAGCUGGCAA', offset: -2, matches: 6, why: 'longer' },
    // C at 1 and C at 5: shifts of +1 and +5.
    { kmer: 'C', offset: 1, matches: 1, why: 'the smaller of two shifts' },
  ])('places $kmer on GCUGGC at $offset: $why', ({ kmer, offset, matches }) => {
    expect(placeKmer(kmer, 'GCUGGC')).toEqual({ offset, matches });
  });

  it('takes the left of two equal shifts', () => {
    expect(placeKmer('ACA', 'CUC')).toEqual({ offset: -1, matches: 1 });
  });

  it('agrees with every placement tried over padded strings', () => {
    const kmers = Array.from({ length: 60 }, () =>
      Array.from({ length: 3 + draws.below(5) }, () => 'ACGU'[draws.below(4)]).join(''),
    );
    for (const kmer of kmers) {
      const reference = kmers[draws.below(kmers.length)]!;
      const padded = `${'.'.repeat(10)}${reference}${'.'.repeat(10)}`;
      const scores = new Map<number, number>();
      for (let at = 0; at + kmer.length <= padded.length; at++) {
        scores.set(at - 10, [...kmer].filter((letter, i) => padded[at + i] === letter).length);
      }
      const most = Math.max(...scores.values());
      const shifts = [...scores.keys()].filter((shift) => scores.get(shift) === most);
      const nearest = Math.min(...shifts.map(Math.abs));
      const { offset, matches } = placeKmer(kmer, reference);
      expect(matches).toBe(most);
      if (most > 0) {
        expect(Math.abs(offset)).toBe(nearest);
        expect(offset).toBe(shifts.includes(0 - nearest) ? 0 - nearest : nearest);
      }
    }
  });

  it('refuses N and other letters', () => {
    expect(() => placeKmer('ACN', 'ACG')).toThrow(InvalidSequenceError);
    expect(() => placeKmer('ACG', 'A-G')).toThrow('k-mer "A-G": letter 2 is "-"');
    expect(() => alignKmers([])).toThrow(ShapeError);
  });
});

describe('kmerMotif', () => {
  it('weights letters by importance, the top k-mer too, and keeps every column', () => {
    // ACGU / CGUA one to the right: five columns.
    const { pwm, alignment, start } = kmerMotif([
      { pattern: 'CGUA', importance: 1 },
      { pattern: 'ACGU', importance: 3 },
    ]);
    expect(start).toBe(0);
    expect(alignment).toEqual([
      { kmer: 'ACGU', importance: 3, offset: 0, matches: 4 },
      { kmer: 'CGUA', importance: 1, offset: 1, matches: 3 },
    ]);
    const edge = 0.25 / 4;
    expect(pwm).toEqual([
      [0.75 + edge, edge, edge, edge],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
      // The last column, which only the second reaches: a quarter of the weight, the rest background.
      [0.25 + 0.75 / 4, 0.75 / 4, 0.75 / 4, 0.75 / 4],
    ]);
  });

  it('starts left of the top k-mer where another does', () => {
    const { pwm, start } = kmerMotif([
      { pattern: 'CGU', importance: 1 },
      { pattern: 'ACG', importance: 1 },
    ]);
    expect(start).toBe(-1);
    expect(consensusOf(pwm)).toBe('ACGU');
    expectColumnsToSumToOne(pwm);
  });

  it('fills up with the background that is given', () => {
    const background = [0.1, 0.2, 0.3, 0.4] as const;
    const rows = [
      { pattern: 'CGU', importance: 1 },
      { pattern: 'ACG', importance: 1 },
    ];
    expect(kmerMotif(rows, { background }).pwm[0]).toEqual([0.55, 0.1, 0.15, 0.2]);
  });

  it('aligns k-mers that raise the prediction, and only the top', () => {
    const rows = [
      { pattern: 'AAA', importance: 5 },
      { pattern: 'CCC', importance: 0 },
      { pattern: 'GGG', importance: -4 },
      { pattern: 'AAC', importance: 1 },
      { pattern: 'UUU', importance: 0.5 },
    ];
    expect(kmerMotif(rows).alignment.map(({ kmer }) => kmer)).toEqual(['AAA', 'AAC', 'UUU']);
    expect(kmerMotif(rows, { top: 2 }).alignment.map(({ kmer }) => kmer)).toEqual(['AAA', 'AAC']);
    expect(() => kmerMotif(rows.slice(1, 3))).toThrow('none of 2 k-mers raises the prediction');
    expect(() => kmerMotif([{ pattern: 'AAA', importance: Number.NaN }])).toThrow(NotFiniteError);
    expect(() => kmerMotif([{ pattern: 'A@3+C@9', importance: 1 }])).toThrow('k-mer "A@3+C@9"');
    expect(() => kmerMotif(rows, { top: 0 })).toThrow(ShapeError);
  });

  it.each(['UGCAUG', 'GCUGGC', 'UUUUUA', 'GACGAC'])(
    'finds the planted matrix of %s from log-odds over all 6-mers',
    (consensus) => {
      const planted = pwmFromConsensus(consensus);
      const rows = allKmers(6).map((pattern) => ({
        pattern,
        importance: [...pattern].reduce(
          (sum, letter, i) => sum + Math.log2(planted[i]!['ACGU'.indexOf(letter)]! / 0.25),
          0,
        ),
      }));
      const { pwm } = kmerMotif(rows, { top: 19 });
      const { r, overlap } = compareMotifs(pwm, planted);
      expect(r).toBeGreaterThan(0.9);
      expect(overlap).toBe(6);
      expectColumnsToSumToOne(pwm);
      expect(kmerMotif(rows).alignment[0]!.kmer).toBe(consensus);
      expect(compareMotifs(kmerMotif(rows).pwm, planted).r).toBeGreaterThan(0.9);
    },
  );
});

describe('trimMotif', () => {
  const pwm = [
    [0.25, 0.25, 0.25, 0.25],
    [1, 0, 0, 0],
    [0.25, 0.25, 0.25, 0.25],
    [0, 0.5, 0.5, 0],
    [0.3, 0.2, 0.25, 0.25],
  ] as const;

  it('cuts poor positions off the ends only', () => {
    expect(trimMotif(pwm, 0.5)).toEqual({ pwm: pwm.slice(1, 4), start: 1 });
    expect(trimMotif(pwm, 1.5)).toEqual({ pwm: pwm.slice(1, 2), start: 1 });
    expect(trimMotif(pwm, 0)).toEqual({ pwm, start: 0 });
    expect(() => trimMotif(pwm.slice(0, 1), 0.5)).toThrow(ResidualBindError);
    expect(() => trimMotif(pwm, Number.NaN)).toThrow(ShapeError);
  });

  it('moves the start with it', () => {
    const rows = [
      { pattern: 'CGU', importance: 9 },
      { pattern: 'ACG', importance: 1 },
    ];
    expect(kmerMotif(rows).start).toBe(-1);
    expect(kmerMotif(rows, { trim: 0.5 })).toMatchObject({ start: 0, pwm: { length: 3 } });
  });
});

describe('information', () => {
  it('is 2 bits for one letter, 1 for two, 0 for none', () => {
    const pwm = [
      [1, 0, 0, 0],
      [0, 0.5, 0, 0.5],
      [0.25, 0.25, 0.25, 0.25],
      [0.5, 0.25, 0.125, 0.125],
    ] as const;
    expect(informationContent(pwm)).toEqual([2, 1, 0, 0.25]);
    expect(informationHeights(pwm)[1]).toEqual([0, 0.5, 0, 0.5]);
    expect(informationHeights(pwm)[3]).toEqual([0.125, 0.0625, 0.03125, 0.03125]);
  });

  it('gives mutagenesis logos the L2 norm, with its root', () => {
    // [4, 2]: rows A, C, G, U.
    const scores = [0, -3, -2, 0, -1, -4, -2, 0];
    expect(Array.from(mutagenesisNorms(scores))).toEqual([3, 5]);
    expect(mutagenesisHeights('AC', scores)).toEqual([
      [3, 0, 0, 0],
      [0, 5, 0, 0],
    ]);
    expect(mutagenesisHeights('tn', scores)).toEqual([
      [0, 0, 0, 3],
      [0, 0, 0, 0],
    ]);
    expect(() => mutagenesisHeights('ACG', scores)).toThrow(ShapeError);
    expect(() => mutagenesisNorms([1, 2, 3])).toThrow(ShapeError);
    expect(() => mutagenesisNorms([])).toThrow(ShapeError);
    expect(() => mutagenesisNorms([0, 1, 2, Number.NaN])).toThrow('score of U at position 1 is NaN');
  });
});

describe('compareMotifs', () => {
  it('agrees with Pearson over every placement, in both directions', () => {
    for (let trial = 0; trial < 40; trial++) {
      const x = randomPwm(4 + draws.below(6));
      const y = randomPwm(4 + draws.below(6));
      const least = Math.min(5, x.length, y.length);
      let most = -2;
      for (let offset = -y.length; offset <= x.length; offset++) {
        const pairs = y.flatMap((column, j) => (x[j + offset] ? [[x[j + offset]!, column] as const] : []));
        if (pairs.length < least) continue;
        const [a, b] = [pairs.flatMap(([left]) => left), pairs.flatMap(([, right]) => right)];
        most = Math.max(most, pearson(a, b));
      }
      const found = compareMotifs(x, y);
      expect(found.r).toBeCloseTo(most, 10);
      const back = compareMotifs(y, x);
      expect(back.r).toBeCloseTo(most, 10);
      expect(back.offset).toBe(0 - found.offset);
    }
  });

  it('finds a part of itself where it was cut', () => {
    const pwm = randomPwm(9);
    expect(compareMotifs(pwm, pwm.slice(3, 8))).toEqual({ r: 1, offset: 3, overlap: 5 });
    expect(compareMotifs(pwm.slice(3, 8), pwm)).toEqual({ r: 1, offset: -3, overlap: 5 });
  });

  it('does not reverse: the complement of the strand is another motif', () => {
    const forward = pwmFromConsensus('GGAACC');
    expect(compareMotifs(forward, pwmFromConsensus('GGUUCC'), 6).r).toBeLessThan(0.7);
    expect(compareMotifs(forward, pwmFromConsensus('CCAAGG'), 6).r).toBeLessThan(0.7);
  });

  it('has no correlation with a uniform motif', () => {
    const third = 1 / 3;
    const flat = [third, third, third].map(() => [0.1, 0.1, 0.1, 0.1].map((p) => p / 0.4)) as never;
    expect(compareMotifs(randomPwm(5), flat)).toEqual({ r: Number.NaN, offset: 0, overlap: 3 });
    expect(() => compareMotifs([], flat)).toThrow(ShapeError);
    expect(() => compareMotifs(flat, flat, 0)).toThrow(ShapeError);
  });

  it('ranks a motif without correlation last, even below one that disagrees', () => {
    const flat = pwmFromConsensus('AAAAA').map(() => [0.25, 0.25, 0.25, 0.25] as const);
    const pwm = pwmFromConsensus('AAAAA');
    const ranked = rankMotifs(pwm, [
      { name: 'flat', pwm: flat },
      { name: 'opposite', pwm: pwmFromConsensus('CCCCC') },
    ]);
    expect(ranked.map(({ motif }) => motif.name)).toEqual(['opposite', 'flat']);
    expect(ranked[0]!.similarity.r).toBeLessThan(0);
    expect(ranked[1]!.similarity.r).toBeNaN();
  });

  it('ranks the likest first, equals in the order given', () => {
    const pwm = pwmFromConsensus('UGCAUG');
    const motifs = ['AAAAAA', 'UGCAUG', 'UGCAUC', 'AUGCAU', 'UGCAUG'].map((consensus, i) => ({
      name: `${consensus}-${i}`,
      pwm: pwmFromConsensus(consensus),
    }));
    const ranked = rankMotifs(pwm, motifs);
    expect(ranked.map(({ motif }) => motif.name).slice(0, 3)).toEqual(['UGCAUG-1', 'UGCAUG-4', 'AUGCAU-3']);
    expect(ranked.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5]);
    expect(ranked.at(-1)!.motif.name).toBe('AAAAAA-0');
    expect(ranked[2]!.similarity).toMatchObject({ r: 1, offset: -1, overlap: 5, strand: '+' });
  });
});
