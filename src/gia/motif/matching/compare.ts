/** How similar two motifs are: the correlation of their frequencies at the best placement without gaps. */
import type { PositionWeightMatrix } from '../../../data/pwm.js';
import { ShapeError } from '../../../device/errors.js';

/** Shortest overlap of two motifs, positions; less where one of them is shorter. */
export const MINIMUM_OVERLAP = 5;

/** The best placement of one matrix on another. */
export interface Similarity {
  /**
   * Pearson's r of the overlapping frequencies, −1 to 1; NaN where no placement has one, since one matrix is
   * uniform there.
   */
  readonly r: number;
  /** Place of the other's first position, counted from this one's first. */
  readonly offset: number;
  /** Positions that overlap there. */
  readonly overlap: number;
}

/** Below this sum of squares a matrix is uniform, but for rounding. */
const UNIFORM_TOLERANCE = 1e-18;

/**
 * Slides one matrix along the other and takes the placement with the highest correlation. Strands are not
 * reversed: RNA has one. Of equal placements the longer overlap, then the smaller offset, counts.
 *
 * Pearson's r is over all 4 · overlap frequencies at once, so that positions count by how far they are from
 * uniform; their mean is ¼ exactly, columns being distributions. A placement on which either matrix is
 * uniform has no r.
 *
 * @param minimumOverlap least positions in common, at most the shorter matrix's
 * @throws ShapeError for a matrix without positions, or a minimum that is no whole number above 0
 */
export function compareMotifs(
  pwm: PositionWeightMatrix,
  other: PositionWeightMatrix,
  minimumOverlap = MINIMUM_OVERLAP,
): Similarity {
  if (pwm.length === 0 || other.length === 0) throw new ShapeError('a motif without positions is like none');
  if (!Number.isInteger(minimumOverlap) || minimumOverlap < 1)
    throw new ShapeError(`the minimum overlap is a whole number above 0, not ${minimumOverlap}`);
  const least = Math.min(minimumOverlap, pwm.length, other.length);
  let best: Similarity | undefined;
  for (let offset = least - other.length; offset <= pwm.length - least; offset++) {
    const overlap = Math.min(pwm.length, offset + other.length) - Math.max(0, offset);
    const r = correlationAt(pwm, other, offset, overlap);
    if (Number.isNaN(r)) continue;
    const found = { r, offset, overlap };
    if (best === undefined || isBetter(found, best)) best = found;
  }
  return best ?? { r: Number.NaN, offset: 0, overlap: Math.min(pwm.length, other.length) };
}

const isBetter = (a: Similarity, b: Similarity): boolean =>
  a.r !== b.r
    ? a.r > b.r
    : a.overlap !== b.overlap
      ? a.overlap > b.overlap
      : Math.abs(a.offset) < Math.abs(b.offset);

/** Pearson's r of the frequencies at a placement; NaN where either matrix is uniform there. */
export function correlationAt(
  pwm: PositionWeightMatrix,
  other: PositionWeightMatrix,
  offset: number,
  overlap: number,
): number {
  const start = Math.max(0, offset);
  let [sxx, syy, sxy] = [0, 0, 0];
  for (let i = start; i < start + overlap; i++) {
    for (let base = 0; base < 4; base++) {
      const dx = pwm[i]![base]! - 0.25;
      const dy = other[i - offset]![base]! - 0.25;
      sxx += dx * dx;
      syy += dy * dy;
      sxy += dx * dy;
    }
  }
  if (sxx < UNIFORM_TOLERANCE || syy < UNIFORM_TOLERANCE) return Number.NaN;
  return Math.max(-1, Math.min(1, sxy / Math.sqrt(sxx * syy)));
}
