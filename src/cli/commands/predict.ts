/** `residualbind predict`: a prediction for every sequence of a file. */

import type { Command } from 'commander';
import { encodeSequences, readSequences } from '../../data/index.node.js';
import type { StorageFormat } from '../../nn/evaluation.js';
import { type Io, note, printResult } from '../io.js';
import { manifest, Stopwatch } from '../manifest.js';
import { openModel, predictWithProgress, printStorageError } from '../models.js';
import {
  examples,
  type GpuOptions,
  outputPath,
  type ProfileOptions,
  storageOption,
  withGpu,
  withProfile,
} from '../options.js';
import { OutputFile } from '../output.js';
import { Profiling } from '../profile.js';
import { openGpu } from '../session.js';

interface PredictOptions extends GpuOptions, ProfileOptions {
  readonly storage?: StorageFormat;
  readonly out?: string;
}

export function addPredict(program: Command, io: Io): void {
  const command = program
    .command('predict')
    .description('predict the score of sequences, in the unit of the normalised training scores')
    .argument('<model>', 'directory that train wrote, or a .safetensors file')
    .argument('<sequences>', 'FASTA or one sequence per line; plain or gzipped')
    .option(
      '--out <file>',
      'the table (name, sequence, prediction) goes there instead of stdout, with a manifest beside it',
      outputPath,
    );
  withGpu(withProfile(command.addOption(storageOption())))
    .addHelpText(
      'after',
      examples(
        'predict run sequences.fa',
        'predict run sequences.txt.gz --out predictions.tsv',
        'predict run sequences.fa --json',
      ),
    )
    .action((model: string, sequences: string, options: PredictOptions) =>
      predict(io, model, sequences, options),
    );
}

async function predict(io: Io, path: string, file: string, options: PredictOptions): Promise<void> {
  const { out } = options;
  using output = out === undefined ? undefined : await OutputFile.open(io, out);
  const profiling = await Profiling.start(io, options);
  profiling.stage('read');
  const given = await readSequences(file);
  profiling.stage('open');
  using gpu = await openGpu(io, options);
  profiling.attach(gpu);
  const watch = new Stopwatch(gpu);
  const { model, facts, origin } = await openModel(gpu, path);
  using _model = model;
  profiling.stage('predict');
  const codes = encodeSequences(given.sequences, model.architecture.length, given);
  const storageError = await printStorageError(io, model, codes, options.storage);
  const predicted = await predictWithProgress(io, model, codes, 'predicting', options.storage);
  const record = {
    ...(await manifest('predict', { model: path, sequences: file, ...options }, watch)),
    seed: facts.seed ?? null,
    preset: facts.preset ?? null,
    model: origin,
    storageError: storageError ?? null,
    normalisation: facts.normalisation ?? null,
    input: { path: file, sha256: given.sha256, count: given.names.length },
    ...(await profiling.finish()),
  };
  const predictions = given.names.map((name, i) => ({
    name,
    sequence: given.sequences[i]!,
    prediction: predicted[i]!,
  }));
  const rows = predictions.map(({ name, sequence, prediction }) =>
    [name.replaceAll('\t', ' '), sequence, String(Number(prediction.toPrecision(9)))].join('\t'),
  );
  const table = `name\tsequence\tprediction\n${rows.join('\n')}\n`;
  if (output) {
    await output.write(table, record);
    note(io, `${predictions.length} predictions are in ${out}`);
  }
  if (!output || options.json)
    printResult(output?.io ?? io, options.json, { ...record, out: out ?? null, predictions }, table);
}
