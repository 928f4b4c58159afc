/**
 * Where the bytes of an input come from, in Node: a file, or standard input for the path `-`, as is
 * usual for Unix commands. Standard input can be read once. A file named `-` has the path `./-`.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { addAbortSignal } from 'node:stream';
import { FormatError } from '../../device/errors.js';

/** How a probe or sequence file is read. */
export interface ReadOptions {
  /** Ends reading with a CancelledError. */
  readonly signal?: AbortSignal | undefined;
}

/** The path that stands for standard input. */
export const STDIN = '-';

/** The name of a path in messages. */
export const sourceOf = (path: string): string => (path === STDIN ? 'standard input' : path);

/** Streams that have been read. */
const begun = new WeakSet<object>();

/** How an input is opened. */
interface InputOptions extends ReadOptions {
  /** Bytes of a file that are read at a time. */
  readonly highWaterMark?: number | undefined;
}

/**
 * The bytes of an input, read when the consumer asks for them. Errors of the system are thrown with the first
 * ones.
 *
 * @throws FormatError for standard input that has been read
 */
export function openInput(
  path: string,
  { signal, highWaterMark }: InputOptions = {},
): AsyncIterable<Uint8Array> {
  if (path !== STDIN) return createReadStream(path, { signal, ...(highWaterMark && { highWaterMark }) });
  const { stdin } = process;
  if (begun.has(stdin))
    throw new FormatError(
      'standard input (-) can be read only once, and was read before; name a file for one of the inputs',
    );
  begun.add(stdin);
  if (signal && !signal.aborted) addAbortSignal(signal, stdin);
  return stdin;
}

/** Bytes of a file; undefined for standard input, for a pipe, and where there is no file. */
export async function bytesOf(path: string): Promise<number | undefined> {
  if (path === STDIN) return undefined;
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}
