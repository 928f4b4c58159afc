/**
 * Files → probes and sequences, for Node. Opening and unpacking is in `text-file.node.ts`, the formats are in
 * `parse-probes.ts` and `parse-sequences.ts`.
 */
import { breathing } from '../../device/breathe.js';
import { FormatError } from '../../device/errors.js';
import { type ExperimentSet, probesOf } from '../experiments/experiment-set.js';
import { readBinarySet } from '../experiments/read-experiments.node.js';
import type { LetterOptions } from '../sequences/letter-reader.js';
import { type NamedSequences, parseSequencesInSteps } from '../sequences/parse-sequences.js';
import type { ColumnChoice } from '../tables/columns.js';
import { isTable } from '../tables/delimited.js';
import { parseProbesInSteps } from '../tables/parse-probes.js';
import { type LeftOut, type Probes, splitBySet } from '../tables/probes.js';
import { sourceOf } from './input.node.js';
import { type FileDigest, type ReadOptions, readText } from './text-file.node.js';

/** How to read a probe table, and where else its scores are. */
export interface ReadProbesOptions extends LetterOptions, ReadOptions {
  /** Columns to read instead of those that are recognised by their names. */
  readonly columns?: ColumnChoice | undefined;
  /** A second file with the scores, joined line by line. */
  readonly scores?: string | undefined;
  /** Whether messages must not advise such a second file, since the caller takes none. Default false. */
  readonly oneFile?: boolean | undefined;
  /** Names of the tasks of a model: their columns or experiments are taken where none is chosen. */
  readonly tasks?: readonly string[] | undefined;
}

/** Probes from a file, with what a manifest says of it. */
export type ReadProbes = Probes &
  FileDigest & {
    /** The second file, where the scores came from one. */
    readonly scoresFile?: { readonly path: string } & FileDigest;
  };

/**
 * Reads a probe table or bare columns of sequences and scores, plain or gzipped (recognised by content, not
 * by name; `-` is standard input), or an experiment of a data set that `prepare` wrote or of an HDF5 file,
 * which `columns.score` names.
 * @throws FormatError when a file cannot be read or does not follow its format, InvalidSequenceError for a
 * bad letter; both name file and line
 */
export async function readProbes(
  path: string,
  { columns, scores: scoresPath, oneFile, tasks, iupacAsN, signal }: ReadProbesOptions = {},
): Promise<ReadProbes> {
  const set = await readBinarySet(path, columns?.score, { signal, tasks });
  if (set) {
    if (scoresPath !== undefined)
      throw new FormatError(`${path}: contains scores already; leave out --scores`);
    return { ...allProbes(set.experiments), sha256: set.sha256 };
  }
  const { text, sha256 } = await readText(path, { signal });
  const source = sourceOf(path);
  if (scoresPath === undefined)
    return {
      ...(await breathing(parseProbesInSteps(text, source, { columns, iupacAsN, oneFile, tasks }), signal)),
      sha256,
    };
  const scores = await readText(scoresPath, { signal });
  const options = { columns, iupacAsN, tasks, scores: { text: scores.text, source: sourceOf(scoresPath) } };
  return {
    ...(await breathing(parseProbesInSteps(text, source, options), signal)),
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
  { columns, tasks, iupacAsN, signal }: Omit<ReadProbesOptions, 'scores' | 'oneFile'> = {},
): Promise<TrainingSequences> {
  const set = await readBinarySet(path, columns?.score, { signal, tasks, mayBeSeveral: true });
  if (set) return trainingPart({ ...allProbes(set.experiments), sha256: set.sha256 });
  const { text, sha256 } = await readText(path, { signal });
  const source = sourceOf(path);
  if (!isTable(text))
    return { ...(await breathing(parseSequencesInSteps(text, source, { iupacAsN }), signal)), sha256 };
  const options = { columns, tasks, iupacAsN, oneFile: true };
  const probes = await breathing(parseProbesInSteps(text, source, options), signal);
  return trainingPart({ ...probes, sha256 });
}

/** Sequences and scores of set A, or of all probes where there are no sets. */
function trainingPart({ sha256, leftOut, notes, ...probes }: Probes & FileDigest): TrainingSequences {
  const { A, none } = splitBySet(probes);
  const { sequences, scores, source, lines, tasks } = A.sequences.length > 0 ? A : none;
  return {
    source,
    lines,
    sequences,
    ...(!tasks && { scores }),
    sha256,
    ...(leftOut && { leftOut }),
    ...(notes && { notes }),
  };
}

/** All probes; of several experiments, each is a task. */
const allProbes = (set: ExperimentSet): Probes => probesOf(set, set.experiments);

/**
 * Reads FASTA, FASTQ or one sequence per line, plain or gzipped; `-` is standard input.
 *
 * @throws as `readProbes` does
 */
export async function readSequences(
  path: string,
  { iupacAsN, signal }: LetterOptions & ReadOptions = {},
): Promise<NamedSequences & FileDigest> {
  const { text, sha256 } = await readText(path, { signal });
  return { ...(await breathing(parseSequencesInSteps(text, sourceOf(path), { iupacAsN }), signal)), sha256 };
}
