/**
 * One, two and three copies of a motif, and of a weaker motif at the same positions (paper, figures 2b, 2c
 * and 2g).
 */

import { ShapeError } from '../../device/errors.js';
import { lettersIn } from '../backgrounds/backgrounds.js';
import { type LetterRange, widthOf } from '../backgrounds/letters.js';
import { checkRoom, isPaperSized, isWithin, middleOf } from '../backgrounds/placement.js';
import type { Model } from '../model.js';
import { differences, effectOf, leastSquares } from '../statistics/paired.js';
import { writtenBy } from '../structure.js';
import {
  comparisonsOf,
  type ExperimentOptions,
  type ExperimentRow,
  factsOf,
  type InPadding,
  localsOf,
  motifOf,
  paddingMarks,
  pattern,
  rowsAt,
  rowsOf,
  type StudyResult,
  sumOf,
} from './study.js';

/** Options of `multiplicity`: which motif, and how many copies. */
export interface MultiplicityOptions extends ExperimentOptions {
  /** The motif, as letters or IUPAC codes. */
  readonly motif: string;
  /**
   * A weaker motif. As many copies of it are embedded at the same positions, in place of the motif.
   */
  readonly suboptimal?: string | undefined;
  /**
   * 0-based position of every copy, in the order in which copies are added. Default 3, 10, 17, further apart
   * for a motif longer than 6. Where probes have no letters there: in the middle of their letters, and closer
   * together if needed.
   */
  readonly positions?: readonly number[] | undefined;
}

/** What `multiplicity` embeds, and where. */
export interface MultiplicityDesign {
  readonly motif: string;
  /** Absent where there is none. */
  readonly suboptimal?: string;
  /** Of every copy, in the order in which copies are added. */
  readonly positions: readonly number[];
}

/** What a row of `multiplicity` is: the first `copies` copies of a motif together. */
export type CopyLabels = InPadding & {
  /** The motif or the sub-optimal motif of the design. */
  readonly motif: string;
  readonly copies: number;
  readonly pattern: string;
};

/**
 * What is compared. `together-minus-sum`: all copies together - the sum of each alone. `added-minus-alone`:
 * what the last copy adds to the others - the same copy alone.
 */
export type CopyComparison = 'together-minus-sum' | 'added-minus-alone';

/** What a comparison of `multiplicity` is. */
export type CopyCompared = InPadding & {
  readonly comparison: CopyComparison;
  /** The motif or the sub-optimal motif of the design. */
  readonly motif: string;
  readonly copies: number;
};

/** Numbers of a row about its last copy; the importance of the row is that of all its copies together. */
export type CopyNumbers = {
  /** Position of the last copy. */
  readonly position: number;
  /** What the last copy adds: all copies together - all but the last. */
  readonly added: number;
  readonly addedCiLow: number;
  readonly addedCiHigh: number;
  /** Importance of the last copy alone, at the same position in the same backgrounds. */
  readonly alone: number;
  readonly aloneCiLow: number;
  readonly aloneCiHigh: number;
};

/** A row of `multiplicity`. */
export interface CopyRow extends ExperimentRow<CopyLabels> {
  readonly more: CopyNumbers;
}

/**
 * The least-squares line of importance over the number of copies. Copies differ in their position as well as
 * in their number, and the line mixes both.
 */
export interface CopyFacts {
  readonly slope: number;
  readonly intercept: number;
  readonly r2: number;
  /** The line of the sub-optimal motif; absent where there is none. */
  readonly suboptimalSlope?: number;
  readonly suboptimalIntercept?: number;
  readonly suboptimalR2?: number;
  /** Number of points of each line. */
  readonly points: number;
}

/** The result of `multiplicity`. */
export type MultiplicityResult = StudyResult<
  'multiplicity',
  MultiplicityDesign,
  CopyRow,
  CopyCompared,
  CopyFacts
>;

/**
 * Importance of 1 … n copies together. A motif's importance depends on its position, so each copy is compared
 * with itself alone at its own position. Comparisons are paired by background and are 0 where copies add up:
 * from two copies on all together - the sum of each alone, and from three copies on what the last copy adds -
 * the same copy alone (for two copies this is the same). Rows and comparisons of a sub-optimal motif follow
 * those of the motif; q values are over both.
 *
 * @throws ShapeError for fewer than two positions, and for a sub-optimal motif that equals the motif;
 * PaddingError where three copies do not fit the letters of probes; and what `importance` throws
 */
