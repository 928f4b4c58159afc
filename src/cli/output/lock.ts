/**
 * One run at a time writes to an output. A run puts a file of its own into the output's folder and looks for
 * those of others; two that begin at the same moment both see the other, step back, and try again after
 * different times. The names of these files tell processes that have ended (`owner.node.ts`), so a killed run
 * locks nobody out. Whether a process of another machine has ended cannot be known: its lock counts until it
 * was not touched for a minute.
 */

import { closeSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  keyOf,
  type OwnedFile,
  type Owner,
  ownedFiles,
  ownedName,
  touchedAt,
} from '../../device/adapter/owner.node.js';
import { throwIfCancelled } from '../../device/breathe.js';
import { ConflictError } from '../../device/errors.js';

/** Number of attempts, and the longest time between two, ms. */
const ATTEMPTS = 6;
const LONGEST = 100;

/** Interval at which a lock is touched, so that other machines know that its run goes on, ms. */
const HEARTBEAT = 15_000;

const held = new Set<string>();

/** Removes all locks of this process, which is about to end with work under way. */
export function releaseLocks(): void {
  for (const path of held) rmSync(path, { force: true });
}
process.on('exit', releaseLocks);

/** Which other runs may go on beside a run, and what it does about one of another machine. */
export interface LockOptions {
  /**
   * Names of the only files of the folder that other runs may write meanwhile. Default: all but the one to
   * lock.
   */
  readonly besides?: readonly string[];
  /**
   * Waits until it is certain whether a run of another machine goes on: at most a minute after it was killed.
   * Default: it counts as going on.
   */
  readonly watch?: { readonly signal: AbortSignal; readonly onWait: (owner: Owner) => void };
}

export class Lock implements Disposable {
  readonly #heart: NodeJS.Timeout;

  private constructor(readonly path: string) {
    held.add(path);
    this.#heart = setInterval(() => touch(path), HEARTBEAT).unref();
  }

  /**
   * @param folder where the output goes
   * @param file its name; empty for all of the folder
   * @param output what a message calls it
   * @throws ConflictError naming the process that writes there
   */
  static async take(
    folder: string,
    file: string,
    output: string,
    { besides, watch }: LockOptions = {},
  ): Promise<Lock> {
    const allowed = besides && new Set(besides.map(keyOf));
    const isOfAnother = (of: string) => (allowed ? !allowed.has(of) : of === keyOf(file));
    for (let attempt = 1; ; attempt++) {
      const path = join(folder, ownedName(file, 'lock'));
      writeFileSync(path, '', { flag: 'wx' });
      const other = ownedFiles(folder).find(
        ({ kind, of, path: at, owner }) => kind === 'lock' && isOfAnother(of) && at !== path && owner.alive,
      );
      if (!other) return new Lock(path);
      rmSync(path, { force: true });
      if (attempt === ATTEMPTS || (watch && other.owner.elsewhere && (await isTouched(other, watch))))
        throw new ConflictError(refusal(output, other.owner));
      await delay(LONGEST * Math.random());
    }
  }

  dispose(): void {
    clearInterval(this.#heart);
    held.delete(this.path);
    rmSync(this.path, { force: true });
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

const refusal = (output: string, { pid, elsewhere }: Owner): string =>
  `${output}: another run writes there (process ${pid}${elsewhere ? ' on another machine' : ''}); wait until it has ended, or name another output`;

/** Writes to a lock, so that the file system stamps it with its own clock. */
function touch(path: string): void {
  try {
    const file = openSync(path, 'r+');
    try {
      writeSync(file, '.', 0);
    } finally {
      closeSync(file);
    }
  } catch {
    // The folder was removed; writing the result will report it.
  }
}

/** Interval at which a lock of another machine is looked at, ms. */
const LOOK = 1000;

/** Waits for a sign of a run of another machine. @returns whether there was one before its lock expired */
async function isTouched(
  { path, owner }: OwnedFile,
  { signal, onWait }: NonNullable<LockOptions['watch']>,
): Promise<boolean> {
  const before = touchedAt(path);
  onWait(owner);
  for (;;) {
    const other = ownedFiles(dirname(path)).find((file) => file.path === path);
    if (!other?.owner.alive) return false;
    if (touchedAt(path) !== before) return true;
    await delay(LOOK);
    throwIfCancelled(signal);
  }
}
