/** How like a motif is to others: correlation at the best ungapped placement, and the others ranked by it. */
import type { PositionWeightMatrix } from '../../data/pwm.js';
import { ShapeError } from '../../device/errors.js';

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
    const start = Math.max(0, offset);
    const overlap = Math.min(pwm.length, offset + other.length) - start;
    const r = correlation(
      pwm.slice(start, start + overlap),
      other.slice(start - offset, start - offset + overlap),
    );
    if (r === undefined) continue;
    const found = { r, offset, overlap };
    if (best === undefined || isBetter(found, best)) best = found;
  }
  return best ?? { r: Number.NaN, offset: 0, overlap: Math.min(pwm.length, other.length) };
}

/**
 * Motifs by how like they are to a matrix, the likest first; equals keep their order, those without r come
 * last.
 *
 * @throws ShapeError as `compareMotifs`
 */
export function rankMotifs<Named extends { readonly pwm: PositionWeightMatrix }>(
  pwm: PositionWeightMatrix,
  motifs: readonly Named[],
  minimumOverlap = MINIMUM_OVERLAP,
): { readonly motif: Named; readonly similarity: Similarity; readonly rank: number }[] {
  return motifs
    .map((motif) => ({ motif, similarity: compareMotifs(pwm, motif.pwm, minimumOverlap) }))
    .sort((a, b) => order(b.similarity) - order(a.similarity))
    .map((match, i) => ({ ...match, rank: i + 1 }));
}

const order = ({ r }: Similarity): number => (Number.isNaN(r) ? -2 : r);

const isBetter = (a: Similarity, b: Similarity): boolean =>
  a.r !== b.r
    ? a.r > b.r
    : a.overlap !== b.overlap
      ? a.overlap > b.overlap
      : Math.abs(a.offset) < Math.abs(b.offset);

function correlation(x: PositionWeightMatrix, y: PositionWeightMatrix): number | undefined {
  let [sxx, syy, sxy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    for (let base = 0; base < 4; base++) {
      const dx = x[i]![base]! - 0.25;
      const dy = y[i]![base]! - 0.25;
      sxx += dx * dx;
      syy += dy * dy;
      sxy += dx * dy;
    }
  }
  if (sxx < UNIFORM_TOLERANCE || syy < UNIFORM_TOLERANCE) return undefined;
  return Math.max(-1, Math.min(1, sxy / Math.sqrt(sxx * syy)));
}
