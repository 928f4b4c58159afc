/** Sequences named on the command line: in files, or letter by letter. */

import { stat } from 'node:fs/promises';
import { encodeSequences, isMissing, readSequences } from '../../data/index.node.js';
import { Letters } from '../../data/sequences/letters.js';
import { echo } from '../../device/echo.js';
import { InvalidSequenceError } from '../../device/errors.js';
import type { LettersOptions } from '../probe-options.js';
import { type Io, note } from '../terminal/io.js';

export interface Given {
  readonly names: readonly string[];
  readonly sequences: readonly string[];
  /** Dot-brackets, of records that have one. */
  readonly structures: readonly (string | undefined)[];
  /** Base codes [N * length]. */
  readonly codes: Uint8Array;
  /** For the manifest: files with their digests, and sequences that were typed. */
  readonly sources: readonly (
    | { readonly path: string; readonly sha256: string; readonly count: number }
    | { readonly sequence: string }
  )[];
}

/**
 * Reads every argument, before anything is known of the model; `encode` then fits them to its input. What was
 * passed over or read otherwise is said.
 */
export async function readGiven(
  io: Io,
  args: readonly string[],
  { iupacAsN }: LettersOptions,
): Promise<{ encode(length: number): Given }> {
  const parts = await Promise.all(
    args.map(async (arg, i) => {
      if (!(await isLiteral(arg))) {
        const { sha256, ...read } = await readSequences(arg, { iupacAsN, signal: io.signal });
        for (const line of read.notes ?? []) note(io, line);
        return { ...read, from: { path: arg, sha256, count: read.names.length } };
      }
      const source = `sequence ${echo(arg)}`;
      if (isMissing(arg))
        throw new InvalidSequenceError(`${source} is a missing value; give letters or a file`);
      const reader = new Letters({ iupacAsN });
      const letters = reader.read(arg, source);
      for (const line of reader.notes(source)) note(io, line);
      return { source, names: [`sequence_${i + 1}`], sequences: [letters], from: { sequence: letters } };
    }),
  );
  return {
    encode(length) {
      const codes = parts.map((part) => encodeSequences(part.sequences, length, part));
      const all = new Uint8Array(codes.reduce((sum, part) => sum + part.length, 0));
      let at = 0;
      for (const part of codes) {
        all.set(part, at);
        at += part.length;
      }
      return {
        names: parts.flatMap(({ names }) => names),
        sequences: parts.flatMap(({ sequences }) => sequences),
        structures: parts.flatMap((part) =>
          'structures' in part && part.structures ? part.structures : part.sequences.map(() => undefined),
        ),
        codes: all,
        sources: parts.map(({ from }) => from),
      };
    },
  };
}

/** Letters alone, where there is no such file. */
const isLiteral = async (arg: string): Promise<boolean> =>
  /^[a-z]+$/i.test(arg) && (await stat(arg).catch(() => undefined)) === undefined;
