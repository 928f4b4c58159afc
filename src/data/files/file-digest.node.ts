/** sha256 of files that are read at random places, in Node. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { CancelledError } from '../../device/errors.js';
import { unreadable } from '../../device/system-error.node.js';
import type { ReadOptions } from './text-file.node.js';

/** sha256 of a file's bytes, hexadecimal. @throws FormatError where it cannot be read; CancelledError */
export async function digestOfFile(path: string, { signal }: ReadOptions = {}): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { signal, highWaterMark: 2 ** 20 })) hash.update(chunk);
  } catch (cause) {
    if (signal?.aborted) throw new CancelledError(`${path}: reading was cancelled`, { cause });
    throw unreadable(path, cause);
  }
  return hash.digest('hex');
}

/** The first bytes of a file, fewer where it is shorter. @throws FormatError where it cannot be read */
export async function firstBytes(path: string, count: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  try {
    for await (const chunk of createReadStream(path, { start: 0, end: count - 1 })) parts.push(chunk);
  } catch (cause) {
    throw unreadable(path, cause);
  }
  return Buffer.concat(parts);
}
