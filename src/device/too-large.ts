/** Errors of size get the name of what is too large: only the caller of what threw them knows it. */

import { OutOfMemoryError } from './errors.js';

/**
 * The same error with a place before its message, where it says that something is too large and does not know
 * what: a layer, or the file that the network is from. Any other error is returned as it is.
 */
export function tooLargeAt(place: string, cause: unknown): unknown {
  return cause instanceof OutOfMemoryError
    ? new OutOfMemoryError(`${place}: ${cause.message}`, { cause })
    : cause;
}

/** Work with a network from a file, whose name an OutOfMemoryError then begins with. */
export async function sizedFrom<T>(file: string | undefined, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw file === undefined ? error : tooLargeAt(file, error);
  }
}
