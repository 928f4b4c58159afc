/** One, two and three copies of a motif (paper, figures 2b, 2c and 2g). */

import type { ResidualBind } from '../../nn/residualbind.js';
import { leastSquares } from '../paired.js';
import {
  comparisonsOf,
  type ExperimentOptions,
  type ExperimentResult,
  localsOf,
  motifOf,
  pattern,
  rowsOf,
  sumOf,
} from './study.js';

export interface MultiplicityOptions extends ExperimentOptions {
  readonly motif: string;
  /** 0-based position of every copy, in the order in which they are added. Default 3, 10, 17, further apart for a longer motif than 6. */
  readonly positions?: readonly number[] | undefined;
}

/**
 * Importance of 1 … n copies, with the least-squares line over their number (`slope`, `intercept`, `r2`). Comparisons are
 * copies together - sum of each alone: 0 where copies add up.
 *
 * @throws as `importance`
 */
export async function multiplicity(
  model: ResidualBind,
  { motif: given, positions: wanted, ...options }: MultiplicityOptions,
): Promise<ExperimentResult> {
  const motif = motifOf(given);
  const positions = wanted ?? threePlaces(motif);
  const copies = positions.map((_, i) =>
    pattern(...positions.slice(0, i + 1).map((p) => [motif, p] as const)),
  );
  const singles = positions.map((p) => pattern([motif, p]));
  const locals = await localsOf(model, [...copies, ...singles.slice(1)], options);
  const { models } = model;
  const counts = positions.map((_, i) => i + 1);
  const values = (n: number, e: number) => locals[e]!.get(copies[n - 1]!.name)!;
  const rows = rowsOf(models, counts, values, (n) => ({ copies: n, pattern: copies[n - 1]!.name }));
  return {
    experiment: 'multiplicity',
    what: `1 to ${positions.length} copies of ${motif}, at ${positions.join(', ')}`,
    backgrounds: options.backgrounds.count,
    rows,
    comparisons: comparisonsOf(
      models,
      counts.slice(1),
      (n, e) => [values(n, e), sumOf(singles.slice(0, n).map(({ name }) => locals[e]!.get(name)!))],
      (n) => ({ comparison: 'together - sum of each alone', copies: n }),
    ),
    facts: locals.map((_, e) => {
      const own = rows.filter((row) => row.model === e).map(({ importance }) => importance);
      const { slope, intercept, r2 } = leastSquares(counts, own);
      return { slope, intercept, r2 };
    }),
  };
}

/** The paper's 4–9, 11–16 and 18–23 (1-based): a letter between copies. */
const threePlaces = ({ length }: string): number[] => [0, 1, 2].map((i) => 3 + i * (Math.max(length, 6) + 1));
