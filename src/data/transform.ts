/**
 * Score normalisation: a log or clip transform, then a z-score (docs/method.md, Scores). A fit is plain data.
 * It is stored in the run's manifest and applied unchanged to other scores.
 */
import * as check from '../device/check.js';
import { ArgumentError, NotFiniteError } from '../device/errors.js';

/** How scores are transformed. */
export interface TransformOptions {
  /** `log`: ln(S − min + 1), the default. `clip`: cut high scores. `none`: z-score alone. */
  readonly kind?: 'log' | 'clip' | 'none';
  /**
   * Where `clip` cuts: `percentile`, the 99.9th, as in the paper (default), or `std`, four standard
   * deviations, as in the released code. There the cut is at 4·std itself, not at mean + 4·std, which
   * supposes scores centred at 0.
   */
  readonly clipAt?: 'percentile' | 'std';
}

/** Everything a transform needs to be repeated; JSON-able. */
export interface FittedTransform {
  readonly kind: 'log' | 'clip' | 'none';
  /** Smallest raw score of the fit. */
  readonly min: number;
  /** Highest raw score let through; null unless the kind is `clip`. */
  readonly cap: number | null;
  /** Mean and standard deviation (ddof 0) of the transformed scores. */
  readonly mean: number;
  readonly std: number;
  /** Number of scores in the fit. */
  readonly n: number;
}

/** One value for each part of a data set. */
export interface Splits<T> {
  readonly train: T;
  readonly valid: T;
  readonly test: T;
}

/** How the scores of all parts are transformed. */
export interface NormaliseOptions extends TransformOptions {
  /**
   * What the numbers are fitted on: `train` alone (default; leaks nothing), `all` scores of the experiment
   * (paper), or every `split` by itself (released code).
   */
  readonly scope?: 'train' | 'all' | 'split';
}

const OPTIONS = {
  kind: check.optional(check.oneOf('log', 'clip', 'none')),
  clipAt: check.optional(check.oneOf('percentile', 'std')),
};

/**
 * Fits a transform to raw scores.
 * @throws NotFiniteError when a score is not finite, or when there are no scores or all come out equal, so
 * that a z-score does not exist
 */
export function fitTransform(scores: ArrayLike<number>, options: TransformOptions = {}): FittedTransform {
  check.numbers(scores, check.argument('scores'));
  check.options(options, OPTIONS);
  const { kind = 'log', clipAt = 'percentile' } = options;
  const raw = finiteScores(scores);
  if (raw.length === 0) throw new NotFiniteError('cannot fit a score transform to no scores');
  const min = raw.reduce((a, b) => Math.min(a, b));
  let cap: number | null = null;
  if (kind === 'clip')
    cap = clipAt === 'percentile' ? percentile(raw, 99.9) : Math.min(4 * moments(raw).std, Number.MAX_VALUE);
  const reshaped = raw.map((score) => reshape({ kind, min, cap }, score));
  const { mean, std } = moments(reshaped);
  // Rounding of the mean gives equal scores a deviation of their own.
  if (!(std > 0) || reshaped.every((score) => score === reshaped[0])) {
    const differ = raw.some((score) => score !== raw[0]);
    const after = !differ ? '' : cap === null ? ` after the ${kind} transform` : ` after clipping at ${cap}`;
    throw new NotFiniteError(`cannot z-score ${raw.length} scores that are all equal${after}`);
  }
  return { kind, min, cap, mean, std, n: raw.length };
}

/**
 * Applies a fitted transform. Under `log`, a score below the fitted minimum counts as that minimum, so that
 * scores unseen in the fit never give NaN.
 * @returns z-scores, one per score
 * @throws NotFiniteError when a score is not finite, or so far from the scores of the fit that its z-score is
 * not
 */
export function applyTransform(fitted: FittedTransform, scores: ArrayLike<number>): Float32Array {
  check.object(fitted, check.argument('fitted'));
  check.numbers(scores, check.argument('scores'));
  const { mean, std } = fitted;
  const raw = finiteScores(scores);
  const normalised = Float32Array.from(raw, (score) => {
    const reshaped = reshape(fitted, score);
    const z = (reshaped - mean) / std;
    return Number.isFinite(z) ? z : reshaped / std - mean / std;
  });
  const far = normalised.findIndex((z) => !Number.isFinite(z));
  if (far >= 0)
    throw new NotFiniteError(
      `score ${far + 1} of ${normalised.length} is ${raw[far]}, too far from the scores of the fit (mean ${mean}, standard deviation ${std}) for a z-score`,
    );
  return normalised;
}

