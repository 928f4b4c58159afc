/**
 * Padding is not sequence: patterns and backgrounds stay where probes have letters, or are refused, or
 * marked.
 */

import { describe, expect, it } from 'vitest';
import { PAD } from '../src/data/sequences/letters.js';
import { profileOf } from '../src/data/sequences/profile.js';
import { encodeSequences } from '../src/data/sequences/sequence.js';
import { InvalidSequenceError, PaddingError, ShapeError } from '../src/device/errors.js';
import { topPatterns } from '../src/gia/adaptive.js';
import {
  BACKGROUND_KINDS,
  type Backgrounds,
  backgroundLetters,
  lettersIn,
  makeBackgrounds,
} from '../src/gia/backgrounds/backgrounds.js';
import { lettersInPadding, lettersOfCodes, lettersOfProfile } from '../src/gia/backgrounds/letters.js';
import { affinity } from '../src/gia/experiments/affinity.js';
import { gcBias } from '../src/gia/experiments/gc-bias.js';
import { hairpin } from '../src/gia/experiments/hairpin.js';
import { runAll, type Skipped } from '../src/gia/experiments/index.js';
import { multiplicity } from '../src/gia/experiments/multiplicity.js';
import { kmerMutagenesis } from '../src/gia/experiments/mutagenesis.js';
import { positionalBias } from '../src/gia/experiments/positions.js';
import { spacing } from '../src/gia/experiments/spacing.js';
import { withStemLoop } from '../src/gia/experiments/stem-loops.js';
import { importance, kmerPatterns, kmerPosition, sweep } from '../src/gia/importance.js';
import { expandPattern, parsePatternList } from '../src/gia/patterns/pattern-sets.js';
import { parsePattern } from '../src/gia/patterns/patterns.js';
import { giaTable, toJson, toTsv } from '../src/gia/tables/table.js';
import { parseTableJson, parseTsv } from '../src/gia/tables/table-reader.js';
import { Random } from '../src/kernels/random.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { descriptionOf } from '../src/report/experiments/index.js';
import { useGpu } from './support/gpu.js';

const LENGTH = 41;
const random = new Random(3, 1002);
/** Random letters. */
const letters = (length: number, n: number): string => {
  const draws = random.draws(n);
  return Array.from({ length }, () => 'ACGU'[draws.below(4)]).join('');
};
const probes = (length: number, count = 40): string[] =>
  Array.from({ length: count }, (_, n) => letters(length, n));
/** 20-mers stand at 10–29 of 41. */
const codes20 = encodeSequences(probes(20), LENGTH);
const profile20 = profileOf(codes20, LENGTH);
const RANGE = { start: 10, end: 30 };
const scores = Array.from({ length: 40 }, (_, n) => n);
const short = (count = 6): Backgrounds =>
  makeBackgrounds({ kind: 'uniform', count, length: LENGTH, seed: 1, profile: profile20 });
const gpu = useGpu();
const create = () => ResidualBind.create(gpu(), { filters: 4, hidden: 4, seed: 2 });

