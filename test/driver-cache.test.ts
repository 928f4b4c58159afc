/**
 * The unpacked driver: whole or unpacked anew, this user's own, and somewhere even where there is no home.
 */

import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unpackedDriver } from '../src/device/adapter/driver-cache.node.js';
import { readOwnFile, UntrustedFileError, userCache } from '../src/device/adapter/user-cache.node.js';
import { tarOf } from './support/tar.js';

const FILES = { 'libvulkan.so.1': 'the loader', 'driver.so': 'the driver', 'icd.json': '{}' };
const NAMES = Object.keys(FILES) as (keyof typeof FILES)[];
const isRoot = process.getuid?.() === 0;

let home: string;
let cache: string;
const before = { ...process.env };
const set = (name: string, value: string | undefined) => {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
};

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'residualbind-test-'));
  cache = join(home, 'cache');
  set('XDG_CACHE_HOME', cache);
});
afterEach(async () => {
  for (const name of ['XDG_CACHE_HOME', 'HOME', 'TMPDIR']) set(name, before[name]);
  await rm(home, { recursive: true });
});

async function archive(files: Readonly<Record<string, string>> = { ...FILES, 'other.so': 'not wanted' }) {
  const path = join(home, 'driver.tar.br');
  await writeFile(path, brotliCompressSync(tarOf(files)));
  return { path, version: '153.0.0' };
}

const contents = async (folder: string) =>
  Object.fromEntries(
    await Promise.all(NAMES.map(async (name) => [name, String(await readFile(join(folder, name)))])),
  );

const mode = async (path: string) => (await stat(path)).mode & 0o777;

it('is unpacked once, for this user only, under the name of its archive', async () => {
  const first = await unpackedDriver(await archive(), NAMES);
  expect(await contents(first)).toEqual(FILES);
  expect((await readdir(first)).sort()).toEqual([...NAMES, 'sha256.json'].sort());
  expect(await mode(userCache())).toBe(0o700);
  expect(await mode(first)).toBe(0o700);
  expect(await mode(join(first, 'driver.so'))).toBe(0o600);

  const { ino } = await stat(join(first, 'driver.so'));
  expect(await unpackedDriver(await archive(), NAMES)).toBe(first);
  expect((await stat(join(first, 'driver.so'))).ino).toBe(ino);

  const newer = { ...FILES, 'driver.so': 'the driver of a package of the same version' };
  const second = await unpackedDriver(await archive(newer), NAMES);
  expect(second).not.toBe(first);
  expect(await contents(second)).toEqual(newer);
});

it('may be asked for several times at once', async () => {
  const given = await archive();
  const folders = await Promise.all([1, 2, 3, 4].map(() => unpackedDriver(given, NAMES)));
  expect(new Set(folders).size).toBe(1);
  expect(await contents(folders[0]!)).toEqual(FILES);
  expect(await readdir(folders[0]!)).toHaveLength(4);
});

describe('is unpacked anew where', () => {
  it.each<[string, (folder: string) => Promise<void>]>([
    ['a file was cut off', (folder) => writeFile(join(folder, 'driver.so'), 'the dri')],
    ['a file is full of zeros', (folder) => writeFile(join(folder, 'driver.so'), new Uint8Array(10))],
    ['one letter differs', (folder) => writeFile(join(folder, 'libvulkan.so.1'), 'the loadeR')],
    ['a file is missing', (folder) => rm(join(folder, 'icd.json'))],
    ['the hashes are missing', (folder) => rm(join(folder, 'sha256.json'))],
    ['the hashes are cut off', (folder) => writeFile(join(folder, 'sha256.json'), '{"driver.so":')],
    ['the hashes are null', (folder) => writeFile(join(folder, 'sha256.json'), 'null')],
    ['others can change a file', (folder) => chmod(join(folder, 'driver.so'), 0o666)],
    [
      'a file is a link',
      async (folder) => {
        await rm(join(folder, 'driver.so'));
        await writeFile(join(home, 'elsewhere'), FILES['driver.so']);
        await symlink(join(home, 'elsewhere'), join(folder, 'driver.so'));
      },
    ],
  ])('%s', async (_, damage) => {
    const folder = await unpackedDriver(await archive(), NAMES);
    await damage(folder);
    expect(await unpackedDriver(await archive(), NAMES)).toBe(folder);
    for (const name of NAMES) expect(String(await readOwnFile(join(folder, name)))).toBe(FILES[name]);
  });

  it.runIf(isRoot)('another user owns a file', async () => {
    const folder = await unpackedDriver(await archive(), NAMES);
    await chown(join(folder, 'driver.so'), 65_534, 65_534);
    await unpackedDriver(await archive(), NAMES);
    expect((await stat(join(folder, 'driver.so'))).uid).toBe(0);
  });
});

