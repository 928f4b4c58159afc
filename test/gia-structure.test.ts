/**
 * Importance analysis of models with structure channels, against a plain loop: embed on the host, fold there
 * (`foldProfiles`) or keep the background's profile, predict, subtract.
 */

import { describe, expect, it } from 'vitest';
import type { PositionWeightMatrix } from '../src/data/pwm.js';
import { encodeSequences } from '../src/data/sequences/sequence.js';
import { ArgumentError, ShapeError } from '../src/device/errors.js';
import { topPatterns } from '../src/gia/adaptive.js';
import { integratedGradients } from '../src/gia/attribution/integrated.js';
import { mutagenesis } from '../src/gia/attribution/mutagenesis.js';
import { saliency } from '../src/gia/attribution/saliency.js';
import { type Backgrounds, makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import { motifDatabase } from '../src/gia/databases/index.js';
import { affinity, EXPERIMENTS, runAll } from '../src/gia/experiments/index.js';
import { withStemLoop } from '../src/gia/experiments/stem-loops.js';
import { importance, sweep } from '../src/gia/importance.js';
import { KEEP, overlay, type Pattern, parsePattern } from '../src/gia/patterns/patterns.js';
import type { Treatment } from '../src/gia/structure.js';
import { contextsOf } from '../src/nn/contexts.js';
import { foldProfiles } from '../src/nn/folding/fold-profiles.js';
import { foldedAtOnce } from '../src/nn/folding/folding.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { useGpu } from './support/gpu.js';

const gpu = useGpu();
const LENGTH = 25;

interface Shape {
  readonly channels: 6 | 9;
  readonly models?: number;
  readonly outputs?: number;
}

const modelOf = ({ channels, models = 1, outputs = 1 }: Shape): Promise<ResidualBind> =>
  ResidualBind.create(gpu(), {
    length: LENGTH,
    channels,
    filters: 6,
    hidden: 8,
    taps: 5,
    seed: 3,
    models,
    outputs,
  });

const drawn = (count: number, seed = 7): Backgrounds =>
  makeBackgrounds({ kind: 'uniform', count, length: LENGTH, seed });

const folded = (model: ResidualBind, codes: Uint8Array): Promise<Float32Array> =>
  foldProfiles(gpu(), codes, { length: LENGTH, contexts: contextsOf(model.architecture)! });

/** Codes [N * L] with a pattern written into every sequence. */
function embedded(pattern: Pattern, codes: Uint8Array): Uint8Array {
  const letters = overlay([pattern], LENGTH);
  return codes.map((code, i) => {
    const letter = letters[i % LENGTH]!;
    return letter === KEEP ? code : letter;
  });
}

/** Local importances [readouts][N] of a pattern, by host folding and prediction. */
async function plain(
  model: ResidualBind,
  pattern: Pattern,
  { codes, count, profile }: Backgrounds,
  structure: Treatment,
): Promise<number[][]> {
  const own = profile ?? (await folded(model, codes));
  const base = await model.predict({ codes, profile: own });
  const written = embedded(pattern, codes);
  const changed = await model.predict({
    codes: written,
    profile: structure === 'keep' ? own : await folded(model, written),
  });
  return Array.from({ length: model.models * model.outputs }, (_, r) =>
    Array.from({ length: count }, (_, n) => changed[r * count + n]! - base[r * count + n]!),
  );
}

const expectNear = (actual: ArrayLike<number>, expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length);
  for (let i = 0; i < expected.length; i++) expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThan(2e-5);
};

const PATTERNS = ['GCGCGC@2+GCGCGC@15', 'UGCAUG@11', 'A@24'].map(parsePattern);

const CASES = (['fold', 'keep'] as const).flatMap((structure) => [
  { structure, channels: 6 as const, models: 2, outputs: 1 },
  { structure, channels: 9 as const, models: 1, outputs: 2 },
]);

