/** Activations, sums, bias and reshape: results and gradients against float64 loops. */

import { describe, expect, it } from 'vitest';
import { ShapeError } from '../src/device/errors.js';
import * as ops from '../src/tensor/operations.js';
import { Tape } from '../src/tensor/tape.js';
import { Tensor } from '../src/tensor/tensor.js';
import { checkOperation } from './support/check-operation.js';
import { floats, take, useGpu } from './support/gpu.js';
import { expectClose } from './support/numbers.js';

const gpu = useGpu();

/** Fewer elements than a workgroup, just past one, and past what one workgroup takes in all. */
const lists = [
  { rows: 1, channels: 1 },
  { rows: 5, channels: 13 },
  { rows: 31, channels: 37 },
];
const input = ({ rows, channels }: (typeof lists)[number]) => ({ shape: [rows, channels] });

checkOperation('relu', gpu, {
  cases: lists,
  // Away from the kink at zero, where there is no derivative.
  inputs: (size) => ({ x: { ...input(size), map: (z) => z + Math.sign(z) * 0.1 } }),
  apply: ({ x }) => ops.relu(x),
  reference: ({ x }) => x.map((value) => Math.max(value, 0)),
});

checkOperation('sigmoid', gpu, {
  cases: lists,
  inputs: (size) => ({ x: { ...input(size), map: (z) => 4 * z } }),
  apply: ({ x }) => ops.sigmoid(x),
  reference: ({ x }) => x.map((value) => 1 / (1 + Math.exp(-value))),
});

checkOperation('exponential', gpu, {
  cases: lists,
  inputs: (size) => ({ x: input(size) }),
  apply: ({ x }) => ops.exponential(x),
  reference: ({ x }) => x.map(Math.exp),
});

checkOperation('add', gpu, {
  cases: lists,
  inputs: (size) => ({ a: input(size), b: input(size) }),
  apply: ({ a, b }) => ops.add(a, b),
  reference: ({ a, b }) => a.map((value, i) => value + b[i]!),
});

checkOperation('add of a tensor to itself', gpu, {
  cases: lists,
  inputs: (size) => ({ x: input(size) }),
  apply: ({ x }) => ops.add(x, x),
  reference: ({ x }) => x.map((value) => 2 * value),
});

checkOperation('a tensor used three times', gpu, {
  cases: lists,
  inputs: (size) => ({ x: input(size) }),
  apply: ({ x }) => {
    using s = ops.sigmoid(x);
    using sum = ops.add(x, s);
    return ops.add(sum, x);
  },
  reference: ({ x }) => x.map((value) => 2 * value + 1 / (1 + Math.exp(-value))),
});

checkOperation('bias', gpu, {
  cases: lists,
  inputs: (size) => ({ x: input(size), b: { shape: [size.channels] } }),
  apply: ({ x, b }) => ops.bias(x, b),
  reference: ({ x, b }, { channels }) => x.map((value, i) => value + b[i % channels]!),
});

checkOperation('reshape', gpu, {
  cases: lists,
  inputs: (size) => ({ x: input(size) }),
  apply: ({ x }, { rows, channels }) => ops.reshape(x, [x.shape[0]!, channels, rows, 1]),
  reference: ({ x }) => x,
});

describe('special values', () => {
  it('relu lets NaN through, and its gradient at zero is zero', async () => {
    using x = floats(gpu(), [Number.NaN, Number.NEGATIVE_INFINITY, -0, 0, Number.POSITIVE_INFINITY], [1, 5]);
    expect(await take(ops.relu(x))).toEqual(Float32Array.of(Number.NaN, 0, -0, 0, Number.POSITIVE_INFINITY));
    using zero = floats(gpu(), [0, -1, 1], [1, 3]);
    using tape = new Tape();
    using y = tape.watch(() => ops.relu(zero));
    const [gradient] = tape.gradients(y, [zero]);
    expect(await take(gradient!)).toEqual(Float32Array.of(0, 0, 1));
  });

  it('sigmoid saturates without NaN', async () => {
    using x = floats(gpu(), [-200, -20, 0, 20, 200], [1, 5]);
    const y = await take(ops.sigmoid(x));
    expectClose(y, [0, Math.exp(-20), 0.5, 1, 1], 1e-6);
    expect([y[0], y[4]]).toEqual([0, 1]);
  });
});

describe('shapes that do not fit', () => {
  it('are refused', () => {
    using x = Tensor.zeros(gpu(), [1, 2, 3, 4]);
    using other = Tensor.zeros(gpu(), [1, 2, 3, 5]);
    using wide = Tensor.zeros(gpu(), [1, 5]);
    expect(() => ops.add(x, other)).toThrow(ShapeError);
    expect(() => ops.bias(x, wide)).toThrow('bias: b must be [1, 4], not [1, 5]');
    expect(() => ops.reshape(x, [2, 12])).toThrow(ShapeError);
    expect(() => ops.reshape(x, [1, 23])).toThrow(ShapeError);
  });
});
