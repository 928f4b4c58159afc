/** `residualbind study`: every experiment of a data set trained and reported, and a survey of all of them. */

import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { chosenNames } from '../../data/chosen-names.js';
import { checkSet, type ExperimentSet, INPUT_LENGTH } from '../../data/index.node.js';
import type { Owner } from '../../device/adapter/owner.node.js';
import { count } from '../../device/count.js';
import { ConflictError } from '../../device/errors.js';
import { outputsOf } from '../../nn/architecture.js';
import { MANIFEST_FILE } from '../../nn/files/model-files.node.js';
import { coefficient } from '../../report/correlation.js';
import { dataWarnings } from '../../report/data-check.js';
import type { Theme } from '../../report/page/page-style.js';
import { chosenPlaces, placesOfShard, type StudyOptions, study } from '../../report/study/study.node.js';
import {
  REPORT_FOLDER,
  type StudyEntry,
  type StudyTraining,
  studyEntries,
} from '../../report/study/study-files.node.js';
import { type NetworkOptions, networkChoice, withNetwork } from '../models/network-choice.js';
import {
  choice,
  examples,
  fraction,
  type GpuFlags,
  modelsAtOnceOption,
  outputPath,
  type ProfileOptions,
  positive,
  positiveInteger,
  type SeededOptions,
  themeOption,
  withGpu,
  withSeed,
} from '../options.js';
import { checkFolder, saveIfPossible, writeResult } from '../output/files.js';
import { Lock } from '../output/lock.js';
import { jsonText, refuseOtherRun } from '../output/output.js';
import { noteLeftOut, type ProbeOptions, readingOf, withProbes } from '../probe-options.js';
import { readWithProgress } from '../reading.js';
import { Session } from '../session.js';
import { conclusion } from '../study-text.js';
import {
  checkSurveyFiles,
  readSurveyFiles,
  type SurveyFileOptions,
  type SurveyFiles,
  withSurveyFiles,
} from '../survey-files.js';
import { checkedOption, EXIT, UsageError } from '../terminal/errors.js';
import { type Io, note, printResult } from '../terminal/io.js';
import { OrderlyLoop } from '../terminal/orderly.js';
import { Progress } from '../terminal/progress.js';
import { makeSurvey } from './survey.js';

interface StudyCommandOptions
  extends GpuFlags,
    ProfileOptions,
    SeededOptions,
    ProbeOptions,
    NetworkOptions,
    SurveyFileOptions,
    Required<
      Pick<StudyOptions, 'epochs' | 'batch' | 'learningRate' | 'validation' | 'transform' | 'backgrounds'>
    > {
  readonly out: string;
  readonly only?: string;
  readonly replicates: number;
  readonly shard?: NonNullable<StudyOptions['shard']>;
  readonly surveyOnly?: boolean;
  readonly test?: string;
  readonly modelsAtOnce?: number;
  readonly theme: Theme;
}

const SURVEY_FOLDER = 'survey';

export function addStudy(program: Command, io: Io, exit: (code: number) => void): void {
  const command = program
    .command('study')
    .description('train and report every experiment of a data set, and survey all of them')
    .argument('<tables...>', 'a data set that prepare wrote, or tables as for prepare')
    .requiredOption('--out <dir>', 'folder of the study; the same command continues there', outputPath)
    .option('--only <names>', 'experiments to study, separated by commas (default: all that are read)')
    .option(
      '--replicates <n>',
      'number of networks of each experiment, trained from different seeds; reports begin with what they have in common',
      positiveInteger,
      1,
    )
    .option(
      '--shard <i/n>',
      'every n-th experiment, starting with the i-th, so that n machines share the work; the last one makes the survey',
      shardOf,
    )
    .option('--survey-only', 'only make the survey, from the reports that are finished')
    .option('--test <file>', 'a table of the same experiments; its probes become set B');
  withStudyRecipe(withNetwork(command)).option(
    '--backgrounds <n>',
    'sequences into which each pattern is embedded',
    positiveInteger,
    1000,
  );
  withSurveyFiles(command).addOption(themeOption());
  withGpu(withSeed(withProbes(command, 'experiments'), 'split, weights, shuffles, dropout and backgrounds'))
    .addHelpText(
      'after',
      `
Each experiment has a folder with model, checkpoint and report. A study that was killed continues with
the same command. An experiment that fails is reported at the end, and the others go on; the same
command tries it again. With --replicates, the folder of an experiment has further networks in
replicate-2 and so on; report and gia take the folder for all of them. --names, --published and
--compare go to the survey and may differ from run to run. With --survey-only, nothing but the survey
is made again.
${examples(
  'study rnacompete2013.parquet --out study',
  'study rnacompete2013.parquet --out study --only RNCMPT00168,RNCMPT00111 --epochs 30',
  'study VTS1.tsv.gz HuR.tsv.gz U1A.tsv.gz --out rnacompete2009',
  'study rnacompete2013.parquet --out study --replicates 3',
  'study rnacompete2013.parquet --out study --shard 1/4',
  'study rnacompete2013.parquet --out study --survey-only --names info_all.tab --published pearson.tsv --compare known.meme',
)}`,
    )
    .action(async (tables: string[], options: StudyCommandOptions) => exit(await run(io, tables, options)));
}

