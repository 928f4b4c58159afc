/**
 * What does the work of a global importance analysis: predictions of patterns in backgrounds, block by block.
 */

import type { Tensor } from '../../tensor/tensor.js';

export interface Engine extends Disposable {
  /** Backgrounds worked on together. */
  readonly block: number;
  /** [E * outputs, block, patterns], of the block that ran last. */
  readonly predictions: Tensor;
  /** Multiply-adds of matrix products per (pattern, background) and model, where they are known. */
  readonly multiplyAddsPerPair?: number | undefined;
  /** Bytes through memory per pair and model (cost.ts), where they are known. */
  readonly bytesPerPair?: number | undefined;
  /** Submits the work of backgrounds first … first + count - 1 in pieces; yields the pairs of each. */
  run(first: number, count: number): Iterable<number>;
  dispose(): void;
}
