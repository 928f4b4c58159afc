/** `residualbind predict`: a prediction for every sequence of a file. */

import { type Command, Option } from 'commander';
import {
  encodeSequences,
  type NamedSequences,
  type ReadProfiles,
  readSequences,
  spell,
  tsvField,
} from '../../data/index.node.js';
import { count } from '../../device/count.js';
import type { Precision } from '../../device/precision.js';
import { readoutAt } from '../../gia/model.js';
import { readModel } from '../../nn/files/model-files.node.js';
import type { ResidualBind } from '../../nn/residualbind.js';
import {
  aboutModel,
  aboutTasks,
  chosenTasks,
  noteFirst,
  noteInPadding,
  notePredictionCost,
  predictWithProgress,
  withTask,
} from '../models/models.js';
import type { PrecisionRecord } from '../models/precision.js';
import {
  aboutProfiles,
  type ProfilesOptions,
  profileFor,
  profilesOf,
  structured,
  withProfiles,
} from '../models/structure.js';
import { examples, outputPath, positiveInteger, precisionOption, withGpu, withProfile } from '../options.js';
import { OutputFile } from '../output/output.js';
import { type PredictPartsOptions, predictParts } from '../predict-parts.js';
import { withLetters } from '../probe-options.js';
import { Session } from '../session.js';
import { UsageError } from '../terminal/errors.js';
import { type Io, note, printResult } from '../terminal/io.js';

interface PredictOptions extends PredictPartsOptions, ProfilesOptions {}

export function addPredict(program: Command, io: Io): void {
  const command = program
    .command('predict')
    .description('predict the score of sequences, in the unit of the normalised training scores')
    .argument('<model>', 'directory that train wrote, or a .safetensors file')
    .argument('<sequences>', 'FASTA, FASTQ or one sequence per line; plain or gzipped; - is standard input')
    .option(
      '--windows',
      "predict overlapping windows of long sequences, as long as the model's input; a row for each window, with its start and end (from 0, end not included)",
    )
    .addOption(
      new Option(
        '--stride <n>',
        "with --windows: letters from the start of one window to the start of the next (default: half the model's input)",
      ).argParser(positiveInteger),
    )
    .option(
      '--per-sequence',
      'with --windows: a row for each sequence instead, with the mean and the maximum over its windows, and where the maximum is',
    )
    .option(
      '--bed <file>',
      'predict the intervals of a BED file (chrom, start, end, name, score, strand); on strand - the reverse complement',
    )
    .option(
      '--out <file>',
      'file for the table (name, sequence, prediction, and task where the model predicts several) instead of stdout; a manifest is written beside it',
      outputPath,
    );
  withGpu(withProfile(withLetters(withTask(withProfiles(command)).addOption(precisionOption()))))
    .addHelpText(
      'after',
      examples(
        'predict run sequences.fa',
        'predict run sequences.txt.gz --out predictions.tsv',
        'predict run transcripts.fa --windows --stride 1 --per-sequence',
        'predict run chr21.fa.gz --windows --out chr21.tsv',
        'predict run genome.fa --bed peaks.bed --out peaks.tsv',
        'predict run - < reads.fastq.gz',
        'predict run sequences.fa --task RBFOX2',
        'predict run sequences.fa --profiles E_profile.txt H_profile.txt I_profile.txt M_profile.txt',
        'predict run sequences.fa --json',
      ),
    )
    .action((model: string, sequences: string, options: PredictOptions) => {
      const { windows, stride, perSequence, bed } = options;
      if (!windows && (stride ?? perSequence) !== undefined)
        throw new UsageError('--stride and --per-sequence need --windows');
      const isOfParts = windows || bed !== undefined;
      return (isOfParts ? predictParts : predict)(io, model, sequences, options);
    });
}

async function predict(io: Io, path: string, file: string, options: PredictOptions): Promise<void> {
  const { out } = options;
  using output = out === undefined ? undefined : await OutputFile.open(io, out);
  using session = await Session.start(io, {
    command: 'predict',
    given: { model: path, sequences: file },
    options,
  });
  const given = await readSequences(file, { iupacAsN: options.iupacAsN, signal: io.signal });
  for (const line of given.notes ?? []) note(io, line);
  await noteFirst(io, path);
  const read = chosenTasks(await readModel(path), options);
  const profiles = await profilesOf(io, read, options);
  await session.open('predictions');
  const model = await session.upload(read);
  const inPadding = noteInPadding(io, read, given.sequences);
  session.stage('predict');
  const { computed, predictions } = await ofSequences(io, model, given, { ...options, profiles });
  const record = await session.finish({
    ...aboutModel(read),
    ...aboutTasks(read),
    ...computed,
    normalisation: read.facts.normalisation ?? null,
    input: { path: file, sha256: given.sha256, count: given.names.length, ...aboutProfiles(profiles) },
    ...inPadding,
  });
  const table = tableOf(predictions);
  if (output) {
    await output.write(table, record);
    note(io, `${count(predictions.length, 'prediction is', 'predictions are')} in ${out}`);
  }
  if (!output || options.json)
    printResult(output?.io ?? io, options.json, { ...record, out: out ?? null, predictions }, table);
}

interface Predictions {
  readonly computed: PrecisionRecord;
  /** One of every sequence; of a model with several tasks, one of every task of every sequence. */
  readonly predictions: readonly object[];
}

const digits = (value: number): string => String(Number(value.toPrecision(9)));

/** Tab-separated, with the fields of the rows as columns. */
function tableOf(rows: readonly object[]): string {
  const cell = (value: unknown) => (typeof value === 'number' ? digits(value) : tsvField(String(value)));
  const lines = [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row).map(cell))];
  return `${lines.map((line) => line.join('\t')).join('\n')}\n`;
}

/** Rows of every sequence, each with its task where there are several. @param row of prediction `at` */
function rowsOf<Row extends object>(
  model: ResidualBind,
  names: readonly string[],
  row: (sequence: number, at: number) => Row,
): object[] {
  return names.flatMap((name, i) =>
    Array.from({ length: model.outputs }, (_, output) => {
      const task = readoutAt(model, output)?.task;
      return { name, ...(task !== undefined && { task }), ...row(i, output * names.length + i) };
    }),
  );
}

async function ofSequences(
  io: Io,
  model: ResidualBind,
  named: NamedSequences,
  { precision, profiles }: { precision?: Precision; profiles?: ReadProfiles | undefined },
): Promise<Predictions> {
  const { architecture } = model;
  const codes = encodeSequences(named.sequences, architecture.length, named);
  const given = { codes, ...profileFor(io, architecture, named, profiles) };
  const [sequences] = await structured(io, model.gpu, architecture, given);
  const computed = await notePredictionCost(io, model, sequences, precision);
  const predicted = await predictWithProgress(io, model, sequences, 'predicting', precision);
  const predictions = rowsOf(model, named.names, (i, at) => ({
    sequence: spell(named.sequences[i]!, model.alphabet),
    prediction: predicted[at]!,
  }));
  return { computed, predictions };
}
