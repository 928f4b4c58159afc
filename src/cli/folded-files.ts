/** Structure profiles as files: text, tables, and arrays, by the extension of the file's name. */

import type { NamedSequences } from '../data/sequences/parse-sequences.js';
import { CONTEXT_LETTERS } from '../data/structure/contexts.js';
import { annotation, PROFILE_HEADER, profileRows } from '../data/structure/format-profiles.js';
import type { Contents } from '../device/write-atomically.node.js';
import { type Column, columnsToParquet } from '../gia/tables/columns.js';
import { npy, npyText } from '../gia/tables/npy.js';
import { extensionOf } from '../gia/tables/table-files.js';
import type { Contexts } from '../nn/folding/folding.js';

const FORMATS = ['txt', 'tsv', 'json', 'parquet', 'npz'] as const;
export type FoldedFormat = (typeof FORMATS)[number];

/** Sequences with the profile of each, [letters * contexts]. */
export interface FoldedSequences extends Pick<NamedSequences, 'names' | 'sequences'> {
  readonly contexts: Contexts;
  readonly profiles: readonly Float32Array[];
}

/** The format that a file's name asks for. @throws FormatError for any other */
export const foldedFormat = (path: string): FoldedFormat => extensionOf(path, FORMATS, 'profiles');

/** Characters of text that are handed on together. */
const PART = 2 ** 20;

/** Text in parts, since that of many sequences is longer than a string can be. */
function inParts(pieces: () => Iterable<string>): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      const encoder = new TextEncoder();
      let text = '';
      for (const piece of pieces()) {
        text += piece;
        if (text.length < PART) continue;
        yield encoder.encode(text);
        text = '';
      }
      yield encoder.encode(text);
    },
  };
}

/** `txt`: DLPRB's annotations. */
export const foldedText = ({ sequences, profiles, contexts }: FoldedSequences): AsyncIterable<Uint8Array> =>
  inParts(function* () {
    for (const [n, sequence] of sequences.entries()) yield annotation(sequence, profiles[n]!, contexts);
  });

/** `tsv`: a row for each sequence and context. */
export const foldedTable = ({ sequences, profiles, contexts }: FoldedSequences): AsyncIterable<Uint8Array> =>
  inParts(function* () {
    yield PROFILE_HEADER;
    for (const [n, sequence] of sequences.entries()) yield profileRows(sequence, profiles[n]!, contexts);
  });

/** Each sequence with its probabilities by context. */
export const foldedRows = ({ names, sequences, profiles, contexts }: FoldedSequences): object[] => {
  const letters = CONTEXT_LETTERS[contexts];
  return sequences.map((sequence, n) => ({
    name: names[n]!,
    sequence,
    ...Object.fromEntries(
      Array.from(letters, (letter, c) => [
        letter,
        Array.from(profiles[n]!.filter((_, at) => at % letters.length === c)),
      ]),
    ),
  }));
};

/** A row for each letter of each sequence. */
function columns({ names, sequences, profiles, contexts }: FoldedSequences): Column[] {
  const letters = CONTEXT_LETTERS[contexts];
  const perLetter = <T>(value: (n: number, k: number) => T): T[] =>
    sequences.flatMap((sequence, n) => Array.from(sequence, (_, k) => value(n, k)));
  return [
    { name: 'name', kind: 'text', values: perLetter((n) => names[n]!) },
    { name: 'position', kind: 'integer', values: perLetter((_, k) => k + 1) },
    { name: 'letter', kind: 'text', values: perLetter((n, k) => sequences[n]![k]!) },
    ...Array.from(
      letters,
      (letter, c): Column => ({
        name: letter,
        kind: 'number',
        values: perLetter((n, k) => profiles[n]![k * letters.length + c]!),
      }),
    ),
  ];
}

/** `profile` [sequences, longest, contexts], zeros behind shorter sequences. */
async function arrays(folded: FoldedSequences, manifest: unknown): Promise<Uint8Array> {
  const { names, sequences, profiles, contexts } = folded;
  const { strToU8, zipSync } = await import('fflate');
  const longest = Math.max(...sequences.map(({ length }) => length));
  const width = CONTEXT_LETTERS[contexts].length;
  const profile = new Float32Array(sequences.length * longest * width);
  profiles.forEach((each, n) => {
    profile.set(each, n * longest * width);
  });
  return zipSync(
    {
      'name.npy': npyText(names),
      'sequence.npy': npyText(sequences),
      'profile.npy': npy('<f4', [sequences.length, longest, width], profile),
      'manifest.json': strToU8(JSON.stringify(manifest, null, 2)),
    },
    { level: 6 },
  );
}

/** The contents of a file of profiles. */
export async function encodeFolded(
  folded: FoldedSequences,
  format: FoldedFormat,
  manifest: object,
): Promise<Contents> {
  switch (format) {
    case 'txt':
      return foldedText(folded);
    case 'tsv':
      return foldedTable(folded);
    case 'json':
      return `${JSON.stringify({ ...manifest, profiles: foldedRows(folded) })}\n`;
    case 'parquet':
      return await columnsToParquet(columns(folded), manifest);
    case 'npz':
      return await arrays(folded, manifest);
  }
}
