/** `residualbind simulate`: probes with planted motifs, for a first try and for tests. */

import { constants } from 'node:buffer';
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  formatProbes,
  GC_SIDES,
  type GcSide,
  INPUT_LENGTH,
  MOST_INPUT_LENGTH,
  type SimulationOptions,
  type SimulationTruth,
  simulateProbesInSteps,
  type TaskMotif,
} from '../../data/index.node.js';
import { ALPHABETS, type Alphabet, spell } from '../../data/sequences/letters.js';
import { breathing } from '../../device/breathe.js';
import { count as counted } from '../../device/count.js';
import { inBytes } from '../../device/host-memory.js';
import {
  type CommonOptions,
  choice,
  examples,
  finite,
  fraction,
  outputPath,
  positiveInteger,
  type SeededOptions,
  withCommon,
  withSeed,
} from '../options.js';
import { OutputFile } from '../output/output.js';
import { Session } from '../session.js';
import { UsageError } from '../terminal/errors.js';
import { type Io, printResult } from '../terminal/io.js';

interface SimulateOptions extends CommonOptions, SeededOptions {
  readonly out: string;
  readonly probes: number;
  readonly length: number;
  readonly alphabet: Alphabet;
  readonly motif: string;
  readonly task?: readonly TaskMotif[];
  readonly missing?: number;
  readonly effect: number;
  readonly noise: number;
  readonly gcBias: number;
  readonly gcSide: GcSide;
  readonly spacingPenalty?: number;
  readonly spacingReach?: number;
  readonly spacingFraction?: number;
  readonly hairpinFraction?: number;
  readonly hairpinFactor?: number;
  readonly hairpinArm?: number;
  readonly hairpinLoop?: number;
}

/** Characters of a row beside the letters, and of each score. */
const ROW = 19;

export function addSimulate(program: Command, io: Io): void {
  const command = program
    .command('simulate')
    .description('simulate probes in which motifs are planted')
    .requiredOption(
      '--out <file>',
      'the table; the planted truth is written beside it as .truth.json',
      outputPath,
    )
    .option('--probes <n>', 'number of probes; half are set A, half set B', positiveInteger, 20_000)
    .option(
      '--length <letters>',
      `letters of the longest probe, 20 to ${MOST_INPUT_LENGTH}; the shortest has three fewer`,
      positiveInteger,
      INPUT_LENGTH,
    )
    .addOption(choice('--alphabet <name>', 'write the sequences with U or with T', ALPHABETS, 'rna'));
  withCommon(withSeed(withStructure(withMotifs(command)), 'sequences and noise'))
    .addHelpText(
      'after',
      examples(
        'simulate --out probes.tsv',
        'simulate --probes 5000 --motif GCAUG --noise 0.5 --seed 3 --out probes.tsv',
        'simulate --hairpin-fraction 0.5 --hairpin-factor 3 --out probes.tsv',
        'simulate --gc-bias -2 --gc-side 3 --out probes.tsv',
        'simulate --spacing-penalty 2 --spacing-reach 4 --out probes.tsv',
        'simulate --length 200 --alphabet dna --task A=GATTACA --task B=TGACTCA --task C=CACGTG --missing 0.1 --out library.tsv',
      ),
    )
    .action((options: SimulateOptions) => simulate(io, options));
}

/** What is planted, and how it shows in the scores. */
const withMotifs = (command: Command): Command =>
  command
    .addOption(new Option('--motif <letters>', 'consensus of the motif').default('UGCAUG').conflicts('task'))
    .option(
      '--task <name=letters>',
      "a column of scores and the consensus of its motif, which raises this column's scores only; give it once for each task, instead of --motif",
      taskMotif,
    )
    .option('--missing <share>', 'share of the scores of tasks that are NA (default: none)', fraction)
    .option('--effect <x>', 'ln intensity that one site adds', finite, 1.5)
    .option('--noise <x>', 'standard deviation of the noise in ln intensity', finite, 0.3);

/** What else the intensities depend on. */
const withStructure = (command: Command): Command =>
  command
    .option('--gc-bias <x>', 'difference in ln intensity between an all-GC and an all-AU probe', finite, 0)
    .addOption(
      choice(
        '--gc-side <end>',
        'part of the probe whose GC content counts: all of it, or the half at one end',
        GC_SIDES,
        'both',
      ),
    )
    .option('--hairpin-fraction <x>', 'share of probes with a stem-loop (default: none)', finite)
    .option('--hairpin-factor <x>', 'strength of a site in a loop relative to elsewhere (default: 1)', finite)
    .option('--hairpin-arm <pairs>', 'pairs of these stems (default: 8)', positiveInteger)
    .option('--hairpin-loop <letters>', 'letters of these loops (default: 10)', positiveInteger)
    .option(
      '--spacing-penalty <x>',
      'loss in ln intensity where two sites are near each other (default: 0)',
      finite,
    )
    .option(
      '--spacing-reach <letters>',
      'sites with fewer letters between them are near (default: 6)',
      positiveInteger,
    )
    .option(
      '--spacing-fraction <x>',
      'share of probes with two sites, near each other or not (default: 0.4)',
      finite,
    );

