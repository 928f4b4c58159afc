/**
 * Fused operations for evaluation: convolution, bias, skip connection and ReLU in one kernel, after batch
 * normalisation has been folded into the kernel. They have no gradient rules; `operations.ts` has the
 * separate operations for training. Kernels and activations may be stored as f16; sums are always f32.
 */

import { Owned } from '../device/owned.js';
import { pool as poolInto } from '../kernels/elementwise.js';
import * as conv from '../kernels/matrix/conv.js';
import { codeTables, convCodes, tablesShape } from '../kernels/matrix/conv-codes.js';
import { foldBatchNorm } from '../kernels/training/batch-norm.js';
import { cast } from './reductions.js';
import { commonModels, expectRank, expectShape, type Pool, pooled } from './shapes.js';
import { Tensor } from './tensor.js';

/** How kernels and activations are stored. */
export type StorageFormat = 'f32' | 'f16';

/** A kernel and the bias that goes with it. */
export interface Folded extends Disposable {
  readonly w: Tensor;
  /** [E, outputs] */
  readonly bias: Tensor;
}

/**
 * A kernel and the batch normalisation after it as one affine map.
 *
 * @param w [E, …, outputs] @param affine [E, 2, outputs] @param moments [E, 2, outputs] = mean, biased
 * variance
 */
export function fold(
  w: Tensor,
  affine: Tensor,
  moments: Tensor,
  storage: StorageFormat = 'f32',
  epsilon = 1e-3,
): Folded {
  using made = new Owned();
  const folded = made.own(Tensor.empty(w.gpu, w.shape, storage));
  const bias = made.own(Tensor.empty(w.gpu, [w.shape[0]!, w.shape.at(-1)!]));
  foldInto({ w: folded, bias }, w, affine, moments, { epsilon });
  made.release();
  return {
    w: folded,
    bias,
    [Symbol.dispose]: () => {
      folded.dispose();
      bias.dispose();
    },
  };
}

/**
 * `fold` into existing memory: a kernel of w's size and a bias [E, outputs].
 *
 * @param tiled whether a kernel [E, taps, channels, outputs] is written matrix by matrix, as subgroup
 * matrices read it
 */
export function foldInto(
  { w: folded, bias }: Omit<Folded, keyof Disposable>,
  w: Tensor,
  affine: Tensor,
  moments: Tensor,
  { epsilon = 1e-3, tiled = false }: { epsilon?: number; tiled?: boolean } = {},
): void {
  const models = w.shape[0]!;
  const outputs = w.shape.at(-1)!;
  expectShape('fold', 'affine', affine, [models, 2, outputs]);
  expectShape('fold', 'moments', moments, [models, 2, outputs]);
  const inputs = w.size / (models * outputs);
  const shape = { models, inputs, outputs, epsilon };
  const channels = tiled ? { channels: w.shape.at(-2)! } : undefined;
  foldBatchNorm(w.gpu, { w, affine, moments, folded, bias }, shape, channels);
}

/**
 * A kernel [E, …, outputs] without batch normalisation, converted to a storage, and its bias [E, outputs].
 */
export function unfolded(w: Tensor, bias: Tensor, storage: StorageFormat = 'f32'): Folded {
  const kernel = storage === 'f16' ? cast(w, 'f16') : w.retain();
  const kept = bias.retain();
  return {
    w: kernel,
    bias: kept,
    [Symbol.dispose]: () => {
      kernel.dispose();
      kept.dispose();
    },
  };
}

const storageOf = (x: Tensor): StorageFormat => (x.dtype === 'f16' ? 'f16' : 'f32');

export interface FusedOptions {
  readonly dilation?: number;
  /** Added before the ReLU; it has the result's shape. */
  readonly skip?: Tensor;
  readonly relu?: boolean;
  /** Return the pooled result [E, batch, windows, outputs] instead of all positions. */
  readonly pool?: Pool;
}

