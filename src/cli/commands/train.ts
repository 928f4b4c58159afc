/** `residualbind train`: probes in, a directory with model, checkpoint and manifest out. */

import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import {
  INPUT_LENGTH,
  inputLength,
  MOST_INPUT_LENGTH,
  readProbes,
  type TransformOptions,
} from '../../data/index.node.js';
import { count } from '../../device/count.js';
import { DataError, type ResidualBindError } from '../../device/errors.js';
import { type Agreement, agreements } from '../../nn/agreement.js';
import { inputOf } from '../../nn/architecture.js';
import { CHECKPOINT_FILE, MANIFEST_FILE, MODEL_FILE, saveModel } from '../../nn/files/model-files.node.js';
import { ResidualBind } from '../../nn/residualbind.js';
import { type FitResult, TrainingDivergedError } from '../../nn/training/fit.js';
import { byTask, coefficient, whyUndefined } from '../../report/correlation.js';
import { describeExperiment, prepareExperiment } from '../experiment.js';
import { predictWithProgress } from '../models/models.js';
import { type NetworkOptions, networkChoice, withNetwork } from '../models/network-choice.js';
import {
  choice,
  examples,
  fraction,
  type GpuOptions,
  outputPath,
  type ProfileOptions,
  positive,
  positiveInteger,
  type SeededOptions,
  withGpu,
  withProfile,
  withSeed,
} from '../options.js';
import { saveOrRescue, writeResult } from '../output/files.js';
import { manifest, Stopwatch } from '../output/manifest.js';
import { lockFolder } from '../output/output.js';
import { columnsOf, noteLeftOut, type ProbeOptions, readingOf, withProbes } from '../probe-options.js';
import { Profiling } from '../profiling/profile.js';
import { openGpu } from '../session.js';
import { EXIT, UsageError } from '../terminal/errors.js';
import { type Io, note, printResult } from '../terminal/io.js';
import { duration } from '../terminal/progress.js';
import { refuseOverwriting, resumable, trainWithProgress } from '../training.js';

interface TrainOptions extends NetworkOptions, GpuOptions, ProfileOptions, SeededOptions, ProbeOptions {
  readonly out: string;
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly length?: number;
  readonly transform?: 'log' | 'clip' | 'none';
  readonly clipAt?: 'percentile' | 'std';
  readonly fitOn?: 'train' | 'all' | 'split';
  readonly validation: number;
  readonly test?: string;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
}

export function addTrain(program: Command, io: Io, exit: (code: number) => void): void {
  const command = program
    .command('train')
    .description('train ResidualBind on probes and their scores')
    .argument(
      '<data>',
      'table with the columns set, sequence, intensity, or a sequence and a score in each row; tabs, commas, semicolons or blanks; plain or gzipped',
    )
    .requiredOption(
      '--out <dir>',
      'where model.safetensors, checkpoint.safetensors and manifest.json go',
      outputPath,
    )
    .option(
      '--epochs <n>',
      'maximum number of epochs; training stops early when validation no longer improves',
      positiveInteger,
      300,
    )
    .option('--batch <n>', 'probes per step', positiveInteger, 100)
    .option('--learning-rate <x>', 'initial learning rate of Adam', positive, 1e-3)
    .option(
      '--length <n>',
      `positions of the input, at most ${MOST_INPUT_LENGTH} (default: ${INPUT_LENGTH}, or the longest probe where that is longer)`,
      inputPositions,
    )
    .addOption(
      choice('--transform <kind>', 'transformation of scores before the z-score (default: log)', [
        'log',
        'clip',
        'none',
      ]),
    )
    .addOption(
      choice(
        '--clip-at <what>',
        'where --transform clip cuts: at the 99.9th percentile or at 4 standard deviations (default: percentile)',
        ['percentile', 'std'],
      ),
    )
    .addOption(
      choice('--fit-on <what>', 'scores that the transformation and z-score are fitted to (default: train)', [
        'train',
        'all',
        'split',
      ]),
    )
    .option('--validation <share>', 'share of the training probes to validate on', fraction, 0.1)
    .option('--test <file>', 'probes to test on instead of set B')
    .option('--resume', 'continue from the checkpoint in --out, if there is one')
    .option('--overwrite', 'replace the run that --out holds');
  withGpu(withSeed(withProfile(withProbes(withNetwork(command))), 'split, weights, shuffles and dropout'))
    .addHelpText(
      'after',
      `
In a table with sets, set A trains (90 %) and validates (10 %), and set B tests. Without sets, all
probes train or validate. Ctrl-C keeps the best model so far and
the last epoch's checkpoint; --resume continues from there.
${examples(
  'train probes.tsv.gz --out run',
  'train probes.tsv.gz --out run --preset keras --transform clip --seed 7 --epochs 50',
  'train probes.tsv.gz --out run --resume --epochs 100',
  'train sequences.tsv --scores targets.tsv --score-column RNCMPT00001 --out run',
  'train library.tsv --score-column liver,brain,heart --network network.json --out run',
)}`,
    )
    .action(async (data: string, options: TrainOptions) => exit(await train(io, data, options)));
}

