/** Checks of operands before an operation allocates its result, with messages that name the operation. */

import { ShapeError } from '../device/errors.js';
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
