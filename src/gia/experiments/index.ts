/** The paper's experiments on a trained model, one function each, and all of them for one motif. */

import { spellWords } from '../../data/sequences/letters.js';
import { PaddingError, ResidualBindError } from '../../device/errors.js';
import { alphabetIn, type Model } from '../model.js';
import type { AffinityResult } from './affinity.js';
import { type GcResult, gcBias } from './gc-bias.js';
import { type HairpinResult, hairpin } from './hairpin.js';
import { type MultiplicityResult, multiplicity } from './multiplicity.js';
import { kmerMutagenesis, type MutagenesisResult } from './mutagenesis.js';
import { type PositionsResult, positionalBias } from './positions.js';
import { type SpacingResult, spacing } from './spacing.js';
import type { ExperimentOptions } from './study.js';
import { suboptimalOf } from './suboptimal.js';

export {
  type AffinityDesign,
  type AffinityLabels,
  type AffinityOptions,
  type AffinityResult,
  affinity,
  type MeasuredAffinity,
  parseAffinities,
} from './affinity.js';
export { type AffinityTable, readAffinityTable } from './affinity-table.js';
export {
  type GcBiasOptions,
  type GcCompared,
  type GcComparison,
  type GcCondition,
  type GcDesign,
  type GcFacts,
  type GcLabels,
  type GcResult,
  gcBias,
} from './gc-bias.js';
export {
  type HairpinCompared,
  type HairpinComparison,
  type HairpinDesign,
  type HairpinLabels,
  type HairpinOptions,
  type HairpinResult,
  hairpin,
  type MotifPlace,
  PLACES,
} from './hairpin.js';
export {
  type CopyCompared,
  type CopyComparison,
  type CopyFacts,
  type CopyLabels,
  type CopyNumbers,
  type CopyRow,
  type MultiplicityDesign,
  type MultiplicityOptions,
  type MultiplicityResult,
  multiplicity,
} from './multiplicity.js';
export {
  type KmerMutagenesisOptions,
  kmerMutagenesis,
  type MutagenesisCompared,
  type MutagenesisDesign,
  type MutagenesisFacts,
  type MutagenesisLabels,
  type MutagenesisResult,
} from './mutagenesis.js';
export {
  type PositionCompared,
  type PositionDesign,
  type PositionFacts,
  type PositionLabels,
  type PositionOptions,
  type PositionsResult,
  positionalBias,
} from './positions.js';
export { atReadout, readoutsOfResult } from './readouts.js';
export { acrossModels, type ReplicatedComparison } from './replicates.js';
export {
  type SpacingCompared,
  type SpacingDesign,
  type SpacingLabels,
  type SpacingOptions,
  type SpacingResult,
  spacing,
} from './spacing.js';
export { ARMS, type Arms, type StemLoop, withStemLoop } from './stem-loops.js';
export type {
  Comparison,
  ExperimentOptions,
  ExperimentRow,
  InPadding,
  Labels,
  Padding,
  RowReadout,
  StudyResult,
} from './study.js';
export { suboptimalOf } from './suboptimal.js';
export {
  GC_EVIDENCE,
  gcVerdicts,
  HAIRPIN_EVIDENCE,
  hairpinVerdict,
  LEAST_SHARE,
  SIGNIFICANT,
  VERDICTS,
  type Verdict,
  verdictOf,
} from './verdicts.js';

/** The result of any experiment; its field `experiment` says of which, and so which other fields it has. */
export type ExperimentResult =
  | MutagenesisResult
  | MultiplicityResult
  | SpacingResult
  | PositionsResult
  | HairpinResult
  | GcResult
  | AffinityResult;

/** Options of `runAll`: the motif, and what all experiments take. */
export interface AllOptions extends ExperimentOptions {
  /** The motif, as letters. */
  readonly motif: string;
  /**
   * For `multiplicity`. Default: the variant that mutagenesis finds about half as important, where there is
   * one.
   */
  readonly suboptimal?: string | undefined;
  /** The output whose mutagenesis chooses it, by name. Default the first. */
  readonly task?: string | undefined;
}

/** An experiment that was left out, and why. */
export interface Skipped {
  /** Its name. */
  readonly experiment: string;
  /** The message of the error that it raised. */
  readonly reason: string;
}

/** An experiment of `runAll`, and the results of those before it. */
export type Experiment = (
  model: Model,
  options: AllOptions,
  before?: readonly ExperimentResult[],
) => Promise<ExperimentResult>;

const copies: Experiment = (model, { task, ...options }, before = []) =>
  multiplicity(model, { ...options, suboptimal: chosenSuboptimal({ task, ...options }, before) });

/** The sub-optimal motif that was given, or that mutagenesis finds; undefined where there is none. */
function chosenSuboptimal(
  { suboptimal, task }: AllOptions,
  before: readonly ExperimentResult[],
): string | undefined {
  const mutants = before.find((result) => result.experiment === 'mutagenesis');
  return suboptimal ?? (mutants && suboptimalOf(mutants, task));
}

/** The experiments that need nothing but a motif, in the order of `runAll`. */
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
 * Experiments for the motifs of several tasks of one model: what was computed for a motif is not computed
 * again for another task that has the same. All calls must have the same model, backgrounds and ways of
 * computing.
 *
 * @param experiments by name
 */
export function oncePerMotif(
  experiments: Readonly<Record<string, Experiment>> = EXPERIMENTS,
): Readonly<Record<string, Experiment>> {
  const done = new Map<string, Promise<ExperimentResult>>();
  const once =
    (name: string, run: Experiment): Experiment =>
    (model, options, before = []) => {
      // Multiplicity alone depends on the task, by the sub-optimal motif.
      const suboptimal = name === 'multiplicity' ? chosenSuboptimal(options, before) : undefined;
      const key = JSON.stringify([name, options.motif, suboptimal]);
      const result = done.get(key) ?? run(model, options, before);
      done.set(key, result);
      return result;
    };
  return Object.fromEntries(Object.entries(experiments).map(([name, run]) => [name, once(name, run)]));
}

/**
 * All experiments of one motif, or others, in order. An experiment that does not fit the letters of probes is
 * left out.
 *
 * @param onResult is called with each result as soon as it is there, and awaited
 * @param onSkipped is called with each experiment that is left out, and awaited
 * @param experiments by name, in order
 * @throws PaddingError only where no experiment fits; otherwise what each experiment throws. Messages name
 * patterns in the letters of the model
 */
export async function runAll(
  model: Model,
  options: AllOptions,
  onResult?: (result: ExperimentResult) => unknown,
  onSkipped?: (skipped: Skipped) => unknown,
  experiments: Readonly<Record<string, Experiment>> = EXPERIMENTS,
): Promise<readonly ExperimentResult[]> {
  const results: ExperimentResult[] = [];
  let last: PaddingError | undefined;
  for (const [experiment, run] of Object.entries(experiments)) {
    try {
      results.push(await run(model, options, results));
    } catch (thrown) {
      const error = inLettersOf(model, thrown);
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

/**
 * An error whose message names patterns in the letters of the model. Experiments themselves write RNA
 * letters.
 */
function inLettersOf(model: Model, error: unknown): unknown {
  if (error instanceof ResidualBindError)
    error.message = spellWords(error.message, alphabetIn(model).alphabet);
  return error;
}
