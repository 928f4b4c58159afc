/**
 * The hairpins of an experiment as a picture: two arms whose letters pair, the loop that joins them, and the
 * motif in the loop or in an arm. Hairpins are drawn folded, so that letters are large enough on a narrow
 * page.
 */
import { type Alphabet, codeOf, reverseComplement, spell } from '../../data/sequences/letters.js';
import { ShapeError } from '../../device/errors.js';
import type { HairpinDesign } from '../../gia/experiments/index.js';
import { checkStemLoop, partnerOf } from '../../gia/experiments/stem-loops.js';
import { PAIRED, text } from '../columns.js';
import { glyphsOf } from './glyphs.js';
import { coordinate, svgDocument } from './svg.js';

/** Where things are in a background; positions count from 0. */
type HairpinPlan = Pick<HairpinDesign, 'length' | 'start' | 'arm' | 'loop' | 'inLoop' | 'inStem'>;

/**
 * Space left of the arms, between their letters and between the arms, and greatest width of the picture, px.
 */
const TAIL = 44;
const PITCH = { most: 18, least: 11 };
const GAP = 30;
const WIDEST = 350;

/** Radius of the disc behind a letter, and size of a letter, px. */
const DISC = 7;
const LETTER = { width: 10, height: 11.5 };

/** Height of a hairpin's name, and of the numbers above its upper arm, px. */
const NAME = 18;
const NUMBERS = 18;

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Embedded letters, their first position, and their opacity. */
type Site = readonly [word: string, first: number, opacity: number];

/**
 * The hairpin twice, one above the other: with the motif in the loop, and with the motif in the stem and the
 * letters opposite. Positions count from 0.
 *
 * @param alphabet which letters are drawn. Default `rna`
 * @throws ShapeError for a hairpin that does not fit its sequence, or a motif that does not fit the hairpin
 */
export function hairpinScheme(design: HairpinPlan, given: string, alphabet?: Alphabet): string {
  const motif = spell(given, alphabet);
  const { arm, loop, inLoop, inStem, length } = design;
  checkStemLoop(design, length);
  const pitch = Math.max(PITCH.least, Math.min(PITCH.most, (WIDEST - TAIL - 60) / (arm + loop / 3)));
  const radius = loopRadius(loop, pitch);
  const height = NAME + NUMBERS + 2 * Math.max(radius, GAP / 2) + DISC + NUMBERS;
  const opposite = partnerOf(design, inStem + motif.length - 1);
  const schemes: readonly (readonly [string, readonly Site[]])[] = [
    ['in the loop', [[motif, inLoop, 1]]],
    [
      'in the stem',
      [
        [motif, inStem, 1],
        [reverseComplement(motif, alphabet), opposite, 0.65],
      ],
    ],
  ];
  const content = schemes.map(([name, sites], i) => {
    const places = placesOf(design, pitch, radius, i * height + NAME + NUMBERS + Math.max(radius, GAP / 2));
    return (
      text(4, i * height + 13, 12, `${motif} ${name}`) +
      tails(design, places) +
      bonds(design, places) +
      discs(design, places) +
      sites.map((site) => letters(site, places, alphabet)).join('')
    );
  });
  const right = TAIL + (arm - 0.5) * pitch + centreOf(radius) + radius + DISC + 4;
  return svgDocument(right, 2 * height, `${motif} in loop and stem`, content.join(''), 'class="logo"');
}

/**
 * Radius of the circle through the loop's letters and the last pair. Neighbours are a pitch apart, the two
 * letters of the pair a gap.
 */
function loopRadius(loop: number, pitch: number): number {
  const angle = (chord: number, radius: number) => 2 * Math.asin(Math.min(1, chord / 2 / radius));
  let [low, high] = [GAP / 2, GAP + loop * pitch];
  for (let i = 0; i < 40; i++) {
    const radius = (low + high) / 2;
    if (angle(GAP, radius) + (loop + 1) * angle(pitch, radius) > 2 * Math.PI) low = radius;
    else high = radius;
  }
  return high;
}

/** Distance from the last pair to the centre of the loop. */
const centreOf = (radius: number): number => Math.sqrt(radius ** 2 - (GAP / 2) ** 2);

