/** Options of every analysis that embeds patterns in backgrounds. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { BACKGROUND_KINDS } from '../../gia/backgrounds/backgrounds.js';
import { MAX_ORDER } from '../../gia/backgrounds/markov.js';
import { METHODS } from '../../gia/method.js';
import {
  choice,
  positive,
  positiveInteger,
  precisionOption,
  wholeNumber,
  withGpu,
  withProfile,
  withSeed,
} from '../options.js';
import { withColumns } from '../probe-options.js';
import { structureOption } from './structure.js';

/** Options of local importances and checkpoints. */
export const withKept = (command: Command): Command =>
  command
    .addOption(
      new Option('--local [format]', 'also store every local importance in the .npz table, as f32 or f16')
        .choices(['f32', 'f16'])
        .preset('f32'),
    )
    .option('--bootstrap <n>', 'add bootstrap intervals from n resamples of the backgrounds', positiveInteger)
    .option('--checkpoint <s>', 'seconds between checkpoints of an analysis with --out', positive, 10);

/** Number and kind of backgrounds, how importances are computed, and the options of every command. */
export const withBackgrounds = (command: Command): Command =>
  withGpu(
    withSeed(
      withColumns(withProfile(command))
        .option('--backgrounds <n>', 'sequences into which each pattern is embedded', positiveInteger, 1000)
        .addOption(choice('--null <kind>', 'how backgrounds are drawn', BACKGROUND_KINDS, 'profile'))
        .addOption(
          new Option(
            '--order <m>',
            `order of the Markov chain of --null markov, 0 to ${MAX_ORDER} (default: 1)`,
          ).argParser(order),
        )
        .option(
          '--sequences <file>',
          'sequences to make backgrounds from: FASTA, one sequence per line, or a probe table (its set A; quartiles need its scores)',
        )
        .addOption(choice('--method <name>', 'how importances are computed (default: the fastest)', METHODS))
        .option(
          '--allow-padding',
          'accept patterns and sequences with letters where no training probe has one, and mark them in outputs',
        )
        .option('--memory <MiB>', 'limit of GPU memory for the work, in MiB', positiveInteger)
        .addOption(precisionOption())
        .addOption(structureOption()),
      'the backgrounds',
    ),
  );

function order(text: string): number {
  const value = wholeNumber(text);
  if (value > MAX_ORDER) throw new InvalidArgumentError(`It must be at most ${MAX_ORDER}.`);
  return value;
}
