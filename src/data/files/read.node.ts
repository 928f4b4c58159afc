/**
 * Files → probes and sequences, for Node. Opening and unpacking is in `text-file.node.ts`, the formats are in
 * `parse-probes.ts` and `parse-sequences.ts`.
 */
import { breathing } from '../../device/breathe.js';
import type { LetterOptions } from '../sequences/letter-reader.js';
import { type NamedSequences, parseSequencesInSteps } from '../sequences/parse-sequences.js';
import type { ColumnChoice } from '../tables/columns.js';
import { isTable } from '../tables/delimited.js';
import { parseProbesInSteps } from '../tables/parse-probes.js';
import { type LeftOut, type Probes, splitBySet } from '../tables/probes.js';
import { type FileDigest, type ReadOptions, readText } from './text-file.node.js';

/** How to read a probe table, and where else its scores are. */
export interface ReadProbesOptions extends LetterOptions, ReadOptions {
  /** Columns to read instead of those that are recognised by their names. */
  readonly columns?: ColumnChoice | undefined;
  /** A second file with the scores, joined line by line. */
  readonly scores?: string | undefined;
  /** Whether messages must not advise such a second file, since the caller takes none. Default false. */
  readonly oneFile?: boolean | undefined;
}

/** Probes from a file, with what a manifest says of it. */
export type ReadProbes = Probes &
  FileDigest & {
    /** The second file, where the scores came from one. */
    readonly scoresFile?: { readonly path: string } & FileDigest;
  };

/**
 * Reads a probe table or bare columns of sequences and scores, plain or gzipped (recognised by content, not
 * by name).
 * @throws FormatError when a file cannot be read or does not follow its format, InvalidSequenceError for a
 * bad letter; both name file and line
 */
export async function readProbes(
  path: string,
  { columns, scores: scoresPath, oneFile, iupacAsN, signal }: ReadProbesOptions = {},
): Promise<ReadProbes> {
  const { text, sha256 } = await readText(path, { signal });
  if (scoresPath === undefined)
    return {
      ...(await breathing(parseProbesInSteps(text, path, { columns, iupacAsN, oneFile }), signal)),
      sha256,
    };
  const scores = await readText(scoresPath, { signal });
  const options = { columns, iupacAsN, scores: { text: scores.text, source: scoresPath } };
  return {
    ...(await breathing(parseProbesInSteps(text, path, options), signal)),
    sha256,
    scoresFile: { path: scoresPath, sha256: scores.sha256 },
  };
}

/** Sequences that a model may be trained on, with their scores where the file has them. */
export type TrainingSequences = Pick<NamedSequences, 'source' | 'sequences' | 'lines' | 'notes'> &
  FileDigest & {
    /** [N] */
    readonly scores?: Float64Array;
    /** Records of a probe table that were left out. */
    readonly leftOut?: LeftOut;
  };

/**
 * Reads sequences from whichever file has them: a probe table, of which set A is taken where there is one, or
 * FASTA, FASTQ or one sequence per line.
 *
 * @throws as `readProbes`
 */
export async function readTrainingSequences(
  path: string,
  { columns, iupacAsN, signal }: Omit<ReadProbesOptions, 'scores' | 'oneFile'> = {},
): Promise<TrainingSequences> {
  const { text, sha256 } = await readText(path, { signal });
  if (!isTable(text))
    return { ...(await breathing(parseSequencesInSteps(text, path, { iupacAsN }), signal)), sha256 };
  const options = { columns, iupacAsN, oneFile: true };
  const probes = await breathing(parseProbesInSteps(text, path, options), signal);
  const { A, none } = splitBySet(probes);
  const { sequences, scores, source, lines } = A.sequences.length > 0 ? A : none;
  return {
    source,
    lines,
    sequences,
    scores,
    sha256,
    ...(probes.leftOut && { leftOut: probes.leftOut }),
    ...(probes.notes && { notes: probes.notes }),
  };
}

/** Reads FASTA, FASTQ or one sequence per line, plain or gzipped; throws as `readProbes` does. */
export async function readSequences(
  path: string,
  { iupacAsN, signal }: LetterOptions & ReadOptions = {},
): Promise<NamedSequences & FileDigest> {
  const { text, sha256 } = await readText(path, { signal });
  return { ...(await breathing(parseSequencesInSteps(text, path, { iupacAsN }), signal)), sha256 };
}
