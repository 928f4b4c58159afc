/** Folders, made together with those above them. */

import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and those above it, where they are missing. Node's `mkdir(path, { recursive: true })` never
 * returns where a file system answers ENOENT for a folder whose parent exists, as `/proc` does.
 *
 * @param mode rights of folders that are made
 * @returns the folders that were made, from the top
 * @throws errors of the operating system
 */
export async function makeFolder(path: string, mode = 0o777): Promise<readonly string[]> {
  const folder = resolve(path);
  if (await isFolder(folder)) return [];
  const above = dirname(folder);
  const made = above === folder ? [] : await makeFolder(above, mode);
  try {
    await mkdir(folder, mode);
    return [...made, folder];
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!(await isFolder(folder))) throw error;
    return made;
  }
}

/** False for a file, and where there is nothing. */
async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
