/** `residualbind simulate`: probes with a planted motif, for a first try and for tests. */

import { constants } from 'node:buffer';
import { type Command, Option } from 'commander';
import { formatProbes, GC_SIDES, type GcSide, simulateProbesInSteps } from '../../data/index.node.js';
import { breathing } from '../../device/breathe.js';
import { count as counted } from '../../device/count.js';
import { inBytes } from '../../device/host-memory.js';
import {
  type CommonOptions,
  examples,
  finite,
  outputPath,
  positiveInteger,
  type SeededOptions,
  withCommon,
  withSeed,
} from '../options.js';
import { manifest, Stopwatch } from '../output/manifest.js';
import { OutputFile } from '../output/output.js';
import { UsageError } from '../terminal/errors.js';
import { type Io, printResult } from '../terminal/io.js';

interface SimulateOptions extends CommonOptions, SeededOptions {
  readonly out: string;
  readonly probes: number;
  readonly motif: string;
  readonly effect: number;
  readonly noise: number;
  readonly gcBias: number;
  readonly gcSide: GcSide;
  readonly spacingPenalty?: number;
  readonly spacingReach?: number;
  readonly spacingFraction?: number;
  readonly hairpinFraction?: number;
  readonly hairpinFactor?: number;
}

/** A row of the table has about 57 characters, and a text in memory at most so many. */
const MOST_PROBES = Math.floor(constants.MAX_STRING_LENGTH / 60);

export function addSimulate(program: Command, io: Io): void {
  const command = program
    .command('simulate')
    .description('simulate probes in which a motif is planted')
    .requiredOption(
      '--out <file>',
      'the table; the planted truth is written beside it as .truth.json',
      outputPath,
    )
    .option('--probes <n>', 'number of probes; half are set A, half set B', positiveInteger, 20_000)
    .option('--motif <letters>', 'consensus of the motif', 'UGCAUG')
    .option('--effect <x>', 'ln intensity that one site adds', finite, 1.5)
    .option('--noise <x>', 'standard deviation of the noise in ln intensity', finite, 0.3)
    .option('--gc-bias <x>', 'difference in ln intensity between an all-GC and an all-AU probe', finite, 0)
    .addOption(
      new Option(
        '--gc-side <end>',
        'part of the probe whose GC content counts: all of it, or the half at one end',
      )
        .choices(GC_SIDES)
        .default('both'),
    )
    .option('--hairpin-fraction <x>', 'share of probes with a stem-loop (default: none)', finite)
    .option('--hairpin-factor <x>', 'strength of a site in a loop relative to elsewhere (default: 1)', finite)
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
  withCommon(withSeed(command, 'sequences and noise'))
    .addHelpText(
      'after',
      examples(
        'simulate --out probes.tsv',
        'simulate --probes 5000 --motif GCAUG --noise 0.5 --seed 3 --out probes.tsv',
        'simulate --hairpin-fraction 0.5 --hairpin-factor 3 --out probes.tsv',
        'simulate --gc-bias -2 --gc-side 3 --out probes.tsv',
        'simulate --spacing-penalty 2 --spacing-reach 4 --out probes.tsv',
      ),
    )
    .action((options: SimulateOptions) => simulate(io, options));
}

async function simulate(io: Io, options: SimulateOptions): Promise<void> {
  const { out, probes: count, motif, effect, noise, gcBias, gcSide, seed } = options;
  const { hairpinFraction, hairpinFactor, spacingPenalty, spacingReach, spacingFraction } = options;
  if (hairpinFactor !== undefined && hairpinFraction === undefined)
    throw new UsageError('--hairpin-factor needs --hairpin-fraction, or no probe has a hairpin');
  if (spacingPenalty === undefined && (spacingReach ?? spacingFraction) !== undefined)
    throw new UsageError('--spacing-reach and --spacing-fraction need --spacing-penalty');
  if (count > MOST_PROBES)
    throw new UsageError(
      `--probes ${count} would be a table of more than ${inBytes(constants.MAX_STRING_LENGTH)}, which is not written in one piece; use at most ${MOST_PROBES}, and several seeds for more`,
    );
  const truthFile = `${out.replace(/\.(tsv|txt)$/, '')}.truth.json`;
  using output = await OutputFile.open(io, out, { manifest: truthFile });
  const watch = new Stopwatch();
  const { probes, truth } = await breathing(
    simulateProbesInSteps({
      count,
      motif,
      effect,
      noise,
      gcBias,
      gcSide,
      seed,
      ...(hairpinFraction !== undefined && {
        hairpin: { fraction: hairpinFraction, factor: hairpinFactor ?? 1 },
      }),
      ...(spacingPenalty !== undefined && {
        spacing: { penalty: spacingPenalty, reach: spacingReach ?? 6, fraction: spacingFraction ?? 0.4 },
      }),
    }),
    io.signal,
  );
  const { signal, ...planted } = truth;
  const record = { ...(await manifest('simulate', options, watch)), seed, truth: planted };
  await output.write(formatProbes(probes), {
    ...record,
    truth: { ...planted, signal: Array.from(signal) },
  });
  const where = output.isFile ? `; what was planted is in ${truthFile}` : '';
  const text = `${counted(count, 'probe')} with ${truth.consensus} planted ${count === 1 ? 'is' : 'are'} in ${out}${where}.`;
  printResult(output.io, options.json, { ...record, out, truthFile: output.isFile ? truthFile : null }, text);
}
