/** `residualbind convert`: models of Keras, PyTorch and ONNX as models of this program, and back. */

import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { INPUT_LENGTH, prepareExperiment, readProbes, trainingFacts } from '../../data/index.node.js';
import { count } from '../../device/count.js';
import { inputOf } from '../../nn/architecture.js';
import {
  encodeModel,
  formatByName,
  type ImportedModel,
  type ImportOptions,
  importModel,
  MODEL_FORMATS,
  type ModelFormat,
} from '../../nn/exchange/convert.node.js';
import type { ModelFacts } from '../../nn/files/model-facts.js';
import { MANIFEST_FILE, MODEL_FILE } from '../../nn/files/model-files.node.js';
import { PRESET_NAMES } from '../../nn/presets.js';
import { formatText, missingFacts, modelFacts } from '../../report/inspection.js';
import { originOf } from '../models/models.js';
import {
  type NormalisationOptions,
  normalisationOptions,
  withNormalisation,
} from '../normalisation-options.js';
import { type CommonOptions, choice, examples, positiveInteger, withCommon } from '../options.js';
import { lockFolder, OutputFile, refuseOtherRun } from '../output/output.js';
import { noteLeftOut, type ProbeOptions, readingOf, withProbes } from '../probe-options.js';
import { Session } from '../session.js';
import { factLines } from '../tables.js';
import { UsageError } from '../terminal/errors.js';
import { type Io, note, printResult } from '../terminal/io.js';

interface ConvertOptions extends CommonOptions, ImportOptions, NormalisationOptions, ProbeOptions {
  readonly to?: ModelFormat;
  readonly data?: string;
}

export function addConvert(program: Command, io: Io): void {
  const command = program
    .command('convert')
    .description('read and write models of Keras, PyTorch and ONNX')
    .argument(
      '<model>',
      'folder or file that train wrote, weights of Keras (.h5), a state dict of PyTorch (.safetensors), or an ONNX file',
    )
    .argument(
      '<out>',
      '.h5 or .hdf5: weights of Keras; .safetensors: a state dict of PyTorch; .onnx; any other name: a folder with a model of this program',
    )
    .addOption(choice('--to <format>', 'format of <out> (default: by its extension)', MODEL_FORMATS))
    .addOption(
      choice('--preset <name>', 'network (default: inferred from the shapes of the weights)', PRESET_NAMES),
    )
    .option(
      '--length <n>',
      `positions of the input (default: ${INPUT_LENGTH}, if that fits the weights)`,
      positiveInteger,
    )
    .addOption(
      choice('--head <kind>', 'kind of output (default: regression, unless the file says otherwise)', [
        'regression',
        'classification',
      ]),
    )
    .addOption(
      new Option(
        '--network <file>',
        'network of your own: a JSON file with its "layers" (docs/networks.md)',
      ).conflicts(['preset', 'head']),
    )
    .option('--map <file>', 'JSON file that names layers of <model>, such as {"conv0": "features.0"}')
    .option(
      '--data <file>',
      'the training data of the model: adds its nucleotide profile and the normalisation of scores',
    );
  withCommon(withProbes(withNormalisation(command)))
    .addHelpText(
      'after',
      `
Predictions stay the same. What the file does not say is inferred and printed (docs/weights.md).
A model that was converted without --data can predict. gia then needs --null uniform or --sequences;
evaluate and report do not work without --data.
${examples(
  'convert RNCMPT00168_weights.hdf5 rbfox1 --data sequences.tsv --scores targets.tsv --experiment RNCMPT00168',
  'convert network.safetensors run --map names.json',
  'convert run rbfox1.h5',
  'convert run rbfox1.onnx',
  'convert weights.hdf5 weights.safetensors',
)}`,
    )
    .action((model: string, out: string, options: ConvertOptions) => convert(io, model, out, options));
}

async function convert(io: Io, path: string, out: string, options: ConvertOptions): Promise<void> {
  const { to = formatByName(out), preset, length, head, network, map } = options;
  using session = await Session.start(io, { command: 'convert', given: { model: path, out }, options });
  const imported = await importModel(path, { preset, length, head, network, map });
  for (const line of imported.notes) note(io, line);
  const { facts, input } = await withData(io, imported, options);
  const model = { ...imported, facts };
  session.stage('write');
  const contents = await encodeModel(out, model, to);
  const about = {
    model: { ...originOf(imported), format: imported.format },
    format: to,
    architecture: imported.architecture,
    inferred: imported.notes,
    ...input,
  };
  const record = await session.finish(about);
  const file = await written(io, out, to, contents, record);
  const text = [
    `${file}: ${formatText(to)}, from ${formatText(imported.format)} (${path})`,
    ...factLines(modelFacts(model)),
    ...(to === 'residualbind' ? missingFacts(facts) : []),
  ];
  printResult(io, options.json, { ...record, out: file }, text.join('\n'));
}

/** Writes the file, or the folder of a model of this program, and a manifest. @returns the model's file */
async function written(
  io: Io,
  out: string,
  to: ModelFormat,
  contents: Uint8Array,
  record: object,
): Promise<string> {
  const isFolder = to === 'residualbind' && !out.endsWith('.safetensors');
  const path = isFolder ? join(out, MODEL_FILE) : out;
  if (isFolder) await refuseOtherRun(out, 'convert');
  using _lock = isFolder ? await lockFolder(out, [MODEL_FILE, MANIFEST_FILE]) : undefined;
  using output = await OutputFile.open(io, path, isFolder ? { manifest: join(out, MANIFEST_FILE) } : {});
  await output.write(contents, record);
  return path;
}

/** The facts of a model with what --data says of its training. */
async function withData(
  io: Io,
  { architecture, facts }: ImportedModel,
  options: ConvertOptions,
): Promise<{ facts: ModelFacts; input?: { readonly input: object } }> {
  const { data } = options;
  const { head, length, outputs } = inputOf(architecture);
  const normalise = normalisationOptions({ ...options, head });
  if (data === undefined) return { facts };
  const probes = await readProbes(data, { ...readingOf(options), signal: io.signal });
  noteLeftOut(io, data, probes.leftOut, probes.notes);
  const tasks = probes.tasks?.length ?? 1;
  if (tasks !== outputs)
    throw new UsageError(
      `${data}: ${count(tasks, 'column of scores is', 'columns of scores are')} chosen, but the model has ${count(outputs, 'output')}; choose as many with --score-column`,
    );
  const experiment = prepareExperiment(probes, { length, head }, { normalise });
  const { path, sha256 } = { path: data, sha256: probes.sha256 };
  return {
    facts: { ...facts, ...trainingFacts(experiment, { path, sha256 }) },
    input: { input: { path, sha256, ...experiment.counts } },
  };
}
