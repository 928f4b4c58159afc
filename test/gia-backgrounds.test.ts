/** Null models: what each one keeps, the frequencies it draws, and independence of the number drawn. */
import { describe, expect, it } from 'vitest';
import { PAD } from '../src/data/sequences/letters.js';
import { profileOf } from '../src/data/sequences/profile.js';
import { encodeSequences } from '../src/data/sequences/sequence.js';
import { ArgumentError, InvalidSequenceError, ResidualBindError, ShapeError } from '../src/device/errors.js';
import {
  BACKGROUND_KINDS,
  type BackgroundKind,
  type Backgrounds,
  makeBackgrounds,
} from '../src/gia/backgrounds/backgrounds.js';

const LENGTH = 12;
const SEQUENCES = encodeSequences(
  ['AUGCAUGGACUA', 'GGCAUACUGA', 'CCACACUAAG', 'UUGNACGUUGCA', 'GAUUACAGUC', 'AGUCCAUGUUAC'],
  LENGTH,
);

function rowsOf({ codes, length }: Pick<Backgrounds, 'codes' | 'length'>): Uint8Array[] {
  return Array.from({ length: codes.length / length }, (_, n) =>
    codes.subarray(n * length, (n + 1) * length),
  );
}

const GIVEN = rowsOf({ codes: SEQUENCES, length: LENGTH });

/** Keeps of a row: pads in place and, as a multiset, its letters or its dinucleotides. */
const pads = (row: Uint8Array) => Array.from(row, (code) => (code === PAD ? '-' : 'x')).join('');
const letters = (row: Uint8Array) => pads(row) + [...row].sort().join('');
const dinucleotides = (row: Uint8Array) =>
  pads(row) + Array.from({ length: LENGTH - 1 }, (_, i) => `${row[i]}${row[i + 1]}`).sort();

/** Four times as many, so that a quartile has as many as there were. */
const SCORED = Uint8Array.from(
  [0, 1, 2, 3].flatMap((turn) => [...SEQUENCES].map((code) => (code < 4 ? (code + turn) % 4 : code))),
);
const SCORES = Float64Array.from({ length: 24 }, (_, i) => (i * 7) % 24);

function draw(kind: BackgroundKind, count: number, seed = 11): Backgrounds {
  const scored = kind.startsWith('quartile') && { sequences: SCORED, scores: SCORES };
  return makeBackgrounds({ kind, count, length: LENGTH, seed, sequences: SEQUENCES, ...scored });
}

describe('every null model', () => {
  it.each(BACKGROUND_KINDS)('%s: background n does not depend on how many are drawn', (kind) => {
    const three = draw(kind, 3);
    const six = draw(kind, 6);
    expect(six).toMatchObject({ kind, seed: 11, count: 6, length: LENGTH });
    expect(six.codes).toHaveLength(6 * LENGTH);
    expect(six.codes.subarray(0, 3 * LENGTH)).toEqual(three.codes);
    expect(draw(kind, 6).codes).toEqual(six.codes);
  });

  it.each(BACKGROUND_KINDS.filter((kind) => kind !== 'sequences'))(
    '%s: another seed draws others',
    (kind) => {
      expect(draw(kind, 6, 12).codes).not.toEqual(draw(kind, 6, 11).codes);
    },
  );
});

describe('profile', () => {
  it('counts letters per position, and neither pads nor N', () => {
    const profile = profileOf(encodeSequences(['AC', 'ACG', 'NUGU'], 4), 4);
    const expected = [
      [1, 0, 0, 0], // A of ACG (left pad 0); N is not counted
      [1 / 3, 1 / 3, 0, 1 / 3],
      [0, 1 / 3, 2 / 3, 0],
      [0, 0, 0, 1],
    ].flat();
    expect(Array.from(profile)).toEqual(expected);
  });

  it('draws the frequencies of each position', () => {
    const profile = Float64Array.of(0.1, 0.2, 0.3, 0.4, 0, 0.5, 0, 0.5, 1, 0, 0, 0, 0, 0, 0, 1);
    const count = 20_000;
    const { codes } = makeBackgrounds({ kind: 'profile', count, length: 4, seed: 3, profile });
    const drawn = profileOf(codes, 4);
    drawn.forEach((frequency, i) => {
      // Five standard errors; frequencies 0 and 1 must be met exactly.
      const tolerance = 5 * Math.sqrt((profile[i]! * (1 - profile[i]!)) / count);
      expect(Math.abs(frequency - profile[i]!)).toBeLessThanOrEqual(tolerance);
    });
  });

  it('draws positions independently', () => {
    const count = 20_000;
    const { codes } = makeBackgrounds({ kind: 'uniform', count, length: 2, seed: 3 });
    const pairs = new Float64Array(16);
    for (let n = 0; n < count; n++) pairs[codes[2 * n]! * 4 + codes[2 * n + 1]!]! += 1 / count;
    for (const share of pairs) expect(Math.abs(share - 1 / 16)).toBeLessThan(0.01);
  });

  it('takes its frequencies from sequences, and leaves a position that none reaches a pad', () => {
    const sequences = encodeSequences(['AC', 'AG'], 4);
    const options = { kind: 'profile', count: 200, length: 4, seed: 1 } as const;
    const drawn = makeBackgrounds({ ...options, sequences });
    expect(drawn.codes).toEqual(makeBackgrounds({ ...options, profile: profileOf(sequences, 4) }).codes);
    const patterns = new Set(rowsOf(drawn).map((row) => row.join('')));
    expect([...patterns].sort()).toEqual(['4014', '4024']);
  });

  it('gives the last letter what rounding leaves of the sum', () => {
    const profile = Float64Array.of(0, 1 - 5e-7, 0, 0);
    const { codes } = makeBackgrounds({ kind: 'profile', count: 100, length: 1, seed: 1, profile });
    expect(new Set(codes)).toEqual(new Set([1]));
  });
});

