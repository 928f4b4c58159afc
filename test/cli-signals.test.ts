/** Signals: the program as installed ends soon in whatever it does, with the exit code that shells know. */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { atOnce, breathing, type Steps } from '../src/device/breathe.js';
import { CancelledError } from '../src/device/errors.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-signals-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Starts the program with a folder of its own; `working` waits until it holds the lock of its output. */
async function start(name: string, args: (out: string) => string[]) {
  const home = join(folder, name);
  await mkdir(home);
  const child = spawn(process.execPath, ['dist/cli/main.js', ...args(home)]);
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString();
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, stderr }));
  const working = async () => {
    while (!(await readdir(home)).some((file) => file.endsWith('.lock')) && child.exitCode === null)
      await delay(10);
  };
  return { child, ended, working, home };
}

/** Drawing would take minutes. */
const simulate = (home: string) => ['simulate', '--probes', '2000000', '--out', join(home, 'p.tsv')];

describe('a signal', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s ends a long computation with %d, and nothing is left', async (signal, expected) => {
    const { child, ended, working, home } = await start(signal, simulate);
    await working();
    child.kill(signal);
    const { code, stderr } = await ended;
    expect(code).toBe(expected);
    expect(stderr).toContain(`${signal}: finishing up; press Ctrl-C again to quit at once`);
    expect(stderr.match(/cancelled: /g)).toHaveLength(1);
    expect(await readdir(home)).toEqual([]);
  });

  it('ends the reading of a large table', async () => {
    const row = 'A\tACGUACGUACGUACGUACGUACGUACGUACGUACGUA\t1.5\n';
    const table = join(folder, 'large.tsv');
    await writeFile(table, `set\tsequence\tintensity\n${row.repeat(400_000)}`);
    const { child, ended, working, home } = await start('reading', (out) => ['train', table, '--out', out]);
    await working();
    child.kill('SIGTERM');
    expect((await ended).code).toBe(143);
    expect(await readdir(home)).toEqual([]);
  });

  it('ends what waits for a pipe that nobody reads', async () => {
    const pipe = join(folder, 'unread');
    execFileSync('mkfifo', [pipe]);
    const { child, ended } = await start('unread-pipe', () => ['simulate', '--probes', '2', '--out', pipe]);
    await delay(1500);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: null, signal: 'SIGINT' });
  });

  it('ends what waits for a pipe that nobody writes to', async () => {
    const { child, ended, working, home } = await start('pipe', (out) => {
      execFileSync('mkfifo', [join(folder, 'fifo')]);
      return ['predict', 'missing', join(folder, 'fifo'), '--out', join(out, 'p.tsv')];
    });
    await working();
    child.kill('SIGINT');
    // A thread that waits cannot be ended otherwise: the process ends by the signal, which shells call 130
    // too.
    expect(await ended).toMatchObject({ code: null, signal: 'SIGINT' });
    expect(await readdir(home)).toEqual([]);
  });
});

describe('a computation in steps', () => {
  function* counting(to: number): Steps<number> {
    let sum = 0;
    for (let i = 0; i < to; i++) {
      yield;
      sum += i;
    }
    return sum;
  }

  it('gives the same at once and with pauses', async () => {
    expect(atOnce(counting(100))).toBe(4950);
    expect(await breathing(counting(100), undefined)).toBe(4950);
  });

  it('lets timers in, and ends when its signal is aborted', async () => {
    function* endless(): Steps<never> {
      for (;;) yield;
    }
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 10);
    await expect(breathing(endless(), controller.signal)).rejects.toThrow(CancelledError);
  });
});
