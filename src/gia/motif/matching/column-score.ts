/**
 * How well a column of a known motif fits one of a query, as a whole number of steps, so that sums of scores
 * have an exact distribution (`null.ts`).
 */
import { columnInformation, UNIFORM } from '../information.js';

/** Letter frequencies of one position. */
export type Column = readonly [number, number, number, number];

/** Steps to a unit of score. Two certain columns score 0.87 if they have the same letter, else -0.55. */
const STEPS = 100;

/**
 * The score of a column t of a known motif against a column q of the query:
 *
 *   information(q) / 2 bits · (|q - u| - |q - t|),   u = ¼ ¼ ¼ ¼
 *
 * with Euclidean distances, Tomtom's usual measure (Gupta et al. 2007). Nothing fits q better than q itself.
 * Unlike the bare distance it is 0 for a uniform t, and near 0 for all t where q is nearly uniform, so that
 * columns without information do not influence the ranking.
 *
 * @returns a whole number of hundredths, -55 to 87
 */
export function columnScorer(q: Column): (t: Column) => number {
  const weight = (columnInformation(q) / 2) * STEPS;
  const ofUniform = distance(q, UNIFORM);
  // Without this, some columns would score -0, which is another key of a map than 0.
  return (t) => Math.round(weight * (ofUniform - distance(q, t))) || 0;
}

const distance = (a: Column, b: Column): number =>
  Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2], a[3] - b[3]);
