/** `residualbind train`: trains a model on probes, and writes it with a checkpoint and a manifest. */

import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  type Experiment,
  INPUT_LENGTH,
  MOST_INPUT_LENGTH,
  prepareExperiment,
  trainingFacts,
} from '../../data/index.node.js';
import { count } from '../../device/count.js';
import { DataError, type ResidualBindError } from '../../device/errors.js';
import { sizedFrom } from '../../device/too-large.js';
import { type Evaluation, evaluations } from '../../nn/agreement.js';
import { type Architecture, inputOf } from '../../nn/architecture.js';
import { DEFAULT_ENERGIES } from '../../nn/contexts.js';
import { CHECKPOINT_FILE, MANIFEST_FILE, MODEL_FILE, saveModel } from '../../nn/files/model-files.node.js';
import { ResidualBind } from '../../nn/residualbind.js';
import { type FitResult, TrainingDivergedError, type TrainingState } from '../../nn/training/fit.js';
import { byTask, coefficient, whyNoAreas, whyUndefined } from '../../report/correlation.js';
import { predictWithProgress } from '../models/models.js';
import { networkChoice, withNetwork } from '../models/network-choice.js';
import {
  aboutProfiles,
  checkStructure,
  storedStructure,
  structured,
  withStructureOptions,
} from '../models/structure.js';
import { normalisationOptions, withNormalisation } from '../normalisation-options.js';
import {
  examples,
  fraction,
  outputPath,
  positive,
  positiveInteger,
  withGpu,
  withProfile,
  withSeed,
} from '../options.js';
import { saveOrRescue, writeResult } from '../output/files.js';
import { jsonText, lockFolder } from '../output/output.js';
import { withProbes } from '../probe-options.js';
import { Session } from '../session.js';
import { EXIT } from '../terminal/errors.js';
import { type Io, note, printResult } from '../terminal/io.js';
import { duration } from '../terminal/progress.js';
import {
  describeExperiment,
  identityOf,
  readInput,
  resumed,
  shapeFor,
  type TrainInput,
  type TrainOptions,
} from '../train-input.js';
import { refuseOverwriting, trainWithProgress } from '../training.js';

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
    );
  withNormalisation(withRecipe(withStructureOptions(withNetwork(command))))
    .option('--validation <share>', 'share of the training probes to validate on', fraction, 0.1)
    .option('--test <file>', 'probes to test on instead of set B')
    .option('--resume', 'continue from the checkpoint in --out, if there is one')
    .addOption(new Option('--overwrite', 'replace the run that --out holds').conflicts('resume'));
  withGpu(withSeed(withProfile(withProbes(command)), 'split, weights, shuffles and dropout'))
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
  'train probes.tsv.gz --structure pu --out run',
  'train probes.tsv.gz --structure phime --out run --profiles profiles.tsv.gz',
)}`,
    )
    .action(async (data: string, options: TrainOptions) => exit(await train(io, data, options)));
}

/** --epochs, --batch, --learning-rate and --length. */
const withRecipe = (command: Command): Command =>
  command
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
    );

async function train(io: Io, data: string, options: TrainOptions): Promise<number> {
  const { out, seed } = options;
  checkStructure(options);
  const shapeOf = await networkChoice(options);
  // A network that makes no sense at any length is refused before the table is read.
  const fixed = options.length !== undefined;
  const { head } = inputOf(shapeOf({ length: options.length ?? MOST_INPUT_LENGTH, fixed }));
  const normalise = normalisationOptions({ ...options, head });
  using _lock = await lockFolder(out, [MODEL_FILE, CHECKPOINT_FILE, MANIFEST_FILE]);
  if (!options.resume && !options.overwrite) await refuseOverwriting(out);
  using session = await Session.start(io, { command: 'train', given: { data }, options });
  const input = await readInput(io, data, options);
  const shape = shapeFor(io, input, options, shapeOf);
  const { validation } = options;
  const { probes, other } = input;
  const prepared = prepareExperiment(probes, inputOf(shape), { validation, seed, normalise, test: other });
  describeExperiment(io, probes, prepared);
  const identity = identityOf(input, shape, prepared, options);
  const resume = options.resume ? await resumed(io, out, identity) : undefined;

  const gpu = await session.open();
  const experiment = await foldedExperiment(io, session, shape, prepared);
  using model = await sizedFrom(options.network, ResidualBind.create(gpu, { architecture: shape, seed }));
  const facts = factsOf(options, experiment, { path: data, sha256: probes.sha256 });
  const { epochs, batch, learningRate } = options;
  const training = trainWithProgress(io, {
    model,
    experiment,
    epochs,
    batch,
    seed,
    learningRate,
    resume,
    save: { folder: out, identity, facts },
    onStage: (stage) => session.stage(stage),
  });
  const { result, failure } = await outcomeOf(sizedFrom(options.network, training), experiment.counts.valid);
  // Nothing was written yet: an earlier run that this one was to replace is left as it was.
  if (failure && result.history.length === 0) throw failure;
  session.stage('save');
  const { bestEpoch } = result.schedule;
  if (bestEpoch > 0)
    await saveOrRescue([{ path: join(out, MODEL_FILE), save: (to) => saveModel(to, model, facts) }]);
  const test = await tested(io, session, model, experiment, result);
  const { seconds } = session.watch;
  const record = await session.finish(
    aboutRun({ options, data, input, shape, experiment, result, resume, test }),
  );
  // A run that was cancelled before its first epoch ended leaves what --overwrite would have replaced.
  if (result.history.length > 0) await writeResult(join(out, MANIFEST_FILE), jsonText(record));
  if (failure) {
    if (bestEpoch > 0) note(io, `the model of epoch ${bestEpoch} is ${join(out, MODEL_FILE)}`);
    throw failure;
  }
  const lines = test && testLines(test, experiment.tasks);
  printResult(io, options.json, record, conclusion(result, lines, out, seconds));
  return result.reason === 'cancelled' ? EXIT.cancelled : EXIT.ok;
}

/** The experiment with structure profiles, where the network takes them. */
async function foldedExperiment(
  io: Io,
  session: Session,
  shape: Architecture,
  experiment: Experiment,
): Promise<Experiment> {
  if (shape.channels === 4) return experiment;
  session.stage('fold');
  const { train, valid, test } = experiment;
  if (!train.profile) note(io, `structure: folded here with ${DEFAULT_ENERGIES}`);
  const [folded, validating, tested] = await structured(io, session.gpu, shape, train, valid, test);
  return { ...experiment, train: folded, valid: validating, ...(tested && { test: tested }) };
}

/** What the model's file says of its training. */
const factsOf = (
  options: TrainOptions,
  experiment: Experiment,
  table: { readonly path: string; readonly sha256: string },
) => ({
  ...(options.network === undefined && { preset: options.preset }),
  seed: options.seed,
  ...trainingFacts(experiment, table),
  ...storedStructure(options),
});

/** Agreement with the probes to test on, where there are any and training ended by itself with a model. */
async function tested(
  io: Io,
  session: Session,
  model: ResidualBind,
  { test }: Experiment,
  { reason, schedule }: FitResult,
): Promise<readonly Evaluation[] | undefined> {
  if (!test || schedule.bestEpoch === 0 || reason === 'cancelled') return undefined;
  session.stage('test');
  const predictions = await predictWithProgress(io, model, test, 'testing');
  return evaluations(predictions, test.scores, model.outputs, inputOf(model.architecture).head);
}

/** What the manifest says of a run. */
function aboutRun({
  options,
  data,
  input: { probes, other, profiles },
  shape,
  experiment,
  result,
  resume,
  test,
}: {
  readonly options: TrainOptions;
  readonly data: string;
  readonly input: TrainInput;
  readonly shape: Architecture;
  readonly experiment: Experiment;
  readonly result: FitResult;
  readonly resume: TrainingState | undefined;
  readonly test: readonly Evaluation[] | undefined;
}) {
  const { bestEpoch, best } = result.schedule;
  return {
    seed: options.seed,
    preset: options.preset,
    architecture: shape,
    input: {
      path: data,
      sha256: probes.sha256,
      ...experiment.counts,
      ...(probes.leftOut && { leftOut: probes.leftOut }),
      ...(probes.scoresFile && { scores: probes.scoresFile }),
      ...aboutProfiles(profiles),
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
      validation: { pearson: best },
      test: test ? byTask(test, experiment.tasks) : null,
    },
    model: bestEpoch > 0 ? join(options.out, MODEL_FILE) : null,
  };
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

/** A line for each task, for classes another with the areas. */
const testLines = (test: readonly Evaluation[], tasks: readonly string[] | undefined): string[] =>
  test.flatMap((each, i) => {
    const task = tasks ? `${tasks[i]}: ` : '';
    const areas = areasText(each);
    return [
      ...(areas === undefined ? [] : [`  test AUROC    ${task}${areas}`]),
      `  test r        ${task}${testText(each)}`,
    ];
  });

function areasText(test: Evaluation): string | undefined {
  const { auroc, auprc, positives, n } = test;
  if (auroc === undefined || auprc === undefined || positives === undefined) return undefined;
  const why = whyNoAreas(test);
  return why === undefined
    ? `${coefficient(auroc)} (AUPRC ${coefficient(auprc)}, ${positives.toLocaleString('en')} of ${n.toLocaleString('en')} of class 1)`
    : `undefined, since ${why}`;
}

function testText(test: Evaluation): string {
  const why = whyUndefined(test);
  return why === undefined
    ? `${coefficient(test.pearson)} (Spearman ${coefficient(test.spearman)}, n = ${test.n.toLocaleString('en')})`
    : `undefined, since ${why}`;
}
