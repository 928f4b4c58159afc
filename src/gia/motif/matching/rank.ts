/**
 * Known motifs ranked by similarity to a query, with p, E and q values after Tomtom (Gupta et al. 2007): a
 * score for each column (`column-score.ts`), its sum over the best placement, and the probability of such a
 * sum by chance (`null.ts`).
 */
import type { PositionWeightMatrix } from '../../../data/pwm.js';
import * as check from '../../../device/check.js';
import { ShapeError } from '../../../device/errors.js';
import { falseDiscoveryRates } from '../../statistics/statistics.js';
import { columnScorer } from './column-score.js';
import { correlationAt, MINIMUM_OVERLAP, type Similarity } from './compare.js';
import { type ScoreDistribution, scoreDistribution, sumTails } from './null.js';

/** How motifs are placed on one another. */
export interface RankOptions {
  /** Least positions in common, or all of the shorter motif. Default 5. */
  readonly minimumOverlap?: number | undefined;
  /** Whether the reverse complements of the known motifs are placed too, as for DNA. Default: no. */
  readonly bothStrands?: boolean | undefined;
}

/** The best placement of a known motif on the query, and how probable so good a one is by chance. */
export interface MotifMatch extends Similarity {
  /**
   * Probability that a motif of this length with columns drawn from those of all known motifs would have so
   * improbable a placement: 1 - (1 - least p of a placement)^placements.
   */
  readonly p: number;
  /** Known motifs expected to match so well by chance: p times their number. */
  readonly eValue: number;
  /** The least false discovery rate at which this match would be a discovery (Benjamini and Hochberg). */
  readonly q: number;
  /** `-` where the reverse complement of the known motif is the one placed. */
  readonly strand: '+' | '-';
}

/** A motif and its place in the list. */
export interface RankedMotif<Named> {
  readonly motif: Named;
  readonly similarity: MotifMatch;
  /** 1 for the most similar. */
  readonly rank: number;
}

/** A placement of one known motif. */
interface Candidate {
  readonly motif: number;
  readonly strand: '+' | '-';
  readonly offset: number;
  readonly overlap: number;
  /** Sum of column scores. */
  readonly score: number;
}

const OPTIONS = {
  minimumOverlap: check.optional(check.whole(1)),
  bothStrands: check.optional(check.flag),
};

/**
 * Ranks motifs by the p value of their best placement; of equal ones the higher correlation is first, then
 * the order given.
 *
 * The p value of a placement takes all columns of `motifs` as the population, so it means little with fewer
 * than about ten motifs; use `r` then.
 *
 * @throws ShapeError for a matrix without positions; ArgumentError for bad options
 */
export function rankMotifs<Named extends { readonly pwm: PositionWeightMatrix }>(
  pwm: PositionWeightMatrix,
  motifs: readonly Named[],
  options: RankOptions = {},
): RankedMotif<Named>[] {
  check.options(options, OPTIONS, 'rankMotifs');
  if (pwm.length === 0 || motifs.some((motif) => motif.pwm.length === 0))
    throw new ShapeError('a motif without positions cannot be compared');
  const { minimumOverlap = MINIMUM_OVERLAP, bothStrands = false } = options;
  const placed = placements(pwm, motifs, minimumOverlap, bothStrands);
  const best = bestOfEach(placed.candidates, placementTails(placed), pwm, motifs);
  const p = best.map(({ p: single, placements: n }) => -Math.expm1(n * Math.log1p(-single)));
  const q = falseDiscoveryRates(p);
  return best
    .map(({ candidate: { motif, strand, offset, overlap }, r }, i) => ({
      motif: motifs[motif]!,
      similarity: { r, offset, overlap, strand, p: p[i]!, eValue: p[i]! * motifs.length, q: q[i]! },
    }))
    .sort((a, b) => a.similarity.p - b.similarity.p || order(b.similarity.r) - order(a.similarity.r))
    .map((match, i) => ({ ...match, rank: i + 1 }));
}

const order = (r: number): number => (Number.isNaN(r) ? -2 : r);

