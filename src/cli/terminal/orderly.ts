/**
 * Work that a signal must not cut off: writing files, and loops that end by themselves soon after the signal
 * and then save what they have reached. Everything else is left where it stands.
 */

let under = 0;

/** Whether such work is under way. */
export const isOrderly = (): boolean => under > 0;

/** Waits for work that must not be cut off. */
export async function orderly<T>(work: () => Promise<T>): Promise<T> {
  under++;
  try {
    return await work();
  } finally {
    under--;
  }
}

/**
 * A loop that saves what it has reached when a signal comes. It counts as orderly from `enter` to `leave`.
 */
export class OrderlyLoop {
  #inside = false;

  enter(): void {
    if (!this.#inside) under++;
    this.#inside = true;
  }

  leave(): void {
    if (this.#inside) under--;
    this.#inside = false;
  }
}
