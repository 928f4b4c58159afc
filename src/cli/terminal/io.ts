/**
 * What a command may touch of the process: two streams and a signal. Tests hand in their own; `main.ts` hands
 * in the real ones.
 */

import { plain, plainJson, plainName } from './plain-text.js';

/** Where text goes; a terminal also says so and how wide it is. */
export interface TextStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface Io {
  /** Results only: human text, or with --json one object. */
  readonly stdout: TextStream;
  /** Messages and progress. */
  readonly stderr: TextStream;
  /** Aborts when the user presses Ctrl-C. */
  readonly signal: AbortSignal;
  /** Arguments that hold line breaks or tabs, which must not break lines where they are told. */
  readonly names?: readonly string[] | undefined;
}

/** Writes one line for the user to stderr. */
export const note = (io: Io, line: string): void => void io.stderr.write(`${shown(io, line)}\n`);

/** Writes a command's result to stdout: one JSON object with --json, otherwise text for people. */
export function printResult(io: Io, json: boolean | undefined, result: object, text: string): void {
  const told = shown(io, text);
  let end = told.length;
  while (told[end - 1] === '\n') end--;
  io.stdout.write(json ? `${plainJson(result)}\n` : `${told.slice(0, end)}\n`);
}

/**
 * Text without what a terminal would obey. Everything that is written for people goes through this function.
 */
export const shown = ({ names = [] }: Pick<Io, 'names'>, text: string): string =>
  plain(names.reduce((told, name) => told.replaceAll(name, plainName(name)), text));
