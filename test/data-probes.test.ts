import { describe, expect, it } from 'vitest';
import { parseProbes, splitBySet, splitValidation, subset } from '../src/data/index.js';
import { ArgumentError } from '../src/device/errors.js';

const probes = parseProbes(
  'set\tpool\tsequence\tintensity\nA\tp\tAA\t1\nB\tq\tCC\t2\n\tr\tGG\t3\nA\ts\tUU\t4\nA\ts\tUU\tNaN\n',
);

describe('subset', () => {
  it('takes every column in the order of the indices', () => {
    expect(subset(probes, [3, 0])).toEqual({
      source: 'text',
      lines: Uint32Array.of(5, 2),
      rows: Uint32Array.of(3, 0),
      sequences: ['UU', 'AA'],
      scores: Float64Array.of(4, 1),
      sets: ['A', 'A'],
      pools: ['s', 'p'],
      dropped: 1,
    });
  });

  it('refuses an index that is not there', () => {
    expect(() => subset(probes, [0, 4])).toThrow(ArgumentError);
    expect(() => subset(probes, [-1])).toThrow('probe -1 asked for, but text has 4');
  });
});

it('splitBySet parts A, B and unnamed', () => {
  const { A, B, none } = splitBySet(probes);
  expect([A.sequences, B.sequences, none.sequences]).toEqual([['AA', 'UU'], ['CC'], ['GG']]);
});

describe('splitValidation', () => {
  it('parts 0 … n−1 without loss, 90 % to 10 %', () => {
    const { train, valid } = splitValidation(1003, 0.1, 4);
    expect([train.length, valid.length]).toEqual([903, 100]);
    expect([...train, ...valid].sort((a, b) => a - b)).toEqual(Array.from({ length: 1003 }, (_, i) => i));
  });

  it('is a pure function of its arguments', () => {
    expect(splitValidation(200, 0.1, 4)).toEqual(splitValidation(200, 0.1, 4));
    expect(splitValidation(200, 0.1, 4)).not.toEqual(splitValidation(200, 0.1, 5));
  });

  it('keeps a record on either side, and refuses what cannot be split', () => {
    expect(splitValidation(2, 0.01)).toMatchObject({ train: { length: 1 }, valid: { length: 1 } });
    expect(splitValidation(3, 0.99)).toMatchObject({ train: { length: 1 }, valid: { length: 2 } });
    for (const [n, fraction] of [
      [1, 0.1],
      [10, 0],
      [10, 1],
      [10, Number.NaN],
    ] as const) {
      expect(() => splitValidation(n, fraction)).toThrow(ArgumentError);
    }
  });
});
