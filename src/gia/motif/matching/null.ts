/**
 * Sums of column scores by chance, after Tomtom (Gupta, Stamatoyannopoulos, Bailey and Noble 2007): a motif
 * whose columns are drawn independently from all columns of the known motifs. The distribution of the sum
 * over a stretch of the query is exact, by dynamic programming over its columns.
 */

/** The scores that a column of the query can have, and how probable each is. */
export interface ScoreDistribution {
  readonly scores: Int32Array;
  readonly probabilities: Float64Array;
}

/** Shares of the scores of all columns of the known motifs. */
export function scoreDistribution(scores: ArrayLike<number>): ScoreDistribution {
  const counts = new Map<number, number>();
  for (let i = 0; i < scores.length; i++) counts.set(scores[i]!, (counts.get(scores[i]!) ?? 0) + 1);
  const sorted = [...counts].sort(([a], [b]) => a - b);
  return {
    scores: Int32Array.from(sorted, ([score]) => score),
    probabilities: Float64Array.from(sorted, ([, count]) => count / scores.length),
  };
}

/** Probabilities that a sum is at least as high as each value from `least` on. */
export interface TailProbabilities {
  readonly least: number;
  readonly tail: Float64Array;
}

/**
 * The distribution of the sum over columns `start`, `start` + 1, …: one item for every length, 1 and up.
 *
 * @param columns of the query
 */
export function* sumTails(
  columns: readonly ScoreDistribution[],
  start: number,
): Generator<TailProbabilities> {
  let least = 0;
  let sums = Float64Array.of(1);
  for (const { scores, probabilities } of columns.slice(start)) {
    const lowest = scores[0]!;
    const next = new Float64Array(sums.length + scores.at(-1)! - lowest);
    for (let k = 0; k < scores.length; k++) {
      const shift = scores[k]! - lowest;
      const p = probabilities[k]!;
      for (let i = 0; i < sums.length; i++) next[i + shift]! += p * sums[i]!;
    }
    least += lowest;
    sums = next;
    yield { least, tail: tailsOf(sums) };
  }
}

/** Probability of each value or a higher one; summed from the top, so that small ones are exact. */
function tailsOf(sums: Float64Array): Float64Array {
  const tail = new Float64Array(sums.length);
  let total = 0;
  for (let i = sums.length - 1; i >= 0; i--) {
    total += sums[i]!;
    tail[i] = Math.min(1, total);
  }
  return tail;
}
