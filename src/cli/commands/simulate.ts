/** `residualbind simulate`: probes with a planted motif, for a first try and for tests. */

import type { Command } from 'commander';
import { formatProbes, type SimulationOptions, simulateProbes } from '../../data/index.node.js';
import { UsageError } from '../errors.js';
import { checkFile, writeResult } from '../files.js';
import { type Io, printResult } from '../io.js';
import { manifest, Stopwatch } from '../manifest.js';
import {
  type CommonOptions,
  examples,
  finite,
  positiveInteger,
  type SeededOptions,
  withCommon,
  withSeed,
} from '../options.js';

interface SimulateOptions extends CommonOptions, SeededOptions {
  readonly out: string;
  readonly probes: number;
  readonly motif: string;
  readonly effect: number;
  readonly noise: number;
  readonly gcBias: number;
  readonly hairpinFraction?: number;
  readonly hairpinFactor?: number;
}

export function addSimulate(program: Command, io: Io): void {
  const command = program
    .command('simulate')
    .description('simulate probes in which a motif is planted')
    .requiredOption('--out <file>', 'the table; what was planted goes beside it as .truth.json')
    .option('--probes <n>', 'number of probes; half are set A, half set B', positiveInteger, 20_000)
    .option('--motif <letters>', 'consensus of the motif', 'UGCAUG')
    .option('--effect <x>', 'what one site adds to the ln intensity', finite, 1.5)
    .option('--noise <x>', 'standard deviation of the noise in ln intensity', finite, 0.3)
    .option(
      '--gc-bias <x>',
      'what a probe of G and C alone has over one of A and U alone, in ln intensity',
      finite,
      0,
    )
    .option('--hairpin-fraction <x>', 'share of probes that hold a stem-loop (default: none do)', finite)
    .option(
      '--hairpin-factor <x>',
      'strength of a site in a loop relative to elsewhere (default: 1)',
      finite,
    );
  withCommon(withSeed(command, 'sequences and noise'))
    .addHelpText(
      'after',
      examples(
        'simulate --out probes.tsv',
        'simulate --probes 5000 --motif GCAUG --noise 0.5 --seed 3 --out probes.tsv',
        'simulate --hairpin-fraction 0.5 --hairpin-factor 3 --gc-bias 1 --out probes.tsv',
      ),
    )
    .action((options: SimulateOptions) => simulate(io, options));
}

async function simulate(io: Io, options: SimulateOptions): Promise<void> {
  const { out, probes: count, motif, effect, noise, gcBias, hairpinFraction, hairpinFactor, seed } = options;
  if (hairpinFactor !== undefined && hairpinFraction === undefined)
    throw new UsageError('--hairpin-factor needs --hairpin-fraction, or no probe has a hairpin');
  await checkFile(out);
  const watch = new Stopwatch();
  const hairpin: Pick<SimulationOptions, 'hairpin'> =
    hairpinFraction === undefined
      ? {}
      : { hairpin: { fraction: hairpinFraction, factor: hairpinFactor ?? 1 } };
  const { probes, truth } = simulateProbes({ count, motif, effect, noise, gcBias, seed, ...hairpin });
  const { signal, ...planted } = truth;
  const truthFile = `${out.replace(/\.(tsv|txt)$/, '')}.truth.json`;
  const record = { ...(await manifest('simulate', options, watch)), seed, truth: planted };
  await writeResult(out, formatProbes(probes));
  await writeResult(
    truthFile,
    `${JSON.stringify({ ...record, truth: { ...planted, signal: Array.from(signal) } }, null, 1)}\n`,
  );
  const text = `${count} probes with ${truth.consensus} planted are in ${out}, what was planted in ${truthFile}.`;
  printResult(io, options.json, { ...record, out, truthFile }, text);
}
