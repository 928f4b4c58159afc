/** Versions of this package and of what it runs on, for manifests and caches. */

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface Versions {
  readonly 'residualbind-webgpu': string;
  readonly node: string;
  readonly webgpu: string;
}

let known: Promise<Versions> | undefined;

/** Read once, at the start: a manifest at the end of a long run depends on no file of the installation. */
export const versions = (): Promise<Versions> => (known ??= readVersions());

async function readVersions(): Promise<Versions> {
  const own = new URL('../../package.json', import.meta.url);
  // Its entry point is index.js beside its package.json, which its `exports` may hide.
  const webgpu = join(dirname(createRequire(import.meta.url).resolve('webgpu')), 'package.json');
  return {
    'residualbind-webgpu': await versionIn(own),
    node: process.versions.node,
    webgpu: await versionIn(webgpu),
  };
}

async function versionIn(path: string | URL): Promise<string> {
  return (JSON.parse(await readFile(path, 'utf8')) as { version: string }).version;
}
