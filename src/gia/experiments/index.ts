/** The paper's experiments on a trained model, one function each, and all of them for one motif. */

import { PaddingError } from '../../device/errors.js';
import type { Model } from '../model.js';
import { gcBias } from './gc-bias.js';
import { hairpin } from './hairpin.js';
import { multiplicity } from './multiplicity.js';
import { kmerMutagenesis } from './mutagenesis.js';
import { positionalBias } from './positions.js';
import { spacing } from './spacing.js';
import type { ExperimentOptions, ExperimentResult } from './study.js';
import { suboptimalOf } from './suboptimal.js';

export { type AffinityOptions, affinity, type MeasuredAffinity, parseAffinities } from './affinity.js';
export { type AffinityTable, readAffinityTable } from './affinity-table.js';
export { type GcBiasOptions, gcBias } from './gc-bias.js';
export { type HairpinOptions, hairpin } from './hairpin.js';
export { type MultiplicityOptions, multiplicity } from './multiplicity.js';
export { type KmerMutagenesisOptions, kmerMutagenesis } from './mutagenesis.js';
export { type PositionOptions, positionalBias } from './positions.js';
export { acrossModels, type ReplicatedComparison } from './replicates.js';
export { type SpacingOptions, spacing } from './spacing.js';
export { ARMS, type Arms, type StemLoop, withStemLoop } from './stem-loops.js';
export type {
  Comparison,
  ExperimentOptions,
  ExperimentResult,
  ExperimentRow,
  Labels,
  Padding,
} from './study.js';
export { suboptimalOf } from './suboptimal.js';

/** `runAll`: the motif, and what all experiments share. */
export interface AllOptions extends ExperimentOptions {
  /** The motif, as letters. */
  readonly motif: string;
  /** For `multiplicity`. Default: the variant that mutagenesis finds half as important, where there is one. */
  readonly suboptimal?: string | undefined;
}

/** An experiment that was left out, and why. */
export interface Skipped {
  readonly experiment: ExperimentName;
  /** A sentence without a full stop. */
  readonly reason: string;
}

/** An experiment among all, after those whose results it is given. */
type Experiment = (
  model: Model,
  options: AllOptions,
  before?: readonly ExperimentResult[],
) => Promise<ExperimentResult>;

const copies: Experiment = (model, { suboptimal, ...options }, before = []) => {
  const mutants = before.find(({ experiment }) => experiment === 'mutagenesis');
  return multiplicity(model, { ...options, suboptimal: suboptimal ?? (mutants && suboptimalOf(mutants)) });
};

/** Experiments that take a motif and nothing else that must be said. */
export const EXPERIMENTS = {
  mutagenesis: kmerMutagenesis,
  multiplicity: copies,
  spacing,
  positions: positionalBias,
  hairpin,
  gc: gcBias,
} as const satisfies Record<string, Experiment>;

/** A name in `EXPERIMENTS`. */
export type ExperimentName = keyof typeof EXPERIMENTS;

/**
 * All experiments of one motif, in order. One that does not fit the letters of probes is left out.
 *
 * @param onResult sees each result as it is done, and is waited for
 * @param onSkipped sees each experiment that is left out
 * @throws as each experiment, but for PaddingError; PaddingError where no experiment fits
 */
export async function runAll(
  model: Model,
  options: AllOptions,
  onResult?: (result: ExperimentResult) => unknown,
  onSkipped?: (skipped: Skipped) => unknown,
): Promise<readonly ExperimentResult[]> {
  const results: ExperimentResult[] = [];
  let last: PaddingError | undefined;
  for (const [experiment, run] of Object.entries(EXPERIMENTS) as [ExperimentName, Experiment][]) {
    try {
      results.push(await run(model, options, results));
    } catch (error) {
      if (!(error instanceof PaddingError)) throw error;
      last = error;
      await onSkipped?.({ experiment, reason: error.message });
      continue;
    }
    await onResult?.(results.at(-1)!);
  }
  if (last && results.length === 0) throw last;
  return results;
}
