/** Agreement of predictions and scores: Pearson on the GPU, both coefficients on the host. */

import * as check from '../device/check.js';
import { NotFiniteError, ShapeError } from '../device/errors.js';
import { pearsonTerms } from '../tensor/reductions.js';
import type { Tensor } from '../tensor/tensor.js';

/** Pairs that a correlation needs: two always correlate at 1 or -1. */
const FEWEST_PAIRS = 3;

/**
 * Pearson's r of each model's and output's predictions, [E, outputs, N] or [E, N], with scores [N, outputs],
 * or [E, N, outputs] where each model has its own, reduced on the GPU. A score of NaN is missing. NaN where one side is constant (all its values are the same
 * number), or so large or small that f32 cannot hold its variance, and for fewer than three pairs of several
 * outputs.
 *
 * @returns [E * outputs], model by model
 */
export async function pearsonOnGpu(predictions: Tensor, scores: Tensor): Promise<number[]> {
  const [models, count] = [predictions.shape[0]!, predictions.shape.at(-1)!];
  const outputs = predictions.size / (models * count);
  using rows = predictions.reshape([models, outputs, count]);
  using columns = scores.reshape([scores.size / (count * outputs), count, outputs]);
  using terms = pearsonTerms(rows, columns);
  const values = await terms.readFloats();
  return Array.from({ length: models * outputs }, (_, i) => {
    const [sxx, syy, sxy, n] = values.subarray(6 * i + 2, 6 * i + 6) as unknown as Quartet;
    return outputs > 1 && n < FEWEST_PAIRS ? Number.NaN : ratio(sxx, syy, sxy);
  });
}

type Quartet = [number, number, number, number];

/** Sxy / √(Sxx Syy), NaN unless both variances are above 0 and finite. Rounding never leaves −1 … 1. */
function ratio(sxx: number, syy: number, sxy: number): number {
  if (!(sxx > 0 && syy > 0 && Number.isFinite(sxx * syy))) return Number.NaN;
  return Math.max(-1, Math.min(1, sxy / Math.sqrt(sxx * syy)));
}

/** Whether all values are the same number; then no correlation with them exists. */
export function isConstant(values: ArrayLike<number>): boolean {
  for (let i = 1; i < values.length; i++) if (values[i] !== values[0]) return false;
  return true;
}

/**
 * Pearson's r in float64. NaN where one side is constant. Two pairs always correlate at 1 or −1.
 *
 * @throws ShapeError unless both have the same length, at least 2; NotFiniteError
 */
export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): number {
  check.numbers(x, check.argument('x'));
  check.numbers(y, check.argument('y'));
  if (x.length !== y.length || x.length < 2)
    throw new ShapeError(`correlation needs two equal lists, not ${x.length} and ${y.length}`);
  const [dx, dy] = [deviations(x), deviations(y)];
  if (isConstant(x) || isConstant(y)) return Number.NaN;
  return ratio(centred(dx, dx), centred(dy, dy), centred(dx, dy));
}

/**
 * Values less their mean, all divided by one power of two, so that neither the largest numbers overflow when
 * squared nor the smallest vanish. A correlation does not depend on that factor.
 */
function deviations(values: ArrayLike<number>): Float64Array {
  const n = values.length;
  let largest = 0;
  for (let i = 0; i < n; i++) {
    if (!Number.isFinite(values[i]))
      throw new NotFiniteError(`correlation: value ${i + 1} of ${n} is ${values[i]}`);
    largest = Math.max(largest, Math.abs(values[i]!));
  }
  const scale = 2 ** -Math.max(-1022, Math.min(1022, Math.floor(Math.log2(largest || 1))));
  let mean = 0;
  for (let i = 0; i < n; i++) mean += (values[i]! * scale) / n;
  return Float64Array.from(values, (value) => value * scale - mean);
}

/** Σ a b less what the rounding of the two means adds to it (the corrected two-pass algorithm). */
function centred(a: Float64Array, b: Float64Array): number {
  let [product, sumA, sumB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    product += a[i]! * b[i]!;
    sumA += a[i]!;
    sumB += b[i]!;
  }
  return product - (sumA * sumB) / a.length;
}

/**
 * Ranks from 1; equal values share the mean of their ranks.
 *
 * @throws NotFiniteError for NaN, which has no rank
 */
export function ranks(values: ArrayLike<number>): Float64Array {
  check.numbers(values, check.argument('values'));
  const bad = Array.prototype.findIndex.call(values, Number.isNaN);
  if (bad >= 0) throw new NotFiniteError(`ranks: value ${bad + 1} of ${values.length} is NaN`);
  const order = Uint32Array.from({ length: values.length }, (_, i) => i).sort(
    (a, b) => values[a]! - values[b]!,
  );
  const ranked = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let i = start; i < end; i++) ranked[order[i]!] = (start + end + 1) / 2;
    start = end;
  }
  return ranked;
}

/** Spearman's rank correlation, ties averaged. NaN where one side is constant. */
export const spearman = (x: ArrayLike<number>, y: ArrayLike<number>): number => pearson(ranks(x), ranks(y));
