/**
 * Motif databases: sites and their statistics by definition, a planted motif that must come first, and the
 * same numbers on GPU and host, in any chunks, interrupted or not.
 */

import { strFromU8, unzipSync } from 'fflate';
import { parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { type PositionWeightMatrix, pwmFromConsensus } from '../src/data/pwm.js';
import { ShapeError } from '../src/device/errors.js';
import { makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import { wholeRange } from '../src/gia/backgrounds/letters.js';
import { encodeMotifTable, motifDatabase, placeMotifs } from '../src/gia/databases/index.js';
import { logOdds, motifPatterns, SiteDraws } from '../src/gia/databases/motif-sites.js';
import type { PlainModel, PredictFunction } from '../src/gia/model.js';
import type { MemeMotif } from '../src/gia/motif/index.js';
import { columnInformation } from '../src/gia/motif/information.js';
import { effectOf } from '../src/gia/statistics/paired.js';
import { SweepCancelledError, type SweepState } from '../src/gia/sweep/state.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { useGpu } from './support/gpu.js';

const LENGTH = 20;
const backgrounds = makeBackgrounds({ kind: 'uniform', count: 60, length: LENGTH, seed: 4 });
const lettersOf = (codes: Uint8Array) => Array.from(codes, (code) => 'ACGU-'[code]).join('');

/** A matrix that nearly always draws these letters. */
const sharp = (letters: string): PositionWeightMatrix =>
  Array.from(letters, (own) => {
    const [a, c, g, u] = Array.from('ACGU', (letter) => (letter === own ? 0.97 : 0.01));
    return [a!, c!, g!, u!];
  });
const flat = (width: number): PositionWeightMatrix =>
  Array.from({ length: width }, () => [0.27, 0.23, 0.26, 0.24]);
const motif = (name: string, pwm: PositionWeightMatrix): MemeMotif => ({ name, pwm });

const DATABASE = [
  motif('decoy', sharp('GUAGCU')),
  motif('flat', flat(6)),
  motif('planted', sharp('UGCAUG')),
  motif('weak', pwmFromConsensus('UGCAUG')),
  motif('rich', sharp('UUUUUU')),
];

/** A function of the letters of each sequence. */
const byLetters =
  (score: (letters: string) => number): PredictFunction =>
  (codes) =>
    Float64Array.from({ length: codes.length / LENGTH }, (_, n) =>
      score(lettersOf(codes.subarray(n * LENGTH, (n + 1) * LENGTH))),
    );
const counting = (letter: string) => (letters: string) => letters.split(letter).length - 1;
const planted = byLetters((letters) => (letters.includes('UGCAUG') ? 1 : 0) + 0.02 * counting('G')(letters));

describe('sites', () => {
  const draws = new SiteDraws(7, 6);
  const pwm = pwmFromConsensus('UGCAUG');

  it('have the letter frequencies of their matrix, and one order of their letters is as likely as another', () => {
    const n = 4000;
    const sums = pwm.map(() => [0, 0, 0, 0]);
    const first = [0, 0, 0, 0];
    for (let background = 0; background < n; background++) {
      const site = draws.site(pwm, background);
      site.forEach((code, i) => {
        sums[i]![code]! += 1 / n;
      });
      const shuffled = draws.shuffled(pwm, background);
      expect([...shuffled].sort()).toEqual([...site].sort());
      first[shuffled[0]!]! += 1 / n;
    }
    const error = 5 * Math.sqrt(0.25 / n);
    pwm.forEach((column, i) => {
      column.forEach((p, letter) => {
        expect(Math.abs(sums[i]![letter]! - p)).toBeLessThan(error);
      });
    });
    const composition = [0, 1, 2, 3].map((letter) =>
      pwm.reduce((sum, column) => sum + column[letter]! / 6, 0),
    );
    first.forEach((share, letter) => {
      expect(Math.abs(share - composition[letter]!)).toBeLessThan(error);
    });
  });

  it('depend on seed, background and matrix alone', () => {
    const alone = new SiteDraws(7, 6);
    const beside = new SiteDraws(7, 30);
    for (const background of [5, 0, 5, 17]) {
      expect(beside.site(pwm, background)).toEqual(alone.site(pwm, background));
      expect(beside.shuffled(pwm, background)).toEqual(alone.shuffled(pwm, background));
    }
    const sites = (seed: number) =>
      Array.from({ length: 9 }, (_, n) => lettersOf(new SiteDraws(seed, 6).site(pwm, n))).join();
    expect(sites(7)).not.toBe(sites(8));
  });

  it('never draw a letter of no probability, and score by their log-odds', () => {
    const only: PositionWeightMatrix = [
      [0, 1, 0, 0],
      [0.5, 0, 0.5, 0],
    ];
    for (let n = 0; n < 200; n++) {
      const site = draws.site(only, n);
      expect(lettersOf(site)).toMatch(/^C[AG]$/);
      expect(logOdds(only, site)).toBeCloseTo(2 + 1, 12);
    }
  });

  it('are written over their backgrounds, pattern by pattern', () => {
    const placed = [
      { pwm: sharp('UGCAUG'), positions: [3, 11] },
      { pwm: flat(2), positions: [0, 18] },
    ];
    const patterns = motifPatterns(placed, ['a', 'b'], backgrounds, draws);
    expect(patterns.names).toEqual(['a', 'a', 'b', 'b', 'a', 'a', 'b', 'b']);
    const rows = new Uint8Array(8 * LENGTH);
    patterns.fill(rows, 8 * 5);
    const own = backgrounds.codes.subarray(5 * LENGTH, 6 * LENGTH);
    const row = (p: number) => rows.subarray(p * LENGTH, (p + 1) * LENGTH);
    const expected = own.slice();
    expected.set(draws.shuffled(placed[0]!.pwm, 5), 11);
    expect(row(5)).toEqual(expected);
    expect(row(6)).toEqual(Uint8Array.from([...own.slice(0, 18), ...draws.site(placed[1]!.pwm, 5)]));
    const part = new Uint8Array(3 * LENGTH);
    patterns.fill(part, 8 * 5 + 4);
    expect(part).toEqual(rows.subarray(4 * LENGTH, 7 * LENGTH));
  });
});

describe('motifDatabase', () => {
  it('ranks a planted motif first; a decoy, a flat matrix and composition do not win', async () => {
    const { models, leftOut, backgrounds: n } = await motifDatabase(planted, DATABASE, backgrounds);
    const { motifs } = models[0]!;
    expect([leftOut, n, models.length]).toEqual([[], 60, 1]);
    expect(motifs.slice(0, 2).map((each) => each.motif.name)).toEqual(['planted', 'weak']);
    expect(motifs.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5]);
    const [first, weak] = motifs;
    expect(first!.importance.mean).toBeGreaterThan(0.6);
    expect(first!.specific.mean).toBeGreaterThan(0.6);
    expect(Math.max(first!.importance.q, first!.specific.q)).toBeLessThan(1e-9);
    expect(weak!.specific.q).toBeLessThan(0.05);
    for (const { specific, importance } of motifs.slice(2)) {
      expect(specific.q).toBeGreaterThan(0.05);
      expect(Math.abs(importance.mean)).toBeLessThan(0.1);
    }
    expect(weak!.scoreR).toBeGreaterThan(0.3);
    expect(first!.consensus).toBe('UGCAUG');
    expect(first!.bits).toBeCloseTo(6 * columnInformation(sharp('U')[0]!), 10);
    // 17 is the default of the paper's 41 letters only; elsewhere sites are in the middle.
    expect(first!.positions).toEqual([7]);
  });

  it('says of a model that counts letters that their order adds nothing', async () => {
    const { models } = await motifDatabase(byLetters(counting('U')), DATABASE, backgrounds);
    const { motifs } = models[0]!;
    expect(motifs[0]!.motif.name).toBe('rich');
    for (const { importance, shuffled, specific } of motifs) {
      expect(specific).toMatchObject({ mean: 0, p: 1, q: 1 });
      expect(shuffled.mean).toBe(importance.mean);
    }
  });

  it('gives the statistics of the local importances, and means over positions', async () => {
    const options = { positions: [2, 13], seed: 3, chunk: 17 } as const;
    const { models, state } = await motifDatabase(planted, DATABASE, backgrounds, options);
    const predict = (codes: Uint8Array) => planted(codes, {}) as Float64Array;
    const bare = predict(backgrounds.codes);
    const draws = new SiteDraws(3, 6);
    for (const { motif: own, importance, shuffled, min, max } of models[0]!.motifs) {
      const means = (arrange: 'site' | 'shuffled') =>
        Array.from(bare, (base, n) => {
          const values = options.positions.map((at) => {
            const codes = backgrounds.codes.slice(n * LENGTH, (n + 1) * LENGTH);
            codes.set(draws[arrange](own.pwm, n), at);
            return predict(codes)[0]! - base;
          });
          return (values[0]! + values[1]!) / 2;
        });
      const expected = effectOf(means('site'), own.name);
      for (const field of ['mean', 'sd', 'se', 'ciLow', 'ciHigh', 't', 'p'] as const)
        expect(importance[field]).toBeCloseTo(expected[field], 4);
      expect(shuffled.mean).toBeCloseTo(effectOf(means('shuffled'), own.name).mean, 5);
      expect(min).toBeCloseTo(Math.min(...means('site')), 5);
      expect(max).toBeCloseTo(Math.max(...means('site')), 5);
    }
    const other = await motifDatabase(planted, DATABASE, backgrounds, { ...options, chunk: 1000 });
    expect(other.state).toEqual(state);
  });

  it('leaves out motifs that do not fit, and refuses where none does', async () => {
    const wide = motif('wide', flat(21));
    const { models, leftOut } = await motifDatabase(planted, [wide, ...DATABASE], backgrounds);
    expect(models[0]!.motifs).toHaveLength(5);
    expect(leftOut).toEqual([
      { name: 'wide', reason: 'its sites have 21 letters, and there are 20 positions (0–19)' },
    ]);
    await expect(motifDatabase(planted, [wide], backgrounds)).rejects.toThrow(ShapeError);
    const letters = { start: 2, end: 12 };
    const { placed, leftOut: out } = placeMotifs(DATABASE, LENGTH, letters, { positions: [7] });
    expect([placed.length, out.length]).toEqual([0, 5]);
    expect(out[0]!.reason).toContain('do not fit at position 7 (letters at 2–11)');
    const padded = placeMotifs(DATABASE, LENGTH, letters, { positions: [7], allowPadding: true });
    expect(padded.placed.map(({ inPadding }) => inPadding)).toEqual([1, 1, 1, 1, 1]);
    expect(placeMotifs(DATABASE, 41, wholeRange(41)).placed[0]!.positions).toEqual([17]);
  });

  it('goes on from where it was cancelled, with the same bits', async () => {
    const whole = await motifDatabase(planted, DATABASE, backgrounds, { chunk: 30 });
    const controller = new AbortController();
    const error = await motifDatabase(planted, DATABASE, backgrounds, {
      chunk: 30,
      signal: controller.signal,
      onProgress: ({ done }) => {
        if (done > 300) controller.abort();
      },
    }).catch((it) => it);
    expect(error).toBeInstanceOf(SweepCancelledError);
    const resume = error.state as SweepState;
    expect(resume.backgrounds).toBeGreaterThan(20);
    expect((await motifDatabase(planted, DATABASE, backgrounds, { chunk: 30, resume })).models).toEqual(
      whole.models,
    );
  });

  it('has a table in every format', async () => {
    const result = { ...(await motifDatabase(planted, DATABASE, backgrounds)), alphabet: 'dna' as const };
    const tsv = String(await encodeMotifTable(result, 'tsv', { manifest: {} })).split('\n');
    expect(tsv[0]!.split('\t').slice(0, 8)).toEqual([
      ...['rank', 'motif', 'name', 'consensus', 'width', 'bits', 'positions', 'importance'],
    ]);
    expect(tsv[1]!.split('\t').slice(0, 5)).toEqual(['1', 'planted', '', 'TGCATG', '6']);
    const json = JSON.parse(String(await encodeMotifTable(result, 'json', { manifest: { seed: 1 } })));
    expect(json).toMatchObject({
      manifest: { seed: 1 },
      alphabet: 'dna',
      rows: [{ motif: 'planted' }, {}, {}, {}, {}],
    });
    const parquet = (await encodeMotifTable(result, 'parquet', { manifest: {} })) as Uint8Array<ArrayBuffer>;
    const rows = await parquetReadObjects({ file: parquet.buffer });
    expect(rows.map(({ motif: name }) => name)).toEqual(json.rows.map((row: { motif: string }) => row.motif));
    const npz = unzipSync((await encodeMotifTable(result, 'npz', { manifest: { seed: 1 } })) as Uint8Array);
    expect(JSON.parse(strFromU8(npz['manifest.json']!))).toEqual({ seed: 1 });
    expect(Object.keys(npz)).toContain('specific_q.npy');
  });
});

describe('on a GPU', () => {
  const gpu = useGpu();

  it('gives the numbers of the same network behind a function, of several models and outputs', async () => {
    const few = makeBackgrounds({ kind: 'uniform', count: 12, length: 41, seed: 2 });
    using model = await ResidualBind.create(gpu(), {
      ...{ filters: 4, hidden: 5, dilations: [1], outputs: 2, models: 2, seed: 3 },
      tasks: ['one', 'two'],
    });
    const found = await motifDatabase(model, DATABASE, few, { chunk: 16 });
    const plain: PlainModel = {
      ...{ length: 41, models: 2, outputs: 2, tasks: ['one', 'two'] },
      predict: async (codes) => {
        // [E * outputs, n] to [E, n, outputs].
        const values = await model.predict({ codes });
        const n = codes.length / 41;
        return values.map((_, i) => {
          const [e, at, o] = [Math.floor(i / (2 * n)), Math.floor(i / 2) % n, i % 2];
          return values[(2 * e + o) * n + at]!;
        });
      },
    };
    const expected = await motifDatabase(plain, DATABASE, few);
    expect(found.models.map(({ model: e, task }) => [e, task])).toEqual([
      [0, 'one'],
      [0, 'two'],
      [1, 'one'],
      [1, 'two'],
    ]);
    found.models.forEach(({ motifs }, r) => {
      const others = new Map(expected.models[r]!.motifs.map((each) => [each.motif.name, each]));
      for (const { motif: own, importance, specific } of motifs) {
        expect(Math.abs(importance.mean - others.get(own.name)!.importance.mean)).toBeLessThan(1e-5);
        expect(Math.abs(specific.mean - others.get(own.name)!.specific.mean)).toBeLessThan(1e-5);
      }
    });
    const whole = await motifDatabase(model, DATABASE, few, { chunk: 1000 });
    expect(whole.state.local).toEqual(found.state.local);
  });
});
