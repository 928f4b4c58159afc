/**
 * Files → probes and sequences, for Node: opening, unpacking and hashing only. The formats themselves are in
 * `parse-probes.ts` and `parse-sequences.ts`.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { FormatError } from '../device/errors.js';
import type { ColumnChoice } from './columns.js';
import { parseProbes } from './parse-probes.js';
import { type NamedSequences, parseSequences } from './parse-sequences.js';
import type { Probes } from './probes.js';

/** Identity of an input file, for the run manifest. */
export interface FileDigest {
  /** SHA-256 of the bytes on disk (of the packed file, where it is packed), hexadecimal. */
  readonly sha256: string;
}

const ADVICE: Record<string, string> = {
  ENOENT: 'no such file; check the path',
  EISDIR: 'is a directory, expected a file',
  EACCES: 'permission denied',
};

/** How to read a probe table, and where else its scores are. */
export interface ReadProbesOptions {
  /** Columns to read instead of those that are recognised by their names. */
  readonly columns?: ColumnChoice | undefined;
  /** A second file with the scores, joined line by line. */
  readonly scores?: string | undefined;
}

/** Probes from a file, with what a manifest says of it. */
export type ReadProbes = Probes &
  FileDigest & {
    /** The second file, where the scores came from one. */
    readonly scoresFile?: { readonly path: string } & FileDigest;
  };

/**
 * Reads a probe table or bare columns of sequences and scores, plain or gzipped (recognised by content, not by name).
 * @throws FormatError when a file cannot be read or does not follow its format, InvalidSequenceError for a bad
 * letter; both name file and line
 */
export async function readProbes(
  path: string,
  { columns, scores: scoresPath }: ReadProbesOptions = {},
): Promise<ReadProbes> {
  const { text, sha256 } = await readText(path);
  if (scoresPath === undefined) return { ...parseProbes(text, path, { columns }), sha256 };
  const scores = await readText(scoresPath);
  return {
    ...parseProbes(text, path, { columns, scores: { text: scores.text, source: scoresPath } }),
    sha256,
    scoresFile: { path: scoresPath, sha256: scores.sha256 },
  };
}

/** Reads FASTA or one sequence per line, plain or gzipped; throws as `readProbes` does. */
export async function readSequences(path: string): Promise<NamedSequences & FileDigest> {
  const { text, sha256 } = await readText(path);
  return { ...parseSequences(text, path), sha256 };
}

/** A UTF-8 text file, plain or gzipped. @throws FormatError naming it */
export async function readText(path: string): Promise<{ text: string } & FileDigest> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new FormatError(`${path}: ${ADVICE[cause.code ?? ''] ?? cause.message}`, { cause });
  });
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const plain = isGzip
    ? await promisify(gunzip)(bytes).catch((cause: Error) => {
        throw new FormatError(`${path}: damaged or truncated gzip file (${cause.message})`, { cause });
      })
    : bytes;
  return { text: decodeUtf8(plain, path), sha256: createHash('sha256').update(bytes).digest('hex') };
}

function decodeUtf8(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new FormatError(`${path}: expected UTF-8 text, plain or gzipped`, { cause });
  }
}
