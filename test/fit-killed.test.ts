/**
 * Many models killed without warning, again and again, in a process of their own: they end with the same
 * bits.
 */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('support/fit-in-folders.mjs', import.meta.url));
const KILLS = Number(process.env.RESIDUALBIND_KILLS ?? 3);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-fit-killed-'));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

/** Trains, or goes on; killed so many milliseconds after training began. */
async function train(out: string, killAfter?: number) {
  const child = spawn(process.execPath, [SCRIPT, out], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  await Promise.race([once(child.stdout, 'data'), closed]);
  const began = performance.now();
  if (killAfter !== undefined) {
    await delay(killAfter);
    child.kill('SIGKILL');
  }
  const [code, signal] = await closed;
  return { ended: signal ?? code, lasted: performance.now() - began };
}

/** The sha256 of the weights and the checkpoint of every model. */
async function hashes(out: string): Promise<string[]> {
  const files = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((e) =>
    ['model.safetensors', 'checkpoint.safetensors'].map((name) => join(out, String(e), name)),
  );
  const bytes = await Promise.all(files.map((path) => readFile(path)));
  return bytes.map((each) => createHash('sha256').update(each).digest('hex'));
}

it(`go on where they were killed ${KILLS} times, to the same bits`, async () => {
  const [whole, killed] = [join(folder, 'whole'), join(folder, 'killed')];
  await mkdir(killed);
  const { ended, lasted } = await train(whole);
  expect(ended).toBe(0);
  let kills = 0;
  while (kills < KILLS) {
    const { ended } = await train(killed, (Math.random() * lasted) / KILLS);
    if (ended === 0) break;
    expect(ended).toBe('SIGKILL');
    kills++;
  }
  expect(kills).toBeGreaterThan(0);
  expect(await train(killed)).toMatchObject({ ended: 0 });
  expect(await hashes(killed)).toEqual(await hashes(whole));
});
