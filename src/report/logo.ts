/**
 * Sequence logos as standalone SVG: stacks of letters per position, over an axis and optionally over the secondary
 * structure (paper, figures 2a,e and 3a,b). The heights come from `gia/motif`; `glyphs.ts` has the letters.
 */
import { NotFiniteError, ShapeError } from '../device/errors.js';
import type { LetterHeights } from '../gia/motif/index.js';
import { GLYPHS } from './glyphs.js';
import { coordinate, escapeXml, FONT, svgDocument, ticks } from './svg.js';

/** Secondary structure under the letters: dot-bracket notation, or the probability of each base to be unpaired, 0 to 1. */
export type StructureTrack = { readonly dotBracket: string } | { readonly unpaired: ArrayLike<number> };

export interface LogoOptions {
  /** Accessible name, and the file's title. */
  readonly title: string;
  /** Beside the y axis, for example "bits". */
  readonly yLabel: string;
  /** Ends of the y axis; by default 0 and the highest stack, and below 0 what hangs there. */
  readonly yMin?: number;
  readonly yMax?: number;
  /** Number under the first position, default 1; or a label for each. */
  readonly positions?: number | readonly string[];
  readonly structure?: StructureTrack;
  /** Width of a position and height of the axis, px; by default 40 and 120, and narrower for more than 20 positions. */
  readonly columnWidth?: number;
  readonly plotHeight?: number;
}

/** The y axis of an information logo. */
export const BITS = { yLabel: 'bits', yMin: 0, yMax: 2 } as const;

/** px. */
const MARGIN = { left: 58, right: 10, top: 10 };
const LABEL_ROW = 22;
const TRACK_ROW = 20;

/** Drawn width of a letter, as a share of its position. */
const FILL = 0.94;

/**
 * Draws a logo. In each position letters above 0 are stacked upwards and those below 0 downwards and upside down, the
 * least next to the axis. Letters have exactly the height of their value on the y axis.
 *
 * @param heights [positions, 4]
 * @returns an SVG document; text is in `currentColor`, the background is clear
 * @throws ShapeError for no positions, or labels, structure or axis that do not fit; NotFiniteError naming a letter
 */
export function sequenceLogo(heights: LetterHeights, options: LogoOptions): string {
  const { title, yLabel, structure, plotHeight = 120 } = options;
  const count = heights.length;
  if (count === 0) throw new ShapeError('a logo needs at least one position');
  const columnWidth = options.columnWidth ?? Math.max(16, Math.min(40, 800 / count));
  const { yMin, yMax } = yRange(heights, options);
  const scale = plotHeight / (yMax - yMin);
  const y = (value: number) => MARGIN.top + (yMax - value) * scale;
  const x = (i: number) => MARGIN.left + i * columnWidth;
  const bottom = MARGIN.top + plotHeight;
  const parts = [
    axis(y, yMin, yMax, yLabel, x(count)),
    ...heights.map((column, i) =>
      stack(column)
        .map(({ base, from, to }) => letter(base, x(i), y, columnWidth, from, to))
        .join(''),
    ),
    positionLabels(options.positions ?? 1, count, (i) => x(i + 0.5), bottom + 15, columnWidth),
    structure === undefined ? '' : track(structure, count, x, bottom + LABEL_ROW, columnWidth),
  ];
  const height = bottom + LABEL_ROW + (structure === undefined ? 0 : TRACK_ROW + 4);
  return svgDocument(x(count) + MARGIN.right, height, title, parts.join(''), 'logo');
}

/** Letters of one position from the axis outwards. */
function stack(column: readonly number[]): { base: number; from: number; to: number }[] {
  const order = [0, 1, 2, 3].sort((a, b) => Math.abs(column[a]!) - Math.abs(column[b]!) || a - b);
  let up = 0;
  let down = 0;
  return order.flatMap((base) => {
    const value = column[base]!;
    if (value === 0) return [];
    const from = value > 0 ? up : down;
    const to = from + value;
    if (value > 0) up = to;
    else down = to;
    return [{ base, from, to }];
  });
}

function letter(
  base: number,
  left: number,
  y: (value: number) => number,
  width: number,
  from: number,
  to: number,
): string {
  const { letter: name, path, colour } = GLYPHS[base]!;
  // The box's top, y = 0, goes to the value, its foot to the axis side: below 0 that turns the letter over.
  const transform = `translate(${coordinate(left + (width * (1 - FILL)) / 2)} ${coordinate(y(to))}) scale(${precise((width * FILL) / 100)} ${precise((y(from) - y(to)) / 100)})`;
  return `<path data-letter="${name}" d="${path}" fill="${colour}" transform="${transform}"/>`;
}

/** A factor, exact to well below a pixel however small it is. */
const precise = (value: number): string => String(Number(value.toPrecision(8)));

