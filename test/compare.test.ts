/** Methods trained on one experiment and compared: what they find, and runs that are continued. */

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArgumentError, CancelledError, ConflictError, DataError, ShapeError } from '../src/device/errors.js';
import { type CompareOptions, compareMethods } from '../src/nn/comparison/compare.node.js';
import type { ComparedExperiment } from '../src/nn/comparison/methods.node.js';
import { pooled } from '../src/nn/comparison/pool.js';
import * as nn from '../src/nn/index.js';
import { range, simulated } from './support/examples.js';
import { useGpu } from './support/gpu.js';

const gpu = useGpu();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-compare-'));
});
afterAll(() => rm(folder, { recursive: true }));

function experiment(name: string, seed: number): ComparedExperiment {
  const probes = simulated(1000, seed);
  const parts = {
    length: 41,
    train: range(probes, 0, 700),
    valid: range(probes, 700, 800),
    test: range(probes, 800, 1000),
  };
  return { name, parts: () => parts };
}

const ACGU = 'ACGU';
const consensus = ({ pwm }: nn.LearnedMotif): string =>
  pwm.map((column) => ACGU[column.indexOf(Math.max(...column))]).join('');

describe('compareMethods', () => {
  it('finds a planted motif, and tests methods over experiments', async () => {
    const experiments = [experiment('one', 1), experiment('two', 2)];
    const options: CompareOptions = { methods: ['pwm', 'ridge'], epochs: 30, batch: 50, resamples: 100 };
    const seen: string[] = [];
    const found = await compareMethods(gpu(), experiments, {
      ...options,
      onMethod: (name, { method }) => seen.push(`${name} ${method}`),
    });
    expect(seen).toEqual(['one ridge', 'two ridge', 'one pwm', 'two pwm']);
    for (const { methods, differences, n } of found.experiments) {
      const [ridge, pwm] = methods;
      expect(n).toBe(200);
      expect([ridge!.method, pwm!.method]).toEqual(['ridge', 'pwm']);
      expect(ridge!.value).toBeGreaterThan(0.4);
      expect(pwm!.value).toBeGreaterThan(0.7);
      expect(pwm!.motif!.sign).toBe(1);
      expect(consensus(pwm!.motif!)).toContain('GCAUG');
      expect(differences).toHaveLength(1);
      expect(differences[0]).toMatchObject({ a: 'pwm', b: 'ridge', value: pwm!.value - ridge!.value });
    }
    expect(found.tests).toMatchObject([{ a: 'pwm', b: 'ridge', n: 2, wins: 2, p: 0.5 }]);
  });

  it('keeps runs in a folder, continues them, and gives what it gives without one', async () => {
    const one = experiment('SRSF/1', 1);
    const options: CompareOptions = { methods: ['pwm'], epochs: 3, batch: 100, resamples: 40 };
    const whole = await compareMethods(gpu(), [one], options);
    const runs = { ...options, folder };
    const stopping = new AbortController();
    const stopped = compareMethods(gpu(), [one], {
      ...runs,
      signal: stopping.signal,
      onProgress: ({ done }) => {
        if (done > 6) stopping.abort();
      },
    });
    await expect(stopped).rejects.toThrow(CancelledError);
    expect((await readdir(join(folder, 'SRSF_1'))).sort()).toEqual(
      [1, 2, 3, 4, 5].map((start) => `pwm-${start}`),
    );
    const again = await compareMethods(gpu(), [one], runs);
    const { folder: kept, ...result } = again.experiments[0]!.methods[0]!;
    expect({ ...again.experiments[0], methods: [result] }).toEqual(whole.experiments[0]);
    expect(kept).toContain(join(folder, 'SRSF_1', 'pwm-'));
    await expect(compareMethods(gpu(), [one], { ...runs, batch: 50 })).rejects.toThrow(ConflictError);
  });

  it('refuses what it cannot compare', async () => {
    const one = experiment('one', 1);
    const compare = (experiments: ComparedExperiment[], options: object = {}) =>
      compareMethods(gpu(), experiments, options);
    await expect(compare([])).rejects.toThrow(ArgumentError);
    await expect(compare([one], { methods: ['svm'] })).rejects.toThrow(ArgumentError);
    await expect(compare([one, one])).rejects.toThrow(/two experiments are called one/);
    await expect(
      compare([
        { ...one, name: 'a/b' },
        { ...one, name: 'a b' },
      ]),
    ).rejects.toThrow(/share the folder a_b/);
    const untested = {
      name: 'untested',
      parts: () => ({ ...one.parts(), test: range(one.parts().test, 0, 2) }),
    };
    await expect(compare([untested])).rejects.toThrow(DataError);
    const { failed, experiments, tests } = await compare([untested, one], {
      methods: ['ridge'],
      resamples: 40,
    });
    expect(failed).toEqual([{ name: 'untested', message: expect.stringContaining('2 records to test on') }]);
    expect(experiments.map(({ name }) => name)).toEqual(['one']);
    expect(tests).toEqual([]);
  });
});

