/** Structure profiles of backgrounds on the GPU, which embedded sequences keep. */

import type { Gpu } from '../../device/gpu.js';
import type { Control } from '../../kernels/control.js';
import { keepProfile } from '../../kernels/sweep/embedding.js';
import { Tensor } from '../../tensor/tensor.js';

export class KeptProfiles implements Disposable {
  private constructor(
    /** [N, length * contexts] */
    readonly profiles: Tensor,
    /** Positions of a sequence. */
    readonly length: number,
  ) {}

  /**
   * Uploads profiles [N * length * contexts]; undefined where there are none, and a model with structure
   * channels folds every sequence.
   */
  static upload(
    gpu: Gpu,
    profile: Float32Array | undefined,
    { count, length }: { readonly count: number; readonly length: number },
  ): KeptProfiles | undefined {
    if (!profile) return undefined;
    return new KeptProfiles(Tensor.from(gpu, profile, [count, profile.length / count]), length);
  }

  /**
   * Records the profiles [1, chunk, length, contexts] of the pairs from `control.pair` on, in the
   * (background, pattern) grid in which patterns run fastest.
   */
  record(control: Control, { chunk, patterns }: { chunk: number; patterns: number }): Tensor {
    const { profiles, length } = this;
    const [backgrounds, width] = profiles.shape as [number, number];
    const { gpu } = profiles;
    const out = Tensor.empty(gpu, [1, chunk, length, width / length]);
    keepProfile(gpu, control, { profiles, out }, { chunk, width, patterns, backgrounds });
    return out;
  }

  dispose(): void {
    this.profiles.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
