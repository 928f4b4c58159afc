/**
 * Analyses of a plain function of codes: the same numbers as on the GPU, and errors that say what it
 * answered.
 */

import { describe, expect, it } from 'vitest';
import { ArgumentError, CancelledError, NotFiniteError, ShapeError } from '../src/device/errors.js';
import { topPatterns } from '../src/gia/adaptive.js';
import { mutagenesis } from '../src/gia/attribution/mutagenesis.js';
import { makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import { runAll } from '../src/gia/experiments/index.js';
import { importance, kmerPatterns, sweep } from '../src/gia/importance.js';
import type { PlainModel, PredictFunction } from '../src/gia/model.js';
import { importanceOfParts } from '../src/gia/parts.js';
import { SweepCancelledError, type SweepState } from '../src/gia/sweep/state.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { useGpu } from './support/gpu.js';
import { forward, toNumbers } from './support/reference-network.js';

const LENGTH = 20;
const patterns = kmerPatterns(2, 5, LENGTH);
const drawn = (count: number, length = LENGTH) =>
  makeBackgrounds({ kind: 'uniform', count, length, seed: 4 });
const backgrounds = drawn(9);

/** A function that anybody can compute: how often each letter's place counts. */
const weigh: PredictFunction = (codes) =>
  Float64Array.from({ length: codes.length / LENGTH }, (_, n) =>
    codes.subarray(n * LENGTH, (n + 1) * LENGTH).reduce((sum, code, i) => sum + Math.sin(code + i) * code, 0),
  );

describe('a plain function on the host', () => {
  it('gives mean, variance and extremes of the differences of its predictions', async () => {
    const { models, state, method, reason, work } = await importance(weigh, patterns, backgrounds, {
      keepLocal: true,
      chunk: 7,
    });
    expect([method, reason, models.length]).toEqual(['naive', 'no-layers', 1]);
    expect(work).toEqual({ pairs: 144, dispatches: 0, submits: 0, calls: 2 + 9 * 3 });
    const base = weigh(backgrounds.codes, {}) as Float64Array;
    const { mean, variance, min, max, local } = models[0]!;
    patterns.forEach(({ name }, p) => {
      const codes = backgrounds.codes.map((code, i) => {
        const at = (i % LENGTH) - 5;
        return at === 0 || at === 1 ? 'ACGU'.indexOf(name[at]!) : code;
      });
      const values = Array.from(weigh(codes, {}) as Float64Array, (value, n) => value - base[n]!);
      const average = values.reduce((a, b) => a + b) / 9;
      const squares = values.reduce((sum, value) => sum + (value - average) ** 2, 0);
      expect(Math.abs(mean[p]! - average)).toBeLessThan(1e-5);
      expect(Math.abs(variance[p]! - squares / 8)).toBeLessThan(1e-4);
      expect(Math.abs(min[p]! - Math.min(...values))).toBeLessThan(1e-5);
      expect(Math.abs(max[p]! - Math.max(...values))).toBeLessThan(1e-5);
      values.forEach((value, n) => {
        expect(Math.abs(local![p * 9 + n]! - value)).toBeLessThan(1e-5);
      });
    });
    for (const chunk of [1, 16, 50, 1000])
      expect((await importance(weigh, patterns, backgrounds, { keepLocal: true, chunk })).state).toEqual(
        state,
      );
  });

  it('is asked for whole sequences, at most as many as it takes, and given the signal', async () => {
    const { signal } = new AbortController();
    const asked: number[] = [];
    const model: PlainModel = {
      length: LENGTH,
      batch: 20,
      predict: (codes, options) => {
        expect(options.signal).toBe(signal);
        expect(codes.every((code) => code <= 4)).toBe(true);
        asked.push(codes.length / LENGTH);
        return weigh(codes, {});
      },
    };
    const seen: number[] = [];
    await sweep(model, { k: 2, position: 5, backgrounds, signal, onProgress: ({ done }) => seen.push(done) });
    expect(Math.max(...asked)).toBe(16);
    expect(seen).toEqual(Array.from({ length: 9 }, (_, i) => 16 * (i + 1)));
  });

  it('may be a method', async () => {
    class Service {
      readonly length = LENGTH;
      readonly factor = 2;
      async predict(codes: Uint8Array): Promise<number[]> {
        return Array.from(await weigh(codes, {}), (value) => this.factor * value);
      }
    }
    const [twice] = (await importance(new Service(), patterns, backgrounds)).models;
    const [once] = (await importance(weigh, patterns, backgrounds)).models;
    once!.mean.forEach((value, p) => {
      expect(Math.abs(twice!.mean[p]! - 2 * value)).toBeLessThan(1e-5);
    });
  });

  it('goes on from every checkpoint and from where it was cancelled, with the same bits', async () => {
    const options = { keepLocal: true, chunk: 16, checkpointSeconds: 0 } as const;
    const states: SweepState[] = [];
    const whole = await importance(weigh, patterns, backgrounds, {
      ...options,
      onCheckpoint: (state) => void states.push(state),
    });
    expect(states.map((state) => state.backgrounds)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const controller = new AbortController();
    const error = await importance(weigh, patterns, backgrounds, {
      ...options,
      signal: controller.signal,
      onProgress: ({ done }) => {
        if (done > 50) controller.abort();
      },
    }).catch((it) => it);
    expect(error).toBeInstanceOf(SweepCancelledError);
    expect(error.state.backgrounds).toBe(3);
    for (const resume of [...states, error.state])
      expect((await importance(weigh, patterns, backgrounds, { ...options, resume })).state).toEqual(
        whole.state,
      );
  });

  it('is cancelled while it computes, and what it then throws is no failure', async () => {
    const controller = new AbortController();
    const slow: PredictFunction = (codes, { signal }) =>
      new Promise((resolve, reject) => {
        signal!.addEventListener('abort', () => reject(new Error('aborted')));
        if (codes.length === 9 * LENGTH) resolve(weigh(codes, {}));
        else controller.abort();
      });
    const options = { signal: controller.signal };
    await expect(importance(slow, patterns, backgrounds, options)).rejects.toThrow(SweepCancelledError);
    await expect(
      mutagenesis(
        { predict: slow, length: 9 * LENGTH },
        { codes: new Uint8Array(9 * LENGTH).fill(4) },
        options,
      ),
    ).rejects.toThrow(CancelledError);
    const broken: PredictFunction = () => Promise.reject(new Error('503'));
    await expect(importance(broken, patterns, backgrounds)).rejects.toThrow('503');
  });

  it('is told what it answered, for which pattern and background', async () => {
    const answering = (answer: (codes: Uint8Array) => unknown) =>
      importance(answer as PredictFunction, patterns, backgrounds, { chunk: 32 });
    await expect(answering(() => new Float32Array(3))).rejects.toThrow(ShapeError);
    await expect(answering(() => new Float32Array(3))).rejects.toThrow(
      '3 numbers for 9 sequences (call 1, from background 0 on)',
    );
    await expect(answering(() => 3)).rejects.toThrow(ArgumentError);
    // Of the second block, background 3 and pattern 7.
    let calls = 0;
    const spoilt = (codes: Uint8Array) => {
      calls++;
      const values = Array.from(weigh(codes, {}) as Float64Array) as unknown[];
      if (calls === 3) values[16 + 7] = 'many';
      return values;
    };
    const failure = answering(spoilt);
    await expect(failure).rejects.toThrow(NotFiniteError);
    await expect(failure).rejects.toThrow(
      'many for pattern "CU" in background 3 (call 3, sequence 23 of 32)',
    );
  });

  it('takes no method of layers, and must say how long sequences are where nothing else does', async () => {
    await expect(importance(weigh, patterns, backgrounds, { method: 'filtered' })).rejects.toThrow(
      ArgumentError,
    );
    await expect(importance(weigh, patterns, backgrounds, { precision: 'f16' })).rejects.toThrow('precision');
    const model = { predict: weigh, length: LENGTH + 1 };
    await expect(importance(model, patterns, backgrounds)).rejects.toThrow('do not fit a model of length 21');
    await expect(mutagenesis(weigh, { codes: backgrounds.codes })).rejects.toThrow(
      'give { predict, length }',
    );
    for (const wrong of [
      { predict: weigh },
      { length: LENGTH },
      { predict: weigh, length: LENGTH, batch: 0 },
      { predict: weigh, length: LENGTH, tasks: ['one', 'two'] },
    ])
      await expect(importance(wrong as never, patterns, backgrounds)).rejects.toThrow(ArgumentError);
  });
});

describe('the same network on the GPU and behind a plain function', () => {
  const gpu = useGpu();
  const [length, SMALL] = [41, { filters: 5, hidden: 6, dilations: [1, 2] }] as const;

  /** A ResidualBind and float64 loops with its weights. */
  async function both(options: { seed: number; outputs?: number; models?: number }) {
    const model = await ResidualBind.create(gpu(), { ...SMALL, ...options });
    const weights = await Promise.all(
      Array.from({ length: model.models }, async (_, e) => toNumbers(await model.weights(e))),
    );
    const plain: PlainModel = {
      length,
      models: model.models,
      outputs: model.outputs,
      predict: async (codes) =>
        weights.flatMap((of) => Array.from(forward(model.architecture, of, { codes }, 'evaluation'))),
    };
    return { model, plain };
  }

  it('has the same importances, top patterns and mutants within 1e-4', async () => {
    const { model, plain } = await both({ seed: 3 });
    using _model = model;
    const set = drawn(6, length);
    const dimers = kmerPatterns(2, 17, length);
    const ours = await importance(model, dimers, set, { keepLocal: true, method: 'filtered' });
    const theirs = await importance(plain, dimers, set, { keepLocal: true });
    // The tolerance means something: importances are hundreds of times as large.
    expect(Math.max(...ours.models[0]!.mean.map(Math.abs))).toBeGreaterThan(0.05);
    for (const field of ['mean', 'variance', 'min', 'max', 'local'] as const)
      ours.models[0]![field]!.forEach((value, i) => {
        expect(Math.abs(theirs.models[0]![field]![i]! - value)).toBeLessThan(1e-4);
      });
    const top = { top: 3, first: 2 };
    expect((await topPatterns(plain, dimers, set, top)).models[0]!.patterns).toEqual(
      (await topPatterns(model, dimers, set, top)).models[0]!.patterns,
    );
    const parts = await importanceOfParts(plain, [dimers.slice(0, 8), dimers.slice(8)], set);
    expect(parts.reasons).toEqual(['no-layers']);
    expect(parts.work.multiplyAdds).toBeUndefined();
    expect(parts.states[1]!.statistics.slice(0, 8)).toEqual(theirs.models[0]!.mean.slice(8));
    const codes = set.codes.subarray(0, length);
    const [a, b] = [await mutagenesis(model, { codes }), await mutagenesis(plain, { codes })];
    a.scores.forEach((value, i) => {
      expect(Math.abs(b.scores[i]! - value)).toBeLessThan(1e-4);
    });
    expect(Math.abs(a.predictions[0]! - b.predictions[0]!)).toBeLessThan(1e-4);
  });

  it('has the same experiments', async () => {
    const { model, plain } = await both({ seed: 4 });
    using _model = model;
    const options = { motif: 'UGC', backgrounds: drawn(4, length) };
    const [ours, theirs] = [await runAll(model, options), await runAll(plain, options)];
    expect(theirs.map(({ experiment }) => experiment)).toEqual(ours.map(({ experiment }) => experiment));
    ours.forEach(({ rows }, i) => {
      rows.forEach(({ labels, importance: value }, j) => {
        const row = theirs[i]!.rows[j]!;
        expect(row.labels).toEqual(labels);
        expect(Math.abs(row.importance - value)).toBeLessThan(1e-4);
      });
    });
  });

  it('has the same importances for every model and output', async () => {
    const { model, plain } = await both({ seed: 5, outputs: 3, models: 2 });
    using _model = model;
    const set = drawn(5, length);
    const dimers = kmerPatterns(1, 17, length);
    const ours = await importance(model, dimers, set);
    const theirs = await importance({ ...plain, tasks: ['a', 'b', 'c'] }, dimers, set);
    expect(theirs.models.map(({ model: e, task }) => `${e}${task}`)).toEqual([
      '0a',
      '0b',
      '0c',
      '1a',
      '1b',
      '1c',
    ]);
    ours.models.forEach(({ mean }, r) => {
      mean.forEach((value, p) => {
        expect(Math.abs(theirs.models[r]!.mean[p]! - value)).toBeLessThan(1e-4);
      });
    });
  });
});