/**
 * Normalises the three parts of an experiment and says with which numbers. Under scope `split`, an empty part
 * is given the fit of `train`, there being nothing to apply it to.
 * @throws NotFiniteError as `fitTransform` does
 */
export function normaliseSplits(
  scores: Splits<ArrayLike<number>>,
  options: NormaliseOptions = {},
): Splits<Float32Array> & { readonly fitted: Splits<FittedTransform> } {
  check.options(options, { scope: check.optional(check.oneOf('train', 'all', 'split')) });
  const { scope = 'train' } = options;
  const { train, valid, test } = scores;
  const pooled = scope === 'all' ? [train, valid, test].flatMap((part) => Array.from(part)) : train;
  const common = fitTransform(pooled, options);
  const fitOf = (part: ArrayLike<number>) =>
    scope === 'split' && part.length > 0 ? fitTransform(part, options) : common;
  const fitted = { train: common, valid: fitOf(valid), test: fitOf(test) };
  return {
    train: applyTransform(fitted.train, train),
    valid: applyTransform(fitted.valid, valid),
    test: applyTransform(fitted.test, test),
    fitted,
  };
}

/**
 * The p-th percentile (0 … 100), linearly interpolated between the two nearest ranks as numpy does by
 * default.
 * @throws ArgumentError for no values or p outside 0 … 100
 */
export function percentile(values: ArrayLike<number>, p: number): number {
  check.numbers(values, check.argument('values'));
  if (values.length === 0 || !(p >= 0 && p <= 100)) {
    throw new ArgumentError('p', `percentile ${p} of ${values.length} values does not exist`);
  }
  const sorted = Float64Array.from(values).sort();
  const rank = ((sorted.length - 1) * p) / 100;
  const lower = sorted[Math.floor(rank)]!;
  const upper = sorted[Math.ceil(rank)]!;
  const share = rank - Math.floor(rank);
  const between = lower + (upper - lower) * share;
  return Number.isFinite(between) ? between : lower * (1 - share) + upper * share;
}

function reshape({ kind, min, cap }: Pick<FittedTransform, 'kind' | 'min' | 'cap'>, score: number): number {
  if (kind === 'log') {
    const above = Math.max(score, min) - min + 1;
    return above === Number.POSITIVE_INFINITY ? Math.log(score / 2 - min / 2) + Math.LN2 : Math.log(above);
  }
  return cap === null ? score : Math.min(score, cap);
}

/** Below this a variance has lost digits, since squares this small are rounded to few bits. */
const SMALLEST_VARIANCE = 1e-290;

function moments(values: Float64Array): { mean: number; std: number } {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
  if (Number.isFinite(variance) && variance > SMALLEST_VARIANCE) return { mean, std: Math.sqrt(variance) };
  // Sums or squares overflow (scores of 1e200) or vanish (1e-200): the same of the deviations relative to
  // their largest.
  const least = values.reduce((a, b) => Math.min(a, b));
  const most = values.reduce((a, b) => Math.max(a, b));
  const scale = Math.max(most / 2 - least / 2, 0);
  if (scale === 0) return { mean: least, std: 0 };
  const relative = values.map((x) => (x / 2 - least / 2) / scale);
  const centre = relative.reduce((sum, x) => sum + x, 0) / values.length;
  const spread = relative.reduce((sum, x) => sum + (x - centre) ** 2, 0) / values.length;
  return { mean: least + centre * scale + centre * scale, std: scale * (2 * Math.sqrt(spread)) };
}

function finiteScores(scores: ArrayLike<number>): Float64Array {
  const finite = Float64Array.from(scores);
  const index = finite.findIndex((score) => !Number.isFinite(score));
  if (index >= 0) throw new NotFiniteError(`score ${index + 1} of ${finite.length} is ${finite[index]}`);
  return finite;
}
