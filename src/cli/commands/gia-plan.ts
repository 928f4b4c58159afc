/** `residualbind gia plan`: what a sweep would take, without a GPU. */

import type { Command } from 'commander';
import { lettersOfModels, wholeRange } from '../../gia/backgrounds/letters.js';
import { MAX_K } from '../../gia/patterns/kmers.js';
import type { Treatment } from '../../gia/structure.js';
import type { FilterMethod } from '../../kernels/sweep/filtering.js';
import { readModels } from '../../nn/files/model-files.node.js';
import { architecture, PRESETS, type Preset } from '../../nn/presets.js';
import { checkK, type KmerOptions, kmersOf, nameOf, POSITION } from '../analysis/kmer-positions.js';
import { printPlan } from '../analysis/plan.js';
import { checkStructure, structureOption } from '../analysis/structure.js';
import { chosenTasks, networksOf, type TaskOptions, withTask } from '../models/models.js';
import { choice, examples, positiveInteger, wholeNumber } from '../options.js';
import { UsageError } from '../terminal/errors.js';
import type { Io } from '../terminal/io.js';

interface PlanOptions extends KmerOptions, TaskOptions {
  readonly backgrounds: number;
  readonly preset?: Preset;
  readonly method: FilterMethod;
  readonly structure?: Treatment;
  readonly json?: boolean;
}

export function addPlan(gia: Command, io: Io): void {
  withTask(gia.command('plan'))
    .description('the plan of a sweep: arithmetic, memory and an estimate of the time; needs no GPU')
    .argument('[models...]', 'models that train wrote, to plan for instead of a preset; they are only read')
    .option('--k <n>', `letters of a k-mer, 1 to ${MAX_K}`, positiveInteger, 6)
    .option('--position <n>', POSITION, wholeNumber)
    .option('--backgrounds <n>', 'backgrounds to estimate the time for', positiveInteger, 1000)
    .addOption(
      choice(
        '--preset <name>',
        'the network, where no model is named (default: paper)',
        Object.keys(PRESETS),
      ),
    )
    .addOption(
      choice('--method <name>', 'with minimal filtering or without', ['filtered', 'shared'], 'filtered'),
    )
    .addOption(structureOption())
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      examples('gia plan', 'gia plan run --k 7', 'gia plan --k 8 --position 0 --preset keras --json'),
    )
    .action((paths: string[], options: PlanOptions) => plan(io, paths, options));
}

async function plan(io: Io, paths: readonly string[], options: PlanOptions): Promise<void> {
  const { k, preset, method, structure, backgrounds, json } = options;
  checkK(k);
  if (paths.length > 0 && preset !== undefined)
    throw new UsageError(
      `--preset ${preset} is for a plan without a model; the file of a model holds its network`,
    );
  if (paths.length === 0 && options.task !== undefined)
    throw new UsageError(`--task ${options.task} needs a model; name one, or leave it out`);
  if (paths.length === 0 && structure !== undefined)
    throw new UsageError(`--structure ${structure} needs a model with structure channels; name one`);
  const files =
    paths.length > 0
      ? (await readModels(await networksOf(io, paths))).map((file) => chosenTasks(file, options))
      : [];
  const network = files[0]?.architecture ?? architecture(preset);
  const letters = lettersOfModels(files.map(({ facts }) => facts));
  const parts = kmersOf(options, network.length, letters ?? wholeRange(network.length));
  const models = Math.max(1, files.length);
  if (files[0]) checkStructure(files[0], options);
  const planned = {
    what: nameOf(options, parts),
    patterns: parts[0]!,
    method,
    backgrounds,
    models,
    structure,
  };
  printPlan(io, network, planned, json);
}
