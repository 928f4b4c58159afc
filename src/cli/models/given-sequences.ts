/** Sequences named on the command line: in files, or letter by letter. */

import { stat } from 'node:fs/promises';
import { encodeSequences, isMissing, readSequences } from '../../data/index.node.js';
import { Letters } from '../../data/sequences/letter-reader.js';
import { type Alphabet, spell } from '../../data/sequences/letters.js';
import type { Origin } from '../../data/sequences/sequence.js';
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

/** Sequences that were read before anything is known of the model. */
export interface ReadGiven {
  /** Fits them to a model's input of so many positions. @param alphabet of `sources`. Default `rna` */
  encode(length: number, alphabet?: Alphabet): Given;
}

/** What one argument stands for. */
interface Part extends Origin {
  readonly names: readonly string[];
  readonly sequences: readonly string[];
  readonly structures?: readonly (string | undefined)[] | undefined;
  readonly from: Given['sources'][number];
}

/** Reads every argument, a file or letters. Prints notes about what was skipped or read as something else. */
export async function readGiven(
  io: Io,
  args: readonly string[],
  options: LettersOptions,
): Promise<ReadGiven> {
  const parts = await Promise.all(
    args.map(async (arg, i) =>
      (await isLiteral(arg))
        ? typed(io, arg, `sequence_${i + 1}`, options)
        : await partOfFile(io, arg, options),
    ),
  );
  return { encode: (length, alphabet) => encoded(parts, length, alphabet) };
}

/** Reads one file. */
export async function readGivenFile(io: Io, path: string, options: LettersOptions): Promise<ReadGiven> {
  const part = await partOfFile(io, path, options);
  return { encode: (length, alphabet) => encoded([part], length, alphabet) };
}

async function partOfFile(io: Io, path: string, { iupacAsN }: LettersOptions): Promise<Part> {
  const { sha256, ...read } = await readSequences(path, { iupacAsN, signal: io.signal });
  for (const line of read.notes ?? []) note(io, line);
  return { ...read, from: { path, sha256, count: read.names.length } };
}

function typed(io: Io, text: string, name: string, { iupacAsN }: LettersOptions): Part {
  const source = `sequence ${echo(text)}`;
  if (isMissing(text)) throw new InvalidSequenceError(`${source} is a missing value; give letters or a file`);
  const reader = new Letters({ iupacAsN });
  const letters = reader.read(text, source);
  for (const line of reader.notes(source)) note(io, line);
  return { source, names: [name], sequences: [letters], from: { sequence: letters } };
}

function encoded(parts: readonly Part[], length: number, alphabet: Alphabet | undefined): Given {
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
    structures: parts.flatMap(({ structures, sequences }) => structures ?? sequences.map(() => undefined)),
    codes: all,
    sources: parts.map(({ from }) =>
      'sequence' in from ? { sequence: spell(from.sequence, alphabet) } : from,
    ),
  };
}

/** Letters alone, where there is no such file. */
const isLiteral = async (arg: string): Promise<boolean> =>
  /^[a-z]+$/i.test(arg) && (await stat(arg).catch(() => undefined)) === undefined;
