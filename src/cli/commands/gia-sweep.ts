/** `residualbind gia sweep`: global importance of all k-mers, or the plan of that. */

import type { Command } from 'commander';
import { AdapterNotFoundError } from '../../device/errors.js';
import { lettersOfModels, wholeRange } from '../../gia/backgrounds/letters.js';
import { MAX_K } from '../../gia/patterns/kmers.js';
import { foldingRate } from '../../gia/structure.js';
import { measureCeilings } from '../../kernels/ceilings.js';
import type { Architecture } from '../../nn/architecture.js';
import { contextsOf } from '../../nn/contexts.js';
import { readModels } from '../../nn/files/model-files.node.js';
import type { Analysis, AnalysisOptions } from '../analysis/analysis.js';
import { withBackgrounds, withKept } from '../analysis/background-options.js';
import { analyse } from '../analysis/exhaustive.js';
import { checkK, type KmerOptions, kmersOf, nameOf, POSITION } from '../analysis/kmer-positions.js';
import { printPlan } from '../analysis/plan.js';
import { search } from '../analysis/search.js';
import { checkStructure } from '../analysis/structure.js';
import { chosenTasks, networksOf, withTask } from '../models/models.js';
import { examples, fraction, outputPath, positiveInteger, wholeNumber } from '../options.js';
import { openGpu } from '../session.js';
import { UsageError } from '../terminal/errors.js';
import { type Io, note } from '../terminal/io.js';

interface SweepOptions extends AnalysisOptions, KmerOptions {
  readonly top?: number;
  readonly confidence: number;
  readonly plan?: boolean;
  readonly data?: string;
}

/** Rows printed of each model and task. */
const TOP = 10;

export function addSweep(gia: Command, io: Io): void {
  const command = gia
    .command('sweep')
    .description('global importance of all 4^k k-mers at one position')
    .argument(
      '<models...>',
      'directories that train wrote, or .safetensors files; several models are swept together',
    )
    .option(
      '--out <file>',
      'the table of all k-mers (required, except with --plan): .tsv, .json, .parquet or .npz; a manifest goes beside it',
      outputPath,
    )
    .option('--k <n>', `letters of a k-mer, 1 to ${MAX_K}`, positiveInteger, 6)
    .option('--position <n>', POSITION, wholeNumber)
    .option(
      '--positions <list>',
      'several positions, one after the other: 3,10,17 or 0..20, or all positions where probes have letters',
    )
    .option('--with <pattern>', 'embed this pattern together with every k-mer, for example UGCAUG@3')
    .option('--top <n>', 'find only the n most important, at a fraction of the work', positiveInteger)
    .option('--confidence <p>', 'probability with which the result of --top must be right', fraction, 0.95)
    .option(
      '--data <file>',
      'probes as for train: also print the mean measured score of the top k-mers, and the test r of the network and of a regression on 6-mers',
    )
    .option('--plan', 'print the plan of the sweep (arithmetic, memory, time) without running it')
    .option('--fresh', 'ignore the checkpoint of an unfinished sweep and start again');
  withBackgrounds(withTask(withKept(command)))
    .addHelpText(
      'after',
      `
The table has a row for each k-mer: importance (the mean change of the prediction over all backgrounds), its standard
deviation (sd) and standard error (se), its 95 % interval (ci_low, ci_high), min and max over backgrounds, t and p of
the two-sided t-test of these changes against 0, q (p corrected for all tested patterns, Benjamini and Hochberg), n backgrounds
and the rank. Run the same command again to continue a sweep that was stopped or killed.
${examples(
  'gia sweep run --out 6-mers.tsv',
  'gia sweep run --k 7 --position 10 --backgrounds 200 --null uniform --out 7-mers.parquet',
  'gia sweep run --null dinuc --sequences probes.fa --out 6-mers.tsv',
  'gia sweep run --null quartile1 --sequences probes.tsv --out 6-mers.tsv',
  'gia sweep fold-1 fold-2 fold-3 --memory 512 --out 6-mers.npz --local f16',
  'gia sweep run --data probes.tsv.gz --out 6-mers.tsv',
  'gia sweep run --top 10 --confidence 0.99 --out top.tsv',
  'gia sweep run --k 4 --positions all --out 4-mers-everywhere.tsv',
  'gia sweep folded --structure keep --backgrounds 100 --out 6-mers.tsv',
  "gia sweep run --with 'UGCAUG@3' --out second-motif.tsv",
)}`,
    )
    .action((paths: string[], options: SweepOptions) => sweep(io, paths, options));
}

async function sweep(io: Io, paths: readonly string[], options: SweepOptions): Promise<void> {
  const { k, top, confidence, data } = options;
  checkK(k);
  if (
    data !== undefined &&
    (top !== undefined || options.positions !== undefined || options.with !== undefined)
  )
    throw new UsageError(
      '--data compares all k-mers at one position; leave out --top, --positions and --with, or --data',
    );
  if (options.plan) return await plan(io, paths, options);
  if (!options.out)
    throw new UsageError(
      '--out <file> is missing; it names the file for the table, for example --out 6-mers.tsv',
    );
  const analysis: Analysis = {
    command: 'gia sweep',
    paths,
    options,
    parts: (length, letters) => kmersOf(options, length, letters),
    shown: Math.min(TOP, 4 ** k),
    data,
  };
  if (top === undefined) await analyse(io, analysis);
  else await search(io, analysis, { top, confidence });
}

/**
 * Prints the plan. Models are only read. Where there is an adapter, its peak arithmetic is measured for the
 * estimate.
 */
async function plan(io: Io, paths: readonly string[], options: SweepOptions): Promise<void> {
  const files = (await readModels(await networksOf(io, paths))).map((file) => chosenTasks(file, options));
  const { architecture } = files[0]!;
  checkStructure(files[0]!, options);
  const { length } = architecture;
  const letters = lettersOfModels(files.map(({ facts }) => facts));
  const parts = kmersOf(options, length, letters ?? wholeRange(length));
  const { ceiling, folded } = await measuredHere(io, architecture, options);
  const planned = {
    what: nameOf(options, parts),
    patterns: parts[0]!,
    method: options.method === 'shared' ? 'shared' : 'filtered',
    backgrounds: options.backgrounds,
    models: files.length,
    times: parts.length,
    ...(ceiling !== undefined && { ceiling }),
    structure: options.structure,
    folded,
  } as const;
  printPlan(io, architecture, planned, options.json);
}

/**
 * Multiply-adds per second at the adapter's peak, or foldings per second where a model needs them; nothing
 * where there is no adapter.
 */
async function measuredHere(
  io: Io,
  architecture: Architecture,
  options: SweepOptions,
): Promise<{ readonly ceiling?: number; readonly folded?: number }> {
  try {
    using gpu = await openGpu(io, options);
    if (contextsOf(architecture)) return { folded: await foldingRate({ gpu, architecture }, io.signal) };
    const { arithmetic } = await measureCeilings(gpu, { seconds: 0.2 });
    return { ceiling: arithmetic.rate / 2 };
  } catch (error) {
    if (!(error instanceof AdapterNotFoundError) || options.adapter !== undefined) throw error;
    note(io, 'there is no adapter here, so the plan has no estimate for this machine');
    return {};
  }
}
