/** The stages of a command one after the other: wall time, and GPU work by differences of the device's counters. */

import type { Counters } from '../device/counters.js';

/** All times that a stage was entered, together. */
export interface StageTotals extends Counters {
  readonly stage: string;
  readonly times: number;
  /** Wall time. */
  readonly seconds: number;
}

/** One time that a stage was entered, in milliseconds of `performance.now`. */
export interface StageEvent {
  readonly stage: string;
  readonly start: number;
  readonly milliseconds: number;
  readonly work: Counters;
}

const NOTHING: Counters = { dispatches: 0, submits: 0, bindGroups: 0, uploads: 0, uploadedBytes: 0 };

const combine = (a: Counters, b: Counters, sign: 1 | -1): Counters => ({
  dispatches: a.dispatches + sign * b.dispatches,
  submits: a.submits + sign * b.submits,
  bindGroups: a.bindGroups + sign * b.bindGroups,
  uploads: a.uploads + sign * b.uploads,
  uploadedBytes: a.uploadedBytes + sign * b.uploadedBytes,
});

export class Stages {
  readonly #events: StageEvent[] = [];
  #running: { readonly stage: string; readonly start: number; readonly before: Counters } | undefined;
  #counters: Counters = NOTHING;

  /** Counts this device's work from now on. */
  attach({ counters }: { readonly counters: Counters }): void {
    this.#counters = counters;
  }

  /** Ends the running stage and begins another, or the same once more. */
  begin(stage: string): void {
    this.end();
    this.#running = { stage, start: performance.now(), before: { ...this.#counters } };
  }

  end(): void {
    if (!this.#running) return;
    const { stage, start, before } = this.#running;
    const work = combine(this.#counters, before, -1);
    this.#events.push({ stage, start, milliseconds: performance.now() - start, work });
    this.#running = undefined;
  }

  get events(): readonly StageEvent[] {
    return this.#events;
  }

  /** By stage, in the order in which they were first entered. */
  get totals(): StageTotals[] {
    const totals = new Map<string, StageTotals>();
    for (const { stage, milliseconds, work } of this.#events) {
      const { times, seconds, ...before } = totals.get(stage) ?? { times: 0, seconds: 0, ...NOTHING };
      totals.set(stage, {
        ...combine(before, work, 1),
        stage,
        times: times + 1,
        seconds: seconds + milliseconds / 1000,
      });
    }
    return [...totals.values()];
  }
}
