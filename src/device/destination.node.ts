/**
 * What an output path leads to. A regular file is replaced, at the end of symbolic links. A terminal, a pipe
 * or another device is written to and never replaced: a rename would destroy `/dev/null` for the whole
 * system.
 */

import type { Stats } from 'node:fs';
import { readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { FileError } from './errors.js';

export type Destination =
  /** A file to be replaced or made; `found` is what is there now. */
  | { readonly kind: 'file'; readonly path: string; readonly found: Stats | undefined }
  /** A pipe or character device to write to. */
  | { readonly kind: 'device'; readonly path: string }
  /** An open file descriptor of this process, such as `/dev/stdout`. */
  | { readonly kind: 'descriptor'; readonly fd: number };

const MOST_LINKS = 40;

/** @throws FileError for what no result can be written to; errors of the operating system */
export async function destinationOf(path: string): Promise<Destination> {
  if (path === '') throw new FileError('the output has no name; name a file');
  if (path.includes('\0')) throw new FileError('the name of the output holds a NUL character');
  const end = await followed(path);
  if (typeof end === 'number') return { kind: 'descriptor', fd: end };
  const found = await stat(end).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!found || found.isFile()) return { kind: 'file', path: end, found };
  if (found.isDirectory()) throw new FileError(`${path}: is a directory; name a file for the output`);
  if (found.isFIFO() || found.isCharacterDevice()) return { kind: 'device', path: end };
  const what = found.isBlockDevice() ? 'a disk' : 'a socket';
  throw new FileError(`${path}: is ${what}, which no result can be written to; name a file`);
}

/**
 * The path at the end of symbolic links, even if no file exists there, or the number of this process's own
 * descriptor.
 */
async function followed(path: string): Promise<string | number> {
  let at = resolve(path);
  for (let links = 0; links < MOST_LINKS; links++) {
    // A folder that does not exist yet has no links.
    const folder = await realpath(dirname(at)).catch(() => dirname(at));
    at = join(folder, basename(at));
    const descriptor = /^\/(?:dev|proc\/(?:self|(\d+)))\/fd\/(\d+)$/.exec(at);
    if (descriptor && (descriptor[1] ?? String(process.pid)) === String(process.pid))
      return Number(descriptor[2]);
    const target = await readlink(at).catch(() => undefined);
    if (target === undefined) return at;
    at = resolve(folder, target);
  }
  throw new FileError(`${path}: its symbolic links lead in a circle`);
}
