/**
 * Kernels of one thread per element: activations, sums, dropout, bias, pooling. Bound by memory, not
 * arithmetic.
 */

import type { Gpu } from '../device/gpu.js';
import { sizeFor } from '../device/sizes.js';
import { ceilDivide, flatGrid, launch, type Operand, streamGrid } from './launch.js';
import type { Learners } from './training/learners.js';

/** Elements per model, and models. */
export interface FlatShape {
  readonly models: number;
  readonly count: number;
}

/** Activations by the name of their kernel; `<name>_backward` is the gradient, from the result. */
export type Activation = 'relu' | 'sigmoid' | 'exponential';

/** y = activation of x. */
export function activation(
  gpu: Gpu,
  name: Activation,
  x: Operand,
  y: Operand,
  { models, count }: FlatShape,
): void {
  launch(gpu, name, { operands: { x, y }, params: { count }, workgroups: streamGrid(gpu, count, models) });
}

/** dx from the activation's result y and the gradient dy of it. */
export function activationGradient(
  gpu: Gpu,
  name: Activation,
  { y, dy, dx }: Readonly<Record<'y' | 'dy' | 'dx', Operand>>,
  { models, count }: FlatShape,
): void {
  launch(gpu, `${name}_backward`, {
    operands: { y, dy, dx },
    params: { count },
    workgroups: streamGrid(gpu, count, models),
  });
}

export function add(gpu: Gpu, a: Operand, b: Operand, y: Operand, { models, count }: FlatShape): void {
  launch(gpu, 'add', {
    operands: { a, b, y },
    params: { count },
    workgroups: streamGrid(gpu, count, models),
  });
}

/** y += x in place. */
export function accumulate(gpu: Gpu, x: Operand, y: Operand, { models, count }: FlatShape): void {
  launch(gpu, 'accumulate', {
    operands: { x, y },
    params: { count },
    workgroups: streamGrid(gpu, count, models),
  });
}

/** Rows times channels per model, and models. */
export interface RowShape {
  readonly models: number;
  readonly rows: number;
  readonly channels: number;
}

/** Rows that one thread of a kernel per channel takes, even. */
export const rowsPerThread = ({ adapter }: Gpu): number => sizeFor(adapter, 'rowsPerThread');

/** The grid of a kernel per channel whose threads take so many rows. */
export const rowGrid = ({ models, rows, channels }: RowShape, rowsOfThread: number) =>
  [ceilDivide(channels, 32), ceilDivide(rows, rowsOfThread), models] as const;

/** Which mask a dropout draws: each model's seed and step come from `learners`. */
export interface DropoutMask {
  /** In [0, 1). */
  readonly rate: number;
  readonly layer: number;
}

/**
 * Zeroes elements with probability `rate` and scales the rest by 1 / (1 - rate); on dy it is its own
 * gradient.
 */
export function dropout(
  gpu: Gpu,
  learners: Learners,
  x: Operand,
  y: Operand,
  { models, rows, channels }: RowShape,
  mask: DropoutMask,
): void {
  launch(gpu, 'dropout', {
    operands: { learners, x, y },
    params: { rows, channels, rows_per_chunk: rowsPerThread(gpu), ...dropoutParams(mask) },
    workgroups: rowGrid({ models, rows, channels }, rowsPerThread(gpu)),
  });
}

/** A mask as kernels take it. */
export const dropoutParams = ({ rate, layer }: DropoutMask) => ({
  layer,
  drop_below: Math.round(rate * 2 ** 32),
  scale: 1 / (1 - rate),
});

export function bias(
  gpu: Gpu,
  x: Operand,
  b: Operand,
  y: Operand,
  { models, rows, channels }: RowShape,
): void {
  const count = rows * channels;
  launch(gpu, 'bias', {
    operands: { x, b, y },
    params: { count, channels },
    workgroups: flatGrid(gpu, count, models),
  });
}

export function biasGradient(gpu: Gpu, dy: Operand, db: Operand, { models, rows, channels }: RowShape): void {
  launch(gpu, 'bias_backward', {
    operands: { dy, db },
    params: { rows, channels },
    workgroups: [channels, 1, models],
  });
}

/** What a pool keeps of the positions of a window. */
export type PoolBy = 'mean' | 'max';

/** Windows of `size` positions, `stride` apart; only whole windows count. */
export interface PoolWindows {
  readonly size: number;
  readonly stride: number;
}

export interface PoolShape extends PoolWindows {
  readonly by: PoolBy;
  readonly models: number;
  readonly batch: number;
  readonly length: number;
  readonly channels: number;
}

/** Whole windows in a length, at least one of which must fit. */
export const windowsOf = ({ length, size, stride }: PoolWindows & { readonly length: number }): number =>
  Math.floor((length - size) / stride) + 1;

/** Parameters and grid that the kernels of all pools share. */
function poolLaunch(shape: PoolShape) {
  const { models, batch, length, channels, size, stride } = shape;
  return {
    params: { length, channels, size, stride, windows: windowsOf(shape) },
    workgroups: [ceilDivide(channels, 32), batch, models],
  } as const;
}

/** y [E, batch, windows, channels] of x [E, batch, length, channels]. */
export function pool(gpu: Gpu, x: Operand, y: Operand, shape: PoolShape): void {
  launch(gpu, `${shape.by}_pool`, { operands: { x, y }, ...poolLaunch(shape) });
}

/** dx of dy. `x` is the pool's input, which the mean does not read. */
export function poolGradient(
  gpu: Gpu,
  { x, dy, dx }: { x: Operand; dy: Operand; dx: Operand },
  shape: PoolShape,
): void {
  if (shape.by === 'max') launch(gpu, 'max_pool_backward', { operands: { x, dy, dx }, ...poolLaunch(shape) });
  else launch(gpu, 'mean_pool_backward', { operands: { dy, dx }, ...poolLaunch(shape) });
}

/** f16 storage as the words that hold two halves each, which needs no shader-f16. */
const inWords = ({ range, pitch }: Operand): Operand => ({ range, pitch, dtype: 'u32' });

/** f16 words to f32 elements; x may have gaps between its models, y has none. */
export function unpackF16(gpu: Gpu, x: Operand, y: Operand, { models, count: part }: FlatShape): void {
  const count = models * part;
  launch(gpu, 'unpack_f16', {
    operands: { x: inWords(x), y },
    params: { count, part },
    workgroups: flatGrid(gpu, count),
  });
}

/** f32 elements to f16 words; x may have gaps between its models, y has none. */
export function packF16(gpu: Gpu, x: Operand, y: Operand, { models, count: part }: FlatShape): void {
  const elements = models * part;
  const count = Math.ceil(elements / 2);
  launch(gpu, 'pack_f16', {
    operands: { x, y: inWords(y) },
    params: { count, elements, part },
    workgroups: flatGrid(gpu, count),
  });
}
