/** Kernels around the network: gathers, one-hot input, Adam, results put in place, and those of the sweep. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Control, createControl } from '../src/kernels/control.js';
import * as embedding from '../src/kernels/sweep/embedding.js';
import { createLearners } from '../src/kernels/training/learners.js';
import * as training from '../src/kernels/training/training.js';
import { Tensor } from '../src/tensor/tensor.js';
import { floats, take, useGpu } from './support/gpu.js';
import { expectClose, normals, randomCodes } from './support/numbers.js';

const gpu = useGpu();
let control: Control;
beforeEach(() => {
  control = createControl(gpu());
});
afterEach(() => control.dispose());

const words = (values: ArrayLike<number>, shape: readonly number[]) =>
  Tensor.from(gpu(), Uint32Array.from(values), shape);

async function takeWords(tensor: Tensor): Promise<number[]> {
  using taken = tensor;
  return Array.from(await taken.read());
}

describe('gathering a batch', () => {
  const [records, order] = [7, [3, 6, 0, 5, 1, 2, 4]];
  /** Records at places first …, the last one repeated past the end. */
  const chosen = (first: number, batch: number) =>
    Array.from({ length: batch }, (_, b) => order[Math.min(first + b, records - 1)]!);

  // 5 and 41: a record's first byte lies anywhere within a word.
  it.each([
    { length: 5, batch: 3, first: 2 },
    { length: 41, batch: 4, first: 5 },
    { length: 1, batch: 1, first: 6 },
  ])('of $batch codes of $length from place $first', async ({ length, batch, first }) => {
    const data = Uint8Array.from(randomCodes(records * length));
    using codes = Tensor.from(gpu(), data, [records, length]);
    using places = words(order, [records]);
    const out = Tensor.empty(gpu(), [batch, length], 'u32');
    control.set({ record: first });
    training.gatherCodes(gpu(), control, codes, places, out, { batch, length, places: records });
    const expected = chosen(first, batch).flatMap((r) => [...data.subarray(r * length, (r + 1) * length)]);
    expect(await takeWords(out)).toEqual(expected);
  });

  it.each([
    { width: 1, batch: 7, first: 0 },
    { width: 5, batch: 3, first: 6 },
    { width: 66, batch: 2, first: 1 },
  ])('of $batch rows of $width from place $first', async ({ width, batch, first }) => {
    const data = normals(records * width);
    using rows = floats(gpu(), data, [records, width]);
    using places = words(order, [records]);
    const out = Tensor.empty(gpu(), [batch, width]);
    control.set({ record: first });
    training.gatherRows(gpu(), control, rows, places, out, { batch, width, places: records });
    const expected = chosen(first, batch).flatMap((r) => [...data.subarray(r * width, (r + 1) * width)]);
    expect(Array.from(await take(out))).toEqual(expected);
  });
});

describe('oneHot', () => {
  it.each([6, 9])('puts bases and a profile into %d channels', async (channels) => {
    const codes = [4, 0, 1, 2, 3, 3];
    const wide = channels - 4;
    const data = normals(codes.length * wide);
    using bases = words(codes, [codes.length]);
    using profile = floats(gpu(), data, [codes.length, wide]);
    const x = Tensor.empty(gpu(), [codes.length, channels]);
    training.oneHot(gpu(), bases, profile, x, { rows: codes.length, channels });
    const expected = codes.flatMap((code, row) => [
      ...[0, 1, 2, 3].map((base) => Number(base === code)),
      ...data.subarray(row * wide, (row + 1) * wide),
    ]);
    expect(Array.from(await take(x))).toEqual(expected);
  });
});

describe('place', () => {
  it.each([
    { models: 1, outputs: 1 },
    { models: 3, outputs: 1 },
    { models: 1, outputs: 4 },
    { models: 2, outputs: 30 },
  ])(
    '$models models, $outputs outputs: puts results where they belong, drops those past the end',
    async (size) => {
      const { models, outputs } = size;
      const [count, total] = [3, 7];
      const out = Tensor.zeros(gpu(), [models, outputs, total]);
      const expected = new Array<number>(models * outputs * total).fill(0);
      for (const slot of [0, 3, 6]) {
        const data = normals(models * count * outputs, slot);
        using x = floats(gpu(), data, [models, count, outputs]);
        control.set({ slot });
        training.place(gpu(), control, x, out, { models, count, outputs, total });
        await gpu().sync();
        for (let e = 0; e < models; e++) {
          for (let i = 0; i < count && slot + i < total; i++) {
            for (let o = 0; o < outputs; o++)
              expected[(e * outputs + o) * total + slot + i] = data[(e * count + i) * outputs + o]!;
          }
        }
      }
      expect(Array.from(await take(out))).toEqual(expected);
    },
  );
});

