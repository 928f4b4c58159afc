/**
 * Long computations on the host that let other work run: they return to the event loop, and so to Ctrl-C,
 * every few hundredths of a second. A computation is written once, as a generator that yields between small
 * steps. It runs without pauses (`atOnce`) or with them (`breathing`).
 */

import { CancelledError, ResidualBindError } from './errors.js';

/** A computation that yields where it may pause, and returns its result. */
export type Steps<Result> = Generator<undefined, Result, undefined>;

/** Longest time without a pause, ms. */
const LONGEST = 40;

/** Runs a computation in one go. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Runs a computation with pauses. @throws CancelledError when the signal is aborted meanwhile */
export async function breathing<Result>(
  steps: Steps<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  const breath = new Breath(signal);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await breath.take();
  }
}

/** For a loop that is asynchronous anyway: `await breath.take()` pauses if enough time has passed. */
export class Breath {
  #last = performance.now();

  constructor(readonly signal: AbortSignal | undefined) {}

  /** @throws CancelledError when the signal is aborted */
  async take(): Promise<void> {
    if (performance.now() - this.#last < LONGEST) return;
    await nextTurn();
    this.#last = performance.now();
    throwIfCancelled(this.signal);
  }
}

/** Waits until the event loop has handled what is pending. */
export const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });

/** @throws CancelledError when the signal is aborted */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  const { reason } = signal;
  throw reason instanceof ResidualBindError
    ? reason
    : new CancelledError('the work was cancelled', { cause: reason });
}
