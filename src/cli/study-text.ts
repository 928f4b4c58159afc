/** What `study` prints in the end: a line for each experiment, then where the survey is. */

import { join } from 'node:path';
import { count } from '../device/count.js';
import { coefficient } from '../report/correlation.js';
import type { StudyEntry } from '../report/study/study-files.node.js';

/** @param surveyed the folder of the survey; undefined where it was not made */
export function conclusion(
  entries: readonly StudyEntry[],
  surveyed: string | undefined,
  out: string,
): string {
  const of = (status: StudyEntry['status']) => entries.filter((entry) => entry.status === status);
  const [reported, failed] = [of('reported'), of('failed')];
  const waiting = entries.length - reported.length - failed.length;
  return [
    `${out}: ${count(reported.length, 'experiment')} reported, ${failed.length} failed, ${waiting} waiting`,
    ...reported.map(reportedText),
    ...failed.map(({ name, message }) => `  ${name} failed: ${message}`),
    ...(surveyed === undefined
      ? waiting > 0
        ? ['  the survey is made when all experiments have ended; --survey-only makes it now']
        : []
      : [`  survey  ${join(surveyed, 'survey.html')}`]),
  ].join('\n');
}

/** One line; of replicates with means and ranges. */
function reportedText({ name, motif, pearson, hasLearned, training, replicates }: StudyEntry): string {
  const validations = replicates?.map((each) => each.training.validation) ?? [training?.validation];
  const tops = replicates?.filter((each) => each.motif === motif).length;
  const top = tops === undefined ? '' : ` (first in ${tops} of ${count(replicates!.length, 'network')})`;
  const tested = replicates?.map((each) => each.pearson);
  const found = hasLearned === false ? 'no better than chance' : `top 6-mer ${motif}${top}`;
  return `  ${name}  ${found}  test r ${correlationText(tested ?? [pearson])}  validation r ${correlationText(validations)}`;
}

/** `0.8312`, or `0.8312 (0.8150 to 0.8467)` for the mean of several. */
function correlationText(values: readonly (number | null | undefined)[]): string {
  const known = values.filter((value) => typeof value === 'number');
  if (known.length < 2) return coefficient(known[0] ?? Number.NaN);
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return `${coefficient(mean)} (${coefficient(Math.min(...known))} to ${coefficient(Math.max(...known))})`;
}
