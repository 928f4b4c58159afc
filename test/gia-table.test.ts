/** Statistics against tabulated values and plain sums; the table's order, and its text read back. */
import { describe, expect, it } from 'vitest';
import { FormatError, NotFiniteError, ResidualBindError, ShapeError } from '../src/device/errors.js';
import { allKmers } from '../src/gia/patterns/kmers.js';
import { ranksOf, summarise } from '../src/gia/statistics/statistics.js';
import { type GiaTable, giaTable, toJson, topRows, toTsv } from '../src/gia/tables/table.js';
import { Random } from '../src/kernels/random.js';

describe('summarise', () => {
  // Two-sided 95 % points of Student's t from printed tables.
  it.each([
    { df: 1, t: 12.706 },
    { df: 2, t: 4.303 },
    { df: 5, t: 2.571 },
    { df: 9, t: 2.262 },
    { df: 30, t: 2.042 },
    { df: 120, t: 1.98 },
    { df: 999, t: 1.962 },
  ])('uses t = $t for $df degrees of freedom', ({ df, t }) => {
    const { se, ciHigh, ciLow } = summarise({ mean: 0, variance: df + 1, n: df + 1 }, 'sample');
    expect(se).toBeCloseTo(1, 12);
    expect(ciHigh).toBeCloseTo(t, 3);
    expect(ciLow).toBe(-ciHigh);
  });

  it('agrees with the textbook formulas on a small sample', () => {
    const { mean, sd, se, ciLow, ciHigh, n } = summarise({ mean: 3, variance: 2.5, n: 5 }, 'sample'); // 1 2 3 4 5
    expect([mean, n]).toEqual([3, 5]);
    expect(sd).toBeCloseTo(Math.sqrt(2.5), 12);
    expect(se).toBeCloseTo(Math.sqrt(0.5), 12);
    expect(ciLow).toBeCloseTo(3 - 2.7764451051977987 * Math.sqrt(0.5), 10);
    expect(ciHigh).toBeCloseTo(3 + 2.7764451051977987 * Math.sqrt(0.5), 10);
  });

  it('gives a zero-width interval to a constant', () => {
    expect(summarise({ mean: 2, variance: 0, n: 9 }, 'sample')).toMatchObject({
      sd: 0,
      se: 0,
      ciLow: 2,
      ciHigh: 2,
    });
  });

  it.each([0, 1, 2.5, Number.NaN])('refuses n = %d', (n) => {
    expect(() => summarise({ mean: 0, variance: 1, n }, 'here')).toThrow(ResidualBindError);
    expect(() => summarise({ mean: 0, variance: 1, n }, 'here')).toThrow(/^here: .*at least 2/);
  });

  it.each([
    { mean: Number.NaN, variance: 1 },
    { mean: 0, variance: Number.POSITIVE_INFINITY },
    { mean: 0, variance: -1 },
  ])('refuses %o', (moments) => {
    expect(() => summarise({ ...moments, n: 5 }, 'here')).toThrow(NotFiniteError);
  });
});

describe('ranksOf', () => {
  it('ranks the highest first and equal values in the order given', () => {
    expect(Array.from(ranksOf([0.5, 2, -1, 2, 0.5]))).toEqual([3, 1, 5, 2, 4]);
    expect(Array.from(ranksOf([-0, 0, Number.NEGATIVE_INFINITY]))).toEqual([1, 2, 3]);
    expect(ranksOf([])).toHaveLength(0);
  });

  it('refuses NaN', () => {
    expect(() => ranksOf([1, Number.NaN])).toThrow(NotFiniteError);
  });
});

