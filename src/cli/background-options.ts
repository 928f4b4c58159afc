/** Options of every analysis that embeds patterns in backgrounds. */

import { type Command, Option } from 'commander';
import { BACKGROUND_KINDS } from '../gia/backgrounds.js';
import { METHODS } from '../gia/importance.js';
import {
  choice,
  positive,
  positiveInteger,
  storageOption,
  withGpu,
  withProfile,
  withSeed,
} from './options.js';

/** What is kept of local importances, and how often progress is. */
export const withKept = (command: Command): Command =>
  command
    .addOption(
      new Option('--local [format]', 'keep every local importance too, in an .npz table, as f32 or f16')
        .choices(['f32', 'f16'])
        .preset('f32'),
    )
    .option(
      '--bootstrap <n>',
      'also a bootstrap interval, of n resamples of the backgrounds',
      positiveInteger,
    )
    .option('--checkpoint <s>', 'seconds between checkpoints of an analysis with --out', positive, 10);

/** Number and kind of backgrounds, how importances are computed, and the options of every command. */
export const withBackgrounds = (command: Command): Command =>
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