/**
 * x [E, batch, length, inputs] convolved with w [E, taps, inputs, outputs], plus bias, plus skip, rectified,
 * pooled, in w's storage.
 */
export function fusedConv1d(
  x: Tensor,
  { w, bias }: Folded,
  { dilation = 1, skip, relu, pool }: FusedOptions = {},
): Tensor {
  expectRank('fusedConv1d', 'x', x, 4, storageOf(x));
  const [, batch, length, inputs] = x.shape as [number, number, number, number];
  const taps = w.shape[1]!;
  const outputs = w.shape.at(-1)!;
  expectShape('fusedConv1d', 'w', w, [w.shape[0]!, taps, inputs, outputs]);
  const models = commonModels('fusedConv1d', [x, w, bias]);
  const full = [models, batch, length, outputs];
  if (skip) expectShape('fusedConv1d', 'skip', skip, full);
  const shape = { models, rows: batch * length, length, inputs, outputs, taps, dilation };
  const after = pool && pooled('fusedConv1d', full, pool);
  // The convolution itself takes means of adjacent windows; other pools need a separate kernel.
  const { by, size, stride } = after?.shape ?? {};
  const fuse = by === 'mean' && stride === size && conv.canPool(x.gpu, shape);
  const y = Tensor.empty(x.gpu, fuse && after ? after.result : full, w.dtype);
  conv.conv1d(x.gpu, x, w, y, shape, { bias, skip, relu, ...(fuse && { pool: size }) });
  if (pool === undefined || fuse) return y;
  using unpooled = y;
  return fusedPool(unpooled, pool);
}

/**
 * codes [E or 1, batch, length] u32 convolved with w [E, taps, 4, outputs], plus bias, rectified by default.
 */
export function fusedConvCodes(
  codes: Tensor,
  { w, bias }: Folded,
  { relu = true }: { relu?: boolean } = {},
): Tensor {
  expectRank('fusedConvCodes', 'codes', codes, 3, 'u32');
  const [, batch, length] = codes.shape as [number, number, number];
  const taps = w.shape[1]!;
  const outputs = w.shape.at(-1)!;
  expectShape('fusedConvCodes', 'w', w, [w.shape[0]!, taps, 4, outputs]);
  const models = commonModels('fusedConvCodes', [codes, w, bias]);
  const y = Tensor.empty(w.gpu, [models, batch, length, outputs], w.dtype);
  const shape = { models, rows: batch * length, length, outputs, taps };
  using tables = Tensor.empty(w.gpu, tablesShape(models, taps, outputs));
  codeTables(w.gpu, { w, bias, tables }, shape);
  convCodes(w.gpu, { codes, tables, y }, shape, { relu });
  return y;
}

/** Mean or greatest value over windows of positions, as `operations.pool`, in x's storage. */
export function fusedPool(x: Tensor, windows: Pool): Tensor {
  expectRank('fusedPool', 'x', x, 4, storageOf(x));
  const { shape, result } = pooled('fusedPool', x.shape, windows);
  const y = Tensor.empty(x.gpu, result, x.dtype);
  poolInto(x.gpu, x, y, shape);
  return y;
}

/**
 * x [E, batch, inputs] times w [E, inputs, outputs], plus bias [E, outputs], optionally rectified, in w's
 * storage.
 */
export function fusedDense(x: Tensor, w: Tensor, bias: Tensor, relu = false): Tensor {
  expectRank('fusedDense', 'x', x, 3, storageOf(x));
  const [, batch, inputs] = x.shape as [number, number, number];
  const outputs = w.shape.at(-1)!;
  expectShape('fusedDense', 'w', w, [w.shape[0]!, inputs, outputs]);
  const models = commonModels('fusedDense', [x, w, bias]);
  const y = Tensor.empty(x.gpu, [models, batch, outputs], w.dtype);
  const shape = { models, rows: batch, length: 1, inputs, outputs, taps: 1, dilation: 1 };
  conv.conv1d(x.gpu, x, w, y, shape, { bias, relu });
  return y;
}
