/** Files replaced in one step, and streams written to. */

import { createWriteStream, type Stats } from 'node:fs';
import { type FileHandle, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from './adapter/make-folder.node.js';
import { ownedName } from './adapter/owner.node.js';
import { destinationOf } from './destination.node.js';

/** What a file holds: text, bytes, or parts of bytes that can be taken again from the beginning. */
export type Contents = string | Uint8Array | AsyncIterable<Uint8Array>;

/**
 * Replaces a file in one step: readers see the old contents or the new, never a part. Makes the directory if
 * needed, follows symbolic links, and keeps the rights and, if the system allows it, the owner of the file
 * that it replaces. A pipe, a terminal, `/dev/null` or `/dev/stdout` is written to instead.
 *
 * @throws FileError for a directory, a disk or a socket; errors of the operating system
 */
export async function writeAtomically(path: string, contents: Contents): Promise<void> {
  const destination = await destinationOf(path);
  if (destination.kind === 'descriptor') return await writeToDescriptor(destination.fd, contents);
  if (destination.kind === 'device') return await writeFile(destination.path, contents, { flag: 'a' });
  const { path: target, found } = destination;
  const folder = dirname(target);
  await makeFolder(folder);
  const temporary = join(folder, ownedName(target, 'tmp'));
  try {
    const file = await open(temporary, 'wx');
    try {
      if (found) await keepRights(file, found);
      await writeFile(file, contents);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function keepRights(file: FileHandle, { mode, uid, gid }: Stats): Promise<void> {
  const own = await file.stat();
  // Only the superuser may change the owner of a file.
  if (own.uid !== uid || own.gid !== gid) await file.chown(uid, gid).catch(() => undefined);
  await file.chmod(mode & 0o777);
}

async function writeToDescriptor(fd: number, contents: Contents): Promise<void> {
  const standard: Record<number, NodeJS.WritableStream> = { 1: process.stdout, 2: process.stderr };
  const stream: NodeJS.WritableStream = standard[fd] ?? createWriteStream('', { fd, autoClose: false });
  // The callback of a write has the error too, but without a listener the event would end the process.
  const failed = new Promise<never>((_, reject) => stream.once('error', reject));
  const write = (part: string | Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      stream.write(part, (error) => (error ? reject(error) : resolve()));
    });
  const written = async () => {
    for await (const part of isInParts(contents) ? contents : [contents]) await write(part);
  };
  await Promise.race([written(), failed]);
}

const isInParts = (contents: Contents): contents is AsyncIterable<Uint8Array> =>
  typeof contents === 'object' && Symbol.asyncIterator in contents;

/** A file to write: its path within a folder, and what it holds. */
export interface FileContents {
  readonly path: string;
  readonly contents: Contents;
}

/**
 * Writes files into a folder, each in one step, and makes the folders that they need.
 *
 * @throws what the system says where a file cannot be written
 */
export async function writeFiles(folder: string, files: readonly FileContents[]): Promise<void> {
  for (const { path, contents } of files) await writeAtomically(join(folder, path), contents);
}
