/**
 * The folder for files that can be made again: `residualbind-webgpu` in the user's cache directory. Code that
 * is loaded from there runs with the user's rights, so its folders must belong to this user alone.
 */

import { chmod, lstat, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { FileError } from '../errors.js';
import { makeFolder } from './make-folder.node.js';

const OWN_FOLDER = 'residualbind-webgpu';
const GROUP_OR_OTHERS_WRITE = 0o022;
const GROUP_OR_OTHERS = 0o077;

/**
 * A path below this package's folder in `$XDG_CACHE_HOME`, else in the platform's cache directory
 * (`~/.cache`, `~/Library/Caches`, `%LOCALAPPDATA%`). Makes nothing.
 *
 * @throws FileError when the user has no home directory
 */
export function userCache(...names: string[]): string {
  const { XDG_CACHE_HOME: chosen } = process.env;
  // The XDG specification says to ignore relative paths. They would depend on where the program is
  // started.
  return join(chosen && isAbsolute(chosen) ? chosen : platformCache(), OWN_FOLDER, ...names);
}

function platformCache(): string {
  if (process.platform === 'win32' && process.env.LOCALAPPDATA) return process.env.LOCALAPPDATA;
  const home = homeFolder();
  if (process.platform === 'win32') return join(home, 'AppData', 'Local');
  return process.platform === 'darwin' ? join(home, 'Library', 'Caches') : join(home, '.cache');
}

function homeFolder(): string {
  let home = '';
  try {
    home = homedir();
  } catch {
    // A user without an entry in the system's list of users.
  }
  if (isAbsolute(home)) return home;
  throw new FileError('this user has no home directory; set XDG_CACHE_HOME to a folder for cached files');
}

/** A folder or file that other users own or can change. */
export class UntrustedFileError extends FileError {
  override readonly code = 'ERR_UNTRUSTED_FILE';
}

/**
 * Makes a folder of `userCache` where there is none, readable for this user only.
 *
 * @throws UntrustedFileError when it or this package's folder above it belongs to somebody else, can be
 * changed by others, or is a link
 */
export async function makePrivateFolder(folder: string): Promise<void> {
  for (const path of ownFolders(folder)) {
    // Whatever else is there is refused by the check.
    if (!(await isThere(path))) await makeFolder(path, 0o700);
    await checkOwn(path);
  }
}

/** Checks what `makePrivateFolder` promises of a folder that exists. @throws UntrustedFileError */
export async function checkPrivateFolder(folder: string): Promise<void> {
  for (const path of ownFolders(folder)) await checkOwn(path);
}

/** Whoever can change a parent folder can replace this one, so this package's folder is checked first. */
function ownFolders(folder: string): readonly string[] {
  const above = dirname(folder);
  return basename(above) === OWN_FOLDER ? [above, folder] : [folder];
}

async function checkOwn(folder: string): Promise<void> {
  const found = await lstat(folder);
  const fault = found.isDirectory() ? untrusted(found) : 'is not a folder';
  if (fault)
    throw new UntrustedFileError(
      `${folder} ${fault}, so nothing is loaded from it; remove it, or set XDG_CACHE_HOME to a folder of your own`,
    );
  if (process.getuid && found.mode & GROUP_OR_OTHERS) await chmod(folder, 0o700);
}

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

/**
 * Reads a file of the cache.
 *
 * @throws UntrustedFileError when somebody else owns or can change it, or it is a link
 */
export async function readOwnFile(path: string): Promise<Buffer> {
  const found = await lstat(path);
  const fault = found.isFile() ? untrusted(found) : 'is not a file';
  if (fault) throw new UntrustedFileError(`${path} ${fault}, so it is not read; remove it`);
  return readFile(path);
}

/**
 * Why a file or folder cannot be trusted; undefined where it can. Windows keeps the cache in the user's
 * profile.
 */
function untrusted({ uid, mode }: { readonly uid: number; readonly mode: number }): string | undefined {
  const user = process.getuid?.();
  if (user === undefined) return undefined;
  if (uid !== user) return `belongs to another user (${uid}; this is ${user})`;
  return mode & GROUP_OR_OTHERS_WRITE
    ? `can be changed by other users (mode ${(mode & 0o777).toString(8)})`
    : undefined;
}
