/**
 * The sums behind a profile: work and time of every kernel, and the first single dispatches for a trace. It
 * only adds numbers; `profiler.ts` measures them.
 */

import type { PassTimes } from './timestamps.js';

/** Work of one or many dispatches. */
export interface Work {
  /** Floating-point operations, two per multiply-add. */
  readonly flops: number;
  /** Minimum traffic: every bound range once, or the number that the kernel gives. */
  readonly bytes: number;
}

/** One dispatch of a recording. */
export interface KernelLaunch extends Work {
  /** The program's label. */
  readonly kernel: string;
  readonly workgroups: readonly [number, number, number];
}

/** Everything that a kernel did. */
export interface KernelTotals extends Work {
  readonly kernel: string;
  readonly calls: number;
  /** The calls whose time is known: all, if the adapter has timestamps. */
  readonly timed: Work & { readonly calls: number; readonly seconds: number };
}

/** A timed dispatch on the host's clock (`performance.now`), in milliseconds. */
export interface DispatchEvent extends KernelLaunch {
  readonly start: number;
  readonly milliseconds: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Totals = Mutable<Omit<KernelTotals, 'timed'>> & { timed: Mutable<KernelTotals['timed']> };

export class KernelLedger {
  readonly #kernels = new Map<string, Totals>();
  /** With `start` in milliseconds since `#origin` on the GPU's clock. */
  readonly #events: DispatchEvent[] = [];
  #dropped = 0;
  /** The GPU's clock has an arbitrary origin, so times are kept relative to the first one. */
  #origin: bigint | undefined;
  /**
   * Host's milliseconds minus the GPU's: the smallest value with which nothing begins before it was
   * submitted.
   */
  #clockOffset = Number.NEGATIVE_INFINITY;

  /** @param traceEvents how many single dispatches to keep */
  constructor(readonly traceEvents = 0) {}

  /** Sorted by time, longest first; by calls if nothing is timed. */
  get kernels(): KernelTotals[] {
    return [...this.#kernels.values()]
      .map((totals) => ({ ...totals, timed: { ...totals.timed } }))
      .sort((a, b) => b.timed.seconds - a.timed.seconds || b.calls - a.calls);
  }

  get events(): DispatchEvent[] {
    return this.#events.map((event) => ({ ...event, start: event.start + this.#clockOffset }));
  }

  /** Timed dispatches that are in the sums but not among the events. */
  get eventsDropped(): number {
    return this.#dropped;
  }

  /** Counts dispatches when they are submitted. */
  count(launches: readonly KernelLaunch[]): void {
    for (const launch of launches) {
      const totals = this.#of(launch.kernel);
      totals.calls++;
      totals.flops += launch.flops;
      totals.bytes += launch.bytes;
    }
  }

  /**
   * Adds the times of dispatches that were counted before. A pass that ends before it begins, which drivers
   * may report, stays untimed.
   *
   * @param submitted when they were submitted, ms on the host's clock
   */
  time(launches: readonly KernelLaunch[], times: readonly PassTimes[], submitted: number): void {
    launches.forEach((launch, i) => {
      const [begin, end] = times[i]!;
      if (end < begin) return;
      this.#origin ??= begin;
      const start = Number(begin - this.#origin) / 1e6;
      const milliseconds = Number(end - begin) / 1e6;
      this.#clockOffset = Math.max(this.#clockOffset, submitted - start);
      const { timed } = this.#of(launch.kernel);
      timed.calls++;
      timed.seconds += milliseconds / 1e3;
      timed.flops += launch.flops;
      timed.bytes += launch.bytes;
      if (this.#events.length < this.traceEvents) this.#events.push({ ...launch, start, milliseconds });
      else this.#dropped++;
    });
  }

  #of(kernel: string): Totals {
    let totals = this.#kernels.get(kernel);
    if (!totals) {
      const timed = { calls: 0, seconds: 0, flops: 0, bytes: 0 };
      totals = { kernel, calls: 0, flops: 0, bytes: 0, timed };
      this.#kernels.set(kernel, totals);
    }
    return totals;
  }
}
