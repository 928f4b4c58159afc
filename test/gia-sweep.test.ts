/** Sweeps by what patterns share against embedding and predicting every pair, and the runner around them. */

import { describe, expect, it, vi } from 'vitest';
import { ResidualBindError, ShapeError } from '../src/device/errors.js';
import { type Backgrounds, makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import { importance, kmerPatterns, sweep } from '../src/gia/importance.js';
import { KEEP, type Pattern, parsePattern } from '../src/gia/patterns/patterns.js';
import {
  importancesOf,
  type ModelImportance,
  SweepCancelledError,
  type SweepState,
} from '../src/gia/sweep/state.js';
import type { Sizes } from '../src/nn/presets.js';
import { type CreateOptions, ResidualBind } from '../src/nn/residualbind.js';
import { useGpu } from './support/gpu.js';

const gpu = useGpu();
const SMALL = { filters: 12, hidden: 20 } satisfies Partial<Sizes>;
/** For many patterns, where it is their number that counts. */
const TINY = { filters: 4, hidden: 4 } satisfies Partial<Sizes>;

function backgrounds(count: number, seed = 7, length = 41): Backgrounds {
  const made = makeBackgrounds({ kind: 'uniform', count, length, seed });
  // Pads on both sides of the last one.
  made.codes.fill(KEEP, made.codes.length - length, made.codes.length - length + 2);
  made.codes.fill(KEEP, made.codes.length - 1);
  return made;
}

const worst = (a: readonly ModelImportance[], b: readonly ModelImportance[]): number =>
  Math.max(
    ...a.flatMap((model, e) =>
      (['mean', 'variance', 'min', 'max', 'local'] as const).map((field) => {
        const [x, y] = [model[field] ?? [], b[e]![field] ?? []];
        expect(x).toHaveLength(y.length);
        return Array.from(x).reduce((most, value, i) => Math.max(most, Math.abs(value - y[i]!)), 0);
      }),
    ),
  );

const kmersAt = (k: number, position: number) => ({
  what: `${k}-mers at ${position}`,
  patterns: kmerPatterns(k, position, 41),
});

const CASES: { what: string; patterns: readonly Pattern[]; count?: number; create?: CreateOptions }[] = [
  kmersAt(1, 20),
  { ...kmersAt(2, 0), create: { models: 3 } },
  { ...kmersAt(2, 39), create: { preset: 'keras', models: 3 } },
  { ...kmersAt(3, 17), create: { preset: 'keras' } },
  { ...kmersAt(3, 38) },
  { ...kmersAt(4, 1), create: { head: 'classification' } },
  { ...kmersAt(4, 37), create: { models: 2 } },
  { ...kmersAt(5, 36), create: { preset: 'keras' }, count: 2 },
  { ...kmersAt(6, 0), create: { ...TINY, models: 3 }, count: 2 },
  { ...kmersAt(6, 35), create: { preset: 'keras' }, count: 2 },
  { ...kmersAt(7, 17), create: TINY, count: 2 },
  { ...kmersAt(8, 17), create: TINY, count: 1 },
  {
    what: 'every 37th 6-mer',
    patterns: kmerPatterns(6, 17, 41).filter((_, i) => i % 37 === 0),
    create: { filters: 96, hidden: 256 },
    count: 2,
  },
  {
    what: 'a fixed motif and a swept 2-mer',
    patterns: kmerPatterns(2, 25, 41).map(({ name, sites }) => ({
      name,
      sites: [{ position: 4, letters: 'UGCAUG' }, ...sites],
    })),
  },
  {
    what: 'a grid of two 2-mers far apart',
    patterns: kmerPatterns(2, 0, 41).flatMap((a) =>
      kmerPatterns(2, 39, 41).map((b) => ({ name: a.name + b.name, sites: [...a.sites, ...b.sites] })),
    ),
  },
  {
    what: 'a list with N, of different lengths',
    patterns: ['UGCAUG@17', 'UGNNUG@17', 'ACG@30', 'ACG@30+A@3', 'NNN@8'].map(parsePattern),
  },
  { what: 'one pattern', patterns: [parsePattern('UGCAUG@17')] },
  { what: 'nothing but N', patterns: [parsePattern('NN@17')] },
];

describe.each(CASES)('$what', ({ patterns, count = 3, create }) => {
  it('by shared products and by minimal filtering equals embedding and predicting', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL, seed: 3, ...create });
    const set = backgrounds(count);
    const options = { keepLocal: true };
    const naive = await importance(model, patterns, set, { ...options, method: 'naive' });
    for (const method of ['shared', 'filtered'] as const) {
      const result = await importance(model, patterns, set, { ...options, method });
      expect(result.method).toBe(method);
      expect(result.models).toHaveLength(model.models);
      expect(worst(result.models, naive.models)).toBeLessThan(5e-6);
    }
  });
});

