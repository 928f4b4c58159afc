/**
 * Measures the kernels of a device: calls, time by timestamp queries, flops and bytes, added up per kernel.
 * While a GPU has a profiler, plans run every dispatch in its own compute pass, so that it can be timed. This
 * takes extra time, and kernels that could have overlapped no longer do.
 */

import type { Dispatch } from '../recording.js';
import { type DispatchEvent, type KernelLaunch, KernelLedger, type KernelTotals } from './kernel-ledger.js';
import { TimestampPool } from './timestamps.js';

/** What a profiler keeps. */
export interface ProfilerOptions {
  /** Single dispatches to keep for a trace, the first ones; later ones are only added up. Default 0. */
  readonly traceEvents?: number;
}

/** What a profiler has counted and timed. */
export interface ProfileReport {
  /** Whether the adapter has timestamps; without them kernels are counted, not timed. */
  readonly hasTimestamps: boolean;
  /** Sorted by time, longest first. */
  readonly kernels: readonly KernelTotals[];
  readonly events: readonly DispatchEvent[];
  readonly eventsDropped: number;
}

/** What a plan does with a submit that is being timed. */
export interface TimedSubmit {
  /** For the descriptor of the pass of dispatch `index`. */
  writes(index: number): GPUComputePassTimestampWrites;
  /** After the last pass, right before the submit. */
  resolve(encoder: GPUCommandEncoder): void;
  /** Right after the submit. */
  submitted(): void;
}

/** Counts and times the kernels of a GPU; see `Gpu.profiler`. */
export class Profiler implements Disposable {
  readonly #pool: TimestampPool | undefined;
  readonly #ledger: KernelLedger;
  readonly #reading = new Set<Promise<void>>();
  /** The launches of a recording, which every replay repeats. */
  readonly #launches = new WeakMap<readonly Dispatch[], readonly KernelLaunch[]>();

  constructor(device: GPUDevice, { traceEvents = 0 }: ProfilerOptions = {}) {
    this.#pool = device.features.has('timestamp-query') ? new TimestampPool(device) : undefined;
    this.#ledger = new KernelLedger(traceEvents);
  }

  /** Counts dispatches that are about to be submitted; undefined where they cannot be timed. */
  time(dispatches: readonly Dispatch[]): TimedSubmit | undefined {
    const launches = this.#launchesOf(dispatches);
    this.#ledger.count(launches);
    const pool = this.#pool;
    const timestamps = pool?.acquire(launches.length);
    if (!pool || !timestamps) return undefined;
    let at = 0;
    return {
      writes: (index) => timestamps.writes(index),
      resolve: (encoder) => {
        timestamps.resolve(encoder);
        at = performance.now();
      },
      submitted: () => {
        const reading = timestamps
          .read()
          .then(
            (times) => {
              this.#ledger.time(launches, times, at);
              pool.release(timestamps);
            },
            // The device is gone. These calls stay untimed, and the GPU reports the reason.
            () => undefined,
          )
          .finally(() => this.#reading.delete(reading));
        this.#reading.add(reading);
      },
    };
  }

  /** Everything so far, after all submitted work has run. */
  async report(): Promise<ProfileReport> {
    await Promise.all(this.#reading);
    const { kernels, events, eventsDropped } = this.#ledger;
    return { hasTimestamps: this.#pool !== undefined, kernels, events, eventsDropped };
  }

  /** Frees the buffers of the timestamps. */
  dispose(): void {
    this.#pool?.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #launchesOf(dispatches: readonly Dispatch[]): readonly KernelLaunch[] {
    let launches = this.#launches.get(dispatches);
    if (!launches) {
      launches = dispatches.map((dispatch) => ({
        kernel: dispatch.program.label,
        workgroups: dispatch.workgroups,
        flops: dispatch.flops,
        bytes: dispatch.bytes ?? boundBytes(dispatch),
      }));
      this.#launches.set(dispatches, launches);
    }
    return launches;
  }
}

/** Bytes of the ranges that a dispatch binds, each once: an unused binding repeats the range of another. */
function boundBytes({ buffers }: Dispatch): number {
  const ranges = new Map<string, number>();
  const allocations = new Map<object, number>();
  for (const bound of Object.values(buffers)) {
    if (!('allocation' in bound)) continue;
    const { allocation, offset, bytes } = bound;
    if (!allocations.has(allocation)) allocations.set(allocation, allocations.size);
    ranges.set(`${allocations.get(allocation)} ${offset} ${bytes}`, bytes);
  }
  return [...ranges.values()].reduce((sum, bytes) => sum + bytes, 0);
}
