/**
 * Sequence logos: well-formed SVG, letters exactly as high as their values, and outlines that fill their
 * boxes.
 */

import { Resvg } from '@resvg/resvg-js';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { FormatError, NotFiniteError, ShapeError } from '../src/device/errors.js';
import { informationHeights, type LetterHeights } from '../src/gia/motif/index.js';
import { glyphsOf } from '../src/report/figures/glyphs.js';
import { BITS, sequenceLogo } from '../src/report/figures/logo.js';
import { svgToPng } from '../src/report/figures/png.node.js';
import { COLOURS, escapeXml, ticks } from '../src/report/figures/svg.js';
import { elementsOf } from './support/svg.js';

interface Svg {
  readonly svg: {
    readonly title: string;
    readonly path: readonly Record<string, string>[];
    readonly text: readonly (Record<string, string> & { '#text': string | number })[];
    readonly rect?: readonly Record<string, string>[];
    readonly '@_aria-label': string;
  };
}

const parse = (svg: string): Svg['svg'] => {
  expect(XMLValidator.validate(svg)).toBe(true);
  return (new XMLParser({ ignoreAttributes: false }).parse(svg) as Svg).svg;
};

/** The boxes of the letters, px: top is where the letter's head is, foot where it stands. */
const lettersOf = (svg: string) =>
  parse(svg)
    .path.filter((path) => path['@_data-letter'] !== undefined)
    .map((path) => {
      const [, x, y, sx, sy] = /^translate\((\S+) (\S+)\) scale\((\S+) (\S+)\)$/.exec(path['@_transform']!)!;
      const [left, head] = [Number(x), Number(y)];
      return {
        letter: path['@_data-letter']!,
        left,
        right: left + 100 * Number(sx),
        head,
        foot: head + 100 * Number(sy),
      };
    });

const OPTIONS = { title: 'a logo', yLabel: 'importance', plotHeight: 100 };

const GLYPHS = [...glyphsOf(), glyphsOf('dna')[3]!];

describe('glyphs', () => {
  it.each(GLYPHS)('$letter fills its box to the edges', ({ path }) => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"><path d="${path}"/></svg>`;
    const box = new Resvg(svg).getBBox()!;
    expect(box.x).toBeCloseTo(0, 1);
    expect(box.y).toBeCloseTo(0, 1);
    expect(box.width).toBeCloseTo(100, 1);
    expect(box.height).toBeCloseTo(100, 1);
  });

  it('is legible on white and on black: contrast 3 and more', () => {
    const luminance = (colour: string) =>
      [0, 1, 2]
        .map((i) => Number.parseInt(colour.slice(1 + 2 * i, 3 + 2 * i), 16) / 255)
        .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i]!, 0);
    for (const colour of [...GLYPHS.map((glyph) => glyph.colour), ...Object.values(COLOURS)]) {
      expect(1.05 / (luminance(colour) + 0.05), `${colour} on white`).toBeGreaterThanOrEqual(3);
      expect(
        (luminance(colour) + 0.05) / (luminance('#121212') + 0.05),
        `${colour} on black`,
      ).toBeGreaterThanOrEqual(3);
    }
  });
});

