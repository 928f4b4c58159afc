/**
 * p and E values of motifs' likeness: against enumeration, calibrated, and deaf to motifs without
 * information.
 */

import { describe, expect, it } from 'vitest';
import { type PositionWeightMatrix, pwmFromConsensus } from '../src/data/pwm.js';
import { ArgumentError, ShapeError } from '../src/device/errors.js';
import { type RankOptions, rankMotifs, reverseComplement } from '../src/gia/motif/index.js';
import { Random } from '../src/kernels/random.js';

type Column = PositionWeightMatrix[number];

const draws = new Random(11, 0).draws(0);

/** From nearly uniform (sharpness 0) to nearly certain. */
function randomColumn(sharpness: number): Column {
  const weights = [0, 1, 2, 3].map(() => Math.exp(sharpness * 4 * draws.uniform()));
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / sum) as never;
}
const randomPwm = (k: number, sharpness = 2): Column[] =>
  Array.from({ length: k }, () => randomColumn(sharpness));
const named = (pwms: readonly PositionWeightMatrix[]) => pwms.map((pwm, i) => ({ name: `m${i}`, pwm }));

/** The score as docs/motifs.md states it. */
function scoreOf(q: Column, t: Column): number {
  const bits = q.reduce((sum, p) => (p > 0 ? sum + p * Math.log2(p) : sum), 2);
  const distance = (a: readonly number[], b: readonly number[]) =>
    Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0));
  return Math.round((bits / 2) * 100 * (distance(q, [0.25, 0.25, 0.25, 0.25]) - distance(q, t)));
}

/** The p value of a motif's best placement by enumeration of all columns that chance could put there. */
function enumerated(
  pwm: PositionWeightMatrix,
  known: PositionWeightMatrix,
  columns: readonly Column[],
  least: number,
) {
  let [lowest, placements] = [1, 0];
  for (let offset = least - known.length; offset <= pwm.length - least; offset++) {
    placements++;
    const covered = pwm.flatMap((column, i) =>
      known[i - offset] ? [[column, known[i - offset]!] as const] : [],
    );
    const score = covered.reduce((sum, [q, t]) => sum + scoreOf(q, t), 0);
    if (score <= 0) continue;
    let sums = [0];
    for (const [q] of covered)
      sums = sums.flatMap((sum) => columns.map((column) => sum + scoreOf(q, column)));
    lowest = Math.min(lowest, sums.filter((sum) => sum >= score).length / sums.length);
  }
  return 1 - (1 - lowest) ** placements;
}

describe('p values of rankMotifs', () => {
  it('equal those of all combinations of columns', () => {
    for (let trial = 0; trial < 15; trial++) {
      const pwm = randomPwm(3 + draws.below(2), 1);
      const motifs = named([randomPwm(3, 1), randomPwm(4, 1), [...pwm.slice(1), randomColumn(1)]]);
      const columns = motifs.flatMap((motif) => motif.pwm);
      const least = 2 + draws.below(2);
      for (const { motif, similarity } of rankMotifs(pwm, motifs, { minimumOverlap: least })) {
        const p = enumerated(pwm, motif.pwm, columns, Math.min(least, pwm.length, motif.pwm.length));
        expect(similarity.p).toBeCloseTo(p, 9);
        expect(similarity.eValue).toBeCloseTo(3 * p, 9);
        expect(similarity.q).toBeGreaterThanOrEqual(similarity.p);
      }
    }
  });

  it('of motifs made of the same columns at random are small no more often than chance says', () => {
    const motifs = named(Array.from({ length: 40 }, () => randomPwm(5 + draws.below(4))));
    const columns = motifs.flatMap(({ pwm }) => pwm);
    const p = Array.from({ length: 25 }, () => {
      const query = Array.from({ length: 7 }, () => columns[draws.below(columns.length)]!);
      return rankMotifs(query, motifs).map(({ similarity }) => similarity.p);
    }).flat();
    for (const level of [0.2, 0.05, 0.01]) {
      const share = p.filter((value) => value <= level).length / p.length;
      // 1,000 motifs, of which those with one query depend on one another.
      expect(share).toBeLessThan(level + 4 * Math.sqrt(level / p.length));
    }
    expect(p.filter((value) => value <= 0.2).length / p.length).toBeGreaterThan(0.05);
  });
});