describe('where probes have letters', () => {
  it('is what the profile says, and what codes say', () => {
    expect(lettersOfProfile(profile20)).toEqual(RANGE);
    expect(lettersOfCodes(codes20, LENGTH)).toEqual(RANGE);
    // 38-mers stand at 1–38 and 41-mers at 0–40: a position counts where any probe has a letter.
    const mixed = encodeSequences([letters(38, 1), letters(41, 2)], LENGTH);
    expect(lettersOfProfile(profileOf(mixed, LENGTH))).toEqual({ start: 0, end: 41 });
    expect(lettersOfCodes(encodeSequences([letters(39, 1)], LENGTH), LENGTH)).toEqual({ start: 1, end: 40 });
    expect(lettersOfCodes(new Uint8Array(LENGTH).fill(PAD), LENGTH)).toEqual({ start: 0, end: 0 });
  });

  it('counts the letters that a pattern writes elsewhere, N not among them', () => {
    const count = (text: string) => lettersInPadding(parsePattern(text), RANGE);
    expect(count('UGCAUG@10')).toBe(0);
    expect(count('UGCAUG@24')).toBe(0);
    expect(count('UGCAUG@9')).toBe(1);
    expect(count('UGCAUG@25')).toBe(1);
    expect(count('UGCAUG@0+A@17+GC@29')).toBe(7);
    expect(count('NNUGCAUGNN@8')).toBe(0);
  });

  it.each(BACKGROUND_KINDS)(
    'backgrounds of kind %s have letters nowhere else, and carry the range',
    (kind) => {
      const made = makeBackgrounds({
        kind,
        count: 8,
        length: LENGTH,
        seed: 4,
        profile: profile20,
        sequences: codes20,
        scores,
      });
      expect(made.letters).toEqual(RANGE);
      for (let n = 0; n < 8; n++) {
        const row = made.codes.subarray(n * LENGTH, (n + 1) * LENGTH);
        expect(Array.from(row, (code) => Number(code !== PAD))).toEqual(
          Array.from(row.keys(), (i) => Number(i >= 10 && i < 30)),
        );
      }
    },
  );

  it('changes no letter where probes fill the input', () => {
    const whole = profileOf(encodeSequences(probes(41), LENGTH), LENGTH);
    const options = { kind: 'uniform', count: 5, length: LENGTH, seed: 9 } as const;
    const [plain, known] = [makeBackgrounds(options), makeBackgrounds({ ...options, profile: whole })];
    expect(known).toEqual(plain);
    expect(plain.letters).toEqual({ start: 0, end: 41 });
  });

  it('refuses sequences with letters where training probes have none, takes them on demand, and narrows to shorter ones', () => {
    const options = { kind: 'shuffle', count: 4, length: LENGTH, seed: 1 } as const;
    const wide = { ...options, sequences: encodeSequences(probes(24), LENGTH), profile: profile20 };
    expect(() => makeBackgrounds(wide)).toThrow(PaddingError);
    expect(() => makeBackgrounds(wide)).toThrow(/positions 8–31.*positions 10–29 only.*--allow-padding/);
    expect(makeBackgrounds({ ...wide, allowPadding: true }).letters).toEqual(RANGE);
    const narrow = { ...options, sequences: encodeSequences(probes(11), LENGTH), profile: profile20 };
    expect(backgroundLetters(narrow)).toEqual({ start: 15, end: 26 });
    expect(backgroundLetters({ ...options, sequences: codes20 })).toEqual(RANGE);
    expect(() => backgroundLetters({ ...options, letters: { start: 30, end: 30 } })).toThrow(ShapeError);
  });

  it('refuses a sequence without letters, of which no background can be made', () => {
    const sequences = encodeSequences(['ACGU', 'NNNN'], 8);
    for (const kind of ['shuffle', 'dinuc', 'markov', 'sequences', 'profile'] as const)
      expect(() => makeBackgrounds({ kind, count: 1, length: 8, seed: 1, sequences })).toThrow(
        InvalidSequenceError,
      );
    expect(() =>
      makeBackgrounds({ kind: 'quartile1', count: 1, length: 8, seed: 1, sequences, scores: [1, 2] }),
    ).toThrow(/sequence 1 has no letters/);
  });
});

