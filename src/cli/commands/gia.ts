/**
 * `residualbind gia`: global importance analysis of all k-mers (`sweep`) or of chosen patterns
 * (`importance`).
 */

import type { Command } from 'commander';
import { readText } from '../../data/index.node.js';
import { count } from '../../device/count.js';
import { echo } from '../../device/echo.js';
import { type LetterRange, outsideError, wholeRange } from '../../gia/backgrounds/letters.js';
import { defaultPosition, everyPosition, isWithin } from '../../gia/backgrounds/placement.js';
import { kmerPatterns } from '../../gia/importance.js';
import { MAX_K } from '../../gia/patterns/kmers.js';
import { expandPatterns, parsePatternList } from '../../gia/patterns/pattern-sets.js';
import { type Pattern, parsePattern } from '../../gia/patterns/patterns.js';
import { measureCeilings } from '../../kernels/ceilings.js';
import type { FilterMethod } from '../../kernels/sweep/filtering.js';
import { architecture, PRESETS, type Preset } from '../../nn/presets.js';
import type { Analysis, AnalysisOptions } from '../analysis/analysis.js';
import { withBackgrounds, withKept } from '../analysis/background-options.js';
import { analyse } from '../analysis/exhaustive.js';
import { printPlan } from '../analysis/plan.js';
import { search } from '../analysis/search.js';
import { openModels } from '../models/models.js';
import { choice, examples, fraction, outputPath, positiveInteger, wholeNumber } from '../options.js';
import { openGpu } from '../session.js';
import { UsageError } from '../terminal/errors.js';
import type { Io } from '../terminal/io.js';
import { addExperiments } from './experiments.js';

interface SweepOptions extends AnalysisOptions {
  readonly k: number;
  readonly position?: number;
  readonly positions?: string;
  readonly with?: string;
  readonly top?: number;
  readonly confidence: number;
  readonly plan?: boolean;
}

interface ImportanceOptions extends AnalysisOptions {
  readonly file?: string;
}

interface PlanOptions {
  readonly k: number;
  readonly position?: number;
  readonly backgrounds: number;
  readonly preset: Preset;
  readonly method: FilterMethod;
  readonly json?: boolean;
}

/** Rows printed of a sweep, and of patterns chosen unless more were named. */
const TOP = 10;
/** What `--position` says. */
const POSITION =
  'position of the first letter, counted from 0 (default: 17, or the middle of the letters of shorter probes)';

const MOST_SHOWN = 20;

export function addGia(program: Command, io: Io): void {
  const gia = program
    .command('gia')
    .description('global importance analysis: how much patterns change predictions');
  addSweep(gia, io);
  addImportance(gia, io);
  addPlan(gia, io);
  addExperiments(gia, io);
  gia.addHelpText(
    'after',
    examples(
      'gia sweep run --out 6-mers.tsv',
      "gia importance run 'UGCAUG@17' 'UGCAUG@3+UGCAUG@13'",
      'gia plan --k 8',
    ),
  );
}

function addSweep(gia: Command, io: Io): void {
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
    .option('--plan', 'print the plan of the sweep (arithmetic, memory, time) without running it')
    .option('--fresh', 'ignore the checkpoint of an unfinished sweep and start again');
  withBackgrounds(withKept(command))
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
  'gia sweep run --top 10 --confidence 0.99 --out top.tsv',
  'gia sweep run --k 4 --positions all --out 4-mers-everywhere.tsv',
  "gia sweep run --with 'UGCAUG@3' --out second-motif.tsv",
)}`,
    )
    .action(async (paths: string[], options: SweepOptions) => {
      const { k, method, top, confidence } = options;
      checkK(k);
      if (options.plan) {
        using gpu = await openGpu(io, options);
        const { model, letters } = await openModels(gpu, paths);
        using _model = model;
        const { arithmetic } = await measureCeilings(gpu, { seconds: 0.2 });
        const { length } = model.architecture;
        const parts = sweepParts(options, length, letters ?? wholeRange(length));
        const at = parts[0]![0]!.sites.at(-1)!.position;
        const what = `${k}-mers at ${at}${parts.length > 1 ? `, the first of ${count(parts.length, 'position')}` : ''}`;
        const filtering = method === 'shared' ? 'shared' : 'filtered';
        printPlan(
          io,
          model.architecture,
          {
            what,
            patterns: parts[0]!,
            method: filtering,
            backgrounds: options.backgrounds,
            models: model.models,
            times: parts.length,
            ceiling: arithmetic.rate / 2,
          },
          options.json,
        );
        return;
      }
      if (!options.out)
        throw new UsageError(
          '--out <file> is missing; it names the file for the table, for example --out 6-mers.tsv',
        );
      const analysis: Analysis = {
        command: 'gia sweep',
        paths,
        options,
        parts: (length, letters) => sweepParts(options, length, letters),
        shown: Math.min(TOP, 4 ** k),
      };
      if (top === undefined) await analyse(io, analysis);
      else await search(io, analysis, { top, confidence });
    });
}

/** The k-mers of every position, with what is embedded beside them. */
function sweepParts(
  {
    k,
    position: wanted,
    positions,
    with: beside,
    allowPadding = false,
  }: Pick<SweepOptions, 'k' | 'position' | 'positions' | 'with' | 'allowPadding'>,
  length: number,
  letters: LetterRange,
): readonly (readonly Pattern[])[] {
  const fixed = beside === undefined ? [] : parsePattern(beside).sites;
  const isFree = (at: number): boolean =>
    fixed.every(({ position: from, letters }) => at + k <= from || from + letters.length <= at);
  if (positions === undefined) {
    const position = wanted ?? defaultPosition(letters, length, k, `a ${k}-mer`);
    if (!isFree(position)) throw new UsageError(`--with ${beside} overlaps the ${k}-mer at ${position}`);
    return [withSites(kmerPatterns(k, position, length), fixed)];
  }
  const chosen =
    positions === 'all' ? everyPosition(letters, k, `a ${k}-mer`) : parsePositions(positions, length - k);
  const outside = chosen.find((at) => !isWithin(letters, at, k));
  if (outside !== undefined && !allowPadding)
    throw outsideError(`--positions ${positions}: a ${k}-mer at ${outside} writes`, letters);
  const free = chosen.filter(isFree);
  if (free.length === 0) throw new UsageError(`--with ${beside} leaves no position of ${positions} free`);
  return free.map((at) =>
    withSites(kmerPatterns(k, at, length), fixed).map(({ name, sites }) => ({
      name: `${name}@${at}`,
      sites,
    })),
  );
}

const withSites = (patterns: readonly Pattern[], fixed: Pattern['sites']): readonly Pattern[] =>
  patterns.map(({ name, sites }) => ({ name, sites: [...fixed, ...sites] }));

/** `3,10,17` or `0..20`, in ascending order. @throws UsageError */
function parsePositions(text: string, last: number): number[] {
  const chosen = text.split(',').flatMap((part) => {
    const [, from, to] = /^(\d+)(?:\.\.(\d+))?$/.exec(part.trim()) ?? [];
    if (from === undefined)
      throw new UsageError(`--positions: ${echo(part)} is neither a position nor a range`);
    const [low, high] = [Number(from), Number(to ?? from)];
    if (high < low || high > last)
      throw new UsageError(`--positions ${text}: positions are 0 to ${last}, ranges from low to high`);
    return Array.from({ length: high - low + 1 }, (_, i) => low + i);
  });
  return [...new Set(chosen)].sort((a, b) => a - b);
}

function addImportance(gia: Command, io: Io): void {
  const command = gia
    .command('importance')
    .description('global importance of chosen patterns: LETTERS@POSITION, several sites joined by +')
    .argument('<model>', 'directory that train wrote, or a .safetensors file')
    .argument('[patterns...]', 'for example UGCAUG@17, or UGCAUG@3+UGCAUG@13; positions count from 0')
    .option('--file <file>', 'more patterns, one per line')
    .option('--out <file>', 'the table: .tsv, .json, .parquet or .npz; a manifest goes beside it', outputPath)
    .option('--fresh', 'ignore the checkpoint of an unfinished analysis and start again');
  withBackgrounds(withKept(command))
    .addHelpText(
      'after',
      `
