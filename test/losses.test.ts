/**
 * Losses of one and several outputs, with and without missing goals: results and gradients against float64
 * loops.
 */

import { describe, expect, it } from 'vitest';
import { ShapeError } from '../src/device/errors.js';
import * as ops from '../src/tensor/operations.js';
import { Tape } from '../src/tensor/tape.js';

import { Tensor } from '../src/tensor/tensor.js';
import { checkOperation } from './support/check-operation.js';
import { floats, take, useGpu } from './support/gpu.js';

const gpu = useGpu();

const KINDS = ['mean_squared_error', 'binary_cross_entropy'] as const;

const losses = {
  mean_squared_error: (z: number, t: number) => (z - t) ** 2,
  binary_cross_entropy: (z: number, t: number) => Math.max(z, 0) - z * t + Math.log1p(Math.exp(-Math.abs(z))),
} as const;

/** Mean over the goals that are not NaN; 0 without any. */
function meanLoss(
  kind: keyof typeof losses,
  predictions: ArrayLike<number>,
  goals: ArrayLike<number>,
): number {
  const all = Array.from(predictions, (z, i) => losses[kind](z, goals[i]!));
  const present = all.filter((_, i) => !Number.isNaN(goals[i]!));
  return present.reduce((sum, value) => sum + value, 0) / Math.max(present.length, 1);
}

for (const kind of KINDS) {
  for (const shared of [false, true]) {
    checkOperation(`${kind}${shared ? ' with goals that all models share' : ''}`, gpu, {
      cases: [
        // [batch], or [batch, outputs]; every `gap`th goal is missing.
        { shape: [1] },
        { shape: [7] },
        { shape: [130] },
        { shape: [130], gap: 3 },
        { shape: [1, 5], gap: 2 },
        { shape: [9, 3] },
        { shape: [31, 7], gap: 4 },
        { shape: [4, 3], gap: 1 },
      ],
      inputs: ({ shape, gap }: { shape: number[]; gap?: number }) => ({
        predictions: { shape, map: (z) => 3 * z },
        goals: {
          shape,
          shared,
          differentiable: false,
          map: (z, i) => (gap !== undefined && i % gap === 0 ? Number.NaN : 1 / (1 + Math.exp(-z))),
        },
      }),
      apply: ({ predictions, goals }) => ops.loss(kind, predictions, goals),
      reference: ({ predictions, goals }) => [meanLoss(kind, predictions, goals)],
    });
  }
}

/** A loss and its gradient. */
async function lossAndGradient(kind: (typeof KINDS)[number], predictions: Tensor, goals: Tensor) {
  using tape = new Tape();
  using value = tape.watch(() => ops.loss(kind, predictions, goals));
  const [gradient] = tape.gradients(value, [predictions]);
  return { loss: Array.from(await value.readFloats()), gradient: Array.from(await take(gradient!)) };
}

describe.each(KINDS)('%s', (kind) => {
  it('is as if records without a goal were not there', async () => {
    using few = floats(gpu(), [0.5, -1, 2], [1, 3]);
    using fewGoals = floats(gpu(), [1, 0, 0], [1, 3]);
    const expected = await lossAndGradient(kind, few, fewGoals);
    // A prediction that is not finite has no effect either.
    using all = floats(gpu(), [Infinity, 0.5, -1, 3, 2, Number.NaN], [1, 3, 2]);
    using goals = floats(gpu(), [Number.NaN, 1, 0, Number.NaN, 0, Number.NaN], [1, 3, 2]);
    const { loss, gradient } = await lossAndGradient(kind, all, goals);
    expect(loss).toEqual(expected.loss);
    const [a, b, c] = expected.gradient;
    expect(gradient).toEqual([0, a, b, 0, c, 0]);
  });

  it('tells NaN of either sign and any payload from a goal', async () => {
    const bits = Uint32Array.of(0x7fc00000, 0xffc00000, 0x7f800001, 0xffffffff, 0x3f800000);
    using predictions = floats(gpu(), [1, 2, 3, 4, 0], [1, 5]);
    using goals = Tensor.from(gpu(), new Float32Array(bits.buffer), [1, 5]);
    const { loss, gradient } = await lossAndGradient(kind, predictions, goals);
    expect(loss[0]).toBeCloseTo(losses[kind](0, 1), 6);
    expect(gradient).toEqual([0, 0, 0, 0, kind === 'mean_squared_error' ? -2 : -0.5]);
  });

  it('of a model without any goal is 0, and the others do not notice', async () => {
    using predictions = floats(gpu(), [1, 2, 1, 2], [2, 2]);
    using goals = floats(gpu(), [Number.NaN, Number.NaN, 0, Number.NaN], [2, 2]);
    const { loss, gradient } = await lossAndGradient(kind, predictions, goals);
    expect(loss[0]).toBe(0);
    expect(loss[1]).toBeCloseTo(losses[kind](1, 0), 6);
    expect(gradient.slice(0, 2)).toEqual([0, 0]);
    expect(gradient[2]).not.toBe(0);
    expect(gradient[3]).toBe(0);
  });
});

describe('special values', () => {
  it('binary cross-entropy of far logits stays finite', async () => {
    using logits = floats(gpu(), [300, -300, 300], [3, 1]);
    using goals = floats(gpu(), [1, 0, 0], [3, 1]);
    expect(await take(ops.loss('binary_cross_entropy', logits, goals))).toEqual(Float32Array.of(0, 0, 300));
  });

  it('NaN in the predictions is NaN in the loss of that model alone', async () => {
    using predictions = floats(gpu(), [1, Number.NaN, 1, 2], [2, 2]);
    using goals = floats(gpu(), [0, 0], [1, 2]);
    const loss = await take(ops.loss('mean_squared_error', predictions, goals));
    expect(loss).toEqual(Float32Array.of(Number.NaN, 2.5));
  });
});

describe('shapes that do not fit', () => {
  it.each([
    [
      [1, 5],
      [1, 2, 3],
    ],
    [
      [2, 5, 3],
      [2, 15],
    ],
    [
      [2, 5, 3],
      [3, 5, 3],
    ],
    [
      [2, 5, 3],
      [1, 3, 5],
    ],
    [[5], [5]],
  ])('predictions %j and goals %j are refused', (of, to) => {
    using predictions = Tensor.zeros(gpu(), of);
    using goals = Tensor.zeros(gpu(), to);
    expect(() => ops.loss('mean_squared_error', predictions, goals)).toThrow(ShapeError);
  });
});
