/**
 * Checks output paths before the work begins, so that no computed result is lost because a file cannot be
 * written.
 */

import { constants, rmdirSync } from 'node:fs';
import { access, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { makeFolder } from '../../device/adapter/make-folder.node.js';
import { ownedName, removeLeftovers } from '../../device/adapter/owner.node.js';
import { type Destination, destinationOf } from '../../device/destination.node.js';
import { FileError, ResidualBindError } from '../../device/errors.js';
import { inWords } from '../../device/system-error.node.js';
import { type Contents, writeAtomically } from '../../device/write-atomically.node.js';
import { type Io, note } from '../terminal/io.js';
import { orderly } from '../terminal/orderly.js';

/**
 * Makes the folder if needed, removes what killed runs left in it, and checks that files can be made in it.
 *
 * @param files names of files that will be made there
 * @throws FileError naming folder or file
 */
export async function checkFolder(folder: string, files: readonly string[] = []): Promise<void> {
  await naming(folder, async () => {
    madeFolders.push(...(await makeFolder(folder)));
    removeLeftovers(folder);
    const trial = join(folder, ownedName('trial', 'tmp'));
    await (await open(trial, 'wx')).close();
    await rm(trial);
  });
  for (const file of files) await checkPath(join(folder, file));
}

/** Folders that this process has made for results. */
const madeFolders: string[] = [];

/** Removes the folders that were made for results and are empty, as a command that failed leaves them. */
export function removeEmptyFolders(): void {
  for (const folder of madeFolders.splice(0).reverse()) {
    try {
      rmdirSync(folder);
    } catch {
      // It holds something, or is gone.
    }
  }
}

/**
 * Checks that a file can be written.
 *
 * @param beside files that are made with it
 * @returns where it will go
 * @throws FileError naming it
 */
export async function checkFile(path: string, beside: readonly string[] = []): Promise<Destination> {
  const destination = await checkPath(path);
  if (destination.kind !== 'file') return destination;
  for (const other of beside) await checkPath(other);
  const folders = new Set([destination.path, ...beside].map((file) => dirname(resolve(file))));
  for (const folder of folders) await checkFolder(folder);
  return destination;
}

/** Checks that a path can be written, as far as possible without writing. @throws FileError naming it */
const checkPath = (path: string): Promise<Destination> =>
  naming(path, async () => {
    const destination = await destinationOf(path);
    if (destination.kind === 'device' || (destination.kind === 'file' && destination.found))
      await access(destination.path, constants.W_OK);
    return destination;
  });

/** Says which path an error of the operating system is about. */
async function naming<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ResidualBindError) throw error;
    throw new FileError(`${path}: cannot write there (${inWords(error)})`, { cause: error });
  }
}

export interface ResultFile {
  readonly path: string;
  readonly contents: Contents;
}

/** Writes a result; where that fails after all, keeps it in the system's temporary folder and says so. */
export const writeResult = (path: string, contents: Contents): Promise<void> =>
  writeResults([{ path, contents }]);

/**
 * Writes files that belong together, in order; where one fails after all, keeps it and those that follow in
 * the system's temporary folder.
 *
 * @throws FileError that says where they are
 */
export const writeResults = (files: readonly ResultFile[]): Promise<void> =>
  saveOrRescue(files.map(({ path, contents }) => ({ path, save: (to) => writeAtomically(to, contents) })));

/**
 * Writes a result to a pipe or device. A signal interrupts it, because a pipe that nobody reads would block
 * for ever.
 */
export const writeToDevice = (path: string, contents: Contents): Promise<void> =>
  saveAll([{ path, save: (to) => writeAtomically(to, contents) }]);

/** The same for files that something else writes: `save` writes one to a path. */
export const saveOrRescue = (files: readonly Writing[]): Promise<void> => orderly(() => saveAll(files));

export interface Writing {
  readonly path: string;
  readonly save: (to: string) => Promise<void>;
}

async function saveAll(files: readonly Writing[]): Promise<void> {
  for (const [i, { path, save }] of files.entries()) {
    try {
      await save(path);
    } catch (error) {
      // A reader that has seen enough (`| head`) is no error.
      if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return;
      // Contents that are computed while they are written may fail by themselves.
      if (error instanceof ResidualBindError && !(error instanceof FileError)) throw error;
      const saved = await rescue(files.slice(i));
      throw new FileError(`${path}: cannot be written (${inWords(error)}); ${saved}`, { cause: error });
    }
  }
}

/**
 * Saves what a later run can continue from. Where that fails, as on a full disk, prints a note, and the run
 * goes on.
 */
export async function saveIfPossible(io: Io, path: string, save: () => Promise<void>): Promise<boolean> {
  try {
    await orderly(save);
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'errno' in error)) throw error;
    note(
      io,
      `warning: ${path}: cannot be written (${inWords(error)}); the run continues and tries again at the next checkpoint`,
    );
    return false;
  }
}

/** Length of a rescued file's name. Its end is kept, since it has the extension. */
const SHORT = 40;

async function rescue(files: readonly Writing[]): Promise<string> {
  try {
    const refuge = await mkdtemp(join(tmpdir(), 'residualbind-'));
    const saved: string[] = [];
    for (const { path, save } of files) {
      const copy = join(refuge, Array.from(basename(path)).slice(-SHORT).join(''));
      await save(copy);
      saved.push(copy);
    }
    return saved.length === 1
      ? `the result was saved as ${saved}`
      : `the results were saved as ${saved.join(' and ')}`;
  } catch (error) {
    return `it could not be saved in ${tmpdir()} either (${inWords(error)}), so the result is lost`;
  }
}
