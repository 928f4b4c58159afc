/**
 * Statistics that a small slip would bend without anybody noticing: corrections, tails, and how tables call
 * their columns.
 */

import { describe, expect, it } from 'vitest';
import { topPatterns } from '../src/gia/adaptive.js';
import { makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import { kmerPatterns } from '../src/gia/importance.js';
import { bootstrapIntervals } from '../src/gia/statistics/bootstrap.js';
import { fitLine } from '../src/gia/statistics/line.js';
import { leastSquares } from '../src/gia/statistics/paired.js';
import { falseDiscoveryRates, LEAST_P, summarise, twoSided } from '../src/gia/statistics/statistics.js';
import { columnName, flatRow, namedResult } from '../src/gia/tables/column-names.js';
import { columnsOf, giaTable, toJson, toTsv } from '../src/gia/tables/table.js';
import { encodeTable } from '../src/gia/tables/table-files.js';
import { Random, STREAM } from '../src/kernels/random.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { useGpu } from './support/gpu.js';

const gpu = useGpu();

describe('q', () => {
  it('corrects for all hypotheses that were tested, also for those that are not given', () => {
    expect(Array.from(falseDiscoveryRates([0.01, 0.02], 10))).toEqual([0.1, 0.1]);
    expect(Array.from(falseDiscoveryRates([0.01, 0.02]))).toEqual([0.02, 0.02]);
    expect(Array.from(falseDiscoveryRates([0.5, 0.02], 10))).toEqual([1, 0.2]);
  });

  it('is never below p, by rounding either', () => {
    for (let n = 1; n < 40; n++) {
      const p = Array.from({ length: n }, (_, i) => 0.9539982997941456 - i / 97);
      const q = falseDiscoveryRates(p);
      for (const [i, value] of p.entries()) expect(q[i]).toBeGreaterThanOrEqual(value);
    }
  });

  it('of the top patterns is that of a search among all', async () => {
    using model = await ResidualBind.create(gpu(), { filters: 4, hidden: 4, seed: 2 });
    const patterns = kmerPatterns(2, 17, 41);
    const backgrounds = makeBackgrounds({ kind: 'uniform', count: 16, length: 41, seed: 3 });
    const { models } = await topPatterns(model, patterns, backgrounds, { top: 3, first: 8 });
    const { patterns: top, ...moments } = models[0]!;
    const { rows } = await giaTable(top, { ...moments, n: 16, hypotheses: patterns.length });
    const p = rows.map((row) => row.p).sort((a, b) => a - b);
    // Step by step from the largest: q = min over those no smaller of p * 16 / rank.
    for (const row of rows) {
      const expected = Math.min(1, ...p.map((value, i) => (value >= row.p ? (value * 16) / (i + 1) : 1)));
      expect(row.q).toBeCloseTo(expected, 14);
      expect(row.q).toBeGreaterThan(row.p);
    }
  });
});

describe('p', () => {
  it('never rounds to 0', () => {
    expect(summarise({ mean: 4e3, variance: 1, n: 1000 }, 'here').p).toBe(LEAST_P);
    expect(twoSided(Number.NEGATIVE_INFINITY, 9)).toBe(LEAST_P);
    expect(LEAST_P).toBeGreaterThan(0);
    expect(twoSided(2, 10)).toBeCloseTo(0.0733880347707407, 12);
    expect(twoSided(0, 10)).toBe(1);
    expect(twoSided(Number.NaN, 10)).toBeNaN();
  });

  it('is above 0 in every table, and so is q', async () => {
    const table = await giaTable(['AA', 'CC'], {
      mean: [5e3, 1e-3],
      variance: [1, 1],
      min: [0, 0],
      max: [9e3, 1],
      n: 1000,
    });
    const [header, first] = toTsv(table)
      .split('\n')
      .map((line) => line.split('\t'));
    for (const column of ['p', 'q']) {
      expect(table.rows[0]![column as 'p' | 'q']).toBeGreaterThan(0);
      expect(Number(first![header!.indexOf(column)])).toBeGreaterThan(0);
      expect(JSON.parse(toJson(table, {})).rows[0][column]).toBeGreaterThan(0);
    }
  });
});

describe('lines', () => {
  it('through two points or one value have no correlation', () => {
    expect(fitLine([1, 2], [3, 4]).r).toBeNaN();
    expect(fitLine([1, 2], [3, 4]).slope).toBe(1);
    expect(fitLine([1, 2, 3, 4], [0.7, 0.7, 0.7, 0.7])).toMatchObject({ slope: 0, r: Number.NaN });
    expect(fitLine([1, 2, 3], [1, 2, 3]).r).toBe(1);
    expect(leastSquares([1, 2, 3], [0, 1, 5])).toMatchObject({ points: 3 });
  });
});

describe('bootstrap intervals', () => {
  const values = Float32Array.of(1, 10, 100, 1000, 10000);

  it('leave 2.5 % out at either end: 1 of 40 means sorted by hand', () => {
    const random = new Random(5, STREAM.bootstrap);
    const means = Array.from({ length: 40 }, (_, r) => {
      const draws = random.draws(r);
      return Array.from(values, () => values[draws.below(5)]!).reduce((a, b) => a + b) / 5;
    }).sort((a, b) => a - b);
    expect(new Set([means[0], means[1], means[2]]).size).toBe(3);
    expect(new Set([means[37], means[38], means[39]]).size).toBe(3);
    const { low, high } = bootstrapIntervals(values, 5, { resamples: 40, seed: 5 });
    expect([low[0], high[0]]).toEqual([means[1], means[38]]);
  });

  it.each([40, 99, 1000])('of the negatives are the negatives, ends exchanged: %i resamples', (resamples) => {
    const random = new Random(1, 900);
    const local = Float32Array.from({ length: 60 }, (_, i) => random.draws(i).normal());
    const [plus, minus] = [local, local.map((value) => -value)].map((each) =>
      bootstrapIntervals(each, 20, { resamples, seed: 7 }),
    );
    expect(Array.from(minus!.low)).toEqual(Array.from(plus!.high, (value) => -value));
    expect(Array.from(minus!.high)).toEqual(Array.from(plus!.low, (value) => -value));
  });
});

describe('columns', () => {
  it('are spelled alike in every table', async () => {
    expect(['ciLow', 'addedCiHigh', 'lnKd', 'effect5CiLow', 'q1', 'A', 'p'].map(columnName)).toEqual([
      'ci_low',
      'added_ci_high',
      'ln_kd',
      'effect5_ci_low',
      'q1',
      'A',
      'p',
    ]);
    const table = await giaTable(['AA'], { mean: [1], variance: [1], min: [0], max: [2], n: 9 });
    for (const [column, field] of columnsOf(table)) expect(column).toBe(columnName(field));
    for (const format of ['tsv', 'json'] as const)
      expect(await encodeTable(table, format, { manifest: {} })).not.toMatch(/ciLow|ciHigh/);
  });

  it('of an experiment are its labels, its further numbers and its statistics', () => {
    const row = { model: 0, labels: { copies: 2 }, ciLow: 1, more: { addedCiLow: 3 } };
    expect(flatRow(row)).toEqual({ copies: 2, addedCiLow: 3, model: 0, ciLow: 1 });
    const named = namedResult({
      experiment: 'hairpin',
      design: { inLoop: 16 },
      rows: [row],
      comparisons: [{ ...row, labels: { lnKd: 1 } }],
      facts: [{ slopeCiLow: 4 }],
    });
    expect(named).toEqual({
      experiment: 'hairpin',
      design: { in_loop: 16 },
      rows: [{ model: 0, ci_low: 1, labels: { copies: 2 }, more: { added_ci_low: 3 } }],
      comparisons: [{ model: 0, ci_low: 1, labels: { ln_kd: 1 }, more: { added_ci_low: 3 } }],
      facts: [{ slope_ci_low: 4 }],
    });
  });
});
