/** Folding on the GPU against the float64 partition function. */

import { describe, expect, it } from 'vitest';
import { CancelledError } from '../src/device/errors.js';
import type { Gpu } from '../src/device/gpu.js';
import { foldProfiles } from '../src/nn/folding/fold-profiles.js';
import { foldSequences } from '../src/nn/folding/fold-sequences.js';
import { Folding, foldedAtOnce, TURNER_1999 } from '../src/nn/folding/folding.js';
import { Tensor } from '../src/tensor/tensor.js';
import { CONTEXT_NAMES, codesOf, folded } from './support/folding.js';
import { take, useGpu } from './support/gpu.js';
import { randomCodes } from './support/numbers.js';

const gpu = useGpu();

/** Sequences of `length` positions with padding at both ends, an N here and there. */
function padded(count: number, length: number): Uint8Array {
  const codes = Uint8Array.from(randomCodes(count * length, length), (code) => code % 4);
  for (let n = 0; n < count; n++) {
    const row = codes.subarray(n * length, (n + 1) * length);
    row.fill(4, 0, n % 4);
    row.fill(4, length - (n % 3));
    if (n % 5 === 1) row[Math.floor(length / 2)] = 4;
  }
  return codes;
}

/** The largest difference between profiles of the GPU and the reference. */
function worst(profile: Float32Array, codes: Uint8Array, length: number, energies = TURNER_1999): number {
  let largest = 0;
  for (let n = 0; n < codes.length / length; n++) {
    const row = Array.from(codes.subarray(n * length, (n + 1) * length));
    const first = row.findIndex((code) => code < 4);
    const end = row.findLastIndex((code) => code < 4) + 1;
    const expected = first < 0 ? undefined : folded(energies, row.slice(first, end)).profile;
    for (let k = 0; k < length; k++)
      CONTEXT_NAMES.forEach((name, context) => {
        const p = k >= first && k < end ? (expected?.[name][k - first] ?? 0) : 0;
        const difference = Math.abs(profile[(n * length + k) * 5 + context]! - p);
        if (!(difference <= largest)) largest = difference;
      });
  }
  return largest;
}

const stem = 'GCGCCGGCGCGGCCGCGCCGGCGCGGCCGCGCCGGCGCGGCC';
const reversed = Array.from(stem)
  .toReversed()
  .map((letter) => (letter === 'G' ? 'C' : 'G'))
  .join('');

describe('profiles', () => {
  it.each([
    [5, 3],
    [7, 4],
    [12, 9],
    [41, 24],
    [72, 4],
  ])('of %i positions', async (length, count) => {
    const codes = padded(count, length);
    const profile = await foldProfiles(gpu(), codes, { length, contexts: 'phime' });
    expect(worst(profile, codes, length)).toBeLessThan(1e-5);
    for (let at = 0; at < codes.length; at++) {
      const sum = profile.subarray(5 * at, 5 * at + 5).reduce((total, p) => total + p, 0);
      expect(Math.min(Math.abs(sum), Math.abs(sum - 1))).toBeLessThan(1e-6);
    }
  });

  it('of helices that leave the range of f32 at the first scale', async () => {
    const sequences = [`${stem}GAAA${reversed}`, `${'A'.repeat(40)}GGGGAAAACCCC`.padEnd(88, 'A')];
    const codes = Uint8Array.from(sequences.flatMap((letters) => codesOf(letters)));
    const profile = await foldProfiles(gpu(), codes, { length: 88, contexts: 'phime' });
    expect(worst(profile, codes, 88)).toBeLessThan(1e-4);
  });

  it('of a sequence whose halves differ in G and C lie in the range of f32', async () => {
    const drawn = randomCodes(200, 3);
    // A and U, then G and C, in turns.
    const codes = Uint8Array.from(drawn, (code, k) => {
      const half = code & 1;
      return Math.floor(k / 50) % 2 === 0 ? 3 * half : 1 + half;
    });
    const profile = await foldProfiles(gpu(), codes, { length: 200, contexts: 'phime' });
    for (let at = 0; at < 200; at++) {
      const sum = profile.subarray(5 * at, 5 * at + 5).reduce((total, p) => total + p, 0);
      expect(Math.abs(sum - 1)).toBeLessThan(1e-5);
    }
  });

  it('of multiloops, and special hairpins of 3 and 6 letters', async () => {
    const energies = {
      ...TURNER_1999,
      multi: Int32Array.of(-20, -600, -300),
      hairpins: new Map([
        ['GAAAC', -500],
        ['CUUUG', 900],
        ['GAAAAAAC', -700],
      ]),
    };
    const letters = 'GGCGAAACGGAAAAAACGCUUUGAACC';
    const codes = Uint8Array.from(codesOf(letters));
    const length = letters.length;
    const profile = await foldProfiles(gpu(), codes, { length, contexts: 'phime', energies });
    expect(worst(profile, codes, length, energies)).toBeLessThan(1e-5);
  });

  it('of paired and unpaired letters add the others up', async () => {
    const codes = padded(3, 20);
    const five = await foldProfiles(gpu(), codes, { length: 20, contexts: 'phime' });
    const two = await foldProfiles(gpu(), codes, { length: 20, contexts: 'pu' });
    for (let at = 0; at < codes.length; at++) {
      expect(two[2 * at]).toBe(five[5 * at]);
      const rest = five.subarray(5 * at + 1, 5 * at + 5).reduce((sum, p) => sum + p, 0);
      expect(two[2 * at + 1]).toBeCloseTo(rest, 6);
    }
  });

  it('of short and of empty inputs', async () => {
    const codes = Uint8Array.of(0, 4, 2, 4, 4, 4);
    const profile = await foldProfiles(gpu(), codes, { length: 3, contexts: 'phime' });
    const exterior = Array.from({ length: 6 }, (_, at) => profile[5 * at + 4]);
    expect(exterior).toEqual([1, 1, 1, 0, 0, 0]);
    expect(profile.reduce((sum, p) => sum + p, 0)).toBe(3);
  });
});

