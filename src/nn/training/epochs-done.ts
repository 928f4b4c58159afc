/** How far the training of many models is. */

/** Counts epochs, and tells how many are done of at most `epochs` for each of `experiments`. */
export class EpochsDone {
  readonly #done: number[];
  #shown = 0;

  constructor(
    experiments: number,
    readonly epochs: number,
    readonly tell: ((progress: { readonly done: number; readonly total: number }) => void) | undefined,
  ) {
    this.#done = Array.from({ length: experiments }, () => 0);
  }

  epoch(experiment: number, done: number): void {
    this.#done[experiment] = Math.max(done, this.#done[experiment]!);
  }

  step(running: readonly number[], share: number): void {
    const whole = this.#done.reduce((sum, done) => sum + done, 0);
    // Epochs are told a little late, since the next ones run meanwhile.
    this.#shown = Math.max(this.#shown, whole + running.length * share);
    this.tell?.({ done: this.#shown, total: this.#done.length * this.epochs });
  }
}
