/** An engine predicts patterns in backgrounds, one block of backgrounds after the other. */

import type { Tensor } from '../../tensor/tensor.js';

export interface Engine extends Disposable {
  /** Backgrounds per block. */
  readonly block: number;
  /** [E * outputs, block, patterns]: predictions of the last block that ran. */
  readonly predictions: Tensor;
  /** Multiply-adds of matrix products per (pattern, background) and model, where they are known. */
  readonly multiplyAddsPerPair?: number | undefined;
  /** Bytes through memory per pair and model (cost.ts), where they are known. */
  readonly bytesPerPair?: number | undefined;
  /**
   * Submits the work of backgrounds first … first + count - 1 in parts, and yields the number of pairs of
   * each part.
   */
  run(first: number, count: number): Iterable<number>;
  dispose(): void;
}
