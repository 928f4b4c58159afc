/** Checks of operands before an operation allocates its result, with messages that name the operation. */

import { ShapeError } from '../device/errors.js';
import { type PoolBy, type PoolShape, windowsOf } from '../kernels/elementwise.js';
import type { Tensor } from './tensor.js';

export const show = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** @throws ShapeError unless the tensor has this rank and dtype; DisposedError */
export function expectRank(
  operation: string,
  name: string,
  tensor: Tensor,
  rank: number,
  dtype = 'f32',
): void {
  tensor.check();
  if (tensor.shape.length !== rank || tensor.dtype !== dtype) {
    throw new ShapeError(
      `${operation}: ${name} must be ${dtype} of rank ${rank}, not ${tensor.dtype}${show(tensor.shape)}`,
    );
  }
}

/** @throws ShapeError unless the shapes are equal; DisposedError */
export function expectShape(operation: string, name: string, tensor: Tensor, shape: readonly number[]): void {
  tensor.check();
  if (tensor.shape.length !== shape.length || shape.some((n, axis) => tensor.shape[axis] !== n)) {
    throw new ShapeError(`${operation}: ${name} must be ${show(shape)}, not ${show(tensor.shape)}`);
  }
}

/**
 * The common number of models of the operands; those with one model are shared.
 *
 * @throws ShapeError when two differ
 */
export function commonModels(operation: string, tensors: readonly Tensor[]): number {
  const models = Math.max(...tensors.map(({ shape }) => shape[0]!));
  for (const { shape } of tensors) {
    if (shape[0] !== 1 && shape[0] !== models) {
      throw new ShapeError(`${operation}: ${shape[0]} and ${models} models do not go together`);
    }
  }
  return models;
}

/** A pool over positions, "valid": windows that the length does not fill are left out. */
export interface Pool {
  /** What is kept of a window: its mean, or its greatest value. */
  readonly by: PoolBy;
  /** Positions of a window. */
  readonly size: number;
  /** Positions from one window's start to the next's. Default: `size`, so that windows touch. */
  readonly stride?: number | undefined;
}

/**
 * Sizes of a pool of x [E, batch, length, channels], and the shape [E, batch, windows, channels] of its
 * result, where windows = floor((length - size) / stride) + 1.
 *
 * @throws ShapeError where no window fits, or size or stride is no positive whole number
 */
export function pooled(
  operation: string,
  shape: readonly number[],
  { by, size, stride = size }: Pool,
): { shape: PoolShape; result: [number, number, number, number] } {
  const [models, batch, length, channels] = shape as [number, number, number, number];
  for (const [name, value] of Object.entries({ size, stride })) {
    if (!(Number.isInteger(value) && value >= 1))
      throw new ShapeError(`${operation}: ${name} must be a positive whole number, not ${value}`);
  }
  if (size > length) throw new ShapeError(`${operation}: no window of ${size} fits a length of ${length}`);
  const sizes = { by, models, batch, length, channels, size, stride };
  return { shape: sizes, result: [models, batch, windowsOf(sizes), channels] };
}
