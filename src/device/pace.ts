/** How far the host runs ahead of the GPU: far enough that the GPU never waits, not so far that cancelling is slow. */

/** Groups of submits under way: the host prepares one while the GPU runs the other. */
const IN_FLIGHT = 2;

export class Pace {
  readonly #inFlight: Promise<undefined>[] = [];

  /** @param most groups under way; more than two for groups that take no longer than the host hears that one is done */
  constructor(
    readonly queue: Pick<GPUQueue, 'onSubmittedWorkDone'>,
    readonly most = IN_FLIGHT,
  ) {}

  /** To be awaited after every group of submits: until the group before it is done. */
  async submitted(): Promise<void> {
    const done = this.queue.onSubmittedWorkDone();
    // A lost device is reported by what comes next; the last group is awaited by nobody here.
    done.catch(() => undefined);
    this.#inFlight.push(done);
    if (this.#inFlight.length >= this.most) await this.#inFlight.shift();
  }
}
