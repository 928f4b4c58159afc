/**
 * The run manifest: the program, the adapter and the input that a result comes from. Commands add their own
 * results.
 */

import type { Gpu } from '../../device/gpu.js';
import type { Counters } from '../../device/profiling/counters.js';
import { versions } from '../../device/versions.node.js';

/** Counts time and GPU work from its making on. */
export class Stopwatch {
  readonly started = new Date();
  readonly #from = performance.now();
  readonly #before: Counters | undefined;

  constructor(readonly gpu?: Gpu) {
    this.#before = gpu && { ...gpu.counters };
  }

  /** Wall time so far, s. */
  get seconds(): number {
    return (performance.now() - this.#from) / 1000;
  }

  /** Kernel launches and submits so far. */
  get work(): { readonly dispatches: number; readonly submits: number } {
    const { gpu } = this;
    const before = this.#before;
    return {
      dispatches: gpu && before ? gpu.counters.dispatches - before.dispatches : 0,
      submits: gpu && before ? gpu.counters.submits - before.submits : 0,
    };
  }
}

/** The part that all manifests share. */
export async function manifest(command: string, options: object, watch: Stopwatch) {
  return {
    command,
    versions: await versions(),
    ...(watch.gpu ? { adapter: watch.gpu.adapter } : {}),
    options,
    started: watch.started.toISOString(),
    seconds: Math.round(watch.seconds * 1000) / 1000,
    ...(watch.gpu ? { work: watch.work } : {}),
  };
}
