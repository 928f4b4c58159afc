/** What stands between host and queue: staging buffers that are kept, and how far the host runs ahead. */

import { describe, expect, it } from 'vitest';
import { Pace } from '../src/device/pace.js';
import { Staging } from '../src/device/staging.js';
import { Tensor } from '../src/tensor/tensor.js';
import { useGpu } from './support/gpu.js';

const MIB = 2 ** 20;

/** A device that only counts: sizes made, and of those how many are destroyed. */
function countingDevice() {
  const made: number[] = [];
  let destroyed = 0;
  const device = {
    createBuffer: ({ size }: { size: number }) => {
      made.push(size);
      return { size, destroy: () => destroyed++ };
    },
  };
  return { device: device as unknown as GPUDevice, made, destroyed: () => destroyed };
}

describe('staging buffers', () => {
  it('serve again what is about as large, and one reader at a time', () => {
    const { device, made, destroyed } = countingDevice();
    const staging = new Staging(device);
    const first = staging.acquire(3000);
    const second = staging.acquire(3000);
    expect(made).toEqual([4096, 4096]);
    staging.reclaim(first);
    expect(staging.acquire(2000)).toBe(first);
    staging.reclaim(first);
    staging.reclaim(second);
    expect(staging.acquire(MIB).size).toBe(MIB);
    const large = staging.acquire(16 * MIB);
    staging.reclaim(large);
    // Sixteen megabytes for four bytes would be waste.
    expect(staging.acquire(4).size).toBe(4096);
    expect(destroyed()).toBe(0);
    staging.dispose();
    expect(destroyed()).toBe(2);
  });

  it('are made to measure where they are too large to keep, and kept up to a bound', () => {
    const { device, made, destroyed } = countingDevice();
    const staging = new Staging(device);
    const huge = staging.acquire(17 * MIB + 4);
    expect(made).toEqual([17 * MIB + 4]);
    staging.reclaim(huge);
    expect(destroyed()).toBe(1);
    const large = Array.from({ length: 5 }, () => staging.acquire(16 * MIB));
    for (const buffer of large) staging.reclaim(buffer);
    expect(destroyed()).toBe(2);
    staging.dispose();
    expect(destroyed()).toBe(6);
  });

  const gpu = useGpu();

  it('give concurrent readers, larger and smaller, each its own numbers', async () => {
    const values = [5, 700, 5, 40_000, 3].map((count, i) => new Float32Array(count).fill(i + 1));
    for (let round = 0; round < 3; round++) {
      const tensors = values.map((each) => Tensor.from(gpu(), each, [each.length]));
      expect(await Promise.all(tensors.map((tensor) => tensor.readFloats()))).toEqual(values);
      for (const tensor of tensors) tensor.dispose();
    }
  });

  it('leave nothing of what memory held in a tensor of zeros', async () => {
    using used = Tensor.from(gpu(), new Float32Array(999).fill(7), [999]);
    await used.readFloats();
    used.dispose();
    using zeros = Tensor.zeros(gpu(), [999]);
    expect(await zeros.readFloats()).toEqual(new Float32Array(999));
  });
});

it('a device that is lost ends who waits, and nobody else', async () => {
  const pace = new Pace({ onSubmittedWorkDone: () => Promise.reject(new Error('lost')) });
  await pace.submitted();
  // Long enough for a rejection that nobody handles to end the process.
  await new Promise((resolve) => setImmediate(resolve));
  await expect(pace.submitted()).rejects.toThrow('lost');
});

it('the host is at most one group of submits ahead', async () => {
  const done: (() => void)[] = [];
  const pace = new Pace({
    onSubmittedWorkDone: () => new Promise<undefined>((resolve) => done.push(() => resolve(undefined))),
  });
  await pace.submitted();
  let isAhead = false;
  const second = pace.submitted().then(() => {
    isAhead = true;
  });
  await Promise.resolve();
  expect(isAhead).toBe(false);
  done[0]!();
  await second;
  expect(isAhead).toBe(true);
});