/** --epochs, --batch, --learning-rate, --validation, --transform and --models-at-once. */
const withStudyRecipe = (command: Command): Command =>
  command
    .option('--epochs <n>', 'maximum number of epochs', positiveInteger, 300)
    .option('--batch <n>', 'probes per step', positiveInteger, 100)
    .option('--learning-rate <x>', 'initial learning rate of Adam', positive, 1e-3)
    .option('--validation <share>', 'share of the training probes to validate on', fraction, 0.1)
    .addOption(
      choice(
        '--transform <kind>',
        'transformation of scores before the z-score',
        ['log', 'clip', 'none'],
        'log',
      ),
    )
    .addOption(modelsAtOnceOption());

async function run(io: Io, tables: readonly string[], options: StudyCommandOptions): Promise<number> {
  const { out, test, scores, json, surveyOnly } = options;
  if (tables.length > 1 && (test ?? scores) !== undefined)
    throw new UsageError('--scores and --test need exactly one table');
  const shapeOf = await networkChoice(options);
  await checkFolder(out, [MANIFEST_FILE]);
  await refuseOtherRun(out, 'study');
  using _lock = await lockStudy(io, options);
  using session = await Session.start(io, { command: 'study', given: { tables }, options });
  const set = await readWithProgress(io, tables, { ...readingOf(options), test });
  noteLeftOut(io, set.source, set.leftOut, set.notes);
  session.stage('check');
  const check = checkSet(set);
  for (const warning of dataWarnings(check)) note(io, warning);
  const asked = { ...options, folder: out, only: onlyOf(options, set) };
  const places = chosenPlaces(set, asked);
  const files = await readSurveyFiles(io, options);
  checkSurveyFiles(
    files,
    places.map(({ name }) => name),
  );
  if (!surveyOnly) {
    const architecture = shapeOf({ length: lengthOf(set), outputs: 1 });
    if (outputsOf(architecture) !== 1) throw new UsageError('study trains networks of one output');
    await compute(io, session, set, { ...asked, architecture });
  }
  const entries = () => studyEntries(places, options.replicates);
  if (surveyOnly && !(await entries()).some(({ status }) => status === 'reported'))
    throw new UsageError(
      `${out} has no report of these experiments yet; leave out --survey-only to make them`,
    );
  // Reports are finished by now, and are recorded even if the survey fails.
  const survey = await settled(surveyIfDone(io, await entries(), options, files));
  const surveyed = survey.value;
  const about = { inputs: set.inputs, check, survey: surveyed ?? null };
  const record = await writeRecord(join(out, MANIFEST_FILE), entries, await session.finish(about));
  if ('error' in survey) throw survey.error;
  printResult(io, json, record, conclusion(record.experiments, surveyed, out));
  // Other shards say themselves what failed in them.
  const own = placesOfShard(record.experiments, options.shard);
  return own.some(({ status }) => status === 'failed') ? EXIT.failure : EXIT.ok;
}

/**
 * Writes the manifest, which all shards share. A shard that ends at the same moment may have written a later
 * state in between, so the state is read again until it is the one that was written.
 */
async function writeRecord<About extends object>(
  path: string,
  entries: () => Promise<readonly StudyEntry[]>,
  about: About,
) {
  let experiments = await entries();
  for (;;) {
    const record = { ...about, experiments };
    await writeResult(path, jsonText(record));
    experiments = await entries();
    if (jsonText(experiments) === jsonText(record.experiments)) return record;
  }
}

/** What came of some work, to be looked at later. */
const settled = <Value>(
  work: Promise<Value>,
): Promise<{ readonly value?: Value; readonly error?: unknown }> =>
  work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );

/** Names that --only chooses; undefined for all. @throws UsageError for one that comes twice */
const onlyOf = ({ only }: StudyCommandOptions, { experiments }: ExperimentSet) =>
  only === undefined ? undefined : checkedOption(() => chosenNames(only, experiments));

