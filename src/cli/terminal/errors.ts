/** From an error to what the user sees of it and the code the process exits with. */

import { CommanderError } from 'commander';
import { CancelledError, FormatError, ResidualBindError } from '../../device/errors.js';
import { type Io, note } from './io.js';
import { plainJson } from './plain-text.js';

const USAGE = 'ERR_USAGE';

export const EXIT = { ok: 0, failure: 1, usage: 2, cancelled: 130 } as const;

/** Options that contradict each other or miss what they need, found after commander's own checks. */
export class UsageError extends ResidualBindError {
  readonly code: string = USAGE;
}

/** Runs a check of an option's value. @throws UsageError in place of its FormatError */
export function checkedOption<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof FormatError ? new UsageError(error.message, { cause: error }) : error;
  }
}

export interface ReportOptions {
  /** Print the stack too. */
  readonly debug: boolean;
  /** Say it on stdout too, as `{ "error": … }`, so that --json always yields one object. */
  readonly json: boolean;
}

/** An error as JSON has it. */
export interface ErrorFacts {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

/** What JSON says of an error. */
export function errorFacts(error: unknown): ErrorFacts {
  const { name, message } = asError(error);
  return { name, code: codeOf(error), message };
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** Prints an error and returns the exit code. */
export function reportError(io: Io, error: unknown, { debug, json }: ReportOptions): number {
  const onStdout = (facts: ErrorFacts) => {
    if (json) io.stdout.write(`${plainJson({ error: facts })}\n`);
  };
  if (error instanceof CommanderError) {
    // Commander has already written its message, or the help that was asked for.
    if (error.exitCode === 0) return EXIT.ok;
    onStdout({ name: 'UsageError', code: USAGE, message: error.message.replace(/^error: /, '') });
    return EXIT.usage;
  }
  const facts = errorFacts(error);
  const { stack } = asError(error);
  const cancelled = error instanceof CancelledError;
  note(io, `${cancelled ? 'cancelled' : 'error'}: ${facts.message}`);
  if (debug && stack) note(io, stack);
  else if (facts.code === INTERNAL)
    note(io, 'This looks like a fault of the program; --debug shows where it happened.');
  onStdout(facts);
  if (cancelled) return EXIT.cancelled;
  return error instanceof UsageError ? EXIT.usage : EXIT.failure;
}

/** Whether an error was thrown on purpose or by the operating system, and is no wish to stop. */
export const isExpected = (error: unknown): boolean =>
  !(error instanceof CancelledError) && codeOf(error) !== INTERNAL;

/** The code of an error that was not thrown on purpose. */
const INTERNAL = 'ERR_INTERNAL';

/**
 * The code of an error thrown on purpose or by the operating system (`ENOSPC`); anything else is our own
 * fault.
 */
function codeOf(error: unknown): string {
  if (error instanceof ResidualBindError) return error.code;
  return isSystemError(error) ? error.code : INTERNAL;
}

/**
 * Node gives errors of its own a `code` too (`ERR_INVALID_ARG_TYPE`); only failed system calls have a number.
 */
const isSystemError = (error: unknown): error is NodeJS.ErrnoException & { code: string } =>
  error instanceof Error && 'errno' in error && 'code' in error && typeof error.code === 'string';
