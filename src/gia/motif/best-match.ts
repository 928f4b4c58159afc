/**
 * How near a sequence comes to a motif: the mutations between the motif and its best match (paper, figures 2a
 * and 3a).
 */
import { ANY } from '../../data/sequences/letters.js';
import { canonicalSequence } from '../../data/sequences/sequence.js';

/**
 * The least number of letters in which any stretch of a sequence differs from a motif; N differs from every
 * letter.
 *
 * @returns 0 for a perfect match; undefined for a sequence that is shorter than the motif
 * @throws InvalidSequenceError for other letters than A, C, G, U, T and N
 */
export function mutationsToBestMatch(sequence: string, motif: string): number | undefined {
  const [letters, wanted] = [canonicalSequence(sequence, 'sequence'), canonicalSequence(motif, 'motif')];
  let least: number | undefined;
  for (let start = 0; start + wanted.length <= letters.length; start++) {
    let differing = 0;
    for (let i = 0; i < wanted.length; i++)
      if (letters[start + i] !== wanted[i] || wanted[i] === ANY) differing++;
    least = Math.min(least ?? differing, differing);
  }
  return least;
}