/** Trains and reports, with progress. */
async function compute(
  io: Io,
  session: Session,
  set: ExperimentSet,
  options: Omit<StudyCommandOptions, 'only'> & Pick<StudyOptions, 'folder' | 'only' | 'architecture'>,
): Promise<void> {
  const gpu = await session.open();
  session.stage('train');
  const loop = new OrderlyLoop();
  using bars = new StudyBars(io, options.replicates);
  await study(gpu, set, {
    ...options,
    ...(options.network !== undefined && { preset: undefined }),
    signal: io.signal,
    saving: (work) => saveIfPossible(io, options.folder, work),
    ...bars.callbacks,
    onTraining: (progress) => {
      loop.enter();
      bars.callbacks.onTraining(progress);
    },
    onReports: (progress) => {
      loop.leave();
      if (progress.done === 0) session.stage('report');
      bars.callbacks.onReports(progress);
    },
  }).finally(() => loop.leave());
}

/** The positions of the input: 41, or the longest probe where that is longer. */
function lengthOf({ starts }: ExperimentSet): number {
  let longest = INPUT_LENGTH;
  for (let record = 0; record + 1 < starts.length; record++)
    longest = Math.max(longest, starts[record + 1]! - starts[record]!);
  return longest;
}

/**
 * Shards of one division run side by side, each only once; without --shard, a study runs alone. Shards of
 * other chosen experiments are another division.
 */
function lockStudy(io: Io, { out, only, shard, surveyOnly }: StudyCommandOptions): Promise<Lock> {
  if (surveyOnly) return Lock.take(out, SURVEY_FOLDER, out);
  const nameOf = (number: number): string => (shard ? `shard-${number}-of-${shard.of} ${only ?? ''}` : '');
  const others = Array.from({ length: shard?.of ?? 0 }, (_, i) => i + 1).filter((n) => n !== shard?.number);
  const onWait = ({ pid }: Owner): void =>
    note(
      io,
      `${out}: process ${pid} of another machine writes there or was killed; waiting for a sign of it, at most a minute`,
    );
  return Lock.take(out, nameOf(shard?.number ?? 0), out, {
    besides: [SURVEY_FOLDER, ...others.map(nameOf)],
    watch: { signal: io.signal, onWait },
  });
}

/**
 * Makes the survey when every experiment has a report or has failed, or when it is asked for.
 *
 * @returns the folder; undefined where other shards are still at work, or nothing was reported
 */
async function surveyIfDone(
  io: Io,
  entries: readonly StudyEntry[],
  { out, surveyOnly, ...options }: StudyCommandOptions,
  files: SurveyFiles,
): Promise<string | undefined> {
  const reported = entries.filter(({ status }) => status === 'reported');
  const isDone = entries.every(({ status }) => status === 'reported' || status === 'failed');
  if (reported.length === 0 || !(isDone || surveyOnly)) return undefined;
  const folder = join(out, SURVEY_FOLDER);
  const folders = reported.map((entry) => join(entry.folder, REPORT_FOLDER));
  try {
    // What it prints is not the result of this command.
    const { theme, names, published, compare } = options;
    const asked = { out: folder, theme, names, published, compare };
    await makeSurvey({ ...io, stdout: io.stderr }, folders, asked, files);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    note(io, `another shard makes the survey (${error.message})`);
  }
  return folder;
}

/**
 * Bars over all experiments, and a line for each network that is trained and each experiment that has failed.
 */
class StudyBars implements Disposable {
  #bar: { readonly label: string; readonly progress: Progress } | undefined;

  constructor(
    readonly io: Io,
    readonly replicates: number,
  ) {}

  readonly callbacks = {
    onPrepared: ({ done, total }: { readonly done: number; readonly total: number }) =>
      this.#show('preparing', done, total),
    onTraining: ({ done, total }: { readonly done: number; readonly total: number }) =>
      this.#show('training', done, total),
    onTrained: (name: string, { epochs, validation }: StudyTraining, network: number) =>
      note(
        this.io,
        `${name}${this.replicates > 1 ? `, network ${network}` : ''}: trained ${count(epochs, 'epoch')}, validation r ${coefficient(validation ?? Number.NaN)}`,
      ),
    onReports: ({ done, total }: { readonly done: number; readonly total: number; readonly name: string }) =>
      this.#show('reports', done, total),
    onFailed: (name: string, message: string) => note(this.io, `warning: ${name} failed: ${message}`),
  };

  #show(label: string, done: number, total: number): void {
    if (this.#bar?.label !== label) {
      this.#bar?.progress.finish();
      this.#bar = { label, progress: new Progress(this.io, { label, total }) };
    }
    this.#bar.progress.update(done);
  }

  [Symbol.dispose](): void {
    this.#bar?.progress.stop();
  }
}

/** --shard */
function shardOf(text: string): NonNullable<StudyOptions['shard']> {
  const [, number, of] = /^(\d+)\/(\d+)$/.exec(text.trim()) ?? [];
  const shard = { number: Number(number), of: Number(of) };
  if (!(shard.number >= 1 && shard.number <= shard.of))
    throw new InvalidArgumentError('It must be a number and how many there are, such as 1/4.');
  return shard;
}