Letters are ACGU (or T), N (the background's letter stays) and IUPAC codes such as R for A or G (one pattern for each
letter). A position is a number, a range such as 3..20, or * for everywhere that probes have letters; two ranges make
a grid.
${examples(
  "gia importance run 'UGCAUG@17'",
  "gia importance run 'UGCAUG@3' 'UGCAUG@3+UGCAUG@10' 'UGCAUG@3+UGCAUG@10+UGCAUG@17' --out multiplicity.tsv",
  "gia importance run 'GCGCGC@34+UGCAUG@17' --null uniform --json",
  "gia importance run 'UGCRUG@17' 'NNUGCAUGNN@15'",
  "gia importance run 'UGCAUG@*+UGCAUG@*' --out grid.tsv",
  'gia importance run --file patterns.txt --out importances.parquet',
)}`,
    )
    .action(async (path: string, texts: string[], options: ImportanceOptions) => {
      const { file } = options;
      if (texts.length === 0 && file === undefined)
        throw new UsageError('there are no patterns; name some, or give a --file of them');
      const list = file === undefined ? undefined : await readText(file);
      await analyse(io, {
        command: 'gia importance',
        paths: [path],
        options: { patterns: texts, ...options },
        parts: (length, letters) => {
          const room = { letters, allowPadding: options.allowPadding };
          const given = expandPatterns(texts, length, room);
          const listed = list ? parsePatternList(list.text, length, file, room) : [];
          // What two texts stand for is one hypothesis.
          return [[...new Map([...given, ...listed].map((pattern) => [pattern.name, pattern])).values()]];
        },
        shown: Math.max(texts.length, MOST_SHOWN),
      });
    });
}

function addPlan(gia: Command, io: Io): void {
  gia
    .command('plan')
    .description(
      'the plan of a sweep: arithmetic, memory and an estimate of the time; needs no GPU and no model',
    )
    .option('--k <n>', `letters of a k-mer, 1 to ${MAX_K}`, positiveInteger, 6)
    .option('--position <n>', 'position of the first letter, counted from 0 (default: 17)', wholeNumber)
    .option('--backgrounds <n>', 'backgrounds to estimate the time for', positiveInteger, 1000)
    .addOption(choice('--preset <name>', 'the architecture', Object.keys(PRESETS), 'paper'))
    .addOption(
      choice('--method <name>', 'with minimal filtering or without', ['filtered', 'shared'], 'filtered'),
    )
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('gia plan', 'gia plan --k 8 --position 0 --preset keras --json'))
    .action(({ k, position: wanted, backgrounds, preset, method, json }: PlanOptions) => {
      checkK(k);
      const network = architecture(preset);
      const { length } = network;
      const position = wanted ?? defaultPosition(wholeRange(length), length, k, `a ${k}-mer`);
      const patterns = kmerPatterns(k, position, length);
      const what = `${k}-mers at ${position}`;
      printPlan(io, network, { what, patterns, method, backgrounds }, json);
    });
}

function checkK(k: number): void {
  if (k > MAX_K) throw new UsageError(`--k must be at most ${MAX_K}, not ${k}`);
}
