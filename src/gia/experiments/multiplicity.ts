/** One, two and three copies of a motif, and of a weaker one at the same places (paper, figures 2b, 2c and 2g). */

import { count } from '../../device/count.js';
import { ShapeError } from '../../device/errors.js';
import { lettersIn } from '../backgrounds/backgrounds.js';
import { type LetterRange, widthOf } from '../backgrounds/letters.js';
import { checkRoom, isWithin, middleOf } from '../backgrounds/placement.js';
import type { Model } from '../model.js';
import { differences, effectOf, leastSquares } from '../statistics/paired.js';
import {
  comparisonsOf,
  type ExperimentOptions,
  type ExperimentResult,
  localsOf,
  motifOf,
  paddingMarks,
  pattern,
  rowsOf,
  sumOf,
} from './study.js';

/** `multiplicity`: which motif, and how many copies. */
export interface MultiplicityOptions extends ExperimentOptions {
  /** The motif, as letters or IUPAC codes. */
  readonly motif: string;
  /** A motif that binds less, of which as many copies are embedded at the same positions, without the motif itself. */
  readonly suboptimal?: string | undefined;
  /**
   * 0-based position of every copy, in the order in which they are added. Default 3, 10, 17, further apart
   * for a longer motif than 6; in the middle of the letters, and closer where that is needed, where probes
   * have none there.
   */
  readonly positions?: readonly number[] | undefined;
}

/** Numbers of a row beside its importance, which is that of all its copies together. */
interface CopyNumbers extends Readonly<Record<string, number>> {
  /** Place of the last copy. */
  readonly position: number;
  /** What the last copy adds: all copies together - all but the last. */
  readonly added: number;
  readonly addedCiLow: number;
  readonly addedCiHigh: number;
  /** What the last copy counts by itself, at the same place in the same backgrounds. */
  readonly alone: number;
  readonly aloneCiLow: number;
  readonly aloneCiHigh: number;
}

/**
 * Importance of 1 … n copies together. A motif does not count the same everywhere, so each copy is compared
 * with itself at its own place: a row's `more` has what its last copy adds and what that copy counts alone
 * there. Comparisons, paired by background, are copies together - sum of each alone, and from the third copy
 * on what the last copy adds - the same copy alone (of the second they are the same); 0 where copies add up.
 * The facts are the least-squares line over the number of copies (`slope`, `intercept`, `r2` and the number
 * of `points`), which mixes the number of copies with their places. Of a sub-optimal motif the same, rows and
 * comparisons after those of the motif and told apart by the label `motif`, the line as `suboptimalSlope`,
 * `suboptimalIntercept` and `suboptimalR2`; q values are over both.
 *
 * @throws ShapeError for fewer than two positions, and for a sub-optimal motif that is the motif;
 * PaddingError where three copies do not fit the letters of probes; and as `importance`
 */
