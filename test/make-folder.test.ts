import { existsSync, statSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder } from '../src/device/adapter/make-folder.node.js';

describe('makeFolder', () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'make-folder-'));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it('makes a folder with those above it, once or several times at once', async () => {
    const path = join(home, 'a', 'b', 'c');
    await Promise.all([makeFolder(path), makeFolder(path), makeFolder(join(home, 'a'))]);
    await makeFolder(path);
    expect(statSync(path).isDirectory()).toBe(true);
  });

  it('takes a link to a folder for one', async () => {
    await symlink(home, join(home, 'link'));
    await makeFolder(join(home, 'link', 'd'));
    expect(statSync(join(home, 'd')).isDirectory()).toBe(true);
  });

  it('refuses a file, and what lies below one', async () => {
    await writeFile(join(home, 'file'), '');
    await expect(makeFolder(join(home, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolder(join(home, 'file', 'x'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it.runIf(existsSync('/proc/self'))(
    'gives up where nobody can make one, instead of trying for ever',
    async () => {
      await expect(makeFolder('/proc/nothing/here')).rejects.toMatchObject({ code: expect.any(String) });
    },
  );
});
