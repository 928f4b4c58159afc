/**
 * Reverse-mode differentiation: a tape notes every operation that runs while it watches, and applies the
 * gradient rules in reverse order. The rules are in one table, `gradients.ts`.
 */

import { DisposedError, ShapeError } from '../device/errors.js';
import { Owned } from '../device/owned.js';
import { accumulate, add } from '../kernels/elementwise.js';
import { sumPartials } from '../kernels/matrix/conv.js';
import {
  type Call,
  gradients,
  type OperationAttributes,
  type OperationName,
  type Rule,
} from './gradients.js';
import { Tensor } from './tensor.js';

let watching: Tape | undefined;

/** Called by every operation with its own tensors; the tape keeps handles of its own. */
export function trace<Name extends OperationName>(
  name: Name,
  inputs: readonly Tensor[],
  output: Tensor,
  attributes: OperationAttributes[Name],
  saved: readonly Tensor[] = [],
): Tensor {
  watching?.note({ name, inputs, output, attributes, saved } as Call);
  return output;
}

/** Notes operations and gives their gradients. `dispose` it after use. */
export class Tape implements Disposable {
  readonly #calls: Call[] = [];
  #disposed = false;

  /** Runs `body` and notes its operations. */
  watch<T>(body: () => T): T {
    if (this.#disposed) throw new DisposedError('a tape was used after dispose()');
    const outer = watching;
    watching = this;
    try {
      return body();
    } finally {
      watching = outer;
    }
  }

  /** Notes an operation; operations call it themselves. */
  note({ name, inputs, output, attributes, saved }: Call): void {
    this.#calls.push({
      name,
      attributes,
      inputs: inputs.map((tensor) => tensor.retain()),
      output: output.retain(),
      saved: saved.map((tensor) => tensor.retain()),
    });
  }

  /**
   * Gradients of the sum of `loss` over its elements with respect to each of `targets`.
   *
   * @param destinations where to write them, of the same shapes; otherwise new tensors
   * @param shares how much each element counts in the sum, of the shape of `loss`; 1 by default
   * @throws ShapeError when a target did not take part in the loss
   */
  gradients(
    loss: Tensor,
    targets: readonly Tensor[],
    destinations?: readonly Tensor[],
    shares = new Float32Array(loss.size).fill(1),
  ): Tensor[] {
    if (this.#disposed) throw new DisposedError('a tape was used after dispose()');
    const book = new GradientBook(targets, destinations);
    try {
      return this.#playBack(book, loss, targets, shares);
    } catch (error) {
      book.dispose();
      throw error;
    }
  }

  #playBack(book: GradientBook, loss: Tensor, targets: readonly Tensor[], shares: Float32Array): Tensor[] {
    const wanted = this.#dependents(targets);
    using seed = Tensor.from(loss.gpu, shares, loss.shape);
    book.give(loss, seed);
    for (const call of this.#calls.toReversed()) {
      const dy = book.get(call.output);
      if (!dy || !call.inputs.some(({ id }) => wanted.has(id))) continue;
      const models = call.output.shape[0]!;
      const written: { input: Tensor; gradient: Tensor }[] = [];
      using placed = new Owned();
      const want = (i: number): Tensor | undefined => {
        const input = call.inputs[i]!;
        if (!wanted.has(input.id)) return undefined;
        // All models contribute to the gradient of an operand that they share.
        const shared = input.shape[0] !== models;
        const gradient = shared
          ? Tensor.empty(input.gpu, [models, ...input.shape.slice(1)])
          : book.place(input);
        written.push({ input, gradient: placed.own(gradient) });
        return gradient;
      };
      const pass = (i: number, gradient: Tensor): void => {
        const input = call.inputs[i]!;
        if (wanted.has(input.id)) book.give(input, gradient);
      };
      (gradients[call.name] as Rule<OperationName>)(call, dy, want, pass);
      for (const { input, gradient } of written) {
        if (gradient.shape[0] === input.shape[0]) {
          book.give(input, gradient);
        } else {
          using sum = book.place(input);
          sumPartials(input.gpu, gradient, sum, { models: 1, splits: models, count: input.size });
          book.give(input, sum);
        }
      }
      book.forget(call.output);
    }
    const stranger = targets.find((target) => !book.get(target));
    if (stranger) throw new ShapeError(`a target [${stranger.shape.join(', ')}] does not enter the loss`);
    return targets.map((target) => book.get(target)!);
  }

  /** Releases the tensors that it holds. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const { inputs, output, saved } of this.#calls) {
      for (const tensor of [...inputs, output, ...saved]) tensor.dispose();
    }
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Identities of the targets and of everything computed from them. */
  #dependents(targets: readonly Tensor[]): Set<number> {
    const reached = new Set(targets.map(({ id }) => id));
    for (const { inputs, output } of this.#calls) {
      if (inputs.some(({ id }) => reached.has(id))) reached.add(output.id);
    }
    return reached;
  }
}

/** The gradients found so far, by value. If a target has a destination, its gradient is written there. */
class GradientBook {
  readonly #found = new Map<number, Tensor>();
  readonly #targets: Map<number, Tensor | undefined>;

  constructor(targets: readonly Tensor[], destinations: readonly Tensor[] | undefined) {
    this.#targets = new Map(targets.map(({ id }, i) => [id, destinations?.[i]]));
  }

  get({ id }: Tensor): Tensor | undefined {
    return this.#found.get(id);
  }

  /**
   * The tensor into which a rule writes a contribution to the gradient of `value`: the destination itself for
   * the first.
   */
  place(value: Tensor): Tensor {
    const destination = this.#found.has(value.id) ? undefined : this.#targets.get(value.id);
    return destination?.retain() ?? Tensor.empty(value.gpu, value.shape);
  }

  /**
   * Adds a contribution to the gradient of `value`. Contributions may be shared, so sums are written to new
   * memory.
   */
  give(value: Tensor, gradient: Tensor): void {
    const { gpu, shape, id } = value;
    const models = shape[0]!;
    const size = { models, count: value.size / models };
    const destination = this.#targets.get(id);
    const before = this.#found.get(id);
    if (!before) {
      if (destination && gradient.id !== destination.id) {
        sumPartials(gpu, gradient, destination, { ...size, splits: 1 });
        this.#found.set(id, destination.retain());
      } else {
        this.#found.set(id, gradient.retain());
      }
    } else if (destination) {
      accumulate(gpu, gradient, destination, size);
    } else {
      const sum = Tensor.empty(gpu, shape);
      add(gpu, before, gradient, sum, size);
      before.dispose();
      this.#found.set(id, sum);
    }
  }

  /** Releases the gradient of an intermediate value. */
  forget({ id }: Tensor): void {
    if (this.#targets.has(id)) return;
    this.#found.get(id)?.dispose();
    this.#found.delete(id);
  }

  /** Releases every gradient. */
  dispose(): void {
    for (const gradient of this.#found.values()) gradient.dispose();
    this.#found.clear();
  }
}
