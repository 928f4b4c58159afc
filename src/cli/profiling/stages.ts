/**
 * The stages of a command one after the other: wall time, and GPU work by differences of the device's
 * counters.
 */

import type { Compilation } from '../../device/pipelines.js';
import type { Counters } from '../../device/profiling/counters.js';

/** Totals of a stage over all times that it was entered. */
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

/** The stage of compiling pipelines. A command may begin it itself, as `train` does. */
const COMPILE = 'compile';

/** What a device says of its work. */
interface Attached {
  readonly counters: Counters;
  readonly pipelines?: { readonly compilations: readonly Compilation[] };
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
  #compilations: readonly Compilation[] = [];

  /** Counts this device's work from now on, and what it compiles. */
  attach({ counters, pipelines }: Attached): void {
    this.#counters = counters;
    this.#compilations = pipelines?.compilations ?? [];
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

  /** Stages, and within them the times in which the device compiled. */
  get events(): readonly StageEvent[] {
    return this.#events.flatMap((event) => [event, ...this.#compilingIn(event)]);
  }

  /**
   * By stage, in the order in which they were first entered. Compiling is a stage of its own, wherever it
   * happened.
   */
  get totals(): StageTotals[] {
    const apart = this.#events.flatMap((event) => {
      const compiling = this.#compilingIn(event);
      const spent = compiling.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
      return [...compiling, { ...event, milliseconds: event.milliseconds - spent }];
    });
    const totals = new Map<string, StageTotals>();
    for (const { stage, milliseconds, work } of apart) {
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

  /** The times in a stage in which at least one pipeline was being compiled. */
  #compilingIn({ stage, start, milliseconds }: StageEvent): StageEvent[] {
    if (stage === COMPILE) return [];
    const end = start + milliseconds;
    const spans: [number, number][] = [];
    for (const each of this.#compilations.toSorted((a, b) => a.start - b.start)) {
      const from = Math.max(each.start, start);
      const to = Math.min(each.start + each.milliseconds, end);
      const last = spans.at(-1);
      if (to <= from) continue;
      if (last && from <= last[1]) last[1] = Math.max(last[1], to);
      else spans.push([from, to]);
    }
    return spans.map(([from, to]) => ({
      stage: COMPILE,
      start: from,
      milliseconds: to - from,
      work: NOTHING,
    }));
  }
}
