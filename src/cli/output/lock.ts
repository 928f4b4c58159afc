/**
 * One run at a time writes to an output. A run puts a file of its own into the output's folder and looks for
 * those of others; two that begin at the same moment both see the other, step back, and try again after
 * different times. The names of these files tell processes that have ended (`owner.node.ts`), so a killed run
 * locks nobody out.
 */

import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { keyOf, type Owner, ownedFiles, ownedName } from '../../device/adapter/owner.node.js';
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
   * @param besides names of the only files of the folder that other runs may write meanwhile. Default: all but `file`
   * @throws ConflictError naming the process that writes there
   */
  static async take(
    folder: string,
    file: string,
    output: string,
    besides?: readonly string[],
  ): Promise<Lock> {
    const compatible = besides && new Set(besides.map(keyOf));
    const isOther = (key: string): boolean => (compatible ? !compatible.has(key) : key === keyOf(file));
    for (let attempt = 1; ; attempt++) {
      const path = join(folder, ownedName(file, 'lock'));
      writeFileSync(path, '', { flag: 'wx' });
      const other = ownedFiles(folder).find(
        ({ kind, of, path: at, owner }) => kind === 'lock' && isOther(of) && at !== path && owner.alive,
      );
      if (!other) return new Lock(path);
      rmSync(path, { force: true });
      if (attempt === ATTEMPTS) throw new ConflictError(refusal(output, other.owner));
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

function touch(path: string): void {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {
    // The folder was removed; writing the result will report it.
  }
}
