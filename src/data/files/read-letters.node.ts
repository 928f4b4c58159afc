/** Sequences of any file that has some, for work that needs no scores. */

import { breathing } from '../../device/breathe.js';
import type { LetterOptions } from '../sequences/letter-reader.js';
import { type NamedSequences, parseSequencesInSteps } from '../sequences/parse-sequences.js';
import { isTable } from '../tables/delimited.js';
import { parseProbesInSteps } from '../tables/parse-probes.js';
import { type FileDigest, type ReadOptions, readText } from './text-file.node.js';

/**
 * Reads the sequences of FASTA, FASTQ, one sequence per line, or a probe table, plain or gzipped. Those of a
 * table have their numbers as names.
 *
 * @throws FormatError or InvalidSequenceError naming file and line; CancelledError
 */
export async function readLetters(
  path: string,
  { iupacAsN, signal }: LetterOptions & ReadOptions = {},
): Promise<NamedSequences & FileDigest> {
  const { text, sha256 } = await readText(path, { signal });
  if (!isTable(text))
    return { ...(await breathing(parseSequencesInSteps(text, path, { iupacAsN }), signal)), sha256 };
  const { source, sequences, lines, notes } = await breathing(
    parseProbesInSteps(text, path, { iupacAsN }),
    signal,
  );
  const names = sequences.map((_, record) => `sequence_${record + 1}`);
  return { source, names, sequences, lines, ...(notes && { notes }), sha256 };
}
