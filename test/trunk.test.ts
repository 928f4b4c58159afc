/**
 * The network up to its pool in one kernel: against a kernel a layer, against float64 loops, and the same
 * bits however it is divided.
 */

import { describe, expect, it } from 'vitest';
import { fitsTrunk, trunkVariant } from '../src/kernels/network/fused-trunk.js';
import { Random } from '../src/kernels/random.js';
import { layeredMeans } from '../src/nn/prediction/evaluation.js';
import { fusedMeans } from '../src/nn/prediction/trunk.js';
import type { Sizes } from '../src/nn/presets.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { Tensor } from '../src/tensor/tensor.js';
import { take, useGpu } from './support/gpu.js';
import { expectClose, normals } from './support/numbers.js';

const gpu = useGpu();

/** A model whose statistics and affine parameters are those of one that has learned something. */
async function learned(changes: Partial<Sizes> & { models?: number }): Promise<ResidualBind> {
  const model = await ResidualBind.create(gpu(), { hidden: 4, seed: 2, ...changes });
  for (const set of [model.parameters, model.statistics]) {
    for (const [i, { name, shape }] of set.specs.entries()) {
      if (!/affine|moments/.test(name)) continue;
      const values = normals(model.models * shape.reduce((a, b) => a * b), 10 + i);
      await set.get(name).write(Float32Array.from(values, (x) => 0.3 + x * x));
    }
  }
  return model;
}

/** Codes 0 to 4 of a batch. */
function codesOf(batch: number, length: number): Uint32Array {
  const random = new Random(3, 1);
  return Uint32Array.from({ length: batch * length }, (_, i) => random.draws(i).below(5));
}

const networks = [
  { length: 9, filters: 8, dilations: [1, 4], pool: 3, models: 2, batch: 3, spread: 4, sequences: 2 },
  {
    length: 5,
    filters: 12,
    taps: 5,
    dilations: [3, 8],
    pool: 4,
    models: 1,
    batch: 5,
    spread: 2,
    sequences: 3,
  },
  { length: 4, filters: 4, taps: 3, dilations: [1], pool: 4, models: 3, batch: 1, spread: 1, sequences: 1 },
] as const;

describe('the network up to its pool in one kernel', () => {
  it.each(networks)('equals a kernel a layer: %o', async ({ batch, spread, sequences, ...changes }) => {
    using model = await learned(changes);
    using codes = Tensor.from(gpu(), codesOf(batch, changes.length), [1, batch, changes.length]);
    const expected = await take(layeredMeans(model, { codes }));
    expectClose(
      await take(fusedMeans(model, codes, { by: 'threads', variant: { spread, sequences } })),
      expected,
      1e-5,
    );
  });

  it('gives the same bits however it is divided, and in every batch', async () => {
    using model = await learned({ length: 6, filters: 8, taps: 3, dilations: [2], pool: 3 });
    const letters = codesOf(3, 6);
    const run = async (count: number, variant: { spread: number; sequences: number }) => {
      using codes = Tensor.from(gpu(), letters.subarray(0, count * 6), [1, count, 6]);
      return take(fusedMeans(model, codes, { by: 'threads', variant }));
    };
    const expected = await run(3, { spread: 4, sequences: 1 });
    expect(await run(3, { spread: 2, sequences: 2 })).toEqual(expected);
    expect(await run(1, { spread: 4, sequences: 1 })).toEqual(expected.subarray(0, 2 * 8));
  });

  it('is float64 loops in f32', async () => {
    const [length, filters, dilations, pool] = [7, 4, [2, 1], 3] as const;
    using model = await learned({ length, filters, taps: 3, dilations, pool });
    const letters = codesOf(2, length);
    using codes = Tensor.from(gpu(), letters, [1, 2, length]);
    const means = await take(
      fusedMeans(model, codes, { by: 'threads', variant: { spread: 4, sequences: 2 } }),
    );
    const numbers = new Map<string, Float32Array>();
    for (const set of [model.parameters, model.statistics])
      for (const { name } of set.specs) numbers.set(name, await set.get(name).readFloats());
    const data = (name: string) => numbers.get(name)!;
    const normalised = (sum: number, layer: number, o: number) => {
      const [gamma, beta] = [data(`bn${layer}.affine`)[o]!, data(`bn${layer}.affine`)[filters + o]!];
      const [mean, variance] = [data(`bn${layer}.moments`)[o]!, data(`bn${layer}.moments`)[filters + o]!];
      return (gamma * (sum - mean)) / Math.sqrt(variance + 1e-3) + beta;
    };
    const rows = <T>(f: (row: number) => T): T[] => Array.from({ length }, (_, row) => f(row));
    const outputs = (f: (o: number) => number): number[] => Array.from({ length: filters }, (_, o) => f(o));
    const convolve = (x: number[][], layer: number, dilation: number): number[][] =>
      rows((p) =>
        outputs((o) => {
          let sum = 0;
          for (let tap = 0; tap < 3; tap++)
            for (const [i, value] of (x[p + (tap - 1) * dilation] ?? []).entries())
              sum += value * data(`conv${layer}.w`)[(tap * x[0]!.length + i) * filters + o]!;
          return normalised(sum, layer, o);
        }),
      );
    for (const record of [0, 1]) {
      const hot = rows((p) => [0, 1, 2, 3].map((code) => Number(letters[record * length + p] === code)));
      const entry = convolve(hot, 0, 1).map((row) => row.map((v) => Math.max(0, v)));
      let x = entry;
      dilations.forEach((dilation, j) => {
        const last = j + 1 === dilations.length;
        x = convolve(x, j + 1, dilation).map((row, p) =>
          row.map((v, o) => Math.max(0, v + (last ? entry[p]![o]! : 0))),
        );
      });
      const expected = [0, 1].flatMap((w) =>
        outputs((o) => (x[3 * w]![o]! + x[3 * w + 1]![o]! + x[3 * w + 2]![o]!) / 3),
      );
      expectClose([...means.subarray(record * 8, record * 8 + 8)], expected, 1e-5);
    }
  });
});

describe('its variants', () => {
  const shape = {
    models: 1,
    sequences: 1,
    length: 41,
    filters: 96,
    taps: 11,
    dilations: [1, 2, 4],
    pool: 10,
  };

  it('leave software adapters a kernel a layer', () => {
    expect(trunkVariant(gpu(), shape)).toBeUndefined();
  });

  it.each([
    ['filters that are no fours', { filters: 98 }],
    ['more workgroup memory than there is', { filters: 2048 }],
    ['a long chain of dilations', { dilations: Array<number>(9).fill(1) }],
    ['columns beyond count', { dilations: [37] }],
  ])('do not fit %s', (_, changes) => {
    expect(fitsTrunk(gpu(), { ...shape, ...changes }, { spread: 2, sequences: 1 })).toBe(false);
  });
});
