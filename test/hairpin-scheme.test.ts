/** The hairpin's scheme: letters at their positions, and pairs where the experiment's stem-loops have them. */

import { describe, expect, it } from 'vitest';
import { partnerOf } from '../src/gia/experiments/stem-loops.js';
import { hairpinScheme } from '../src/report/hairpin-scheme.js';

const DESIGN = { length: 41, start: 5, arm: 11, loop: 6, inLoop: 16, inStem: 7 };

describe('hairpinScheme', () => {
  const svg = hairpinScheme(DESIGN, 'GCUGGC');

  it('pairs what the experiment pairs, counted from 0', () => {
    const pairs = [...svg.matchAll(/data-pair="(\d+)-(\d+)"/g)].map(([, a, b]) => [Number(a), Number(b)]);
    expect(pairs).toEqual(Array.from({ length: 11 }, (_, i) => [5 + i, partnerOf(DESIGN, 5 + i)]));
    expect(svg).toContain('data-tip="16: unpaired"');
    expect(svg).toContain('data-tip="15: pairs with 22"');
  });

  it('writes the motif in loop and stem, and opposite in the stem what pairs with it', () => {
    const written = [...svg.matchAll(/data-tip="(\d+) ([ACGU])"/g)].map(([, at, letter]) => [
      Number(at),
      letter,
    ]);
    const word = (letters: string, first: number) => Array.from(letters, (letter, i) => [first + i, letter]);
    expect(written).toEqual([...word('GCUGGC', 16), ...word('GCUGGC', 7), ...word('GCCAGC', 25)]);
    const complement: Readonly<Record<string, string>> = { A: 'U', C: 'G', G: 'C', U: 'A' };
    const opposite = new Map(written.slice(12) as [number, string][]);
    for (const [at, letter] of written.slice(6, 12) as [number, string][])
      expect(opposite.get(partnerOf(DESIGN, at))).toBe(complement[letter]);
  });
});
