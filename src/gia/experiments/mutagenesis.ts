/** Every single-nucleotide variant of a k-mer (paper, figures 2e and 3b; Methods, Motif visualization). */

import { ALPHABET } from '../../data/sequences/sequence.js';
import { lettersIn } from '../backgrounds/backgrounds.js';
import { defaultPosition } from '../backgrounds/placement.js';
import type { Model } from '../model.js';
import {
  comparisonsOf,
  type ExperimentOptions,
  type ExperimentResult,
  localsOf,
  paddingMarks,
  pattern,
  rowsOf,
  wholeMotif,
} from './study.js';

/** `kmerMutagenesis`: which motif, and where it stands. */
export interface KmerMutagenesisOptions extends ExperimentOptions {
  /** The motif, as letters. */
  readonly motif: string;
  /**
   * 0-based position of its first letter. Default 17 where probes fill the input, else the middle of their
   * letters.
   */
  readonly position?: number | undefined;
}

/**
 * Importance of a motif and of its 3k variants; comparisons are variant - motif. The fact `heights` [k] is the L2 norm of
 * each position's differences, the height of its letter in a logo.
 *
 * @throws InvalidSequenceError for a motif with other letters than A, C, G, U and T; and as `importance`
 */
export async function kmerMutagenesis(
  model: Model,
  { motif: given, position: wanted, ...options }: KmerMutagenesisOptions,
): Promise<ExperimentResult> {
  const motif = wholeMotif(given);
  const { backgrounds } = options;
  const position = wanted ?? defaultPosition(lettersIn(backgrounds), backgrounds.length, motif.length, motif);
  const whole = { letters: motif, place: -1, letter: '' };
  const variants = Array.from(motif).flatMap((own, place) =>
    Array.from(ALPHABET)
      .filter((letter) => letter !== own)
      .map((letter) => ({ letters: motif.slice(0, place) + letter + motif.slice(place + 1), place, letter })),
  );
  const all = [whole, ...variants];
  const at = (letters: string) => pattern([letters, position]);
  const patterns = all.map(({ letters }) => at(letters));
  const { mark, note, found } = paddingMarks(patterns, backgrounds);
  const locals = await localsOf(model, patterns, options);
  const values = (letters: string, e: number) => locals[e]!.get(at(letters).name)!;
  const models = locals.length;
  const comparisons = comparisonsOf(
    models,
    variants,
    ({ letters }, e) => [values(letters, e), values(motif, e)],
    ({ letters, place, letter }) => ({
      pattern: letters,
      position: place,
      from: motif[place]!,
      to: letter,
      ...mark(at(letters)),
    }),
  );
  return {
    experiment: 'mutagenesis',
    what: `every single-nucleotide variant of ${motif} at ${position}${note}`,
    ...found,
    backgrounds: backgrounds.count,
    rows: rowsOf(
      models,
      all,
      ({ letters }, e) => values(letters, e),
      ({ letters }) => ({ pattern: letters, ...mark(at(letters)) }),
    ),
    comparisons,
    facts: locals.map((_, e) => ({
      heights: Array.from(motif, (_, place) =>
        Math.hypot(
          ...comparisons
            .filter(({ model: of, labels }) => of === e && labels.position === place)
            .map(({ difference }) => difference),
        ),
      ),
    })),
  };
}
