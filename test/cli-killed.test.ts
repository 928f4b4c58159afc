/**
 * A sweep killed without warning, and the same command again: the program as installed, in processes of its
 * own.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { saveModel } from '../src/nn/files/model-files.node.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { cli } from './support/cli.js';
import { useGpu } from './support/gpu.js';

const gpu = useGpu();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-killed-'));
  using model = await ResidualBind.create(gpu(), { filters: 6, hidden: 8, seed: 3 });
  await saveModel(join(folder, 'model'), model, { preset: 'paper', seed: 3 });
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

/** A sweep that lasts: of so many backgrounds. */
const backgrounds = () => (gpu().adapter.class === 'hardware' ? 20_000 : 150);

/** The command that writes a table. */
const argv = (out: string): readonly string[] => [
  ...['gia', 'sweep', join(folder, 'model'), '--k', '4', '--backgrounds', String(backgrounds())],
  ...['--null', 'uniform', '--method', 'filtered', '--checkpoint', '0.05', '--out', join(folder, out)],
];

function sweep(out: string) {
  const child = spawn(process.execPath, ['dist/cli/main.js', ...argv(out)]);
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString();
  });
  return { child, ended: once(child, 'close').then(([code, signal]) => ({ code, signal, stderr })) };
}

it('goes on where it was killed, to the same bits', async () => {
  expect(await cli(argv('whole.tsv'))).toMatchObject({ code: 0 });
  const checkpoint = join(folder, 'killed.tsv.checkpoint');
  let kills = 0;
  // One that ends before it is killed is tried again.
  for (let tries = 0; tries < 10; tries++) {
    const run = sweep('killed.tsv');
    // At a random moment after there is something to go on from, then to the end.
    const isDone = run.ended.then(() => true);
    if (kills < 1) {
      while (!existsSync(checkpoint) && !(await Promise.race([isDone, delay(5, false)])));
      await delay(Math.random() * 100);
      run.child.kill('SIGKILL');
    }
    const { signal, code, stderr } = await run.ended;
    if (signal === 'SIGKILL') {
      kills++;
      expect(existsSync(join(folder, 'killed.tsv'))).toBe(false);
      continue;
    }
    expect(code).toBe(0);
    if (kills === 0) {
      await rm(join(folder, 'killed.tsv'));
      continue;
    }
    expect(stderr).toMatch(new RegExp(`continuing after \\d+ of ${backgrounds()} backgrounds`));
    break;
  }
  expect(kills).toBeGreaterThan(0);
  expect(await readFile(join(folder, 'killed.tsv'), 'utf8')).toBe(
    await readFile(join(folder, 'whole.tsv'), 'utf8'),
  );
  expect(existsSync(checkpoint)).toBe(false);
});
