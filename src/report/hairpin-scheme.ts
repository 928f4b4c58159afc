/** The hairpins of an experiment as a picture: which letters are arms and loop, and where the motif stands in either. */
import { ALPHABET } from '../data/sequence.js';
import type { ExperimentResult } from '../gia/experiments/index.js';
import { partnerOf } from '../gia/experiments/stem-loops.js';
import { type Columns, columnNames, structureTrack, text } from './columns.js';
import { GLYPHS } from './glyphs.js';
import { coordinate, svgDocument } from './svg.js';

/** Where things are in a background, positions from 0. */
export interface HairpinDesign {
  readonly length: number;
  readonly start: number;
  readonly arm: number;
  readonly loop: number;
  readonly inLoop: number;
  readonly inStem: number;
}

const NAMES = ['length', 'start', 'arm', 'loop', 'inLoop', 'inStem'] as const;

/** What a hairpin experiment says of its design; undefined where it was stored before it did. */
export function designOf({ facts }: ExperimentResult): HairpinDesign | undefined {
  const known = facts[0] ?? {};
  return NAMES.every((name) => typeof known[name] === 'number')
    ? (known as unknown as HairpinDesign)
    : undefined;
}

/** px. */
const LEFT = 88;
const WIDTH = 15.2;
const ROW = 24;

/** @throws as `structureTrack`, for a design that does not fit */
export function hairpinScheme(design: HairpinDesign, motif: string): string {
  const { length, start, arm, loop, inLoop, inStem } = design;
  const columns: Columns = { count: length, left: LEFT, width: WIDTH };
  const rest = length - start - 2 * arm - loop;
  const dotBracket = `${'.'.repeat(start)}${'('.repeat(arm)}${'.'.repeat(loop)}${')'.repeat(arm)}${'.'.repeat(rest)}`;
  const opposite = partnerOf({ start, arm, loop }, inStem + motif.length - 1);
  const rows = [
    { name: 'in loop', sites: [[motif, inLoop, 1]] },
    {
      name: 'in stem',
      sites: [
        [motif, inStem, 1],
        [partners(motif), opposite, 0.45],
      ],
    },
  ] as const;
  const top = 4 + rows.length * ROW;
  const track = structureTrack(columns, { dotBracket }, top, 0);
  const content = [
    ...rows.map(({ name, sites }, i) => {
      const y = 4 + i * ROW;
      const written = sites.map(([word, first, opacity]) => letters(columns, word, first, y, opacity));
      return (
        text(LEFT - 12, y + 14, 11, name, 'text-anchor="end"') + baseline(columns, y + 19) + written.join('')
      );
    }),
    track.content,
    columnNames(columns, 0, top + track.height + 14),
  ];
  const height = top + track.height + 20;
  return svgDocument(
    LEFT + length * WIDTH + 10,
    height,
    `${motif} in loop and stem`,
    content.join(''),
    'class="logo long"',
  );
}

const partners = (motif: string): string =>
  Array.from(motif, (letter) => ALPHABET[3 - ALPHABET.indexOf(letter)]!)
    .reverse()
    .join('');

const baseline = ({ count, left, width }: Columns, y: number): string =>
  `<rect x="${coordinate(left)}" y="${y}" width="${coordinate(count * width)}" height="1" fill="currentColor" opacity="0.4"/>`;

const letters = (
  { left, width }: Columns,
  word: string,
  first: number,
  top: number,
  opacity: number,
): string =>
  Array.from(word, (letter, i) => {
    const { path, colour } = GLYPHS.find((glyph) => glyph.letter === letter)!;
    const place = `translate(${coordinate(left + (first + i + 0.03) * width)} ${top}) scale(${coordinate((0.94 * width) / 100)} 0.18)`;
    return `<path data-tip="${first + i} ${letter}" d="${path}" fill="${colour}" opacity="${opacity}" transform="${place}"/>`;
  }).join('');
