/**
 * What is counted of a set of experiments before models are trained on it: leaks, repeats, gaps, constants.
 */
import { PAD } from '../sequences/letters.js';
import {
  type ExperimentGaps,
  type ExperimentSet,
  recordsIn,
  SETS,
  scoresIn,
  sequencesIn,
} from './experiment-set.js';

/** What is counted of one experiment. */
export interface ExperimentCheck extends ExperimentGaps {
  readonly name: string;
  /** Records that have a score, and how many of these are in set A and B. */
  readonly scored: number;
  readonly inA: number;
  readonly inB: number;
  /** Least and greatest score, and their mean; null without scores. */
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  /** Whether all scores are equal, so that nothing can be learned from them. */
  readonly constant: boolean;
}

/** What is counted of a set. */
export interface SetCheck {
  readonly records: number;
  readonly sets: { readonly A: number; readonly B: number; readonly none: number };
  /** Records of set A that the source keeps for validation. */
  readonly validation: number;
  /** Letters of the shortest and of the longest sequence. */
  readonly shortest: number;
  readonly longest: number;
  /** Records whose sequence has an N. */
  readonly withUnknown: number;
  /** Records of set B whose sequence stands in set A too: a test that leaks. */
  readonly leaking: number;
  /** Records whose sequence stands in an earlier record of the same set. */
  readonly repeated: number;
  readonly leftOut: ExperimentSet['leftOut'];
  readonly experiments: readonly ExperimentCheck[];
}

/** Counts everything that a user should know of a set. */
export function checkSet(set: ExperimentSet): SetCheck {
  const { sets, starts, letters, validation, leftOut } = set;
  const records = recordsIn(set);
  let [shortest, longest, withUnknown] = [records > 0 ? Number.POSITIVE_INFINITY : 0, 0, 0];
  for (let record = 0; record < records; record++) {
    const own = letters.subarray(starts[record]!, starts[record + 1]!);
    shortest = Math.min(shortest, own.length);
    longest = Math.max(longest, own.length);
    if (own.includes(PAD)) withUnknown++;
  }
  const inSet = (code: number) => sets.reduce((sum, own) => sum + (own === code ? 1 : 0), 0);
  return {
    records,
    sets: { A: inSet(SETS.indexOf('A')), B: inSet(SETS.indexOf('B')), none: inSet(0) },
    validation: validation?.reduce((sum, own) => sum + own, 0) ?? 0,
    shortest,
    longest,
    withUnknown,
    ...repeatsIn(set),
    leftOut,
    experiments: set.experiments.map((_, e) => checkExperiment(set, e)),
  };
}

/** Counts sequences that come again. */
function repeatsIn(set: ExperimentSet): Pick<SetCheck, 'leaking' | 'repeated'> {
  const sequences = sequencesIn(set);
  const seen = SETS.map(() => new Set<string>());
  let repeated = 0;
  sequences.forEach((sequence, record) => {
    const own = seen[set.sets[record]!]!;
    if (own.has(sequence)) repeated++;
    else own.add(sequence);
  });
  const [inA, inB] = [SETS.indexOf('A'), SETS.indexOf('B')];
  const leaking = sequences.filter(
    (sequence, record) => set.sets[record] === inB && seen[inA]!.has(sequence),
  ).length;
  return { leaking, repeated };
}

function checkExperiment(set: ExperimentSet, experiment: number): ExperimentCheck {
  const scores = scoresIn(set, experiment);
  const counts = SETS.map(() => 0);
  let [min, max, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let record = 0; record < scores.length; record++) {
    const score = scores[record]!;
    if (Number.isNaN(score)) continue;
    counts[set.sets[record]!]!++;
    min = Math.min(min, score);
    max = Math.max(max, score);
    sum += score;
  }
  const scored = counts.reduce((total, own) => total + own, 0);
  return {
    name: set.experiments[experiment]!,
    scored,
    inA: counts[SETS.indexOf('A')]!,
    inB: counts[SETS.indexOf('B')]!,
    ...set.gaps[experiment]!,
    min: scored > 0 ? min : null,
    max: scored > 0 ? max : null,
    mean: scored > 0 ? sum / scored : null,
    constant: scored > 0 && min === max,
  };
}
