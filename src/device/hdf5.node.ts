/**
 * HDF5 files through the optional package h5wasm, in Node. Errors of the library become our own and name the
 * file.
 */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset, File, Group } from 'h5wasm/node';
import { FormatError, MissingPackageError, ResidualBindError } from './errors.js';

/**
 * How often the library has aborted. A damaged file may spoil its memory, which it often notices only when it
 * reads the next file. Then it does nothing more, and is loaded anew.
 */
let aborted = 0;

/** The optional package that reads HDF5. @throws MissingPackageError if it is not installed */
async function library(path: string): Promise<typeof import('h5wasm/node')> {
  try {
    if (aborted === 0) return await import('h5wasm/node');
    // The address of another module, so that it has a memory of its own.
    const address = `${import.meta.resolve('h5wasm/node')}?${aborted}`;
    return (await import(/* @vite-ignore */ address)) as typeof import('h5wasm/node');
  } catch (cause) {
    throw new MissingPackageError(
      `${path}: HDF5 needs the package h5wasm; install it with: npm install h5wasm`,
      { cause },
    );
  }
}

/**
 * Opens the file, and turns errors of the HDF5 library into our own.
 *
 * @param work is done again where the library aborts because of an earlier file
 * @throws FormatError naming the file
 */
export async function withHdf5<T>(path: string, work: (root: Group) => Promise<T>): Promise<T> {
  const before = aborted;
  try {
    return await opened(path, work);
  } catch (error) {
    if (aborted === before) throw error;
    return await opened(path, work);
  }
}

async function opened<T>(path: string, work: (root: Group) => Promise<T>): Promise<T> {
  const { File: Hdf5File, ready } = await library(path);
  const module = await ready;
  // Otherwise the library prints what goes wrong, and goes on.
  (module as unknown as { activate_throwing_error_handler(): number }).activate_throwing_error_handler();
  try {
    const file = new Hdf5File(path, 'r');
    try {
      return await work(file);
    } finally {
      file.close();
    }
  } catch (cause) {
    if (cause instanceof ResidualBindError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    if (/^Aborted\(/.test(message)) aborted++;
    // The library's own stack of errors, of which the last says what it stumbled on.
    const reason = (/.*minor: ([^\n]*)/s.exec(message)?.[1] ?? message).slice(0, 200);
    throw new FormatError(`${path}: cannot be read as HDF5, or is damaged (${reason})`, { cause });
  }
}

/**
 * The bytes of a new HDF5 file. The library writes only to files, so the file is made in a folder of its own
 * and deleted.
 *
 * @param path where the bytes will go, for messages
 * @throws MissingPackageError if h5wasm is not installed
 */
export async function encodeHdf5(path: string, fill: (root: File) => void): Promise<Uint8Array> {
  const { File: Hdf5File, ready } = await library(path);
  await ready;
  const folder = await mkdtemp(join(tmpdir(), 'residualbind-hdf5-'));
  try {
    const made = join(folder, 'made.h5');
    const file = new Hdf5File(made, 'w');
    try {
      fill(file);
    } finally {
      file.close();
    }
    return await readFile(made);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export const isGroup = (entity: unknown): entity is Group =>
  (entity as { type?: unknown } | null)?.type === 'Group';
export const isDataset = (entity: unknown): entity is Dataset =>
  (entity as { type?: unknown } | null)?.type === 'Dataset';
