/**
 * Any file of many experiments → `ExperimentSet`, in Node: data sets that `prepare` wrote, HDF5 files, and
 * tables of text. The kind is recognised by the file's first bytes.
 */
import { FormatError } from '../../device/errors.js';
import { chosenNames } from '../chosen-names.js';
import { digestOfFile, firstBytes } from '../files/file-digest.node.js';
import { bytesOf, STDIN } from '../files/input.node.js';
import type { FileDigest, ReadOptions } from '../files/text-file.node.js';
import { taskColumns } from '../task-columns.js';
import { describeDataSet, readDataSet } from './data-set-reader.node.js';
import { type ExperimentSet, onlyExperiment, stemOf } from './experiment-set.js';
import { readHdf5 } from './hdf5.node.js';
import { asSet, chosenExperiments, joinedRecords, mergeSets } from './merge.js';
import { type ReadWideOptions, readWideTable } from './wide-table.node.js';

/** Kinds of files that hold many experiments and are no text. */
export type BinaryKind = 'parquet' | 'hdf5';

const MAGIC: Readonly<Record<BinaryKind, readonly number[]>> = {
  parquet: [0x50, 0x41, 0x52, 0x31],
  hdf5: [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a],
};

/** The kind that a file's first bytes say; undefined for others, and for what is no ordinary file. */
export async function binaryKind(path: string): Promise<BinaryKind | undefined> {
  // What a pipe has given once, it does not give again.
  if ((await bytesOf(path)) === undefined) return undefined;
  const bytes = await firstBytes(path, 8);
  return (Object.keys(MAGIC) as BinaryKind[]).find((kind) =>
    MAGIC[kind].every((byte, i) => bytes[i] === byte),
  );
}

/** What `readBinarySet` reads. */
interface BinaryOptions extends ReadOptions {
  /** Whether all experiments are read where none is named. Default false: there must be one. */
  readonly mayBeSeveral?: boolean;
  /** Names of the tasks of a model, whose experiments are read where none is named. */
  readonly tasks?: readonly string[] | undefined;
}

/**
 * A data set or an HDF5 file.
 *
 * @param asked experiments, separated by commas
 * @returns undefined for a file of another kind
 * @throws DataError for an experiment that there is not; FormatError for a damaged file
 */
export async function readBinarySet(
  path: string,
  asked: string | undefined,
  { signal, mayBeSeveral = false, tasks = [] }: BinaryOptions = {},
): Promise<({ readonly experiments: ExperimentSet } & FileDigest) | undefined> {
  const kind = await binaryKind(path);
  if (kind === undefined) return undefined;
  const experiments = kind === 'parquet' ? await ofDataSet() : await ofHdf5();
  return { experiments, sha256: await digestOfFile(path, { signal }) };

  async function ofDataSet(): Promise<ExperimentSet> {
    const { experiments: stored } = await describeDataSet(path);
    const names = stored.map(({ name }) => name);
    const chosen = taskColumns({ chosen: asked, tasks, names, where: path });
    if (chosen === undefined && !mayBeSeveral) onlyExperiment({ experiments: names, source: path });
    const wanted = chosen === undefined ? undefined : chosenNames(chosen, names);
    return await readDataSet(path, { experiments: wanted, signal });
  }

  async function ofHdf5(): Promise<ExperimentSet> {
    const set = named(await readHdf5(path, { signal }), path);
    const names = set.experiments;
    const chosen = taskColumns({ chosen: asked, tasks, names, where: path });
    if (chosen !== undefined) return chosenExperiments(set, chosenNames(chosen, names));
    if (!mayBeSeveral) onlyExperiment(set);
    return set;
  }
}

/** How experiments are read, and from which other files. */
export interface ReadExperimentsOptions extends Omit<ReadWideOptions, 'onRead'> {
  /** A file of the same experiments whose probes are to be set B; those of the first are then set A. */
  readonly test?: string | undefined;
  /** Gets the bytes read so far and those of all files. Not called if a file is standard input or a pipe. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Reads files of experiments into one set. An experiment whose column only says that it holds scores
 * (`intensity`) is called like its file.
 *
 * @param paths one file or several; each adds its experiments
 * @throws FormatError for what does not follow its format, InvalidSequenceError for a bad letter, both naming
 * file and line or record; DataError for experiments that there are not, or that are there twice
 */
export async function readExperiments(
  paths: readonly string[],
  options: ReadExperimentsOptions = {},
): Promise<ExperimentSet> {
  const { test, scores, onProgress, ...reading } = options;
  if (paths.length !== 1 && (test ?? scores) !== undefined)
    throw new FormatError('a file of scores or a file of test probes needs exactly one table');
  const files = [...paths, ...(scores === undefined ? [] : [scores]), ...(test === undefined ? [] : [test])];
  const onRead = onProgress && (await counted(files, onProgress));
  const sets: ExperimentSet[] = [];
  for (const path of paths) sets.push(await readOne(path, { ...reading, scores, onRead }));
  if (test === undefined) return mergeSets(sets);
  const { columns, iupacAsN, signal } = reading;
  const other = await readOne(test, { columns, iupacAsN, signal, onRead });
  const first = sets[0]!;
  const isSame = first.experiments.length === 1 && other.experiments.length === 1;
  // RNCMPT00001_train and RNCMPT00001_test are parts of RNCMPT00001.
  const experiments = isSame ? [first.experiments[0]!.replace(/[._-]train(ing)?$/i, '')] : first.experiments;
  const tested = isSame ? { ...other, experiments } : other;
  return joinedRecords(asSet({ ...first, experiments }, 'A'), asSet(tested, 'B'));
}

/** Adds up what is read of files; undefined where a size is not known. */
async function counted(
  files: readonly string[],
  onProgress: (done: number, total: number) => void,
): Promise<((bytes: number) => void) | undefined> {
  const sizes = await Promise.all(files.map(bytesOf));
  const total = sizes.reduce<number>((sum, size) => sum + (size ?? Number.NaN), 0);
  let done = 0;
  if (!(total > 0)) return undefined;
  return (bytes) => {
    done += bytes;
    onProgress(Math.min(done, total), total);
  };
}

async function readOne(path: string, options: ReadWideOptions): Promise<ExperimentSet> {
  const { columns, scores, signal, onRead } = options;
  const binary = await readBinarySet(path, columns?.score, { signal, mayBeSeveral: true });
  if (!binary) return named(await readWideTable(path, options), path);
  if (scores !== undefined) throw new FormatError(`${path}: contains scores already; leave out --scores`);
  onRead?.((await bytesOf(path)) ?? 0);
  // What the file itself was made from is in its own metadata.
  return { ...binary.experiments, inputs: [{ path, sha256: binary.sha256 }] };
}

const GENERIC =
  /^(column \d+|experiment 1|((mean|median|normali[sz]ed|norm|raw|log2?|ln|binding|probe|z)?[^a-z]*(intensity|intensities|score|scores|signal|signals))|counts?|affinity|affinities|enrichment|labels?|class)$/i;

/** The set, with the name of its file for a single experiment whose column has no name of its own. */
function named(set: ExperimentSet, path: string): ExperimentSet {
  const [only, ...others] = set.experiments;
  if (only === undefined || others.length > 0 || !GENERIC.test(only) || path === STDIN) return set;
  const stem = stemOf(path);
  return { ...set, experiments: [stem === '' ? only : stem] };
}
