/** Logos of known motifs under a query: each letter under the position that it was placed at. */

import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { expect, it } from 'vitest';
import { pwmFromConsensus } from '../src/data/pwm.js';
import { ShapeError } from '../src/device/errors.js';
import { rankMotifs, reverseComplement } from '../src/gia/motif/index.js';
import { alignedLogos } from '../src/report/figures/aligned-logos.js';

const query = { name: 'query', pwm: pwmFromConsensus('UGCAUG') };

interface Drawn {
  readonly letter: string;
  readonly left: number;
}

/** The highest letter of each position, row by row, by where it stands. */
function rowsOf(svg: string): Drawn[][] {
  const parsed = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '' }).parse(svg);
  return parsed.svg.g.map(({ path }: { path: Record<string, string>[] }) => {
    const tallest = new Map<number, { letter: string; height: number }>();
    for (const { 'data-letter': letter, transform } of path) {
      if (letter === undefined) continue;
      const [left, , , height] = transform!.match(/-?\d[\d.]*(?:e-?\d+)?/g)!.map(Number);
      if (height! > (tallest.get(left!)?.height ?? 0)) tallest.set(left!, { letter, height: height! });
    }
    return [...tallest].map(([left, { letter }]) => ({ left, letter })).sort((a, b) => a.left - b.left);
  });
}

it('puts every letter under the position of the query', () => {
  const known = ['CAUGAA', 'AAUGCA', 'UGCAUG'].map((name) => ({ name, pwm: pwmFromConsensus(name) }));
  const ranked = rankMotifs(query.pwm, known, { minimumOverlap: 4 });
  const svg = alignedLogos(
    query,
    ranked.map(({ motif, similarity }) => ({ ...motif, match: similarity })),
    { title: 'Matches' },
  );
  expect(XMLValidator.validate(svg)).toBe(true);
  const [first, ...rows] = rowsOf(svg);
  expect(first!.map(({ letter }) => letter).join('')).toBe('UGCAUG');
  const width = first![1]!.left - first![0]!.left;
  ranked.forEach(({ motif, similarity }, i) => {
    expect(rows[i]!.map(({ letter }) => letter).join('')).toBe(motif.name);
    expect(rows[i]![0]!.left - first![0]!.left).toBeCloseTo(similarity.offset * width, 1);
  });
  expect(ranked.map(({ similarity }) => similarity.offset).sort()).toEqual([-2, 0, 2]);
  expect(svg).toContain(`${ranked[0]!.motif.name}: E = `);
});

it('draws the strand that was placed, in the letters of DNA', () => {
  const pwm = reverseComplement(pwmFromConsensus('UGCAAG'));
  const match = { offset: 0, eValue: 0.01, r: Number.NaN, strand: '-' as const };
  const svg = alignedLogos(query, [{ name: 'M', pwm, match }], { title: 't', alphabet: 'dna' });
  expect(
    rowsOf(svg)[1]!
      .map(({ letter }) => letter)
      .join(''),
  ).toBe('TGCAAG');
  expect(svg).toContain('M: E = 0.01, reverse complement');
});

it('cuts long names, not what is said of the match', () => {
  const match = { offset: 0, eValue: 0.01, r: 0.5, strand: '-' as const };
  const known = [{ name: 'A2BP1,'.repeat(40), pwm: query.pwm, match }];
  const svg = alignedLogos(query, known, { title: 't', alphabet: 'dna' });
  expect(svg).toMatch(/>A2BP1[^<]*…: E = 0\.01, r = 0\.50, reverse complement</);
});

it('refuses to draw nothing', () => {
  expect(() => alignedLogos(query, [], { title: 't' })).toThrow(ShapeError);
});
