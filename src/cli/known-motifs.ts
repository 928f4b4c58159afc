/** Known motifs that a command compares with: the option that names them, and the reading. */
import { basename } from 'node:path';
import { type MotifCollection, readMotifs } from '../gia/files/motif-files.node.js';
import { type Io, note } from './terminal/io.js';

/** Files and folders of motifs in any format; the option takes all arguments up to the next option. */
export const COMPARE = '--compare <paths...>';

/** Known motifs, and what they are called in a sentence. */
export interface NamedMotifs extends MotifCollection {
  readonly source: string;
  readonly paths: readonly string[];
}

/** @throws FormatError naming file, line and motif */
export async function readKnown(io: Io, paths: readonly string[]): Promise<NamedMotifs> {
  const known = await readMotifs(paths);
  for (const line of known.notes) note(io, line);
  const source = paths.length === 1 ? paths[0]! : paths.map((path) => basename(path)).join(', ');
  return { ...known, source, paths };
}

/** Where the motifs are from, for a record. */
export const knownRecord = ({ paths, sha256, motifs, files }: NamedMotifs) => ({
  path: paths.join(', '),
  sha256,
  motifs: motifs.length,
  ...(files.length > 1 && {
    files: files.map(({ path, sha256: digest, motifs: count }) => ({ path, sha256: digest, motifs: count })),
  }),
});