/** --task */
function taskMotif(text: string, before: readonly TaskMotif[] = []): readonly TaskMotif[] {
  const [, name, motif] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || motif === undefined)
    throw new InvalidArgumentError('It must be a name, "=" and letters, such as liver=GATTACA.');
  return [...before, { name, motif }];
}

async function simulate(io: Io, options: SimulateOptions): Promise<void> {
  const { out, probes: count, seed } = options;
  const what = simulationOf(options);
  const truthFile = `${out.replace(/\.(tsv|txt)$/, '')}.truth.json`;
  using output = await OutputFile.open(io, out, { manifest: truthFile });
  using session = await Session.start(io, { command: 'simulate', options });
  const { probes, truth } = await breathing(simulateProbesInSteps(what), io.signal);
  const { signal, ...planted } = spelledTruth(truth, options.alphabet);
  const record = await session.finish({ seed, truth: planted });
  await output.write(formatProbes(probes, options.alphabet), {
    ...record,
    truth: { ...planted, signal: Array.from(signal) },
  });
  const motifs = planted.tasks?.map(({ task, consensus }) => `${consensus} (${task})`) ?? [planted.consensus];
  const where = output.isFile ? `; ${truthFile} describes the motifs and effects` : '';
  const text = `${counted(count, 'probe')} with ${new Intl.ListFormat('en-GB').format(motifs)} planted ${count === 1 ? 'is' : 'are'} in ${out}${where}.`;
  printResult(output.io, options.json, { ...record, out, truthFile: output.isFile ? truthFile : null }, text);
}

/**
 * What the options ask for.
 *
 * @throws UsageError for options that need others, and for a table that is too large for one text
 */
function simulationOf(options: SimulateOptions): SimulationOptions {
  const { probes: count, length, motif, task: tasks, missing, effect, noise, gcBias, gcSide, seed } = options;
  const { spacingPenalty, spacingReach, spacingFraction } = options;
  if (spacingPenalty === undefined && (spacingReach ?? spacingFraction) !== undefined)
    throw new UsageError('--spacing-reach and --spacing-fraction need --spacing-penalty');
  if (tasks?.length === 1)
    throw new UsageError('--task is for two tasks or more; give it again, or --motif for a single score');
  if (missing !== undefined && !tasks)
    throw new UsageError('--missing needs --task; a probe whose only score is missing would be left out');
  const most = Math.floor(constants.MAX_STRING_LENGTH / (length + ROW * (tasks?.length ?? 1)));
  if (count > most)
    throw new UsageError(
      `--probes ${count} would be a table of more than ${inBytes(constants.MAX_STRING_LENGTH)}, which is not written in one piece; use at most ${most}, and several seeds for more`,
    );
  return {
    ...{ count, length, effect, noise, gcBias, gcSide, seed },
    ...(tasks ? { tasks, missing: missing ?? 0 } : { motif }),
    ...hairpinOf(options),
    ...(spacingPenalty !== undefined && {
      spacing: { penalty: spacingPenalty, reach: spacingReach ?? 6, fraction: spacingFraction ?? 0.4 },
    }),
  };
}

/** @throws UsageError for options of hairpins where there are none */
function hairpinOf(options: SimulateOptions): Pick<SimulationOptions, 'hairpin'> {
  const { hairpinFraction: fraction, hairpinFactor: factor, hairpinArm: arm, hairpinLoop: loop } = options;
  if (fraction !== undefined)
    return {
      hairpin: {
        ...{ fraction, factor: factor ?? 1 },
        ...(arm !== undefined && { arm }),
        ...(loop !== undefined && { loop }),
      },
    };
  for (const [name, value] of Object.entries({ factor, arm, loop }))
    if (value !== undefined)
      throw new UsageError(`--hairpin-${name} needs --hairpin-fraction, or no probe has a hairpin`);
  return {};
}

/** The truth with its motifs in the letters of the table. */
const spelledTruth = (truth: SimulationTruth, alphabet: Alphabet): SimulationTruth => ({
  ...truth,
  consensus: spell(truth.consensus, alphabet),
  ...(truth.tasks && {
    tasks: truth.tasks.map((task) => ({ ...task, consensus: spell(task.consensus, alphabet) })),
  }),
});
