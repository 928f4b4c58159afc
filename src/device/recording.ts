/**
 * A list of dispatches that is being recorded, and the arena of their results. Memory that is released while
 * recording is reused by later dispatches of the same recording. This is safe, because they run in order on
 * the GPU. An upload from the host would run before them.
 */

import type { Allocation, Arena, BufferPool } from './buffer-pool.js';
import type { Program } from './program.js';
import type { Uniform } from './uniform-block.js';

/** A range of an allocation, in bytes. */
export interface BufferRange {
  readonly allocation: Allocation;
  readonly offset: number;
  readonly bytes: number;
}

/** One kernel launch: buffers by binding name, values of its `params` struct, size of the grid, work. */
export interface Dispatch {
  readonly program: Program;
  readonly buffers: Readonly<Record<string, BufferRange | Uniform>>;
  readonly params: Readonly<Record<string, number>>;
  readonly workgroups: readonly [number, number, number];
  /** Floating-point operations, for profiles. */
  readonly flops: number;
  /** Bytes that it touches, if that differs from the bound ranges; for profiles. */
  readonly bytes?: number;
}

export class Recording implements Arena {
  readonly dispatches: Dispatch[] = [];
  readonly #own = new Set<Allocation>();
  readonly #free: Allocation[] = [];
  readonly #held = new Set<Allocation>();
  #closed = false;

  constructor(readonly pool: BufferPool) {}

  /** Memory for a result: recycled from this recording if a piece fits, otherwise from the pool. */
  acquire(bytes: number): Allocation {
    const fit = this.#free.findIndex((free) => free.bytes >= bytes && free.bytes <= 1.25 * bytes + 1024);
    if (fit >= 0) return this.#free.splice(fit, 1)[0]!.revive(this);
    const allocation = this.pool.acquire(bytes);
    allocation.arena = this;
    this.#own.add(allocation);
    return allocation;
  }

  reclaim(allocation: Allocation): void {
    if (this.#closed) this.pool.reclaim(allocation);
    else this.#free.push(allocation);
  }

  dispatch(dispatch: Dispatch): void {
    for (const range of Object.values(dispatch.buffers)) {
      if (!('allocation' in range)) continue;
      const { allocation } = range;
      // Memory from outside must outlive the recording, even if its other holders release it.
      if (!this.#own.has(allocation) && !this.#held.has(allocation)) this.#held.add(allocation.retain());
    }
    this.dispatches.push(dispatch);
  }

  /**
   * Ends a recording whose body failed: nobody can use its results, so all of its memory returns to the pool.
   */
  abandon(): void {
    if (this.#closed) return;
    this.#free.length = 0;
    for (const allocation of this.#own) allocation.forfeit(this.pool);
    this.#own.clear();
    this.close();
  }

  /**
   * Ends the recording's hold on memory: free pieces return to the pool, living results belong to it from now
   * on.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const allocation of this.#own) if (allocation.live) allocation.arena = this.pool;
    for (const free of this.#free.splice(0)) this.pool.reclaim(free);
    for (const held of this.#held) held.release();
    this.#own.clear();
    this.#held.clear();
  }
}
