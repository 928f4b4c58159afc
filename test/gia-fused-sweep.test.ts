/** Sweeps with a chunk in one dispatch, wherever they run, against embedding and predicting every pair. */

import { beforeAll, describe, expect, it } from 'vitest';
import { type Backgrounds, makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import { importance, kmerPatterns, sweep } from '../src/gia/importance.js';
import { KEEP, type Pattern } from '../src/gia/patterns/patterns.js';
import { bytesPerPair, dispatchesOf } from '../src/gia/sweep/cost.js';
import { fusedChunk } from '../src/gia/sweep/fused-chunk.js';
import { patternSet } from '../src/gia/sweep/partition.js';
import { planSweep } from '../src/gia/sweep/plan.js';
import { SharedSweep } from '../src/gia/sweep/shared-sweep.js';
import { sweepSize } from '../src/gia/sweep/size.js';
import { useFusedVariant } from '../src/kernels/sweep/fused-variants.js';
import type { Sizes } from '../src/nn/presets.js';
import { type CreateOptions, ResidualBind } from '../src/nn/residualbind.js';
import { useGpu } from './support/gpu.js';
import { expectClose } from './support/numbers.js';

const gpu = useGpu();
// Three quads of channels leave a lane without any.
const SMALL = { filters: 12, hidden: 20 } satisfies Partial<Sizes>;
/** Few columns, so that software adapters compile the kernel quickly. */
const TINY = { ...SMALL, taps: 5, dilations: [1, 2] } satisfies Partial<Sizes>;
/** Of few registers: software adapters compile one pair a thread many times faster than two. */
const VARIANT = { pairs: 4, lanes: 4, across: 4, down: 1 };

beforeAll(() => useFusedVariant(gpu(), VARIANT));

function backgrounds(count: number): Backgrounds {
  const made = makeBackgrounds({ kind: 'uniform', count, length: 41, seed: 7 });
  made.codes.fill(KEEP, made.codes.length - 3);
  return made;
}

interface Case {
  readonly k: number;
  readonly position: number;
  readonly create?: CreateOptions;
  /** Every so many patterns: the others are left out. */
  readonly every?: number;
}

/**
 * Lavapipe compiles a fused kernel in half a minute, and one of many columns in several: those are left to
 * the others.
 */
const isSlow = (): boolean => gpu().adapter.class === 'lavapipe';

const CASES: readonly Case[] = [
  { k: 1, position: 40, create: TINY },
  { k: 2, position: 39, create: { ...TINY, models: 2 } },
  { k: 3, position: 17, create: { ...TINY, models: 3, head: 'classification' } },
  { k: 4, position: 0, create: TINY, every: 3 },
  { k: 5, position: 36, create: { ...TINY, dilations: [2, 1] }, every: 7 },
  { k: 6, position: 17, create: TINY, every: 37 },
  { k: 7, position: 0, create: { ...TINY, models: 2 }, every: 301 },
  { k: 8, position: 33, create: TINY, every: 997 },
];
const WHOLE: readonly Case[] = [
  { k: 1, position: 20, create: { models: 3 } },
  { k: 2, position: 0, create: { preset: 'keras' } },
  { k: 3, position: 38, create: { models: 2 } },
  { k: 4, position: 37, create: { preset: 'keras', models: 2 } },
  { k: 5, position: 0, every: 7 },
  { k: 6, position: 17, every: 37 },
  { k: 7, position: 34, create: { preset: 'keras' }, every: 301 },
  { k: 8, position: 17, every: 997 },
];

const METHODS = ['shared', 'filtered'] as const;

async function compare(
  { k, position, create, every = 1 }: Case,
  methods: readonly (typeof METHODS)[number][],
): Promise<void> {
  using model = await ResidualBind.create(gpu(), { ...SMALL, seed: 3, ...create });
  const patterns: Pattern[] = kmerPatterns(k, position, 41).filter((_, i) => i % every === 0);
  const set = backgrounds(3);
  const naive = await importance(model, patterns, set, { method: 'naive', keepLocal: true });
  for (const method of methods) {
    const plan = planSweep(model.architecture, patternSet(patterns, 41), method);
    expect(bytesPerPair(plan, 'fused')).toBeLessThan(bytesPerPair(plan, 'staged'));
    const fused = await importance(model, patterns, set, { method, keepLocal: true });
    expect(fused.work.bytesPerPair).toBe(bytesPerPair(plan, 'fused'));
    fused.models.forEach(({ local }, e) => {
      const expected = naive.models[e]!.local!;
      const worst = local!.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
      expect(worst).toBeLessThan(1e-5);
    });
  }
}

const titleOf = ({ k, position, create }: Case): string =>
  `${k}-mers at ${position}, ${JSON.stringify(create ?? {})}`;

describe('a fused sweep equals embedding and predicting', () => {
  it.each(CASES.map((each) => [titleOf(each), each] as const))('%s', async (_, each) => {
    await compare(each, isSlow() ? [METHODS[each.k % 2]!] : METHODS);
  });

  it.each(WHOLE.map((each) => [titleOf(each), each] as const))('%s', async (_, each) => {
    if (!isSlow()) await compare(each, [METHODS[each.k % 2]!]);
  });
});

describe('a fused sweep', () => {
  it('is left to the stages where no run is multiplied', async () => {
    using model = await ResidualBind.create(gpu(), { ...TINY, models: 2, seed: 6 });
    const patterns = Array.from({ length: 48 }, (_, i): Pattern => {
      const [position, letters] = [10 + Math.floor(i / 3), 'ACG'[i % 3]!];
      return { name: `${letters}${position}`, sites: [{ position, letters }] };
    });
    const plan = planSweep(model.architecture, patternSet(patterns, 41), 'filtered');
    expect([plan.first, ...plan.convolutions].map(({ run }) => run.count > 0)).toEqual([false, false, true]);
    const set = backgrounds(2);
    const [naive, staged] = [
      await importance(model, patterns, set, { method: 'naive' }),
      await importance(model, patterns, set, { method: 'filtered' }),
    ];
    expect(staged.work.bytesPerPair).toBe(bytesPerPair(plan, 'staged'));
    staged.models.forEach(({ mean }, e) => {
      expectClose(mean, naive.models[e]!.mean, 1e-5);
    });
  });

  it('gives the same bits whatever its variant, chunk, block and memory', async () => {
    using model = await ResidualBind.create(gpu(), { ...TINY, models: 2, seed: 4 });
    const set = backgrounds(5);
    const options = { k: 3, position: 12, method: 'filtered', backgrounds: set } as const;
    const whole = await sweep(model, options);
    for (const limit of [{ chunk: 7 }, { chunk: 200 }, { memory: 2 ** 19 }]) {
      expect((await sweep(model, { ...options, ...limit })).models).toEqual(whole.models);
    }
    for (const variant of [
      { pairs: 2, lanes: 8, across: 2, down: 1 },
      { pairs: 4, lanes: 2, across: 2, down: 2 },
      { pairs: 4, lanes: 3, across: 2, down: 1 },
    ]) {
      useFusedVariant(gpu(), variant);
      expect((await sweep(model, options)).models).toEqual(whole.models);
    }
    useFusedVariant(gpu(), VARIANT);
  });

  it('takes the dispatches that its plan counts', async () => {
    using model = await ResidualBind.create(gpu(), { ...TINY, seed: 4 });
    const plan = planSweep(model.architecture, patternSet(kmerPatterns(3, 12, 41), 41), 'filtered');
    const set = backgrounds(7);
    const limits = { kind: 'software', bindable: 2 ** 27 } as const;
    for (const kind of ['fused', 'staged'] as const) {
      const size = sweepSize(plan, model, set.count, kind, limits, { chunk: 100 });
      const choice = kind === 'fused' ? { kind, make: fusedChunk(VARIANT) } : undefined;
      using engine = await SharedSweep.create(model, plan, set, size, choice);
      const before = gpu().counters.dispatches;
      let blocks = 0;
      for (let first = 0; first < set.count; first += size.block, blocks++) {
        Array.from(engine.run(first, Math.min(size.block, set.count - first)));
      }
      await gpu().sync();
      // The statistics of a block are the runner's.
      const dispatches = gpu().counters.dispatches - before + blocks;
      expect(dispatches).toBe(dispatchesOf(plan, size, set.count, kind));
    }
  });
});
