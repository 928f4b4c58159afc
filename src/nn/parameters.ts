/**
 * Named tensors in one flat buffer [E, size]: one Adam dispatch moves every parameter of every model. Each
 * part starts at an aligned offset so that kernels bind it directly; the gaps stay zero.
 */

import { ArgumentError } from '../device/errors.js';
import type { Gpu } from '../device/gpu.js';
import { sizeOf, Tensor, VIEW_ALIGNMENT } from '../tensor/tensor.js';
import type { ParameterSpec } from './architecture.js';

const ALIGNMENT = VIEW_ALIGNMENT / 4;

export class ParameterSet implements Disposable {
  /** [E, size], gaps included. */
  readonly flat: Tensor;
  readonly #parts = new Map<string, Tensor>();

  /** All zeros. */
  constructor(
    gpu: Gpu,
    readonly specs: readonly ParameterSpec[],
    readonly models: number,
  ) {
    const offsets: number[] = [];
    let size = 0;
    for (const { shape } of specs) {
      offsets.push(size);
      size += Math.ceil(sizeOf(shape) / ALIGNMENT) * ALIGNMENT;
    }
    // A network without batch normalisation has no statistics, and no tensor is empty.
    this.flat = Tensor.zeros(gpu, [models, Math.max(size, ALIGNMENT)]);
    specs.forEach(({ name, shape }, i) => {
      this.#parts.set(name, this.flat.slice(offsets[i]!, [models, ...shape], size));
    });
  }

  /** The tensor [E, …shape] of a name. */
  get(name: string): Tensor {
    const part = this.#parts.get(name);
    if (!part)
      throw new ArgumentError(
        'name',
        `there is no parameter "${name}"; there are ${[...this.#parts.keys()].join(', ')}`,
      );
    return part;
  }

  /** In the order of the specs. */
  get tensors(): Tensor[] {
    return [...this.#parts.values()];
  }

  dispose(): void {
    for (const part of this.#parts.values()) part.dispose();
    this.flat.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
