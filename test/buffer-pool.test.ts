/** GPU memory: exact accounting, reuse, caps, and the errors of use after the end. */

import { describe, expect, it } from 'vitest';
import { type Allocation, BufferPool, type PoolOptions, roundedSize } from '../src/device/buffer-pool.js';
import { DisposedError, OutOfMemoryError } from '../src/device/errors.js';
import { Recording } from '../src/device/recording.js';
import { useGpu } from './support/gpu.js';

const gpu = useGpu();
const KIB = 1024;

/** Runs with a pool of its own, and destroys what it left. */
function withPool(options: PoolOptions, body: (pool: BufferPool) => void): void {
  const pool = new BufferPool(gpu().device, options);
  body(pool);
  expect(pool.usage).toMatchObject({ liveBuffers: 0, liveBytes: 0 });
  pool.trim();
  expect(pool.usage).toEqual({ liveBuffers: 0, liveBytes: 0, idleBuffers: 0, idleBytes: 0 });
}

describe('roundedSize', () => {
  it.each([0, 1, 4, 255, 256, 257, 4096, 5000, 1e6 + 1, 2 ** 31 - 1])('of %d', (bytes) => {
    const size = roundedSize(bytes);
    expect(size).toBeGreaterThanOrEqual(Math.max(bytes, 4));
    expect(size).toBeLessThanOrEqual(Math.max(256, bytes + bytes / 8 + 256));
    expect(size % 256).toBe(0);
  });
});

describe('the pool', () => {
  it('counts every buffer and byte, and recycles sizes that round alike', () => {
    withPool({}, (pool) => {
      const a = pool.acquire(1000);
      const b = pool.acquire(4 * KIB);
      expect(pool.usage).toEqual({ liveBuffers: 2, liveBytes: KIB + 4 * KIB, idleBuffers: 0, idleBytes: 0 });
      a.release();
      expect(pool.usage).toEqual({ liveBuffers: 1, liveBytes: 4 * KIB, idleBuffers: 1, idleBytes: KIB });
      const { buffer } = a;
      const again = pool.acquire(900);
      expect(again.buffer).toBe(buffer);
      again.release();
      b.release();
    });
  });

  it('keeps memory until its last holder releases it', () => {
    withPool({}, (pool) => {
      const allocation = pool.acquire(4);
      allocation.retain().release();
      expect(pool.usage.liveBuffers).toBe(1);
      allocation.release();
      expect(pool.usage.liveBuffers).toBe(0);
    });
  });

  it('refuses a second release and a late retain', () => {
    withPool({}, (pool) => {
      const allocation = pool.acquire(4);
      allocation.release();
      expect(() => allocation.release()).toThrow(DisposedError);
      expect(() => allocation.retain()).toThrow(DisposedError);
      expect(pool.usage).toMatchObject({ liveBuffers: 0, idleBuffers: 1 });
    });
  });

  it('destroys what exceeds the idle limit', () => {
    withPool({ idleLimit: 2 * KIB }, (pool) => {
      const all = [1, 2, 3].map(() => pool.acquire(KIB));
      for (const allocation of all) allocation.release();
      expect(pool.usage).toMatchObject({ idleBuffers: 2, idleBytes: 2 * KIB });
    });
  });

  it('throws before live memory exceeds the limit, and gives up idle memory first', () => {
    withPool({ memoryLimit: 4 * KIB }, (pool) => {
      const small = pool.acquire(KIB);
      pool.acquire(2 * KIB).release();
      // 1 live, 2 idle: 3 more fit only once the idle ones are gone.
      const large = pool.acquire(3 * KIB);
      expect(pool.usage).toEqual({ liveBuffers: 2, liveBytes: 4 * KIB, idleBuffers: 0, idleBytes: 0 });
      expect(() => pool.acquire(4)).toThrow(OutOfMemoryError);
      expect(() => pool.acquire(4)).toThrow('would exceed the limit of 4096');
      small.release();
      large.release();
    });
  });

  it('refuses a buffer that the adapter cannot hold', () => {
    withPool({}, (pool) => {
      const { maxBufferSize, maxStorageBufferBindingSize } = gpu().limits;
      const most = Math.min(maxBufferSize, maxStorageBufferBindingSize);
      expect(() => pool.acquire(most + 1)).toThrow(OutOfMemoryError);
      expect(() => pool.acquire(most + 1)).toThrow(`exceeds the adapter's limit of ${most}`);
    });
  });
});

describe('a recording', () => {
  it('reuses what is released while it records, and returns all of it', () => {
    withPool({}, (pool) => {
      const recording = new Recording(pool);
      const first = recording.acquire(8 * KIB);
      const { buffer } = first;
      first.release();
      const second = recording.acquire(7 * KIB);
      expect(second.buffer).toBe(buffer);
      // Far smaller: not worth the large piece.
      second.release();
      const small = recording.acquire(KIB);
      expect(small.buffer).not.toBe(buffer);
      expect(pool.usage.liveBuffers).toBe(2);
      small.release();
      recording.close();
      recording.close();
    });
  });

  it('leaves living results to the pool when it ends', () => {
    let result: Allocation | undefined;
    withPool({}, (pool) => {
      const recording = new Recording(pool);
      result = recording.acquire(KIB);
      recording.close();
      expect(pool.usage.liveBuffers).toBe(1);
      result.release();
      expect(pool.usage).toMatchObject({ liveBuffers: 0, idleBuffers: 1 });
    });
  });

  it('holds memory from outside until it ends', () => {
    withPool({}, (pool) => {
      const recording = new Recording(pool);
      const outside = pool.acquire(KIB);
      const range = { allocation: outside, offset: 0, bytes: KIB };
      const program = { label: 'none', code: '', bindings: [] };
      for (let i = 0; i < 2; i++) {
        recording.dispatch({ program, buffers: { x: range }, params: {}, workgroups: [1, 1, 1], flops: 0 });
      }
      outside.release();
      expect(pool.usage.liveBuffers).toBe(1);
      recording.close();
    });
  });
});