async function train(io: Io, data: string, options: TrainOptions): Promise<number> {
  const { out, seed, epochs, batch, learningRate, preset, validation } = options;
  const shapeOf = await networkChoice(options);
  // A network that makes no sense is refused before the table is read.
  const fixed = options.length !== undefined;
  const { head } = inputOf(shapeOf({ length: options.length ?? INPUT_LENGTH, fixed }));
  const normalise = normalisationOptions({ ...options, head });
  using _lock = await lockFolder(out, [MODEL_FILE, CHECKPOINT_FILE, MANIFEST_FILE]);
  if (!options.resume && !options.overwrite) await refuseOverwriting(out);

  const profiling = await Profiling.start(io, options);
  profiling.stage('read');
  const probes = await readProbes(data, { ...readingOf(options), signal: io.signal });
  const { sequence, score } = columnsOf(options);
  const other =
    options.test === undefined
      ? undefined
      : await readProbes(options.test, {
          columns: options.scores === undefined ? { sequence, score } : {},
          iupacAsN: options.iupacAsN,
          signal: io.signal,
        });
  // Before the division, which may refuse a table of which too little is left.
  for (const read of other ? [probes, other] : [probes])
    noteLeftOut(io, read.source, read.leftOut, read.notes);
  const longest = inputLength(probes, ...(other ? [other] : []));
  const outputs = probes.tasks?.length ?? 1;
  const shape = shapeOf({ length: options.length ?? longest, outputs, fixed });
  if (options.length === undefined && longest > INPUT_LENGTH)
    note(
      io,
      `the longest probe has ${longest} letters, so the model's input has ${longest} positions (--length)`,
    );
  const experiment = prepareExperiment(probes, inputOf(shape), { validation, seed, normalise, test: other });
  describeExperiment(io, probes, experiment);

  const identity = {
    data: probes.sha256,
    'test data': other?.sha256 ?? null,
    ...(probes.scoresFile && { 'scores file': probes.scoresFile.sha256 }),
    preset,
    architecture: shape,
    seed,
    batch,
    'learning rate': learningRate,
    'validation share': validation,
    normalisation: experiment.normalisation,
    // A table with repeats was once divided record by record.
    ...(experiment.counts.repeated > 0 && { 'repeated sequences': 'on one side' }),
    ...(experiment.stratified && { division: 'rare scores apart' }),
  };
  const resume = options.resume ? await resumable(out, identity) : undefined;
  if (options.resume)
    note(
      io,
      resume
        ? `resuming after epoch ${resume.epoch}`
        : `no checkpoint in ${out} yet: starting from the beginning`,
    );

  profiling.stage('open');
  using gpu = await openGpu(io, options);
  profiling.attach(gpu);
  const watch = new Stopwatch(gpu);
  using model = await ResidualBind.create(gpu, { architecture: shape, seed });
  const facts = {
    ...(options.network === undefined && { preset }),
    ...(experiment.tasks && { tasks: experiment.tasks }),
    seed,
    normalisation: experiment.normalisation,
    profile: Array.from(experiment.profile),
    data: { path: data, sha256: probes.sha256 },
  };
  const save = { directory: out, identity, facts };
  const training = trainWithProgress(io, {
    model,
    experiment,
    epochs,
    batch,
    seed,
    learningRate,
    save,
    resume,
    onStage: (stage) => profiling.stage(stage),
  });
  const { result, failure } = await outcomeOf(training, experiment.counts.valid);
  // Nothing was written yet: an earlier run that this one was to replace is left as it was.
  if (failure && result.history.length === 0) throw failure;
  profiling.stage('save');
  const cancelled = result.reason === 'cancelled';
  const { bestEpoch } = result.schedule;
  if (bestEpoch > 0)
    await saveOrRescue([{ path: join(out, MODEL_FILE), save: (to) => saveModel(to, model, facts) }]);

  let test: readonly Agreement[] | undefined;
  if (experiment.test && bestEpoch > 0 && !cancelled) {
    profiling.stage('test');
    const predictions = await predictWithProgress(io, model, experiment.test.codes, 'testing');
    test = agreements(predictions, experiment.test.scores, outputs);
  }
  const { seconds } = watch;
  const record = {
    ...(await manifest('train', { data, ...options }, watch)),
    seed,
    preset,
    architecture: shape,
    input: {
      path: data,
      sha256: probes.sha256,
      ...experiment.counts,
      ...(probes.leftOut && { leftOut: probes.leftOut }),
      ...(probes.scoresFile && { scores: probes.scoresFile }),
    },
    ...(other ? { test: { path: options.test, sha256: other.sha256 } } : {}),
    normalisation: experiment.normalisation,
    training: {
      reason: result.reason,
      epochs: result.history.length,
      resumedAfter: resume?.epoch ?? null,
      bestEpoch,
      steps: result.steps,
      dispatchesPerStep: result.dispatchesPerStep,
      history: result.history,
    },
    metrics: {
      validation: { pearson: result.schedule.best },
      test: test ? byTask(test, experiment.tasks) : null,
    },
    model: bestEpoch > 0 ? join(out, MODEL_FILE) : null,
    ...(await profiling.finish()),
  };
  // A run that was cancelled before its first epoch ended leaves what --overwrite would have replaced.
  if (result.history.length > 0)
    await writeResult(join(out, MANIFEST_FILE), `${JSON.stringify(record, null, 2)}\n`);
  if (failure) {
    if (bestEpoch > 0) note(io, `the model of epoch ${bestEpoch} is ${join(out, MODEL_FILE)}`);
    throw failure;
  }
  printResult(
    io,
    options.json,
    record,
    conclusion(result, test && testLines(test, experiment.tasks), out, seconds),
  );
  return cancelled ? EXIT.cancelled : EXIT.ok;
}