describe('patterns in padding', () => {
  it('are refused by every analysis, with the range and the option', async () => {
    using model = await create();
    const outside = ['UGCAUG@0', 'UGCAUG@17'].map(parsePattern);
    const backgrounds = short();
    for (const refused of [
      () => importance(model, outside, backgrounds),
      () => topPatterns(model, outside, backgrounds, { top: 1 }),
      () => sweep(model, { k: 2, position: 29, backgrounds }),
      () => positionalBias(model, { motif: 'UGCAUG', positions: [3, 17], backgrounds }),
      () => kmerMutagenesis(model, { motif: 'UGC', position: 8, backgrounds }),
      () => multiplicity(model, { motif: 'UGCAUG', positions: [3, 10, 17], backgrounds }),
      () => spacing(model, { motif: 'UGCAUG', pairs: [[4, 20]], backgrounds }),
      () => spacing(model, { motif: 'UGCAUG', gaps: [20], backgrounds }),
      () => gcBias(model, { motif: 'UGCAUG', ends: [0, 34], backgrounds }),
      () => hairpin(model, { motif: 'UGC', stem: { start: 5, arm: 11, loop: 6 }, backgrounds }),
      () => affinity(model, { measured: [{ letters: 'UGC', kd: 1 }], position: 35, backgrounds }),
    ]) {
      const error = refused();
      await expect(error).rejects.toThrow(PaddingError);
      await expect(error).rejects.toThrow(/probes have letters at positions 10–29 only.*allowPadding: true/);
    }
    expect(() => withStemLoop(backgrounds, { start: 5, arm: 11, loop: 6 }, 'paired')).toThrow(PaddingError);
  });

  it('are refused by the backgrounds’ own letters where nothing else is known', async () => {
    using model = await create();
    const own: Backgrounds = {
      kind: 'sequences',
      seed: 0,
      count: 2,
      length: LENGTH,
      codes: codes20.slice(0, 2 * LENGTH),
    };
    expect(lettersIn(own)).toEqual(RANGE);
    await expect(importance(model, [parsePattern('A@9')], own)).rejects.toThrow(PaddingError);
    await expect(
      topPatterns(model, ['A@9', 'A@10'].map(parsePattern), own, { top: 1, first: 2 }),
    ).rejects.toThrow(PaddingError);
    const blank = { ...own, codes: new Uint8Array(2 * LENGTH).fill(PAD) };
    await expect(importance(model, [parsePattern('A@9')], blank)).rejects.toThrow(
      /no letters at any position/,
    );
  });

  it('are marked where they are allowed: importances, tables, experiments', async () => {
    using model = await create();
    const backgrounds = short();
    const patterns = ['UGCAUG@7', 'UGCAUG@17'].map(parsePattern);
    const found = await importance(model, patterns, backgrounds, { allowPadding: true });
    expect(found.inPadding).toEqual([3, 0]);
    expect((await importance(model, patterns.slice(1), backgrounds)).inPadding).toBeUndefined();
    const tops = await topPatterns(model, patterns, backgrounds, { top: 2, allowPadding: true });
    expect(tops.models[0]!.inPadding).toEqual(
      tops.models[0]!.patterns.map((name) => (name === 'UGCAUG@7' ? 3 : 0)),
    );

    const { inPadding, models } = found;
    const table = await giaTable(found.patterns, { ...models[0]!, n: backgrounds.count, inPadding });
    for (const read of [parseTsv(toTsv(table)), parseTableJson(toJson(table, {}))])
      expect(Object.fromEntries(read.rows.map((row) => [row.pattern, row.inPadding]))).toEqual({
        'UGCAUG@7': 3,
        'UGCAUG@17': 0,
      });
    expect(toTsv(await giaTable(['A', 'B'], { ...models[0]!, n: 6 }))).not.toContain('in_padding');

    const bias = await positionalBias(model, {
      motif: 'UGCAUG',
      positions: [8, 17],
      backgrounds,
      allowPadding: true,
    });
    expect(bias.rows.map(({ labels }) => labels)).toEqual([
      { position: 8, inPadding: 2 },
      { position: 17, inPadding: 0 },
    ]);
    expect(bias.comparisons.map(({ labels }) => labels.inPadding)).toEqual([2, 0]);
    expect(bias.padding).toEqual({ letters: RANGE, patterns: ['UGCAUG@8'], of: 2 });
    expect(descriptionOf(bias)).toMatch(/1 of 2 patterns have letters where no probe has one .*10–29 only/);
    const loops = await hairpin(model, {
      motif: 'UGC',
      stem: { start: 5, arm: 11, loop: 6 },
      backgrounds,
      allowPadding: true,
    });
    expect(loops.padding?.patterns).toContain('stem-loop');
    expect(loops.rows.every(({ labels }) => typeof labels.inPadding === 'number')).toBe(true);
  });

  it('mean neither by * nor in lists', () => {
    const places = (text: string) =>
      expandPattern(text, LENGTH, { letters: RANGE }).map(({ sites }) => sites[0]!.position);
    expect(places('UGCAUG@*')).toEqual(Array.from({ length: 15 }, (_, i) => 10 + i));
    expect(places('UGCAUG@10..12')).toEqual([10, 11, 12]);
    expect(() => places('UGCAUG@9..12')).toThrow(PaddingError);
    expect(() => places(`${'A'.repeat(21)}@*`)).toThrow(/takes 21 letters.* at 20 positions \(10–29\)/);
    expect(() => parsePatternList('UGC@17\n\nUGC@3\n', LENGTH, 'list.txt', { letters: RANGE })).toThrow(
      /list\.txt:3: pattern "UGC@3"/,
    );
    expect(
      expandPattern('UGC@3', LENGTH, { letters: RANGE, allowPadding: true }).map(({ name }) => name),
    ).toEqual(['UGC@3']);
  });
});