describe('adam', () => {
  /** Both forms as published. */
  const forms = {
    keras: (t: number, m: number, v: number) =>
      ((Math.sqrt(1 - 0.999 ** t) / (1 - 0.9 ** t)) * m) / (Math.sqrt(v) + 1e-7),
    torch: (t: number, m: number, v: number) => m / (1 - 0.9 ** t) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-7),
  };

  it.each(['keras', 'torch'] as const)('takes ten steps as the %s form does in float64', async (form) => {
    const [count, learningRate] = [130, 0.05];
    // Gradients from large to zero, where epsilon decides.
    const gradients = Array.from({ length: 10 }, (_, t) =>
      normals(count, t).map((value, i) => (i % 13 === 0 ? 0 : value * 10 ** -(i % 9))),
    );
    const start = normals(count, 77);
    const p = Float64Array.from(start);
    const m = new Float64Array(count);
    const v = new Float64Array(count);
    using parameters = floats(gpu(), start, [count]);
    const learners = createLearners(gpu());
    using first = Tensor.zeros(gpu(), [count]);
    using second = Tensor.zeros(gpu(), [count]);
    for (const [t, gradient] of gradients.entries()) {
      using g = floats(gpu(), gradient, [count]);
      learners.set([{ seed: 0, step: t + 1, ...training.adamRate(learningRate, t + 1, form) }]);
      training.adam(gpu(), learners, { gradients: g, parameters, m: first, v: second }, { models: 1, count });
      await gpu().sync();
      gradient.forEach((slope, i) => {
        m[i] = 0.9 * m[i]! + 0.1 * slope;
        v[i] = 0.999 * v[i]! + 0.001 * slope * slope;
        p[i]! -= learningRate * forms[form](t + 1, m[i]!, v[i]!);
      });
    }
    expectClose(await first.readFloats(), m, 1e-5, 'm');
    learners.dispose();
    // In f32, 1 - 0.999 is 1.3e-5 away from a thousandth.
    expectClose(await second.readFloats(), v, 2e-5, 'v');
    expectClose(await parameters.readFloats(), p, 2e-5, 'parameters');
    expect((await parameters.readFloats())[0]).toBe(start[0]);
  });
});

describe('embedding', () => {
  it.each([
    { first: 0, chunk: 4 },
    { first: 5, chunk: 3 },
    { first: 8, chunk: 5 },
  ])('embeds pairs $first … in a chunk of $chunk, the last one repeated', async ({ first, chunk }) => {
    const [patterns, backgrounds, length] = [3, 4, 5];
    const written = Uint8Array.from(randomCodes(patterns * length, 1));
    const letters = Uint8Array.from(randomCodes(backgrounds * length, 2));
    using overlays = Tensor.from(gpu(), written, [patterns, length]);
    using sequences = Tensor.from(gpu(), letters, [backgrounds, length]);
    const codes = Tensor.empty(gpu(), [chunk, length], 'u32');
    control.set({ pair: first });
    const size = { chunk, length, patterns, backgrounds };
    embedding.embed(gpu(), control, { overlays, sequences, codes }, size);
    const expected = Array.from({ length: chunk * length }, (_, i) => {
      const pair = Math.min(first + Math.floor(i / length), patterns * backgrounds - 1);
      const position = i % length;
      const pattern = written[(pair % patterns) * length + position]!;
      return pattern === 4 ? letters[Math.floor(pair / patterns) * length + position]! : pattern;
    });
    expect(await takeWords(codes)).toEqual(expected);
  });

  it.each([
    { first: 0, chunk: 4 },
    { first: 5, chunk: 9 },
  ])(
    'keeps profiles for pairs $first … in a chunk of $chunk, the last one repeated',
    async ({ first, chunk }) => {
      const [patterns, backgrounds, width] = [3, 4, 5];
      const values = Float32Array.from({ length: backgrounds * width }, (_, i) => i / 8);
      using profiles = Tensor.from(gpu(), values, [backgrounds, width]);
      using out = Tensor.empty(gpu(), [chunk, width]);
      control.set({ pair: first });
      embedding.keepProfile(gpu(), control, { profiles, out }, { chunk, width, patterns, backgrounds });
      const expected = Array.from({ length: chunk * width }, (_, i) => {
        const pair = Math.min(first + Math.floor(i / width), patterns * backgrounds - 1);
        return values[Math.floor(pair / patterns) * width + (i % width)]!;
      });
      expect([...(await out.readFloats())]).toEqual(expected);
    },
  );
});
