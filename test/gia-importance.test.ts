/** The GPU's importances against a plain loop: embed on the host, predict, subtract, average. */

import { describe, expect, it } from 'vitest';
import { ShapeError } from '../src/device/errors.js';
import { type Backgrounds, makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import { importance, sweep } from '../src/gia/importance.js';
import { allKmers } from '../src/gia/patterns/kmers.js';
import { KEEP, overlay, type Pattern, parsePattern } from '../src/gia/patterns/patterns.js';
import { SweepCancelledError } from '../src/gia/sweep/state.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { useGpu } from './support/gpu.js';

const gpu = useGpu();
const LENGTH = 41;
const SMALL = { filters: 12, hidden: 20 };

const backgrounds = (count: number, seed = 7): Backgrounds =>
  makeBackgrounds({ kind: 'uniform', count, length: LENGTH, seed });

/** Local importances [P * N] in float64 from predictions of every embedded sequence. */
async function naive(
  model: ResidualBind,
  patterns: readonly Pattern[],
  { codes, count }: Backgrounds,
  e = 0,
) {
  const overlays = overlay(patterns, LENGTH);
  const base = (await model.predict({ codes })).subarray(e * count, (e + 1) * count);
  const locals: number[][] = [];
  for (let p = 0; p < patterns.length; p++) {
    const embedded = codes.map((code, i) => {
      const letter = overlays[p * LENGTH + (i % LENGTH)]!;
      return letter === KEEP ? code : letter;
    });
    const predicted = (await model.predict({ codes: embedded })).subarray(e * count, (e + 1) * count);
    locals.push(Array.from(predicted, (value, n) => value - base[n]!));
  }
  return locals.map((values) => {
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1);
    return { values, mean, variance };
  });
}

const asPatterns = (k: number, position: number): Pattern[] =>
  allKmers(k).map((letters) => ({ name: letters, sites: [{ position, letters }] }));

describe('sweep', () => {
  it.each([
    { k: 1, position: 0, preset: 'paper', models: 1 },
    { k: 2, position: 17, preset: 'paper', models: 3 },
    { k: 2, position: 39, preset: 'keras', models: 1 },
  ] as const)(
    'equals a plain loop: $k-mers at $position, $preset, $models models',
    async ({ k, position, preset, models }) => {
      using model = await ResidualBind.create(gpu(), { ...SMALL, preset, models, seed: 3 });
      const set = backgrounds(37);
      const result = await sweep(model, { k, position, backgrounds: set });
      expect(result.patterns).toEqual(allKmers(k));
      expect(result.models).toHaveLength(models);
      for (let e = 0; e < models; e++) {
        const expected = await naive(model, asPatterns(k, position), set, e);
        expected.forEach(({ mean, variance }, p) => {
          expect(Math.abs(result.models[e]!.mean[p]! - mean)).toBeLessThan(1e-5);
          expect(Math.abs(result.models[e]!.variance[p]! - variance)).toBeLessThan(1e-5);
        });
      }
    },
  );

  it('gives the same bits whatever the chunk', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL, seed: 4 });
    const set = backgrounds(50);
    const whole = await sweep(model, { k: 3, position: 10, backgrounds: set });
    for (const chunk of [7, 333]) {
      const chunked = await sweep(model, { k: 3, position: 10, backgrounds: set, chunk });
      expect(chunked.models).toEqual(whole.models);
    }
    const naive = await sweep(model, { k: 3, position: 10, backgrounds: set, method: 'naive' });
    const chunked = await sweep(model, { k: 3, position: 10, backgrounds: set, method: 'naive', chunk: 77 });
    expect(chunked.models).toEqual(naive.models);
  });

  it('counts its work: one submit a chunk, beside a few of its own', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL });
    const options = { k: 2, position: 0, backgrounds: backgrounds(16), chunk: 64, method: 'naive' } as const;
    const { work } = await sweep(model, options);
    expect(work.pairs).toBe(256);
    expect(work.submits).toBeGreaterThanOrEqual(5);
    expect(work.submits).toBeLessThanOrEqual(12);
  });

  it('reports progress up to the last pair and stops when it is told to', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL });
    const seen: number[] = [];
    const options = { k: 2, position: 0, backgrounds: backgrounds(16), chunk: 64, method: 'naive' } as const;
    await sweep(model, { ...options, onProgress: ({ done }) => seen.push(done) });
    expect(seen).toEqual([64, 128, 192, 256]);

    const controller = new AbortController();
    const onProgress = () => controller.abort();
    await expect(sweep(model, { ...options, signal: controller.signal, onProgress })).rejects.toThrow(
      SweepCancelledError,
    );
  });

  it('refuses a slot that leaves the sequence and backgrounds of another length', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL });
    await expect(sweep(model, { k: 6, position: 36, backgrounds: backgrounds(4) })).rejects.toThrow(
      ShapeError,
    );
    const short = makeBackgrounds({ kind: 'uniform', count: 4, length: 30, seed: 1 });
    await expect(sweep(model, { k: 2, position: 3, backgrounds: short })).rejects.toThrow(
      'backgrounds of length 30',
    );
  });
});

describe('importance', () => {
  it('equals a plain loop for patterns of several sites, N and pads in the backgrounds', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL, seed: 5, head: 'classification' });
    const patterns = ['UGCAUG@17', 'UGCAUG@3+AGAAUG@13', 'NNGCN@0', 'ACG@38'].map(parsePattern);
    const set = backgrounds(33);
    set.codes.fill(KEEP, 0, 3);
    const result = await importance(model, patterns, set, { keepLocal: true });
    const expected = await naive(model, patterns, set);
    expected.forEach(({ mean, values }, p) => {
      expect(Math.abs(result.models[0]!.mean[p]! - mean)).toBeLessThan(1e-5);
      values.forEach((value, n) => {
        expect(Math.abs(result.models[0]!.local![p * 33 + n]! - value)).toBeLessThan(1e-5);
      });
    });
  });

  it('agrees with the sweep bit for bit', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL, seed: 6 });
    const set = backgrounds(20);
    const swept = await sweep(model, { k: 2, position: 5, backgrounds: set });
    const listed = await importance(model, asPatterns(2, 5), set);
    expect(listed.models).toEqual(swept.models);
  });

  it('finds nothing in a pattern of N alone', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL });
    const { models } = await importance(model, [parsePattern('NNN@8')], backgrounds(9));
    expect(models[0]!.mean[0]).toBe(0);
    expect(models[0]!.variance[0]).toBe(0);
  });

  it('refuses an empty list', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL });
    await expect(importance(model, [], backgrounds(4))).rejects.toThrow('no patterns');
  });
});
