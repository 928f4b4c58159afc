/**
 * Limits how far the host runs ahead of the GPU: far enough that the GPU never waits, but not so far that
 * cancelling is slow.
 */

/** Groups of submits in flight: the host prepares one while the GPU runs the other. */
const IN_FLIGHT = 2;

export class Pace {
  readonly #inFlight: Promise<undefined>[] = [];

  /**
   * @param most groups in flight. More than two if a group takes less time than the notice that it is done
   */
  constructor(
    readonly queue: Pick<GPUQueue, 'onSubmittedWorkDone'>,
    readonly most = IN_FLIGHT,
  ) {}

  /** Await this after every group of submits. It waits until the group before is done. */
  async submitted(): Promise<void> {
    const done = this.queue.onSubmittedWorkDone();
    // The next operation reports a lost device; nothing here awaits the last group.
    done.catch(() => undefined);
    this.#inFlight.push(done);
    if (this.#inFlight.length >= this.most) await this.#inFlight.shift();
  }
}
