/** A motif's logo above those of the known motifs most like it, each where it was placed. */
import type { PositionWeightMatrix } from '../../data/pwm.js';
import type { Alphabet } from '../../data/sequences/letters.js';
import { ShapeError } from '../../device/errors.js';
import { informationHeights, type MotifMatch, reverseComplement } from '../../gia/motif/index.js';
import { text } from '../columns.js';
import { probability } from '../wording.js';
import { BITS, logoRow } from './logo.js';
import { coordinate, cut, svgDocument, widthOf } from './svg.js';

/** A known motif and its placement on the query. */
export interface PlacedLogo {
  readonly name: string;
  /** As its file has it, also where the other strand is placed. */
  readonly pwm: PositionWeightMatrix;
  readonly match: Pick<MotifMatch, 'offset' | 'eValue' | 'r' | 'strand'>;
}

/** How aligned logos are drawn. */
export interface AlignedLogosOptions {
  /** Accessible name, and the file's title. */
  readonly title: string;
  /** Which letters are drawn. Default `rna`. */
  readonly alphabet?: Alphabet | undefined;
}

/** px. */
const PLOT = 56;
const NAME = 18;
const LETTER = 12;
const EDGE = 10;

/** Widths of all columns, and the widest column, px. */
const WHOLE = 560;
const WIDEST = 28;

/** The width that names and what follows them have at least, px. */
const NAMED = 420;

/**
 * Logos of information, one under the other: the query, then the known motifs in the order given, position
 * under position. All axes reach from 0 to 2 bits. Dashed lines mark the ends of the query. Above each known
 * motif stand its name, its E value and r, and `reverse complement` where that is what was placed. Names that
 * are too long are cut.
 *
 * @returns an SVG document; dark on white
 * @throws ShapeError for a matrix without positions, or no known motif
 */
export function alignedLogos(
  query: { readonly name: string; readonly pwm: PositionWeightMatrix },
  known: readonly PlacedLogo[],
  { title, alphabet }: AlignedLogosOptions,
): string {
  if (known.length === 0) throw new ShapeError('aligned logos need at least one known motif');
  const first = Math.min(0, ...known.map(({ match }) => match.offset));
  const end = Math.max(query.pwm.length, ...known.map(({ match, pwm }) => match.offset + pwm.length));
  const columnWidth = Math.min(WIDEST, WHOLE / (end - first));
  const rows = [
    { name: query.name, facts: '', pwm: query.pwm, offset: 0 },
    ...known.map(({ name, pwm, match }) => ({
      name,
      facts: `: ${factsOf(match)}`,
      pwm: match.strand === '-' ? reverseComplement(pwm) : pwm,
      offset: match.offset,
    })),
  ];
  let [width, height] = [0, EDGE];
  const content = rows.map(({ name, facts, pwm, offset }) => {
    const own = informationHeights(pwm);
    const heights = Array.from({ length: end - first }, (_, i) => own[i + first - offset] ?? NONE);
    const positions = heights.map((_, i) => {
      const position = i + first - offset;
      return position >= 0 && position < pwm.length ? String(position + 1) : '';
    });
    const row = logoRow(heights, { ...BITS, title, alphabet, columnWidth, plotHeight: PLOT, positions });
    width = Math.max(width, row.width, row.left + NAMED);
    const top = height;
    height += NAME + row.height;
    const room = Math.max(row.width - row.left, NAMED) - EDGE;
    const heading = `${cut(name, room - widthOf(facts, LETTER), LETTER)}${facts}`;
    const label = text(row.left, top + 12, LETTER, heading);
    const guides = [0, query.pwm.length].map((position) => {
      const x = coordinate(row.left + (position - first) * columnWidth);
      return `<path d="M${x},0V${row.height}" stroke="currentColor" stroke-dasharray="2 3" opacity="0.5" fill="none"/>`;
    });
    return `${label}<g transform="translate(0 ${coordinate(top + NAME)})">${guides.join('')}${row.content}</g>`;
  });
  return svgDocument(width, height + EDGE, title, content.join(''), 'class="logo"');
}

const NONE = [0, 0, 0, 0] as const;

const factsOf = ({ eValue, r, strand }: PlacedLogo['match']): string =>
  [
    probability(eValue, 'E'),
    ...(Number.isNaN(r) ? [] : [`r = ${r.toFixed(2)}`]),
    ...(strand === '-' ? ['reverse complement'] : []),
  ].join(', ');
