/**
 * Any file that this program reads → what it is and what it holds, in Node. The kind is recognised by the
 * contents, not by the name, and the file is read and checked as the command that uses it would.
 */
import { stat } from 'node:fs/promises';
import { binaryKind } from '../../data/experiments/read-experiments.node.js';
import { digestOfFile, firstBytes } from '../../data/files/file-digest.node.js';
import { STDIN } from '../../data/files/input.node.js';
import { TextStream } from '../../data/files/text-stream.node.js';
import {
  checkSet,
  describeDataSet,
  type ExperimentSet,
  type ReadExperimentsOptions,
  readDataSet,
  readExperiments,
  readSequences,
  readText,
} from '../../data/index.node.js';
import { looksLikeProfiles } from '../../data/structure/parse-profiles.js';
import { describeProfiles } from '../../data/structure/read-profiles.node.js';
import { parseDelimited } from '../../data/tables/delimited.js';
import { readNumber } from '../../data/tables/numbers.js';
import { FormatError, InvalidSequenceError } from '../../device/errors.js';
import { unreadable } from '../../device/system-error.node.js';
import { parameterCounts } from '../../nn/architecture.js';
import { isOnnx, isSafetensors, isZip } from '../../nn/files/file-kinds.js';
import { loadCheckpointFile, readModel } from '../../nn/files/model-files.node.js';
import { readNetwork } from '../../nn/files/network-file.node.js';
import { isAffinityTable, readAffinityTable } from '../experiments/affinity-table.js';
import { motifFormat, parseMotifs } from '../motif/formats/motif-file.js';
import { subjectOf } from '../tables/columns.js';
import { COLUMNS } from '../tables/table.js';
import { parseTableJson, parseTsv, type StoredTable } from '../tables/table-reader.js';
import { describeCheckpoint } from './checkpoint.node.js';
import { SWEEP_FORMAT } from './codecs.js';
import {
  inspectHdf5,
  inspectNpz,
  inspectOnnx,
  inspectParquetTable,
  inspectStateDict,
  isDataSet,
  metadataKeys,
} from './inspect-binary.node.js';
import { fileOf, manifestOf } from './inspect-folder.node.js';
import type {
  Inspected,
  InspectedAffinities,
  InspectedExperiments,
  InspectedTable,
  Inspection,
} from './inspection.js';
import { ofStandardInput } from './standard-input.node.js';

/** How tables of text are read. */
export type InspectOptions = Pick<ReadExperimentsOptions, 'columns' | 'iupacAsN' | 'signal'>;

/** Positions of a network's input where its file does not say how many. */
const USUAL_LENGTH = 41;

/** Lines that a kind of text is recognised from. */
const SAMPLE = 200;

/** Rows of an importance table that are shown. */
const FIRST = 5;

const KINDS =
  'tables of probes and scores, data sets (.parquet), HDF5 files, models and checkpoints (.safetensors), weights of Keras (.h5) and PyTorch (.safetensors), ONNX models, network files (.json), importance tables (.tsv, .json, .parquet, .npz), FASTA, FASTQ, structure profiles, motif files, tables of K_D, and manifests';

/**
 * Describes a file, or standard input for the path `-`. A folder stands for its model, for its checkpoint
 * where it has no model yet, or for its manifest.
 *
 * @throws FormatError or another typed error, naming the file and what is wrong with it
 */
export async function inspectFile(path: string, options: InspectOptions = {}): Promise<Inspection> {
  if (path === STDIN) return await ofStandardInput((copy) => inspectFile(copy, options));
  const file = await fileOf(path);
  const { size } = await stat(file).catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  const found = await inspected(file, options);
  return { path: file, bytes: size, sha256: await digestOfFile(file, options), ...found };
}

async function inspected(path: string, options: InspectOptions): Promise<Inspected> {
  const kind = await binaryKind(path);
  if (kind === 'parquet')
    return (await isDataSet(path)) ? dataSet(path, options) : inspectParquetTable(path, FIRST);
  if (kind === 'hdf5') return (await inspectHdf5(path)) ?? experiments(path, 'hdf5', options);
  const bytes = await firstBytes(path, 16);
  if (bytes.length === 0) throw new FormatError(`${path}: the file is empty`);
  if (isZip(bytes)) return inspectNpz(path);
  if (isSafetensors(bytes)) return await tensors(path);
  if (isOnnx(bytes)) return inspectOnnx(path);
  return await text(path, options);
}

