/**
 * The changes by replacing each letter, as a heat map that stands under a logo, column by column (paper,
 * figures 2e and 3b).
 */
import { type Alphabet, codeOf, lettersOf, spell } from '../../data/sequences/letters.js';
import { count as counted } from '../../device/count.js';
import { NotFiniteError, ShapeError } from '../../device/errors.js';
import { type Columns, text } from '../columns.js';
import { amount, coordinate, escapeXml, INK, widthOf } from './svg.js';

export interface MutationMap {
  /**
   * [positions, 4] in the order A, C, G, U: prediction with that letter - prediction with the wild type.
   */
  readonly changes: readonly ArrayLike<number>[];
  /** The letters that are replaced: A, C, G, U or N. Dots mark their own cells. */
  readonly wildType: string;
  /** Title of the colours, for example `change, s.d. of scores`. */
  readonly label: string;
}

/** px. */
const ROW = 18;
const SCALE = { width: 120, height: 8, steps: 40 };

/**
 * Blue to white to red in equal steps of lightness (ColorBrewer's RdBu, 7 classes, reversed).
 */
const COLOURS: readonly (readonly [number, number, number])[] = [
  [33, 102, 172],
  [103, 169, 207],
  [209, 229, 240],
  [247, 247, 247],
  [253, 219, 199],
  [239, 138, 98],
  [178, 24, 43],
];

/** The colour of a change as a share of the greatest one, −1 to 1; 0 is neutral. */
export function changeColour(share: number): string {
  const at = ((Math.max(-1, Math.min(1, share)) + 1) / 2) * (COLOURS.length - 1);
  const below = Math.min(COLOURS.length - 2, Math.floor(at));
  const mixed = COLOURS[below]!.map((from, i) => {
    const to = COLOURS[below + 1]![i]!;
    return Math.round(from + (at - below) * (to - from));
  });
  return `rgb(${mixed.join(', ')})`;
}

/**
 * Rows A, C, G and U of cells in the columns of a logo, and the colour scale below. Blue lowers, red raises;
 * the scale is symmetric about 0.
 *
 * @param names of the columns, for tips
 * @returns SVG text, its height and the least width of the picture
 * @throws ShapeError unless there are four changes and one letter per column; NotFiniteError naming a cell
 */
export function mutationMap(
  columns: Columns,
  { changes, wildType, label }: MutationMap,
  top: number,
  names: (i: number) => string,
  alphabet?: Alphabet,
): { readonly content: string; readonly height: number; readonly width: number } {
  const { count, left, width } = columns;
  if (changes.length !== count || wildType.length !== count)
    throw new ShapeError(
      `${counted(count, 'position')} need as many columns and letters in a map, not ${changes.length} and ${wildType.length}`,
    );
  const letters = lettersOf(alphabet);
  const most = greatest(changes, letters) || 1;
  const cells = Array.from(letters, (letter, base) =>
    Array.from(wildType, (own, i) => {
      const [x, y] = [left + i * width, top + base * ROW];
      const value = changes[i]![base]!;
      const tip =
        codeOf(own) === base
          ? `${names(i)}: ${letter}`
          : `${names(i)}: ${spell(own, alphabet)} to ${letter} ${amount(value)}`;
      return `<rect data-to="${letter}" data-tip="${escapeXml(tip)}" x="${coordinate(x)}" y="${y}" width="${coordinate(width)}" height="${ROW}" fill="${changeColour(value / most)}"/>`;
    }).join(''),
  );
  const radius = coordinate(Math.min(3, width / 3));
  const dots = Array.from(wildType, (own, i) => {
    const base = codeOf(own);
    return letters[base] === undefined
      ? ''
      : `<circle data-own="${letters[base]}" cx="${coordinate(left + (i + 0.5) * width)}" cy="${top + (base + 0.5) * ROW}" r="${radius}" fill="${INK}" pointer-events="none"/>`;
  });
  const rows = Array.from(letters, (letter, base) =>
    text(left - 9, top + base * ROW + 13, 11, letter, 'text-anchor="end"'),
  );
  const middle = top + 2 * ROW;
  const heading = text(
    13,
    middle,
    12,
    'replaced by',
    `text-anchor="middle" transform="rotate(-90 13 ${middle})"`,
  );
  const foot = top + 4 * ROW + 10;
  return {
    content:
      `<g shape-rendering="crispEdges">${cells.join('')}</g>${dots.join('')}` +
      rows.join('') +
      heading +
      scale(left, foot, most, label),
    height: foot + SCALE.height + 18 - top,
    width: left + SCALE.width + 20 + widthOf(label, 11),
  };
}

function greatest(changes: MutationMap['changes'], letters: string): number {
  let most = 0;
  changes.forEach((column, i) => {
    if (column.length !== 4) throw new ShapeError(`position ${i + 1} has ${column.length} changes, not 4`);
    for (let base = 0; base < 4; base++) {
      if (!Number.isFinite(column[base]))
        throw new NotFiniteError(`change to ${letters[base]} at position ${i + 1} is ${column[base]}`);
      most = Math.max(most, Math.abs(column[base]!));
    }
  });
  return most;
}

/** The colour scale, from the greatest change below 0 to the greatest above. */
function scale(left: number, top: number, most: number, label: string): string {
  const { width, height, steps } = SCALE;
  const step = width / steps;
  const colours = Array.from({ length: steps }, (_, i) => {
    // Each a little wider than its step, so that no gap shows between two.
    const wide = i === steps - 1 ? step : step + 0.5;
    return `<rect x="${coordinate(left + i * step)}" y="${top}" width="${wide}" height="${height}" fill="${changeColour((2 * i + 1) / steps - 1)}"/>`;
  });
  const end = amount(most);
  const marks = [
    text(left, top + height + 13, 11, `\u2212${end}`),
    text(left + width / 2, top + height + 13, 11, '0', 'text-anchor="middle"'),
    text(left + width, top + height + 13, 11, end, 'text-anchor="end"'),
    text(left + width + 10, top + height, 11, label),
  ];
  return colours.join('') + marks.join('');
}
