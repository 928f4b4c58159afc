/**
 * In-silico mutagenesis (paper, Methods, "k-mer mutagenesis" and motif logos): every letter of a sequence is
 * replaced by every other one, and the change of the prediction noted. A mutant is a sequence with a pattern
 * of one letter embedded, so this is importance analysis with the sequences themselves as backgrounds, by the
 * same methods.
 */

import { ALPHABET } from '../../data/sequences/letters.js';
import { count as counted } from '../../device/count.js';
import { CancelledError } from '../../device/errors.js';
import type { Sequences } from '../../nn/sequences.js';
import { type ImportanceOptions, importance } from '../importance.js';
import { type Model, readoutsIn, readoutsOf } from '../model.js';
import type { Pattern } from '../patterns/patterns.js';
import { checkTreatment, keptProfiles, treatmentIn } from '../structure.js';
import { predictBare } from '../sweep/bare-predictions.js';
import { SweepCancelledError } from '../sweep/state.js';
import {
  type Attribution,
  type AttributionOptions,
  checkAsked,
  checkFinite,
  countOf,
  heightsOf,
  NO_LETTER,
} from './attribution.js';

/** How sequences are mutated in silico. */
export interface MutagenesisOptions
  extends AttributionOptions,
    Pick<ImportanceOptions, 'method' | 'memory' | 'chunk' | 'precision' | 'structure'> {}

/**
 * f(mutant) - f(wild type) for every single-letter variant: `scores` [E * outputs, N, 4, L], 0 at the
 * sequence's own letter. Pads
 * and N are no wild type to compare with: they are left as they are, and their scores are 0. A few sequences
 * and many take another `method` by default, as a sweep does, and then agree to rounding; with one given, to
 * the bit.
 *
 * A model with structure channels folds the wild type and every mutant anew by default. With `structure:
 * 'keep'` mutants keep the wild type's profile, so that the scores are those of the letters alone.
 *
 * @param sequences base codes [N * L], 0-3 = ACGU, 4 = pad or N; with `keep` also profiles, where they are
 * not to be folded
 * @throws ShapeError or InvalidSequenceError for codes that are not N sequences; ArgumentError for profiles
 * that are not kept; CancelledError; NotFiniteError
 */
export async function mutagenesis(
  given: Model,
  sequences: Sequences,
  chosen: MutagenesisOptions = {},
): Promise<Attribution> {
  const model = checkAsked(given, sequences, chosen);
  const { codes, profile } = sequences;
  const { signal, onProgress, ...options } = chosen;
  checkTreatment(model, options);
  const { length } = model;
  const readouts = readoutsOf(model);
  const count = countOf(model, codes);
  const written = writtenPositions(codes, length);
  const patterns = written.flatMap((position) =>
    Array.from(
      ALPHABET,
      (letters): Pattern => ({ name: `${letters}@${position}`, sites: [{ position, letters }] }),
    ),
  );
  const scores = new Float32Array(readouts * count * 4 * length);
  const precision = options.precision ?? 'f32';
  let predictions: Float32Array;
  if (patterns.length === 0) {
    const kept = await keptProfiles(model, sequences, chosen);
    predictions = await predictBare(model, { codes, count, profile: kept }, precision, signal);
  } else {
    const backgrounds = { kind: 'sequences', seed: 0, count, length, codes, profile } as const;
    const result = await importance(model, patterns, backgrounds, {
      ...options,
      signal,
      onProgress,
      keepLocal: true,
    }).catch((error: unknown) => {
      if (!(error instanceof SweepCancelledError)) throw error;
      const { backgrounds: done } = error.state;
      throw new CancelledError(
        `the mutagenesis was cancelled after ${done} of ${counted(count, 'sequence')}`,
      );
    });
    predictions = result.bare;
    result.models.forEach(({ local }, r) => {
      local!.forEach((value, i) => {
        const [pattern, n] = [Math.floor(i / count), i % count];
        const [position, letter] = [written[Math.floor(pattern / 4)]!, pattern % 4];
        const own = codes[n * length + position]!;
        if (own === NO_LETTER || own === letter) return;
        scores[((r * count + n) * 4 + letter) * length + position] = value;
      });
    });
    checkFinite(scores, count, length);
  }
  return {
    method: 'mutagenesis',
    ...readoutsIn(model),
    ...treatmentIn(model, chosen),
    count,
    length,
    scores,
    heights: heightsOf(scores, length),
    predictions,
  };
}

/** Positions at which any of the sequences has a letter. */
function writtenPositions(codes: Uint8Array, length: number): number[] {
  const written = new Uint8Array(length);
  codes.forEach((code, i) => {
    if (code !== NO_LETTER) written[i % length] = 1;
  });
  return Array.from(written.keys()).filter((position) => written[position] === 1);
}
