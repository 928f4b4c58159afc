/** Where files that can be made again are kept between runs: `residualbind-webgpu` in the user's cache directory. */

import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * A path below this package's folder in `$XDG_CACHE_HOME`, else in the platform's cache directory (`~/.cache`,
 * `~/Library/Caches`, `%LOCALAPPDATA%`). Makes nothing.
 *
 * @throws Error when the user has no home directory
 */
export const userCache = (...names: string[]): string =>
  join(process.env.XDG_CACHE_HOME || platformCache(), 'residualbind-webgpu', ...names);

function platformCache(): string {
  if (process.platform === 'win32') return process.env.LOCALAPPDATA || join(homedir(), 'AppData', 'Local');
  return process.platform === 'darwin' ? join(homedir(), 'Library', 'Caches') : join(homedir(), '.cache');
}
