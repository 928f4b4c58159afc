/** Markov chains against chains that are known and counts of plain text; quartiles against sorted lists. */

import { describe, expect, it } from 'vitest';
import { PAD } from '../src/data/sequences/letters.js';
import { decodeSequence, encodeSequences } from '../src/data/sequences/sequence.js';
import { NotFiniteError, ResidualBindError, ShapeError } from '../src/device/errors.js';
import { type BackgroundOptions, makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import { MAX_ORDER } from '../src/gia/backgrounds/markov.js';
import { quartileOf } from '../src/gia/backgrounds/quartiles.js';
import { Random } from '../src/kernels/random.js';

const rowsOf = (codes: Uint8Array, length: number): Uint8Array[] =>
  Array.from({ length: codes.length / length }, (_, n) => codes.subarray(n * length, (n + 1) * length));

/** Backgrounds of a chain as text, an N inside as N. */
function chain(sequences: readonly string[], order: number, count: number, length = 12, seed = 5): string[] {
  const codes = encodeSequences(sequences, length);
  const made = makeBackgrounds({ kind: 'markov', order, count, length, seed, sequences: codes });
  return rowsOf(made.codes, length).map(decodeSequence);
}

/**
 * How often each letter follows each context of k letters in sequences; shares by context and letter, and how
 * often the context did.
 */
function following(sequences: readonly string[], k: number) {
  const counts = new Map<string, number>();
  const totals = new Map<string, number>();
  for (const text of sequences)
    for (let i = k; i < text.length; i++) {
      const [context, whole] = [text.slice(i - k, i), text.slice(i - k, i + 1)];
      counts.set(whole, (counts.get(whole) ?? 0) + 1);
      totals.set(context, (totals.get(context) ?? 0) + 1);
    }
  const share = (whole: string) => (counts.get(whole) ?? 0) / totals.get(whole.slice(0, k))!;
  return { counts, totals, share };
}

/** Five standard errors of a share p that n draws estimate. */
const tolerance = (p: number, n: number): number => 5 * Math.sqrt((p * (1 - p)) / n);

/**
 * Text whose letters follow one another by a known order-2 rule, with a bias that only two letters together
 * tell.
 */
const TRAINING = Array.from({ length: 300 }, (_, n) => {
  const draws = new Random(9, 1).draws(n);
  const letters = [draws.below(4), draws.below(4)];
  while (letters.length < 12) {
    const [a, b] = letters.slice(-2) as [number, number];
    letters.push(draws.uniform() < 0.6 ? (a + b) % 4 : draws.below(4));
  }
  return letters.map((letter) => 'ACGU'[letter]).join('');
});

describe('markov', () => {
  it.each([0, 1, 2, 3])('of order %d has the transitions of the sequences', (order) => {
    const given = following(TRAINING, order);
    const drawn = following(chain(TRAINING, order, 5000), order);
    expect(drawn.totals.size).toBe(given.totals.size);
    for (const context of drawn.totals.keys())
      for (const letter of 'ACGU') {
        const [expected, n] = [given.share(context + letter), drawn.totals.get(context)!];
        expect(Math.abs(drawn.share(context + letter) - expected), context + letter).toBeLessThanOrEqual(
          tolerance(expected, n),
        );
      }
  });

  it('of a lower order loses what only more letters tell', () => {
    // By the rule, CA is followed by C with 0.6 + 0.4 / 4; by A alone, by no letter that often.
    expect(following(chain(TRAINING, 2, 3000), 2).share('CAC')).toBeGreaterThan(0.6);
    expect(following(chain(TRAINING, 1, 3000), 2).share('CAC')).toBeLessThan(0.4);
  });

  it('of order 0 has the frequencies of letters everywhere, and the default order is 1', () => {
    const sequences = ['AAAC', 'AAGC', 'AAAC'];
    const rows = chain(sequences, 0, 4000, 4);
    for (let position = 0; position < 4; position++)
      for (const [letter, share] of [
        ['A', 8 / 12],
        ['C', 3 / 12],
        ['G', 1 / 12],
      ] as const) {
        const drawn = rows.filter((row) => row[position] === letter).length / rows.length;
        expect(Math.abs(drawn - share)).toBeLessThanOrEqual(tolerance(share, rows.length));
      }
    const options = { kind: 'markov', count: 20, length: 4, seed: 2 } as const;
    const codes = encodeSequences(sequences, 4);
    const standard = makeBackgrounds({ ...options, sequences: codes });
    expect(standard).toEqual(makeBackgrounds({ ...options, order: 1, sequences: codes }));
    expect(standard.order).toBe(1);
    expect(makeBackgrounds({ ...options, kind: 'shuffle', sequences: codes })).not.toHaveProperty('order');
  });

  it('writes only what it has seen where every context has one letter after it', () => {
    const rows = chain(['AACAACAACAAC', 'ACAACAACAACA', 'CAACAACAACAA'], 2, 200);
    const triples = new Set(rows.flatMap((row) => Array.from({ length: 10 }, (_, i) => row.slice(i, i + 3))));
    expect([...triples].sort()).toEqual(['AAC', 'ACA', 'CAA']);
    expect(chain(['AACAACAACAAC'], 1, 200).some((row) => row.includes('AAA'))).toBe(true);
  });

  it('takes a shorter context where the sequences begin, and where nothing ever followed', () => {
    // First letter: A, C or G of ACG, G or U of GU: G in two of five.
    const rows = chain(['ACG', 'GU'], 2, 5000, 3).filter((row) => row.length === 3);
    const first = rows.filter((row) => row.startsWith('G')).length / rows.length;
    expect(Math.abs(first - 2 / 5)).toBeLessThanOrEqual(tolerance(2 / 5, rows.length));
    // CG ended the sequence; G alone was followed by U.
    const afterCg = rows.filter((row) => row.startsWith('CG'));
    expect(afterCg.length).toBeGreaterThan(100);
    expect(new Set(afterCg)).toEqual(new Set(['CGU']));
    // Nothing followed U, so any letter does, by frequency.
    const afterU = rows.filter((row) => row.startsWith('U')).map((row) => row[1]!);
    const share = afterU.filter((letter) => letter === 'G').length / afterU.length;
    expect(new Set(afterU)).toEqual(new Set('ACGU'));
    expect(Math.abs(share - 2 / 5)).toBeLessThanOrEqual(tolerance(2 / 5, afterU.length));
  });

  it('leaves pads and N of one of the sequences, and looks past neither', () => {
    const length = 7;
    const codes = encodeSequences(['ACNGU', 'GGG', 'ACGUACG'], length);
    const made = makeBackgrounds({ kind: 'markov', order: 3, count: 300, length, seed: 1, sequences: codes });
    const pads = (row: Uint8Array) => Array.from(row, (code) => (code === PAD ? '-' : 'x')).join('');
    const patterns = new Set(rowsOf(made.codes, length).map(pads));
    expect([...patterns].sort()).toEqual(['--xxx--', '-xxNxx-'.replace('N', '-'), 'xxxxxxx']);
    // G follows C next to it, never past an N: after the N any letter stands.
    const beyond = chain(['CNA', 'CNG', 'UNC', 'CG'], 1, 600, 3).filter((row) => row.startsWith('CN'));
    expect(new Set(beyond.map((row) => row[2]))).toEqual(new Set('ACGU'));
  });

  it('has background n whatever is drawn beside it, and others for another seed', () => {
    const of = (count: number, seed: number) => chain(TRAINING, 2, count, 12, seed);
    expect(of(50, 5).slice(0, 7)).toEqual(of(7, 5));
    expect(of(7, 6)).not.toEqual(of(7, 5));
  });

  it('leaves the sequences as they are', () => {
    const codes = encodeSequences(TRAINING, 12);
    const before = codes.slice();
    makeBackgrounds({ kind: 'markov', count: 5, length: 12, seed: 1, sequences: codes });
    expect(codes).toEqual(before);
  });

  it.each([-1, 1.5, MAX_ORDER + 1, Number.NaN])('refuses order %d', (order) => {
    expect(() => chain(TRAINING, order, 2)).toThrow(ResidualBindError);
    expect(() => chain(TRAINING, order, 2)).toThrow(/whole number from 0 to 5, not/);
  });
});

describe('quartileOf', () => {
  it('is a quarter by score, the lowest first, equal scores in the order given', () => {
    const scores = [5, 1, 1, 9, 3, 1, 7, 3];
    expect([1, 2, 3, 4].map((q) => [...quartileOf(scores, q as 1)])).toEqual([
      [1, 2],
      [5, 4],
      [7, 0],
      [6, 3],
    ]);
  });

  it.each([1, 3, 4, 7, 10, 1001])('of %d covers all and shares none', (count) => {
    const scores = Float64Array.from({ length: count }, (_, i) => Math.sin(i));
    const parts = ([1, 2, 3, 4] as const).map((q) => quartileOf(scores, q));
    expect(parts.flatMap((part) => [...part]).sort((a, b) => a - b)).toEqual([...scores.keys()]);
    const sizes = parts.map(({ length }) => length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });

  it('names a score that has no rank', () => {
    expect(() => quartileOf([1, 2, Number.NaN], 1)).toThrow(NotFiniteError);
    expect(() => quartileOf([1, 2, Number.NaN], 1)).toThrow('sequence 2: its score is NaN');
  });
});

describe('quartiles', () => {
  const sequences = Uint8Array.from({ length: 40 * 3 }, (_, i) => Math.floor(i / 3 / 4 ** (i % 3)) % 4);
  // Sequence i has rank (i * 13) % 40.
  const scores = Float64Array.from({ length: 40 }, (_, i) => ((i * 13) % 40) / 7 - 2);
  const make = (options: Partial<BackgroundOptions>) =>
    makeBackgrounds({ kind: 'quartile1', count: 10, length: 3, seed: 4, sequences, scores, ...options });
  const indices = (codes: Uint8Array) => rowsOf(codes, 3).map(([a, b, c]) => a! + 4 * b! + 16 * c!);

  it.each([1, 2, 3, 4] as const)('quartile%d is each of its sequences once, in an order of the seed', (q) => {
    const kind = `quartile${q}` as const;
    const drawn = indices(make({ kind }).codes);
    const members = [...scores.keys()].filter((i) => Math.floor(((i * 13) % 40) / 10) === q - 1);
    expect(drawn.toSorted((a, b) => a - b)).toEqual(members);
    expect(indices(make({ kind, count: 4 }).codes)).toEqual(drawn.slice(0, 4));
    const other = indices(make({ kind, seed: 5 }).codes);
    expect(other).not.toEqual(drawn);
    expect(other.toSorted((a, b) => a - b)).toEqual(members);
  });

  it('refuses to repeat them, and scores that are not one a sequence', () => {
    expect(() => make({ count: 11 })).toThrow(
      '11 backgrounds wanted but quartile1 has only 10 of 40 sequences; give more or lower the count',
    );
    expect(() => make({ scores: scores.subarray(1) })).toThrow(ShapeError);
    const { scores: _, ...unscored } = { count: 1, length: 3, seed: 1, sequences, scores };
    expect(() => makeBackgrounds({ kind: 'quartile3', ...unscored })).toThrow(
      'backgrounds of kind "quartile3" need scores, one for each sequence; none were given',
    );
  });
});
