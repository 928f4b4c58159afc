/** Reductions and conversions without gradient rules: row statistics, Pearson's terms, f16 storage. */

import { ShapeError } from '../device/errors.js';
import { packF16, unpackF16 } from '../kernels/elementwise.js';
import * as reductions from '../kernels/reductions.js';
import { expectRank, expectShape } from './shapes.js';
import { Tensor } from './tensor.js';

/** Mean and variance (ddof 1) of each row. @param x [E, rows, count] @returns [E, rows, 2] */
export function rowMoments(x: Tensor): Tensor {
  expectRank('rowMoments', 'x', x, 3);
  const [models, rows, count] = x.shape as [number, number, number];
  const out = Tensor.empty(x.gpu, [models, rows, 2]);
  reductions.moments(x.gpu, x, out, { models, rows, count });
  return out;
}

/**
 * Pearson's terms, over the pairs whose y is not NaN.
 *
 * @param x [E, outputs, count] @param y [E or 1, count, outputs]
 * @returns [E, outputs, 6] = mean x, mean y, Sxx, Syy, Sxy, n
 */
export function pearsonTerms(x: Tensor, y: Tensor): Tensor {
  expectRank('pearsonTerms', 'x', x, 3);
  const [models, outputs, count] = x.shape as [number, number, number];
  expectShape('pearsonTerms', 'y', y, [y.shape[0] === 1 ? 1 : models, count, outputs]);
  const out = Tensor.empty(x.gpu, [models, outputs, 6]);
  reductions.pearsonTerms(x.gpu, x, y, out, { models, outputs, count });
  return out;
}

/**
 * The same numbers in the other float storage: f16 holds 11 significant bits and needs no shader-f16 feature.
 */
export function cast(x: Tensor, dtype: 'f32' | 'f16'): Tensor {
  if (x.dtype === dtype) return x.retain();
  if (x.dtype !== 'f32' && x.dtype !== 'f16') {
    throw new ShapeError(`cast: ${x.dtype} does not become ${dtype}`);
  }
  const y = Tensor.empty(x.gpu, x.shape, dtype);
  const models = x.shape[0]!;
  const shape = { models, count: x.size / models };
  if (dtype === 'f16') packF16(x.gpu, x, y, shape);
  else unpackF16(x.gpu, x, y, shape);
  return y;
}
