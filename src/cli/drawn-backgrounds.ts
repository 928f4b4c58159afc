/**
 * Backgrounds as options ask for them, and the sequences that they are made from: FASTA, one sequence per line, or a
 * probe table, which has scores too.
 */

import {
  encodeSequences,
  isTable,
  type LeftOut,
  parseProbes,
  parseSequences,
  readText,
  splitBySet,
} from '../data/index.node.js';
import { type BackgroundKind, type Backgrounds, makeBackgrounds } from '../gia/backgrounds.js';
import type { ResidualBind } from '../nn/residualbind.js';
import { UsageError } from './errors.js';
import type { ModelFacts } from './models.js';
import type { SeededOptions } from './options.js';
import { type ColumnOptions, columnsOf } from './probe-options.js';

export interface BackgroundsAsked extends SeededOptions, ColumnOptions {
  readonly backgrounds: number;
  readonly null: BackgroundKind;
  /** Of a Markov chain. */
  readonly order?: number;
  readonly sequences?: string;
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

/** Backgrounds and the file they were made from, if any. */
export async function drawBackgrounds(
  { null: kind, order, backgrounds: count, seed, sequences: path, ...columns }: BackgroundsAsked,
  { architecture: { length } }: ResidualBind,
  { profile }: ModelFacts,
): Promise<{ backgrounds: Backgrounds; sequences: BackgroundsFile | null }> {
  const isQuartile = kind.startsWith('quartile');
  const given = path === undefined ? undefined : await readForBackgrounds(path, columns);
  if (order !== undefined && kind !== 'markov')
    throw new UsageError(`--order is that of --null markov; leave it out with --null ${kind}`);
  if (given && kind === 'uniform')
    throw new UsageError('--null uniform uses no sequences; leave out --sequences');
  if (!given && kind === 'profile' && !profile)
    throw new UsageError('this model carries no nucleotide profile; give --sequences or --null uniform');
  if (!given && kind !== 'profile' && kind !== 'uniform')
    throw new UsageError(`--null ${kind} needs --sequences <file>${isQuartile ? ', a probe table' : ''}`);
  if (isQuartile && !given?.scores)
    throw new UsageError(
      `${path} has no scores, by which --null ${kind} chooses; give a probe table as --sequences, such as the model was trained on`,
    );
  const backgrounds = makeBackgrounds({
    kind,
    count,
    length,
    seed,
    ...(order !== undefined && { order }),
    ...(given
      ? { sequences: encodeSequences(given.sequences, length, given) }
      : profile
        ? { profile: Float64Array.from(profile) }
        : {}),
    ...(given?.scores && { scores: given.scores }),
  });
  return {
    backgrounds,
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

/** Sequences, and scores where the file has them. Of a probe table, set A where there is one: what a model trains on. */
async function readForBackgrounds(path: string, columns: ColumnOptions) {
  const { text, sha256 } = await readText(path);
  if (!isTable(text))
    return { ...parseSequences(text, path, columns), scores: undefined, leftOut: undefined, sha256 };
  const probes = parseProbes(text, path, { columns: columnsOf(columns), iupacAsN: columns.iupacAsN });
  const { A, none } = splitBySet(probes);
  return { ...(A.sequences.length > 0 ? A : none), leftOut: probes.leftOut, notes: probes.notes, sha256 };
}
