/**
 * Outputs of commands: checked before the work, locked while it lasts, written through where they are no
 * files.
 */

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { saveIfPossible, writeResults } from '../src/cli/output/files.js';
import { Lock } from '../src/cli/output/lock.js';
import { keyOf } from '../src/device/adapter/owner.node.js';
import { ConflictError } from '../src/device/errors.js';
import { cli } from './support/cli.js';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-outputs-'));
  await mkdir(at('folder'));
  await writeFile(at('file'), '');
});
afterAll(() => rm(folder, { recursive: true }));

const simulate = (out: string) => cli(['simulate', '--probes', '20', '--out', out]);

describe('what a command reads is kept', () => {
  it('refuses an output that is an input, and the same output twice', async () => {
    const before = '>a\nACGU\n';
    await mkdir(at('kept'));
    for (const name of ['read.fa', 'read.tsv', 'known.meme', join('kept', 'model.safetensors')])
      await writeFile(at(name), before);
    await symlink(at('read.fa'), at('link.fa'));
    const motif = ['motif', at('read.tsv'), '--compare', at('known.meme')];
    for (const argv of [
      ['predict', at('kept'), at('read.fa'), '--out', at('read.fa')],
      ['predict', at('kept'), at('read.fa'), '--windows', '--out', at('link.fa')],
      ['fold', at('read.tsv'), '--out', at('read.tsv')],
      ['convert', at('kept'), at('kept', 'model.safetensors')],
      [...motif, '--out', at('known.meme')],
      [...motif, '--out', at('new.tsv'), '--out', at('read.tsv')],
    ]) {
      const { code, stderr } = await cli(argv);
      expect(stderr, argv.join(' ')).toContain('is also an input, which it would replace');
      expect(code).toBe(2);
    }
    const { code, stderr } = await cli([...motif, '--out', at('new.svg'), '--logos', at('new.svg')]);
    expect(stderr).toContain('new.svg: is named twice as an output');
    expect(code).toBe(2);
    for (const name of ['read.fa', 'read.tsv', 'known.meme', join('kept', 'model.safetensors')])
      expect(await readFile(at(name), 'utf8')).toBe(before);
  });
});

describe('places that cannot be written to are found before the work', () => {
  it.each([
    { why: 'a folder', out: () => at('folder'), says: 'is a directory; name a file' },
    { why: 'below a file', out: () => at('file', 'x.tsv'), says: 'a part of the path is a file' },
    { why: 'too long', out: () => at(`${'n'.repeat(260)}.tsv`), says: 'the name is too long' },
    {
      why: 'too long with what lies beside it',
      out: () => at(`${'n'.repeat(248)}.tsv`),
      says: 'the name is too long',
    },
    { why: 'a NUL in the name', out: () => at('a\0b'), says: 'NUL' },
  ])('a file: $why', async ({ out, says }) => {
    const { code, stderr } = await simulate(out());
    expect(code).toBe(1);
    expect(stderr).toContain(says);
    expect(stderr).toMatch(/^error: [^\n]*\n$/);
  });

  it.each([
    ['train', 'missing.tsv'],
    ['report', 'missing'],
    ['survey', 'missing'],
    ['demo'],
    ['gia', 'multiplicity', 'missing', '--motif', 'ACGU'],
  ])('a folder: %s %s', async (...args) => {
    const below = await cli([...args, '--out', at('file', 'x')]);
    expect(below).toMatchObject({ code: 1 });
    expect(below.stderr).toContain('cannot write there');
    const over = await cli([...args, '--out', at('file')]);
    expect(over).toMatchObject({ code: 1 });
    expect(over.stderr).toContain(`${at('file')}: cannot write there (there is a file of that name)`);
  });

  it('a directory where a file of the run belongs', async () => {
    await mkdir(at('run', 'model.safetensors'), { recursive: true });
    const { code, stderr } = await cli(['train', 'missing.tsv', '--out', at('run'), '--overwrite']);
    expect(code).toBe(1);
    expect(stderr).toContain(`${at('run', 'model.safetensors')}: is a directory`);
    expect(await readdir(at('run'))).toEqual(['model.safetensors']);
  });

  it.each([
    ['simulate', '--out'],
    ['train', 'x', '--out'],
    ['gia', 'sweep', 'x', '--out'],
    ['gia', 'importance', 'x', 'ACGU@3', '--out'],
    ['gia', 'all', 'x', '--out'],
    ['gia', 'affinity', 'x', 'y', '--out'],
    ['predict', 'x', 'y', '--out'],
    ['ism', 'x', 'ACGU', '--out'],
    ['ism', 'x', 'ACGU', '--logos'],
    ['motif', 'x', '--out'],
    ['report', 'x', '--out'],
    ['survey', 'x', '--out'],
    ['demo', '--out'],
    ['evaluate', 'x', 'y', '--trace'],
  ])('an empty name: %s %s %s %s', async (...args) => {
    const { code, stderr } = await cli([...args, '']);
    expect(code).toBe(2);
    expect(stderr).toContain('It must name a file or a folder');
  });
});

