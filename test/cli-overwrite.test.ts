/**
 * `train --overwrite` replaces an earlier run when there is something to take its place; a full standard
 * output is an error.
 */

import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cli } from './support/cli.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-overwrite-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('leaves the earlier run whole when it is cancelled before the first epoch ends', async () => {
  const probes = join(folder, 'probes.tsv');
  await cli(['simulate', '--probes', '200', '--out', probes]);
  const run = join(folder, 'run');
  const files = ['checkpoint.safetensors', 'manifest.json', 'model.safetensors'];
  await mkdir(run);
  for (const file of files) await writeFile(join(run, file), `the earlier ${file}`);
  const controller = new AbortController();
  const args = ['train', probes, '--out', run, '--overwrite', '--filters', '4', '--hidden', '4'];
  const { code } = await cli(args, {
    signal: controller.signal,
    onStderr: (text) => {
      if (text.startsWith('adapter:')) controller.abort();
    },
  });
  expect(code).toBe(130);
  expect(await readdir(run)).toEqual(files);
  for (const file of files) expect(await readFile(join(run, file), 'utf8')).toBe(`the earlier ${file}`);
});

it.skipIf(!existsSync('/dev/full'))('says that the standard output is full, and fails', () => {
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, ['dist/cli/main.js', '--help'], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(full);
  expect(status).toBe(1);
  expect(stderr).toBe('error: the standard output cannot be written (the disk is full)\n');
});
