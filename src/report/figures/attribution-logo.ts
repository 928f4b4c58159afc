/**
 * A sequence as a logo of the importance of its letters, above its structure where that is known (paper,
 * figure 3a).
 */
import { ALPHABET } from '../../data/sequences/sequence.js';
import type { SequenceAttribution } from '../../gia/attribution/attribution-files.js';
import type { LetterHeights } from '../../gia/motif/index.js';
import { type LogoOptions, sequenceLogo } from './logo.js';

/**
 * An SVG document, each letter as high as its height in the attribution.
 *
 * @param axis ends of the y axis, so that several sequences can have the same
 * @throws as `sequenceLogo`
 */
export function attributionLogo(
  { name, sequence, heights, structure }: SequenceAttribution,
  axis: Pick<LogoOptions, 'yMin' | 'yMax'> = {},
): string {
  const letters = Array.from(sequence, (letter, p) =>
    Array.from(ALPHABET, (base) => (base === letter ? heights[p]! : 0)),
  );
  return sequenceLogo(letters as unknown as LetterHeights, {
    title: `${name}, letter by letter`,
    yLabel: 'sensitivity',
    plotHeight: 90,
    ...axis,
    ...(structure !== undefined && { structure: { dotBracket: structure } }),
  });
}
