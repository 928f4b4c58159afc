/** Every single-nucleotide variant of a k-mer (paper, figures 2e and 3b; Methods, Motif visualization). */

import { ALPHABET } from '../../data/sequences/letters.js';
import { lettersIn } from '../backgrounds/backgrounds.js';
import { defaultPosition } from '../backgrounds/placement.js';
import type { Model } from '../model.js';
import { writtenBy } from '../structure.js';
import {
  comparisonsOf,
  type ExperimentOptions,
  type ExperimentRow,
  factsOf,
  type InPadding,
  localsOf,
  paddingMarks,
  pattern,
  rowsAt,
  rowsOf,
  type StudyResult,
  wholeMotif,
} from './study.js';

/** Options of `kmerMutagenesis`: which motif, and where it stands. */
export interface KmerMutagenesisOptions extends ExperimentOptions {
  /** The motif, as letters. */
  readonly motif: string;
  /**
   * 0-based position of its first letter. Default: the middle of the letters of probes, 17 in 41 letters.
   */
  readonly position?: number | undefined;
}

/** What `kmerMutagenesis` embeds, and where. */
export interface MutagenesisDesign {
  readonly motif: string;
  readonly position: number;
}

/** What a row of `kmerMutagenesis` is: the letters that are embedded, those of the motif or of a variant. */
export type MutagenesisLabels = InPadding & { readonly pattern: string };

/** What a comparison of `kmerMutagenesis` is: variant - motif. */
export type MutagenesisCompared = InPadding & {
  /** The variant's letters. */
  readonly pattern: string;
  /** Place in the motif of the letter that is replaced, from 0. */
  readonly position: number;
  /** The motif's letter. */
  readonly from: string;
  /** The letter in its place. */
  readonly to: string;
};

/** Numbers of a model as a whole. */
export interface MutagenesisFacts {
  /** L2 norm of the differences at each place in the motif: the height of its letter in a logo. */
  readonly heights: readonly number[];
}

/** The result of `kmerMutagenesis`. */
export type MutagenesisResult = StudyResult<
  'mutagenesis',
  MutagenesisDesign,
  ExperimentRow<MutagenesisLabels>,
  MutagenesisCompared,
  MutagenesisFacts
>;

/**
 * Importance of a motif and of its 3k single-nucleotide variants. Comparisons are variant - motif.
 *
 * @throws InvalidSequenceError for a motif with letters other than A, C, G, U and T; and what `importance`
 * throws
 */
export async function kmerMutagenesis(
  model: Model,
  { motif: given, position: wanted, ...options }: KmerMutagenesisOptions,
): Promise<MutagenesisResult> {
  const motif = wholeMotif(given);
  const { backgrounds } = options;
  const position = wanted ?? defaultPosition(lettersIn(backgrounds), backgrounds.length, motif.length, motif);
  const variants = Array.from(motif).flatMap((own, place) =>
    Array.from(ALPHABET)
      .filter((letter) => letter !== own)
      .map((letter) => ({ letters: motif.slice(0, place) + letter + motif.slice(place + 1), place, letter })),
  );
  const all = [motif, ...variants.map(({ letters }) => letters)];
  const at = (letters: string) => pattern([letters, position]);
  const patterns = all.map(at);
  const { mark, found } = paddingMarks(patterns, backgrounds);
  const locals = await localsOf(model, patterns, options);
  const values = (letters: string, e: number) => locals[e]!.get(at(letters).name);
  const comparisons = comparisonsOf(
    locals,
    variants,
    ({ letters }, e) => [values(letters, e), values(motif, e)],
    ({ letters, place, letter }): MutagenesisCompared => ({
      pattern: letters,
      position: place,
      from: motif[place]!,
      to: letter,
      ...mark(at(letters)),
    }),
  );
  return {
    experiment: 'mutagenesis',
    design: { motif, position },
    ...found,
    ...writtenBy(model, options),
    backgrounds: backgrounds.count,
    rows: rowsOf(
      locals,
      all,
      values,
      (letters): MutagenesisLabels => ({ pattern: letters, ...mark(at(letters)) }),
    ),
    comparisons,
    facts: factsOf(locals, (e) => ({
      heights: Array.from(motif, (_, place) =>
        Math.hypot(
          ...rowsAt(comparisons, locals, e)
            .filter(({ labels }) => labels.position === place)
            .map(({ difference }) => difference),
        ),
      ),
    })),
  };
}