describe('importance of a model with structure channels', () => {
  it.each(CASES)(
    'equals a plain loop: $structure, $channels channels, $models models of $outputs',
    async ({ structure, ...shape }) => {
      using model = await modelOf(shape);
      const backgrounds = drawn(5);
      const result = await importance(model, PATTERNS, backgrounds, {
        structure,
        keepLocal: true,
        chunk: 7,
      });
      expect(result.structure).toBe(structure);
      expect(result.method).toBe('naive');
      expect(result.reason).toBe('layers');
      for (const [p, pattern] of PATTERNS.entries()) {
        const expected = await plain(model, pattern, backgrounds, structure);
        for (const [r, { local }] of result.models.entries())
          expectNear(local!.subarray(p * 5, (p + 1) * 5), expected[r]!);
      }
    },
  );

  it('differs where a pattern makes pairs, and folds by default', async () => {
    using model = await modelOf({ channels: 6 });
    const backgrounds = drawn(8);
    const means = async (options: { structure?: Treatment }) =>
      Array.from((await importance(model, PATTERNS, backgrounds, options)).models[0]!.mean);
    const byDefault = await means({});
    expect(byDefault).toEqual(await means({ structure: 'fold' }));
    expect(byDefault).not.toEqual(await means({ structure: 'keep' }));
  });

  it('keeps profiles that backgrounds bring', async () => {
    using model = await modelOf({ channels: 6 });
    const { codes, ...rest } = drawn(5);
    const profile = Float32Array.from({ length: 2 * codes.length }, (_, i) => (i % 7) / 7);
    const backgrounds = { ...rest, codes, profile };
    const result = await importance(model, PATTERNS, backgrounds, { structure: 'keep', keepLocal: true });
    const { local } = result.models[0]!;
    for (const [p, pattern] of PATTERNS.entries())
      expectNear(local!.subarray(p * 5, (p + 1) * 5), (await plain(model, pattern, backgrounds, 'keep'))[0]!);
    await expect(importance(model, PATTERNS, backgrounds)).rejects.toThrow(
      new ArgumentError(
        'structure',
        'backgrounds with a structure profile need structure "keep"; with "fold" every sequence is folded anew',
      ),
    );
    const short = { ...backgrounds, profile: profile.subarray(1) };
    await expect(importance(model, PATTERNS, short, { structure: 'keep' })).rejects.toThrow(ShapeError);
  });

  it.each(['fold', 'keep'] as const)('sweeps and searches the same numbers: %s', async (structure) => {
    using model = await modelOf({ channels: 9 });
    const backgrounds = drawn(16);
    const all = await sweep(model, { k: 2, backgrounds, structure });
    const position = Math.floor((LENGTH - 2) / 2);
    const few = await topPatterns(
      model,
      all.patterns.map((letters) => ({ name: letters, sites: [{ letters, position }] })),
      backgrounds,
      { top: 2, first: 4, structure },
    );
    expect(few.structure).toBe(structure);
    const { mean } = all.models[0]!;
    const best = [...all.patterns.keys()].sort((a, b) => mean[b]! - mean[a]!).slice(0, 2);
    expect(few.models[0]!.patterns).toEqual(best.map((p) => all.patterns[p]));
    expectNear(
      few.models[0]!.mean,
      best.map((p) => mean[p]!),
    );
  });

  it.each(['fold', 'keep'] as const)('asks motif databases the same: %s', async (structure) => {
    using model = await modelOf({ channels: 6, models: 2 });
    const backgrounds = drawn(9);
    // A matrix that always draws the same letters.
    const pwm = Array.from('GCAUGC', (own) => Array.from('ACGU', (letter) => Number(letter === own)));
    const motifs = [{ name: 'one', pwm: pwm as unknown as PositionWeightMatrix }];
    const found = await motifDatabase(model, motifs, backgrounds, { structure, positions: [11], chunk: 7 });
    expect(found.structure).toBe(structure);
    const sites = await importance(model, [parsePattern('GCAUGC@11')], backgrounds, { structure });
    for (const [e, { motifs: ranked }] of found.models.entries())
      expectNear([ranked[0]!.importance.mean], [sites.models[e]!.mean[0]!]);
    expect(sites.models[0]!.mean[0]).not.toBe(0);
  });

  it('names the sequence or pattern whose partition function leaves the range of f32', async () => {
    const length = 160;
    using model = await ResidualBind.create(gpu(), { length, channels: 6, filters: 4, hidden: 4, taps: 5 });
    const stem = `${'G'.repeat(38)}AAAA${'C'.repeat(38)}`;
    const of = (letters: string) => {
      const sequences = encodeSequences([letters.padEnd(length, 'A')], length);
      return makeBackgrounds({ kind: 'sequences', count: 1, length, seed: 1, sequences });
    };
    await expect(importance(model, PATTERNS, of('A'.repeat(80) + stem))).rejects.toThrow(
      /^the prediction of sequence 1 is NaN; most likely the partition function/,
    );
    await expect(importance(model, [parsePattern(`${stem}@80`)], of('A'), { chunk: 1 })).rejects.toThrow(
      /^the importance of "G+A+C+@80" is not finite: NaN; most likely the partition function/,
    );
  });

  it('predicts no more sequences at a time than are folded side by side', async () => {
    for (const length of [25, 160]) {
      const shape = { length, filters: 4, hidden: 4, taps: 5 };
      using letters = await ResidualBind.create(gpu(), shape);
      using both = await ResidualBind.create(gpu(), { ...shape, channels: 9 });
      expect(letters.sequencesAtOnce()).toBeGreaterThan(foldedAtOnce(gpu(), 160));
      expect(both.sequencesAtOnce()).toBe(Math.min(letters.sequencesAtOnce(), foldedAtOnce(gpu(), length)));
    }
  });

  it('refuses what it cannot do', async () => {
    using letters = await ResidualBind.create(gpu(), { length: LENGTH, filters: 4, hidden: 4, taps: 5 });
    const backgrounds = drawn(4);
    for (const model of [letters, (codes: Uint8Array) => new Float32Array(codes.length / LENGTH)])
      await expect(importance(model, PATTERNS, backgrounds, { structure: 'keep' })).rejects.toThrow(
        'structure "keep" needs a model with structure channels',
      );
    expect((await importance(letters, PATTERNS, backgrounds)).structure).toBeUndefined();
    using model = await modelOf({ channels: 6 });
    await expect(importance(model, PATTERNS, backgrounds, { method: 'shared' })).rejects.toThrow(
      'structure channels',
    );
    await expect(
      importance(model, PATTERNS, backgrounds, { structure: 'refold' as Treatment }),
    ).rejects.toThrow(ArgumentError);
  });
});