describe('a pool of experiments', () => {
  it('has each sequence once, and as often as an experiment measured it', async () => {
    const part = (...rows: [number, number][]) => ({
      codes: Uint8Array.from(rows.flatMap(([code]) => [code, 4])),
      scores: Float32Array.from(rows, ([, score]) => score),
    });
    const { codes, experiments } = await pooled(
      [
        { train: part([0, 0.5], [1, 1.5], [0, 2.5]), valid: part([2, 3.5], [0, 4.5]) },
        { train: part([2, 5.5], [3, 6.5]), valid: part([0, 7.5], [0, 8.5]) },
      ],
      2,
    );
    expect([...codes]).toEqual([0, 4, 1, 4, 0, 4, 2, 4, 0, 4, 3, 4]);
    const [first, second] = experiments;
    expect([...first!.train, ...first!.valid]).toEqual([0, 1, 2, 3, 4]);
    expect([...first!.scores]).toEqual([0.5, 1.5, 2.5, 3.5, 4.5, Number.NaN]);
    expect([...second!.train, ...second!.valid]).toEqual([3, 5, 0, 2]);
    expect([...second!.scores]).toEqual([7.5, Number.NaN, 8.5, 5.5, Number.NaN, 6.5]);
  });
});

describe('the preset pwm', () => {
  it('is one motif, whose sizes are fixed', () => {
    const made = nn.architecture('pwm', { length: 30 });
    expect(made.layers.map(({ kind }) => kind)).toEqual(['convolution', 'exponential', 'pool', 'head']);
    expect(nn.isPwm(made)).toBe(true);
    expect(nn.isPwm(nn.architecture('deepbind'))).toBe(false);
    expect(() => nn.architecture('pwm', { filters: 2 })).toThrow(/filters must be left out.* one motif/);
    expect(() => nn.architecture('pwm', { hidden: 8 })).toThrow(ShapeError);
    expect(() => nn.learnedMotif(nn.architecture('deepbind'), {})).toThrow(ShapeError);
  });

  it('its motif leaves out the weights of structure contexts', () => {
    const letters = [0, 1, 2, 3];
    const motifOf = (contexts: number) => {
      const made = nn.architecture('pwm', { channels: 4 + contexts });
      const tap = [...letters, ...Array.from({ length: contexts }, (_, c) => 10 + c)];
      const first = made.layers[0]!;
      const data = Float32Array.from(
        Array.from({ length: 'taps' in first ? first.taps : 0 }, () => tap).flat(),
      );
      const shape = [data.length / (4 + contexts), 4 + contexts, 1];
      const out = { shape: [1, 1], data: Float32Array.of(1) };
      return nn.learnedMotif(made, { 'conv0.w': { shape, data }, 'out.w': out });
    };
    expect(motifOf(2)).toEqual(motifOf(0));
    expect(motifOf(5)).toEqual(motifOf(0));
  });
});
