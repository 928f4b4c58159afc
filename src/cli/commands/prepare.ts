/** `residualbind prepare`: tables of one or many experiments, checked and written as one data set. */

import type { Command } from 'commander';
import { checkSet, encodeDataSet } from '../../data/index.node.js';
import { count } from '../../device/count.js';
import { versions } from '../../device/versions.node.js';
import { extensionOf } from '../../gia/tables/table-files.js';
import { dataFacts, dataWarnings } from '../../report/data-check.js';
import { type CommonOptions, examples, outputPath, withCommon } from '../options.js';
import { OutputFile } from '../output/output.js';
import { noteLeftOut, type ProbeOptions, readingOf, withProbes } from '../probe-options.js';
import { readWithProgress } from '../reading.js';
import { Session } from '../session.js';
import { factLines } from '../tables.js';
import { checkedOption, UsageError } from '../terminal/errors.js';
import { type Io, note, printResult } from '../terminal/io.js';

interface PrepareOptions extends CommonOptions, ProbeOptions {
  readonly out: string;
  readonly test?: string;
}

export function addPrepare(program: Command, io: Io): void {
  const command = program
    .command('prepare')
    .description('check tables of one or many experiments, and write them as one data set')
    .argument(
      '<tables...>',
      'tables with a column of scores for each experiment, HDF5 files (.h5) with X_train, Y_train …, or data sets; the experiments of several tables are joined by sequence',
    )
    .requiredOption(
      '--out <file>',
      'the data set, an Apache Parquet file; a manifest is written beside it',
      outputPath,
    )
    .option('--test <file>', 'a table of the same experiments; its probes become set B, the others set A');
  withCommon(withProbes(command, 'experiments'))
    .addHelpText(
      'after',
      `
Without --score-column, experiments are the columns called like experiments or scores (RNCMPT00001,
HybID00025, intensity …), else all columns of numbers. A spot that HybID00025_flag marks is missing.
Other commands read the data set in place of a table; --experiment chooses one of its experiments.
${examples(
  'prepare sequences.tsv.gz --scores targets.tsv.gz --out rnacompete2013.parquet',
  'prepare rnacompete2013.h5 --out rnacompete2013.parquet',
  'prepare probe_intensity.csv --out hybids.parquet',
  'prepare VTS1.tsv.gz HuR.tsv.gz U1A.tsv.gz --out rnacompete2009.parquet',
  'prepare RNCMPT00001_train.txt --test RNCMPT00001_test.txt --out a1cf.parquet',
  'train rnacompete2013.parquet --experiment RNCMPT00168 --out rbfox1',
)}`,
    )
    .action((tables: string[], options: PrepareOptions) => prepare(io, tables, options));
}

async function prepare(io: Io, tables: readonly string[], options: PrepareOptions): Promise<void> {
  const { out, test, json, scores } = options;
  if (tables.length > 1 && (test ?? scores) !== undefined)
    throw new UsageError('--scores and --test need exactly one table');
  checkedOption(() => extensionOf(out, ['parquet'], 'a data set'));
  using output = await OutputFile.open(io, out);
  using session = await Session.start(io, { command: 'prepare', given: { tables }, options });
  const set = await readWithProgress(io, tables, { ...readingOf(options), test });
  noteLeftOut(io, set.source, set.leftOut, set.notes);
  session.stage('check');
  const check = checkSet(set);
  for (const warning of dataWarnings(check)) note(io, warning);
  session.stage('write');
  const contents = encodeDataSet(set, { ...(await versions()) });
  const record = await session.finish({ inputs: set.inputs, check, notes: set.notes });
  await output.write(contents, record);
  const { records, experiments } = check;
  const text = [
    `${out}: ${count(records, 'probe')}, ${count(experiments.length, 'experiment')}`,
    ...factLines(dataFacts(check)),
  ];
  printResult(output.io, json, { ...record, out }, text.join('\n'));
}
