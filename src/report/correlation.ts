/** Correlations in words: the number, or why there is none. */

import type { Agreement, UndefinedCorrelation } from '../nn/agreement.js';
import { count } from './wording.js';

const REASONS: Readonly<Record<UndefinedCorrelation, (n: number) => string>> = {
  'too-few': (n) => `n = ${n} is too small: fewer than 3 points always lie on a line`,
  'constant-scores': (n) => `the scores are constant: all ${n} are equal`,
  'constant-predictions': (n) =>
    `the predictions are constant: the model predicts the same for all ${n} sequences`,
  'constant-scores-and-predictions': (n) =>
    `the scores and the predictions are constant: all ${n} of either are equal`,
};

/** Why an agreement has no coefficients, without a full stop; undefined where it has them. */
export const whyUndefined = ({ reason, n }: Pick<Agreement, 'reason' | 'n'>): string | undefined =>
  reason === null ? undefined : REASONS[reason](n);

/** A correlation's number, or the word for none. */
export const coefficient = (r: number, digits = 4): string =>
  Number.isNaN(r) ? 'undefined' : r.toFixed(digits).replace(/^-(?=[0.]*$)/, '');

/** R² of a line with the number of points that it is of, which is what makes it much or little. */
export function fitOf(r2: number, points: number): string {
  if (points < 3) return `no R², as any line fits ${count(points, 'point')}`;
  return Number.isNaN(r2)
    ? `no R², as all ${points} points have the same value`
    : `R² = ${r2.toFixed(3)} over ${count(points, 'point')}`;
}

/** Agreements as JSON holds them: one as it is, several with the names of their tasks. */
export const byTask = (all: readonly Agreement[], tasks: readonly string[] | undefined) =>
  tasks ? { tasks: all.map((each, i) => ({ task: tasks[i]!, ...each })) } : all[0]!;
