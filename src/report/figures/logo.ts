/**
 * Sequence logos as standalone SVG: stacks of letters per position, over an axis and optionally over the
 * secondary structure (paper, figures 2a,e and 3a,b). The heights come from `gia/motif`, the letters from
 * `glyphs.ts`, and what stands under them from `columns.ts`.
 */
import type { Alphabet } from '../../data/sequences/letters.js';
import { NotFiniteError, ShapeError } from '../../device/errors.js';
import type { LetterHeights } from '../../gia/motif/index.js';
import {
  type Columns,
  columnNames,
  positionName,
  SHORT,
  type StructureTrack,
  structureTrack,
  text,
} from '../columns.js';
import { type Glyph, glyphsOf } from './glyphs.js';
import { type MutationMap, mutationMap } from './mutation-map.js';
import { amount, coordinate, cut, escapeXml, svgDocument, ticks } from './svg.js';

/** How a sequence logo is drawn. */
export interface LogoOptions {
  /** Accessible name, and the file's title. */
  readonly title: string;
  /** Title of the y axis, for example "bits". */
  readonly yLabel: string;
  /** Lower end of the y axis. Default: 0, or the lowest stack below it. */
  readonly yMin?: number;
  /** Upper end of the y axis. Default: the highest stack. */
  readonly yMax?: number;
  /** Number under the first position (default 1), or a label for each position. */
  readonly positions?: number | readonly string[];
  /** Drawn under the letters, with an arc for every pair of a dot-bracket. */
  readonly structure?: StructureTrack;
  /** Drawn below that, column under column. */
  readonly mutations?: MutationMap;
  /**
   * Width of a position and height of the axis, px. By default at most 40 and 120, in pictures of at most
   * 360, or of 720 for more than 20 positions.
   */
  readonly columnWidth?: number;
  /** Height of the stacks, px. */
  readonly plotHeight?: number;
  /** Which letters are drawn. Default `rna`. */
  readonly alphabet?: Alphabet | undefined;
}

/** The y axis of an information logo. */
export const BITS = { yLabel: 'bits', yMin: 0, yMax: 2 } as const;

/** px. */
const MARGIN = { left: 58, right: 10, top: 10 };

/** Left margin of long logos: pages enlarge their text where they shrink the picture. */
const WIDE_LEFT = 70;
const LABEL_ROW = 24;

/** Widths of all positions of short and of long logos, px. */
const WHOLE = { short: 290, long: 652, most: 40 };

/** Width of a letter as a share of the width of its position. */
const FILL = 0.94;

/**
 * Draws a logo. In each position letters above 0 are stacked upwards, and letters below 0 downwards and
 * upside down; the smallest is next to the axis. The height of a letter is exactly its value on the y axis.
 *
 * @param heights [positions, 4]
 * @returns an SVG document; dark on white
 * @throws ShapeError for no positions, or labels, structure or axis that do not fit; NotFiniteError naming a
 * letter
 */
export function sequenceLogo(heights: LetterHeights, options: LogoOptions): string {
  const { width, height, content, long } = logoContent(heights, options);
  return svgDocument(width, height, options.title, content, `class="logo${long ? ' long' : ''}"`);
}

/**
 * Draws a logo in several lines of the same scale, for sequences whose letters would be too narrow in one.
 * Every line has its own axes.
 *
 * @param most positions in a line
 * @throws as `sequenceLogo`
 */
export function linedLogo(
  heights: LetterHeights,
  most: number,
  options: Omit<LogoOptions, 'positions' | 'structure' | 'mutations'>,
): string {
  const each = Math.ceil(heights.length / Math.ceil(heights.length / most));
  const { yMin, yMax } = yRange(heights, options);
  const lines: string[] = [];
  let [width, height] = [0, 0];
  for (let first = 0; first < heights.length; first += each) {
    const columnWidth = WHOLE.long / each;
    const line = logoContent(
      heights.slice(first, first + each),
      { ...options, yMin, yMax, columnWidth, positions: first + 1 },
      true,
    );
    lines.push(`<g transform="translate(0 ${coordinate(height)})">${line.content}</g>`);
    width = Math.max(width, line.width);
    height += line.height;
  }
  return svgDocument(width, height, options.title, lines.join(''), 'class="logo long"');
}

/** A logo as a part of a picture. */
interface LogoContent {
  readonly width: number;
  readonly height: number;
  /** Left edge of the first position. */
  readonly left: number;
  readonly content: string;
  readonly long: boolean;
}

/** A logo as a row of a picture of several, with the margin of a short one. @throws as `sequenceLogo` */
export const logoRow = (heights: LetterHeights, options: LogoOptions): LogoContent =>
  logoContent(heights, options, false);

