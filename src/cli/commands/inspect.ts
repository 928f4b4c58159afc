/** `residualbind inspect`: what files are, and what they hold. */

import type { Command } from 'commander';
import { inspectFile } from '../../gia/files/inspect.node.js';
import type { Inspection } from '../../gia/files/inspection.js';
import { dataWarnings } from '../../report/data-check.js';
import { inspectionFacts } from '../../report/inspection.js';
import { type CommonOptions, examples, withCommon } from '../options.js';
import { type ColumnOptions, columnChoiceOf, noteLeftOut, withColumns } from '../probe-options.js';
import { factLines } from '../tables.js';
import { type Io, note, printResult } from '../terminal/io.js';

interface InspectOptions extends CommonOptions, ColumnOptions {}

export function addInspect(program: Command, io: Io): void {
  const command = program
    .command('inspect')
    .description('what files are and what they hold; reads and checks whatever the other commands read')
    .argument('<files...>', 'files of any kind, or folders that train wrote');
  withCommon(withColumns(command))
    .addHelpText(
      'after',
      `
Kinds: tables of probes and scores, data sets, HDF5 files, models and checkpoints, network files,
importance tables, FASTA, FASTQ and lines of sequences, MEME files, tables of K_D, manifests.
${examples(
  'inspect data.parquet',
  'inspect run sweep.tsv known.meme',
  'inspect rnacompete2013.h5 --json',
  'inspect table.tsv --score-column HuR,VTS1',
)}`,
    )
    .action((files: string[], options: InspectOptions) => inspect(io, files, options));
}

async function inspect(io: Io, paths: readonly string[], options: InspectOptions): Promise<void> {
  const { json, iupacAsN } = options;
  const files: Inspection[] = [];
  for (const path of paths) {
    const file = await inspectFile(path, { columns: columnChoiceOf(options), iupacAsN, signal: io.signal });
    const notes = 'notes' in file ? file.notes : [];
    noteLeftOut(io, path, file.kind === 'experiments' ? file.check.leftOut : undefined, notes);
    if (file.kind === 'experiments')
      for (const warning of dataWarnings(file.check)) note(io, `${path}: ${warning}`);
    files.push(file);
  }
  const texts = files.map((file) => {
    const { title, facts } = inspectionFacts(file);
    return [title, ...factLines(facts)].join('\n');
  });
  printResult(io, json, { files }, texts.join('\n\n'));
}
