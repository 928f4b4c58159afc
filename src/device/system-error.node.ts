/** Errors of the operating system in plain words. */

import { FormatError } from './errors.js';

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'there is a file of that name',
  EFBIG: 'the file is larger than the file system allows',
  EIO: 'the disk reports an error',
  EISDIR: 'it is a directory',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'there is no such file or directory',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is a file, not a directory',
  ENXIO: 'nothing reads from it',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
};

/** What went wrong, for a message: a plain sentence, or the system's own text. */
export function inWords(error: unknown): string {
  const { code, message = String(error) } = (error ?? {}) as NodeJS.ErrnoException;
  return WORDS[code ?? ''] ?? message;
}

/**
 * The error for an input file that cannot be read.
 *
 * @param advice what to do
 */
export const unreadable = (path: string, error: unknown, advice = 'check the path'): FormatError =>
  new FormatError(`${path}: cannot be read (${inWords(error)}); ${advice}`, { cause: error });
