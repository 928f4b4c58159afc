/**
 * The hairpin's scheme: letters at their positions, and pairs where the experiment's stem-loops have them.
 */

import { describe, expect, it } from 'vitest';
import { ShapeError } from '../src/device/errors.js';
import { partnerOf } from '../src/gia/experiments/stem-loops.js';
import { hairpinScheme } from '../src/report/figures/hairpin-scheme.js';
import { elementsOf } from './support/svg.js';

const DESIGN = { length: 41, start: 5, arm: 11, loop: 6, inLoop: 16, inStem: 7 };

describe('hairpinScheme', () => {
  const svg = hairpinScheme(DESIGN, 'GCUGGC');

  it('pairs what the experiment pairs, counted from 0', () => {
    const pairs = [...svg.matchAll(/data-pair="(\d+)-(\d+)"/g)].map(([, a, b]) => [Number(a), Number(b)]);
    const once = Array.from({ length: 11 }, (_, i) => [5 + i, partnerOf(DESIGN, 5 + i)]);
    // In the picture of either place.
    expect(pairs).toEqual([...once, ...once]);
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

  /** Discs of one of the two pictures, by position, px. */
  const discsOf = (which: 0 | 1, text = svg) => {
    const discs = elementsOf(text)
      .filter(({ tag }) => tag === 'circle')
      .map(({ attributes }) => ({
        position: Number.parseInt(attributes['data-tip']!, 10),
        x: Number(attributes.cx),
        y: Number(attributes.cy),
      }));
    return discs.slice((which * discs.length) / 2, ((which + 1) * discs.length) / 2);
  };

  it('writes DNA where it is asked to, the letters opposite included', () => {
    const letters = (svg: string) =>
      [...svg.matchAll(/data-tip="\d+ (.)"/g)].map(([, letter]) => letter).join('');
    expect(letters(hairpinScheme(DESIGN, 'UGCAAG'))).toBe('UGCAAGUGCAAGCUUGCA');
    expect(letters(hairpinScheme(DESIGN, 'UGCAAG', 'dna'))).toBe('TGCAAGTGCAAGCTTGCA');
    expect(hairpinScheme(DESIGN, 'UGCAAG', 'dna')).not.toMatch(/[ACGT]U|U[ACGT]/);
  });

  it('is folded: partners face each other, neighbours are apart, and letters stand on their positions', () => {
    for (const which of [0, 1] as const) {
      const discs = discsOf(which);
      expect(discs.map(({ position }) => position)).toEqual(Array.from({ length: 28 }, (_, i) => 5 + i));
      const at = (position: number) => discs[position - 5]!;
      for (let i = 5; i < 16; i++) {
        const partner = at(partnerOf(DESIGN, i));
        expect(partner.x).toBe(at(i).x);
        expect(partner.y - at(i).y).toBe(30);
      }
      // No disc covers another: each is 14 px wide.
      for (const a of discs)
        for (const b of discs) if (a !== b) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(14);
    }
    const written = elementsOf(svg).filter(({ attributes }) =>
      /^\d+ [ACGU]$/.test(attributes['data-tip'] ?? ''),
    );
    written.forEach(({ attributes }, i) => {
      const position = Number.parseInt(attributes['data-tip']!, 10);
      const { x, y } = discsOf(i < 6 ? 0 : 1).find((disc) => disc.position === position)!;
      const [, left, top] = /^translate\((\S+) (\S+)\)/.exec(attributes.transform!)!;
      expect(Number(left) + 5).toBeCloseTo(x, 3);
      expect(Number(top) + 5.75).toBeCloseTo(y, 3);
    });
  });

  it.each([
    [DESIGN, 'GCUGGC'],
    [{ ...DESIGN, loop: 12, inLoop: 16 }, 'GCUGGCGCUGGC'.slice(0, 11)],
    [{ length: 12, start: 0, arm: 3, loop: 3, inLoop: 3, inStem: 0 }, 'GCA'],
    [{ length: 100, start: 20, arm: 20, loop: 7, inLoop: 41, inStem: 25 }, 'GCUGG'],
  ])('is narrow enough for a telephone and holds all that it draws: %j', (design, motif) => {
    const text = hairpinScheme(design, motif);
    const [root] = elementsOf(text);
    const [width, height] = [Number(root!.attributes.width), Number(root!.attributes.height)];
    expect(width).toBeLessThanOrEqual(372);
    for (const { x, y } of [...discsOf(0, text), ...discsOf(1, text)]) {
      expect(x).toBeGreaterThan(7);
      expect(x).toBeLessThan(width - 7);
      expect(y).toBeGreaterThan(7);
      expect(y).toBeLessThan(height - 7);
    }
  });

  it('refuses what does not fit', () => {
    expect(() => hairpinScheme({ ...DESIGN, length: 30 }, 'GCUGGC')).toThrow(ShapeError);
    expect(() => hairpinScheme({ ...DESIGN, inStem: 1 }, 'GCUGGC')).toThrow(ShapeError);
  });
});