function yRange(heights: LetterHeights, options: LogoOptions): { yMin: number; yMax: number } {
  let lowest = 0;
  let highest = 0;
  heights.forEach((column, i) => {
    column.forEach((value, base) => {
      if (!Number.isFinite(value))
        throw new NotFiniteError(`height of ${GLYPHS[base]!.letter} at position ${i + 1} is ${value}`);
    });
    const sum = (sign: number) => column.reduce((total, h) => total + (h * sign > 0 ? h : 0), 0);
    lowest = Math.min(lowest, sum(-1));
    highest = Math.max(highest, sum(1));
  });
  const { yMin = lowest, yMax = highest > lowest ? highest : lowest + 1 } = options;
  if (!(yMin <= 0 && yMax >= 0 && yMin < yMax && Number.isFinite(yMax - yMin)))
    throw new ShapeError(`a y axis from ${yMin} to ${yMax} does not hold 0`);
  const slack = 1e-9 * (yMax - yMin);
  if (lowest < yMin - slack || highest > yMax + slack)
    throw new ShapeError(`stacks from ${lowest} to ${highest} leave the y axis from ${yMin} to ${yMax}`);
  return { yMin, yMax };
}

const text = (x: number, y: number, size: number, content: string, more = ''): string =>
  `<text x="${coordinate(x)}" y="${coordinate(y)}" font-family='${FONT}' font-size="${size}" fill="currentColor" ${more}>${escapeXml(content)}</text>`;

function axis(y: (value: number) => number, low: number, high: number, label: string, end: number): string {
  const at = MARGIN.left - 6;
  const line = (path: string) => `<path d="${path}" fill="none" stroke="currentColor" stroke-width="1"/>`;
  const middle = (y(low) + y(high)) / 2;
  const marks = ticks(low, high)
    .map((value) => {
      const name = String(value).replace('-', '\u2212');
      return (
        line(`M${at - 4},${coordinate(y(value))}H${at}`) +
        text(at - 7, y(value) + 4, 11, name, 'text-anchor="end"')
      );
    })
    .join('');
  return (
    line(`M${at},${coordinate(y(high))}V${coordinate(y(low))}`) +
    marks +
    `<path d="M${at},${coordinate(y(0))}H${coordinate(end)}" stroke="currentColor" stroke-width="1" opacity="0.5"/>` +
    text(13, middle, 12, label, `text-anchor="middle" transform="rotate(-90 13 ${coordinate(middle)})"`)
  );
}

function positionLabels(
  positions: number | readonly string[],
  count: number,
  x: (i: number) => number,
  y: number,
  columnWidth: number,
): string {
  if (typeof positions !== 'number' && positions.length !== count)
    throw new ShapeError(`${count} positions need as many labels, not ${positions.length}`);
  // Numbers are thinned out where they would touch; labels that were given are all shown.
  const step = typeof positions === 'number' && columnWidth < 22 ? 5 : 1;
  return Array.from({ length: count }, (_, i) => {
    const label = typeof positions === 'number' ? String(positions + i) : positions[i]!;
    const shown = typeof positions !== 'number' || step === 1 || i === 0 || (positions + i) % step === 0;
    const crowded =
      step > 1 &&
      i === 0 &&
      typeof positions === 'number' &&
      positions % step !== 0 &&
      step - (positions % step) < 2;
    return shown && !crowded ? text(x(i), y, 11, label, 'text-anchor="middle"') : '';
  }).join('');
}

function track(
  structure: StructureTrack,
  count: number,
  x: (i: number) => number,
  top: number,
  columnWidth: number,
): string {
  const given = 'dotBracket' in structure ? structure.dotBracket.length : structure.unpaired.length;
  if (given !== count) throw new ShapeError(`${count} positions need as much structure, not ${given}`);
  const cells = Array.from({ length: count }, (_, i) =>
    'dotBracket' in structure
      ? bracketCell(structure.dotBracket[i]!, i, x(i), top, columnWidth)
      : unpairedCell(structure.unpaired[i]!, i, x(i), top, columnWidth),
  );
  const label = 'dotBracket' in structure ? 'pairs' : 'unpaired';
  return text(MARGIN.left - 6, top + 13, 11, label, 'text-anchor="end"') + cells.join('');
}

function bracketCell(symbol: string, i: number, left: number, top: number, width: number): string {
  if (!'().'.includes(symbol))
    throw new ShapeError(`structure has ${JSON.stringify(symbol)} at position ${i + 1}; expected ( ) or .`);
  const cell = `<rect data-structure="${symbol}" x="${coordinate(left)}" y="${top}" width="${coordinate(width)}" height="18" fill="currentColor" opacity="${symbol === '.' ? 0.06 : 0.22}"/>`;
  return cell + text(left + width / 2, top + 13, 13, symbol, 'text-anchor="middle" font-weight="bold"');
}

function unpairedCell(p: number, i: number, left: number, top: number, width: number): string {
  if (!(p >= 0 && p <= 1)) throw new ShapeError(`probability ${p} at position ${i + 1} is not 0 to 1`);
  const [w, high] = [coordinate(width - 1), 16 * p];
  return (
    `<rect x="${coordinate(left + 0.5)}" y="${top + 1}" width="${w}" height="16" fill="currentColor" opacity="0.1"/>` +
    `<rect data-unpaired="${precise(p)}" x="${coordinate(left + 0.5)}" y="${coordinate(top + 17 - high)}" width="${w}" height="${coordinate(high)}" fill="currentColor" opacity="0.55"/>`
  );
}
