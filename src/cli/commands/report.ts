/**
 * `residualbind report`: sweep, motif, experiments and mutagenesis of a model as one page, with every
 * figure's numbers beside it.
 */

import { basename, join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { evaluationSet, type Probes } from '../../data/index.node.js';
import { isWord } from '../../data/sequences/letters.js';
import { breathing } from '../../device/breathe.js';
import { count } from '../../device/count.js';
import type { ExperimentResult, Skipped } from '../../gia/experiments/index.js';
import { readTable } from '../../gia/files/table-file.node.js';
import { measurementsInSteps } from '../../gia/measurement/measurements.js';
import { lettersOfName, type StoredRow, topRow } from '../../gia/tables/table-reader.js';
import { MANIFEST_FILE, type ModelFile } from '../../nn/files/model-files.node.js';
import { replicatesIn } from '../../nn/files/replicates.node.js';
import {
  answersByTask,
  type OnStep,
  type ReportAnswers,
  type ReportStep,
  type TaskAnswers,
} from '../../report/ask-model.js';
import type { ReportFile } from '../../report/figures/figure-files.js';
import type { Theme } from '../../report/page/page-style.js';
import type { ReplicatesAnswers } from '../../report/replicates/ask-replicates.js';
import { type Fact, reportFacts, skippedText, trainedAs, unitOf } from '../../report/report-facts.js';
import { reportNumbers } from '../../report/report-numbers.js';
import { measuredWarning } from '../../report/sections/measured-section.js';
import { resultFiles } from '../../report/stored-report.js';
import { listed } from '../../report/wording.js';
import { readAffinities } from '../affinities.js';
import { type AnalysisOptions, AnalysisRun, type SweepTable } from '../analysis/analysis.js';
import { withBackgrounds } from '../analysis/background-options.js';
import { readMeasured } from '../analysis/beside-data.js';
import { withPairProgress } from '../analysis/pairs.js';
import { checkedMotif, rowsOfOne } from '../analysis/subjects.js';
import { type ReadGiven, readGivenFile } from '../models/given-sequences.js';
import { normalisationOf, withTask } from '../models/models.js';
import { precisionFacts } from '../models/precision.js';
import { examples, outputPath, positiveInteger, themeOption } from '../options.js';
import { checkFolder, writeResult } from '../output/files.js';
import { jsonText, lockFolder, refuseOtherRun } from '../output/output.js';
import { checkTasks } from '../probe-options.js';
import { UsageError } from '../terminal/errors.js';
import { type Io, note, printResult } from '../terminal/io.js';
import { duration, Progress } from '../terminal/progress.js';
import { CHOSEN_SUBOPTIMAL } from './experiments.js';

interface ReportOptions extends AnalysisOptions {
  /** A folder. */
  readonly out?: string;
  readonly table?: string;
  readonly data?: string;
  readonly logos: number;
  readonly suboptimal?: string;
  readonly affinity?: string;
  readonly show?: string;
  readonly name?: string;
  readonly theme: Theme;
}

export const PAGE = 'report.html';

export function addReport(program: Command, io: Io): void {
  const command = program
    .command('report')
    .description('what a model has learned, as one page: sweep, motif, experiments, mutagenesis')
    .argument('<model>', 'directory that train or study wrote, or a .safetensors file')
    .requiredOption('--out <dir>', `folder for ${PAGE}, its figures and their numbers`, outputPath)
    .addOption(
      new Option(
        '--table <file>',
        'a sweep of this model that gia sweep wrote, .tsv or .json (default: sweep all 6-mers in the middle of the letters of probes, at 17 in 41 letters)',
      ),
    )
    .option(
      '--data <file>',
      'probes as for train: agreement with set B, measured scores beside the sweep, and the sequences with the highest predictions letter by letter',
    )
    .option('--logos <n>', 'sequences of --data to show letter by letter', positiveInteger, 5)
    .option('--suboptimal <letters>', CHOSEN_SUBOPTIMAL)
    .option(
      '--affinity <file>',
      'table of patterns and dissociation constants, as for gia affinity, to compare with importances',
    )
    .option(
      '--show <file>',
      'sequences to show letter by letter instead of the best of --data; FASTA records may end with a dot-bracket line, which is drawn',
    )
    .option('--name <text>', 'name of the model on the page (default: its folder)')
    .addOption(themeOption());
  withBackgrounds(withTask(command))
    .addHelpText(
      'after',
      examples(
        'report run --out run/report',
        'report run --data probes.tsv.gz --table 6-mers.tsv --name VTS1 --out report',
        'report run --affinity kd.csv --suboptimal AGAAUG --out report',
        'report run --show folded.fasta --out report',
      ),
    )
    .action((path: string, options: ReportOptions) => report(io, path, options));
}

async function report(io: Io, path: string, options: ReportOptions): Promise<void> {
  const { out = '' } = options;
  const suboptimal = options.suboptimal === undefined ? undefined : checkedMotif(options.suboptimal);
  using _lock = await lockFolder(out, [PAGE, MANIFEST_FILE]);
  await refuseOtherRun(out, 'report');
  await checkFolder(join(out, 'figures'));
  const input = await readInput(io, path, options);
  const { out: _, ...rest } = options;
  using run = await AnalysisRun.open(io, {
    command: 'report',
    paths: [path],
    options: { ...rest, ...(input.affinities && { affinities: input.affinities.file }) },
    parts: () => [],
    ...(input.listed ? { sweep: input.listed } : { swept: 4 ** 6 }),
    keepsLocal: true,
    shown: 0,
  });
  const answers = await asked(io, run, options, input, suboptimal);
  for (const each of partsOf(answers)) noteMeasured(io, each);
  run.stage('report');
  const { modelReport } = await import('../../report/model-report.js');
  const name = options.name ?? basename(resolve(path));
  const { precision } = run.known;
  const made = await modelReport({
    ...answers,
    seeds: run.files.map(({ facts }, i) => facts.seed ?? i + 1),
    name,
    unit: unitOf(run.files[0]!),
    // A table that was given does not say in which precision it was computed.
    precisions: { sweep: input.listed ? 'f32' : precision, others: precision },
    theme: options.theme,
    facts: factsOf(run, path, options, answers, suboptimal),
  });
  await write(out, made, answers);
  const about = {
    name,
    ...(await run.finish(extentOf(run, answers))),
    trained: trainedAs(run.files[0]!),
    ...reportNumbers(answers),
  };
  await writeResult(join(out, MANIFEST_FILE), jsonText(about));
  const files = made.files.map(({ path: file }) => file);
  const experiments = partsOf(answers).reduce((sum, each) => sum + each.experiments.length, 0);
  printResult(
    io,
    options.json,
    { ...about, report: join(out, PAGE), files },
    `${join(out, PAGE)}: ${topText(answers)}, ${count(experiments, 'experiment')}, ${count(files.length, 'figure or table', 'figures and tables')}, in ${duration(run.session.watch.seconds)}`,
  );
}

/** What one model answered, or replicates. */
type Answers = ReportAnswers | ReplicatesAnswers;

/** The answers of every task; of replicates those that are common. */
const partsOf = (answers: Answers) => ('replicates' in answers ? [answers] : answersByTask(answers));

/** How much was asked, for the manifest. */
const extentOf = ({ backgrounds }: AnalysisRun, answers: Answers) => ({
  ...('tasks' in answers ? {} : { motif: answers.motif }),
  backgrounds: backgrounds.count,
  patterns: partsOf(answers)[0]!.sweep.length,
});

/** The most important k-mer, or that of each task. */
const topText = (answers: Answers): string =>
  'tasks' in answers
    ? `top 6-mers ${listed(answers.tasks.map(({ task, motif }) => `${motif} (${task})`))}`
    : `top 6-mer ${answers.motif}`;

/** Warns where measurements do not confirm the top k-mer. */
function noteMeasured(
  io: Io,
  { measured, task }: Pick<TaskAnswers, 'measured'> & { readonly task?: string },
): void {
  const warning = measured && measuredWarning(measured);
  if (warning !== undefined) note(io, task === undefined ? warning : `${task}: ${warning}`);
}

/** What is read before the work. */
interface Input {
  /** A sweep that was computed before. */
  readonly listed: SweepTable | undefined;
  readonly probes: Probes | undefined;
  readonly affinities: Awaited<ReturnType<typeof readAffinities>> | undefined;
  readonly given: ReadGiven | undefined;
}

async function readInput(io: Io, path: string, options: ReportOptions): Promise<Input> {
  const { table, data, affinity, show } = options;
  const listed = table === undefined ? undefined : { path: table, ...(await readTable(table)) };
  if (listed) {
    if ((await replicatesIn(path)).length > 1)
      throw new UsageError('--table goes with a single network; leave it out to sweep all of them');
    const top = lettersOfName(topRow(listed.rows).pattern);
    if (!isWord(top))
      throw new UsageError(`the top pattern of ${table} is ${top}, and experiments need a k-mer`);
  }
  const probes = data === undefined ? undefined : await readMeasured(io, data, path, options);
  const affinities = affinity === undefined ? undefined : await readAffinities(io, affinity);
  const given = show === undefined ? undefined : await readGivenFile(io, show, options);
  return { listed, probes, affinities, given };
}

/** What the model answers, with progress. */
async function asked(
  io: Io,
  run: AnalysisRun,
  { logos }: ReportOptions,
  { listed, probes, affinities, given }: Input,
  suboptimal: string | undefined,
): Promise<Answers> {
  const { model, files, backgrounds, computing } = run;
  const [file] = files as [ModelFile];
  if (probes) {
    normalisationOf(file, '--data');
    checkTasks(probes, model.outputs, file.facts.tasks);
  }
  const questions = {
    ...computing,
    backgrounds,
    suboptimal,
    ...(affinities && { affinities: { measured: affinities.measured, unit: affinities.file.unit } }),
    probes: probes && evaluationSet(probes, file),
    measurements: probes && (await breathing(measurementsInSteps(probes, file), io.signal)),
    sequences: given?.encode(model.length),
    most: logos,
    signal: io.signal,
    onStep: <T>(step: ReportStep, work: (onProgress?: OnStep) => Promise<T>) =>
      withStepProgress(io, run, step, work),
    onResult: ({ experiment }: ExperimentResult, motif: string, task: string | undefined) =>
      note(io, `${experiment} of ${motif}${task === undefined ? '' : ` (${task})`}: done`),
    onSkipped: (skipped: Skipped) => note(io, skippedText(skipped)),
  };
  const { askModel, askReplicates } = await import('../../report/index.js');
  if (model.models === 1)
    return await askModel(model, { ...questions, sweep: listed && sweepFor(run, listed.rows) });
  return await askReplicates(model, questions);
}

/** The rows for the tasks that were chosen. */
const sweepFor = ({ model, analysis }: AnalysisRun, rows: readonly StoredRow[]): readonly StoredRow[] =>
  model.outputs > 1 ? rows : rowsOfOne(rows, analysis.options.task).map(({ task: _, ...row }) => row);

/** Runs a step as a stage of the profile; the sweep and predictions have a progress bar. */
async function withStepProgress<T>(
  io: Io,
  run: AnalysisRun,
  { name, total = 0 }: ReportStep,
  work: (onProgress?: OnStep) => Promise<T>,
): Promise<T> {
  run.stage(name === 'predictions' ? 'sequences' : name);
  if (name === 'sweep') return await withPairProgress(io, { total }, ({ onProgress }) => work(onProgress));
  if (name !== 'predictions') return await work();
  using progress = new Progress(io, { label: 'predicting', total, unit: 'sequences/s' });
  const result = await work(({ done }) => progress.update(done));
  progress.finish();
  return result;
}

/** How the page was made, for its last section. */
function factsOf(
  { files, backgrounds, known, session, gpu }: AnalysisRun,
  path: string,
  { table }: ReportOptions,
  { sweep, skipped }: Answers,
  suboptimal: string | undefined,
): readonly Fact[] {
  const { started, seconds } = session.watch;
  return reportFacts({
    model: { ...files[0]!, path },
    others: files.slice(1),
    backgrounds,
    sweep,
    table,
    skipped,
    suboptimal,
    more: precisionFacts(known),
    adapter: gpu.adapter,
    made: `${started.toISOString()}, in ${duration(seconds)}`,
  });
}

/** Writes figures and tables, the results of experiments, and last the page. */
async function write(
  out: string,
  { page, files }: { readonly page: string; readonly files: readonly ReportFile[] },
  answers: Answers,
): Promise<void> {
  for (const { path, contents } of [...files, ...resultFiles(partsOf(answers))]) {
    await checkFolder(join(out, path, '..'));
    await writeResult(join(out, path), contents);
  }
  await writeResult(join(out, PAGE), page);
}
