#!/usr/bin/env node
/**
 * The executable: the process's streams, and Ctrl-C as an abort signal, so that work ends in order. Work that
 * does not end soon after the signal, such as compiling a kernel, is abandoned; files are always written
 * completely.
 */

import { setTimeout as delay, setImmediate as immediate } from 'node:timers/promises';
import { CancelledError } from '../device/errors.js';
import { compilationsUnderWay } from '../device/pipelines.js';
import { inWords } from '../device/system-error.node.js';
import { removeEmptyFolders } from './output/files.js';
import { releaseLocks } from './output/lock.js';
import { optionsOf, run } from './program.js';
import { EXIT, reportError } from './terminal/errors.js';
import { isOrderly } from './terminal/orderly.js';

/** 128 and the signal's number, as shells have it. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Stop = keyof typeof EXIT_CODES;
const STOPS = Object.keys(EXIT_CODES) as Stop[];

/** Time for a command to end by itself, then for other threads, and between looks at them, ms. */
const PATIENCE = 500;
const LOOK = 25;

const { stdout, stderr } = process;
const controller = new AbortController();
let stoppedBy: Stop | undefined;
let isStdoutBroken = false;
let hasEnded = false;

function stop(signal: Stop): void {
  // No handler is left, so a second signal ends the process at once, even during a long computation.
  for (const each of STOPS) process.off(each, stop);
  stoppedBy = signal;
  stderr.write(`\n${signal}: finishing up; press Ctrl-C again to quit at once\n`);
  controller.abort(new CancelledError(`stopped by ${signal}`));
}
for (const signal of STOPS) process.on(signal, stop);

stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough (`| head`) is no error.
  if (error.code === 'EPIPE' || isStdoutBroken) return;
  isStdoutBroken = true;
  stderr.write(`error: the standard output cannot be written (${inWords(error)})\n`);
});
// There is nowhere left to say so.
stderr.on('error', () => undefined);

const argv = process.argv.slice(2);
const io = { stdout, stderr, signal: controller.signal };

async function command(): Promise<number> {
  try {
    return await run(argv, io);
  } finally {
    hasEnded = true;
  }
}

/** The exit code of a command that was abandoned after a signal. */
async function leftBehind(): Promise<number> {
  await new Promise((aborted) => controller.signal.addEventListener('abort', aborted, { once: true }));
  await delay(PATIENCE);
  for (let waited = 0; isOrderly() || (isBusy() && waited < PATIENCE); waited += LOOK) await delay(LOOK);
  // Nothing is printed where the command ended at the same moment.
  return hasEnded ? EXIT.cancelled : reportError(io, controller.signal.reason, optionsOf(argv));
}

/**
 * Whether other threads compile, read or unpack. An exit would wait for them, and may crash during a
 * compilation.
 */
const isBusy = (): boolean =>
  compilationsUnderWay() > 0 || process.getActiveResourcesInfo().some((kind) => /^(FSReq|zlib)/i.test(kind));

const code = await Promise.race([command(), leftBehind()]);
const ended = code === EXIT.cancelled && stoppedBy ? EXIT_CODES[stoppedBy] : code;
// Waits until all is written, and a moment longer, in which an error may appear.
if (stdout.writableLength > 0) await new Promise<void>((written) => stdout.write('', () => written()));
await immediate();
process.exitCode = isStdoutBroken && ended === EXIT.ok ? EXIT.failure : ended;
if (stoppedBy) {
  releaseLocks();
  removeEmptyFolders();
  // A read that has begun ends soon.
  for (let waited = 0; hasEnded && isBusy() && waited < PATIENCE; waited += LOOK) await delay(LOOK);
  // Without a handler the signal ends the process at once, and shells see the same exit code.
  if (isBusy()) process.kill(process.pid, stoppedBy);
  // Abandoned work would keep the process alive.
  else process.exit();
}
