/** Files replaced in one step, and what is written to instead. */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  lstat,
  mkdtemp,
  open,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownedFiles, ownedName, removeLeftovers } from '../src/device/adapter/owner.node.js';
import { FileError } from '../src/device/errors.js';
import { writeAtomically } from '../src/device/write-atomically.node.js';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('writeAtomically', () => {
  it('replaces a file and leaves no temporary one, even when it cannot write', async () => {
    const path = at('deep', 'file.txt');
    await writeAtomically(path, 'one');
    await writeAtomically(path, 'two');
    expect(await readFile(path, 'utf8')).toBe('two');
    await expect(writeAtomically(at('deep'), 'over a directory')).rejects.toThrow(FileError);
    expect(await readdir(at('deep'))).toEqual(['file.txt']);
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('leaves the old contents to whoever has them open: it replaces, and never writes in place', async () => {
    const path = at('held.txt');
    await writeAtomically(path, 'the old contents');
    const before = await stat(path);
    const handle = await open(path, 'r');
    try {
      await writeAtomically(path, 'new');
      expect(await handle.readFile('utf8')).toBe('the old contents');
    } finally {
      await handle.close();
    }
    expect((await stat(path)).ino).not.toBe(before.ino);
    expect(await readFile(path, 'utf8')).toBe('new');
  });

  it.each([0o640, 0o600, 0o755])('keeps the rights of the file that it replaces: %o', async (mode) => {
    const path = at(`rights-${mode}`);
    await writeFile(path, 'old');
    await chmod(path, mode);
    await writeAtomically(path, 'new');
    expect((await stat(path)).mode & 0o777).toBe(mode);
  });

  it.skipIf(process.getuid?.() !== 0)('keeps the owner where it may', async () => {
    const path = at('owned');
    await writeFile(path, 'old');
    execFileSync('chown', ['1234:5678', path]);
    await writeAtomically(path, 'new');
    expect(await stat(path)).toMatchObject({ uid: 1234, gid: 5678 });
  });

  it('writes where a symbolic link leads, whether or not there is a file, and keeps the link', async () => {
    await symlink('target.txt', at('link'));
    await symlink('link', at('link-to-link'));
    for (const [path, text] of [
      ['link', 'first'],
      ['link-to-link', 'second'],
    ] as const) {
      await writeAtomically(at(path), text);
      expect(await readFile(at('target.txt'), 'utf8')).toBe(text);
      expect((await lstat(at('target.txt'))).isFile()).toBe(true);
    }
    expect(await readlink(at('link'))).toBe('target.txt');
    await symlink('circle', at('circle'));
    await expect(writeAtomically(at('circle'), '')).rejects.toThrow('lead in a circle');
  });

  it('writes to a pipe and does not replace it', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    const reader = spawn('cat', [at('pipe')], { stdio: ['ignore', 'pipe', 'ignore'] });
    let read = '';
    reader.stdout.on('data', (text) => {
      read += text;
    });
    const ended = once(reader, 'close');
    await writeAtomically(at('pipe'), 'through the pipe');
    await ended;
    expect(read).toBe('through the pipe');
    expect((await lstat(at('pipe'))).isFIFO()).toBe(true);
  });

  it('leaves devices what they are', async () => {
    const before = await lstat('/dev/null');
    await symlink('/dev/null', at('null'));
    await writeAtomically('/dev/null', 'nothing');
    await writeAtomically(at('null'), 'nothing');
    const after = await lstat('/dev/null');
    expect(after.isCharacterDevice()).toBe(true);
    expect(after.ino).toBe(before.ino);
  });

  it('refuses a socket', async () => {
    const server = createServer().listen(at('socket'));
    await once(server, 'listening');
    await expect(writeAtomically(at('socket'), '')).rejects.toThrow('is a socket');
    server.close();
  });

  it('takes names as long as the system allows', async () => {
    const path = at(`${'n'.repeat(251)}.tsv`);
    await writeAtomically(path, 'long');
    expect(await readFile(path, 'utf8')).toBe('long');
  });
});

describe('files of processes that have ended', () => {
  /** A name as a process that is no more would have given it. */
  const ofTheDead = async (path: string, kind: 'tmp' | 'lock') => {
    const child = spawn('true');
    await once(child, 'close');
    return ownedName(path, kind).replace(`-${process.pid}-`, `-${child.pid}-`);
  };

  it('are removed, and those of the living are not', async () => {
    const dead = await ofTheDead('file.txt', 'tmp');
    const [own, other] = [ownedName('file.txt', 'tmp'), '.residualbind-notes'];
    await Promise.all([dead, own, other].map((name) => writeFile(at(name), '')));
    removeLeftovers(folder);
    const left = await readdir(folder);
    expect(left).not.toContain(dead);
    expect(left).toEqual(expect.arrayContaining([own, other]));
    await rm(at(own));
  });

  it('are told apart from those of a later process of the same number', async () => {
    const [, host, pid] = /^\.residualbind-[^-]+-([^-]+)-(\d+)/.exec(ownedName('x', 'lock'))!;
    await writeFile(at(`.residualbind-00000000-${host}-${pid}-abc-0.lock`), '');
    const found = ownedFiles(folder).find(({ of }) => of === '00000000');
    expect(found?.owner).toEqual({ pid: process.pid, alive: false, elsewhere: false });
    removeLeftovers(folder);
  });
});
