/** Under the columns of a logo: their numbers or names, and the secondary structure. */
import { pairsOf } from '../data/sequences/dot-bracket.js';
import { count as counted } from '../device/count.js';
import { ShapeError } from '../device/errors.js';
import { COLOURS, coordinate, cut, escapeXml, FONT, widthOf } from './figures/svg.js';

/** Dot-bracket notation, or the probability of each base to be unpaired, 0 to 1. */
export type StructureTrack = { readonly dotBracket: string } | { readonly unpaired: ArrayLike<number> };

/** Number and place of the columns, px. */
export interface Columns {
  readonly count: number;
  /** Left edge of the first. */
  readonly left: number;
  readonly width: number;
}

/** More columns than this are numbered by fives. */
export const SHORT = 20;

const edge = ({ left, width }: Columns, i: number): number => left + i * width;
const centre = (columns: Columns, i: number): number => edge(columns, i + 0.5);

/** @param more attributes */
export const text = (x: number, y: number, size: number, content: string, more = ''): string =>
  `<text x="${coordinate(x)}" y="${coordinate(y)}" font-family='${FONT}' font-size="${size}" fill="currentColor" ${more}>${escapeXml(content)}</text>`;

/** Name of column `i`. @param positions number of the first column, or a name for each */
export const positionName = (positions: number | readonly string[], i: number): string =>
  typeof positions === 'number' ? String(positions + i) : (positions[i] ?? '');

/** Text size of short logos, and of long logos, whose text pages enlarge (`page-style.ts`). */
const SIZE = { short: 11, long: 17 };

/** Least space between two names, and greatest overhang of a name on either side of its column, px. */
const SPACE = 4;
const SIDE = 10;

/**
 * Numbers or names under the columns, as many as there is room for: every number, or every fifth, tenth,
 * fiftieth …; every name, or every second, third …
 *
 * @throws ShapeError unless there is one name per column
 */
export function columnNames(columns: Columns, positions: number | readonly string[], y: number): string {
  const { count, width } = columns;
  if (typeof positions !== 'number' && positions.length !== count)
    throw new ShapeError(`${counted(count, 'position')} need as many names, not ${positions.length}`);
  const size = count > SHORT ? SIZE.long : SIZE.short;
  const names = Array.from({ length: count }, (_, i) => {
    const name = positionName(positions, i);
    return typeof positions === 'number' ? name : cut(name, width + 2 * SIDE, size);
  });
  const needed = Math.max(...names.map((name) => widthOf(name, size))) + SPACE;
  const fits = (step: number) => step * width >= needed || step >= count;
  const numbered = typeof positions === 'number';
  const step = numbered ? roundStep(fits, count > SHORT ? 5 : 1) : wholeStep(fits, 1);
  const past = (i: number): number => ((((numbered ? positions : 0) + i) % step) + step) % step;
  // The first number is shown too, unless it would touch the next.
  const shown = (i: number): boolean => past(i) === 0 || (numbered && i === 0 && fits(step - past(i)));
  return names
    .map((name, i) => (shown(i) ? text(centre(columns, i), y, 11, name, 'text-anchor="middle"') : ''))
    .join('');
}

type Fits = (step: number) => boolean;

const wholeStep = (fits: Fits, step: number): number => (fits(step) ? step : wholeStep(fits, step + 1));

/** 1, 5, 10, 50, 100 … */
const roundStep = (fits: Fits, step: number): number =>
  fits(step) ? step : roundStep(fits, String(step).startsWith('5') ? 2 * step : 5 * step);

/** Height of a strip of cells, of a bar in it, and of the highest arc below it, px. */
const CELL = 18;
const BAR = 16;
const ARC = 34;

/** Colour of paired letters. */
export const PAIRED = COLOURS.purple;

/**
 * A strip of cells, and for dot-brackets an arc below it from every base to its partner.
 *
 * @param first number of the first column, for tips
 * @throws ShapeError for a structure of another length, or probabilities outside 0 to 1; FormatError for
 * brackets that do not pair
 */
export function structureTrack(
  columns: Columns,
  structure: StructureTrack,
  top: number,
  first = 1,
): { readonly content: string; readonly height: number } {
  const { count } = columns;
  const isBrackets = 'dotBracket' in structure;
  const given = isBrackets ? structure.dotBracket.length : structure.unpaired.length;
  if (given !== count)
    throw new ShapeError(`${counted(count, 'position')} need a structure of that length, not of ${given}`);
  const name = text(columns.left - 12, top + 13, 11, isBrackets ? 'pairs' : 'unpaired', 'text-anchor="end"');
  if (!isBrackets)
    return { content: name + probabilities(columns, structure.unpaired, top), height: CELL + 2 };
  const partners = pairsOf(structure.dotBracket);
  const arcs = pairArcs(columns, partners, top + CELL, first);
  return {
    content: name + brackets(columns, structure.dotBracket, partners, top, first) + arcs,
    height: CELL + ARC + 4,
  };
}

const brackets = (
  columns: Columns,
  symbols: string,
  partners: Int32Array,
  top: number,
  first: number,
): string =>
  Array.from(symbols, (symbol, i) => {
    const isUnpaired = partners[i]! < 0;
    const fill = isUnpaired ? 'fill="currentColor" opacity="0.08"' : `fill="${PAIRED}" opacity="0.35"`;
    const tip = isUnpaired ? 'unpaired' : `pairs with ${first + partners[i]!}`;
    const cell = `<rect data-structure="${escapeXml(symbol)}" data-tip="${first + i}: ${tip}" x="${coordinate(edge(columns, i))}" y="${top}" width="${coordinate(columns.width)}" height="${CELL}" ${fill}/>`;
    const bold = 'text-anchor="middle" font-weight="bold" class="fixed"';
    return cell + text(centre(columns, i), top + 13, 13, symbol, bold);
  }).join('');

/** Half ellipses, higher for letters that are further apart. */
function pairArcs(columns: Columns, partners: Int32Array, top: number, first: number): string {
  const furthest = partners.reduce((most, partner, i) => Math.max(most, partner - i), 1);
  return Array.from(partners, (partner, i) => {
    if (partner <= i) return '';
    const [from, to] = [centre(columns, i), centre(columns, partner)];
    const deep = ARC * Math.sqrt((partner - i) / furthest);
    return `<path data-pair="${first + i}-${first + partner}" d="M${coordinate(from)},${top}A${coordinate((to - from) / 2)},${coordinate(deep)} 0 0 0 ${coordinate(to)},${top}" fill="none" stroke="${PAIRED}" stroke-width="1.2"/>`;
  }).join('');
}

const probabilities = (columns: Columns, unpaired: ArrayLike<number>, top: number): string =>
  Array.from(unpaired, (p, i) => {
    if (!(p >= 0 && p <= 1)) throw new ShapeError(`probability ${p} at position ${i + 1} is not 0 to 1`);
    const [x, width] = [coordinate(edge(columns, i) + 0.5), coordinate(columns.width - 1)];
    const high = BAR * p;
    return (
      `<rect x="${x}" y="${top + 1}" width="${width}" height="${BAR}" fill="currentColor" opacity="0.1"/>` +
      `<rect data-unpaired="${Number(p.toPrecision(8))}" x="${x}" y="${coordinate(top + 1 + BAR - high)}" width="${width}" height="${coordinate(high)}" fill="currentColor" opacity="0.55"/>`
    );
  }).join('');
