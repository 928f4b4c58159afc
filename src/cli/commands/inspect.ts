/** `residualbind inspect`: what files are, and what they hold. */

import type { Command } from 'commander';
import { inspectFile } from '../../gia/files/inspect.node.js';
import type { Inspection } from '../../gia/files/inspection.js';
import { dataWarnings } from '../../report/data-check.js';
import { inspectionFacts } from '../../report/inspection.js';
import { type CommonOptions, examples, withCommon } from '../options.js';
import { type ColumnOptions, columnChoiceOf, noteLeftOut, withColumns } from '../probe-options.js';
import { factLines } from '../tables.js';
import { type ErrorFacts, EXIT, errorFacts, isExpected, reportError } from '../terminal/errors.js';
import { type Io, note, printResult } from '../terminal/io.js';

interface InspectOptions extends CommonOptions, ColumnOptions {}

export function addInspect(program: Command, io: Io, exit: (code: number) => void): void {
  const command = program
    .command('inspect')
    .description('describe and check any file that another command reads')
    .argument('<files...>', 'files of any kind, or folders that train wrote');
  withCommon(withColumns(command, 'experiments'))
    .addHelpText(
      'after',
      `
Kinds: tables of probes and scores, data sets, HDF5 files, models and checkpoints, models of Keras,
PyTorch and ONNX, network files, importance tables, FASTA, FASTQ and lines of sequences, structure
profiles, motif files, tables of K_D, manifests.
All files are read; the exit code is 1 if one cannot be, and with --json it has an "error".
${examples(
  'inspect data.parquet',
  'inspect run sweep.tsv known.meme',
  'inspect rnacompete2013.h5 --json',
  'inspect table.tsv --score-column HuR,VTS1',
)}`,
    )
    .action(async (files: string[], options: InspectOptions) => exit(await inspect(io, files, options)));
}

/** A file that cannot be read or is of no known kind. */
interface Refused {
  readonly path: string;
  readonly error: ErrorFacts;
}

/** Describes every file; one that is refused does not stop the others. */
async function inspect(io: Io, paths: readonly string[], options: InspectOptions): Promise<number> {
  const { json, debug = false } = options;
  const files: (Inspection | Refused)[] = [];
  for (const path of paths) {
    try {
      files.push(await inspected(io, path, options));
    } catch (error) {
      if (!isExpected(error)) throw error;
      reportError(io, error, { debug, json: false });
      files.push({ path, error: errorFacts(error) });
    }
  }
  const texts = files.flatMap((file) => {
    if ('error' in file) return [];
    const { title, facts } = inspectionFacts(file);
    return [[title, ...factLines(facts)].join('\n')];
  });
  if (json || texts.length > 0) printResult(io, json, { files }, texts.join('\n\n'));
  return files.some((file) => 'error' in file) ? EXIT.failure : EXIT.ok;
}

async function inspected(io: Io, path: string, options: InspectOptions): Promise<Inspection> {
  const { iupacAsN } = options;
  const file = await inspectFile(path, { columns: columnChoiceOf(options), iupacAsN, signal: io.signal });
  const notes = 'notes' in file ? file.notes : [];
  noteLeftOut(io, path, file.kind === 'experiments' ? file.check.leftOut : undefined, notes);
  if (file.kind === 'experiments')
    for (const warning of dataWarnings(file.check)) note(io, `${path}: ${warning}`);
  return file;
}