describe('what stands where, unless told', () => {
  /** Backgrounds of probes with some letters, in an input of some length. */
  const of = (probe: number, length = LENGTH): Backgrounds => {
    const start = Math.floor((length - probe) / 2);
    return makeBackgrounds({
      kind: 'uniform',
      count: 4,
      length,
      seed: 1,
      letters: { start, end: start + probe },
    });
  };

  it('k-mers: 17 in probes of 41 letters, else the middle', () => {
    expect(kmerPosition(6, of(41))).toBe(17);
    expect(kmerPosition(8, of(41))).toBe(17);
    expect(kmerPosition(6, of(30, 30))).toBe(12);
    expect(kmerPosition(6, of(20))).toBe(17);
    expect(kmerPosition(6, of(20, 30))).toBe(12);
    expect(kmerPosition(6, of(20, 20))).toBe(7);
    expect(() => kmerPosition(6, of(5))).toThrow(/a 6-mer takes 6 letters.* at 5 positions \(18–22\)/);
  });

  it('the sweep stands there too', async () => {
    using model = await create();
    const backgrounds = of(11);
    const found = await sweep(model, { k: 3, backgrounds, method: 'naive' });
    const expected = await importance(model, kmerPatterns(3, 19, LENGTH), backgrounds, { method: 'naive' });
    expect(found.models[0]!.mean).toEqual(expected.models[0]!.mean);
  });

  it.each([
    {
      probe: 41,
      positions: Array.from({ length: 36 }, (_, p) => p),
      copies: '3,10,17',
      gc: '0,17,34',
      hairpin: '5,11,6',
    },
    {
      probe: 20,
      positions: Array.from({ length: 15 }, (_, p) => 10 + p),
      copies: '10,17,24',
      gc: '10,17,24',
      hairpin: '10,7,6',
    },
    {
      probe: 30,
      positions: Array.from({ length: 25 }, (_, p) => 5 + p),
      copies: '10,17,24',
      gc: '5,17,29',
      hairpin: '5,11,6',
    },
    {
      probe: 18,
      positions: Array.from({ length: 13 }, (_, p) => 11 + p),
      copies: '11,17,23',
      gc: '11,17,23',
      hairpin: '11,6,6',
    },
  ])('experiments in probes of $probe letters', async ({ probe, positions, copies, gc, hairpin: loop }) => {
    using model = await create();
    const given = { motif: 'UGCAUG', backgrounds: of(probe) };
    const bias = await positionalBias(model, given);
    expect(bias.rows.map(({ labels }) => labels.position)).toEqual(positions);
    const three = await multiplicity(model, given);
    expect(three.rows.at(-1)!.labels.pattern).toBe(
      copies
        .split(',')
        .map((at) => `UGCAUG@${at}`)
        .join('+'),
    );
    const [five, at, end] = gc.split(',');
    const ends = await gcBias(model, given);
    expect(ends.rows.map(({ labels }) => labels.pattern)).toEqual([
      `UGCAUG@${at}`,
      `GCGCGC@${five}+UGCAUG@${at}`,
      `UGCAUG@${at}+GCGCGC@${end}`,
      `GCGCGC@${five}`,
      `GCGCGC@${end}`,
    ]);
    const { design } = await hairpin(model, given);
    expect([design.start, design.arm, design.loop].join()).toBe(loop);
    const { rows } = await spacing(model, given);
    const first = rows.map(({ labels }) => labels.first);
    const last = rows.map(({ labels }) => labels.second);
    expect(rows).toHaveLength(probe - 12 + 1);
    expect([Math.min(...first), Math.max(...last) + 6]).toEqual([
      Math.floor((LENGTH - probe) / 2),
      Math.floor((LENGTH - probe) / 2) + probe,
    ]);
    const map = await spacing(model, { ...given, map: true });
    expect(map.rows).toHaveLength(((probe - 11) * (probe - 10)) / 2);
  });

  it('leaves out what does not fit, with the reason, and refuses where nothing does', async () => {
    using model = await create();
    const skipped: Skipped[] = [];
    const results = await runAll(
      model,
      { motif: 'UGCAUG', backgrounds: of(14) },
      undefined,
      (one) => void skipped.push(one),
    );
    expect(results.map(({ experiment }) => experiment)).toEqual(['mutagenesis', 'spacing', 'positions']);
    expect(skipped.map(({ experiment }) => experiment)).toEqual(['multiplicity', 'hairpin', 'gc']);
    expect(skipped[1]!.reason).toBe(
      'a hairpin with arms of 6 and a loop of 6 takes 18 letters, and probes have letters at 14 positions (13–26)',
    );
    await expect(runAll(model, { motif: 'UGCAUG', backgrounds: of(5) })).rejects.toThrow(PaddingError);
  });
});
