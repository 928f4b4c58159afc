/**
 * Backgrounds as options ask for them, and the sequences that they are made from: FASTA, one sequence per
 * line, or a probe table, which has scores too.
 */

import {
  encodeSequences,
  type LeftOut,
  readTrainingSequences,
  type TrainingSequences,
} from '../../data/index.node.js';
import { breathing } from '../../device/breathe.js';
import {
  type BackgroundKind,
  type Backgrounds,
  backgroundLetters,
  makeBackgroundsInSteps,
} from '../../gia/backgrounds/backgrounds.js';
import type { LetterRange } from '../../gia/backgrounds/letters.js';
import { backgroundOptionsOf } from '../../gia/backgrounds/of-models.js';
import type { ModelFile } from '../../nn/files/model-files.node.js';
import type { SeededOptions } from '../options.js';
import { type ColumnOptions, columnChoiceOf } from '../probe-options.js';
import { UsageError } from '../terminal/errors.js';

export interface BackgroundsAsked extends SeededOptions, ColumnOptions {
  readonly backgrounds: number;
  readonly null: BackgroundKind;
  /** Of a Markov chain. */
  readonly order?: number;
  readonly sequences?: string;
  readonly allowPadding?: boolean;
}

/** What a manifest says of the file. */
export interface BackgroundsFile {
  readonly path: string;
  readonly sha256: string;
  readonly count: number;
  /** Records of a probe table that were left out. */
  readonly leftOut?: LeftOut;
  /** What was read as something else. */
  readonly notes?: readonly string[];
}

/** Backgrounds of which all is known but their letters. */
export interface PreparedBackgrounds {
  /** Positions where patterns may stand. */
  readonly letters: LetterRange;
  /** The file they are made from, if any. */
  readonly sequences: BackgroundsFile | null;
  readonly draw: () => Promise<Backgrounds>;
}

/** Reads and checks what backgrounds are made from. @throws UsageError, and as `makeBackgrounds` */
export async function prepareBackgrounds(
  asked: BackgroundsAsked,
  models: readonly ModelFile[],
  signal: AbortSignal,
): Promise<PreparedBackgrounds> {
  const { null: kind, order, backgrounds: count, seed, sequences: path, allowPadding = false } = asked;
  const { tasks } = models[0]!.facts;
  const reading = { columns: columnChoiceOf(asked), tasks, iupacAsN: asked.iupacAsN, signal };
  const given = path === undefined ? undefined : await readTrainingSequences(path, reading);
  checkAsked(asked, given, models[0]!);
  const { length } = models[0]!.architecture;
  const options = backgroundOptionsOf(models, {
    kind,
    count,
    seed,
    allowPadding,
    ...(order !== undefined && { order }),
    ...(given && { sequences: encodeSequences(given.sequences, length, given) }),
    ...(given?.scores && { scores: given.scores }),
  });
  return {
    letters: backgroundLetters(options),
    draw: () => breathing(makeBackgroundsInSteps(options), signal),
    sequences: given && path !== undefined ? fileOf(path, given) : null,
  };
}

/** @throws UsageError for options that do not go together */
function checkAsked(
  { null: kind, order, sequences: path }: BackgroundsAsked,
  given: TrainingSequences | undefined,
  { facts }: ModelFile,
): void {
  const isQuartile = kind.startsWith('quartile');
  if (order !== undefined && kind !== 'markov')
    throw new UsageError(`--order is for --null markov; leave it out with --null ${kind}`);
  if (given && kind === 'uniform')
    throw new UsageError('--null uniform uses no sequences; leave out --sequences');
  if (!given && kind === 'profile' && !facts.profile)
    throw new UsageError(
      'the file of this model has no nucleotide profile; give --sequences or --null uniform',
    );
  if (!given && kind !== 'profile' && kind !== 'uniform')
    throw new UsageError(`--null ${kind} needs --sequences <file>${isQuartile ? ', a probe table' : ''}`);
  if (isQuartile && !given?.scores)
    throw new UsageError(
      `${path} has no scores, and --null ${kind} chooses sequences by their scores; give a probe table as --sequences, such as the training data`,
    );
}

const fileOf = (path: string, { sha256, sequences, leftOut, notes }: TrainingSequences): BackgroundsFile => ({
  path,
  sha256,
  count: sequences.length,
  ...(leftOut && { leftOut }),
  ...(notes && { notes }),
});