describe('recording', () => {
  it('folds codes on the GPU, in a plan too', async () => {
    const codes = padded(6, 16);
    using onGpu = Tensor.from(gpu(), Uint32Array.from(codes), [1, 6, 16]);
    using folding = Folding.create(gpu(), { length: 16, contexts: 'phime' });
    const eager = await take(folding.record(onGpu));
    expect(worst(eager, codes, 16)).toBeLessThan(1e-5);
    const { plan, result } = await gpu().record(() => folding.record(onGpu));
    plan.run();
    expect(await take(result)).toEqual(eager);
    plan.dispose();
  });

  it('refuses other shapes and types', () => {
    using folding = Folding.create(gpu(), { length: 16, contexts: 'pu' });
    using bytes = Tensor.from(gpu(), new Uint8Array(32), [1, 2, 16]);
    using long = Tensor.from(gpu(), new Uint32Array(34), [1, 2, 17]);
    expect(() => folding.record(bytes)).toThrow(/u32\[1, batch, 16\], not u8/);
    expect(() => folding.record(long)).toThrow(/not u32\[1, 2, 17\]/);
  });
});

describe('errors', () => {
  it.each([
    [{ length: 0, contexts: 'pu' as const }, /length must be a positive integer/],
    [{ length: 2049, contexts: 'pu' as const }, /length must be a positive integer/],
    [{ length: 4, contexts: 'both' as 'pu' }, /contexts must be/],
    [{ length: 3, contexts: 'pu' as const }, /whole sequences of 3 positions/],
  ])('%o', async (options, message) => {
    await expect(foldProfiles(gpu(), new Uint8Array(8), options)).rejects.toThrow(message);
  });

  it('say what does not fit the adapter', () => {
    const small = {
      limits: { maxStorageBufferBindingSize: 2 ** 24 },
      adapter: { class: 'swiftshader' },
    } as Gpu;
    expect(foldedAtOnce(small, 41)).toBeGreaterThan(100);
    expect(() => foldedAtOnce(small, 2048)).toThrow(
      /^folding a sequence of 2048 positions takes a buffer of 81 MiB, and the adapter binds at most 16 MiB/,
    );
  });

  it('name a record with a stray code', async () => {
    const codes = Uint8Array.of(0, 1, 2, 3, 0, 5);
    await expect(foldProfiles(gpu(), codes, { length: 3, contexts: 'pu' })).rejects.toThrow(
      'record 2: code 5',
    );
  });

  it('name a record that no scale brings into the range of f32', async () => {
    const energies = { ...TURNER_1999, stack: new Int32Array(36).fill(-3000) };
    const codes = Uint8Array.from(codesOf(`${'A'.repeat(44)}${stem.slice(0, 20)}GAAA${reversed.slice(22)}`));
    const options = { length: 44, contexts: 'pu' as const, energies };
    await expect(foldProfiles(gpu(), codes, options)).rejects.toThrow(
      /^record 2: its partition function leaves/,
    );
    const mixed = [Uint8Array.of(0, 1), codes.subarray(44), new Uint8Array(50)];
    await expect(foldSequences(gpu(), mixed, { contexts: 'pu', energies })).rejects.toThrow(
      /^sequence 2: its partition function leaves/,
    );
    const nameOf = (record: number) => `s.fa, line ${record}`;
    await expect(foldSequences(gpu(), mixed, { contexts: 'pu', energies, nameOf })).rejects.toThrow(
      /^s\.fa, line 1: its/,
    );
  });

  it('end cancelled work', async () => {
    const signal = AbortSignal.abort();
    const folding = foldProfiles(gpu(), padded(2, 8), { length: 8, contexts: 'pu', signal });
    await expect(folding).rejects.toThrow(CancelledError);
  });
});
