/**
 * What a command may touch of the process: two streams and a signal. Tests hand in their own; `main.ts` hands in
 * the real ones.
 */

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
}

/** Writes one line for the user to stderr. */
export const note = (io: Io, line: string): void => void io.stderr.write(`${line}\n`);

/** Writes a command's result to stdout: one JSON object with --json, otherwise text for people. */
export function printResult(io: Io, json: boolean | undefined, result: object, text: string): void {
  io.stdout.write(json ? `${JSON.stringify(result)}\n` : text.replace(/\n*$/, '\n'));
}
