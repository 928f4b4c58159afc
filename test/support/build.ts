/**
 * Global setup of the tests: some run the program as installed, so `dist/` must not be older than the source.
 */

import { execSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

export function setup(): void {
  const built = statSync('dist/index.js', { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = [
    'tsconfig.json',
    // A folder is newer than what was last made or removed in it.
    'src',
    ...readdirSync('src', { recursive: true, encoding: 'utf8' }).map((name) => join('src', name)),
  ];
  if (sources.some((path) => statSync(path).mtimeMs > built))
    execSync('npm run --silent build', { stdio: 'inherit' });
}
