/**
 * Resources of a function that makes several of them. If a later one fails, all are disposed.
 */

export class Owned implements Disposable {
  readonly #all: { dispose(): void }[] = [];

  /** Takes ownership of a resource, and returns it. */
  own<T extends { dispose(): void }>(resource: T): T {
    this.#all.push(resource);
    return resource;
  }

  /** Call this when everything was made: from now on the caller owns the resources. */
  release(): void {
    this.#all.length = 0;
  }

  /** Disposes what is still owned, the last one first. */
  [Symbol.dispose](): void {
    for (const resource of this.#all.toReversed()) resource.dispose();
    this.release();
  }
}