describe('giaTable', () => {
  const texts = ['AAAAAA@17', 'UGCAUG@17', 'UGCAUG@3+UGCAUG@13', 'GCAUGU@17'];
  const mean = Float32Array.of(-0.1, 1 / 3, 2.5e-8, 1 / 3);
  const variance = Float32Array.of(1, 2, 3, 0);
  const range = { min: mean.map((value) => value - 1), max: mean.map((value) => value + 1) };
  const make = () => giaTable(texts, { mean, variance, ...range, n: 1000 });

  it('sorts by rank, ties by pattern order', async () => {
    const { rows } = await make();
    expect(rows.map(({ pattern }) => pattern)).toEqual([texts[1], texts[3], texts[2], texts[0]]);
    expect(rows.map(({ rank }) => rank)).toEqual([1, 2, 3, 4]);
    expect(rows[3]).toMatchObject({ importance: Math.fround(-0.1), n: 1000, sd: 1 });
    for (const { importance, ciLow, ciHigh, se } of rows) {
      expect(ciLow + ciHigh).toBeCloseTo(2 * importance, 12);
      expect(ciHigh - ciLow).toBeCloseTo(2 * 1.9623414611334495 * se, 12);
    }
  });

  it('gives the top rows', async () => {
    const table = await make();
    expect(topRows(table, 2)).toEqual(table.rows.slice(0, 2));
    expect(topRows(table)).toEqual(table.rows);
  });

  it('takes a sweep of 4^6 patterns', async () => {
    const random = new Random(1, 100);
    const many = allKmers(6);
    const means = Float32Array.from(many, (_, i) => random.draws(i).normal());
    const { rows } = await giaTable(many, {
      mean: means,
      variance: means.map(Math.abs),
      min: means,
      max: means,
      n: 1000,
    });
    expect(rows.map(({ importance }) => importance)).toEqual([...means].sort((a, b) => b - a));
  });

  it('refuses moments that do not match the patterns, and names a pattern that is not finite', async () => {
    await expect(giaTable(texts, { mean, variance: variance.subarray(1), ...range, n: 9 })).rejects.toThrow(
      ShapeError,
    );
    const broken = Float32Array.of(0, Number.NaN, 0, 0);
    await expect(giaTable(texts, { mean: broken, variance, ...range, n: 9 })).rejects.toThrow(
      /pattern "UGCAUG@17": mean NaN/,
    );
    await expect(giaTable(texts, { mean, variance, ...range, n: 1 })).rejects.toThrow(
      /at least 2 backgrounds/,
    );
  });

  it('writes TSV that gives back every f32', async () => {
    const random = new Random(2, 100);
    const many = Array.from({ length: 500 }, (_, i) => `p${i}`);
    const means = Float32Array.from(many, (_, i) => {
      const draws = random.draws(i);
      return draws.normal() * 10 ** (draws.below(30) - 15);
    });
    const table = await giaTable(many, {
      mean: means,
      variance: means.map(Math.abs),
      min: means,
      max: means,
      n: 10,
    });
    const [header, ...lines] = toTsv(table).trimEnd().split('\n');
    expect(header).toBe('pattern\timportance\tsd\tse\tci_low\tci_high\tmin\tmax\tt\tp\tq\tn\trank');
    expect(lines).toHaveLength(500);
    lines.forEach((line, i) => {
      const [pattern, ...numbers] = line.split('\t');
      const row = table.rows[i]!;
      expect(pattern).toBe(row.pattern);
      const { importance, sd, se, ciLow, ciHigh, min, max, t, p, q, n, rank } = row;
      const expected = [importance, sd, se, ciLow, ciHigh, min, max, t, p, q, n, rank];
      expect(Math.fround(Number(numbers[0]))).toBe(row.importance);
      numbers.forEach((text, column) => {
        expect(Math.abs(Number(text) / expected[column]! - 1)).toBeLessThan(1e-8);
        expect(text).not.toMatch(/\.\d*0$/);
      });
    });
  });

  it('refuses a name that would break the TSV', () => {
    const moments = { importance: 0, sd: 0, se: 0, ciLow: 0, ciHigh: 0, min: 0, max: 0 };
    const row = { ...moments, t: 0, p: 1, q: 1, n: 2, rank: 1 };
    const table: GiaTable = { rows: [{ ...row, pattern: 'a\tb' }] };
    expect(() => toTsv(table)).toThrow(FormatError);
  });

  it('writes JSON with the manifest and all digits', async () => {
    const table = await make();
    const { manifest, rows } = JSON.parse(toJson(table, { seed: 3 }));
    expect(manifest).toEqual({ seed: 3 });
    expect(rows).toEqual(
      table.rows.map(({ ciLow, ciHigh, t, ...row }) => {
        return { ...row, ci_low: ciLow, ci_high: ciHigh, t: Number.isFinite(t) ? t : null };
      }),
    );
  });
});
