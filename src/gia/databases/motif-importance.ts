/** Statistics of the motifs of a database from the local importances of their sites. */

import { consensusOf } from '../../data/pwm.js';
import { pearson } from '../../nn/metrics.js';
import type { MemeMotif } from '../motif/formats/meme-format.js';
import { informationContent } from '../motif/information.js';
import { differences, type Effect, effectOf } from '../statistics/paired.js';
import { falseDiscoveryRates, ranksOf } from '../statistics/statistics.js';
import { logOdds, patternOf, type SiteDraws } from './motif-sites.js';
import type { PlacedMotif } from './placed-motifs.js';

/** An effect with its q value over the database. */
export interface TestedEffect extends Effect {
  /** Benjamini and Hochberg's q over the motifs of the database. */
  readonly q: number;
}

/** What one model, or one of its outputs, says of a motif, in the unit of the output. */
export interface MotifImportance {
  readonly motif: MemeMotif;
  /** 1 = highest importance. */
  readonly rank: number;
  /** Most probable letters, in RNA. */
  readonly consensus: string;
  /** Information of the matrix, bits. */
  readonly bits: number;
  /** 0-based positions of the sites' first letters. */
  readonly positions: readonly number[];
  /** Letters of a site where no probe has one, over all positions. */
  readonly inPadding: number;
  /**
   * Mean change of the prediction by a site, over backgrounds; the mean over positions, where there are
   * several.
   */
  readonly importance: TestedEffect;
  /** Least and greatest change. */
  readonly min: number;
  readonly max: number;
  /** The same for the letters of the site in random order. */
  readonly shuffled: Effect;
  /** Importance minus that of the shuffled letters, paired by background and site. */
  readonly specific: TestedEffect;
  /**
   * Pearson's correlation of a site's log-odds under the matrix with its local importance, over backgrounds;
   * NaN where either does not vary.
   */
  readonly scoreR: number;
}

/**
 * Motifs in order of rank, by the mean importance of their sites.
 *
 * @param local of one readout, [patterns * N], patterns as in `motifPatterns`
 * @param count of backgrounds, N
 */
export function motifImportances(
  placed: readonly PlacedMotif[],
  local: Float32Array,
  count: number,
  draws: SiteDraws,
): MotifImportance[] {
  const found = placed.map((each, m) => {
    const where = `motif ${each.motif.name}`;
    const mean = (arrangement: number) =>
      meanOverPositions(each, m, arrangement, placed.length, local, count);
    const [sites, shuffled] = [mean(0), mean(1)];
    return {
      ...each,
      sites,
      importance: effectOf(sites, where),
      shuffled: effectOf(shuffled, where),
      specific: effectOf(differences(sites, shuffled), where),
    };
  });
  const ranks = ranksOf(found.map(({ importance }) => importance.mean));
  const q = falseDiscoveryRates(found.map(({ importance }) => importance.p));
  const specificQ = falseDiscoveryRates(found.map(({ specific }) => specific.p));
  return found
    .map(({ motif, pwm, positions, inPadding, sites, importance, shuffled, specific }, m) => ({
      motif,
      rank: ranks[m]!,
      consensus: consensusOf(pwm),
      bits: informationContent(pwm).reduce((sum, bits) => sum + bits, 0),
      positions,
      inPadding,
      importance: { ...importance, q: q[m]! },
      min: sites.reduce((least, value) => Math.min(least, value)),
      max: sites.reduce((most, value) => Math.max(most, value)),
      shuffled,
      specific: { ...specific, q: specificQ[m]! },
      scoreR: pearson(
        Float64Array.from({ length: count }, (_, n) => logOdds(pwm, draws.site(pwm, n))),
        sites,
      ),
    }))
    .sort((a, b) => a.rank - b.rank);
}

/** Local importances of a motif in each background, the mean over its positions, [N]. */
function meanOverPositions(
  { positions }: PlacedMotif,
  motif: number,
  arrangement: number,
  motifs: number,
  local: Float32Array,
  count: number,
): Float64Array {
  const sum = new Float64Array(count);
  positions.forEach((_, at) => {
    const from = patternOf(at, motif, arrangement, motifs) * count;
    for (let n = 0; n < count; n++) sum[n]! += local[from + n]! / positions.length;
  });
  return sum;
}
