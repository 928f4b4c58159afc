/** The package with the software driver is found whatever its layout and its exports. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findDriverArchive } from '../src/device/adapter/swiftshader-package.node.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'residualbind-test-'));
});
afterEach(() => rm(root, { recursive: true }));

const PACKAGE = 'node_modules/@sparticuz/chromium';

/** Installs files of a package below the root. */
async function install(manifest: object, files: readonly string[]) {
  const texts = { 'package.json': JSON.stringify({ name: '@sparticuz/chromium', ...manifest }) };
  for (const name of [...files, ...Object.keys(texts)]) {
    const path = join(root, PACKAGE, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, texts[name as keyof typeof texts] ?? '');
  }
}

const find = () => findDriverArchive(pathToFileURL(join(root, 'node_modules/residualbind-webgpu/dist/x.js')));

it.each([
  {
    case: '147: CommonJS and modules, each with a package.json of its own',
    manifest: {
      version: '147.0.0',
      main: './build/cjs/index.cjs',
      exports: { '.': { import: './build/esm/index.js', require: './build/cjs/index.cjs' } },
    },
    files: ['build/cjs/index.cjs', 'build/esm/index.js', 'bin/swiftshader.tar.br'],
    archive: 'bin/swiftshader.tar.br',
  },
  {
    case: '153: one entry point, a folder higher',
    manifest: { version: '153.0.0', type: 'module', exports: { '.': { default: './build/index.js' } } },
    files: ['build/index.js', 'bin/swiftshader.tar.br'],
    archive: 'bin/swiftshader.tar.br',
  },
  {
    case: 'modules alone, the archive by processor',
    manifest: { version: '200.0.0', exports: { import: './index.mjs' } },
    files: ['index.mjs', 'bin/x64/swiftshader.tar.br'],
    archive: 'bin/x64/swiftshader.tar.br',
  },
  {
    case: 'no entry point at all',
    manifest: { version: '201.0.0', exports: {} },
    files: ['swiftshader.tar.br'],
    archive: 'swiftshader.tar.br',
  },
])('finds the archive of $case', async ({ manifest, files, archive }) => {
  await install(manifest, files);
  expect(await find()).toEqual({ path: join(root, PACKAGE, archive), version: manifest.version });
});

it('says when the package is not there, and when it holds no driver', async () => {
  await expect(find()).rejects.toThrow('npm package @sparticuz/chromium is not installed');
  await install({ version: '202.0.0' }, ['index.js']);
  await expect(find()).rejects.toThrow(/202\.0\.0 in .* holds no swiftshader\.tar\.br/);
});
