/**
 * Patterns whose letters differ from one background to the next, such as sites drawn from a matrix. They
 * share no work, so each pair is predicted. The host writes the sequences of a chunk while the GPU predicts
 * the one before.
 */

import type { Plan } from '../../device/plan.js';
import { type Control, createControl } from '../../kernels/control.js';
import { place } from '../../kernels/training/training.js';
import { forwardMultiplyAdds } from '../../nn/architecture.js';
import { Tensor } from '../../tensor/tensor.js';
import type { Backgrounds } from '../backgrounds/backgrounds.js';
import { isLayered, type Predicts } from '../model.js';
import { checkRecorded, type EmbeddingSize } from './embedding-sweep.js';
import type { Engine } from './engine.js';
import { KeptProfiles } from './kept-profiles.js';

/** P patterns in N backgrounds, drawn for each pair. */
export interface DrawnPatterns {
  readonly names: readonly string[];
  /** Letters of a sequence. */
  readonly length: number;
  /**
   * Writes base codes [rows, length] of the pairs from `pair` on, in the (background, pattern) grid in which
   * patterns run fastest. It depends on the pair alone.
   */
  fill(rows: Uint8Array | Uint32Array, pair: number): void;
}

export class DrawnSweep implements Engine {
  private constructor(
    readonly drawn: DrawnPatterns,
    readonly block: number,
    readonly chunk: number,
    readonly multiplyAddsPerPair: number | undefined,
    readonly predictions: Tensor,
    readonly codes: Tensor,
    readonly plan: Plan,
    readonly control: Control,
  ) {}

  static async create(
    model: Predicts,
    drawn: DrawnPatterns,
    { count, profile }: Pick<Backgrounds, 'count' | 'profile'>,
    { block, chunk, path }: EmbeddingSize,
  ): Promise<DrawnSweep> {
    const { gpu, models, outputs = 1 } = model;
    const { length } = drawn;
    const patterns = drawn.names.length;
    const total = block * patterns;
    const size = Math.min(chunk, total);
    const predictions = Tensor.zeros(gpu, [models * outputs, block, patterns]);
    const codes = Tensor.zeros(gpu, [1, size, length], 'u32');
    const control = createControl(gpu);
    try {
      using byModel = predictions.reshape([models, outputs * total]);
      using profiles = KeptProfiles.upload(gpu, profile, { count, length });
      const { plan } = await gpu.record(() => {
        using kept = profiles?.record(control, { chunk: size, patterns });
        using predicted = model.record(codes, path, kept);
        checkRecorded(model, predicted, size);
        place(gpu, control, predicted, byModel, { models, count: size, total, outputs });
      });
      const perPair = isLayered(model) ? forwardMultiplyAdds(model.architecture) : undefined;
      return new DrawnSweep(drawn, block, size, perPair, predictions, codes, plan, control);
    } catch (error) {
      for (const made of [predictions, codes, control]) made.dispose();
      throw error;
    }
  }

  *run(first: number, count: number): Generator<number> {
    const { names, length } = this.drawn;
    const pairs = count * names.length;
    const { gpu, range } = this.codes;
    for (let slot = 0; slot < pairs; slot += this.chunk) {
      const here = Math.min(this.chunk, pairs - slot);
      // The rows after these keep sequences of the chunk before; their predictions are not read.
      const rows = new Uint32Array(here * length);
      this.drawn.fill(rows, first * names.length + slot);
      gpu.upload(range.allocation.buffer, range.offset, rows);
      this.control.set({ pair: first * names.length + slot, slot });
      this.plan.run();
      yield here;
    }
  }

  dispose(): void {
    for (const made of [this.plan, this.predictions, this.codes, this.control]) made.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