/** --length */
function inputPositions(text: string): number {
  const value = positiveInteger(text);
  if (value > MOST_INPUT_LENGTH) throw new InvalidArgumentError(`It must be at most ${MOST_INPUT_LENGTH}.`);
  return value;
}

/** How training ended, and the error that the command ends with where it left no model or diverged. */
async function outcomeOf(
  training: Promise<FitResult>,
  valid: number,
): Promise<{ readonly result: FitResult; readonly failure?: ResidualBindError }> {
  try {
    const result = await training;
    if (result.schedule.bestEpoch > 0 || result.reason === 'cancelled') return { result };
    const failure = new DataError(
      `no epoch gave a model: predictions are constant, the same for all ${valid} validation probes, so their correlation with the scores is undefined; try a lower --learning-rate, more --filters and --hidden, or more probes`,
    );
    return { result, failure };
  } catch (error) {
    if (!(error instanceof TrainingDivergedError)) throw error;
    return { result: error.result, failure: error };
  }
}

/** @throws UsageError for options that say nothing about these scores */
function normalisationOptions({ head, transform, clipAt, fitOn }: TrainOptions) {
  if (head === 'classification' && (transform ?? clipAt ?? fitOn) !== undefined)
    throw new UsageError(
      '--transform, --clip-at and --fit-on are for --head regression; classes are used as they are',
    );
  if (clipAt !== undefined && transform !== 'clip') throw new UsageError('--clip-at needs --transform clip');
  const options: TransformOptions = { kind: transform ?? 'log', ...(clipAt ? { clipAt } : {}) };
  return { ...options, scope: fitOn ?? 'train' } as const;
}

function conclusion(
  { reason, schedule, history }: FitResult,
  test: readonly string[] = [],
  out: string,
  seconds: number,
): string {
  if (schedule.bestEpoch === 0) {
    return history.length === 0
      ? 'Cancelled before the first epoch ended: nothing was written.'
      : 'Cancelled before an epoch gave a model.';
  }
  const ending = {
    epochs: 'Trained',
    'early-stopping': 'Stopped early, because validation no longer improved, after training',
    cancelled: 'Cancelled after training',
    diverged: 'Diverged after training',
  }[reason];
  return [
    `${ending} ${count(history.length, 'epoch')} in ${duration(seconds)}.`,
    `  best epoch    ${schedule.bestEpoch}`,
    `  validation r  ${schedule.best?.toFixed(4)}`,
    ...test,
    `  model         ${join(out, MODEL_FILE)}`,
    ...(reason === 'cancelled' ? ['  to continue   the same command with --resume'] : []),
  ].join('\n');
}

/** A line for each task. */
const testLines = (test: readonly Agreement[], tasks: readonly string[] | undefined): string[] =>
  test.map((each, i) => `  test r        ${testText(each)}${tasks ? `, ${tasks[i]}` : ''}`);

function testText(test: Agreement): string {
  const why = whyUndefined(test);
  return why === undefined
    ? `${coefficient(test.pearson)} (Spearman ${coefficient(test.spearman)}, n = ${test.n.toLocaleString('en')})`
    : `undefined, since ${why}`;
}
