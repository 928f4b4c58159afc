/** Convolutions and dense layers as operations: results and gradients against float64 loops. */

import { describe, expect, it } from 'vitest';
import { ShapeError } from '../src/device/errors.js';
import * as ops from '../src/tensor/operations.js';
import { Tape } from '../src/tensor/tape.js';
import { Tensor } from '../src/tensor/tensor.js';
import { checkOperation } from './support/check-operation.js';
import { useGpu } from './support/gpu.js';
import { conv1d, oneHot } from './support/reference-operations.js';

const gpu = useGpu();

const convolutions = [
  { batch: 1, length: 1, inputs: 1, outputs: 1, taps: 1, dilation: 1 },
  { batch: 2, length: 7, inputs: 3, outputs: 5, taps: 3, dilation: 1 },
  { batch: 1, length: 5, inputs: 2, outputs: 3, taps: 11, dilation: 1 },
  // Taps that leave the sequence everywhere, and a dilation beyond it.
  { batch: 3, length: 6, inputs: 4, outputs: 2, taps: 3, dilation: 6 },
  { batch: 2, length: 3, inputs: 2, outputs: 2, taps: 3, dilation: 8 },
  { batch: 2, length: 19, inputs: 9, outputs: 33, taps: 3, dilation: 4 },
  // Several splits of the kernel gradient, the last one shorter.
  { batch: 29, length: 41, inputs: 2, outputs: 3, taps: 3, dilation: 2 },
  { batch: 2, length: 37, inputs: 2, outputs: 5, taps: 31, dilation: 2 },
];

checkOperation('conv1d', gpu, {
  cases: convolutions,
  inputs: ({ batch, length, inputs, outputs, taps }) => ({
    x: { shape: [batch, length, inputs] },
    w: { shape: [taps, inputs, outputs] },
  }),
  apply: ({ x, w }, { dilation }) => ops.conv1d(x, w, { dilation }),
  reference: ({ x, w }, size) => conv1d(x, w, size),
});

const small = { batch: 2, length: 9, inputs: 3, outputs: 4, taps: 3, dilation: 2 };

checkOperation('conv1d of an x that all models share', gpu, {
  cases: [small],
  inputs: ({ batch, length, inputs, outputs, taps }) => ({
    x: { shape: [batch, length, inputs], shared: true },
    w: { shape: [taps, inputs, outputs] },
  }),
  apply: ({ x, w }, { dilation }) => ops.conv1d(x, w, { dilation }),
  reference: ({ x, w }, size) => conv1d(x, w, size),
});

checkOperation('conv1d with a kernel that all models share', gpu, {
  cases: [small, { ...small, batch: 61 }],
  inputs: ({ batch, length, inputs, outputs, taps }) => ({
    x: { shape: [batch, length, inputs] },
    w: { shape: [taps, inputs, outputs], shared: true },
  }),
  apply: ({ x, w }, { dilation }) => ops.conv1d(x, w, { dilation }),
  reference: ({ x, w }, size) => conv1d(x, w, size),
});

const firstConvolutions = [
  { batch: 1, length: 1, outputs: 1, taps: 1 },
  { batch: 1, length: 4, outputs: 3, taps: 11 },
  { batch: 3, length: 41, outputs: 7, taps: 11 },
  { batch: 2, length: 17, outputs: 33, taps: 3 },
  { batch: 29, length: 41, outputs: 2, taps: 5 },
  // The widest kernel whose taps are written out, and kernels that loop over them.
  { batch: 2, length: 33, outputs: 5, taps: 15 },
  { batch: 2, length: 43, outputs: 35, taps: 51 },
  { batch: 1, length: 9, outputs: 1, taps: 1001 },
];

for (const shared of [false, true]) {
  checkOperation(`convCodes${shared ? ' of codes that all models share' : ''}`, gpu, {
    cases: firstConvolutions,
    inputs: ({ batch, length, outputs, taps }) => ({
      codes: { shape: [batch, length], codes: true, shared },
      w: { shape: [taps, 4, outputs] },
    }),
    apply: ({ codes, w }) => ops.convCodes(codes, w),
    reference: ({ codes, w }, size) => conv1d(oneHot(codes), w, { ...size, inputs: 4 }),
  });
}

checkOperation('dense', gpu, {
  cases: [
    { batch: 1, inputs: 1, outputs: 1 },
    { batch: 1, inputs: 13, outputs: 2 },
    { batch: 5, inputs: 17, outputs: 1 },
    { batch: 67, inputs: 5, outputs: 9 },
    { batch: 515, inputs: 3, outputs: 2 },
  ],
  inputs: ({ batch, inputs, outputs }) => ({
    x: { shape: [batch, inputs] },
    w: { shape: [inputs, outputs] },
  }),
  apply: ({ x, w }) => ops.dense(x, w),
  reference: ({ x, w }, size) => conv1d(x, w, { ...size, length: 1, taps: 1 }),
});

describe('shapes that do not fit', () => {
  const zeros = (...shape: number[]) => Tensor.zeros(gpu(), shape);

  it.each([
    [ops.conv1d, 'an even kernel', [1, 1, 5, 2], [1, 2, 2, 1], 'taps must be odd'],
    [ops.conv1d, 'other channels', [1, 1, 5, 2], [1, 3, 3, 1], 'does not fit'],
    [ops.conv1d, 'two and three models', [2, 1, 5, 2], [3, 3, 2, 1], '2 and 3 models'],
    [ops.conv1d, 'a rank too few', [1, 5, 2], [1, 3, 2, 1], 'x must be f32 of rank 4'],
    [ops.dense, 'other inputs', [1, 4, 2], [1, 3, 1], 'do not fit'],
    [ops.convCodes, 'numbers for codes', [1, 4, 5], [1, 3, 4, 1], 'codes must be u32 of rank 3'],
  ] as const)('$0.name refuses $1', (operation, _, xShape, wShape, message) => {
    using x = zeros(...xShape);
    using w = zeros(...wShape);
    expect(() => operation(x, w)).toThrow(ShapeError);
    expect(() => operation(x, w)).toThrow(message);
  });

  it('a target that does not enter the loss is refused, and nothing leaks', async () => {
    await gpu().sync();
    const before = gpu().pool.usage.liveBuffers;
    {
      using x = zeros(1, 2, 3);
      using w = zeros(1, 3, 1);
      using stranger = zeros(1, 2);
      using tape = new Tape();
      using y = tape.watch(() => ops.dense(x, w));
      expect(() => tape.gradients(y, [w, stranger])).toThrow(ShapeError);
    }
    await gpu().sync();
    expect(gpu().pool.usage.liveBuffers).toBe(before);
  });
});
