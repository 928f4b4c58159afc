/** From an error to what the user sees of it and the code the process exits with. */

import { CommanderError } from 'commander';
import { CancelledError, ResidualBindError } from '../device/errors.js';
import { type Io, note } from './io.js';

export const EXIT = { ok: 0, failure: 1, usage: 2, cancelled: 130 } as const;

/** Options that contradict each other or miss what they need, found after commander's own checks. */
export class UsageError extends ResidualBindError {}

export interface ReportOptions {
  /** Print the stack too. */
  readonly debug: boolean;
  /** Say it on stdout too, as `{ "error": … }`, so that --json always yields one object. */
  readonly json: boolean;
}

/** Prints an error and returns the exit code. */
export function reportError(io: Io, error: unknown, { debug, json }: ReportOptions): number {
  const onStdout = (name: string, message: string) => {
    if (json) io.stdout.write(`${JSON.stringify({ error: { name, message } })}\n`);
  };
  if (error instanceof CommanderError) {
    // Commander has already written its message, or the help that was asked for.
    if (error.exitCode === 0) return EXIT.ok;
    onStdout('UsageError', error.message.replace(/^error: /, ''));
    return EXIT.usage;
  }
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const cancelled = error instanceof CancelledError;
  note(io, `${cancelled ? 'cancelled' : 'error'}: ${message}`);
  if (debug && stack) note(io, stack);
  else if (!isExpected(error))
    note(io, 'This looks like a fault of the program; --debug shows where it happened.');
  onStdout(name, message);
  if (cancelled) return EXIT.cancelled;
  return error instanceof UsageError ? EXIT.usage : EXIT.failure;
}

/** Errors thrown on purpose, and those of the operating system. */
const isExpected = (error: unknown): boolean =>
  error instanceof ResidualBindError ||
  error instanceof RangeError ||
  (error instanceof Error && 'code' in error);