/**
 * Where each position of a hairpin is drawn: along the upper arm, around the loop, and back along the lower
 * arm.
 */
function placesOf(
  { start, arm, loop }: HairpinPlan,
  pitch: number,
  radius: number,
  middle: number,
): ReadonlyMap<number, Place> {
  const x = (i: number) => TAIL + (i + 0.5) * pitch;
  const last = x(arm - 1);
  const first = Math.PI + Math.asin(GAP / 2 / radius);
  const step = 2 * Math.asin(pitch / 2 / radius);
  const places = new Map<number, Place>();
  for (let i = 0; i < arm; i++) {
    places.set(start + i, { x: x(i), y: middle - GAP / 2 });
    places.set(partnerOf({ start, arm, loop }, start + i), { x: x(i), y: middle + GAP / 2 });
  }
  for (let i = 0; i < loop; i++) {
    const angle = first + (i + 1) * step;
    places.set(start + arm + i, {
      x: last + centreOf(radius) + radius * Math.cos(angle),
      y: middle + radius * Math.sin(angle),
    });
  }
  return places;
}

/** The ends of the sequence outside the hairpin, and the numbers of the arms' ends. */
function tails(design: HairpinPlan, places: ReadonlyMap<number, Place>): string {
  const { start, arm } = design;
  const line = ({ y }: Place) =>
    `<path d="M22,${coordinate(y)}H${TAIL}" stroke="currentColor" opacity="0.5" stroke-dasharray="2 3"/>`;
  const [five, three] = [places.get(start)!, places.get(partnerOf(design, start))!];
  const number = (position: number, above: boolean, anchor: string) => {
    const { x, y } = places.get(position)!;
    return text(x, above ? y - DISC - 4 : y + DISC + 12, 11, String(position), `text-anchor="${anchor}"`);
  };
  const last = start + arm - 1;
  return [
    line(five),
    line(three),
    text(4, five.y + 4, 11, '5\u2032'),
    text(4, three.y + 4, 11, '3\u2032'),
    number(start, true, 'middle'),
    number(partnerOf(design, start), false, 'middle'),
    // To the left, since letters of the loop stand above and below the last pair.
    ...(arm > 2 ? [number(last, true, 'end'), number(partnerOf(design, last), false, 'end')] : []),
  ].join('');
}

const bonds = (design: HairpinPlan, places: ReadonlyMap<number, Place>): string =>
  Array.from({ length: design.arm }, (_, i) => {
    const [from, to] = [design.start + i, partnerOf(design, design.start + i)];
    const [a, b] = [places.get(from)!, places.get(to)!];
    return `<path data-pair="${from}-${to}" d="M${coordinate(a.x)},${coordinate(a.y + DISC)}V${coordinate(b.y - DISC)}" stroke="${PAIRED}" stroke-width="2"/>`;
  }).join('');

function discs(design: HairpinPlan, places: ReadonlyMap<number, Place>): string {
  const { start, arm, loop } = design;
  return [...places]
    .sort(([a], [b]) => a - b)
    .map(([position, { x, y }]) => {
      const unpaired = position >= start + arm && position < start + arm + loop;
      const tip = unpaired ? 'unpaired' : `pairs with ${partnerOf(design, position)}`;
      const fill = unpaired ? 'currentColor' : PAIRED;
      return `<circle data-tip="${position}: ${tip}" cx="${coordinate(x)}" cy="${coordinate(y)}" r="${DISC}" fill="${fill}" opacity="0.2"/>`;
    })
    .join('');
}

const letters = (
  [word, first, opacity]: Site,
  places: ReadonlyMap<number, Place>,
  alphabet: Alphabet | undefined,
): string =>
  Array.from(word, (letter, i) => {
    const at = places.get(first + i);
    if (!at) throw new ShapeError(`position ${first + i} of ${word} is not in the hairpin`);
    const { x, y } = at;
    const { path, colour } = glyphsOf(alphabet)[codeOf(letter)]!;
    const place = `translate(${coordinate(x - LETTER.width / 2)} ${coordinate(y - LETTER.height / 2)}) scale(${LETTER.width / 100} ${LETTER.height / 100})`;
    return `<path data-tip="${first + i} ${letter}" d="${path}" fill="${colour}" opacity="${opacity}" transform="${place}"/>`;
  }).join('');