export async function multiplicity(
  model: Model,
  { motif: given, suboptimal, positions: wanted, ...options }: MultiplicityOptions,
): Promise<ExperimentResult> {
  const motifs = [given, ...(suboptimal === undefined ? [] : [suboptimal])].map(motifOf);
  const [motif, weaker] = motifs as [string, string?];
  if (motif === weaker)
    throw new ShapeError(`the sub-optimal motif must be another than the motif, ${motif}`);
  const { backgrounds } = options;
  const positions =
    wanted ?? threePlaces(lettersIn(backgrounds), Math.max(...motifs.map(({ length }) => length)));
  if (positions.length < 2)
    throw new ShapeError(
      `copies are compared with fewer copies, so they need at least 2 positions, not ${positions.length}`,
    );
  const counts = positions.map((_, i) => i + 1);
  const copies = (letters: string, n: number) =>
    pattern(...positions.slice(0, n).map((p) => [letters, p] as const));
  const lastOf = (n: number) => positions[n - 1]!;
  const patterns = motifs.flatMap((letters) => [
    ...counts.map((n) => copies(letters, n)),
    ...positions.slice(1).map((p) => pattern([letters, p])),
  ]);
  const { mark, note, found } = paddingMarks(patterns, backgrounds);
  const locals = await localsOf(model, patterns, options);
  const models = locals.length;
  const together = (letters: string, n: number, e: number) => locals[e]!.get(copies(letters, n).name)!;
  const alone = (letters: string, n: number, e: number) =>
    locals[e]!.get(pattern([letters, lastOf(n)]).name)!;
  const added = (letters: string, n: number, e: number) =>
    n === 1 ? together(letters, n, e) : differences(together(letters, n, e), together(letters, n - 1, e));
  const numbers = (letters: string, n: number, e: number): CopyNumbers => {
    const where = copies(letters, n).name;
    const more = effectOf(added(letters, n, e), where);
    const single = effectOf(alone(letters, n, e), where);
    return {
      position: lastOf(n),
      added: more.mean,
      addedCiLow: more.ciLow,
      addedCiHigh: more.ciHigh,
      alone: single.mean,
      aloneCiLow: single.ciLow,
      aloneCiHigh: single.ciHigh,
    };
  };
  const cases = motifs.flatMap((letters) => counts.map((n) => ({ letters, n })));
  const which = (letters: string) => (weaker === undefined ? {} : { motif: letters });
  const rows = rowsOf(
    models,
    cases,
    ({ letters, n }, e) => together(letters, n, e),
    ({ letters, n }) => ({
      ...which(letters),
      copies: n,
      pattern: copies(letters, n).name,
      ...mark(copies(letters, n)),
    }),
  );
  const compared = motifs.flatMap((letters) => [
    ...counts.slice(1).map((n) => ({
      labels: {
        comparison: 'together - sum of each alone',
        ...which(letters),
        copies: n,
        ...mark(copies(letters, n)),
      },
      sides: (e: number) =>
        [together(letters, n, e), sumOf(counts.slice(0, n).map((k) => alone(letters, k, e)))] as const,
    })),
    ...counts.slice(2).map((n) => ({
      labels: {
        comparison: 'added by the last copy - the same copy alone',
        ...which(letters),
        copies: n,
        ...mark(copies(letters, n)),
      },
      sides: (e: number) => [added(letters, n, e), alone(letters, n, e)] as const,
    })),
  ]);
  return {
    experiment: 'multiplicity',
    what: `1 to ${count(positions.length, 'copy', 'copies')} of ${motifs.join(', and of ')}, at ${positions.join(', ')}${note}`,
    ...found,
    backgrounds: backgrounds.count,
    rows: rows.map((row, i) => {
      const { letters, n } = cases[i % cases.length]!;
      return { ...row, more: numbers(letters, n, row.model) };
    }),
    comparisons: comparisonsOf(
      models,
      compared,
      ({ sides }, e) => sides(e),
      ({ labels }) => labels,
    ),
    facts: locals.map((_, e) => {
      const means = rows.filter((row) => row.model === e).map(({ importance }) => importance);
      const { slope, intercept, r2, points } = leastSquares(counts, means.slice(0, counts.length));
      if (weaker === undefined) return { slope, intercept, r2, points };
      const other = leastSquares(counts, means.slice(counts.length));
      return {
        slope,
        intercept,
        r2,
        suboptimalSlope: other.slope,
        suboptimalIntercept: other.intercept,
        suboptimalR2: other.r2,
        points,
      };
    }),
  };
}

/**
 * The paper's 4–9, 11–16 and 18–23 (1-based), a letter between copies, where probes have letters there; else
 * the same in the middle of the letters, with less between copies where they are few.
 */
function threePlaces(letters: LetterRange, length: number): readonly number[] {
  const apart = Math.max(length, 6) + 1;
  if (isWithin(letters, 3, 2 * apart + length)) return [3, 3 + apart, 3 + 2 * apart];
  const what = `three copies of ${length} letters each`;
  checkRoom(letters, 3 * length, what);
  const step = Math.min(apart, Math.floor((widthOf(letters) - length) / 2));
  const first = middleOf(letters, 2 * step + length, what);
  return [first, first + step, first + 2 * step];
}
