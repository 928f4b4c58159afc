/** Analyses in parts, and bootstrap intervals of what they keep. */

import { describe, expect, it } from 'vitest';
import { ShapeError } from '../src/device/errors.js';
import { makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import { importance, kmerPatterns } from '../src/gia/importance.js';
import { importanceOfParts, PartsCancelledError } from '../src/gia/parts.js';
import { bootstrapIntervals } from '../src/gia/statistics/bootstrap.js';
import type { SweepState } from '../src/gia/sweep/state.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { useGpu } from './support/gpu.js';
import { normals } from './support/numbers.js';

const gpu = useGpu();
const SMALL = { filters: 12, hidden: 20 };
const set = makeBackgrounds({ kind: 'uniform', count: 6, length: 41, seed: 7 });
const parts = [0, 17, 39].map((position) => kmerPatterns(2, position, 41));

describe('importanceOfParts', () => {
  it('gives the bits of every part by itself, and goes on from every checkpoint', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL, models: 2, seed: 3 });
    const options = { method: 'filtered', keepLocal: true, chunk: 16, checkpointSeconds: 0 } as const;
    const alone = [];
    for (const patterns of parts) alone.push((await importance(model, patterns, set, options)).state);
    const checkpoints: (readonly SweepState[])[] = [];
    const progress: number[] = [];
    const whole = await importanceOfParts(model, parts, set, {
      ...options,
      onCheckpoint: (states) => void checkpoints.push([...states]),
      onProgress: ({ done, total }) => {
        expect(total).toBe(3 * 16 * 6);
        progress.push(done);
      },
    });
    expect(whole.states).toEqual(alone);
    expect(whole.work.pairs).toBe(3 * 16 * 6);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(progress.at(-1)).toBe(3 * 16 * 6);
    expect(checkpoints.map(({ length }) => length)).toContain(2);
    for (const resume of checkpoints)
      expect((await importanceOfParts(model, parts, set, { ...options, resume })).states).toEqual(alone);
  });

  it('when cancelled says where it was', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL, seed: 3 });
    const controller = new AbortController();
    const error = await importanceOfParts(model, parts, set, {
      signal: controller.signal,
      chunk: 16,
      method: 'filtered',
      onProgress: ({ done }) => {
        if (done > 16 * 6) controller.abort();
      },
    }).catch((it) => it);
    expect(error).toBeInstanceOf(PartsCancelledError);
    expect(error.message).toMatch(/of part 2 of 3/);
    expect(error.states).toHaveLength(2);
    expect(error.states[0].backgrounds).toBe(6);
    expect(error.states[1].backgrounds).toBeLessThan(6);
  });
});

describe('bootstrapIntervals', () => {
  it('covers what the normal interval covers for normal values', () => {
    const [patterns, backgrounds] = [4, 400];
    const local = normals(patterns * backgrounds).map((value, i) => value + Math.floor(i / backgrounds));
    const { low, high } = bootstrapIntervals(local, backgrounds, { resamples: 2000, seed: 3 });
    for (let p = 0; p < patterns; p++) {
      const values = local.subarray(p * backgrounds, (p + 1) * backgrounds);
      const mean = values.reduce((a, b) => a + b) / backgrounds;
      const se = Math.sqrt(
        values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (backgrounds - 1) / backgrounds,
      );
      expect(Math.abs(low[p]! - (mean - 1.96 * se))).toBeLessThan(0.2 * se);
      expect(Math.abs(high[p]! - (mean + 1.96 * se))).toBeLessThan(0.2 * se);
    }
  });

  it('is a point for a constant, the same for the same seed, and another for another', () => {
    const constant = bootstrapIntervals(new Float32Array(20).fill(1.5), 10);
    expect([...constant.low, ...constant.high]).toEqual([1.5, 1.5, 1.5, 1.5]);
    const local = normals(50);
    expect(bootstrapIntervals(local, 50, { seed: 1 })).toEqual(bootstrapIntervals(local, 50, { seed: 1 }));
    expect(bootstrapIntervals(local, 50, { seed: 1 })).not.toEqual(
      bootstrapIntervals(local, 50, { seed: 2 }),
    );
  });

  it('refuses sizes that do not fit, and too few resamples', () => {
    expect(() => bootstrapIntervals(new Float32Array(7), 3)).toThrow(ShapeError);
    expect(() => bootstrapIntervals(new Float32Array(6), 3, { resamples: 10 })).toThrow(ShapeError);
  });
});
