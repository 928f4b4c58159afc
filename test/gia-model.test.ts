/** Analyses of models that are known by what they predict alone, and of models with several outputs. */

import { describe, expect, it } from 'vitest';
import { ArgumentError, ShapeError, UnsupportedError } from '../src/device/errors.js';
import { topPatterns } from '../src/gia/adaptive.js';
import { integratedGradients } from '../src/gia/attribution/integrated.js';
import { mutagenesis } from '../src/gia/attribution/mutagenesis.js';
import { saliency } from '../src/gia/attribution/saliency.js';
import { type Backgrounds, makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import { importance, kmerPatterns, sweep } from '../src/gia/importance.js';
import type { Predicts } from '../src/gia/model.js';
import { KEEP, overlay, type Pattern } from '../src/gia/patterns/patterns.js';
import { barePredictions } from '../src/gia/sweep/bare-predictions.js';
import { EmbeddingSweep } from '../src/gia/sweep/embedding-sweep.js';
import { patternSet } from '../src/gia/sweep/partition.js';
import { runEngine } from '../src/gia/sweep/runner.js';
import type { SweepState } from '../src/gia/sweep/state.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { useGpu } from './support/gpu.js';

const gpu = useGpu();
const LENGTH = 20;
const SMALL = { length: LENGTH, filters: 6, hidden: 8 };
const patterns = kmerPatterns(2, 5, LENGTH);
const backgrounds = makeBackgrounds({ kind: 'uniform', count: 9, length: LENGTH, seed: 4 });

/** A model without its layers: what another implementation of the interface would be. */
const bare = (model: ResidualBind): Predicts => ({
  gpu: model.gpu,
  models: model.models,
  outputs: model.outputs,
  tasks: ['first', 'second', 'third'].slice(0, model.outputs),
  length: model.length,
  record: (codes) => model.record(codes),
});

/** Local importances [E * outputs][P * N] in float64, from predictions of every embedded sequence. */
async function plainLocals(
  model: ResidualBind,
  set: readonly Pattern[],
  { codes, count }: Backgrounds,
): Promise<number[][]> {
  const overlays = overlay(set, LENGTH);
  const base = await model.predict({ codes });
  const readouts = base.length / count;
  const locals = Array.from({ length: readouts }, (): number[] => []);
  for (let p = 0; p < set.length; p++) {
    const embedded = codes.map((code, i) => {
      const letter = overlays[p * LENGTH + (i % LENGTH)]!;
      return letter === KEEP ? code : letter;
    });
    const predicted = await model.predict({ codes: embedded });
    for (let r = 0; r < readouts; r++)
      for (let n = 0; n < count; n++) locals[r]!.push(predicted[r * count + n]! - base[r * count + n]!);
  }
  return locals;
}

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe('a model without layers', () => {
  it('is embedded in and predicted, says so, and gives the bits of the model with layers', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL, models: 2, seed: 3 });
    const options = { keepLocal: true, method: 'naive' } as const;
    const expected = await importance(model, patterns, backgrounds, options);
    const found = await importance(bare(model), patterns, backgrounds, { keepLocal: true, chunk: 50 });
    expect(found.models).toEqual(expected.models);
    expect(found.bare).toEqual(await model.predict({ codes: backgrounds.codes }));
    expect([found.method, found.reason]).toEqual(['naive', 'no-layers']);
    expect(expected.reason).toBeUndefined();
    expect(found.work.multiplyAdds).toBeUndefined();
    expect(expected.work.multiplyAdds).toBeGreaterThan(0);
  });

  it('is searched for its top patterns', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL, seed: 3 });
    const set = makeBackgrounds({ kind: 'uniform', count: 40, length: LENGTH, seed: 4 });
    const options = { top: 2, first: 8 };
    const expected = await topPatterns(model, patterns, set, { ...options, method: 'naive' });
    const found = await topPatterns(bare(model), patterns, set, options);
    expect(found.models).toEqual(expected.models);
    expect(found.exhaustiveMultiplyAdds).toBe(patterns.length * set.count);
    const spent = found.rounds.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0);
    expect(spent).toBe(found.rounds.reduce((sum, { pairs }) => sum + pairs, 0));
  });

  it('is mutated, but has no gradients', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL, seed: 3 });
    const { codes } = backgrounds;
    const found = await mutagenesis(bare(model), { codes });
    expect(found).toEqual(await mutagenesis(model, { codes }, { method: 'naive' }));
    await expect(saliency(bare(model) as never, { codes })).rejects.toThrow(UnsupportedError);
    await expect(integratedGradients(bare(model) as never, { codes })).rejects.toThrow('use mutagenesis');
  });

  it('takes no other method, no f16, and predictions of the right number only', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL });
    const fake = bare(model);
    await expect(importance(fake, patterns, backgrounds, { method: 'shared' })).rejects.toThrow(
      ArgumentError,
    );
    await expect(importance(fake, patterns, backgrounds, { precision: 'f16' })).rejects.toThrow('precision');
    const wrong = { ...fake, outputs: 2 };
    await expect(importance(wrong, patterns, backgrounds)).rejects.toThrow(ShapeError);
    await expect(importance(wrong, patterns, backgrounds)).rejects.toThrow(
      '[models, batch, outputs] = [1, 9, 2]',
    );
    for (const field of ['gpu', 'models', 'length', 'record'] as const)
      await expect(importance({ ...fake, [field]: undefined }, patterns, backgrounds)).rejects.toThrow(
        `model.${field}`,
      );
  });
});

