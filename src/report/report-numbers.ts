/** What the manifest of a report says, so that a survey finds it. */

import { topRow } from '../gia/tables/table-reader.js';
import type { ReportAnswers, TaskAnswers } from './ask-model.js';
import { measuredNumbers } from './sections/measured-section.js';

/** The importance of the most important k-mer and the agreement with measurements, or those of each task. */
export function reportNumbers(answers: ReportAnswers) {
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