async function dataSet(path: string, { signal }: InspectOptions): Promise<Inspected> {
  const { inputs, versions } = await describeDataSet(path);
  const set = await readDataSet(path, { signal });
  return { ...experimentsIn(set, 'data set'), madeFrom: inputs, versions };
}

const experiments = async (
  path: string,
  format: InspectedExperiments['format'],
  options: InspectOptions,
): Promise<Inspected> => experimentsIn(await readExperiments([path], options), format);

const experimentsIn = (set: ExperimentSet, format: InspectedExperiments['format']): InspectedExperiments => ({
  kind: 'experiments',
  format,
  check: checkSet(set),
  notes: set.notes,
});

/** A model, or a checkpoint of training or of a sweep. */
async function tensors(path: string): Promise<Inspected> {
  const metadata = await metadataKeys(path);
  if (metadata.format === SWEEP_FORMAT)
    return { kind: 'sweep checkpoint', ...(await describeCheckpoint(path)) };
  if (metadata.state !== undefined) {
    const { state } = await loadCheckpointFile(path);
    const { epoch, steps, schedule } = state;
    return { kind: 'training checkpoint', epoch, steps, schedule };
  }
  if (metadata.architecture === undefined) return await inspectStateDict(path);
  const { architecture, facts } = await readModel(path);
  return { kind: 'model', architecture, parameters: parameterCounts(architecture), facts };
}

/** Anything that is text, by its first lines. */
async function text(path: string, options: InspectOptions): Promise<Inspected> {
  const { lines, isWhole } = await beginning(path, options);
  const first = lines.find((line) => line.trim() !== '' && !line.startsWith('#')) ?? '';
  if (/^\s*[{[]/.test(first)) return await json(path, options);
  if (lines.some((line) => /^\s*MEME version/.test(line))) return await motifs(path, options);
  if (looksLikeProfiles(lines))
    return { kind: 'structure profiles', ...(await describeProfiles(path, options)) };
  if (motifFormat(lines.join('\n')) !== undefined) return await motifs(path, options);
  const table = parseDelimited(lines.join('\n'), path);
  const [row] = table.rows();
  const header = row?.fields ?? [];
  if (header.includes('pattern') && header.includes('importance'))
    return importanceTable(parseTsv((await readText(path, options)).text, path), 'tsv');
  if (subjectOf(header) === 'motif') return await motifTable(path, options);
  if (header.some((name) => /^k_?d(\b|_|\[|\()/i.test(name))) return await affinities(path, options);
  if (/^\s*[>@]/.test(first)) return await sequences(path, options);
  if (isWhole && isAffinityTable(table)) return { ...(await affinities(path, options)), isGuess: true };
  // What is left has no mark of its own.
  return header.length < 2 || first.startsWith(';')
    ? await takenFor('lines of sequences', () => sequences(path, options))
    : await takenFor('a table of probes and scores', () => experiments(path, 'table', options));
}

/** Says in an error what a file was taken for. */
async function takenFor(what: string, read: () => Promise<Inspected>): Promise<Inspected> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof FormatError || error instanceof InvalidSequenceError)) throw error;
    throw new FormatError(
      `${error.message} (the file is of no other known kind, so it was read as ${what})`,
      {
        cause: error,
      },
    );
  }
}

/**
 * Lines at the beginning of a text, and whether they are all of it.
 *
 * @throws FormatError for what is no text
 */
async function beginning(
  path: string,
  { signal }: InspectOptions,
): Promise<{ readonly lines: readonly string[]; readonly isWhole: boolean }> {
  const batches = new TextStream(path, { signal }).lines();
  const unknown = (cause?: unknown) =>
    new FormatError(`${path}: an unknown kind of binary file; this program reads ${KINDS}`, {
      cause,
    });
  try {
    const next = await batches.next();
    const lines = next.done ? [] : next.value.slice(0, SAMPLE).map(({ text: line }) => line);
    if (lines.some((line) => line.includes('\0'))) throw unknown();
    const isWhole = next.done || (next.value.length <= SAMPLE && (await batches.next()).done === true);
    return { lines, isWhole };
  } catch (error) {
    if (error instanceof FormatError && /binary data$/.test(error.message)) throw unknown(error);
    throw error;
  } finally {
    await batches.return(undefined);
  }
}

