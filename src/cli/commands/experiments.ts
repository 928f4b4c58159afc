/**
 * The paper's experiments as commands of `residualbind gia`: mutagenesis, multiplicity, spacing, positions,
 * hairpin, gc, affinity, all.
 */

import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AllOptions, ExperimentName, ExperimentResult } from '../../gia/experiments/index.js';
import type { Model } from '../../gia/model.js';
import { readAffinities } from '../affinities.js';
import { withBackgrounds } from '../analysis/background-options.js';
import { type ExperimentCommandOptions, experiment } from '../analysis/experiment-run.js';
import { withTask } from '../models/models.js';
import { choice, examples, finite, outputPath, positiveInteger, wholeNumber } from '../options.js';
import type { Io } from '../terminal/io.js';

type Library = typeof import('../../gia/experiments/index.js');

/** What a command's own options add to motif and backgrounds. */
type RunExperiment<Own> = (
  library: Library,
  model: Model,
  options: AllOptions,
  own: Own,
) => Promise<ExperimentResult>;

interface Positioned {
  readonly position?: number;
}

interface Positions {
  readonly positions?: readonly number[];
}

interface Spacing {
  readonly second?: string;
  readonly map?: boolean;
  readonly gaps?: readonly number[];
  readonly pairs?: readonly (readonly [number, number])[];
}

interface Hairpin {
  readonly start?: number;
  readonly arm?: number;
  readonly loop?: number;
  readonly gu?: boolean;
}

export function addExperiments(gia: Command, io: Io): void {
  addMutagenesis(gia, io);
  addMultiplicity(gia, io);
  addSpacing(gia, io);
  addPositions(gia, io);
  addHairpin(gia, io);
  addGc(gia, io);
  addAffinity(gia, io);
  addAll(gia, io);
}

/**
 * A command of one experiment of a motif.
 *
 * @param own adds the experiment's own options
 * @param lines command lines for the help
 */
function addExperiment<Own>(
  gia: Command,
  io: Io,
  name: ExperimentName,
  description: string,
  run: RunExperiment<Own>,
  own: (command: Command) => Command,
  ...lines: string[]
): void {
  withExperiment(own(gia.command(name).description(description)))
    .addHelpText('after', examples(...lines))
    .action((paths: string[], options: ExperimentCommandOptions & Own) =>
      experiment(io, {
        command: `gia ${name}`,
        paths,
        options,
        runs: (library) => ({ [name]: (model, given) => run(library, model, given, options) }),
      }),
    );
}

function addMutagenesis(gia: Command, io: Io): void {
  addExperiment<Positioned>(
    gia,
    io,
    'mutagenesis',
    'every single-nucleotide variant of a motif (paper, figure 2e)',
    (library, model, options, { position }) => library.kmerMutagenesis(model, { ...options, position }),
    withPosition,
    'gia mutagenesis run --motif UGCAUG --out analysis',
    'gia mutagenesis run --table 6-mers.tsv --json',
  );
}

function addMultiplicity(gia: Command, io: Io): void {
  addExperiment<Positions>(
    gia,
    io,
    'multiplicity',
    'one, two and three copies of a motif; each copy is compared with the same copy alone (figures 2b and 2c)',
    (library, model, options, { positions }) => library.multiplicity(model, { ...options, positions }),
    (command) =>
      withPositions(command).addOption(
        suboptimalOption('a weaker motif, embedded in the same numbers of copies for comparison'),
      ),
    'gia multiplicity run --motif UGCAUG',
    'gia multiplicity run --motif UGCAUG --suboptimal AGAAUG --positions 3,10,17,24 --out analysis',
  );
}

function addSpacing(gia: Command, io: Io): void {
  addExperiment<Spacing>(
    gia,
    io,
    'spacing',
    'two motifs at growing distance, or at every pair of positions (figure 2d)',
    (library, model, options, { second, map, gaps, pairs }) =>
      library.spacing(model, { ...options, second, map, gaps, pairs }),
    (command) =>
      command
        .option('--second <letters>', 'the motif on the right (default: the same)')
        .addOption(new Option('--map', 'every pair of positions').conflicts(['gaps', 'pairs']))
        .addOption(
          new Option('--gaps <list>', 'gaps around the middle, in letters (default: every gap that fits)')
            .argParser(integers)
            .conflicts('pairs'),
        )
        .addOption(
          new Option('--pairs <list>', 'positions of both, for example 16-20,15-21,13-22').argParser(pairsOf),
        ),
    'gia spacing run --motif UGCAUG',
    'gia spacing run --motif UGCAUG --pairs 16-20,15-21,13-22',
    'gia spacing run --motif UGCAUG --second GCAUG --map --out analysis',
  );
}

function addPositions(gia: Command, io: Io): void {
  addExperiment<Positions & { readonly against: 'mean' | 'best' }>(
    gia,
    io,
    'positions',
    'a motif at every position',
    (library, model, options, { positions, against }) =>
      library.positionalBias(model, { ...options, positions, against }),
    (command) =>
      withPositions(command).addOption(
        choice(
          '--against <what>',
          'compare each position with the mean of all, or with the best',
          ['mean', 'best'],
          'mean',
        ),
      ),
    'gia positions run --motif UGCAUG --out analysis',
    'gia positions run --motif UGCAUG --positions 2,9,16,22,28,34',
  );
}

