/**
 * Correlations of several methods with the same scores, and their differences, with bootstrap intervals.
 * Records are resampled with replacement, the same draws for all methods, so that the intervals of differences
 * are paired (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, percentile intervals).
 */

import { atOnce, type Steps } from '../../device/breathe.js';
import * as check from '../../device/check.js';
import { ShapeError } from '../../device/errors.js';
import { STREAM, threefry2x32 } from '../../kernels/random.js';
import { isConstant, pearson } from '../metrics.js';

/** How records are resampled. */
export interface ResamplingOptions {
  /** How often N records are drawn, at least 40. Default 1,000. */
  readonly resamples?: number | undefined;
  /** Default 1. */
  readonly seed?: number | undefined;
}

/** An estimate with its 95 % interval. */
export interface Interval {
  readonly value: number;
  /** NaN, like the value, where the correlation does not exist. */
  readonly ciLow: number;
  readonly ciHigh: number;
}

/** What of two methods: r of method `a` less r of method `b`. */
export interface Difference extends Interval {
  /** Indices of the methods. */
  readonly a: number;
  readonly b: number;
}

/** Pearson's r of several methods. */
export interface PairedCorrelations {
  readonly correlations: readonly Interval[];
  /** All pairs: each method less every earlier one. */
  readonly differences: readonly Difference[];
}

const OPTIONS = {
  resamples: check.optional(check.whole(40)),
  seed: check.optional(check.seed),
};

/**
 * Pearson's r of each method's predictions with the scores.
 *
 * @param predictions [N] of each method
 * @param scores [N], at least 3
 * @throws ShapeError unless there is one prediction a score; NotFiniteError; ArgumentError naming the option
 */
export const pairedCorrelations = (
  predictions: readonly ArrayLike<number>[],
  scores: ArrayLike<number>,
  options: ResamplingOptions = {},
): PairedCorrelations => atOnce(pairedCorrelationsInSteps(predictions, scores, options));

/** The same in steps, for `breathing` (`device/breathe.ts`). */
export function* pairedCorrelationsInSteps(
  predictions: readonly ArrayLike<number>[],
  scores: ArrayLike<number>,
  options: ResamplingOptions = {},
): Steps<PairedCorrelations> {
  check.options(options, OPTIONS);
  const { resamples = 1000, seed = 1 } = options;
  const n = scores.length;
  const odd = predictions.find(({ length }) => length !== n);
  if (odd || n < 3)
    throw new ShapeError(
      `a correlation needs 3 scores and one prediction each, not ${n} and ${odd?.length ?? n}`,
    );
  const methods = predictions.length;
  const [goals, ...values] = [scores, ...predictions].map(standardised) as [Float64Array, ...Float64Array[]];
  const drawn = predictions.map(() => new Float64Array(resamples));
  const times = new Uint16Array(n);
  for (let resample = 0; resample < resamples; resample++) {
    yield;
    draw(times, seed, resample);
    resampled(values, goals, times).forEach((r, method) => {
      drawn[method]![resample] = r;
    });
  }
  const r = predictions.map((each) =>
    isConstant(each) || isConstant(scores) ? Number.NaN : pearson(each, scores),
  );
  const differences: Difference[] = [];
  for (let a = 1; a < methods; a++)
    for (let b = 0; b < a; b++) {
      const both = drawn[a]!.map((value, i) => value - drawn[b]![i]!);
      differences.push({ a, b, ...intervalOf(r[a]! - r[b]!, both) });
    }
  return { correlations: r.map((value, method) => intervalOf(value, drawn[method]!)), differences };
}

/** Less its mean and divided by its standard deviation. */
function standardised(column: ArrayLike<number>): Float64Array {
  const n = column.length;
  let [mean, variance] = [0, 0];
  for (let i = 0; i < n; i++) mean += column[i]! / n;
  for (let i = 0; i < n; i++) variance += (column[i]! - mean) ** 2 / n;
  const scale = variance > 0 ? 1 / Math.sqrt(variance) : 0;
  return Float64Array.from(column, (value) => (value - mean) * scale);
}

/** How often a resample has each record: both words of a counter draw one, scaled to n, which is fast. */
function draw(times: Uint16Array, seed: number, resample: number): void {
  const n = times.length;
  const words = new Uint32Array(2);
  times.fill(0);
  for (let i = 0; i < n; i++) {
    if (i % 2 === 0) threefry2x32(seed, STREAM.bootstrap, resample, i, words);
    times[Math.floor((words[i % 2]! * n) / 2 ** 32)]! += 1;
  }
}

/** r of each method in a resample; NaN where one side is constant. */
function resampled(methods: readonly Float64Array[], scores: Float64Array, times: Uint16Array): number[] {
  const n = times.length;
  const own = weightedSums(scores, scores, times);
  return methods.map((values) => {
    const { sum, squares, products } = weightedSums(values, scores, times);
    const variances = (squares - sum ** 2 / n) * (own.squares - own.sum ** 2 / n);
    return variances > 0 ? (products - (sum * own.sum) / n) / Math.sqrt(variances) : Number.NaN;
  });
}

function weightedSums(values: Float64Array, scores: Float64Array, times: Uint16Array) {
  let [sum, squares, products] = [0, 0, 0];
  for (let i = 0; i < times.length; i++) {
    const value = values[i]!;
    const weighted = times[i]! * value;
    sum += weighted;
    squares += weighted * value;
    products += weighted * scores[i]!;
  }
  return { sum, squares, products };
}

/** The middle 95 % of the resamples that have a value. */
function intervalOf(value: number, drawn: Float64Array): Interval {
  const sorted = drawn.filter((each) => !Number.isNaN(each)).sort();
  if (Number.isNaN(value) || sorted.length === 0) return { value, ciLow: Number.NaN, ciHigh: Number.NaN };
  const tail = Math.floor(0.025 * sorted.length);
  return { value, ciLow: sorted[tail]!, ciHigh: sorted[sorted.length - 1 - tail]! };
}
