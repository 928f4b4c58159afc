import { describe, expect, it } from 'vitest';
// @ts-expect-error: plain JavaScript
import { ratioOf, ratiosToCuda } from '../bench/compare.mjs';
// @ts-expect-error: plain JavaScript
import { differences, whyNot } from '../bench/differences.mjs';
// @ts-expect-error: plain JavaScript
import { encodeFrame, FrameReader } from '../bench/peers/frames.mjs';
// @ts-expect-error: plain JavaScript
import * as statistics from '../bench/statistics.mjs';
// @ts-expect-error: plain JavaScript
import { agreementRows, countedRows } from '../bench/sweep-figures.mjs';
// @ts-expect-error: plain JavaScript
import { absentLines, number, table } from '../bench/table.mjs';

const { median, ratioToFastest, relativeDifference, relativeNorm, rooflineShare, worstDifference } =
  statistics;

describe('median', () => {
  it('is the middle number, or the mean of the middle two', () => {
    expect(median([10, 9, 100])).toBe(10);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });

  it('leaves its sample as it was, and refuses an empty one', () => {
    const sample = [3, 1, 2];
    median(sample);
    expect(sample).toEqual([3, 1, 2]);
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('ratios', () => {
  const rows = [
    { name: 'residualbind', kind: 'ours', rate: 300 },
    { name: 'slow', kind: 'webgpu', rate: 50 },
    { name: 'quick', kind: 'webgpu', rate: 100 },
    { name: 'torch', kind: 'native', rate: 600 },
  ];

  it('are against the fastest of a kind, above 1 where we are faster', () => {
    expect(ratioOf(rows, ({ kind }: { kind: string }) => kind === 'webgpu')).toBe(3);
    expect(ratioOf(rows, ({ name }: { name: string }) => name === 'torch')).toBe(0.5);
  });

  it('compare every precision with its own', () => {
    const cuda = [
      ...rows,
      { name: 'residualbind, f16', kind: 'ours', precision: 'f16', rate: 800 },
      { name: 'torch CUDA', kind: 'cuda', precision: 'f32', rate: 100 },
      { name: 'torch CUDA, TF32', kind: 'cuda', precision: 'tf32', rate: 200 },
      { name: 'torch CUDA, f16', kind: 'cuda', precision: 'f16', rate: 400 },
      { name: 'torch CUDA, f16, compiled', kind: 'cuda', precision: 'f16', rate: 1600 },
    ];
    expect(ratiosToCuda('forward', cuda)).toEqual({
      forward_f32_vs_torch_cuda_f32: 3,
      forward_f32_vs_torch_cuda_tf32: 1.5,
      forward_f16_vs_torch_cuda_f16: 0.5,
    });
    expect(ratiosToCuda('forward', rows)).toEqual({});
  });

  it('are null where there is nothing to compare', () => {
    expect(ratioOf(rows, ({ name }: { name: string }) => name === 'absent')).toBeNull();
    expect(ratioToFastest(undefined, [1])).toBeNull();
  });
});

describe('agreement', () => {
  it('is the largest difference over the largest magnitude', () => {
    expect(relativeDifference([1, -3.5], [1, -4])).toBe(0.125);
    expect(relativeDifference([0, 0], [0, 0])).toBe(0);
  });

  it('never passes a NaN, whichever side has it', () => {
    expect(relativeDifference([Number.NaN, 1], [1, 1])).toBeNaN();
    expect(relativeDifference([1, 1], [1, Number.NaN])).toBeNaN();
    expect(worstDifference({ a: [Number.NaN], b: [2] }, { a: [1], b: [1] }).difference).toBeNaN();
  });

  it('is by norms where one element may stand out', () => {
    expect(relativeNorm([3, 4 + 5e-3], [3, 4])).toBeCloseTo(1e-3, 12);
    expect(relativeNorm([0, 0], [0, 0])).toBe(0);
    expect(relativeNorm([1, Number.NaN], [1, 1])).toBeNaN();
    expect(relativeNorm([1, 1], [Number.NaN, 1])).toBeNaN();
    expect(() => relativeNorm([1, 2], [1])).toThrow('2 numbers cannot be compared with 1');
  });

  it('refuses other lengths and missing tensors', () => {
    expect(() => relativeDifference([1], [1, 2])).toThrow('1 numbers cannot be compared with 2');
    expect(() => worstDifference({}, { 'conv0.w': [1] })).toThrow('"conv0.w" is missing');
  });

  it('names the tensor that differs most', () => {
    const worst = worstDifference({ a: [1.25, 1], b: [1.5], c: [2] }, { a: [1, 1], b: [1], c: [2] });
    expect(worst).toEqual({ name: 'b', difference: 0.5 });
  });
});

describe('roofline', () => {
  const ceilings = { flops: 100, bytesPerSecond: 10 };

  it('is limited by arithmetic or by memory, whichever takes longer', () => {
    expect(rooflineShare({ flops: 50, bytes: 1, seconds: 1 }, ceilings)).toBe(0.5);
    expect(rooflineShare({ flops: 50, bytes: 8, seconds: 1 }, ceilings)).toBe(0.8);
  });
});

describe('table', () => {
  it('aligns numbers to the right and what is marked to the left', () => {
    const columns = {
      '<name': ({ name }: { name: string }) => name,
      rate: ({ rate }: { rate: number | undefined }) => number(rate, 1),
    };
    const rows = [
      { name: 'a', rate: 1234.56 },
      { name: 'longer', rate: undefined },
    ];
    expect(table(columns, rows)).toBe('name       rate\na       1,234.6\nlonger        -');
  });

  it('names all that is missing for one reason in one line', () => {
    const absent = [
      { name: 'a', reason: 'not installed' },
      { name: 'b', reason: 'no CUDA' },
      { name: 'c', reason: 'not installed' },
    ];
    expect(absentLines(absent)).toEqual(['without a; c: not installed', 'without b: no CUDA']);
  });
});

describe('two records', () => {
  const record = (seconds: number, rate: number, extra = {}) => ({
    adapter: { name: 'a GPU' },
    quick: false,
    cases: {
      train: { rows: [{ name: 'residualbind', seconds }] },
      sweep: { rows: [{ name: 'residualbind', seconds: 1, rate }] },
    },
    rows: [{ figure: 'step', name: 'torch', note: '8 models', value: 2, unit: 'ms', isLess: true }],
    ...extra,
  });

  it('are compared figure by figure, above 1 where the second is faster', () => {
    const { rows } = differences(record(2, 100), record(1, 98));
    expect(rows.map(({ name, ratio, faster }: Record<string, unknown>) => [name, ratio, faster])).toEqual([
      ['train, residualbind', 2, 'second'],
      ['sweep, residualbind', 0.98, 'same'],
      ['step, torch, 8 models', 1, 'same'],
    ]);
  });

  it('say what only one of them has', () => {
    const less = { ...record(1, 1), rows: [] };
    expect(differences(record(1, 1), less)).toMatchObject({
      onlyFirst: ['step, torch, 8 models'],
      onlySecond: [],
    });
  });

  it('are not compared between adapters or sizes', () => {
    expect(whyNot(record(1, 1), record(2, 2))).toBeUndefined();
    expect(whyNot(record(1, 1), record(1, 1, { adapter: { name: 'another' } }))).toContain('"another"');
    expect(whyNot(record(1, 1), record(1, 1, { quick: true }))).toContain('--quick');
  });
});

describe('frames', () => {
  const message = {
    id: 3,
    argument: {
      codes: Uint8Array.of(1, 2, 3),
      weights: { w: { shape: [2], data: Float32Array.of(0.5, -1) } },
    },
    nothing: null,
  };
  const bytes = Buffer.concat(
    [message, { id: 4 }].flatMap((each): string[] => encodeFrame(each)).map((part) => Buffer.from(part)),
  );

  it.each([1, 7, 1000])('arrive whole, whatever pieces of %i bytes they come in', (size) => {
    const got: unknown[] = [];
    const reader = new FrameReader((each: unknown) => got.push(each));
    for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
    expect(got).toEqual([message, { id: 4 }]);
  });
});

describe('sweeps of several precisions', () => {
  const entry = (precision: string, mean: number[]) => ({
    runner: { name: precision, kind: 'ours', precision },
    result: { mean: Float32Array.from(mean), work: { dispatches: 7 } },
  });
  const ascending = Array.from({ length: 12 }, (_, i) => i + 1);

  it('are compared with f32 by the largest importance and by the top 10', () => {
    const swapped = [...ascending.slice(0, 10), 12, 11];
    const other = [12, ...ascending.slice(1)];
    const rows = agreementRows([
      entry('f32', ascending),
      entry('f16x2', ascending),
      entry('f16', swapped),
      entry('f16', other),
    ]);
    expect(rows.map(({ value, remark }: Record<string, unknown>) => [value, remark])).toEqual([
      [0, 'the same top 10'],
      [expect.closeTo(1 / 12), 'the same top 10, in another order'],
      [expect.closeTo(11 / 12), 'another top 10'],
    ]);
    expect(agreementRows([entry('f32', ascending)])).toEqual([]);
  });

  it('are counted where the product counts', () => {
    expect(countedRows([entry('f32', ascending)])).toMatchObject([{ figure: 'dispatches', value: 7 }]);
  });
});
