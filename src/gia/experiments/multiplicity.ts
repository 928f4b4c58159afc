/** One, two and three copies of a motif, and of a weaker one at the same places (paper, figures 2b, 2c and 2g). */

import { ShapeError } from '../../device/errors.js';
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
  /** A motif that binds less, of which as many copies are embedded at the same positions, without the motif itself. */
  readonly suboptimal?: string | undefined;
  /** 0-based position of every copy, in the order in which they are added. Default 3, 10, 17, further apart for a longer motif than 6. */
  readonly positions?: readonly number[] | undefined;
}

/**
 * Importance of 1 … n copies, with the least-squares line over their number (`slope`, `intercept`, `r2`). Comparisons are
 * copies together - sum of each alone: 0 where copies add up. Of a sub-optimal motif the same, rows and comparisons after
 * those of the motif and told apart by the label `motif`, the line as `suboptimalSlope`, `suboptimalIntercept` and
 * `suboptimalR2`; q values are over both.
 *
 * @throws ShapeError for a sub-optimal motif that is the motif; and as `importance`
 */
export async function multiplicity(
  model: ResidualBind,
  { motif: given, suboptimal, positions: wanted, ...options }: MultiplicityOptions,
): Promise<ExperimentResult> {
  const motifs = [given, ...(suboptimal === undefined ? [] : [suboptimal])].map(motifOf);
  const [motif, weaker] = motifs as [string, string?];
  if (motif === weaker)
    throw new ShapeError(`the sub-optimal motif must be another than the motif, ${motif}`);
  const positions = wanted ?? threePlaces(Math.max(...motifs.map(({ length }) => length)));
  const counts = positions.map((_, i) => i + 1);
  const copies = (letters: string, n: number) =>
    pattern(...positions.slice(0, n).map((p) => [letters, p] as const));
  const alone = (letters: string, p: number) => pattern([letters, p]);
  const locals = await localsOf(
    model,
    motifs.flatMap((letters) => [
      ...counts.map((n) => copies(letters, n)),
      ...positions.slice(1).map((p) => alone(letters, p)),
    ]),
    options,
  );
  const { models } = model;
  const values = ({ name }: { readonly name: string }, e: number) => locals[e]!.get(name)!;
  const cases = motifs.flatMap((letters) => counts.map((n) => ({ letters, n })));
  const which = (letters: string) => (weaker === undefined ? {} : { motif: letters });
  const rows = rowsOf(
    models,
    cases,
    ({ letters, n }, e) => values(copies(letters, n), e),
    ({ letters, n }) => ({ ...which(letters), copies: n, pattern: copies(letters, n).name }),
  );
  return {
    experiment: 'multiplicity',
    what: `1 to ${positions.length} copies of ${motifs.join(', and of ')}, at ${positions.join(', ')}`,
    backgrounds: options.backgrounds.count,
    rows,
    comparisons: comparisonsOf(
      models,
      cases.filter(({ n }) => n > 1),
      ({ letters, n }, e) => [
        values(copies(letters, n), e),
        sumOf(positions.slice(0, n).map((p) => values(alone(letters, p), e))),
      ],
      ({ letters, n }) => ({ comparison: 'together - sum of each alone', ...which(letters), copies: n }),
    ),
    facts: locals.map((_, e) => {
      const means = rows.filter((row) => row.model === e).map(({ importance }) => importance);
      const line = leastSquares(counts, means.slice(0, counts.length));
      const { slope, intercept, r2 } = line;
      if (weaker === undefined) return { slope, intercept, r2 };
      const other = leastSquares(counts, means.slice(counts.length));
      return {
        slope,
        intercept,
        r2,
        suboptimalSlope: other.slope,
        suboptimalIntercept: other.intercept,
        suboptimalR2: other.r2,
      };
    }),
  };
}

/** The paper's 4–9, 11–16 and 18–23 (1-based): a letter between copies. */
const threePlaces = (length: number): number[] => [0, 1, 2].map((i) => 3 + i * (Math.max(length, 6) + 1));
