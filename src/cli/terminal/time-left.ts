/**
 * Estimates the time that a task still takes from its recent pace. Time before the first unit of work
 * (compiling, reading) is no measure of the pace, and the first units are often only queued. So there is no
 * estimate at first; later it uses the second half of the time that has passed.
 */

/** Seconds of work that an estimate needs. */
const LEAST_SECONDS = 3;
/** Moments kept within the time so far. */
const KEPT = 64;

interface Moment {
  /** Seconds, on any clock. */
  readonly at: number;
  readonly done: number;
}

export class TimeLeft {
  /** From the last one before half of the time on. */
  #moments: Moment[] = [];
  #first: Moment | undefined;

  /** @param clock seconds */
  constructor(readonly clock: () => number = () => performance.now() / 1000) {}

  /** Notes how much is done. */
  reached(done: number): void {
    const at = this.clock();
    this.#first ??= { at, done };
    const last = this.#moments.at(-1);
    if (last && at - last.at < (at - this.#first.at) / KEPT) return;
    this.#moments.push({ at, done });
    const half = (this.#first.at + at) / 2;
    while (this.#moments.length > 1 && this.#moments[1]!.at <= half) this.#moments.shift();
  }

  /** Units a second; undefined as long as nothing can be said. */
  rate(done: number): number | undefined {
    const [from] = this.#moments;
    const now = this.clock();
    if (!from || !this.#first || now - this.#first.at < LEAST_SECONDS || done <= from.done) return undefined;
    return (done - from.done) / (now - from.at);
  }

  /** Seconds until `total` are done; undefined as long as nothing can be said. */
  seconds(done: number, total: number): number | undefined {
    const rate = this.rate(done);
    return rate === undefined ? undefined : (total - done) / rate;
  }
}
