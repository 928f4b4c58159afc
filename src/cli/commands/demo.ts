/**
 * `residualbind demo`: simulates probes with a planted motif, trains, evaluates, sweeps all 6-mers, and says
 * whether the motif was recovered. Everything is written at the end, so a cancelled demo leaves nothing.
 */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import {
  type Experiment,
  formatProbes,
  prepareExperiment,
  simulateProbes,
  trainingFacts,
} from '../../data/index.node.js';
import { count as counted } from '../../device/count.js';
import { CancelledError, ConflictError } from '../../device/errors.js';
import type { Gpu } from '../../device/gpu.js';
import { makeBackgrounds } from '../../gia/backgrounds/backgrounds.js';
import { sweep } from '../../gia/importance.js';
import { withColumnNames } from '../../gia/tables/column-names.js';
import { resultTable, statisticsOf } from '../../gia/tables/result-table.js';
import { type GiaTable, topRows, toTsv } from '../../gia/tables/table.js';
import { type Agreement, agreement } from '../../nn/agreement.js';
import { inputOf } from '../../nn/architecture.js';
import { MANIFEST_FILE, MODEL_FILE, saveModel } from '../../nn/files/model-files.node.js';
import { PRESETS } from '../../nn/presets.js';
import { ResidualBind } from '../../nn/residualbind.js';
import { coefficient } from '../../report/correlation.js';
import { type DemoReport, type DemoStage, demoReport, isRecovered } from '../../report/demo-report.js';
import type { Theme } from '../../report/page/page-style.js';
import { withPairProgress } from '../analysis/pairs.js';
import { type DemoSizes, demoSizes } from '../demo-sizes.js';
import { predictWithProgress } from '../models/models.js';
import {
  examples,
  type GpuFlags,
  outputPath,
  type ProfileOptions,
  type SeededOptions,
  themeOption,
  withGpu,
  withProfile,
  withSeed,
} from '../options.js';
import { writeResult } from '../output/files.js';
import { Stopwatch } from '../output/manifest.js';
import { commandIn, jsonText, lockFolder } from '../output/output.js';
import { Session } from '../session.js';
import { aligned, importanceTable } from '../tables.js';
import { type Io, note, printResult } from '../terminal/io.js';
import { duration } from '../terminal/progress.js';
import { trainWithProgress } from '../training.js';

interface DemoOptions extends GpuFlags, ProfileOptions, SeededOptions {
  readonly out: string;
  readonly quick?: boolean;
  readonly theme: Theme;
}

const MOTIF = 'UGCAUG';
const TABLE_FILE = '6-mers.tsv';

export function addDemo(program: Command, io: Io): void {
  const command = program
    .command('demo')
    .description('simulate, train, evaluate and sweep in a minute or two, and recover a planted motif')
    .option(
      '--out <dir>',
      'folder for probes, model, table, manifest and report.html',
      outputPath,
      'demo-output',
    )
    .option('--quick', 'a smaller model, fewer backgrounds')
    .addOption(themeOption());
  withGpu(withSeed(withProfile(command), 'everything'))
    .addHelpText(
      'after',
      examples('demo', 'demo --quick --adapter swiftshader', 'demo --seed 2 --out /tmp/demo'),
    )
    .action((options: DemoOptions) => demo(io, options));
}

async function demo(io: Io, options: DemoOptions): Promise<void> {
  const { out, seed, quick = false, json } = options;
  using _lock = await lockFolder(out, [MODEL_FILE, TABLE_FILE, MANIFEST_FILE, 'probes.tsv', 'report.html']);
  await refuseForeignFiles(out);
  using session = await Session.start(io, { command: 'demo', options });
  const gpu = await session.open();
  const sizes = demoSizes(gpu.adapter.class, quick);
  const sentence = describe(sizes);
  note(io, sentence);
  const stages = new DemoStages(io, session);
  const { probes, truth } = await stages.run(
    'simulate',
    `${sizes.probes} probes with ${MOTIF} planted`,
    async () => simulateProbes({ count: sizes.probes, motif: MOTIF, seed }),
  );
  using model = await ResidualBind.create(gpu, { filters: sizes.filters, hidden: sizes.hidden, seed });
  const experiment = prepareExperiment(probes, inputOf(model.architecture), { seed });
  const { test, table } = await learned(io, stages, model, experiment, sizes, seed);

  session.stage('report');
  const { watch } = session;
  const report: DemoReport = {
    adapter: gpu.adapter,
    planted: truth.consensus,
    top: topRows(table),
    test,
    sizes: sentence,
    stages: stages.done,
    started: watch.started.toISOString(),
    theme: options.theme,
  };
  const { seconds } = watch;
  const { signal: _, ...planted } = truth;
  const { normalisation } = experiment;
  await saveModel(out, model, { preset: 'paper', seed, ...trainingFacts(experiment) });
  await writeResult(join(out, 'probes.tsv'), formatProbes(probes));
  await writeResult(join(out, TABLE_FILE), toTsv(table));
  await writeResult(join(out, 'report.html'), demoReport(report));
  const record = await session.finish({
    seed,
    preset: 'paper',
    architecture: model.architecture,
    sizes,
    truth: planted,
    normalisation,
    metrics: { test },
    recovered: isRecovered(report),
    stages: stages.done,
  });
  await writeResult(join(out, MANIFEST_FILE), jsonText(record));
  const printed = { ...record, out, top: report.top.map(withColumnNames) };
  printResult(io, json, printed, summary(gpu, report, out, seconds));
}

