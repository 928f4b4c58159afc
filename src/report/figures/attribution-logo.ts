/**
 * A sequence as a logo of the importance of its letters, above its structure where that is known (paper,
 * figure 3a).
 */
import { codeOf } from '../../data/sequences/letters.js';
import type { SequenceAttribution } from '../../gia/attribution/attribution-files.js';
import type { LetterHeights } from '../../gia/motif/index.js';
import { type LogoOptions, linedLogo, sequenceLogo } from './logo.js';

/** The most letters of a line. Sequences with a structure have one line, since their arcs would be cut. */
const LINE = 80;

/**
 * An SVG document, each letter as high as its height in the attribution. Sequences of more than 80 letters have several
 * lines.
 *
 * @param options ends of the y axis, so that several sequences can have the same, and the letters
 * @throws as `sequenceLogo`
 */
export function attributionLogo(
  { name, task, sequence, heights, structure }: SequenceAttribution,
  options: Pick<LogoOptions, 'yMin' | 'yMax' | 'alphabet'> = {},
): string {
  const letters = Array.from(sequence, (letter, p) =>
    [0, 1, 2, 3].map((base) => (base === codeOf(letter) ? heights[p]! : 0)),
  );
  const stacks = letters as unknown as LetterHeights;
  const all = {
    title: `${name}${task === undefined ? '' : `, ${task}`}, letter by letter`,
    yLabel: 'sensitivity',
    plotHeight: 90,
    ...options,
  };
  if (structure !== undefined) return sequenceLogo(stacks, { ...all, structure: { dotBracket: structure } });
  return stacks.length > LINE ? linedLogo(stacks, LINE, all) : sequenceLogo(stacks, all);
}
