/**
 * Google's software Vulkan driver from the npm package `@sparticuz/chromium`, for machines that have no
 * Vulkan driver. It is unpacked once into the user's cache directory, and announced to the Vulkan loader
 * while an adapter is opened.
 */

import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { unpackedDriver } from './driver-cache.node.js';
import { loadLibrary, withVariables } from './native-environment.node.js';
import { findDriverArchive } from './swiftshader-package.node.js';

const LOADER = 'libvulkan.so.1';
/**
 * The manifest names the driver relative to itself, so the unpacked folder may be moved or mounted elsewhere.
 */
const MANIFEST = 'vk_swiftshader_icd.json';
const FILES = [LOADER, MANIFEST, 'libvk_swiftshader.so'];

/**
 * Loads the Vulkan loader, which passes calls to a driver, so that Dawn finds it.
 *
 * @returns why it cannot be loaded; undefined where it is
 */
export const loadVulkan = (library: string = LOADER): Promise<string | undefined> =>
  loadLibrary(library, 'vkGetInstanceProcAddr');

/**
 * Calls `open` while SwiftShader is the only Vulkan driver of this process.
 *
 * @param log receives a line when the driver cannot be kept in the user's cache
 * @throws Error when the package is missing or its driver cannot be unpacked or loaded here
 */
export async function withSwiftShader<T>(
  open: () => Promise<T>,
  log: (line: string) => void = () => {},
): Promise<T> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`the embedded driver is for linux-x64, not ${process.platform}-${process.arch}`);
  }
  const folder = await unpackedDriver(await findDriverArchive(), FILES, log);
  const loader = join(folder, LOADER);
  const fault = (await loadVulkan(LOADER)) && (await loadVulkan(loader));
  if (fault) {
    throw new Error(
      `the Vulkan loader ${loader} cannot be loaded (${fault}); where its file system allows no programs, set XDG_CACHE_HOME to a folder on another`,
    );
  }
  const manifest = join(folder, MANIFEST);
  try {
    // The loader's list of drivers; the second is its name before 1.3.207. Dawn reads it before
    // requestAdapter returns.
    return await withVariables({ VK_DRIVER_FILES: manifest, VK_ICD_FILENAMES: manifest }, open);
  } catch (error) {
    if (isMainThread || process.versions.bun) throw error;
    throw new Error(
      `${(error as Error).message}. A worker thread has a copy of the environment, which the Vulkan loader does not see: start the worker with { env: SHARE_ENV } of node:worker_threads, or the process with VK_DRIVER_FILES=${manifest}`,
      { cause: error },
    );
  }
}