/** @param long whether it has the margin and the text of a long logo */
function logoContent(
  heights: LetterHeights,
  options: LogoOptions,
  long = heights.length > SHORT,
): LogoContent {
  const { yLabel, structure, mutations, plotHeight = 120, alphabet } = options;
  const glyphs = glyphsOf(alphabet);
  const count = heights.length;
  if (count === 0) throw new ShapeError('a logo needs at least one position');
  const columnWidth = options.columnWidth ?? Math.min(WHOLE.most, (long ? WHOLE.long : WHOLE.short) / count);
  const { yMin, yMax } = yRange(heights, options);
  const scale = plotHeight / (yMax - yMin);
  const y = (value: number) => MARGIN.top + (yMax - value) * scale;
  const left = long ? WIDE_LEFT : MARGIN.left;
  const columns: Columns = { count, left, width: columnWidth };
  const x = (i: number) => left + i * columnWidth;
  const bottom = MARGIN.top + plotHeight;
  const positions = options.positions ?? 1;
  const first = typeof positions === 'number' ? positions : 1;
  const track = structure && structureTrack(columns, structure, bottom + LABEL_ROW, first);
  const tracks = bottom + LABEL_ROW + (track?.height ?? 0);
  const map =
    mutations && mutationMap(columns, mutations, tracks, (i) => positionName(positions, i), alphabet);
  const parts = [
    axis(y, yMin, yMax, yLabel, left, x(count)),
    ...heights.map((column, i) =>
      stack(column)
        .map(({ base, from, to }) => letter(glyphs[base]!, x(i), y, columnWidth, from, to))
        .join(''),
    ),
    ...heights.map((column, i) =>
      tipOf(positionName(positions, i), column, glyphs, x(i), columnWidth, plotHeight),
    ),
    columnNames(columns, positions, bottom + 17),
    track?.content ?? '',
    map?.content ?? '',
  ];
  const width = Math.max(x(count) + MARGIN.right, map?.width ?? 0);
  const height = tracks + (map?.height ?? 0);
  return { width, height, left, content: parts.join(''), long };
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
  { letter: name, path, colour }: Glyph,
  left: number,
  y: (value: number) => number,
  width: number,
  from: number,
  to: number,
): string {
  // The top of the box (y = 0) lies at the value and its foot towards the axis, which turns letters below 0
  // over.
  const transform = `translate(${coordinate(left + (width * (1 - FILL)) / 2)} ${coordinate(y(to))}) scale(${precise((width * FILL) / 100)} ${precise((y(from) - y(to)) / 100)})`;
  return `<path data-letter="${name}" d="${path}" fill="${colour}" transform="${transform}"/>`;
}

/**
 * The tip of a column, the highest letter first. It covers the whole column, since letters have holes and may
 * be thin.
 */
function tipOf(
  name: string,
  column: readonly number[],
  glyphs: readonly Glyph[],
  left: number,
  width: number,
  height: number,
): string {
  const letters = [0, 1, 2, 3]
    .filter((base) => column[base] !== 0)
    .sort((a, b) => Math.abs(column[b]!) - Math.abs(column[a]!))
    .map((base) => `${glyphs[base]!.letter} ${amount(column[base]!)}`);
  return letters.length === 0
    ? ''
    : `<rect data-tip="${escapeXml(`${name}: ${letters.join(', ')}`)}" x="${coordinate(left)}" y="${MARGIN.top}" width="${coordinate(width)}" height="${height}" fill="none" pointer-events="all"/>`;
}

/** A factor, exact to well below a pixel however small it is. */
const precise = (value: number): string => String(Number(value.toPrecision(8)));

function yRange(heights: LetterHeights, options: LogoOptions): { yMin: number; yMax: number } {
  let lowest = 0;
  let highest = 0;
  heights.forEach((column, i) => {
    column.forEach((value, base) => {
      if (!Number.isFinite(value))
        throw new NotFiniteError(
          `height of ${glyphsOf(options.alphabet)[base]!.letter} at position ${i + 1} is ${value}`,
        );
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

function axis(
  y: (value: number) => number,
  low: number,
  high: number,
  label: string,
  left: number,
  end: number,
): string {
  const at = left - 6;
  const line = (path: string) => `<path d="${path}" fill="none" stroke="currentColor" stroke-width="1"/>`;
  const middle = (y(low) + y(high)) / 2;
  const marks = ticks(low, high)
    .map((value) => {
      const name = amount(value);
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
    text(
      13,
      middle,
      12,
      cut(label, Math.abs(y(low) - y(high)) + 20, 12),
      `text-anchor="middle" transform="rotate(-90 13 ${coordinate(middle)})"`,
    )
  );
}
