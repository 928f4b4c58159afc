/** `residualbind compare`: several methods trained on the same experiments, and their test correlations. */

import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { chosenNames } from '../../data/chosen-names.js';
import { experimentsIn } from '../../data/index.node.js';
import { count } from '../../device/count.js';
import { type CompareOptions, compareMethods } from '../../nn/comparison/compare.node.js';
import {
  COMPARED_METHODS,
  type ComparedMethod,
  type CompareProgress,
} from '../../nn/comparison/methods.node.js';
import { CHECKPOINT_FILE } from '../../nn/files/model-files.node.js';
import { comparisonFormat, encodeComparison } from '../../report/comparison-table.js';
import { coefficient } from '../../report/correlation.js';
import { comparisonText } from '../analysis/comparison-text.js';
import {
  choice,
  examples,
  fraction,
  type GpuFlags,
  modelsAtOnceOption,
  outputPath,
  type ProfileOptions,
  positiveInteger,
  type SeededOptions,
  withGpu,
  withSeed,
} from '../options.js';
import { saveIfPossible } from '../output/files.js';
import { lockFolder, OutputFile } from '../output/output.js';
import { noteLeftOut, type ProbeOptions, readingOf, withProbes } from '../probe-options.js';
import { readWithProgress } from '../reading.js';
import { Session } from '../session.js';
import { checkedOption, EXIT, UsageError } from '../terminal/errors.js';
import { type Io, note, printResult } from '../terminal/io.js';
import { OrderlyLoop } from '../terminal/orderly.js';
import { Progress } from '../terminal/progress.js';

interface CompareCommandOptions extends GpuFlags, ProfileOptions, SeededOptions, ProbeOptions {
  readonly methods: readonly ComparedMethod[];
  readonly epochs: number;
  readonly batch: number;
  readonly validation: number;
  readonly transform: 'log' | 'clip' | 'none';
  readonly test?: string;
  readonly bootstrap: number;
  readonly modelsAtOnce?: number;
  readonly runs?: string;
  readonly out?: string;
}

export function addCompare(program: Command, io: Io, exit: (code: number) => void): void {
  const command = program
    .command('compare')
    .description('train several methods on the same experiments, and compare their test correlations')
    .argument('<tables...>', 'probe tables, tables of many experiments, or data sets that prepare wrote')
    .addOption(methodsOption())
    .option('--epochs <n>', 'maximum number of epochs of a network', positiveInteger, 300)
    .option('--batch <n>', 'probes per step', positiveInteger, 100)
    .option('--validation <share>', 'share of the training probes to validate on', fraction, 0.1)
    .addOption(
      choice(
        '--transform <kind>',
        'transformation of scores before the z-score',
        ['log', 'clip', 'none'],
        'log',
      ),
    )
    .addOption(modelsAtOnceOption())
    .option('--test <file>', 'a table of the same experiments; its probes become set B')
    .option('--bootstrap <n>', 'resamples of the test probes, 40 or more', resamples, 1000)
    .option(
      '--runs <dir>',
      'where models and checkpoints go; the same command continues from there',
      outputPath,
    )
    .option('--out <file>', 'the results as a table: .tsv, .json or .parquet', outputPath);
  withGpu(withSeed(withProbes(command, 'experiments'), 'split, weights, shuffles, dropout and bootstrap'))
    .addHelpText(
      'after',
      `
Methods: ridge is a regression on counts of 6-mers, its penalty chosen by validation. pwm is one motif,
the best of five starts by validation. deepbind is one convolution; residualbind is the paper's network.
Each trains on set A, chooses on a part of it, and is tested on set B. Intervals are from a paired
bootstrap over test probes; several experiments are compared by Wilcoxon's signed-rank test.
${examples(
  'compare U1A.tsv.gz --runs u1a-methods',
  'compare U1A.tsv.gz --methods ridge,pwm --json',
  'compare VTS1.tsv.gz HuR.tsv.gz U1A.tsv.gz --epochs 20 --runs methods --out methods.tsv',
  'compare rnacompete2013.parquet --experiment RNCMPT00168,RNCMPT00111 --out methods.parquet',
)}`,
    )
    .action(async (tables: string[], options: CompareCommandOptions) =>
      exit(await compare(io, tables, options)),
    );
}

