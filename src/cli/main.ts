#!/usr/bin/env node
/** The executable: real streams, and Ctrl-C as an abort signal, so that work ends in good order. */

import { CancelledError } from '../device/errors.js';
import { run } from './program.js';

const controller = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Once only: a second signal finds no handler and ends the process on the spot.
  process.once(signal, () => {
    process.stderr.write(`\n${signal}: finishing up; once more ends the program at once\n`);
    controller.abort(new CancelledError(`stopped by ${signal}`));
  });
}
// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const { stdout, stderr } = process;
process.exitCode = await run(process.argv.slice(2), { stdout, stderr, signal: controller.signal });
