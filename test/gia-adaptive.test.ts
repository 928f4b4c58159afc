/** The adaptive search: decisions against known means, and the top against an exhaustive sweep. */

import { describe, expect, it } from 'vitest';
import { CancelledError, ResidualBindError, ShapeError } from '../src/device/errors.js';
import { type AdaptiveState, topPatterns } from '../src/gia/adaptive.js';
import { type Backgrounds, makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import { importance, kmerPatterns } from '../src/gia/importance.js';
import { comparisonLevel, eliminated } from '../src/gia/statistics/elimination.js';
import { Random } from '../src/kernels/random.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { useGpu } from './support/gpu.js';

const gpu = useGpu();
const SMALL = { filters: 4, hidden: 8 };

/**
 * `count` values about a mean with spread 1 that all arms of a seed share in part, as patterns share a
 * background.
 */
function arms(means: readonly number[], count: number, seed: number): Float32Array[] {
  const random = new Random(seed, 1001);
  const common = random.draws(0);
  const shared = Array.from({ length: count }, () => 2 * common.normal());
  return means.map((mean, i) => {
    const own = random.draws(i + 1);
    return Float32Array.from(shared, (value) => mean + value + own.normal());
  });
}

const topOf = (means: readonly number[], top: number): number[] =>
  means
    .map((_, i) => i)
    .sort((a, b) => means[b]! - means[a]!)
    .slice(0, top);

describe('eliminated', () => {
  it('keeps the leaders, and drops what lies far below all of them', () => {
    const values = arms([5, 0, 4, -3, 4.9, 0.1], 64, 1);
    const out = eliminated(values, { top: 3, seen: 64, total: 1000, level: 1e-4 });
    expect(out).toEqual([false, true, false, true, false, true]);
  });

  it('is certain after the whole population, ties aside', () => {
    const values = [Float32Array.of(1, 2), Float32Array.of(1, 2.001), Float32Array.of(1, 2)];
    expect(eliminated(values, { top: 1, seen: 2, total: 2, level: 1e-9 })).toEqual([true, false, true]);
    expect(eliminated(values, { top: 2, seen: 2, total: 2, level: 1e-9 })).toEqual([false, false, false]);
  });

  it('drops nothing where a comparison with one leader is open', () => {
    const values = arms([3, 0.1, 0], 16, 2);
    expect(eliminated(values, { top: 2, seen: 16, total: 1000, level: 1e-3 })[2]).toBe(false);
  });

  it('loses one of the finite population’s top no more often than it says, over 400 populations', () => {
    const [population, seen, top, confidence] = [200, 16, 2, 0.5];
    const means = [0.35, 0.3, 0.2, 0.15, 0.1, 0.05, 0];
    const level = comparisonLevel(confidence, { top, arms: means.length, models: 1, decisions: 1 });
    let [lost, dropped] = [0, 0];
    for (let seed = 0; seed < 400; seed++) {
      const all = arms(means, population, seed);
      const truth = topOf(
        all.map((values) => values.reduce((a, b) => a + b)),
        top,
      );
      const out = eliminated(
        all.map((values) => values.subarray(0, seen)),
        { top, seen, total: population, level },
      );
      if (truth.some((arm) => out[arm])) lost++;
      dropped += out.filter(Boolean).length;
    }
    expect(dropped).toBeGreaterThan(0);
    expect(lost / 400).toBeLessThan(1 - confidence);
  });

  it('shares the error among all comparisons that may go wrong', () => {
    expect(comparisonLevel(0.95, { top: 10, arms: 4096, models: 2, decisions: 5 })).toBeCloseTo(
      0.05 / (10 * 4095 * 2 * 5),
      18,
    );
  });
});

const backgrounds = (count: number): Backgrounds =>
  makeBackgrounds({ kind: 'uniform', count, length: 41, seed: 7 });

describe('topPatterns', () => {
  const patterns = kmerPatterns(3, 17, 41);

  it.each([1, 3])('finds what an exhaustive sweep finds, %i models', async (models) => {
    using model = await ResidualBind.create(gpu(), { ...SMALL, models, seed: 3 });
    const set = backgrounds(200);
    const all = await importance(model, patterns, set, { keepLocal: true });
    const found = await topPatterns(model, patterns, set, { top: 5, first: 16 });
    found.models.forEach((each, e) => {
      const { mean, variance, min, max, local } = all.models[e]!;
      const expected = topOf(Array.from(mean), 5);
      expect(each.patterns).toEqual(expected.map((p) => patterns[p]!.name));
      expected.forEach((p, i) => {
        expect(each.mean[i]).toBeCloseTo(mean[p]!, 5);
        expect(each.variance[i]).toBeCloseTo(variance[p]!, 5);
        expect(each.min[i]).toBeCloseTo(min[p]!, 5);
        expect(each.max[i]).toBeCloseTo(max[p]!, 5);
        expect(each.local![i * 200 + 199]).toBeCloseTo(local![p * 200 + 199]!, 5);
      });
    });
    const pairs = found.rounds.reduce((sum, round) => sum + round.pairs, 0);
    expect(pairs).toBeLessThan(all.work.pairs);
    expect(found.rounds.at(-1)!.backgrounds).toBe(200);
    expect(found.rounds.map((round) => round.patterns)).toEqual(
      found.rounds.map((round) => round.patterns).toSorted((a, b) => b - a),
    );
  });

  it('goes on from every round with the same result', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL, models: 2, seed: 4 });
    const set = backgrounds(100);
    const states: AdaptiveState[] = [];
    const whole = await topPatterns(model, patterns, set, {
      top: 4,
      first: 10,
      onCheckpoint: (state) => void states.push(state),
    });
    expect(states.length).toBeGreaterThan(1);
    for (const resume of states)
      expect(await topPatterns(model, patterns, set, { top: 4, first: 10, resume })).toEqual(whole);
    const foreign = { ...states[0]!, local: new Float32Array(3) };
    await expect(topPatterns(model, patterns, set, { top: 4, resume: foreign })).rejects.toThrow(ShapeError);
  });

  it('takes fewer backgrounds than a first round as they are', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL, seed: 5 });
    const { rounds } = await topPatterns(model, patterns, backgrounds(8), { top: 64 });
    expect(rounds).toMatchObject([{ backgrounds: 8, patterns: 64, pairs: 512 }]);
  });

  it('can be cancelled, and refuses what it cannot do', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL, seed: 5 });
    const set = backgrounds(64);
    const controller = new AbortController();
    controller.abort();
    await expect(topPatterns(model, patterns, set, { signal: controller.signal })).rejects.toThrow(
      CancelledError,
    );
    await expect(topPatterns(model, patterns, set, { top: 65 })).rejects.toThrow(/between 1 and 64/);
    await expect(topPatterns(model, patterns, set, { first: 1 })).rejects.toThrow(ShapeError);
    await expect(topPatterns(model, patterns, set, { confidence: 1 })).rejects.toThrow(ResidualBindError);
  });
});

