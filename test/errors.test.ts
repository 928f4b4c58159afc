/**
 * Error classes have stable codes, and the command line tells a user's mistakes from faults of the program.
 */

import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { EXIT, reportError, UsageError } from '../src/cli/terminal/errors.js';
import * as errors from '../src/device/errors.js';

type ErrorClass = new (...args: string[]) => errors.ResidualBindError;
const { ResidualBindError, ...rest } = errors;
const concrete: Record<string, ErrorClass> = { ...rest, UsageError } as never;

describe('error codes', () => {
  it.each(Object.entries(concrete))('%s has the code of its name', (name, Kind) => {
    const error = new Kind('what', 'why');
    const words = name.replace(/Error$/, '').replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_');
    expect(error).toMatchObject({ name, code: `ERR_${words.toUpperCase()}` });
    expect(error).toBeInstanceOf(ResidualBindError);
  });

  it('name the argument', () => {
    const error = new errors.ArgumentError('seed', 'seed must be whole');
    expect(error).toMatchObject({ argument: 'seed', message: 'seed must be whole' });
  });
});

async function reported(error: unknown) {
  let [stdout, stderr] = ['', ''];
  const io = {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
    signal: new AbortController().signal,
  };
  const exit = reportError(io, error, { debug: false, json: true });
  return { exit, stderr, ...JSON.parse(stdout) };
}

describe('errors on the command line', () => {
  const fault = /fault of the program/;

  it('of the user are said with their code', async () => {
    const format = await reported(new errors.FormatError('a.tsv:3: no score'));
    expect(format.error).toEqual({ name: 'FormatError', code: 'ERR_FORMAT', message: 'a.tsv:3: no score' });
    expect(format.exit).toBe(EXIT.failure);
    expect(format.stderr).not.toMatch(fault);
    const usage = await reported(new UsageError('--a needs --b'));
    expect(usage).toMatchObject({ exit: EXIT.usage, error: { code: 'ERR_USAGE' } });
    const cancelled = await reported(new errors.CancelledError('stopped'));
    expect(cancelled).toMatchObject({ exit: EXIT.cancelled, error: { code: 'ERR_CANCELLED' } });
  });

  it('of the operating system are not the fault of the program', async () => {
    const missing = await readFile('/no/such/file').catch((error: unknown) => error);
    const { error, stderr } = await reported(missing);
    expect(error.code).toBe('ENOENT');
    expect(stderr).not.toMatch(fault);
  });

  it.each([
    ['a range error', new RangeError('Invalid array length')],
    ['a type error', new TypeError('undefined is not a function')],
    [
      "Node's own error",
      Object.assign(new TypeError('path must be a string'), { code: 'ERR_INVALID_ARG_TYPE' }),
    ],
    ['an object with a code', Object.assign(new Error('x'), { code: 3 })],
    ['what is no error', 'text'],
  ])('of the program are called so: %s', async (_, error) => {
    const { exit, stderr, error: said } = await reported(error);
    expect(exit).toBe(EXIT.failure);
    expect(stderr).toMatch(fault);
    expect(said.code).toBe('ERR_INTERNAL');
  });
});
