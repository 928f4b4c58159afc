/**
 * `residualbind report`: sweep, motif, experiments and mutagenesis of a model as one page, with every
 * figure's numbers beside it.
 */

import { basename, join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { encodeSequences, normalisedScores, readProbes, testProbes } from '../../data/index.node.js';
import { count } from '../../device/count.js';
import {
  bySequence,
  type GivenSequences,
  type SequenceAttribution,
} from '../../gia/attribution/attribution-files.js';
import { mutagenesis } from '../../gia/attribution/mutagenesis.js';
import { lettersIn } from '../../gia/backgrounds/backgrounds.js';
import { describeRange, widthOf } from '../../gia/backgrounds/letters.js';
import { importance, kmerPatterns, kmerPosition } from '../../gia/importance.js';
import { namedResult } from '../../gia/tables/column-names.js';
import { giaTable } from '../../gia/tables/table.js';
import type { StoredRow } from '../../gia/tables/table-reader.js';
import { besideSweep } from '../../kernels/precision.js';
import { type Agreement as Correlations, agreement as correlate } from '../../nn/agreement.js';
import { lossKindOf } from '../../nn/architecture.js';
import type { ModelFacts } from '../../nn/files/model-facts.js';
import { MANIFEST_FILE } from '../../nn/files/model-files.node.js';
import { summaryOf } from '../../nn/presets.js';
import { fixed } from '../../report/figures/svg.js';
import type { Theme } from '../../report/page/page-style.js';
import type { Agreement } from '../../report/sections/agreement-section.js';
import { readAffinities } from '../affinities.js';
import { type AnalysisOptions, AnalysisRun } from '../analysis/analysis.js';
import { withBackgrounds } from '../analysis/background-options.js';
import { checkedMotif, readTable, skippedText } from '../analysis/experiment-run.js';
import { withPairProgress } from '../analysis/pairs.js';
import { readGiven } from '../models/given-sequences.js';
import { predictWithProgress } from '../models/models.js';
import { precisionFacts } from '../models/precision.js';
import { examples, outputPath, positiveInteger, themeOption } from '../options.js';
import { checkFolder, writeResult } from '../output/files.js';
import { lockFolder, refuseOtherRun } from '../output/output.js';
import { noteLeftOut, readingOf } from '../probe-options.js';
import { UsageError } from '../terminal/errors.js';
import { type Io, note, printResult } from '../terminal/io.js';
import { duration } from '../terminal/progress.js';
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
    .argument('<model>', 'directory that train wrote, or a .safetensors file')
    .requiredOption('--out <dir>', `folder for ${PAGE}, its figures and their numbers`, outputPath)
    .addOption(
      new Option(
        '--table <file>',
        'a sweep that gia sweep wrote, .tsv or .json (default: sweep all 6-mers at 17 or in the middle of the letters of shorter probes)',
      ),
    )
    .option(
      '--data <file>',
      'probes as for train: agreement with set B, and the sequences with the highest predictions letter by letter',
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
  withBackgrounds(command)
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
  const { out = '', table, data, logos } = options;
  const suboptimal = options.suboptimal === undefined ? undefined : checkedMotif(options.suboptimal);
  using _lock = await lockFolder(out, [PAGE, MANIFEST_FILE]);
  await refuseOtherRun(out, 'report');
  await checkFolder(join(out, 'figures'));
  const listed = table === undefined ? undefined : await readTable(table);
  const all =
    data === undefined ? undefined : await readProbes(data, { ...readingOf(options), signal: io.signal });
  if (all) noteLeftOut(io, all.source, all.leftOut, all.notes);
  const probes = all && testProbes(all);
  const affinities = options.affinity === undefined ? undefined : await readAffinities(io, options.affinity);
  const given = options.show === undefined ? undefined : await readGiven(io, [options.show], options);
  const { out: _, ...rest } = options;
  using run = await AnalysisRun.open(io, {
    command: 'report',
    paths: [path],
    options: { ...rest, ...(affinities && { affinities: affinities.file }) },
    parts: () => [],
    keepsLocal: true,
    shown: 0,
  });
  const { model, backgrounds, profiling, facts } = run;

  const library = await import('../../gia/experiments/index.js');
  // Before the sweep, which takes long, since variants may not fit the model.
  profiling.stage('affinities');
  const bound = affinities
    ? [
        await library.affinity(model, {
          ...run.computing,
          backgrounds,
          measured: affinities.measured,
          unit: affinities.file.unit,
          signal: io.signal,
        }),
      ]
    : [];

  profiling.stage('sweep');
  const sweep: readonly StoredRow[] = listed?.rows ?? (await swept(io, run));
  const top = sweep.reduce((best, row) => (row.importance > best.importance ? row : best));
  const motif = top.pattern.replace(/@\d+$/, '');
  if (!/^[ACGU]+$/.test(motif))
    throw new UsageError(`the top pattern of ${table} is ${motif}, and experiments need a k-mer`);

  const marked = sweep.filter(({ inPadding = 0 }) => inPadding > 0).length;

  profiling.stage('experiments');
  const skipped: string[] = [];
  const found = await library.runAll(
    model,
    { ...run.computing, backgrounds, motif, suboptimal, signal: io.signal },
    ({ experiment }) => note(io, `${experiment} of ${motif}: done`),
    (one) => {
      skipped.push(skippedText(one));
      note(io, skippedText(one));
    },
  );

  const experiments = [...found, ...bound];

  profiling.stage('sequences');
  let agreement: (Agreement & Correlations) | undefined;
  let chosen: (GivenSequences & { readonly codes: Uint8Array }) | undefined = given?.encode(
    model.architecture.length,
  );
  if (probes) {
    const { normalisation } = facts;
    if (normalisation === undefined)
      throw new UsageError(
        `${path} does not say how its scores were normalised; --data needs a model that train wrote`,
      );
    const measured = normalisedScores(probes.probes, normalisation, probes.isTest);
    const codes = encodeSequences(probes.probes.sequences, model.architecture.length, probes.probes);
    const predicted = await predictWithProgress(
      io,
      model,
      codes,
      'predicting',
      besideSweep(run.known.precision),
    );
    const { sequences } = probes.probes;
    agreement = { measured, predicted, sequences, ...correlate(predicted, measured) };
    const order = Array.from(predicted.keys()).sort((a, b) => predicted[b]! - predicted[a]!);
    // Probes that are there twice are shown once.
    const best = [...new Map(order.toReversed().map((i) => [sequences[i]!, i])).values()]
      .toReversed()
      .slice(0, logos);
    const { length } = model.architecture;
    chosen ??= {
      names: best.map((i) => `Test sequence ${i + 1}, measured ${fixed(measured[i]!, 2)}`),
      sequences: best.map((i) => sequences[i]!),
      codes: Uint8Array.from(best.flatMap((i) => [...codes.subarray(i * length, (i + 1) * length)])),
    };
  }
  const attributions: readonly SequenceAttribution[] | undefined =
    chosen &&
    bySequence(await mutagenesis(model, chosen, { precision: options.precision, signal: io.signal }), chosen);

  profiling.stage('report');
  const { modelReport } = await import('../../report/model-report.js');
  const name = options.name ?? basename(resolve(path));
  const { adapter } = run.gpu;
  const made = await modelReport({
    name,
    unit: unitOf(lossKindOf(model.architecture), facts.normalisation),
    sweep,
    experiments,
    agreement,
    attributions,
    // A table that was given does not say in which precision it was computed.
    precisions: { sweep: listed ? 'f32' : run.known.precision, others: run.known.precision },
    theme: options.theme,
    facts: [
      ['model', `${path} (${run.known.models[0]!.sha256.slice(0, 12)}…)`],
      ...(facts.data ? ([['trained on', facts.data.path]] as const) : []),
      ['architecture', `${facts.preset ?? 'custom'}: ${summaryOf(model.architecture)}`],
      [
        'backgrounds',
        `${backgrounds.count}, ${backgrounds.kind}${backgrounds.order === undefined ? '' : ` of order ${backgrounds.order}`}, seed ${backgrounds.seed}`,
      ],
      ['sweep', table ?? `all 6-mers at position ${kmerPosition(6, backgrounds)} (counted from 0)`],
      ...(widthOf(lettersIn(backgrounds)) < backgrounds.length
        ? [
            [
              'letters',
              `probes have letters at positions ${describeRange(lettersIn(backgrounds))} of 0–${backgrounds.length - 1}; patterns stand within`,
            ] as const,
          ]
        : []),
      ...(marked > 0
        ? [
            [
              'padding',
              `${marked} patterns of ${table} have letters where no training probe has one (column in_padding)`,
            ] as const,
          ]
        : []),
      ...skipped.map((text) => ['left out', text] as const),
      [
        'sub-optimal motif',
        suboptimal ??
          'the single-letter variant nearest to half of the importance, where one has a quarter to three quarters of it',
      ],
      ...precisionFacts(run.known),
      ['adapter', `${adapter.name} (${adapter.class})`],
      ['made', `${run.watch.started.toISOString()}, in ${duration(run.watch.seconds)}`],
      ['method', 'Koo et al., Global importance analysis, PLoS Computational Biology 2021'],
    ],
  });
  for (const { path: file, contents } of made.files) {
    await checkFolder(join(out, file, '..'));
    await writeResult(join(out, file), contents);
  }
  for (const result of experiments)
    await writeResult(
      join(out, 'figures', `${result.experiment}.json`),
      `${JSON.stringify(namedResult(result), null, 2)}\n`,
    );
  await writeResult(join(out, PAGE), made.page);
  const about = {
    name,
    ...(await run.record({ motif, backgrounds: backgrounds.count, patterns: sweep.length })),
    importance: top.importance,
    ...(agreement && {
      agreement: {
        pearson: agreement.pearson,
        spearman: agreement.spearman,
        n: agreement.n,
        reason: agreement.reason,
      },
    }),
    ...(await profiling.finish()),
  };
  await writeResult(join(out, MANIFEST_FILE), `${JSON.stringify(about, null, 2)}\n`);
  printResult(
    io,
    options.json,
    { ...about, report: join(out, PAGE), files: made.files.map(({ path: file }) => file) },
    `${join(out, PAGE)}: top 6-mer ${motif}, ${count(experiments.length, 'experiment')}, ${count(made.files.length, 'figure or table', 'figures and tables')}, in ${duration(run.watch.seconds)}`,
  );
}

/** What one step on the axis of importances is. */
const unitOf = (head: string, normalisation: ModelFacts['normalisation']): string =>
  head === 'classification' ? 'probability' : normalisation ? 's.d. of scores' : 'score units';

async function swept(io: Io, run: AnalysisRun): Promise<readonly StoredRow[]> {
  const { model, backgrounds } = run;
  const patterns = kmerPatterns(6, kmerPosition(6, backgrounds), model.architecture.length);
  const result = await withPairProgress(io, { total: patterns.length * backgrounds.count }, (progress) =>
    importance(model, patterns, backgrounds, { ...run.computing, ...progress }),
  );
  const table = await giaTable(result.patterns, { ...result.models[0]!, n: backgrounds.count });
  return table.rows;
}
