/**
 * A sequence as a logo of the importance of its letters, above its structure where that is known (paper,
 * figure 3a).
 */
import { codeOf } from '../../data/sequences/letters.js';
import type { SequenceAttribution } from '../../gia/attribution/attribution-files.js';
import type { LetterHeights } from '../../gia/motif/index.js';
import { type LogoOptions, sequenceLogo } from './logo.js';

/**
 * An SVG document, each letter as high as its height in the attribution.
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
  return sequenceLogo(letters as unknown as LetterHeights, {
    title: `${name}${task === undefined ? '' : `, ${task}`}, letter by letter`,
    yLabel: 'sensitivity',
    plotHeight: 90,
    ...options,
    ...(structure !== undefined && { structure: { dotBracket: structure } }),
  });
}