describe('a shared sweep', () => {
  const options = { k: 3, position: 12, method: 'filtered' } as const;
  /** Backgrounds of more than one block, which on hardware is as large as a little memory allows. */
  const severalBlocks = () => (gpu().adapter.class === 'hardware' ? 40 : 9);

  it('gives the same bits run to run, and whatever the chunk and the memory', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL, seed: 4 });
    const set = backgrounds(11);
    const whole = await sweep(model, { ...options, backgrounds: set });
    expect((await sweep(model, { ...options, backgrounds: set })).models).toEqual(whole.models);
    for (const limit of [{ chunk: 7 }, { chunk: 200 }, { memory: 2 ** 20 }]) {
      const limited = await sweep(model, { ...options, backgrounds: set, ...limit });
      expect(limited.models).toEqual(whole.models);
    }
  });

  it('keeps to the memory it is given, and says how much it needs at least', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL, seed: 4 });
    const set = backgrounds(40);
    gpu().pool.trim();
    const before = gpu().pool.usage.liveBytes;
    let most = 0;
    const memory = 3 * 2 ** 20;
    await sweep(model, {
      ...options,
      backgrounds: set,
      memory,
      onProgress: () => {
        most = Math.max(most, gpu().pool.usage.liveBytes + gpu().pool.usage.idleBytes - before);
      },
    });
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(1.15 * memory);
    await expect(sweep(model, { ...options, backgrounds: set, memory: 1000 })).rejects.toThrow(
      /at least \d+ MiB of GPU memory/,
    );
  });

  it('takes at most 12 dispatches a chunk', async () => {
    for (const preset of ['paper', 'keras'] as const) {
      using model = await ResidualBind.create(gpu(), { ...SMALL, preset });
      const { work } = await sweep(model, { ...options, backgrounds: backgrounds(4), chunk: 64 });
      // Per background a shared part and a chunk; and the predictions of the bare backgrounds.
      expect(work.pairs).toBe(256);
      expect(work.dispatches).toBeLessThanOrEqual(12 + 4 * 12 + 2);
      expect(work.multiplyAdds! / work.pairs).toBeGreaterThan(0);
    }
  });

  it('binds no buffer larger than the adapter allows, to the same bits', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL, seed: 4 });
    const set = backgrounds(9);
    for (const method of ['filtered', 'shared', 'naive'] as const) {
      const common = { ...options, method, backgrounds: set, chunk: 4096 };
      const whole = await sweep(model, common);
      const most = 2 ** 18;
      const { limits } = gpu().device;
      const allowed = new Proxy(limits, {
        get: (_, name) => (name === 'maxStorageBufferBindingSize' ? most : Reflect.get(limits, name, limits)),
      });
      const acquired = vi.spyOn(gpu().pool, 'acquire');
      const bounded = vi.spyOn(gpu(), 'limits', 'get').mockReturnValue(allowed);
      const limited = await sweep(model, method === 'naive' ? { ...common, chunk: undefined } : common);
      bounded.mockRestore();
      const largest = Math.max(...acquired.mock.calls.map(([bytes]) => bytes));
      acquired.mockRestore();
      expect(largest).toBeLessThanOrEqual(most);
      expect(limited.models).toEqual(whole.models);
    }
  });

  it('goes on from a checkpoint with the same bits', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL, models: 2, seed: 5 });
    const set = backgrounds(severalBlocks());
    for (const method of ['filtered', 'naive'] as const) {
      const common = { ...options, method, backgrounds: set, keepLocal: true, chunk: 64, memory: 2 ** 20 };
      const whole = await sweep(model, common);
      const states: SweepState[] = [];
      await sweep(model, {
        ...common,
        checkpointSeconds: 0,
        onCheckpoint: (state) => void states.push(state),
      });
      for (const resume of states) {
        expect(resume.backgrounds).toBeLessThan(set.count);
        expect((await sweep(model, { ...common, resume })).models).toEqual(whole.models);
      }
      if (method === 'filtered') expect(states.length).toBeGreaterThan(0);
    }
    const resume = { backgrounds: 3, statistics: new Float32Array(5) };
    await expect(sweep(model, { ...options, backgrounds: set, resume })).rejects.toThrow(ShapeError);
  });

  it('when cancelled leaves estimates over the backgrounds done', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL, seed: 6 });
    const set = backgrounds(3 * severalBlocks());
    const controller = new AbortController();
    const onProgress = ({ done, total }: { done: number; total: number }) => {
      if (done > total / 2) controller.abort();
    };
    const cancelled = sweep(model, {
      ...options,
      backgrounds: set,
      chunk: 64,
      memory: 2 ** 20,
      onProgress,
      signal: controller.signal,
    });
    const error = await cancelled.then(
      () => undefined,
      (it) => it,
    );
    expect(error).toBeInstanceOf(SweepCancelledError);
    const { state } = error as SweepCancelledError;
    expect(state.backgrounds).toBeGreaterThan(0);
    expect(state.backgrounds).toBeLessThan(set.count);
    const fewer = { ...set, count: state.backgrounds, codes: set.codes.slice(0, state.backgrounds * 41) };
    const estimate = await sweep(model, { ...options, backgrounds: fewer });
    expect(worst(importancesOf(state, { models: 1 }), estimate.models)).toBe(0);
  });

  it('chooses for itself: little work is not worth a plan of its own', async () => {
    using model = await ResidualBind.create(gpu(), SMALL);
    expect((await sweep(model, { k: 3, backgrounds: backgrounds(2) })).method).toBe('naive');
    expect((await sweep(model, { k: 4, backgrounds: backgrounds(64) })).method).toBe('filtered');
    const f16 = { k: 2, backgrounds: backgrounds(2), method: 'shared', precision: 'f16' } as const;
    await expect(sweep(model, f16)).rejects.toThrow(ResidualBindError);
  });
});