describe('rankMotifs', () => {
  it('puts every motif itself first, ahead of sharper and of blurred forms of it', () => {
    const motifs = Array.from({ length: 30 }, () => randomPwm(7, 1.5));
    const blurred = motifs.map((pwm) =>
      pwm.map((column) => column.map((p) => (p + 0.25) / 2) as never as Column),
    );
    const sharper = motifs.map((pwm) =>
      pwm.map((column) => {
        const sum = column.reduce((total, p) => total + p * p, 0);
        return column.map((p) => (p * p) / sum) as never as Column;
      }),
    );
    const all = named([...blurred, ...sharper, ...motifs]);
    motifs.forEach((pwm, i) => {
      const [first] = rankMotifs(pwm, all);
      expect(first!.motif.name).toBe(`m${60 + i}`);
      expect(first!.similarity).toMatchObject({ offset: 0, overlap: 7 });
      expect(first!.similarity.r).toBeCloseTo(1, 12);
      expect(first!.similarity.eValue).toBeLessThan(0.01);
    });
  });

  it('never puts a motif of little information first by chance', () => {
    const flat = Array.from({ length: 20 }, () => randomPwm(9, 0.05));
    const sharp = Array.from({ length: 40 }, () => randomPwm(7));
    const all = named([...flat, ...sharp]);
    for (let trial = 0; trial < 40; trial++) {
      // Three letters that matter, between positions that hardly do, as at the ends of aligned k-mers.
      const query = [...randomPwm(2, 0.1), ...randomPwm(4), ...randomPwm(3, 0.1)];
      const ranked = rankMotifs(query, all);
      expect(Number(ranked[0]!.motif.name.slice(1))).toBeGreaterThanOrEqual(20);
      const ofFlat = ranked.filter(({ motif }) => Number(motif.name.slice(1)) < 20);
      expect(Math.min(...ofFlat.map(({ similarity }) => similarity.eValue))).toBeGreaterThan(5);
    }
  });

  it('finds nothing like a query without information', () => {
    const flat = Array.from({ length: 10 }, () => randomPwm(8, 0.02));
    const all = named([...flat, ...Array.from({ length: 10 }, () => randomPwm(7))]);
    for (const { similarity } of rankMotifs(randomPwm(8, 0.02), all)) expect(similarity.p).toBe(1);
    for (const { similarity } of rankMotifs(flat[0]!, all)) expect(similarity.p).toBe(1);
  });

  it('takes the other strand on request', () => {
    const query = pwmFromConsensus('GGAGGUU');
    const all = named([reverseComplement(query), ...Array.from({ length: 20 }, () => randomPwm(7))]);
    const both: RankOptions = { bothStrands: true };
    expect(rankMotifs(query, all, both)[0]).toMatchObject({
      motif: all[0],
      similarity: { strand: '-', offset: 0 },
    });
    expect(rankMotifs(query, all, both)[0]!.similarity.eValue).toBeLessThan(0.01);
    expect(rankMotifs(query, all).every(({ similarity }) => similarity.strand === '+')).toBe(true);
    expect(rankMotifs(query, all).find(({ motif }) => motif === all[0])!.similarity.eValue).toBeGreaterThan(
      0.1,
    );
  });

  it('is fast and exact for long motifs', () => {
    const query = randomPwm(40);
    const [first] = rankMotifs(query, named([query, ...Array.from({ length: 50 }, () => randomPwm(12))]));
    expect(first!.motif.name).toBe('m0');
    expect(first!.similarity.p).toBeGreaterThan(0);
    expect(first!.similarity.p).toBeLessThan(1e-20);
  });

  it('refuses motifs without positions, and bad options', () => {
    const pwm = randomPwm(5);
    expect(() => rankMotifs([], named([pwm]))).toThrow(ShapeError);
    expect(() => rankMotifs(pwm, named([[]]))).toThrow(ShapeError);
    expect(() => rankMotifs(pwm, named([pwm]), { minimumOverlap: 0 })).toThrow(ArgumentError);
    expect(rankMotifs(pwm, [])).toEqual([]);
  });
});
