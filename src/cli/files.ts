/** Output paths, tried before the work begins, so that hours of computing never end at a closed door. */

import { randomUUID } from 'node:crypto';
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { FileError } from '../device/errors.js';
import { writeAtomically } from '../device/write-atomically.node.js';

/** Makes the folder if needed and checks that files can be made in it. @throws FileError naming it */
export async function checkFolder(folder: string): Promise<void> {
  const trial = join(folder, `.${randomUUID()}.tmp`);
  try {
    await mkdir(folder, { recursive: true });
    await (await open(trial, 'wx')).close();
    await rm(trial);
  } catch (error) {
    throw new FileError(`${folder}: cannot write there (${(error as Error).message})`, {
      cause: error,
    });
  }
}

/** Checks that a file can be written. @throws FileError naming it */
export async function checkFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) throw new FileError(`${path}: is a directory; name a file for the output`);
  await checkFolder(dirname(path));
}

/** Writes a result; where that fails after all, keeps it in the system's temporary folder and says so. */
export async function writeResult(path: string, contents: string | Uint8Array): Promise<void> {
  try {
    await writeAtomically(path, contents);
  } catch (error) {
    const refuge = join(tmpdir(), `residualbind-${randomUUID().slice(0, 8)}-${basename(path)}`);
    await writeAtomically(refuge, contents);
    throw new FileError(
      `${path}: cannot be written (${(error as Error).message}); the result was saved as ${refuge}`,
      { cause: error },
    );
  }
}
