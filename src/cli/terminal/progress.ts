/**
 * Progress on stderr: a bar that redraws itself on a terminal, and occasional plain lines elsewhere (log
 * files, pipes).
 */

import { SingleBar } from 'cli-progress';
import { type Io, note } from './io.js';
import { TimeLeft } from './time-left.js';

export interface ProgressOptions {
  readonly label: string;
  /** Units of work in all. */
  readonly total: number;
  /** Units done before; they do not count for the rate. Default 0. */
  readonly done?: number;
  /** What is counted, for the rate: `pairs/s`. No rate without it. */
  readonly unit?: string;
  /** Plain lines between 0 and 100 %; with 0 only `finish` prints one. Default 10. */
  readonly lines?: number;
}

/** What a bar says until its pace is known. */
export const NO_ESTIMATE = 'estimating the time left';

export class Progress implements Disposable {
  readonly #bar: SingleBar | undefined;
  readonly #from = performance.now();
  readonly #left = new TimeLeft();
  #total: number;
  #printed = 0;
  #ended = false;

  constructor(
    readonly io: Io,
    readonly options: ProgressOptions,
  ) {
    this.#total = options.total;
    if (!io.stderr.isTTY) return;
    this.#bar = new SingleBar({
      stream: io.stderr as NodeJS.WritableStream,
      // A killed process must not leave a terminal without cursor or line wrapping.
      hideCursor: false,
      linewrap: true,
      forceRedraw: true,
      format: (_, { progress, value }, { tail }: { tail?: string }) =>
        fitted(this.options.label, progress, tail ?? this.#pace(value), io.stderr.columns ?? 80),
    });
    this.#bar.start(options.total, options.done ?? 0, {});
  }

  /**
   * @param tail shown instead of the bar's own estimate of the time left
   * @param total units of work in all, where that has changed
   */
  update(done: number, { tail, total = this.#total }: { tail?: string; total?: number } = {}): void {
    if (total !== this.#total) this.#bar?.setTotal(total);
    this.#total = total;
    this.#left.reached(done);
    if (this.#bar) {
      this.#bar.update(done, tail === undefined ? {} : { tail });
      return;
    }
    const { label, lines = 10 } = this.options;
    const reached = Math.floor((done / total) * lines);
    if (reached <= this.#printed || done >= total) return;
    this.#printed = reached;
    note(this.io, `${label} ${percent(done / total)}  ${this.#pace(done)}`.trimEnd());
  }

  /** Completes the bar, with a text in place of the time left. */
  finish(tail = `done in ${duration((performance.now() - this.#from) / 1000)}`): void {
    if (this.#ended) return;
    this.#bar?.update(this.#total, { tail });
    this.stop();
    if (!this.#bar) note(this.io, `${this.options.label}  ${tail}`);
  }

  /** Leaves the bar as it is, so that other lines may follow. */
  stop(): void {
    this.#ended = true;
    this.#bar?.stop();
  }

  #pace(done: number): string {
    const { unit } = this.options;
    if (done <= (this.options.done ?? 0)) return 'starting';
    const rate = this.#left.rate(done);
    if (rate === undefined) return this.#bar ? NO_ESTIMATE : '';
    const left = `${duration((this.#total - done) / rate)} left`;
    return unit ? `${Math.round(rate).toLocaleString('en')} ${unit}, ${left}` : left;
  }

  [Symbol.dispose](): void {
    if (!this.#ended) this.stop();
  }
}

/** `label ▕███   ▏ 42 %  tail`, the bar as wide as the line has room for, none on a narrow line. */
function fitted(label: string, progress: number, tail: string, columns: number): string {
  const text = `${percent(progress)}  ${tail}`;
  const width = Math.min(30, columns - label.length - text.length - 5);
  if (width < 4) return `${label} ${text}`;
  const full = Math.round(progress * width);
  return `${label} [${'='.repeat(full)}${' '.repeat(width - full)}] ${text}`;
}

const percent = (share: number): string => `${Math.floor(share * 100)} %`.padStart(5);

/** `8 s`, `3 min 20 s`, `1 h 05 min`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
