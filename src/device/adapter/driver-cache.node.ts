/**
 * The unpacked software driver, kept in the user's cache. A damaged shared library ends the process when it
 * is loaded. So every file is first compared with its hash, and unpacked again if it differs.
 */

import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { chmod, lstat, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { FileError } from '../errors.js';
import { writeAtomically } from '../write-atomically.node.js';
import type { DriverArchive } from './swiftshader-package.node.js';
import { readTar } from './tar.js';
import { makePrivateFolder, readOwnFile, UntrustedFileError, userCache } from './user-cache.node.js';

/** Hashes of the unpacked files by name, written last. */
const HASHES = 'sha256.json';
const HOUR = 3_600_000;
/** Attempts to unpack. Another process that replaces a foreign file may remove ours once. */
const ATTEMPTS = 3;

/**
 * The folder with the named files of the archive, all of them intact. If the cache cannot be written, a
 * private temporary folder, which is removed when the process exits.
 *
 * @param log receives a line when the cache cannot be used
 * @throws FileError when the archive is damaged or there is no place to unpack it; UntrustedFileError when
 * other users can change the cache
 */
export async function unpackedDriver(
  { path, version }: DriverArchive,
  names: readonly string[],
  log: (line: string) => void = () => {},
): Promise<string> {
  const archive = await readFile(path);
  const unpack = (folder: string) =>
    once(folder, async () => {
      await makePrivateFolder(folder);
      if (!(await isWhole(folder, names))) await unpackInto(folder, archive, path, names);
      return folder;
    });
  try {
    return await unpack(userCache(`swiftshader-${version}-${sha256(archive).slice(0, 16)}`));
  } catch (error) {
    if (error instanceof UntrustedFileError || error instanceof DamagedArchiveError) throw error;
    const folder = await temporaryFolder(error as Error);
    log(
      `the cache cannot be used (${(error as Error).message}), so the driver is unpacked into ${folder} for this run only; to keep it, set XDG_CACHE_HOME to a folder that can be written`,
    );
    return unpack(folder);
  }
}

/** Folders that are being unpacked into. */
const underWay = new Map<string, Promise<string>>();

/** This process unpacks a folder only once at a time; concurrent calls share the result. */
function once(folder: string, unpack: () => Promise<string>): Promise<string> {
  const running = underWay.get(folder) ?? unpack().finally(() => underWay.delete(folder));
  underWay.set(folder, running);
  return running;
}

/** The package is installed wrongly, so unpacking elsewhere would not help. */
class DamagedArchiveError extends FileError {}

async function unpackInto(
  folder: string,
  packed: Uint8Array,
  path: string,
  names: readonly string[],
): Promise<void> {
  const files = await filesOf(packed, path, names);
  const hashes = Object.fromEntries(files.map(([name, data]) => [name, sha256(data)]));
  await removeLeftovers(folder);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    // Each file is replaced in one step. A process that has loaded the old file keeps it, and one that reads
    // the folder at the same time sees a hash that differs and unpacks too.
    for (const [name, data] of files) await writePrivately(join(folder, name), data);
    await writePrivately(join(folder, HASHES), JSON.stringify(hashes));
    if (await isWhole(folder, names)) return;
  }
  throw new FileError(`${folder} does not keep what is written to it`);
}

async function filesOf(packed: Uint8Array, path: string, names: readonly string[]) {
  try {
    const archive = await promisify(brotliDecompress)(packed);
    const files = new Map(Array.from(readTar(archive), ({ name, data }) => [basename(name), data]));
    return names.map((name) => {
      const data = files.get(name);
      if (!data) throw new Error(`it holds no ${name}`);
      return [name, data] as const;
    });
  } catch (error) {
    throw new DamagedArchiveError(
      `${path} cannot be unpacked (${(error as Error).message}); install its npm package again`,
      { cause: error },
    );
  }
}

async function writePrivately(path: string, data: string | Uint8Array): Promise<void> {
  // A link would be followed, and another user would keep the file. A file of our own is replaced in one step
  // instead: another process that unpacks at the same time may have just written it.
  const found = await lstat(path).catch(() => undefined);
  if (found && (!found.isFile() || found.uid !== process.getuid?.())) await rm(path, { force: true });
  await writeAtomically(path, data);
  await chmod(path, 0o600);
}

/** Whether all files exist, belong to this user, and are as they were written. */
async function isWhole(folder: string, names: readonly string[]): Promise<boolean> {
  try {
    const hashes = JSON.parse(await readOwnFile(join(folder, HASHES)).then(String)) as Record<
      string,
      unknown
    >;
    for (const name of names)
      if (sha256(await readOwnFile(join(folder, name))) !== hashes[name]) return false;
    return true;
  } catch {
    return false;
  }
}

/**
 * Removes what killed processes left while unpacking. Younger folders may belong to a process that is still
 * unpacking.
 */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const made = name.endsWith('.tmp') ? await stat(path).catch(() => undefined) : undefined;
    if (made && Date.now() - made.mtimeMs > HOUR) await rm(path, { force: true });
  }
}

/** One per process, because the driver may be requested several times. */
let temporary: Promise<string> | undefined;

function temporaryFolder(reason: Error): Promise<string> {
  temporary ??= mkdtemp(join(tmpdir(), 'residualbind-webgpu-')).then(
    (folder) => {
      process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
      return folder;
    },
    (error: Error) => {
      temporary = undefined;
      throw new FileError(
        `there is no place for the driver: the cache cannot be used (${reason.message}), and no temporary folder be made (${error.message}); set XDG_CACHE_HOME to a folder that can be written`,
        { cause: error },
      );
    },
  );
  return temporary;
}

const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');
