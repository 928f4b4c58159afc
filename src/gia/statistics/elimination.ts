/**
 * Which of many means cannot be among the greatest, judged from part of their population. Pure statistics on
 * paired values, which `adaptive.ts` computes.
 */

import { tQuantile } from './student-t.js';

export interface Trial {
  /** Number of means to keep. */
  readonly top: number;
  /** Values of every arm that have been seen. */
  readonly seen: number;
  readonly total: number;
  /** Probability with which one comparison may be wrong. */
  readonly level: number;
}

/**
 * The level of a single comparison that keeps the probability of any wrong elimination below 1 - confidence.
 * An arm among the `top` true means is lost only if it loses against `top` others, and one of these must have
 * a mean that is not greater. So at most top * (arms - 1) comparisons can go wrong, in every model and at
 * every decision (Bonferroni).
 */
export const comparisonLevel = (
  confidence: number,
  { top, arms, models, decisions }: Readonly<Record<'top' | 'arms' | 'models' | 'decisions', number>>,
): number => (1 - confidence) / (top * Math.max(1, arms - 1) * models * Math.max(1, decisions));

/**
 * Arms that are not among the `top` greatest means: one-sided paired t intervals of their differences from
 * all of the `top` leaders lie below 0. Intervals are corrected for the share of the finite population that
 * was seen, so that nothing is uncertain once all of it was.
 *
 * @param arms `seen` values for each arm; value n of every arm belongs to the same background
 * @returns true for each arm that is eliminated
 */
export function eliminated(
  arms: readonly Float32Array[],
  { top, seen, total, level }: Trial,
): readonly boolean[] {
  const means = arms.map((values) => values.reduce((sum, value) => sum + value, 0) / seen);
  const order = means.map((_, arm) => arm).sort((a, b) => means[b]! - means[a]! || a - b);
  // The weakest leader first, since it decides most often.
  const leaders = order.slice(0, top).reverse();
  const width = -tQuantile(level, seen - 1) * Math.sqrt((1 - seen / total) / seen);
  const isOut = arms.map(() => false);
  for (const arm of order.slice(top)) {
    isOut[arm] = leaders.every(
      (leader) =>
        means[leader]! - means[arm]! >
        width * deviation(arms[leader]!, arms[arm]!, means[leader]! - means[arm]!),
    );
  }
  return isOut;
}

/** Standard deviation of paired differences about their mean, ddof 1. */
function deviation(a: Float32Array, b: Float32Array, mean: number): number {
  let squares = 0;
  for (let n = 0; n < a.length; n++) squares += (a[n]! - b[n]! - mean) ** 2;
  return Math.sqrt(squares / (a.length - 1));
}