/** Stages one after the other, each announced and timed. */
class DemoStages {
  readonly done: DemoStage[] = [];

  constructor(
    readonly io: Io,
    readonly session: Session,
  ) {}

  async run<T>(name: string, what: string, work: () => Promise<T>): Promise<T> {
    note(this.io, `${name}: ${what}`);
    this.session.stage(name);
    const watch = new Stopwatch(this.session.gpu);
    const result = await work();
    this.done.push({ name, what, seconds: watch.seconds, ...watch.work });
    return result;
  }
}

/** Trains, evaluates and sweeps. @throws CancelledError, after which nothing is written */
async function learned(
  io: Io,
  stages: DemoStages,
  model: ResidualBind,
  experiment: Experiment,
  { epochs, batch, learningRate, backgrounds: count }: DemoSizes,
  seed: number,
): Promise<{ readonly test: Agreement; readonly table: GiaTable }> {
  const { counts, profile } = experiment;
  await stages.run('train', `${counted(epochs, 'epoch')} of ${counted(counts.train, 'probe')}`, async () => {
    const run = { model, experiment, epochs, batch, seed, learningRate };
    const { reason } = await trainWithProgress(io, run);
    if (reason === 'cancelled')
      throw new CancelledError('the demo was cancelled during training; nothing was written');
  });
  const { codes, scores } = experiment.test!;
  const test = await stages.run('evaluate', `${counts.test} probes not trained on`, async () =>
    agreement(await predictWithProgress(io, model, { codes }, 'predicting'), scores),
  );
  const table = await stages.run('sweep', `4,096 6-mers in ${count} backgrounds`, async () => {
    const backgrounds = makeBackgrounds({ kind: 'profile', count, length: model.length, seed, profile });
    const result = await withPairProgress(io, { total: 4 ** 6 * count }, (progress) =>
      sweep(model, { backgrounds, ...progress }),
    );
    return (await resultTable(statisticsOf(result))).table;
  });
  return { test, table };
}

/** Sizes in a sentence, and why they are small where they are. */
function describe({ filters, hidden, learningRate, probes, backgrounds }: DemoSizes): string {
  const { filters: fullFilters, hidden: fullHidden } = PRESETS.paper.sizes;
  const model =
    filters === fullFilters
      ? `The paper's model (${filters} filters, ${hidden} hidden units)`
      : `A narrow model (${filters} filters, ${hidden} hidden units instead of ${fullFilters} and ${fullHidden}), since this adapter computes on the CPU; learning rate ${learningRate}`;
  return `${model}; ${probes.toLocaleString('en')} simulated probes, ${backgrounds} backgrounds (the paper uses 1,000).`;
}

function summary({ adapter }: Gpu, report: DemoReport, out: string, seconds: number): string {
  const { planted, top, test, stages } = report;
  const best = top[0]!.pattern;
  return [
    '',
    `Planted motif: ${planted}. Most important 6-mer: ${best}. ${isRecovered(report) ? 'The motif is recovered.' : 'The motif is NOT recovered.'}`,
    `Test: Pearson ${coefficient(test.pearson, 3)}, Spearman ${coefficient(test.spearman, 3)}, ${test.n} probes.`,
    '',
    importanceTable(top),
    '',
    aligned([
      ['stage', 'time', 'dispatches', 'submits'],
      ...stages.map((s) => [s.name, duration(s.seconds), String(s.dispatches), String(s.submits)]),
      ['total', duration(seconds), ...totals(stages)],
    ]),
    '',
    `Adapter: ${adapter.name} (${adapter.class})`,
    `Report: ${join(out, 'report.html')}`,
    `Try next: npx residualbind report ${out} --data ${join(out, 'probes.tsv')} --backgrounds 200 --out ${join(out, 'report')}`,
  ].join('\n');
}

const totals = (stages: readonly DemoStage[]): string[] =>
  (['dispatches', 'submits'] as const).map((what) => String(stages.reduce((sum, s) => sum + s[what], 0)));

/** Overwrites an earlier demo, but nothing else. @throws ConflictError */
async function refuseForeignFiles(folder: string): Promise<void> {
  // A name with a dot is this run's lock.
  const files = (await readdir(folder)).filter((name) => !name.startsWith('.residualbind-'));
  if (files.length > 0 && (await commandIn(folder)) !== 'demo') {
    throw new ConflictError(
      `${folder} holds files that no demo wrote, such as ${files.includes(MODEL_FILE) ? MODEL_FILE : files[0]}; name another folder with --out`,
    );
  }
}