describe('uniform', () => {
  it('draws all four letters equally often', () => {
    const { codes } = makeBackgrounds({ kind: 'uniform', count: 4000, length: 10, seed: 5 });
    for (let code = 0; code < 4; code++) {
      const share = codes.reduce((sum, other) => sum + Number(other === code), 0) / codes.length;
      expect(Math.abs(share - 0.25)).toBeLessThan(0.011);
    }
  });
});

describe('shuffles of given sequences', () => {
  it.each([
    { kind: 'shuffle', kept: letters },
    { kind: 'dinuc', kept: dinucleotides },
  ] as const)('$kind keeps pads and counts of one of them, and all are drawn', ({ kind, kept }) => {
    const rows = rowsOf(draw(kind, 200));
    expect(new Set(rows.map(kept))).toEqual(new Set(GIVEN.map(kept)));
    const unchanged = rows.filter((row) => GIVEN.some((given) => given.join() === row.join()));
    expect(unchanged.length).toBeLessThan(100);
  });

  it('dinuc keeps the first and last letter', () => {
    const ends = (row: Uint8Array) => {
      const inner = row.filter((code) => code !== PAD);
      return `${inner[0]}${inner.at(-1)}`;
    };
    const drawn = rowsOf(draw('dinuc', 200)).map((row) => dinucleotides(row) + ends(row));
    expect(new Set(drawn)).toEqual(new Set(GIVEN.map((row) => dinucleotides(row) + ends(row))));
  });
});

describe('sequences', () => {
  it('takes the first ones as they are', () => {
    expect(draw('sequences', 4).codes).toEqual(SEQUENCES.slice(0, 4 * LENGTH));
  });

  it('copies, so that the given codes stay apart', () => {
    expect(draw('sequences', 6).codes.buffer).not.toBe(SEQUENCES.buffer);
  });

  it('refuses to repeat them', () => {
    expect(() => draw('sequences', 7)).toThrow(/7 backgrounds wanted but only 6 sequences/);
  });
});

describe('errors', () => {
  const base = { count: 2, length: 4, seed: 1 } as const;

  it.each(BACKGROUND_KINDS.filter((kind) => kind !== 'uniform'))('%s says what data it lacks', (kind) => {
    expect(() => makeBackgrounds({ ...base, kind })).toThrow(ResidualBindError);
    expect(() => makeBackgrounds({ ...base, kind })).toThrow(/need .*sequences; none were given/);
  });

  it('names an unknown kind and the known ones', () => {
    const kind = 'markov7' as BackgroundKind;
    expect(() => makeBackgrounds({ ...base, kind })).toThrow(/"markov7".*profile, uniform/);
  });

  it.each([{ count: 0 }, { count: 1.5 }, { length: 0 }, { length: Number.NaN }])('refuses %o', (sizes) => {
    expect(() => makeBackgrounds({ ...base, kind: 'uniform', ...sizes })).toThrow(ShapeError);
  });

  it('refuses a seed that is not a u32', () => {
    expect(() => makeBackgrounds({ ...base, kind: 'uniform', seed: -1 })).toThrow(ArgumentError);
  });

  it('refuses codes that are not whole sequences, or no codes', () => {
    for (const size of [0, 7]) {
      const sequences = new Uint8Array(size);
      expect(() => makeBackgrounds({ ...base, kind: 'shuffle', sequences })).toThrow(ShapeError);
    }
  });

  it('names the place of a code that is none', () => {
    const sequences = Uint8Array.of(0, 1, 2, 3, 0, 5, 0, 0);
    const make = () => makeBackgrounds({ ...base, kind: 'dinuc', sequences });
    expect(make).toThrow(InvalidSequenceError);
    expect(make).toThrow(/sequence 1, position 1: 5/);
  });

  it('refuses a profile of the wrong size or that does not sum to 1', () => {
    const make = (profile: Float64Array) => makeBackgrounds({ ...base, kind: 'profile', length: 1, profile });
    expect(() => make(new Float64Array(8))).toThrow(ShapeError);
    expect(() => make(Float64Array.of(0.5, 0.4, 0, 0))).toThrow(/position 0/);
    expect(() => make(Float64Array.of(1.5, -0.5, 0, 0))).toThrow(/non-negative/);
    expect(() => make(Float64Array.of(Number.NaN, 1, 0, 0))).toThrow(ResidualBindError);
  });
});
