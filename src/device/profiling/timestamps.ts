/**
 * Begin and end of the compute passes of one submit: a query set, the buffers that bring its values to the
 * host, and a pool of both, because every submit in flight needs its own. `profiler.ts` assigns the times to
 * kernels.
 */

/** Queries that one set holds at most (WebGPU's own limit). */
const MOST_QUERIES = 4096;
/**
 * Most submits whose times are pending. Further submits are not timed, so that a host that never waits uses
 * little memory.
 */
const MOST_IN_FLIGHT = 1024;

interface Slot {
  readonly queries: GPUQuerySet;
  readonly resolved: GPUBuffer;
  readonly readable: GPUBuffer;
}

/** Begin and end of a pass, in nanoseconds of the GPU's clock. */
export type PassTimes = readonly [begin: bigint, end: bigint];

/** The timestamps of one submit. */
export class SubmitTimestamps {
  constructor(
    readonly slots: readonly Slot[],
    readonly passes: number,
  ) {}

  /** For the descriptor of pass `index`. */
  writes(index: number): GPUComputePassTimestampWrites {
    const query = 2 * index;
    return {
      querySet: this.slots[Math.floor(query / MOST_QUERIES)]!.queries,
      beginningOfPassWriteIndex: query % MOST_QUERIES,
      endOfPassWriteIndex: (query % MOST_QUERIES) + 1,
    };
  }

  /** Records, after the last pass, that the values are to be made readable. */
  resolve(encoder: GPUCommandEncoder): void {
    this.slots.forEach(({ queries, resolved, readable }, i) => {
      const count = this.#queriesIn(i);
      encoder.resolveQuerySet(queries, 0, count, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, readable, 0, 8 * count);
    });
  }

  /** The times of every pass, once the GPU has run them. Rejects when the device goes away before. */
  async read(): Promise<PassTimes[]> {
    const times = await Promise.all(
      this.slots.map(async ({ readable }, i) => {
        const bytes = 8 * this.#queriesIn(i);
        await readable.mapAsync(GPUMapMode.READ, 0, bytes);
        const values = new BigUint64Array(readable.getMappedRange(0, bytes).slice(0));
        readable.unmap();
        return values;
      }),
    );
    return times.flatMap((values) =>
      Array.from({ length: values.length / 2 }, (_, i): PassTimes => [values[2 * i]!, values[2 * i + 1]!]),
    );
  }

  #queriesIn(slot: number): number {
    return Math.min(MOST_QUERIES, 2 * this.passes - slot * MOST_QUERIES);
  }
}

/** Lends timestamps to submits. Slots are recycled by their capacity, a power of two. */
export class TimestampPool {
  readonly #idle = new Map<number, Slot[]>();
  readonly #all = new Set<Slot>();
  #inFlight = 0;

  constructor(readonly device: GPUDevice) {}

  /** Timestamps for this many passes, or undefined if too many submits are in flight. */
  acquire(passes: number): SubmitTimestamps | undefined {
    if (passes === 0 || this.#inFlight >= MOST_IN_FLIGHT) return undefined;
    this.#inFlight++;
    const slots: Slot[] = [];
    for (let left = 2 * passes; left > 0; left -= MOST_QUERIES)
      slots.push(this.#slot(Math.min(left, MOST_QUERIES)));
    return new SubmitTimestamps(slots, passes);
  }

  release({ slots }: SubmitTimestamps): void {
    this.#inFlight--;
    for (const slot of slots) {
      const idle = this.#idle.get(slot.queries.count);
      if (idle) idle.push(slot);
      else this.#idle.set(slot.queries.count, [slot]);
    }
  }

  dispose(): void {
    for (const { queries, resolved, readable } of this.#all) {
      queries.destroy();
      resolved.destroy();
      readable.destroy();
    }
    this.#all.clear();
    this.#idle.clear();
  }

  #slot(queries: number): Slot {
    const count = 2 ** Math.max(5, Math.ceil(Math.log2(queries)));
    const recycled = this.#idle.get(count)?.pop();
    if (recycled) return recycled;
    const { device } = this;
    const size = 8 * count;
    const slot = {
      queries: device.createQuerySet({ type: 'timestamp', count }),
      resolved: device.createBuffer({
        size,
        usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
      }),
      readable: device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST }),
    };
    this.#all.add(slot);
    return slot;
  }
}
