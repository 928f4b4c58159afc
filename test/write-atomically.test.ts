/** Files replaced in one step. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeAtomically } from '../src/device/write-atomically.node.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('writeAtomically', () => {
  it('replaces a file and leaves no temporary one, even when it cannot write', async () => {
    const path = join(folder, 'deep', 'file.txt');
    await writeAtomically(path, 'one');
    await writeAtomically(path, 'two');
    expect(await readFile(path, 'utf8')).toBe('two');
    await expect(writeAtomically(join(folder, 'deep'), 'over a directory')).rejects.toThrow();
    expect(await readdir(join(folder, 'deep'))).toEqual(['file.txt']);
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
