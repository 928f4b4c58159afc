/**
 * Resources of a function that makes several before it can return them: where a later one fails, all are
 * disposed.
 */

export class Owned implements Disposable {
  readonly #all: { dispose(): void }[] = [];

  /** Takes charge of a resource, and returns it. */
  own<T extends { dispose(): void }>(resource: T): T {
    this.#all.push(resource);
    return resource;
  }

  /** Everything was made: the resources belong to whoever receives them. */
  release(): void {
    this.#all.length = 0;
  }

  /** Disposes what is still owned, the last one first. */
  [Symbol.dispose](): void {
    for (const resource of this.#all.toReversed()) resource.dispose();
    this.release();
  }
}
