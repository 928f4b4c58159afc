/** Motif databases that a command names. */

import { readText } from '../../data/files/text-file.node.js';
import { type MemeMotif, parseMeme } from '../../gia/motif/index.js';
import { type Io, note } from '../terminal/io.js';

/** The motifs of all files, and what the manifest says of these. */
export interface ReadDatabases {
  readonly motifs: readonly MemeMotif[];
  readonly files: readonly { readonly path: string; readonly sha256: string; readonly motifs: number }[];
}

/** Reads the files of a database, and says what was passed over. */
export async function readDatabases(io: Io, paths: readonly string[]): Promise<ReadDatabases> {
  const files = [];
  const motifs: MemeMotif[] = [];
  for (const path of paths) {
    const { text, sha256 } = await readText(path);
    const found = parseMeme(text, path);
    for (const line of found.notes) note(io, line);
    files.push({ path, sha256, motifs: found.motifs.length });
    motifs.push(...found.motifs);
  }
  return { motifs, files };
}
