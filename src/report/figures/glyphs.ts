/**
 * The letters of sequence logos as outlines of a bold sans serif. Each fills the box from (0, 0) to (100,
 * 100), y downwards, to its edges. Fonts have margins; outlines make a letter exactly as high as its value.
 */
import { type Alphabet, lettersOf } from '../../data/sequences/letters.js';
import { COLOURS } from './svg.js';

export interface Glyph {
  readonly letter: string;
  /** SVG path data in the box 100 × 100. */
  readonly path: string;
  readonly colour: string;
}

/** Green, blue, gold and red, as is usual; the gold is dark enough for a white page. */
const OUTLINES: Readonly<Record<string, Omit<Glyph, 'letter'>>> = {
  A: {
    path: 'M0,100L38,0H62L100,100H76L68.4,80H31.6L24,100ZM38.06,63L50,31.58L61.94,63Z',
    colour: COLOURS.green,
  },
  C: {
    path: 'M100,31.27A51.887,50 0 1 0 100,68.73L77.34,63.4A28,32 0 1 1 77.34,36.6Z',
    colour: COLOURS.blue,
  },
  G: {
    path: 'M100,31.27A51.887,50 0 1 0 100,68.73V46H54V62H77V64A28,32 0 1 1 77.34,36.6Z',
    colour: '#c07d00',
  },
  U: {
    path: 'M0,0H24V63A26,20 0 0 0 76,63V0H100V63A50,37 0 0 1 0,63Z',
    colour: COLOURS.red,
  },
  T: {
    path: 'M0,0H100V18H62V100H38V18H0Z',
    colour: COLOURS.red,
  },
};

/** The letters of an alphabet in code order. */
export const glyphsOf = (alphabet?: Alphabet): readonly Glyph[] =>
  Array.from(lettersOf(alphabet), (letter) => ({ letter, ...OUTLINES[letter]! }));
