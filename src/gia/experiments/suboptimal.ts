/** Which motif stands for a sub-optimal one where none is given: a variant that binds about half as well. */

import type { ExperimentResult } from './study.js';

/**
 * Furthest from half of the motif's importance: a quarter can still be distinguished from nothing, and three
 * quarters from the motif.
 */
const FURTHEST = 0.25;

/**
 * The single-nucleotide variant whose importance is nearest to half of the motif's, by the first model; undefined where none
 * has between a quarter and three quarters of it.
 *
 * @param mutagenesis what `kmerMutagenesis` found
 */
export function suboptimalOf({ rows }: ExperimentResult): string | undefined {
  const [motif, ...variants] = rows.filter(({ model }) => model === 0);
  if (!motif || motif.importance <= 0) return undefined;
  const [nearest] = variants
    .map(({ labels, importance }) => ({
      letters: String(labels.pattern),
      distance: Math.abs(importance / motif.importance - 0.5),
    }))
    .sort((a, b) => a.distance - b.distance);
  return nearest && nearest.distance <= FURTHEST ? nearest.letters : undefined;
}