describe('sequenceLogo', () => {
  it('gives letters the height of their values, the least next to the axis', () => {
    const heights: LetterHeights = [
      [1, 0, 0.5, 0.25],
      [0, 2, 0, 0],
    ];
    const letters = lettersOf(sequenceLogo(heights, { ...OPTIONS, ...BITS, columnWidth: 40 }));
    expect(letters.map(({ letter }) => letter)).toEqual(['U', 'G', 'A', 'C']);
    // 100 px for 2 bits.
    expect(letters.map(({ head, foot }) => foot - head)).toEqual([12.5, 25, 50, 100]);
    const [u, g, a, c] = letters;
    expect(u!.foot).toBe(110);
    expect(g!.foot).toBe(u!.head);
    expect(a!.foot).toBe(g!.head);
    expect(c!.left - a!.left).toBeCloseTo(40, 6);
    expect(a!.right).toBeLessThan(c!.left);
  });

  it('hangs letters below 0 under the axis, upside down', () => {
    const letters = lettersOf(sequenceLogo([[0.5, -1, 1, -0.5]], OPTIONS));
    const axis = 10 + (100 * 1.5) / 3;
    const [a, u, c, g] = letters;
    expect([a, u, c, g].map((letter) => letter!.letter)).toEqual(['A', 'U', 'C', 'G']);
    expect(a!.foot).toBeCloseTo(axis, 3);
    expect(g!.head).toBeCloseTo(10, 3);
    expect(u!.foot).toBeCloseTo(axis, 3);
    expect(u!.head).toBeGreaterThan(axis);
    expect(c!.foot).toBeCloseTo(u!.head, 3);
    expect(c!.head).toBeCloseTo(110, 3);
  });

  it('draws what it says: pixels of the letter from axis to height', async () => {
    const svg = sequenceLogo([[0, 0, 0, 1]], { ...OPTIONS, yMax: 2, columnWidth: 40 });
    const { pixels, width, height } = new Resvg(svg).render();
    // The left stem of U, red, on a white ground.
    const x = Math.round(lettersOf(svg)[0]!.left + 4);
    const red = Array.from({ length: height }, (_, y) => y).filter((y) => {
      const at = 4 * (y * width + x);
      return pixels[at]! > 150 && pixels[at + 1]! < 120 && pixels[at + 3]! > 250;
    });
    expect(red[0]).toBe(60);
    expect(red.at(-1)).toBeGreaterThan(85);
    expect(red.at(-1)).toBeLessThan(110);
  });

  it('has a name, labels and a structure track, all escaped', () => {
    const svg = sequenceLogo(
      informationHeights([
        [1, 0, 0, 0],
        [0, 0, 1, 0],
        [0, 0.5, 0.5, 0],
      ]),
      {
        ...BITS,
        title: '<A> & "B"',
        positions: ['1', '<2>', '3'],
        structure: { dotBracket: '(.)' },
      },
    );
    const parsed = parse(svg);
    expect(svg).toContain('<title>&lt;A&gt; &amp; &quot;B&quot;</title>');
    expect(svg).toContain('role="img" aria-label="&lt;A&gt;');
    const texts = parsed.text.map((text) => String(text['#text']));
    expect(texts).toEqual(expect.arrayContaining(['bits', '0', '2', '(', '.', ')', 'pairs']));
    expect(svg).toContain('>&lt;2&gt;</text>');
    const cells = parsed.rect!.flatMap((rect) => rect['@_data-structure'] ?? []);
    expect(cells).toEqual(['(', '.', ')']);
    for (const text of parsed.text) expect(text['@_fill']).toBe('currentColor');
  });

  it('joins bases that pair by arcs, the deeper the further apart', () => {
    const svg = sequenceLogo(
      Array.from({ length: 7 }, () => [1, 0, 0, 0] as const),
      { ...OPTIONS, columnWidth: 20, structure: { dotBracket: '((..).)' } },
    );
    const arcs = parse(svg).path.filter((path) => path['@_data-pair'] !== undefined);
    expect(arcs.map((path) => path['@_data-pair'])).toEqual(['1-7', '2-5']);
    // From the middle of one column to that of the other, 20 px each.
    const [outer, inner] = arcs.map(
      (path) => /^M([\d.]+),\d+A([\d.]+),([\d.]+) 0 0 0 ([\d.]+),/.exec(path['@_d']!)!,
    );
    expect(Number(outer![4]) - Number(outer![1])).toBe(120);
    expect(Number(inner![4]) - Number(inner![1])).toBe(60);
    expect(Number(inner![1]) - Number(outer![1])).toBe(20);
    expect(Number(outer![3])).toBeGreaterThan(Number(inner![3]));
    const height = Number(/ height="(\d+)"/.exec(svg)![1]);
    const top = Number(/^M[\d.]+,(\d+)/.exec(arcs[0]!['@_d']!)![1]);
    expect(top + Number(outer![3])).toBeLessThanOrEqual(height);
    expect(svg).toContain('data-tip="7: pairs with 1"');
  });

  it('says of every column where it is and what its letters are worth', () => {
    const svg = sequenceLogo(
      [
        [0, -0.25, 1, 0],
        [0, 0, 0, 0],
      ],
      { ...OPTIONS, positions: ['<5>', '6'] },
    );
    const tips = parse(svg).rect!.flatMap((rect) => rect['@_data-tip'] ?? []);
    expect(tips[0]).toBe('<5>: G 1, C \u22120.25');
  });

  it('is at most 360 px wide, or 720 and a little for long ones, unless columns are given', () => {
    const widthOf = (count: number) =>
      Number(
        / width="([\d.]+)"/.exec(
          sequenceLogo(
            Array.from({ length: count }, () => [1, 0, 0, 0] as const),
            OPTIONS,
          ),
        )![1],
      );
    for (const count of [1, 6, 20]) expect(widthOf(count)).toBeLessThanOrEqual(360);
    for (const count of [21, 41]) expect(widthOf(count)).toBeCloseTo(732, 0);
  });

  it('draws the probability to be unpaired as bars', () => {
    const svg = sequenceLogo(
      [
        [1, 0, 0, 0],
        [1, 0, 0, 0],
      ],
      { ...OPTIONS, structure: { unpaired: [0.25, 1] } },
    );
    const bars = parse(svg).rect!.filter((rect) => rect['@_data-unpaired'] !== undefined);
    expect(bars.map((rect) => Number(rect['@_height']))).toEqual([4, 16]);
  });

  it('thins out the numbers of long logos', () => {
    const svg = sequenceLogo(
      Array.from({ length: 41 }, () => [1, 0, 0, 0] as const),
      OPTIONS,
    );
    const numbers = parse(svg)
      .text.filter((text) => text['@_text-anchor'] === 'middle')
      .map((text) => text['#text']);
    expect(numbers).toEqual(['importance', 1, 5, 10, 15, 20, 25, 30, 35, 40]);
  });

  /** Names under the columns and where they are, px. */
  const namesOf = (svg: string) =>
    parse(svg)
      .text.filter((text) => text['@_text-anchor'] === 'middle' && text['@_transform'] === undefined)
      .map((text) => ({ name: String(text['#text']), x: Number(text['@_x']) }));

  it.each([
    { count: 20, positions: 1, shown: ['1', '5', '10', '15', '20'] },
    { count: 20, positions: 95, shown: ['95', '100', '105', '110'] },
    { count: 12, positions: 1, shown: Array.from({ length: 12 }, (_, i) => String(i + 1)) },
    { count: 12, positions: -5, shown: Array.from({ length: 12 }, (_, i) => String(i - 5)) },
    { count: 500, positions: 1, shown: ['1', ...Array.from({ length: 10 }, (_, i) => String(50 * (i + 1)))] },
    {
      count: 20,
      positions: Array.from({ length: 20 }, (_, i) => `p${i}`),
      shown: Array.from({ length: 10 }, (_, i) => `p${2 * i}`),
    },
    { count: 2, positions: ['a name that is much wider than its column', 'b'], shown: ['a name…'] },
  ])('names as many of $count columns as have room', ({ count, positions, shown }) => {
    const svg = sequenceLogo(
      Array.from({ length: count }, () => [1, 0, 0, 0] as const),
      { ...OPTIONS, positions },
    );
    const names = namesOf(svg);
    expect(names.map(({ name }) => name)).toEqual(shown);
    // Of 11 px, or of 17 where a page enlarges the text of a long logo; about 0.6 of it a letter.
    const size = count > 20 ? 17 : 11;
    names.slice(1).forEach(({ name, x }, i) => {
      const room = 0.3 * size * (name.length + names[i]!.name.length);
      expect(x - names[i]!.x).toBeGreaterThan(room);
    });
  });

  it('draws a map of mutations under its letters, column by column, and marks the wild type', () => {
    const changes = [
      [-1, -2, 0, 0.5],
      [0.25, 0, -0.5, 1],
      [0, 0, 0, 0],
    ];
    const svg = sequenceLogo(
      [
        [0, 0, 2, 0],
        [0, 1, 0, 0],
        [0, 0, 0, 0],
      ],
      { ...OPTIONS, positions: 7, mutations: { changes, wildType: 'GCN', label: 'change, s.d.' } },
    );
    const letters = lettersOf(svg);
    const cells = elementsOf(svg).filter(({ attributes }) => attributes['data-to'] !== undefined);
    expect(cells).toHaveLength(12);
    const cellOf = (to: string, i: number) =>
      cells.filter(({ attributes }) => attributes['data-to'] === to)[i]!.attributes;
    const left = (i: number) => Number(cellOf('A', i).x);
    const wide = Number(cellOf('A', 0).width);
    // A letter fills 0.94 of its column, in the middle of it.
    for (const [i, letter] of letters.entries()) {
      expect((letter.left + letter.right) / 2).toBeCloseTo(left(i) + wide / 2, 3);
      expect(letter.right - letter.left).toBeCloseTo(0.94 * wide, 3);
      for (const to of 'CGU') expect(Number(cellOf(to, i).x)).toBe(left(i));
    }
    const tops = Array.from('ACGU', (to) => Number(cellOf(to, 0).y));
    expect(tops.map((top) => top - tops[0]!)).toEqual([0, 18, 36, 54]);
    // Below letters and numbers.
    expect(tops[0]).toBeGreaterThan(Math.max(...letters.map(({ foot }) => foot)) + 17);
    const own = elementsOf(svg).filter(({ attributes }) => attributes['data-own'] !== undefined);
    expect(own.map(({ attributes }) => attributes['data-own'])).toEqual(['G', 'C']);
    own.forEach(({ attributes }, i) => {
      const cell = cellOf(attributes['data-own']!, i);
      expect(Number(attributes.cx)).toBeCloseTo(Number(cell.x) + wide / 2, 3);
      expect(Number(attributes.cy)).toBeCloseTo(Number(cell.y) + 9, 3);
    });
    // Symmetric about 0: white there, blue at −2, and at 1 half-way to red.
    expect(cellOf('G', 0).fill).toBe('rgb(247, 247, 247)');
    expect(cellOf('C', 0).fill).toBe('rgb(33, 102, 172)');
    expect(cellOf('U', 1).fill).toBe('rgb(246, 179, 149)');
    expect(cellOf('A', 0)['data-tip']).toBe('7: G to A \u22121');
    expect(cellOf('G', 0)['data-tip']).toBe('7: G');
    expect(cellOf('A', 2)['data-tip']).toBe('9: N to A 0');
    for (const shown of ['replaced by', 'change, s.d.', '\u22122']) expect(svg).toContain(`>${shown}</text>`);
    const [root] = elementsOf(svg);
    expect(Number(root!.attributes.height)).toBeGreaterThan(tops[3]! + 18 + 10 + 8);
  });

  it('writes DNA in letters, tips and map, whichever letters are given', () => {
    const drawn = (wildType: string) =>
      sequenceLogo(
        [
          [0, 0, 0, 1],
          [0.25, 0, 0, 1],
        ],
        {
          ...OPTIONS,
          alphabet: 'dna',
          mutations: { changes: [[-1, 0.5, 0.25, 0], Array(4).fill(0)], wildType, label: 'change' },
        },
      );
    const svg = drawn('UN');
    expect(drawn('TN')).toBe(svg);
    const texts = elementsOf(svg).flatMap(({ attributes, text = '' }) => [
      ...Object.entries(attributes).flatMap(([name, value]) => (name.startsWith('data-') ? value : [])),
      text,
    ]);
    expect(texts).toEqual(expect.arrayContaining(['T', '1: T 1', '2: T 1, A 0.25', '1: T', '1: T to A −1']));
    expect(texts.join(' ')).not.toMatch(/U/);
    expect(svg).toContain(glyphsOf('dna')[3]!.path);
    expect(svg).not.toContain(glyphsOf()[3]!.path);
  });

  it('refuses a map that does not fit its letters', () => {
    const map = (changes: number[][], wildType = 'G') =>
      sequenceLogo([[0, 0, 1, 0]], { ...OPTIONS, mutations: { changes, wildType, label: '' } });
    expect(() => map([[0, 0, 0, 0]], 'GC')).toThrow(ShapeError);
    expect(() => map([])).toThrow(ShapeError);
    expect(() => map([[0, 0, 0]])).toThrow(ShapeError);
    expect(() => map([[0, 0, 0, Number.NaN]])).toThrow('change to U at position 1 is NaN');
  });

  it('draws a logo of nothing', () => {
    expect(lettersOf(sequenceLogo([[0, 0, 0, 0]], OPTIONS))).toEqual([]);
  });

  it('refuses what does not fit', () => {
    const one: LetterHeights = [[1, 0, 0, 0]];
    expect(() => sequenceLogo([], OPTIONS)).toThrow(ShapeError);
    expect(() => sequenceLogo([[0, Number.NaN, 0, 0]], OPTIONS)).toThrow(NotFiniteError);
    expect(() => sequenceLogo([[0, Number.NaN, 0, 0]], OPTIONS)).toThrow('height of C at position 1 is NaN');
    expect(() => sequenceLogo(one, { ...OPTIONS, yMax: 0.5 })).toThrow(ShapeError);
    expect(() => sequenceLogo(one, { ...OPTIONS, yMin: 0.5 })).toThrow('does not hold 0');
    expect(() => sequenceLogo(one, { ...OPTIONS, positions: ['1', '2'] })).toThrow(ShapeError);
    expect(() => sequenceLogo(one, { ...OPTIONS, structure: { dotBracket: '..' } })).toThrow(ShapeError);
    expect(() => sequenceLogo(one, { ...OPTIONS, structure: { dotBracket: 'x' } })).toThrow(
      '"x" at position 1',
    );
    expect(() => sequenceLogo(one, { ...OPTIONS, structure: { dotBracket: '(' } })).toThrow('never closed');
    expect(() => sequenceLogo(one, { ...OPTIONS, structure: { unpaired: [1.5] } })).toThrow(ShapeError);
  });
});

