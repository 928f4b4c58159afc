/** Runs the command line in this process and catches what it writes. */

import { run } from '../../src/cli/program.js';

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What stdout holds, when that is exactly one JSON object on one line. */
  readonly json: Record<string, unknown> | undefined;
}

export interface CliOptions {
  readonly signal?: AbortSignal;
  /** Sees every piece of stderr as it is written. */
  readonly onStderr?: (text: string) => void;
  /** Columns of a terminal that stderr is; not a terminal without it. */
  readonly terminal?: number;
}

export async function cli(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await run(argv, {
    stdout: { write: (text) => out.push(text) },
    stderr: {
      write: (text) => {
        err.push(text);
        options.onStderr?.(text);
      },
      ...(options.terminal === undefined ? {} : { isTTY: true, columns: options.terminal }),
    },
    signal: options.signal ?? new AbortController().signal,
  });
  const stdout = out.join('');
  return {
    code,
    stdout,
    stderr: err.join(''),
    json: /^\{.*\}\n$/.test(stdout) ? JSON.parse(stdout) : undefined,
  };
}
