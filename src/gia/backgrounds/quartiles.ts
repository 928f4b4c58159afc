/**
 * Which sequences are the lowest or the highest quarter by score: the real sequences that serve as
 * backgrounds.
 */
import { NotFiniteError } from '../../device/errors.js';

/** 1 has the lowest scores. */
export type Quartile = 1 | 2 | 3 | 4;

/**
 * Indices of the sequences whose rank by score lies in a quarter of all, lowest score first; of equal scores
 * the earlier sequence is the lower. The four quartiles share nothing and cover all; their sizes differ by 1
 * at most.
 *
 * @param scores `[M]`
 * @throws NotFiniteError naming the sequence whose score is none
 */
export function quartileOf(scores: ArrayLike<number>, quartile: Quartile): Uint32Array {
  const bad = Array.from(scores).findIndex((score) => !Number.isFinite(score));
  if (bad >= 0) throw new NotFiniteError(`sequence ${bad}: its score is ${scores[bad]}, so it has no rank`);
  const ranked = Uint32Array.from({ length: scores.length }, (_, i) => i).sort(
    (a, b) => scores[a]! - scores[b]! || a - b,
  );
  const bound = (quarters: number) => Math.floor((quarters * ranked.length) / 4);
  return ranked.slice(bound(quartile - 1), bound(quartile));
}