describe('the arithmetic of topPatterns', () => {
  it.each([
    { k: 4, count: 70, top: 10 },
    { k: 4, count: 40, top: 1 },
    { k: 3, count: 257, top: 60 },
  ])(
    'is never more than the exhaustive sweep’s: the top $top of $k-mers, $count backgrounds',
    async ({ k, count, top }) => {
      using model = await ResidualBind.create(gpu(), { ...SMALL, seed: 3 });
      const patterns = kmerPatterns(k, 17, 41);
      const set = backgrounds(count);
      const all = await importance(model, patterns, set);
      const found = await topPatterns(model, patterns, set, { top });
      const spent = found.rounds.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0);
      expect(found.exhaustiveMultiplyAdds).toBe(all.work.multiplyAdds!);
      expect(spent).toBeLessThanOrEqual(all.work.multiplyAdds! * (1 + 1e-12));
      expect(found.isExhaustive).toBe(found.rounds.every((round) => round.patterns === patterns.length));
      expect(found.models[0]!.patterns).toEqual(
        topOf(Array.from(all.models[0]!.mean), top).map((p) => patterns[p]!.name),
      );
    },
  );

  it('says that it fell back to the exhaustive sweep, in one round where no round can save', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL, seed: 3 });
    const patterns = kmerPatterns(4, 17, 41);
    const found = await topPatterns(model, patterns, backgrounds(64), { top: 100 });
    expect(found.isExhaustive).toBe(true);
    expect(found.rounds).toMatchObject([{ backgrounds: 64, patterns: 256, pairs: 256 * 64 }]);
  });
});
