/**
 * One kernel on one shape with operands of its own, on which variants are compared and timed: the machinery
 * below `tuning.ts`.
 */

import type { Allocation } from '../../device/buffer-pool.js';
import type { Gpu } from '../../device/gpu.js';
import type { Plan } from '../../device/plan.js';
import type { Operand } from '../launch.js';
import { conv1d, conv1dInputGradient, conv1dKernelGradient } from '../matrix/conv.js';
import { type ConvShape, splitsOf } from '../matrix/conv-shape.js';
import { describeVariant, type MatrixKernel, type MatrixVariant } from '../matrix/variants.js';
import { Random } from '../random.js';

/** Equal bits, within the tolerance, neither, or no result at all. The last two carry a reason. */
export type Verdict = 'equal' | 'close' | 'wrong' | 'failed';

/** Farthest that a result may lie from the first variant's, relative to the largest. */
const TOLERANCE = 1e-5;

/** Dispatches of one sample: a limit for adapters on which one takes microseconds. */
const MOST_REPEATS = 1000;

export class TuningStage implements Disposable {
  #expected = new Float32Array();
  #repeats = 1;

  private constructor(
    readonly gpu: Gpu,
    readonly kernel: MatrixKernel,
    readonly shape: ConvShape,
    readonly left: Operand,
    readonly right: Operand,
    readonly result: Operand,
  ) {}

  /**
   * Fills the operands and runs the variant that others are compared with: for its result, and to find how
   * many dispatches take `sampleMs`.
   *
   * @throws ShaderError when that variant does not compile
   */
  static async create(
    gpu: Gpu,
    kernel: MatrixKernel,
    shape: ConvShape,
    first: MatrixVariant,
    sampleMs: number,
  ): Promise<TuningStage> {
    const { models, rows, inputs, outputs, taps } = shape;
    const input = rows * inputs;
    const output = rows * outputs;
    const weights = taps * inputs * outputs;
    const [left, right, result] = kernel.endsWith('_dx')
      ? [output, weights, input]
      : kernel.endsWith('_dw')
        ? [input, output, splitsOf(shape) * weights]
        : [input, weights, output];
    const held: Operand[] = [];
    try {
      for (const count of [left, right, result]) held.push(acquire(gpu, models, count));
      const stage = new TuningStage(gpu, kernel, shape, held[0]!, held[1]!, held[2]!);
      await stage.#prepare(first, sampleMs);
      return stage;
    } catch (error) {
      for (const { range } of held) range.allocation.release();
      throw error;
    }
  }

  async #prepare(first: MatrixVariant, sampleMs: number): Promise<void> {
    this.#fill(this.left, numbers(1));
    this.#fill(this.right, numbers(2));
    this.#expected = await this.#results(first);
    for (;;) {
      using plan = await this.record(first);
      const spent = (await this.time(plan)) * this.#repeats;
      if (spent >= sampleMs || this.#repeats >= MOST_REPEATS) return;
      // At most tenfold per iteration: the first runs hold overheads that many dispatches share.
      const times = Math.min(10, (1.2 * sampleMs) / spent);
      this.#repeats = Math.min(MOST_REPEATS, Math.ceil(this.#repeats * times));
    }
  }

  /** Whether a variant computes what the first one did. @throws ShaderError when it does not compile */
  async compare(variant: MatrixVariant): Promise<{ readonly agreement: Verdict; readonly reason?: string }> {
    const expected = this.#expected;
    const actual = await this.#results(variant);
    let largest = 0;
    let error = 0;
    for (let i = 0; i < expected.length; i++) {
      const difference = Math.abs(actual[i]! - expected[i]!);
      largest = Math.max(largest, Math.abs(expected[i]!));
      // NaN, which an element that was not written still is, must not pass for 0.
      error = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(error, difference);
    }
    if (error === 0) return { agreement: 'equal' };
    if (error <= TOLERANCE * largest) return { agreement: 'close' };
    const { rows, length, inputs, outputs } = this.shape;
    return {
      agreement: 'wrong',
      reason:
        `with ${describeVariant(variant)}, ${rows / length} x ${length} rows, ${inputs} to ${outputs}, results ` +
        `differ by up to ${(error / largest).toExponential(1)} of the largest`,
    };
  }

  /** A sample of a variant. @throws ShaderError when it does not compile */
  async record(variant: MatrixVariant): Promise<Plan> {
    return await this.#plan(variant, this.#repeats);
  }

  /** Milliseconds of one dispatch in a sample, wall time from the submit until the adapter is idle. */
  async time(plan: Plan): Promise<number> {
    const from = performance.now();
    plan.run();
    await this.gpu.sync();
    return (performance.now() - from) / plan.dispatches;
  }

  async #results(variant: MatrixVariant): Promise<Float32Array<ArrayBuffer>> {
    this.#fill(this.result, new Float32Array([Number.NaN]));
    using plan = await this.#plan(variant, 1);
    plan.run();
    const { allocation, bytes } = this.result.range;
    return new Float32Array(await this.gpu.download(allocation.buffer, 0, bytes));
  }

  async #plan(variant: MatrixVariant, repeats: number): Promise<Plan> {
    const { gpu, kernel, shape, left, right, result } = this;
    const { plan } = await gpu.record(() => {
      for (let i = 0; i < repeats; i++) {
        if (kernel.endsWith('_dx')) conv1dInputGradient(gpu, left, right, result, shape, variant);
        else if (kernel.endsWith('_dw')) conv1dKernelGradient(gpu, left, right, result, shape, variant);
        else conv1d(gpu, left, right, result, shape, {}, variant);
      }
    });
    return plan;
  }

  /** Repeats `values` over all of an operand. */
  #fill({ range }: Operand, values: Float32Array): void {
    const data = Float32Array.from({ length: range.bytes / 4 }, (_, i) => values[i % values.length]!);
    this.gpu.upload(range.allocation.buffer, range.offset, data);
  }

  dispose(): void {
    for (const { range } of [this.left, this.right, this.result]) range.allocation.release();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function acquire(gpu: Gpu, models: number, count: number): Operand {
  const bytes = 4 * models * count;
  const allocation: Allocation = gpu.pool.acquire(bytes);
  return { range: { allocation, offset: 0, bytes }, pitch: count };
}

/** A stream that nothing else uses. */
const STREAM = 0x74756e65;

/** Standard normals; a prime number of them, so that no row or column repeats another. */
function numbers(index: number): Float32Array {
  const draws = new Random(1, STREAM).draws(index);
  return Float32Array.from({ length: 4093 }, () => draws.normal());
}
