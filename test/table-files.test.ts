/**
 * Table files read back: Parquet by hyparquet, NumPy's by their headers; t, p and q against independent
 * numbers.
 */

import { strFromU8, unzipSync } from 'fflate';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { FormatError, NotFiniteError } from '../src/device/errors.js';
import { falseDiscoveryRates, LEAST_P, summarise } from '../src/gia/statistics/statistics.js';
import { giaTable, joinTables } from '../src/gia/tables/table.js';
import { encodeTable, formatOf } from '../src/gia/tables/table-files.js';

const tableOf = (shift = 0) =>
  giaTable(['AC', 'GÜ', 'UUU'], {
    mean: [0.25 + shift, -1, 3],
    variance: [1, 0, 2],
    min: [-2, -1, 1],
    max: [2.5, -1, 9],
    n: 16,
  });

/** The dtype, shape and bytes of a NumPy array file. */
function parseNpy(file: Uint8Array): { descr: string; shape: number[]; data: Uint8Array<ArrayBuffer> } {
  expect(Array.from(file.subarray(0, 8))).toEqual([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  const length = file[8]! + 256 * file[9]!;
  expect((10 + length) % 64).toBe(0);
  const header = strFromU8(file.subarray(10, 10 + length));
  expect(header.endsWith('\n')).toBe(true);
  const [, descr, shape] = /'descr': '([^']+)', 'fortran_order': False, 'shape': \(([^)]*)\)/.exec(header)!;
  const dimensions = shape!.split(',').filter((part) => part.trim() !== '');
  return { descr: descr!, shape: dimensions.map(Number), data: new Uint8Array(file.subarray(10 + length)) };
}

describe('formatOf', () => {
  it('goes by the extension, and refuses others', () => {
    expect(['a.tsv', 'b.JSON', 'c.d/e.parquet', 'f.npz'].map(formatOf)).toEqual([
      'tsv',
      'json',
      'parquet',
      'npz',
    ]);
    for (const path of ['table.csv', 'tsv', 'a.b/tsv']) expect(() => formatOf(path)).toThrow(FormatError);
  });
});

describe('encodeTable', () => {
  it('writes Parquet that reads back, manifest included', async () => {
    const table = await tableOf();
    const bytes = (await encodeTable(table, 'parquet', { manifest: { seed: 3 } })) as Uint8Array<ArrayBuffer>;
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const rows = await parquetReadObjects({ file });
    expect(rows).toEqual(
      table.rows.map(({ ciLow, ciHigh, ...row }) => ({ ...row, ci_low: ciLow, ci_high: ciHigh })),
    );
    const { key_value_metadata } = parquetMetadata(file);
    expect(key_value_metadata).toContainEqual({ key: 'manifest', value: '{"seed":3}' });
  });

  it('writes npz that NumPy can read, local importances included', async () => {
    const table = joinTables([
      { model: 'one', table: await tableOf() },
      { model: 'two', table: await tableOf(1) },
    ]);
    const local = Float32Array.from({ length: 6 * 4 }, (_, i) => i / 8);
    const bytes = (await encodeTable(table, 'npz', { manifest: { a: 1 }, local })) as Uint8Array;
    const files = unzipSync(bytes);
    expect(JSON.parse(strFromU8(files['manifest.json']!))).toEqual({ a: 1 });
    const importance = parseNpy(files['importance.npy']!);
    expect(importance).toMatchObject({ descr: '<f8', shape: [6] });
    expect(Array.from(new Float64Array(importance.data.buffer))).toEqual([3, 0.25, -1, 3, 1.25, -1]);
    const pattern = parseNpy(files['pattern.npy']!);
    expect(pattern).toMatchObject({ descr: '<U3', shape: [6] });
    const points = new Uint32Array(pattern.data.buffer);
    expect(String.fromCodePoint(...points.subarray(6, 8))).toBe('GÜ');
    expect(points[8]).toBe(0);
    expect(parseNpy(files['model.npy']!).shape).toEqual([6]);
    expect(parseNpy(files['rank.npy']!).descr).toBe('<i4');
    const kept = parseNpy(files['local.npy']!);
    expect(kept).toMatchObject({ descr: '<f4', shape: [6, 4] });
    expect(new Float32Array(kept.data.buffer)).toEqual(local);
  });

  it('writes text for the others, with a column for the model where there are several', async () => {
    const table = await tableOf();
    const tsv = (await encodeTable(table, 'tsv', { manifest: {} })) as string;
    expect(tsv.split('\n')[0]).toBe(
      'pattern\timportance\tsd\tse\tci_low\tci_high\tmin\tmax\tt\tp\tq\tn\trank',
    );
    const joined = joinTables([{ model: 'm', table }]);
    expect((await encodeTable(joined, 'tsv', { manifest: {} })) as string).toMatch(/^model\tpattern\t/);
    const { rows } = JSON.parse((await encodeTable(joined, 'json', { manifest: {} })) as string);
    expect(rows[0]).toMatchObject({ model: 'm', pattern: 'UUU', min: 1, max: 9, rank: 1 });
  });
});

describe('the paired test', () => {
  it.each([
    // Two-sided: the density's tail by Simpson's rule in 200,000 steps.
    { t: 2, df: 10, p: 0.0733880347707407 },
    { t: 2.5, df: 999, p: 0.01257872758451147 },
    { t: -12, df: 30, p: 5.580185415199228e-13 },
  ])('gives p $p for t $t with $df degrees of freedom', ({ t, df, p }) => {
    const n = df + 1;
    const summary = summarise({ mean: t, variance: n, n }, 'sample');
    expect(summary.t).toBeCloseTo(t, 10);
    expect(Math.abs(Math.log(summary.p / p))).toBeLessThan(1e-6);
  });

  it('knows constants: certain unless they are zero', () => {
    expect(summarise({ mean: 2, variance: 0, n: 9 }, 'here')).toMatchObject({
      t: Number.POSITIVE_INFINITY,
      p: LEAST_P,
    });
    expect(summarise({ mean: 0, variance: 0, n: 9 }, 'here')).toMatchObject({ t: 0, p: 1 });
    expect(summarise({ mean: 0, variance: 1, n: 9 }, 'here')).toMatchObject({ t: 0, p: 1 });
    // Far out, p is small but not 0, even where a double would round it to 0.
    expect(summarise({ mean: 4e3, variance: 1, n: 1000 }, 'here').p).toBe(5e-324);
    expect(summarise({ mean: 40, variance: 1, n: 100 }, 'here').p).toBeGreaterThan(0);
  });
});

describe('falseDiscoveryRates', () => {
  it('is, for each, the least share of false discoveries among those no less certain', () => {
    const p = [0.01, 0.04, 0.03, 0.005, 0.5, 0.03, 1];
    const q = falseDiscoveryRates(p);
    p.forEach((own, i) => {
      const thresholds = p.filter((other) => other >= own);
      const rates = thresholds.map((at) => (at * p.length) / p.filter((other) => other <= at).length);
      expect(q[i]).toBeCloseTo(Math.min(1, ...rates), 12);
    });
  });

  it('refuses NaN, and takes none', () => {
    expect(() => falseDiscoveryRates([0.1, Number.NaN])).toThrow(NotFiniteError);
    expect(falseDiscoveryRates([])).toHaveLength(0);
  });
});
