/**
 * Secondary structure of sequences: McCaskill's partition function on the GPU, as the probabilities of the
 * structural contexts of every letter. `foldProfiles` folds sequences of the host, `Folding` those that are
 * on the GPU.
 */

import * as check from '../../device/check.js';
import { OutOfMemoryError, ShapeError } from '../../device/errors.js';
import type { Gpu } from '../../device/gpu.js';
import { Owned } from '../../device/owned.js';
import { sizeFor } from '../../device/sizes.js';
import type { Energies } from '../../kernels/folding/energies.js';
import { factorsOf } from '../../kernels/folding/factors.js';
import { type FoldingScratch, fold, foldingSizes } from '../../kernels/folding/folding.js';
import { TURNER_1999 } from '../../kernels/folding/turner1999.js';
import { Tensor } from '../../tensor/tensor.js';

export { type Energies, TURNER_1999 };

/**
 * Structural contexts of a letter: paired and unpaired, or paired, hairpin loop, interior loop, multiloop and
 * exterior loop, in this order.
 */
export type Contexts = 'pu' | 'phime';

/** Numbers for each letter. */
export const CONTEXTS = { pu: 2, phime: 5 } as const satisfies Record<Contexts, number>;

/** How sequences are folded. */
export interface FoldingOptions {
  /** Positions of a sequence, 5 to 2,048. */
  readonly length: number;
  /** The contexts of the profile. */
  readonly contexts: Contexts;
  /** Energies of loops. Default: Turner 1999. */
  readonly energies?: Energies | undefined;
}

/** No shorter input can hold a pair. */
export const SHORTEST_INPUT = 5;
export const LONGEST_INPUT = 2048;

export const FOLDING_OPTIONS = {
  length: check.whole(SHORTEST_INPUT, LONGEST_INPUT),
  contexts: check.oneOf('pu', 'phime'),
  energies: check.optional(check.object),
};

/** Sequences that are folded side by side: what keeps the adapter busy and its bindings hold. */
export function foldedAtOnce(gpu: Gpu, length: number): number {
  const { inside } = foldingSizes(length);
  const fits = Math.floor(gpu.limits.maxStorageBufferBindingSize / (4 * inside));
  if (fits < 1)
    throw new OutOfMemoryError(
      `folding a sequence of ${length} positions takes a buffer of ${Math.ceil(inside / 2 ** 18)} MiB, and the adapter binds at most ${Math.floor(gpu.limits.maxStorageBufferBindingSize / 2 ** 20)} MiB; fold shorter sequences`,
    );
  const wanted = Math.floor(sizeFor(gpu.adapter, 'foldedBytes') / (4 * inside));
  return Math.max(1, Math.min(fits, wanted));
}

/**
 * Folds batches of sequences that are on the GPU. The kernels are recorded, not run: call `record` within
 * `gpu.record`, or eagerly.
 *
 * @example
 * using folding = Folding.create(gpu, { length: 41, contexts: 'phime' });
 * using codes = Tensor.from(gpu, new Uint32Array(100 * 41), [1, 100, 41]);
 * using profile = folding.record(codes); // [1, 100, 41, 5]
 */
export class Folding implements Disposable {
  private constructor(
    /** The GPU that folds. */
    readonly gpu: Gpu,
    /** Positions of a sequence. */
    readonly length: number,
    /** The contexts of the profile. */
    readonly contexts: Contexts,
    /** Boltzmann factors of loops, as the kernels read them. */
    readonly factors: Tensor,
  ) {}

  /**
   * Uploads the energies.
   *
   * @throws ArgumentError naming the option; OutOfMemoryError if the adapter cannot hold a sequence of this
   * length
   */
  static create(gpu: Gpu, options: FoldingOptions): Folding {
    check.object(options, check.argument('options'));
    check.options(options, FOLDING_OPTIONS);
    const { length, contexts, energies = TURNER_1999 } = options;
    foldedAtOnce(gpu, length);
    const factors = factorsOf(energies, length);
    return new Folding(gpu, length, contexts, Tensor.from(gpu, factors, [1, factors.length]));
  }

  /**
   * Records the folding of a batch of codes [1, batch, length] (u32; 4 is padding at the ends, N within).
   *
   * @returns the profile [1, batch, length, 2 or 5]; its contexts sum to 1 at letters, and are 0 in padding
   * @throws ShapeError
   */
  record(codes: Tensor): Tensor {
    const { gpu, length, factors } = this;
    const [models, batch] = codes.shape;
    if (codes.dtype !== 'u32' || codes.shape.length !== 3 || models !== 1 || codes.shape[2] !== length)
      throw new ShapeError(
        `folding takes codes u32[1, batch, ${length}], not ${codes.dtype}[${codes.shape.join(', ')}]`,
      );
    const contexts = CONTEXTS[this.contexts];
    using made = new Owned();
    const profile = made.own(Tensor.empty(gpu, [1, batch!, length, contexts]));
    const atOnce = Math.min(batch!, foldedAtOnce(gpu, length));
    const sizes = foldingSizes(length);
    using scratch = new Owned();
    const rows = (numbers: number, dtype?: 'u32'): Tensor =>
      scratch.own(Tensor.empty(gpu, [1, numbers * atOnce], dtype));
    const kept: FoldingScratch = {
      letters: rows(sizes.letters, 'u32'),
      inside: rows(sizes.inside),
      outside: rows(sizes.outside),
      sums: rows(sizes.sums),
    };
    for (let first = 0; first < batch!; first += atOnce)
      fold(
        gpu,
        { codes, factors, profile, ...kept },
        { batch: Math.min(atOnce, batch! - first), length, first },
        contexts,
      );
    made.release();
    return profile;
  }

  /** Frees its memory. */
  dispose(): void {
    this.factors.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
