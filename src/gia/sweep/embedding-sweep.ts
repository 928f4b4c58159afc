/**
 * A sweep in which patterns share no work: each pattern is embedded in each background, and the sequences are
 * predicted in batches.
 */

import { count as counted } from '../../device/count.js';
import { ShapeError } from '../../device/errors.js';
import type { Plan } from '../../device/plan.js';
import { type Control, createControl } from '../../kernels/control.js';
import type { PrecisionPath } from '../../kernels/precision.js';
import { embed } from '../../kernels/sweep/embedding.js';
import { place } from '../../kernels/training/training.js';
import { forwardMultiplyAdds } from '../../nn/architecture.js';
import { Tensor } from '../../tensor/tensor.js';
import type { Backgrounds } from '../backgrounds/backgrounds.js';
import { isLayered, type Predicts } from '../model.js';
import type { Engine } from './engine.js';
import { KeptProfiles } from './kept-profiles.js';
import type { PatternSet } from './partition.js';

export interface EmbeddingSize {
  /** Backgrounds per block. */
  readonly block: number;
  /** Sequences predicted in one submit. */
  readonly chunk: number;
  /** Precision of the matrix products. Default f32. */
  readonly path?: PrecisionPath | undefined;
}

export class EmbeddingSweep implements Engine {
  private constructor(
    readonly patterns: number,
    readonly block: number,
    readonly chunk: number,
    readonly multiplyAddsPerPair: number | undefined,
    readonly predictions: Tensor,
    readonly plan: Plan,
    readonly control: Control,
  ) {}

  static async create(
    model: Predicts,
    { names, overlays, length }: PatternSet,
    { codes, count, profile }: Pick<Backgrounds, 'codes' | 'count' | 'profile'>,
    { block, chunk, path }: EmbeddingSize,
  ): Promise<EmbeddingSweep> {
    const { gpu, models, outputs = 1 } = model;
    const patterns = names.length;
    const size = Math.min(chunk, block * patterns);
    const predictions = Tensor.zeros(gpu, [models * outputs, block, patterns]);
    const control = createControl(gpu);
    try {
      using written = Tensor.from(gpu, overlays, [patterns, length]);
      using sequences = Tensor.from(gpu, codes, [count, length]);
      using profiles = KeptProfiles.upload(gpu, profile, { count, length });
      const total = block * patterns;
      using byModel = predictions.reshape([models, outputs * total]);
      const { plan } = await gpu.record(() => {
        using embedded = Tensor.empty(gpu, [1, size, length], 'u32');
        embed(
          gpu,
          control,
          { overlays: written, sequences, codes: embedded },
          { chunk: size, length, patterns, backgrounds: count },
        );
        using kept = profiles?.record(control, { chunk: size, patterns });
        using predicted = model.record(embedded, path, kept);
        checkRecorded(model, predicted, size);
        place(gpu, control, predicted, byModel, { models, count: size, total, outputs });
      });
      const perPair = isLayered(model) ? forwardMultiplyAdds(model.architecture) : undefined;
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
      this.control.set({ pair: first * this.patterns + slot, slot });
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

/** Checks the tensor that a model recorded. @throws ShapeError if its size is wrong */
export function checkRecorded(model: Predicts, recorded: Tensor, batch: number): void {
  const { models, outputs = 1 } = model;
  if (recorded.size !== models * outputs * batch)
    throw new ShapeError(
      `model.record gave predictions [${recorded.shape.join(', ')}] of ${counted(batch, 'sequence')}; expected [models, batch, outputs] = [${models}, ${batch}, ${outputs}]`,
    );
}