describe('what is no file is written to', () => {
  it('a device, with nothing beside it', async () => {
    await symlink('/dev/null', at('nothing'));
    const { code } = await simulate(at('nothing'));
    expect(code).toBe(0);
    expect((await readdir(folder)).filter((name) => name.startsWith('nothing'))).toEqual(['nothing']);
  });

  it('the standard output, and what else would be said there goes to stderr', async () => {
    const args = ['dist/cli/main.js', 'simulate', '--probes', '20', '--seed', '3', '--out'];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [...args, '/dev/stdout']);
    await cli([...args.slice(1), at('file.tsv')]);
    expect(stdout).toBe(await readFile(at('file.tsv'), 'utf8'));
    expect(stderr).toContain('20 probes');
  });
});

describe('a result that cannot be written after all', () => {
  it('is saved elsewhere together with what follows it, and the message names all', async () => {
    const results = ['table.tsv', 'table.tsv.manifest.json'].map((name) => ({
      path: at('file', name),
      contents: name,
    }));
    const error = await writeResults(results).catch((reason: Error) => reason);
    const saved = /saved as (\S+) and (\S+)$/.exec((error as Error).message);
    expect(saved).not.toBeNull();
    for (const [i, name] of ['table.tsv', 'table.tsv.manifest.json'].entries())
      expect(await readFile(saved![i + 1]!, 'utf8')).toBe(name);
    expect(saved![1]!.length).toBeLessThan(80);
    await rm(join(saved![1]!, '..'), { recursive: true });
  });

  it('costs a checkpoint and not the run, where the disk is full', async () => {
    const lines: string[] = [];
    const io = { stderr: { write: (line: string) => lines.push(line) } } as never;
    const full = Object.assign(new Error('ENOSPC: no space left'), { errno: -28, code: 'ENOSPC' });
    expect(await saveIfPossible(io, 'run/checkpoint', () => Promise.reject(full))).toBe(false);
    expect(lines).toEqual([
      'warning: run/checkpoint: cannot be written (the disk is full); the run continues and tries again at the next checkpoint\n',
    ]);
    await expect(saveIfPossible(io, 'x', () => Promise.reject(new TypeError('ours')))).rejects.toThrow(
      TypeError,
    );
  });
});

