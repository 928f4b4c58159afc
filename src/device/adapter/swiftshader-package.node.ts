/**
 * Finds the archive with Google's software Vulkan driver in the npm package `@sparticuz/chromium`, whatever
 * its layout.
 */

import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { MissingPackageError } from '../errors.js';

export const SWIFTSHADER_PACKAGE = '@sparticuz/chromium';
const ARCHIVE = 'swiftshader.tar.br';

export interface DriverArchive {
  readonly path: string;
  /** Version of the package. */
  readonly version: string;
}

/**
 * Finds the package as Node does, from the given module, and the archive anywhere in it.
 *
 * @throws MissingPackageError when the package is not installed or holds no such archive
 */
export async function findDriverArchive(from: string | URL = import.meta.url): Promise<DriverArchive> {
  const folder = packageFolder(createRequire(from));
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
  // Its place until version 153. Searching the whole package takes longer.
  const usual = join(folder, 'bin', ARCHIVE);
  if (existsSync(usual)) return { path: usual, version };
  const found = (await readdir(folder, { recursive: true })).find((name) => name.endsWith(ARCHIVE));
  if (found) return { path: join(folder, found), version };
  throw new MissingPackageError(
    `npm package ${SWIFTSHADER_PACKAGE} ${version} in ${folder} holds no ${ARCHIVE}; install version 153`,
  );
}

/**
 * The package's own folder. Its `exports` hide package.json, and the place of its entry point differs between
 * versions.
 */
function packageFolder(require: NodeJS.Require): string {
  for (const modules of require.resolve.paths(SWIFTSHADER_PACKAGE) ?? []) {
    const folder = join(modules, SWIFTSHADER_PACKAGE);
    if (existsSync(join(folder, 'package.json'))) return folder;
  }
  // Package managers without node_modules know only the entry point.
  try {
    let folder = dirname(require.resolve(SWIFTSHADER_PACKAGE));
    while (!isPackage(folder) && folder !== dirname(folder)) folder = dirname(folder);
    if (isPackage(folder)) return folder;
  } catch (error) {
    throw notInstalled({ cause: error });
  }
  throw notInstalled();
}

const notInstalled = (options?: ErrorOptions) =>
  new MissingPackageError(`npm package ${SWIFTSHADER_PACKAGE} is not installed`, options);

/** Subfolders have a package.json too, without a name. */
function isPackage(folder: string): boolean {
  try {
    const { name } = createRequire(join(folder, 'x'))('./package.json') as { name?: string };
    return name === SWIFTSHADER_PACKAGE;
  } catch {
    return false;
  }
}