it('removes what a killed process left, once no process can be at work on it', async () => {
  const folder = await unpackedDriver(await archive(), NAMES);
  await writeFile(join(folder, 'driver.so.old.tmp'), '');
  await writeFile(join(folder, 'driver.so.new.tmp'), '');
  const yesterday = Date.now() / 1000 - 86_400;
  await utimes(join(folder, 'driver.so.old.tmp'), yesterday, yesterday);
  await rm(join(folder, 'icd.json'));
  await unpackedDriver(await archive(), NAMES);
  expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual(['driver.so.new.tmp']);
});

describe('is never taken from a folder that', () => {
  it.each<[string, number, 'package' | 'version']>([
    ['everybody can change', 0o777, 'version'],
    ['the group can change', 0o770, 'version'],
    ['is in one that everybody can change', 0o777, 'package'],
  ])('%s', async (_, bits, which) => {
    const folder = await unpackedDriver(await archive(), NAMES);
    await chmod(which === 'package' ? userCache() : folder, bits);
    const again = unpackedDriver(await archive(), NAMES);
    await expect(again).rejects.toThrow(UntrustedFileError);
    await expect(again).rejects.toThrow(/can be changed by other users \(mode 77[07]\).*XDG_CACHE_HOME/);
  });

  it.runIf(isRoot)('another user owns', async () => {
    await mkdir(userCache(), { recursive: true });
    await chown(userCache(), 65_534, 65_534);
    const unpacked = unpackedDriver(await archive(), NAMES);
    await expect(unpacked).rejects.toThrow(/belongs to another user \(65534; this is 0\).*XDG_CACHE_HOME/);
  });

  it('is a link', async () => {
    await mkdir(join(home, 'elsewhere'));
    await mkdir(cache);
    await symlink(join(home, 'elsewhere'), userCache());
    await expect(unpackedDriver(await archive(), NAMES)).rejects.toThrow(/is not a folder/);
    expect(await readdir(join(home, 'elsewhere'))).toEqual([]);
  });

  it('others could only read, before it is closed to them', async () => {
    await mkdir(userCache(), { recursive: true, mode: 0o755 });
    await unpackedDriver(await archive(), NAMES);
    expect(await mode(userCache())).toBe(0o700);
  });
});

describe('where the cache cannot be used', () => {
  it.each<[string, () => Promise<void>]>([
    // A read-only folder as root too.
    ['its place is a file', () => writeFile(cache, '')],
    [
      'the user has no home',
      async () => {
        set('XDG_CACHE_HOME', undefined);
        set('HOME', '');
      },
    ],
    [
      'the cache is given by a relative path and the home is not there',
      async () => {
        set('XDG_CACHE_HOME', 'relative');
        set('HOME', '/proc/nobody');
      },
    ],
  ])('goes into one private temporary folder: %s', async (_, prepare) => {
    await prepare();
    const lines: string[] = [];
    const folder = await unpackedDriver(await archive(), NAMES, (line) => lines.push(line));
    expect(folder.startsWith(join(tmpdir(), 'residualbind-webgpu-'))).toBe(true);
    expect(await mode(folder)).toBe(0o700);
    expect(await contents(folder)).toEqual(FILES);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/the cache cannot be used .* XDG_CACHE_HOME/);
    expect(await unpackedDriver(await archive(), NAMES)).toBe(folder);
  });

  it('does not follow a relative XDG_CACHE_HOME', () => {
    set('XDG_CACHE_HOME', 'relative');
    set('HOME', home);
    expect(userCache('a')).toBe(join(home, '.cache', 'residualbind-webgpu', 'a'));
  });
});

describe('refuses an archive that', () => {
  it('is damaged, naming it', async () => {
    const { path, version } = await archive();
    await writeFile(path, (await readFile(path)).subarray(0, 20));
    await expect(unpackedDriver({ path, version }, NAMES)).rejects.toThrow(
      /driver\.tar\.br cannot be unpacked \(.*\); install its npm package again/,
    );
  });

  it('lacks a file', async () => {
    const unpacked = unpackedDriver(await archive({ 'driver.so': 'x' }), NAMES);
    await expect(unpacked).rejects.toThrow('it holds no libvulkan.so.1');
  });
});