describe('a lock', () => {
  it('keeps a second run out of an output, names the process, and is gone in the end', async () => {
    const lock = await Lock.take(folder, 'table.tsv', 'table.tsv');
    const second = Lock.take(folder, 'table.tsv', 'table.tsv');
    await expect(second).rejects.toThrow(ConflictError);
    await expect(second).rejects.toThrow(`process ${process.pid}`);
    (await Lock.take(folder, 'other.tsv', 'other.tsv')).dispose();
    lock.dispose();
    (await Lock.take(folder, 'table.tsv', 'table.tsv')).dispose();
    expect((await readdir(folder)).filter((name) => name.includes('.residualbind'))).toEqual([]);
  });

  it('goes with the runs that it names, and with no others of its folder', async () => {
    const takeShard = (file: string, besides: readonly string[]) =>
      Lock.take(folder, file, 'study', { besides });
    using _first = await takeShard('shard-1-of-2', ['shard-2-of-2', 'survey']);
    (await takeShard('shard-2-of-2', ['shard-1-of-2', 'survey'])).dispose();
    await expect(takeShard('', ['survey'])).rejects.toThrow(ConflictError);
    await expect(takeShard('shard-1-of-3', ['shard-2-of-3', 'shard-3-of-3'])).rejects.toThrow(ConflictError);
  });

  describe('of another machine', () => {
    const path = () => at(`.residualbind-${keyOf('far.tsv')}-00000000-1-0-0.lock`);
    /** A lock that was touched so many seconds ago. */
    const leave = async (seconds: number) => {
      await writeFile(path(), '');
      const then = Date.now() / 1000 - seconds;
      await utimes(path(), then, then);
    };
    const watched = () => {
      const waits: number[] = [];
      const watch = {
        signal: new AbortController().signal,
        onWait: ({ pid }: { pid: number }) => waits.push(pid),
      };
      return { waits, lock: Lock.take(folder, 'far.tsv', 'far.tsv', { watch }) };
    };

    it('counts until it was not touched for a minute', async () => {
      await leave(50);
      await expect(Lock.take(folder, 'far.tsv', 'far.tsv')).rejects.toThrow('on another machine');
      await leave(61);
      (await Lock.take(folder, 'far.tsv', 'far.tsv')).dispose();
    });

    it('is taken over by a run that waits, once its minute is over', async () => {
      await leave(59);
      const { waits, lock } = watched();
      (await lock).dispose();
      expect(waits).toEqual([1]);
      await rm(path());
    });

    it('is taken over as soon as it is gone, and not while it is touched', async () => {
      await leave(5);
      const first = watched();
      await rm(path());
      (await first.lock).dispose();
      await leave(5);
      const second = watched();
      await leave(0);
      await expect(second.lock).rejects.toThrow('another run writes there (process 1 on another machine)');
      await rm(path());
    });
  });

  it('is taken by one of several that begin together', async () => {
    const taken = await Promise.allSettled(
      Array.from({ length: 4 }, () => Lock.take(folder, 'race.tsv', 'race.tsv')),
    );
    const locks = taken.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    expect(locks.length).toBeLessThanOrEqual(1);
    for (const lock of locks) lock.dispose();
  });

  it.each([
    ['train', 'missing.tsv'],
    ['report', 'missing'],
    ['survey', 'missing'],
    ['demo', '--quick'],
    ['gia', 'hairpin', 'missing', '--motif', 'ACGU'],
  ])('of a folder: %s %s', async (...args) => {
    await mkdir(at('locked'), { recursive: true });
    using _lock = await Lock.take(at('locked'), '', 'locked');
    const { code, stderr } = await cli([...args, '--out', at('locked')]);
    expect(code).toBe(1);
    expect(stderr).toContain(`another run writes there (process ${process.pid})`);
  });

  it.each([
    ['simulate'],
    ['predict', 'missing', 'missing'],
    ['ism', 'missing', 'ACGU'],
    ['gia', 'sweep', 'missing'],
    ['gia', 'importance', 'missing', 'ACGU@3'],
  ])('of a file: %s %s', async (...args) => {
    using _lock = await Lock.take(folder, 'locked.tsv', 'locked.tsv');
    const { code, stderr } = await cli([...args, '--out', at('locked.tsv')]);
    expect(code).toBe(1);
    expect(stderr).toContain(`another run writes there (process ${process.pid})`);
  });

  it('is left behind by no command, whether or not it succeeds', async () => {
    await simulate(at('done.tsv'));
    await cli(['train', at('missing.tsv'), '--out', at('never')]);
    const left = await readdir(folder);
    expect(left.filter((name) => name.startsWith('.') || name === 'never')).toEqual([]);
  });

  it('is touched, so that other machines see that the run goes on', async () => {
    vi.useFakeTimers();
    try {
      using lock = await Lock.take(folder, 'beating', 'beating');
      await rm(lock.path);
      expect(() => vi.advanceTimersByTime(60_000)).not.toThrow();
    } finally {
      vi.useRealTimers();
    }
  });
});
