/** Which motif serves as the sub-optimal one where none is given: a variant about half as important. */

import type { MutagenesisResult } from './mutagenesis.js';
import { atReadout, readoutsOfResult } from './readouts.js';

/**
 * The greatest distance from half of the motif's importance, as a share of it. A variant with a quarter can
 * still be distinguished from no effect, and one with three quarters from the motif.
 */
const FURTHEST = 0.25;

/**
 * The single-nucleotide variant whose importance is nearest to half of the motif's, in an output of the first model.
 * Undefined where no variant has between a quarter and three quarters of it.
 *
 * @param mutagenesis the result of `kmerMutagenesis`
 * @param task name of the output. Default the first
 */
export function suboptimalOf(mutagenesis: MutagenesisResult, task?: string): string | undefined {
  const own = readoutsOfResult(mutagenesis).find((readout) => readout.task === task);
  const { design, rows } = atReadout(mutagenesis, own);
  const motif = rows.find(({ labels }) => labels.pattern === design.motif);
  if (!motif || motif.importance <= 0) return undefined;
  const [nearest] = rows
    .filter((row) => row !== motif)
    .map(({ labels, importance }) => ({
      letters: labels.pattern,
      distance: Math.abs(importance / motif.importance - 0.5),
    }))
    .sort((a, b) => a.distance - b.distance);
  return nearest && nearest.distance <= FURTHEST ? nearest.letters : undefined;
}
