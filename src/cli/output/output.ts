/** What a command writes to: checked before the work, locked against other runs while it lasts. */

import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { echo } from '../../device/echo.js';
import { ConflictError } from '../../device/errors.js';
import type { Contents } from '../../device/write-atomically.node.js';
import { MANIFEST, MANIFEST_FILE } from '../../nn/files/model-files.node.js';
import type { Io } from '../terminal/io.js';
import { checkFile, checkFolder, writeResults, writeToDevice } from './files.js';
import { Lock } from './lock.js';

export { MANIFEST };

/** An object as the text of a JSON file. */
export const jsonText = (about: object): string => `${JSON.stringify(about, null, 2)}\n`;

/**
 * Refuses a folder whose manifest another command wrote, since this run would replace it.
 *
 * @throws ConflictError naming the folder and what to do
 */
export async function refuseOtherRun(folder: string, command: string): Promise<void> {
  const other = await commandIn(folder);
  if (other !== undefined && other !== command)
    throw new ConflictError(
      `${folder} holds ${other === null ? 'another manifest.json' : `what ${echo(other)} wrote`}, and its manifest would be replaced; choose another --out, such as ${join(folder, command)}`,
    );
}

/**
 * The command that a folder's manifest names; null where it names none, undefined where there is no manifest.
 */
export async function commandIn(folder: string): Promise<string | null | undefined> {
  const text = await readFile(join(folder, MANIFEST_FILE), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const { command } = JSON.parse(text) as { command?: unknown };
    return typeof command === 'string' ? command : null;
  } catch {
    return null;
  }
}

/** A folder that this run alone writes to. @param files names of files that will be made there */
export async function lockFolder(folder: string, files: readonly string[] = []): Promise<Lock> {
  await checkFolder(folder, files);
  return await Lock.take(folder, '', folder);
}

/** A file that this run alone writes to. A pipe or device has no manifest beside it and no lock. */
export class OutputFile implements Disposable {
  private constructor(
    readonly path: string,
    readonly manifest: string,
    /** False for a pipe, a terminal or another device. */
    readonly isFile: boolean,
    /** Where to print: stderr where the result itself goes to stdout. */
    readonly io: Io,
    readonly lock: Lock | undefined,
  ) {}

  /**
   * @param beside other files that are made with it
   * @throws FileError for a place that cannot be written to; ConflictError where another run writes there
   */
  static async open(
    io: Io,
    path: string,
    {
      manifest = `${path}${MANIFEST}`,
      beside = [],
    }: { readonly manifest?: string; readonly beside?: readonly string[] } = {},
  ): Promise<OutputFile> {
    const destination = await checkFile(path, [manifest, ...beside]);
    if (destination.kind === 'file') {
      const { path: target } = destination;
      const lock = await Lock.take(dirname(target), basename(target), path);
      return new OutputFile(path, manifest, true, io, lock);
    }
    const isStdout = destination.kind === 'descriptor' && destination.fd === 1;
    return new OutputFile(path, manifest, false, isStdout ? { ...io, stdout: io.stderr } : io, undefined);
  }

  /** Writes the result and, beside a file, its manifest. */
  async write(contents: Contents, about: object): Promise<void> {
    if (!this.isFile) return await writeToDevice(this.path, contents);
    const manifest = { path: this.manifest, contents: jsonText(about) };
    await writeResults([{ path: this.path, contents }, manifest]);
  }

  /**
   * Writes a result that is computed part by part, and then its manifest. Where writing fails, the result is
   * computed once more for the temporary folder.
   *
   * @param about the manifest, once all parts are written
   * @throws what computing a part throws; then nothing is written
   */
  async writeInParts(parts: () => AsyncIterable<string>, about: () => Promise<object>): Promise<void> {
    const table = inBytes(parts);
    if (!this.isFile) {
      await writeToDevice(this.path, table);
      await about();
      return;
    }
    const manifest = inBytes(async function* () {
      yield jsonText(await about());
    });
    await writeResults([
      { path: this.path, contents: table },
      { path: this.manifest, contents: manifest },
    ]);
  }

  dispose(): void {
    this.lock?.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Texts as bytes, computed each time they are taken. */
const inBytes = (parts: () => AsyncIterable<string>): AsyncIterable<Uint8Array> => ({
  async *[Symbol.asyncIterator]() {
    for await (const part of parts()) yield Buffer.from(part);
  },
});