/** The motif of the other strand. */
export const reverseComplement = (pwm: PositionWeightMatrix): PositionWeightMatrix =>
  [...pwm].reverse().map(([a, c, g, u]) => [u, g, c, a]);

interface Placements {
  readonly candidates: readonly Candidate[];
  readonly columns: readonly ScoreDistribution[];
}

/** Every placement of every motif with its score, and the scores of all columns by column of the query. */
function placements(
  pwm: PositionWeightMatrix,
  motifs: readonly { readonly pwm: PositionWeightMatrix }[],
  minimumOverlap: number,
  bothStrands: boolean,
): Placements {
  const scorers = pwm.map(columnScorer);
  const candidates: Candidate[] = [];
  const all = pwm.map((): number[] => []);
  motifs.forEach(({ pwm: known }, motif) => {
    const strands = bothStrands ? ([known, reverseComplement(known)] as const) : ([known] as const);
    strands.forEach((columns, s) => {
      const scores = scorers.map((score) => columns.map(score));
      scores.forEach((row, i) => {
        for (const score of row) all[i]!.push(score);
      });
      const least = Math.min(minimumOverlap, pwm.length, known.length);
      for (let offset = least - known.length; offset <= pwm.length - least; offset++) {
        const start = Math.max(0, offset);
        const end = Math.min(pwm.length, offset + known.length);
        let score = 0;
        for (let i = start; i < end; i++) score += scores[i]![i - offset]!;
        candidates.push({ motif, strand: s === 0 ? '+' : '-', offset, overlap: end - start, score });
      }
    });
  });
  return { candidates, columns: all.map(scoreDistribution) };
}

/**
 * The probability of each placement's score or a higher one, over the columns that it covers. A score of 0 or
 * less, which a motif without information has as well, has the probability 1, however rare it is.
 */
function placementTails({ candidates, columns }: Placements): Float64Array {
  const p = new Float64Array(candidates.length);
  const byStart = columns.map(() => new Map<number, number[]>());
  candidates.forEach(({ offset, overlap }, i) => {
    const lengths = byStart[Math.max(0, offset)]!;
    const same = lengths.get(overlap);
    if (same) same.push(i);
    else lengths.set(overlap, [i]);
  });
  byStart.forEach((lengths, start) => {
    const longest = Math.max(0, ...lengths.keys());
    let length = 0;
    for (const { least, tail } of longest > 0 ? sumTails(columns, start) : []) {
      length++;
      for (const i of lengths.get(length) ?? []) {
        const { score } = candidates[i]!;
        p[i] = score > 0 ? tail[score - least]! : 1;
      }
      if (length === longest) break;
    }
  });
  return p;
}

/**
 * The least probable placement of each motif. Ties are broken by the highest correlation, then the longest
 * overlap, then the offset nearest to 0.
 */
function bestOfEach(
  candidates: readonly Candidate[],
  p: Float64Array,
  pwm: PositionWeightMatrix,
  motifs: readonly { readonly pwm: PositionWeightMatrix }[],
) {
  const best: { candidate: Candidate; p: number; r: number; placements: number }[] = [];
  candidates.forEach((candidate, i) => {
    const found = best[candidate.motif];
    if (found && p[i]! > found.p) {
      found.placements++;
      return;
    }
    const known = motifs[candidate.motif]!.pwm;
    const r = correlationAt(
      pwm,
      candidate.strand === '+' ? known : reverseComplement(known),
      candidate.offset,
      candidate.overlap,
    );
    const next = { candidate, p: p[i]!, r, placements: (found?.placements ?? 0) + 1 };
    if (!found || next.p < found.p || isBetter(next, found)) best[candidate.motif] = next;
    else found.placements++;
  });
  return best;
}

function isBetter(
  a: { readonly candidate: Candidate; readonly r: number },
  b: { readonly candidate: Candidate; readonly r: number },
): boolean {
  if (order(a.r) !== order(b.r)) return order(a.r) > order(b.r);
  if (a.candidate.overlap !== b.candidate.overlap) return a.candidate.overlap > b.candidate.overlap;
  return Math.abs(a.candidate.offset) < Math.abs(b.candidate.offset);
}
