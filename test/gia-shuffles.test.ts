/** Shuffles against brute force: which rearrangements are reached, and whether all are equally likely. */
import { describe, expect, it } from 'vitest';
import { decodeSequence, encodeSequences } from '../src/data/sequences/sequence.js';
import { shuffleDinucleotides, shuffleLetters } from '../src/gia/backgrounds/shuffles.js';
import { Random } from '../src/kernels/random.js';

type Shuffle = typeof shuffleLetters;

/** How often each result occurs in `draws` shuffles of `sequence`. */
function tally(shuffle: Shuffle, sequence: string, draws: number): Map<string, number> {
  const codes = encodeSequences([sequence], sequence.length);
  const random = new Random(7, 100);
  const seen = new Map<string, number>();
  for (let n = 0; n < draws; n++) {
    const row = codes.slice();
    shuffle(row, random.draws(n));
    const result = decodeSequence(row);
    seen.set(result, (seen.get(result) ?? 0) + 1);
  }
  return seen;
}

/** Every distinct ordering of the letters of `sequence`. */
function orderings(sequence: string): string[] {
  if (sequence.length <= 1) return [sequence];
  return [...new Set(sequence)].flatMap((first) =>
    orderings(sequence.replace(first, '')).map((rest) => first + rest),
  );
}

/** First and last letter and the sorted dinucleotides: what a dinucleotide shuffle keeps. */
function signature(sequence: string): string {
  const pairs = Array.from({ length: sequence.length - 1 }, (_, i) => sequence.slice(i, i + 2));
  return [sequence[0], sequence.at(-1), ...pairs.sort()].join();
}

function dinucleotideShuffles(sequence: string): string[] {
  return orderings(sequence).filter((other) => signature(other) === signature(sequence));
}

/** Pearson's χ² against equal expectations. */
function chiSquare(counts: Iterable<number>, cells: number, draws: number): number {
  const expected = draws / cells;
  return [...counts].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('shuffleDinucleotides', () => {
  // χ² has one degree of freedom fewer than there are shuffles; each bound lies beyond its 99.999 % point.
  it.each([
    { sequence: 'CUACCACAA', shuffles: 27, bound: 75 },
    { sequence: 'CCACACUAAG', shuffles: 27, bound: 75 },
    { sequence: 'AAAACAAAGAA', shuffles: 56, bound: 110 },
  ])('draws every shuffle of $sequence equally often', ({ sequence, shuffles, bound }) => {
    const valid = dinucleotideShuffles(sequence);
    expect(valid).toHaveLength(shuffles);
    const draws = 300 * shuffles;
    const seen = tally(shuffleDinucleotides, sequence, draws);
    expect([...seen.keys()].sort()).toEqual(valid.sort());
    expect(chiSquare(seen.values(), shuffles, draws)).toBeLessThan(bound);
  });

  it('keeps the dinucleotides and both ends of a long sequence, and moves letters', () => {
    const sequence = 'GGAUCCAUGCAUGUUACGAUACCGGAUUACAGAUUCGCAAU'.repeat(10);
    const seen = [...tally(shuffleDinucleotides, sequence, 20).keys()];
    expect(seen).toHaveLength(20);
    for (const shuffled of seen) expect(signature(shuffled)).toBe(signature(sequence));
  });

  it.each(['', 'A', 'AC', 'ACG', 'AAAAAA', 'ACGU'])(
    'leaves "%s", which has one shuffle, as it is',
    (letters) => {
      const row = Uint8Array.from(letters, (letter) => 'ACGU'.indexOf(letter));
      const shuffled = row.slice();
      shuffleDinucleotides(shuffled, new Random(1, 100).draws(0));
      expect(shuffled).toEqual(row);
    },
  );

  it('shuffles the runs on either side of an N by themselves', () => {
    const left = 'CUACCACAA';
    const right = 'GGCUGUGUU';
    const seen = tally(shuffleDinucleotides, `${left}N${right}`, 1000);
    const halves = [...seen.keys()].map((shuffled) => shuffled.split('N'));
    expect(new Set(halves.map(([first]) => first)).size).toBe(27);
    expect(new Set(halves.map(([, second]) => second)).size).toBe(27);
    for (const [first, second] of halves) {
      expect(signature(first!)).toBe(signature(left));
      expect(signature(second!)).toBe(signature(right));
    }
  });
});

describe('shuffleLetters', () => {
  it('draws every ordering equally often', () => {
    const draws = 9000;
    const seen = tally(shuffleLetters, 'AACGU', draws);
    expect([...seen.keys()].sort()).toEqual(orderings('AACGU').sort());
    expect(seen.size).toBe(60);
    expect(chiSquare(seen.values(), 60, draws)).toBeLessThan(120);
  });

  it('leaves pads and N in place', () => {
    const row = Uint8Array.of(4, 0, 1, 4, 2, 3, 3, 4, 4);
    shuffleLetters(row, new Random(1, 100).draws(3));
    expect(Array.from(row, (code) => code === 4)).toEqual([
      true,
      false,
      false,
      true,
      false,
      false,
      false,
      true,
      true,
    ]);
    expect([...row].sort()).toEqual([0, 1, 2, 3, 3, 4, 4, 4, 4]);
  });
});