async function json(path: string, options: InspectOptions): Promise<Inspected> {
  const { text: content } = await readText(path, options);
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (cause) {
    throw new FormatError(`${path}: begins like JSON, but is none (${(cause as Error).message})`, { cause });
  }
  const given = (typeof value === 'object' && value !== null ? value : {}) as Readonly<
    Record<string, unknown>
  >;
  if (Array.isArray(given.layers)) {
    const architecture = (await readNetwork(path))({ length: USUAL_LENGTH });
    return { kind: 'network', architecture, parameters: parameterCounts(architecture) };
  }
  if (Array.isArray(given.rows) && subjectOf(Object.keys(given.rows[0] ?? {})) === 'motif')
    return motifRows(given.rows as StoredMotifRow[], 'json');
  if (Array.isArray(given.rows)) return importanceTable(parseTableJson(content, path), 'json');
  const manifest = manifestOf(given);
  if (manifest) return manifest;
  throw new FormatError(
    `${path}: JSON, but neither a network ("layers"), an importance table ("rows") nor a manifest ("command")`,
  );
}

/** Columns of a file by the fields of its rows. */
const COLUMN_OF: ReadonlyMap<string, string> = new Map(COLUMNS.map(([column, field]) => [field, column]));

function importanceTable({ rows }: StoredTable, format: InspectedTable['format']): InspectedTable {
  return {
    kind: 'importance table',
    format,
    rows: rows.length,
    columns: Object.keys(rows[0] ?? {}).map((field) => COLUMN_OF.get(field) ?? field),
    first: rows.slice(0, FIRST).map(({ pattern, importance }) => ({ pattern, importance })),
  };
}

/** A row of the table of `gia motifs`. */
type StoredMotifRow = Readonly<Record<string, unknown>>;

/** The table of `gia motifs` as text. @throws FormatError for a row without a number */
async function motifTable(path: string, options: InspectOptions): Promise<InspectedTable> {
  const [header, ...rows] = parseDelimited((await readText(path, options)).text, path).rows();
  const columns = header!.fields;
  return motifRows(
    rows.map(({ number, fields }) => {
      const importance = readNumber(fields[columns.indexOf('importance')] ?? '');
      if (importance === undefined || fields.length !== columns.length)
        throw new FormatError(
          `${path}:${number}: expected ${columns.length} fields with a number for importance`,
        );
      return { ...Object.fromEntries(columns.map((column, i) => [column, fields[i]])), importance };
    }),
    'tsv',
  );
}

const motifRows = (rows: readonly StoredMotifRow[], format: InspectedTable['format']): InspectedTable => ({
  kind: 'importance table',
  format,
  rows: rows.length,
  columns: Object.keys(rows[0] ?? {}),
  first: rows.slice(0, FIRST).map(({ motif, importance }) => ({
    pattern: String(motif),
    importance: Number(importance),
  })),
});

async function motifs(path: string, options: InspectOptions): Promise<Inspected> {
  const { motifs: found, format, notes } = parseMotifs((await readText(path, options)).text, path);
  return {
    kind: 'motifs',
    format,
    motifs: found.map(({ name, pwm }) => ({ name, width: pwm.length })),
    notes,
  };
}

async function affinities(path: string, options: InspectOptions): Promise<InspectedAffinities> {
  const { text: content } = await readText(path, options);
  const { measured, unit, censored, missing, replicates } = readAffinityTable(content, path);
  return {
    kind: 'affinities',
    patterns: measured.length,
    ...(unit && { unit }),
    censored,
    missing,
    replicates,
  };
}

async function sequences(path: string, options: InspectOptions): Promise<Inspected> {
  const { sequences: found, structures = [], notes = [] } = await readSequences(path, options);
  const lengths = found.map(({ length }) => length);
  return {
    kind: 'sequences',
    records: found.length,
    shortest: lengths.reduce((least, length) => Math.min(least, length), Number.POSITIVE_INFINITY),
    longest: lengths.reduce((most, length) => Math.max(most, length), 0),
    structures: structures.filter((structure) => structure !== undefined).length,
    notes,
  };
}
