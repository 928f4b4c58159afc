/** A sweep without anything shared: every pattern is embedded in every background and predicted, in batches. */

import type { Plan } from '../../device/plan.js';
import type { UniformBlock } from '../../device/uniform-block.js';
import { embed } from '../../kernels/sweep/embedding.js';
import { createControl, place } from '../../kernels/training/training.js';
import { forwardMultiplyAdds } from '../../nn/architecture.js';
import { evaluate } from '../../nn/prediction/evaluation.js';
import type { ResidualBind } from '../../nn/residualbind.js';
import type { StorageFormat } from '../../tensor/fused.js';
import { Tensor } from '../../tensor/tensor.js';
import type { Backgrounds } from '../backgrounds/backgrounds.js';
import type { Engine } from './engine.js';
import type { PatternSet } from './partition.js';

export interface EmbeddingSize {
  /** Backgrounds of a block. */
  readonly block: number;
  /** Sequences predicted in one submit. */
  readonly chunk: number;
  /** Of kernels and activations. */
  readonly storage?: StorageFormat | undefined;
}

export class EmbeddingSweep implements Engine {
  private constructor(
    readonly patterns: number,
    readonly block: number,
    readonly chunk: number,
    readonly multiplyAddsPerPair: number,
    readonly predictions: Tensor,
    readonly plan: Plan,
    readonly control: UniformBlock,
  ) {}

  static async create(
    model: ResidualBind,
    { names, overlays, length }: PatternSet,
    { codes, count }: Backgrounds,
    { block, chunk, storage }: EmbeddingSize,
  ): Promise<EmbeddingSweep> {
    const { gpu, models, architecture } = model;
    const patterns = names.length;
    const size = Math.min(chunk, block * patterns);
    const predictions = Tensor.zeros(gpu, [models, block, patterns]);
    const control = createControl(gpu);
    try {
      using written = Tensor.from(gpu, overlays, [patterns, length]);
      using sequences = Tensor.from(gpu, codes, [count, length]);
      const { plan } = await gpu.record(() => {
        using embedded = Tensor.empty(gpu, [1, size, length], 'u32');
        embed(
          gpu,
          control,
          { overlays: written, sequences, codes: embedded },
          { chunk: size, length, patterns, backgrounds: count },
        );
        using predicted = evaluate(model, { codes: embedded }, storage === 'f16' ? 'storage' : 'f32');
        place(gpu, control, predicted, predictions, { models, count: size, total: block * patterns });
      });
      const perPair = forwardMultiplyAdds(architecture);
      return new EmbeddingSweep(patterns, block, size, perPair, predictions, plan, control);
    } catch (error) {
      predictions.dispose();
      control.dispose();
      throw error;
    }
  }

  *run(first: number, count: number): Generator<number> {
    const pairs = count * this.patterns;
    for (let slot = 0; slot < pairs; slot += this.chunk) {
      this.control.set({ first: first * this.patterns + slot, slot });
      this.plan.run();
      yield Math.min(this.chunk, pairs - slot);
    }
  }

  dispose(): void {
    this.plan.dispose();
    this.predictions.dispose();
    this.control.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
