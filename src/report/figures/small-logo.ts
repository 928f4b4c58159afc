/**
 * Small information logos without axes, for tables of many motifs: letters are drawn once on a page, and
 * logos refer to them. `logo.ts` draws a logo with axes.
 */

import type { PositionWeightMatrix } from '../../data/pwm.js';
import { type Alphabet, lettersOf } from '../../data/sequences/letters.js';
import { informationHeights } from '../../gia/motif/index.js';
import { glyphsOf } from './glyphs.js';
import { coordinate, escapeXml } from './svg.js';

/** Width of a position, height of 2 bits, and margin, px. */
export const COLUMN = 15;
export const ROW = 38;
export const EDGE = 2;

/** Letters that are lower are not drawn, px. */
const LEAST = 0.4;

/** The letters, which logos refer to. */
export const LETTERS = `<defs>${[
  ...new Map([...glyphsOf('rna'), ...glyphsOf('dna')].map((glyph) => [glyph.letter, glyph])).values(),
]
  .map(({ letter, path, colour }) => `<path id="letter-${letter}" d="${path}" fill="${colour}"/>`)
  .join('')}</defs>`;

/** The letters for all logos of a page. */
export const LETTER_SYMBOLS = `<svg width="0" height="0" style="position:absolute" aria-hidden="true">${LETTERS}</svg>`;

/** A picture for a page or, with `LETTERS`, for a file. */
export interface SmallPicture {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** SVG. */
  readonly content: string;
}

/** Stacks of letters, the lowest at the foot; 2 bits are as high as a row. */
export function smallLetters(
  pwm: PositionWeightMatrix,
  alphabet: Alphabet,
  left: number,
  foot: number,
): string {
  const letters = lettersOf(alphabet);
  return informationHeights(pwm)
    .flatMap((column, i) => {
      let top = foot;
      return [0, 1, 2, 3]
        .sort((a, b) => column[a]! - column[b]!)
        .map((base) => {
          const height = (column[base]! / 2) * ROW;
          top -= height;
          const at = `translate(${coordinate(left + i * COLUMN + 0.5)} ${top.toFixed(2)})`;
          const scale = `scale(${(COLUMN - 1) / 100} ${(height / 100).toFixed(4)})`;
          return height < LEAST ? '' : `<use href="#letter-${letters[base]}" transform="${at} ${scale}"/>`;
        });
    })
    .join('');
}

/** The line on which letters stand. */
export const baseLine = (width: number, foot: number): string =>
  `<path d="M0,${foot + 0.5}H${width}" stroke="currentColor" opacity="0.5" fill="none"/>`;

/** The logo of one matrix. */
export function smallLogo(
  pwm: PositionWeightMatrix,
  title: string,
  alphabet: Alphabet = 'rna',
): SmallPicture {
  const width = 2 * EDGE + pwm.length * COLUMN;
  return {
    width,
    height: ROW + EDGE,
    title,
    content: smallLetters(pwm, alphabet, EDGE, ROW) + baseLine(width, ROW),
  };
}

/** The picture within a page, in its colours. */
export const inPage = ({ width, height, content, title }: SmallPicture): string =>
  `<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(title)}" style="display:block">${content}</svg>`;
