/**
 * Backgrounds as options ask for them, and the sequences that they are made from: FASTA, one sequence per
 * line, or a probe table, which has scores too.
 */

import {
  encodeSequences,
  isTable,
  type LeftOut,
  parseProbesInSteps,
  parseSequencesInSteps,
  readText,
  splitBySet,
} from '../../data/index.node.js';
import { breathing } from '../../device/breathe.js';
import {
  type BackgroundKind,
  type BackgroundOptions,
  type Backgrounds,
  backgroundLetters,
  makeBackgroundsInSteps,
} from '../../gia/backgrounds/backgrounds.js';
import type { LetterRange } from '../../gia/backgrounds/letters.js';
import type { OpenedModels } from '../models/models.js';
import type { SeededOptions } from '../options.js';
import { type ColumnOptions, columnsOf } from '../probe-options.js';
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
  {
    null: kind,
    order,
    backgrounds: count,
    seed,
    sequences: path,
    allowPadding = false,
    ...columns
  }: BackgroundsAsked,
  { model, facts, letters }: Pick<OpenedModels, 'model' | 'facts' | 'letters'>,
  signal: AbortSignal,
): Promise<PreparedBackgrounds> {
  const { length } = model.architecture;
  const { profile } = facts;
  const isQuartile = kind.startsWith('quartile');
  const given = path === undefined ? undefined : await readForBackgrounds(path, columns, signal);
  if (order !== undefined && kind !== 'markov')
    throw new UsageError(`--order is for --null markov; leave it out with --null ${kind}`);
  if (given && kind === 'uniform')
    throw new UsageError('--null uniform uses no sequences; leave out --sequences');
  if (!given && kind === 'profile' && !profile)
    throw new UsageError(
      'the file of this model has no nucleotide profile; give --sequences or --null uniform',
    );
  if (!given && kind !== 'profile' && kind !== 'uniform')
    throw new UsageError(`--null ${kind} needs --sequences <file>${isQuartile ? ', a probe table' : ''}`);
  if (isQuartile && !given?.scores)
    throw new UsageError(
      `${path} has no scores, by which --null ${kind} chooses; give a probe table as --sequences, such as the model was trained on`,
    );
  const options: BackgroundOptions = {
    kind,
    count,
    length,
    seed,
    allowPadding,
    ...(letters && { letters }),
    ...(order !== undefined && { order }),
    ...(given
      ? { sequences: encodeSequences(given.sequences, length, given) }
      : profile && kind === 'profile'
        ? { profile: Float64Array.from(profile) }
        : {}),
    ...(given?.scores && { scores: given.scores }),
  };
  return {
    letters: backgroundLetters(options),
    draw: () => breathing(makeBackgroundsInSteps(options), signal),
    sequences:
      given && path
        ? {
            path,
            sha256: given.sha256,
            count: given.sequences.length,
            ...(given.leftOut && { leftOut: given.leftOut }),
            ...(given.notes && { notes: given.notes }),
          }
        : null,
  };
}

/**
 * Sequences, and scores where the file has them. Of a probe table, set A where there is one: what a model
 * trains on.
 */
async function readForBackgrounds(path: string, columns: ColumnOptions, signal: AbortSignal) {
  const { text, sha256 } = await readText(path, { signal });
  if (!isTable(text)) {
    const read = await breathing(parseSequencesInSteps(text, path, columns), signal);
    return { ...read, scores: undefined, leftOut: undefined, sha256 };
  }
  const options = { columns: columnsOf(columns), iupacAsN: columns.iupacAsN };
  const probes = await breathing(parseProbesInSteps(text, path, options), signal);
  const { A, none } = splitBySet(probes);
  return { ...(A.sequences.length > 0 ? A : none), leftOut: probes.leftOut, notes: probes.notes, sha256 };
}