describe('ticks', () => {
  it.each([
    { low: 0, high: 2, at: [0, 0.5, 1, 1.5, 2] },
    { low: -1, high: 0.3, at: [-1, -0.5, 0] },
    { low: 0, high: 0.07, at: [0, 0.02, 0.04, 0.06] },
    { low: 12, high: 95, at: [50] },
  ])('divides $low to $high', ({ low, high, at }) => {
    expect(ticks(low, high)).toEqual(at);
  });
});

describe('svgToPng', () => {
  it('draws at the scale, ground and colour asked for', async () => {
    const svg = sequenceLogo([[1, 0, 0, 0]], { ...OPTIONS, columnWidth: 40 });
    const size = (png: Uint8Array) => {
      const view = new DataView(png.buffer, png.byteOffset);
      return [view.getUint32(16), view.getUint32(20)];
    };
    const png = await svgToPng(svg);
    expect(Array.from(png.subarray(1, 4))).toEqual([0x50, 0x4e, 0x47]);
    expect(size(png)).toEqual([216, 268]);
    expect(size(await svgToPng(svg, { scale: 1 }))).toEqual([108, 134]);
    expect(Buffer.from(await svgToPng(svg, { colour: '#ffffff' })).equals(png)).toBe(false);
    expect(Buffer.from(await svgToPng(svg, { background: 'transparent' })).equals(png)).toBe(false);
    await expect(svgToPng('<p>')).rejects.toThrow(FormatError);
  });
});

describe('escapeXml', () => {
  it('leaves nothing that XML cannot hold', () => {
    expect(escapeXml('a\u0000<b>\t"\'&')).toBe('a\ufffd&lt;b&gt;\t&quot;&#39;&amp;');
  });
});
