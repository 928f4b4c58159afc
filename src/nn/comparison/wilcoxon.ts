/**
 * Wilcoxon's signed-rank test of paired values, such as the test correlations of two methods over many
 * experiments (F. Wilcoxon, Individual comparisons by ranking methods, Biometrics Bull. 1:80, 1945). The p
 * value is exact, also with ties: it counts sign patterns of the ranks at hand. `test/comparison.test.ts`
 * compares it with scipy's.
 */

import * as check from '../../device/check.js';
import { NotFiniteError, ShapeError } from '../../device/errors.js';
import { ranks } from '../metrics.js';

/** Most pairs: beyond them the probability of a sign pattern leaves the range of a double. */
export const MOST_PAIRS = 1000;

/** The test of the differences a - b against a distribution that is symmetric about 0. */
export interface SignedRanks {
  /** Pairs that differ; the others are left out, as Wilcoxon did. */
  readonly n: number;
  /** Pairs in which a is greater. */
  readonly wins: number;
  /** Sum of the ranks of pairs in which a is greater, and in which b is. */
  readonly plus: number;
  readonly minus: number;
  /** Two-sided; 1 where no pair differs. */
  readonly p: number;
}

/**
 * Tests whether a tends to be greater or less than b. Five pairs or fewer never reach p < 0.05.
 *
 * @throws ShapeError unless both have the same number of values, at most 1,000; NotFiniteError
 */
export function signedRanks(a: ArrayLike<number>, b: ArrayLike<number>): SignedRanks {
  check.numbers(a, check.argument('a'));
  check.numbers(b, check.argument('b'));
  if (a.length !== b.length || a.length > MOST_PAIRS)
    throw new ShapeError(
      `a signed-rank test takes two lists of the same length, at most ${MOST_PAIRS}, not ${a.length} and ${b.length} values`,
    );
  const differences = Array.from(a, (value, i) => value - b[i]!);
  const bad = differences.findIndex((difference) => !Number.isFinite(difference));
  if (bad >= 0) throw new NotFiniteError(`pair ${bad + 1} is ${a[bad]} and ${b[bad]}`);
  const unequal = differences.filter((difference) => difference !== 0);
  const ranked = ranks(unequal.map(Math.abs));
  const plus = unequal.reduce((sum, difference, i) => sum + (difference > 0 ? ranked[i]! : 0), 0);
  const n = unequal.length;
  const minus = (n * (n + 1)) / 2 - plus;
  return {
    n,
    wins: unequal.filter((difference) => difference > 0).length,
    plus,
    minus,
    p: Math.min(1, 2 * lowerTail(ranked, Math.min(plus, minus))),
  };
}

/** Probability of a rank sum of at most `sum` when every rank is counted with probability 1/2. */
function lowerTail(ranked: Float64Array, sum: number): number {
  // Means of tied ranks are multiples of 1/2, so twice a rank sum is a whole number.
  const most = Math.round(2 * sum);
  const probability = new Float64Array(most + 1);
  probability[0] = 1;
  for (const rank of ranked) {
    const twice = Math.round(2 * rank);
    for (let s = most; s >= 0; s--)
      probability[s] = (probability[s]! + (s >= twice ? probability[s - twice]! : 0)) / 2;
  }
  return probability.reduce((total, each) => total + each, 0);
}
