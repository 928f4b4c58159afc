/** `residualbind gia`: global importance analysis of all k-mers (`sweep`) or of chosen patterns (`importance`). */

import type { Command } from 'commander';
import { BACKGROUND_KINDS } from '../../gia/backgrounds.js';
import { kmerPatterns, METHODS } from '../../gia/importance.js';
import { MAX_K } from '../../gia/kmers.js';
import { type Pattern, parsePattern } from '../../gia/patterns.js';
import type { FilterMethod } from '../../kernels/filtering.js';
import { PRESETS, type Preset } from '../../nn/architecture.js';
import { type AnalysisOptions, analyse } from '../analysis.js';
import { UsageError } from '../errors.js';
import type { Io } from '../io.js';
import { openModels } from '../models.js';
import {
  choice,
  examples,
  positiveInteger,
  storageOption,
  wholeNumber,
  withGpu,
  withProfile,
  withSeed,
} from '../options.js';
import { printPlan } from '../plan.js';
import { openGpu } from '../session.js';

interface SweepOptions extends AnalysisOptions {
  readonly k: number;
  readonly position: number;
  readonly plan?: boolean;
}

interface PlanOptions {
  readonly k: number;
  readonly position: number;
  readonly preset: Preset;
  readonly method: FilterMethod;
  readonly json?: boolean;
}

/** Rows printed of a sweep. */
const TOP = 10;

export function addGia(program: Command, io: Io): void {
  const gia = program
    .command('gia')
    .description('global importance analysis: what patterns do to a prediction');
  addSweep(gia, io);
  addImportance(gia, io);
  addPlan(gia, io);
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
      'directories that train wrote, or .safetensors files; several are swept together',
    )
    .option(
      '--out <file>',
      'the table of all k-mers: .tsv, .json, .parquet or .npz; a manifest goes beside it',
    )
    .option('--k <n>', `letters of a k-mer, 1 to ${MAX_K}`, positiveInteger, 6)
    .option('--position <n>', 'position of the first letter, counted from 0', wholeNumber, 17)
    .option('--local', 'keep every local importance too, in an .npz table')
    .option('--plan', 'print what would be computed, and end')
    .option('--fresh', 'start anew where an unfinished sweep left a checkpoint');
  withBackgrounds(command)
    .addHelpText(
      'after',
      `\nA sweep that was stopped or killed goes on where it was when the same command is run again.\n${examples(
        'gia sweep run --out 6-mers.tsv',
        'gia sweep run --k 7 --position 10 --backgrounds 200 --null uniform --out 7-mers.parquet',
        'gia sweep run --null dinuc --sequences probes.fa --out 6-mers.tsv',
        'gia sweep fold-1 fold-2 fold-3 --memory 512 --out 6-mers.npz --local',
      )}`,
    )
    .action(async (paths: string[], options: SweepOptions) => {
      const { k, position, method } = options;
      checkK(k);
      if (options.plan) {
        using gpu = await openGpu(io, options);
        using model = (await openModels(gpu, paths)).model;
        const filtering = method === 'shared' ? 'shared' : 'filtered';
        printPlan(io, model.architecture, { k, position, method: filtering }, options.json);
        return;
      }
      if (!options.out) throw new UsageError('--out <file> is needed: where the table of all k-mers goes');
      await analyse(io, {
        command: 'gia sweep',
        paths,
        options,
        patterns: (length) => kmerPatterns(k, position, length),
        shown: Math.min(TOP, 4 ** k),
      });
    });
}

function addImportance(gia: Command, io: Io): void {
  const command = gia
    .command('importance')
    .description('global importance of chosen patterns: LETTERS@POSITION, several sites joined by +')
    .argument('<model>', 'directory that train wrote, or a .safetensors file')
    .argument('<patterns...>', 'for example UGCAUG@17, or UGCAUG@3+UGCAUG@13; positions count from 0')
    .option('--out <file>', 'the table: .tsv, .json, .parquet or .npz; a manifest goes beside it');
  withBackgrounds(command)
    .addHelpText(
      'after',
      examples(
        "gia importance run 'UGCAUG@17'",
        "gia importance run 'UGCAUG@3' 'UGCAUG@3+UGCAUG@10' 'UGCAUG@3+UGCAUG@10+UGCAUG@17' --out multiplicity.tsv",
        "gia importance run 'GCGCGC@34+UGCAUG@17' --null uniform --json",
      ),
    )
    .action((path: string, texts: string[], options: AnalysisOptions) => {
      const patterns: readonly Pattern[] = texts.map(parsePattern);
      return analyse(io, {
        command: 'gia importance',
        paths: [path],
        options: { patterns: texts, ...options },
        patterns: () => patterns,
        shown: texts.length,
      });
    });
}

function addPlan(gia: Command, io: Io): void {
  gia
    .command('plan')
    .description('what a sweep would compute, and how much arithmetic that is; needs no GPU and no model')
    .option('--k <n>', `letters of a k-mer, 1 to ${MAX_K}`, positiveInteger, 6)
    .option('--position <n>', 'position of the first letter, counted from 0', wholeNumber, 17)
    .addOption(choice('--preset <name>', 'the architecture', Object.keys(PRESETS), 'paper'))
    .addOption(
      choice('--method <name>', 'with minimal filtering or without', ['filtered', 'shared'], 'filtered'),
    )
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('gia plan', 'gia plan --k 8 --position 0 --preset keras --json'))
    .action(({ k, position, preset, method, json }: PlanOptions) => {
      checkK(k);
      printPlan(io, PRESETS[preset], { k, position, method }, json);
    });
}

function checkK(k: number): void {
  if (k > MAX_K) throw new UsageError(`--k must be at most ${MAX_K}, not ${k}`);
}

const withBackgrounds = (command: Command): Command =>
  withGpu(
    withSeed(
      withProfile(command)
        .option('--backgrounds <n>', 'sequences into which each pattern is embedded', positiveInteger, 1000)
        .addOption(choice('--null <kind>', 'how backgrounds are drawn', BACKGROUND_KINDS, 'profile'))
        .option('--sequences <file>', 'FASTA or one sequence per line, from which backgrounds are made')
        .addOption(
          choice('--method <name>', 'how importances are computed (default: what is fastest)', METHODS),
        )
        .option('--memory <MiB>', 'most GPU memory for the work, in MiB', positiveInteger)
        .addOption(storageOption()),
      'the backgrounds',
    ),
  );