function addHairpin(gia: Command, io: Io): void {
  addExperiment<Hairpin>(
    gia,
    io,
    'hairpin',
    'a motif in loop and stem of designed hairpins, with controls (figure 3c)',
    (library, model, options, { start, arm, loop, gu }) =>
      library.hairpin(model, {
        ...options,
        stem: {
          ...(start !== undefined && { start }),
          ...(arm !== undefined && { arm }),
          ...(loop !== undefined && { loop }),
        },
        gu,
      }),
    (command) =>
      command
        .option(
          '--start <n>',
          'position of the left arm, counted from 0 (default: 5, or the middle of the letters of shorter probes)',
          wholeNumber,
        )
        .option('--arm <n>', 'pairs of the stem (default: 11, or what fits shorter probes)', positiveInteger)
        .option('--loop <n>', 'letters of the loop (default: 6, or those of a longer motif)', positiveInteger)
        .option('--gu', 'make half of the pairs G·U where the letters allow it'),
    'gia hairpin run --motif GCUGG --out analysis',
    'gia hairpin run --motif GCUGG --start 8 --arm 7 --loop 7 --gu',
  );
}

function addGc(gia: Command, io: Io): void {
  addExperiment<Positioned & { readonly gc: string }>(
    gia,
    io,
    'gc',
    "GC at the 5' and the 3' end of a motif (figures 4c to 4e)",
    (library, model, options, { position, gc }) => library.gcBias(model, { ...options, position, gc }),
    (command) => withPosition(command).option('--gc <letters>', 'letters to embed at the ends', 'GCGCGC'),
    'gia gc run --motif UGCAUG',
    'gia gc run-1 run-2 --motif UGCAUG --gc GGCGCC --json',
  );
}

function addAffinity(gia: Command, io: Io): void {
  const command = gia
    .command('affinity')
    .description('compare importances of variants with measured affinities (figure 2f)')
    .argument('<model>', 'directory that train wrote, or a .safetensors file')
    .argument(
      '<table>',
      'patterns and dissociation constants; a header may name them and their unit; other columns are ignored',
    )
    .option('--out <dir>', 'folder for the tables, JSON and manifests', outputPath)
    .option('--position <n>', `position of the first letter, ${COUNTED}`, wholeNumber);
  withBackgrounds(withTask(command))
    .addHelpText('after', examples('gia affinity run kd.csv', 'gia affinity run kd.tsv --out analysis'))
    .action(async (path: string, table: string, options: ExperimentCommandOptions & Positioned) => {
      const { measured, file } = await readAffinities(io, table);
      const { position } = options;
      await experiment(io, {
        command: 'gia affinity',
        paths: [path],
        options: { ...options, affinities: file },
        needsMotif: false,
        runs: (library) => ({
          affinity: (model, given) =>
            library.affinity(model, { ...given, measured, unit: file.unit, position }),
        }),
      });
    });
}

function addAll(gia: Command, io: Io): void {
  withExperiment(
    gia
      .command('all')
      .description('all experiments of one motif')
      .addOption(suboptimalOption(CHOSEN_SUBOPTIMAL)),
  )
    .addHelpText(
      'after',
      examples('gia all run --out analysis', 'gia all run --motif UGCAUG --backgrounds 300 --out analysis'),
    )
    .action((paths: string[], options: ExperimentCommandOptions) =>
      experiment(io, {
        command: 'gia all',
        paths,
        options,
        runs: (library) => library.EXPERIMENTS,
      }),
    );
}

const withExperiment = (command: Command): Command =>
  withBackgrounds(
    withTask(command)
      .argument(
        '<models...>',
        'directories that train wrote, or .safetensors files; several models are analysed together',
      )
      .option(
        '--motif <letters>',
        'the motif (default: the top 6-mer of a search in the middle of probes, at 17 in 41 letters; one for each task)',
      )
      .addOption(
        new Option(
          '--table <file>',
          'take the motif from the top of this table, which gia sweep wrote',
        ).conflicts('motif'),
      )
      .option('--out <dir>', 'folder for the tables, JSON and manifests', outputPath),
  );

const suboptimalOption = (description: string): Option => new Option('--suboptimal <letters>', description);

/** What `--suboptimal` says where mutagenesis can choose. */
export const CHOSEN_SUBOPTIMAL =
  'a weaker motif, embedded in the same numbers of copies for comparison (default: the single-letter variant about half as important, if there is one)';

const withPosition = (command: Command): Command =>
  command.option('--position <n>', `position of the motif's first letter, ${COUNTED}`, wholeNumber);

/** How positions count, and which one is taken. */
const COUNTED = 'counted from 0 (default: the middle of the letters of probes, 17 in 41 letters)';

const withPositions = (command: Command): Command =>
  command.option('--positions <list>', 'positions counted from 0, for example 3,10,17', (text) =>
    text.split(',').map((position) => wholeNumber(position)),
  );

/** `-2,0,5`. */
const integers = (text: string): number[] =>
  text.split(',').map((part) => {
    const value = finite(part);
    if (!Number.isInteger(value)) throw new InvalidArgumentError('They must be whole numbers.');
    return value;
  });

/** `16-20,15-21`. */
const pairsOf = (text: string): [number, number][] =>
  text.split(',').map((part) => {
    const [, first, second] = /^(\d+)-(\d+)$/.exec(part.trim()) ?? [];
    if (first === undefined || second === undefined)
      throw new InvalidArgumentError('Pairs read FIRST-SECOND, for example 16-20,15-21.');
    return [Number(first), Number(second)];
  });