describe('experiments of a model with structure channels', () => {
  it.each(['fold', 'keep'] as const)('all say how structure was treated: %s', async (structure) => {
    using model = await modelOf({ channels: 6 });
    const results = await runAll(model, { motif: 'UGCAUG', backgrounds: drawn(3), structure });
    expect(results.map(({ experiment }) => experiment)).toEqual(Object.keys(EXPERIMENTS));
    for (const result of results) expect(result.structure).toBe(structure);
    const measured = ['UGCAUG', 'AGCAUG', 'UGCACG'].map((letters, i) => ({ letters, kd: i + 1 }));
    const bound = await affinity(model, { measured, backgrounds: drawn(3), structure });
    expect(bound.structure).toBe(structure);
  });

  it.each(['fold', 'keep'] as const)(
    'hairpins are those of the folded backgrounds: %s',
    async (structure) => {
      using model = await modelOf({ channels: 9 });
      const backgrounds = drawn(3);
      const stem = { start: 2, arm: 7, loop: 7 };
      const { rows } = await EXPERIMENTS.hairpin(model, { motif: 'GCUGG', stem, backgrounds, structure });
      const loop = parsePattern('GCUGG@10');
      for (const arms of ['paired', 'broken', 'unpaired'] as const) {
        const row = rows.find(({ labels }) => labels.place === 'loop' && labels.arms === arms)!;
        const local = await plain(model, loop, withStemLoop(backgrounds, stem, arms), structure);
        const mean = local[0]!.reduce((sum, value) => sum + value, 0) / 3;
        expectNear([row.importance], [mean]);
      }
    },
  );
});

describe('attribution with structure channels', () => {
  const { codes } = drawn(2, 11);

  it.each(CASES)(
    'mutants equal a plain loop: $structure, $channels channels, $models models of $outputs',
    async ({ structure, ...shape }) => {
      using model = await modelOf(shape);
      const result = await mutagenesis(model, { codes }, { structure });
      expect(result.structure).toBe(structure);
      expectNear(result.predictions, [
        ...(await model.predict({ codes, profile: await folded(model, codes) })),
      ]);
      for (const [position, letters] of [
        [0, 'G'],
        [14, 'C'],
        [24, 'U'],
      ] as const) {
        const set: Backgrounds = { kind: 'sequences', seed: 0, count: 2, length: LENGTH, codes };
        const mutant = { name: letters, sites: [{ letters, position }] };
        const expected = (await plain(model, mutant, set, structure)).flat();
        const scores = expected.map(
          (_, i) => result.scores[(i * 4 + 'ACGU'.indexOf(letters)) * LENGTH + position]!,
        );
        expectNear(scores, expected);
      }
    },
  );

  it('gradients hold the profile at that of the sequence', async () => {
    using model = await modelOf({ channels: 6, models: 2 });
    const profile = await folded(model, codes);
    const own = await saliency(model, { codes });
    expect(own.structure).toBe('keep');
    expectNear(own.scores, [...(await saliency(model, { codes, profile })).scores]);
    const steps = { steps: 3 };
    expectNear((await integratedGradients(model, { codes }, steps)).scores, [
      ...(await integratedGradients(model, { codes, profile }, steps)).scores,
    ]);
  });

  it('keeps a profile that is given, and refuses one that would not be used', async () => {
    using model = await modelOf({ channels: 6 });
    const profile = Float32Array.from({ length: 2 * codes.length }, (_, i) => (i % 5) / 5);
    const { predictions } = await mutagenesis(model, { codes, profile }, { structure: 'keep' });
    expectNear(predictions, [...(await model.predict({ codes, profile }))]);
    await expect(mutagenesis(model, { codes, profile })).rejects.toThrow('need structure "keep"');
  });
});
