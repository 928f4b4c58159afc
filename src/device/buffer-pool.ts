/**
 * GPU memory: counted allocations, recycled through a pool with a cap. An allocation belongs to an arena (the
 * pool itself, or a recording) and returns there when its last holder releases it.
 */

import { DisposedError, OutOfMemoryError } from './errors.js';
import { SIZES } from './sizes.js';

/** Takes back allocations that have no holder any more. */
export interface Arena {
  reclaim(allocation: Allocation): void;
}

/** The memory of failed work has already gone to the pool, so its later releases end here. */
const NOWHERE: Arena = { reclaim: () => undefined };

/** A GPU buffer with a count of its holders. */
export class Allocation {
  #holders = 1;

  constructor(
    readonly buffer: GPUBuffer,
    public arena: Arena,
  ) {}

  /** Capacity in bytes: the size asked for, rounded up. */
  get bytes(): number {
    return this.buffer.size;
  }

  get live(): boolean {
    return this.#holders > 0;
  }

  retain(): this {
    if (!this.live) throw new DisposedError('a GPU buffer was used after its last holder released it');
    this.#holders++;
    return this;
  }

  release(): void {
    if (!this.live) throw new DisposedError('a GPU buffer was released twice');
    if (--this.#holders === 0) this.arena.reclaim(this);
  }

  /**
   * Takes the memory from holders whose work failed, and gives it to a pool. Their later releases have no
   * effect.
   */
  forfeit(pool: Arena): void {
    pool.reclaim(new Allocation(this.buffer, pool));
    this.arena = NOWHERE;
  }

  /** Gives recycled memory a new holder. For arenas only. */
  revive(arena: Arena): this {
    this.#holders = 1;
    this.arena = arena;
    return this;
  }
}

/** Exact accounting of GPU memory, in buffers and bytes. */
export interface PoolUsage {
  readonly liveBuffers: number;
  readonly liveBytes: number;
  readonly idleBuffers: number;
  readonly idleBytes: number;
}

export interface PoolOptions {
  /**
   * Most bytes kept idle for reuse; beyond them buffers are destroyed. Default 512 MiB; a `Gpu` on hardware
   * has 4 GiB.
   */
  readonly idleLimit?: number;
  /** Most bytes live and idle together. Default: no limit but the adapter's. */
  readonly memoryLimit?: number;
}

/** Rounds a size up so that nearly equal sizes share buffers: at most an eighth larger, a multiple of 256. */
export function roundedSize(bytes: number): number {
  const step = Math.max(256, 2 ** Math.floor(Math.log2(Math.max(bytes, 1)) - 3));
  return Math.ceil(Math.max(bytes, 4) / step) * step;
}

export class BufferPool implements Arena {
  readonly #idle = new Map<number, Allocation[]>();
  #usage = { liveBuffers: 0, liveBytes: 0, idleBuffers: 0, idleBytes: 0 };
  readonly #idleLimit: number;
  readonly #memoryLimit: number;

  constructor(
    readonly device: GPUDevice,
    options: PoolOptions = {},
  ) {
    this.#idleLimit = options.idleLimit ?? SIZES.idleBytes.software;
    this.#memoryLimit = options.memoryLimit ?? Number.POSITIVE_INFINITY;
  }

  get usage(): PoolUsage {
    return { ...this.#usage };
  }

  /**
   * A storage buffer of at least `bytes` bytes. It contains whatever the last holder left.
   *
   * @throws OutOfMemoryError when it exceeds the adapter's limits or the pool's memory limit
   */
  acquire(bytes: number): Allocation {
    const size = Math.min(roundedSize(bytes), Math.max(bytes, this.#largest));
    if (bytes > this.#largest) {
      throw new OutOfMemoryError(
        `a buffer of ${bytes} bytes exceeds the adapter's limit of ${this.#largest}; use a smaller batch or chunk`,
      );
    }
    const recycled = this.#idle.get(size)?.pop();
    if (recycled) {
      this.#count('idle', -1, size);
      this.#count('live', 1, size);
      return recycled.revive(this);
    }
    const needed = this.#usage.liveBytes + size;
    if (needed + this.#usage.idleBytes > this.#memoryLimit) this.trim();
    if (needed > this.#memoryLimit) {
      throw new OutOfMemoryError(
        `${needed} bytes of GPU memory would exceed the limit of ${this.#memoryLimit}; use a smaller batch or chunk`,
      );
    }
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const buffer = this.device.createBuffer({ size, usage });
    this.#count('live', 1, size);
    return new Allocation(buffer, this);
  }

  reclaim(allocation: Allocation): void {
    const { bytes } = allocation;
    this.#count('live', -1, bytes);
    if (this.#usage.idleBytes + bytes > this.#idleLimit) {
      allocation.buffer.destroy();
      return;
    }
    const shelf = this.#idle.get(bytes);
    if (shelf) shelf.push(allocation);
    else this.#idle.set(bytes, [allocation]);
    this.#count('idle', 1, bytes);
  }

  /** Destroys every idle buffer. */
  trim(): void {
    for (const shelf of this.#idle.values()) for (const { buffer } of shelf) buffer.destroy();
    this.#idle.clear();
    this.#usage.idleBuffers = 0;
    this.#usage.idleBytes = 0;
  }

  /** Most bytes that a buffer can have here. */
  get most(): number {
    return Math.min(this.#largest, this.#memoryLimit);
  }

  get #largest(): number {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.device.limits;
    return Math.min(maxBufferSize, maxStorageBufferBindingSize);
  }

  #count(kind: 'live' | 'idle', buffers: number, bytes: number): void {
    this.#usage[`${kind}Buffers`] += buffers;
    this.#usage[`${kind}Bytes`] += buffers * bytes;
  }
}
