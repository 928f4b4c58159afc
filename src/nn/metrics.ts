/** Agreement of predictions and scores: Pearson on the GPU, both coefficients on the host. */

import { ShapeError } from '../device/errors.js';
import { pearsonTerms } from '../tensor/reductions.js';
import type { Tensor } from '../tensor/tensor.js';

/** Pearson's r of each model's predictions [E, N] with scores [N], reduced on the GPU. NaN where one is constant. */
export async function pearsonOnGpu(predictions: Tensor, scores: Tensor): Promise<number[]> {
  const [models, count] = predictions.shape as [number, number];
  using row = scores.reshape([1, count]);
  using terms = pearsonTerms(predictions, row);
  const values = await terms.readFloats();
  return Array.from({ length: models }, (_, e) => {
    const [, , sxx, syy, sxy] = values.subarray(5 * e, 5 * e + 5) as unknown as [
      number,
      number,
      number,
      number,
      number,
    ];
    return sxy / Math.sqrt(sxx * syy);
  });
}

/** Pearson's r in float64. NaN where one side is constant. @throws ShapeError unless both have the same length, at least 2 */
export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): number {
  if (x.length !== y.length || x.length < 2)
    throw new ShapeError(`correlation needs two equal lists, not ${x.length} and ${y.length}`);
  const n = x.length;
  let meanX = 0;
  let meanY = 0;
  for (let i = 0; i < n; i++) {
    meanX += x[i]! / n;
    meanY += y[i]! / n;
  }
  let sxx = 0;
  let syy = 0;
  let sxy = 0;
  for (let i = 0; i < n; i++) {
    const dx = x[i]! - meanX;
    const dy = y[i]! - meanY;
    sxx += dx * dx;
    syy += dy * dy;
    sxy += dx * dy;
  }
  return sxy / Math.sqrt(sxx * syy);
}

/** Ranks from 1; equal values share the mean of their ranks. */
export function ranks(values: ArrayLike<number>): Float64Array {
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

/** Spearman's rank correlation, ties averaged. */
export const spearman = (x: ArrayLike<number>, y: ArrayLike<number>): number => pearson(ranks(x), ranks(y));
