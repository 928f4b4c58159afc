/** Where the motifs of a database are embedded, and which of them do not fit. */

import { describeRange, type LetterRange, wholeRange, widthOf } from '../backgrounds/letters.js';
import { defaultPosition, isWithin } from '../backgrounds/placement.js';
import type { MemeMotif } from '../motif/formats/meme-format.js';
import type { PlacedMatrix } from './motif-sites.js';

/** A motif of a database, and where its sites are embedded. */
export interface PlacedMotif extends PlacedMatrix {
  readonly motif: MemeMotif;
  /** Letters of a site that stand where no probe has one, over all positions. */
  readonly inPadding: number;
}

/** A motif that is not asked about, and why. */
export interface MotifLeftOut {
  readonly name: string;
  readonly reason: string;
}

export interface PlacedMotifs {
  readonly placed: readonly PlacedMotif[];
  readonly leftOut: readonly MotifLeftOut[];
}

/** Where motifs are embedded. */
export interface MotifPlaces {
  /**
   * 0-based positions of a site's first letter. Default: each motif in the middle of the letters of probes.
   */
  readonly positions?: readonly number[] | undefined;
  /** Take positions where no probe has a letter. Default false: such motifs are left out. */
  readonly allowPadding?: boolean | undefined;
}

/**
 * Places motifs in sequences.
 *
 * @param letters where probes have letters
 */
export function placeMotifs(
  motifs: readonly MemeMotif[],
  length: number,
  letters: LetterRange,
  { positions, allowPadding = false }: MotifPlaces = {},
): PlacedMotifs {
  const room = allowPadding ? wholeRange(length) : letters;
  const placed: PlacedMotif[] = [];
  const leftOut: MotifLeftOut[] = [];
  for (const motif of motifs) {
    const { name, pwm } = motif;
    const width = pwm.length;
    const missed = positions?.find((at) => !isWithin(room, at, width));
    if (missed !== undefined || width > widthOf(room)) {
      const where =
        missed === undefined || width > widthOf(room)
          ? `and there are ${widthOf(room)} positions (${describeRange(room)})`
          : `which do not fit at position ${missed} (letters at ${describeRange(room)})`;
      leftOut.push({ name, reason: `its sites have ${width} letters, ${where}` });
      continue;
    }
    const own = positions ?? [defaultPosition(room, length, width, name)];
    const outside = own.reduce((sum, at) => sum + width - shared(letters, at, at + width), 0);
    placed.push({ motif, pwm, positions: own, inPadding: outside });
  }
  return { placed, leftOut };
}

/** Positions of start … end - 1 that lie in a range. */
const shared = (range: LetterRange, start: number, end: number): number =>
  Math.max(0, Math.min(range.end, end) - Math.max(range.start, start));
