/**
 * Google's software Vulkan driver out of the npm package `@sparticuz/chromium`, for machines without any: unpacked
 * once into the user's cache directory, and shown to the Vulkan loader while an adapter is opened.
 */

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { readTar } from './tar.js';
import { userCache } from './user-cache.node.js';

const PACKAGE = '@sparticuz/chromium';
const LOADER = 'libvulkan.so.1';
/** The manifest names the driver relative to itself, so the unpacked folder may be moved or mounted elsewhere. */
const MANIFEST = 'vk_swiftshader_icd.json';
const FILES = new Set([LOADER, MANIFEST, 'libvk_swiftshader.so']);
/** The Vulkan loader's list of drivers; the second is its name before 1.3.207. */
const DRIVER_VARIABLES = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'];

/**
 * Calls `open` while SwiftShader is the only Vulkan driver of this process. On the main thread only: in a worker,
 * `process.env` is a copy that native code does not see.
 *
 * @throws Error when the package is missing or its driver cannot be unpacked or loaded here
 */
export async function withSwiftShader<T>(open: () => Promise<T>): Promise<T> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`the embedded driver is for linux-x64, not ${process.platform}-${process.arch}`);
  }
  const folder = await unpack();
  if (!isLoadable(LOADER) && !isLoadable(join(folder, LOADER))) {
    throw new Error(`the Vulkan loader ${join(folder, LOADER)} cannot be loaded`);
  }
  const before = DRIVER_VARIABLES.map((name) => [name, process.env[name]] as const);
  for (const name of DRIVER_VARIABLES) process.env[name] = join(folder, MANIFEST);
  try {
    // Not awaited here: Dawn looks for drivers before requestAdapter returns, so nothing else sees the change.
    return open();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

/** The folder with the unpacked driver, one per version of the package. */
async function unpack(): Promise<string> {
  const home = packageFolder();
  const { version } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as { version: string };
  const folder = userCache(`swiftshader-${version}`);
  if (existsSync(folder)) return folder;

  // Under a name of its own first: other processes may unpack at the same time, and must never see half of it.
  await mkdir(dirname(folder), { recursive: true });
  const temporary = await mkdtemp(`${folder}.`);
  try {
    const archive = await promisify(brotliDecompress)(
      await readFile(join(home, 'bin', 'swiftshader.tar.br')),
    );
    for (const { name, data } of readTar(archive)) {
      if (FILES.has(name)) await writeFile(join(temporary, name), data);
    }
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

function packageFolder(): string {
  try {
    // Its entry point is build/cjs/index.cjs.
    return join(dirname(createRequire(import.meta.url).resolve(PACKAGE)), '..', '..');
  } catch (error) {
    throw new Error(`npm package ${PACKAGE} is not installed`, { cause: error });
  }
}

/**
 * Loads a shared library and leaves it loaded, so that Dawn's own dlopen finds it by its name. Node takes every
 * library for an addon and complains, after loading it, that this one registered none.
 */
function isLoadable(library: string): boolean {
  const RTLD_NODELETE = 0x1000;
  try {
    process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
    return true;
  } catch (error) {
    return error instanceof Error && error.message.includes('did not self-register');
  }
}
