/** Correlations in words: the number, or why there is none. */

import type { Agreement, Evaluation, UndefinedCorrelation } from '../nn/agreement.js';
import type { UndefinedArea } from '../nn/classification.js';
import { count } from './wording.js';

const REASONS: Readonly<Record<UndefinedCorrelation, (n: number) => string>> = {
  'too-few': (n) => `n = ${n} is too small: fewer than 3 points always lie on a line`,
  'constant-scores': (n) => `all ${n} scores are equal`,
  'constant-predictions': (n) => `the model predicts the same for all ${n} sequences`,
  'constant-scores-and-predictions': (n) => `all ${n} scores are equal, and so are all predictions`,
};

/** Why an agreement has no coefficients, without a full stop; undefined where it has them. */
export const whyUndefined = ({ reason, n }: Pick<Agreement, 'reason' | 'n'>): string | undefined =>
  reason === null ? undefined : REASONS[reason](n);

const AREA_REASONS: Readonly<Record<UndefinedArea, (evaluation: Evaluation) => string>> = {
  'one-class': ({ n, positives }) => `all ${n} probes are of class ${positives === 0 ? 0 : 1}`,
  'not-classes': () => 'some scores are neither 0 nor 1',
};

/** Why an evaluation of classes has no areas, without a full stop; undefined where it has them. */
export const whyNoAreas = (evaluation: Evaluation): string | undefined =>
  evaluation.areaReason ? AREA_REASONS[evaluation.areaReason](evaluation) : undefined;

/** A correlation as a number, or `undefined`. */
export const coefficient = (r: number, digits = 4): string =>
  Number.isNaN(r) ? 'undefined' : r.toFixed(digits).replace(/^-(?=[0.]*$)/, '');

/** R² of a line with its number of points, without which R² says little. */
export function fitOf(r2: number, points: number): string {
  if (points < 3) return `no R², as any line fits ${count(points, 'point')}`;
  return Number.isNaN(r2)
    ? `no R², as all ${points} points have the same value`
    : `R² = ${r2.toFixed(3)} over ${count(points, 'point')}`;
}

/** Agreements as JSON holds them: one as it is, several with the names of their tasks. */
export const byTask = (all: readonly Evaluation[], tasks: readonly string[] | undefined) =>
  tasks ? { tasks: all.map((each, i) => ({ task: tasks[i]!, ...each })) } : all[0]!;

/**
 * The least correlation of a model that has learned something: below it, it explains less than 1 % of the
 * variance.
 */
const LEAST_R = 0.1;

/**
 * Whether predictions are better than chance: r is at least 0.1, and its 95 % interval (Fisher's z) lies
 * above 0.
 *
 * @param n number of measurements, where it is known
 */
export const isBetterThanChance = (r: number, n: number | undefined): boolean =>
  r >= LEAST_R && (n === undefined || Math.atanh(Math.min(r, 1)) * Math.sqrt(n - 3) > 1.96);