export async function multiplicity(
  model: Model,
  { motif: given, suboptimal, positions: wanted, ...options }: MultiplicityOptions,
): Promise<MultiplicityResult> {
  const motifs = [given, ...(suboptimal === undefined ? [] : [suboptimal])].map(motifOf);
  const [motif, weaker] = motifs as [string, string?];
  if (motif === weaker)
    throw new ShapeError(`the sub-optimal motif must differ from the motif, and both are ${motif}`);
  const { backgrounds } = options;
  const positions =
    wanted ?? threePlaces(lettersIn(backgrounds), Math.max(...motifs.map(({ length }) => length)));
  if (positions.length < 2)
    throw new ShapeError(
      `multiplicity needs at least 2 positions to compare copies, not ${positions.length}`,
    );
  const counts = positions.map((_, i) => i + 1);
  const copies = (letters: string, n: number) =>
    pattern(...positions.slice(0, n).map((p) => [letters, p] as const));
  const lastOf = (n: number) => positions[n - 1]!;
  const patterns = motifs.flatMap((letters) => [
    ...counts.map((n) => copies(letters, n)),
    ...positions.slice(1).map((p) => pattern([letters, p])),
  ]);
  const { mark, found } = paddingMarks(patterns, backgrounds);
  const locals = await localsOf(model, patterns, options);
  const together = (letters: string, n: number, e: number) => locals[e]!.get(copies(letters, n).name);
  const alone = (letters: string, n: number, e: number) => locals[e]!.get(pattern([letters, lastOf(n)]).name);
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
  const rows = rowsOf(
    locals,
    cases,
    ({ letters, n }, e) => together(letters, n, e),
    ({ letters, n }): CopyLabels => ({
      motif: letters,
      copies: n,
      pattern: copies(letters, n).name,
      ...mark(copies(letters, n)),
    }),
  );
  const compared = motifs.flatMap((letters) => {
    const of = (comparison: CopyComparison, n: number): CopyCompared => ({
      comparison,
      motif: letters,
      copies: n,
      ...mark(copies(letters, n)),
    });
    return [
      ...counts.slice(1).map((n) => ({
        labels: of('together-minus-sum', n),
        sides: (e: number) =>
          [together(letters, n, e), sumOf(counts.slice(0, n).map((k) => alone(letters, k, e)))] as const,
      })),
      ...counts.slice(2).map((n) => ({
        labels: of('added-minus-alone', n),
        sides: (e: number) => [added(letters, n, e), alone(letters, n, e)] as const,
      })),
    ];
  });
  return {
    experiment: 'multiplicity',
    design: { motif, ...(weaker !== undefined && { suboptimal: weaker }), positions },
    ...found,
    ...writtenBy(model, options),
    backgrounds: backgrounds.count,
    rows: rows.map((row, i) => {
      const { letters, n } = cases[i % cases.length]!;
      return { ...row, more: numbers(letters, n, Math.floor(i / cases.length)) };
    }),
    comparisons: comparisonsOf(
      locals,
      compared,
      ({ sides }, e) => sides(e),
      ({ labels }) => labels,
    ),
    facts: factsOf(locals, (e) => {
      const means = rowsAt(rows, locals, e).map(({ importance }) => importance);
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
 * The paper's positions 4–9, 11–16 and 18–23 (counted from 1), a letter between copies, where probes have
 * letters there. Otherwise the same in the middle of the letters, with less between copies where space is
 * short.
 */
function threePlaces(letters: LetterRange, length: number): readonly number[] {
  const apart = Math.max(length, 6) + 1;
  if (isPaperSized(letters) && isWithin(letters, 3, 2 * apart + length)) return [3, 3 + apart, 3 + 2 * apart];
  const what = `three copies of ${length} letters each`;
  checkRoom(letters, 3 * length, what);
  const step = Math.min(apart, Math.floor((widthOf(letters) - length) / 2));
  const first = middleOf(letters, 2 * step + length, what);
  return [first, first + step, first + 2 * step];
}