async function compare(io: Io, tables: readonly string[], options: CompareCommandOptions): Promise<number> {
  const { out, runs, json, test, scores, seed, validation, transform } = options;
  if (tables.length > 1 && (test ?? scores) !== undefined)
    throw new UsageError('--scores and --test need exactly one table');
  const format = out === undefined ? undefined : checkedOption(() => comparisonFormat(out));
  using output = out === undefined ? undefined : await OutputFile.open(io, out);
  using _lock = runs === undefined ? undefined : await lockFolder(runs);
  using session = await Session.start(io, { command: 'compare', given: { tables }, options });
  const set = await readWithProgress(io, tables, { ...readingOf(options), test });
  noteLeftOut(io, set.source, set.leftOut, set.notes);
  const experiments = experimentsIn(set, { validation, seed, normalise: { kind: transform } });
  const gpu = await session.open();
  session.stage('train');
  if (runs !== undefined) new OrderlyLoop().enter();
  using bars = new CompareBars(io);
  const comparison = await compareMethods(gpu, experiments, {
    ...trainingOf(io, options),
    ...bars.callbacks,
  });
  for (const { name, message } of comparison.failed)
    note(io, `warning: ${name} was not compared: ${message}`);
  const record = await session.finish({ inputs: set.inputs, seed, methods: options.methods });
  if (output && format) await output.write(await encodeComparison(comparison, format, record), record);
  printResult(output?.io ?? io, json, { ...comparison, ...record }, comparisonText(comparison));
  return comparison.failed.length > 0 ? EXIT.failure : EXIT.ok;
}

/** What `compareMethods` takes of the command's options. */
const trainingOf = (
  io: Io,
  { methods, epochs, batch, seed, bootstrap, modelsAtOnce, runs }: CompareCommandOptions,
): CompareOptions => ({
  methods,
  epochs,
  batch,
  seed,
  resamples: bootstrap,
  modelsAtOnce,
  signal: io.signal,
  ...(runs !== undefined && {
    folder: runs,
    saving: (work: () => Promise<void>) => saveIfPossible(io, join(runs, CHECKPOINT_FILE), work),
  }),
});

/**
 * A progress bar for each method on the experiments that are trained together, and a line for each result.
 */
class CompareBars implements Disposable {
  #bar: Progress | undefined;
  #label = '';

  constructor(readonly io: Io) {}

  readonly callbacks: Pick<CompareOptions, 'onProgress' | 'onMethod'> = {
    onProgress: (progress) => this.#step(progress),
    onMethod: (experiment, { method, validation }) => {
      this.#stop();
      note(this.io, `${experiment} ${method}  validation r ${coefficient(validation ?? Number.NaN)}`);
    },
  };

  #step({ experiments, method, done, total }: CompareProgress): void {
    const [first = ''] = experiments;
    const label = `${method}, ${experiments.length === 1 ? first : count(experiments.length, 'experiment')}`;
    if (done === 0 || label !== this.#label) {
      this.#stop();
      this.#bar = new Progress(this.io, { label, total });
      this.#label = label;
    }
    this.#bar?.update(done);
  }

  #stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
    this.#label = '';
  }

  [Symbol.dispose](): void {
    this.#stop();
  }
}

/** --methods */
const methodsOption = (): Option =>
  new Option('--methods <names>', `methods, separated by commas, out of ${COMPARED_METHODS.join(', ')}`)
    .argParser(methodsOf)
    .default(COMPARED_METHODS, 'all');

function methodsOf(text: string): readonly ComparedMethod[] {
  const names = checkedOption(() => chosenNames(text));
  const stray = names.find((name) => !COMPARED_METHODS.includes(name as ComparedMethod));
  if (stray !== undefined)
    throw new InvalidArgumentError(
      `There is no method ${JSON.stringify(stray)}; there are ${COMPARED_METHODS.join(', ')}.`,
    );
  return names as ComparedMethod[];
}

/** --bootstrap */
function resamples(text: string): number {
  const value = positiveInteger(text);
  if (value < 40) throw new InvalidArgumentError('It must be 40 or more.');
  return value;
}
