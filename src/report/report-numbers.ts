/** What the manifest of a report says, so that a survey finds it. */

import { mean } from '../gia/statistics/line.js';
import { topRow } from '../gia/tables/table-reader.js';
import type { MeasuredAgreement, ReportAnswers, TaskAnswers } from './ask-model.js';
import type { ReplicatesAnswers } from './replicates/ask-replicates.js';
import { measuredNumbers } from './sections/measured-section.js';

/**
 * The importance of the most important k-mer and the agreement with measurements, or those of each task; of
 * replicates means over all, and those of each.
 */
export function reportNumbers(answers: ReportAnswers | ReplicatesAnswers) {
  if ('replicates' in answers) return replicateNumbers(answers);
  if ('tasks' in answers)
    return {
      byTask: answers.tasks.map((each) => ({ task: each.task, motif: each.motif, ...numbersOf(each) })),
    };
  return numbersOf(answers);
}

const numbersOf = ({ sweep, agreement, measured }: TaskAnswers) => ({
  importance: topRow(sweep).importance,
  ...(agreement && {
    agreement: {
      pearson: agreement.pearson,
      spearman: agreement.spearman,
      n: agreement.n,
      reason: agreement.reason,
    },
  }),
  ...(measured && { measured: measuredNumbers(measured) }),
});

/**
 * @returns agreements of the networks on average, of the mean of their predictions (`together`), and of each
 */
function replicateNumbers({ sweep, agreement: together, measured, replicates }: ReplicatesAnswers) {
  const all = replicates.flatMap(({ agreement }) => agreement ?? []);
  return {
    importance: sweep[0]!.importance,
    ...(together && {
      agreement: {
        pearson: meanOf(all.map(({ pearson }) => pearson)),
        spearman: meanOf(all.map(({ spearman }) => spearman)),
        n: together.n,
        reason: all.some(({ reason }) => reason === null) ? null : all[0]!.reason,
      },
      together: coefficientsOf(together),
    }),
    ...(measured && { measured: measuredNumbers(measured) }),
    replicates: replicates.map(({ motif, agreement }, e) => ({
      motif,
      importance: sweep[0]!.importances[e]!,
      ...(agreement && coefficientsOf(agreement)),
    })),
  };
}

const coefficientsOf = ({ pearson, spearman }: MeasuredAgreement) => ({ pearson, spearman });

/** Of those that are defined. */
function meanOf(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length === 0 ? Number.NaN : mean(known);
}
