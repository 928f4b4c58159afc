import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../src/device/errors.js';
import { Random, STREAM, threefry2x32 } from '../src/kernels/random.js';

describe('threefry2x32, 20 rounds', () => {
  // Known answers shipped with Random123 (Salmon et al. 2011), tests/kat_vectors.
  it.each([
    { key: [0, 0], counter: [0, 0], expected: [0x6b200159, 0x99ba4efe] },
    {
      key: [0xffffffff, 0xffffffff],
      counter: [0xffffffff, 0xffffffff],
      expected: [0x1cb996fc, 0xbb002be7],
    },
    {
      key: [0x13198a2e, 0x03707344],
      counter: [0x243f6a88, 0x85a308d3],
      expected: [0xc4923a9c, 0x483df7a0],
    },
  ])('key $key, counter $counter', ({ key, counter, expected }) => {
    const out = new Uint32Array(2);
    threefry2x32(key[0]!, key[1]!, counter[0]!, counter[1]!, out);
    expect([...out]).toEqual(expected);
  });
});

describe('Random', () => {
  it('depends on seed, stream and index, and on nothing else', () => {
    const first = (seed: number, stream: number, index: number) =>
      new Random(seed, stream).draws(index).uniform();
    expect(first(1, STREAM.split, 2)).toBe(first(1, STREAM.split, 2));
    const others = [first(1, STREAM.split, 2), first(2, STREAM.split, 2), first(1, STREAM.simulate, 2)];
    others.push(first(1, STREAM.split, 3));
    expect(new Set(others).size).toBe(4);
  });

  it('refuses a seed that is not a u32', () => {
    for (const seed of [-1, 0.5, 2 ** 32, Number.NaN])
      expect(() => new Random(seed, 1)).toThrow(ArgumentError);
  });

  it('draws uniforms in [0, 1) and normals with the right moments', () => {
    const draws = new Random(7, STREAM.simulate).draws(0);
    const n = 20_000;
    const uniforms = Array.from({ length: n }, () => draws.uniform());
    expect(Math.min(...uniforms)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...uniforms)).toBeLessThan(1);
    const normals = Array.from({ length: n }, () => draws.normal());
    const mean = (x: number[]) => x.reduce((a, b) => a + b, 0) / n;
    // Five standard errors each.
    expect(Math.abs(mean(uniforms) - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(mean(normals))).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(mean(normals.map((z) => z * z)) - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
  });

  it('permutes uniformly: every order of four, equally often', () => {
    const random = new Random(3, STREAM.shuffleEpoch);
    const counts = new Map<string, number>();
    const perOrder = 200;
    for (let i = 0; i < 24 * perOrder; i++) {
      const order = random.permutation(4, i).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const chiSquare = [...counts.values()].reduce((sum, c) => sum + (c - perOrder) ** 2 / perOrder, 0);
    // 99.99th percentile of chi-square with 23 degrees of freedom.
    expect(chiSquare).toBeLessThan(58.7);
  });

  it('permutation holds every index once and repeats for the same seed', () => {
    const order = new Random(5, STREAM.split).permutation(1000);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(new Random(5, STREAM.split).permutation(1000)).toEqual(order);
    expect(new Random(6, STREAM.split).permutation(1000)).not.toEqual(order);
  });
});
