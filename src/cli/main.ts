#!/usr/bin/env node
/**
 * The executable: real streams, and Ctrl-C as an abort signal, so that work ends in good order. What does not
 * end soon after the signal by itself, such as a kernel in compilation, is left behind; only files are always
 * written to their end.
 */

import { setTimeout as delay, setImmediate as immediate } from 'node:timers/promises';
import { CancelledError } from '../device/errors.js';
import { compilationsUnderWay } from '../device/pipelines.js';
import { inWords } from '../device/system-error.node.js';
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
  // No handler is left: a second signal, whichever, ends the process on the spot, even amid a long
  // computation.
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

/** The exit code of a command that was left behind after a signal. */
async function leftBehind(): Promise<number> {
  await new Promise((aborted) => controller.signal.addEventListener('abort', aborted, { once: true }));
  await delay(PATIENCE);
  for (let waited = 0; isOrderly() || (isBusy() && waited < PATIENCE); waited += LOOK) await delay(LOOK);
  // Nothing to say where the command ended in the same moment.
  return hasEnded ? EXIT.cancelled : reportError(io, controller.signal.reason, optionsOf(argv));
}

/**
 * Whether other threads compile, read or unpack: an exit waits for them, and may crash amid a compilation.
 */
const isBusy = (): boolean =>
  compilationsUnderWay() > 0 || process.getActiveResourcesInfo().some((kind) => /^(FSReq|zlib)/i.test(kind));

const code = await Promise.race([command(), leftBehind()]);
const ended = code === EXIT.cancelled && stoppedBy ? EXIT_CODES[stoppedBy] : code;
// Written to the end, and a moment more, in which an error comes to light.
if (stdout.writableLength > 0) await new Promise<void>((written) => stdout.write('', () => written()));
await immediate();
process.exitCode = isStdoutBroken && ended === EXIT.ok ? EXIT.failure : ended;
if (stoppedBy) {
  releaseLocks();
  // A read that was under way when the command gave up is over soon.
  for (let waited = 0; hasEnded && isBusy() && waited < PATIENCE; waited += LOOK) await delay(LOOK);
  // Without a handler the signal ends the process at once, and shells see the same exit code.
  if (isBusy()) process.kill(process.pid, stoppedBy);
  // What was left behind would keep the process alive.
  else process.exit();
}