describe('several outputs', () => {
  it('have importances of their own, model by model and output by output, as a plain loop finds them', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL, outputs: 3, models: 2, seed: 5 });
    const locals = await plainLocals(model, patterns, backgrounds);
    for (const asked of [model, bare(model)]) {
      const {
        models,
        state,
        bare: base,
      } = await importance(asked, patterns, backgrounds, { keepLocal: true });
      expect(models.map(({ model: e, output }) => [e, output])).toEqual(
        [0, 1].flatMap((e) => [0, 1, 2].map((output) => [e, output])),
      );
      expect(state.statistics).toHaveLength(6 * 4 * patterns.length);
      expect(base).toEqual(await model.predict({ codes: backgrounds.codes }));
      models.forEach(({ mean, min, local }, r) => {
        patterns.forEach((_, p) => {
          const expected = locals[r]!.slice(p * backgrounds.count, (p + 1) * backgrounds.count);
          expect(Math.abs(mean[p]! - meanOf(expected))).toBeLessThan(1e-5);
          expect(Math.abs(min[p]! - Math.min(...expected))).toBeLessThan(1e-5);
        });
        locals[r]!.forEach((value, i) => {
          expect(Math.abs(local![i]! - value)).toBeLessThan(1e-5);
        });
      });
    }
  });

  it('are called by their names, or by number', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL, outputs: 2 });
    const named = await sweep(bare(model), { k: 1, position: 3, backgrounds });
    expect(named.models.map(({ task }) => task)).toEqual(['first', 'second']);
    const numbered = await sweep(model, { k: 1, position: 3, backgrounds });
    expect(numbered.models.map(({ task }) => task)).toEqual(['1', '2']);
    expect([numbered.method, numbered.reason]).toEqual(['naive', 'few-pairs']);
  });

  it('go on from a checkpoint with the same bits', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL, outputs: 2, seed: 2 });
    const long = makeBackgrounds({ kind: 'uniform', count: 10, length: LENGTH, seed: 4 });
    using engine = await EmbeddingSweep.create(model, patternSet(patterns, LENGTH), long, {
      block: 4,
      chunk: 30,
    });
    using base = (await barePredictions(model, long, 'f32')).tensor;
    const names = patterns.map(({ name }) => name);
    const states: SweepState[] = [];
    const options = { keepLocal: true, checkpointSeconds: 0 };
    const whole = await runEngine(model, names, engine, base, long, {
      ...options,
      onCheckpoint: (state) => void states.push(state),
    });
    expect(states.map((state) => state.backgrounds)).toEqual([4, 8]);
    expect(whole.state).toEqual((await importance(model, patterns, long, { keepLocal: true })).state);
    for (const resume of states) {
      const resumed = await importance(model, patterns, long, { keepLocal: true, resume });
      expect(resumed.state).toEqual(whole.state);
    }
  });

  it('are searched and mutated one by one', async () => {
    using model = await ResidualBind.create(gpu(), { ...SMALL, outputs: 2, models: 2, seed: 5 });
    const { models } = await topPatterns(model, patterns, backgrounds, { top: 2, first: 4 });
    const all = await importance(model, patterns, backgrounds);
    expect(models.map(({ model: e, output, task }) => [e, output, task])).toEqual([
      [0, 0, '1'],
      [0, 1, '2'],
      [1, 0, '1'],
      [1, 1, '2'],
    ]);
    models.forEach(({ patterns: names }, r) => {
      const ranked = Array.from(patterns.keys()).sort(
        (a, b) => all.models[r]!.mean[b]! - all.models[r]!.mean[a]!,
      );
      expect(names).toEqual(ranked.slice(0, 2).map((p) => patterns[p]!.name));
    });
    const { codes, count } = backgrounds;
    const { scores, predictions, outputs } = await mutagenesis(model, { codes });
    expect(outputs).toBe(2);
    expect(predictions).toEqual(await model.predict({ codes }));
    // The third letter of sequence 6 becomes C.
    const mutants = codes.slice();
    mutants[6 * LENGTH + 2] = 1;
    const predicted = await model.predict({ codes: mutants });
    for (let r = 0; r < 4; r++) {
      const change = predicted[r * count + 6]! - predictions[r * count + 6]!;
      expect(Math.abs(scores[((r * count + 6) * 4 + 1) * LENGTH + 2]! - change)).toBeLessThan(1e-5);
    }
  });
});
