/** Information content of position weight matrices, and the letter heights of sequence logos. */
import type { PositionWeightMatrix } from '../../data/pwm.js';
import { ALPHABET } from '../../data/sequences/letters.js';
import { canonicalSequence } from '../../data/sequences/sequence.js';
import { count } from '../../device/count.js';
import { NotFiniteError, ShapeError } from '../../device/errors.js';

/** Every letter equally often. */
export const UNIFORM = [0.25, 0.25, 0.25, 0.25] as const;

/**
 * Heights of the letters of a logo, [positions, 4] in the order A, C, G, U; below 0 for letters under the
 * axis.
 */
export type LetterHeights = readonly (readonly [number, number, number, number])[];

/**
 * Information of one column in bits, 0 (uniform) to 2 (one letter): 2 + Σ p log₂ p (Schneider & Stephens
 * 1990). Without their small-sample correction: the frequencies are weighted, not counted.
 */
export function columnInformation(column: readonly number[]): number {
  const bits = column.reduce((sum, p) => (p > 0 ? sum + p * Math.log2(p) : sum), 2);
  return Math.min(2, Math.max(0, bits));
}

/** Information of each position, bits [positions]. */
export const informationContent = (pwm: PositionWeightMatrix): number[] => pwm.map(columnInformation);

/**
 * Heights of an information logo, bits: each position's information shared among its letters by their
 * frequency.
 */
export const informationHeights = (pwm: PositionWeightMatrix): LetterHeights =>
  pwm.map((column) => {
    const bits = columnInformation(column);
    const [a, c, g, u] = column;
    return [a * bits, c * bits, g * bits, u * bits];
  });

/**
 * Sensitivity of each position to mutation: L2 norm over its variants (paper, Methods, In silico mutagenesis;
 * figures 2a,e and 3a,b), the square root included.
 *
 * @param scores [4, k] row-major: prediction or importance of the variant with that letter less that of the
 * wild type
 * @returns [k], in the scores' unit
 * @throws ShapeError unless there are 4k scores, k ≥ 1; NotFiniteError for one that is not finite
 */
export function mutagenesisNorms(scores: ArrayLike<number>): Float64Array {
  const k = scores.length / 4;
  if (!Number.isInteger(k) || k === 0) throw new ShapeError(`${scores.length} scores are not a [4, k] map`);
  return Float64Array.from({ length: k }, (_, i) => {
    const column = [0, 1, 2, 3].map((base) => scores[base * k + i]!);
    column.forEach((score, base) => {
      if (!Number.isFinite(score))
        throw new NotFiniteError(`mutagenesis score of ${ALPHABET[base]} at position ${i + 1} is ${score}`);
    });
    return Math.hypot(...column);
  });
}

/**
 * Heights of a mutagenesis logo: the wild type's letters, each as high as its position is sensitive.
 *
 * @param sequence k letters ACGU/T; N gets no letter
 * @param scores [4, k] row-major, as for `mutagenesisNorms`
 * @throws ShapeError unless there are four scores per letter; NotFiniteError; InvalidSequenceError
 */
export function mutagenesisHeights(sequence: string, scores: ArrayLike<number>): LetterHeights {
  const letters = canonicalSequence(sequence, 'the wild type');
  if (scores.length !== 4 * letters.length) {
    throw new ShapeError(
      `${count(letters.length, 'letter')} need ${4 * letters.length} scores, not ${scores.length}`,
    );
  }
  const norms = mutagenesisNorms(scores);
  return [...letters].map((letter, i) => {
    const of = (base: number) => (ALPHABET[base] === letter ? norms[i]! : 0);
    return [of(0), of(1), of(2), of(3)];
  });
}
