/**
 * Names of files that belong to one run and must not outlive it: temporary files and locks. A name identifies
 * the file that it is for and the process that made it. So a later run can check whether that process is
 * still alive. A killed process leaves such files behind; `removeLeftovers` deletes them.
 */

import { createHash } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';

export type OwnedKind = 'tmp' | 'lock';

/** A process, as read from the name of its file. */
export interface Owner {
  readonly pid: number;
  /** False for a process that has ended. */
  readonly alive: boolean;
  /** Whether it runs on another machine or in another container, where its pid says nothing. */
  readonly elsewhere: boolean;
}

export interface OwnedFile {
  readonly path: string;
  readonly name: string;
  readonly kind: OwnedKind;
  /** Hash of the name of the file that it is for. */
  readonly of: string;
  readonly owner: Owner;
}

const PATTERN = /^\.residualbind-([0-9a-f]{8})-([0-9a-f]{8})-(\d+)-([0-9a-z]+)-\d+\.(tmp|lock)$/;

/** A file of another machine counts as left behind after it was not touched for this long, ms. */
const ABANDONED = 60_000;

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

/** The part of an owned file's name that identifies the file that it is for. */
export const keyOf = (path: string): string => hash(basename(path));

let here: string | undefined;
let made = 0;

/** Pids are comparable within the same machine, boot and, on Linux, namespace of process numbers. */
function machine(): string {
  here ??= hash(
    [
      hostname(),
      attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
      attempt(() => readlinkSync('/proc/self/ns/pid')),
    ].join('\n'),
  );
  return here;
}

/**
 * When a process began, in ticks since boot; `0` if the system does not report it. Pids are reused, start
 * times are not.
 */
function startOf(pid: number): string {
  const text = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // The name in parentheses may hold blanks; the start is the 20th field after it.
  const ticks = text?.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  return ticks === undefined ? '0' : Number(ticks).toString(36);
}

/** A new name for a file of this process: short, whatever the length of the name that it is for. */
export const ownedName = (path: string, kind: OwnedKind): string =>
  `.residualbind-${keyOf(path)}-${machine()}-${process.pid}-${startOf(process.pid)}-${made++}.${kind}`;

/** Files of this and other runs in a folder. */
export function ownedFiles(folder: string): OwnedFile[] {
  // Read only where another machine has files here.
  let now: number | undefined;
  return (attempt(() => readdirSync(folder)) ?? []).flatMap((name) => {
    const match = PATTERN.exec(name);
    if (!match) return [];
    const [, of, host, digits, start, kind] = match as unknown as [
      string,
      string,
      string,
      string,
      string,
      OwnedKind,
    ];
    const path = join(folder, name);
    const pid = Number(digits);
    const elsewhere = host !== machine();
    if (elsewhere) now ??= clockOf(folder);
    const alive =
      now === undefined || !elsewhere
        ? isRunning(pid) && [start, '0'].includes(startOf(pid))
        : now - (touchedAt(path) ?? Number.NEGATIVE_INFINITY) < ABANDONED;
    return [{ path, name, kind, of, owner: { pid, alive, elsewhere } }];
  });
}

/** Deletes what processes that have ended left in a folder. */
export function removeLeftovers(folder: string): void {
  for (const { path, owner } of ownedFiles(folder)) if (!owner.alive) rmSync(path, { force: true });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process may not be signalled, but it exists.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * When a file was last written, by the clock of its file system, ms; undefined if it is gone. Opens the file,
 * since NFS asks the server then, and may otherwise answer with what was true a minute ago.
 */
export const touchedAt = (path: string): number | undefined =>
  attempt(() => {
    const file = openSync(path, 'r');
    try {
      return fstatSync(file).mtimeMs;
    } finally {
      closeSync(file);
    }
  });

/**
 * The present by the clock that stamps the files of a folder. On a shared file system that is the server's:
 * the clocks of two machines may differ by more than a lock lasts.
 */
function clockOf(folder: string): number {
  const path = join(folder, ownedName('clock', 'tmp'));
  const now = attempt(() => {
    writeFileSync(path, '.', { flag: 'wx' });
    return touchedAt(path);
  });
  attempt(() => rmSync(path, { force: true }));
  return now ?? Date.now();
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
