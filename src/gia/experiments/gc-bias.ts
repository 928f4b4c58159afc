/**
 * G and C near either end of a sequence, with and without a motif in the middle (paper, figures 4c to 4e).
 */

import { lettersIn } from '../backgrounds/backgrounds.js';
import { type LetterRange, widthOf } from '../backgrounds/letters.js';
import { checkRoom, defaultPosition, isPaperSized, isWithin } from '../backgrounds/placement.js';
import type { Model } from '../model.js';
import { differences, ratioOf } from '../statistics/paired.js';
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
  rowsOf,
  type StudyResult,
  sumOf,
} from './study.js';

/** Options of `gcBias`: which motif, and where G and C are embedded. */
export interface GcBiasOptions extends ExperimentOptions {
  /** The motif, as letters or IUPAC codes. */
  readonly motif: string;
  /** 0-based. Default: the middle of the letters of probes, 17 in 41 letters. */
  readonly position?: number | undefined;
  /** The letters at the ends. Default GCGCGC. */
  readonly gc?: string | undefined;
  /**
   * Their positions at the 5′ and at the 3′ end. Default 0 and 34 (one letter short of the end, as in the
   * paper), or the last position that fits. Where probes have no letters there: the ends of their letters.
   */
  readonly ends?: readonly [number, number] | undefined;
}

/** What `gcBias` embeds, and where. */
export interface GcDesign {
  readonly motif: string;
  /** Of the motif. */
  readonly position: number;
  /** The letters at the ends. */
  readonly gc: string;
  /** Position of these letters at the 5′ end. */
  readonly position5: number;
  /** Position of these letters at the 3′ end. */
  readonly position3: number;
}

/** What is embedded: the motif, the motif with GC at one end, or GC at one end alone. */
export type GcCondition = 'motif' | 'with-gc5' | 'with-gc3' | 'gc5' | 'gc3';

/** Which conditions are compared; `sum` adds up the motif alone and GC alone. */
export type GcComparison =
  | 'with-gc5-minus-motif'
  | 'with-gc3-minus-motif'
  | 'with-gc5-minus-with-gc3'
  | 'with-gc5-minus-sum'
  | 'with-gc3-minus-sum';

/** What a row of `gcBias` is. */
export type GcLabels = InPadding & { readonly condition: GcCondition; readonly pattern: string };

/** What a comparison of `gcBias` is. */
export type GcCompared = { readonly comparison: GcComparison };

/** Ratios of importances, each with its 95 % interval. */
export interface GcFacts {
  /** Importance with GC at the 5′ end over importance of the motif alone: the paper's effect size. */
  readonly effect5: number;
  readonly effect5CiLow: number;
  readonly effect5CiHigh: number;
  /** The same at the 3′ end. */
  readonly effect3: number;
  readonly effect3CiLow: number;
  readonly effect3CiHigh: number;
  /** `effect5` - `effect3`. */
  readonly difference: number;
  readonly differenceCiLow: number;
  readonly differenceCiHigh: number;
}

/** The result of `gcBias`. */
export type GcResult = StudyResult<'gc', GcDesign, ExperimentRow<GcLabels>, GcCompared, GcFacts>;

/**
 * Importance of a motif alone, of the motif with GC at the 5′ or at the 3′ end, and of GC alone. The facts
 * are ratios to the importance of the motif alone, with Fieller's intervals; these are infinite where the
 * motif alone cannot be distinguished from 0. The comparisons ask whether GC adds anything, whether the ends
 * differ, and whether motif and GC add up.
 *
 * @throws PaddingError where motif and both ends do not fit the letters of probes; and what `importance`
 * throws
 */
export async function gcBias(
  model: Model,
  { motif: given, position: wanted, gc: rich = 'GCGCGC', ends, ...options }: GcBiasOptions,
): Promise<GcResult> {
  const [motif, gc] = [motifOf(given), motifOf(rich)];
  const { backgrounds } = options;
  const letters = lettersIn(backgrounds);
  if (wanted === undefined && !ends)
    checkRoom(letters, motif.length + 2 * gc.length, `${motif} between ${gc} at both ends`);
  const position = wanted ?? defaultPosition(letters, backgrounds.length, motif.length, motif);
  const [five, three] = ends ?? endsOf(letters, backgrounds.length, gc);
  const patterns = {
    motif: pattern([motif, position]),
    'with-gc5': pattern([gc, five], [motif, position]),
    'with-gc3': pattern([motif, position], [gc, three]),
    gc5: pattern([gc, five]),
    gc3: pattern([gc, three]),
  } as const satisfies Record<GcCondition, object>;
  const conditions = Object.keys(patterns) as GcCondition[];
  const { mark, found } = paddingMarks(Object.values(patterns), backgrounds);
  const locals = await localsOf(model, Object.values(patterns), options);
  const values = (condition: GcCondition, e: number) => locals[e]!.get(patterns[condition].name);
  const rows = rowsOf(
    locals,
    conditions,
    values,
    (condition): GcLabels => ({
      condition,
      pattern: patterns[condition].name,
      ...mark(patterns[condition]),
    }),
  );
  type Sides = (e: number) => readonly [ArrayLike<number>, ArrayLike<number>];
  const sides: Readonly<Record<GcComparison, Sides>> = {
    'with-gc5-minus-motif': (e) => [values('with-gc5', e), values('motif', e)],
    'with-gc3-minus-motif': (e) => [values('with-gc3', e), values('motif', e)],
    'with-gc5-minus-with-gc3': (e) => [values('with-gc5', e), values('with-gc3', e)],
    'with-gc5-minus-sum': (e) => [values('with-gc5', e), sumOf([values('motif', e), values('gc5', e)])],
    'with-gc3-minus-sum': (e) => [values('with-gc3', e), sumOf([values('motif', e), values('gc3', e)])],
  };
  return {
    experiment: 'gc',
    design: { motif, position, gc, position5: five, position3: three },
    ...found,
    ...writtenBy(model, options),
    backgrounds: backgrounds.count,
    rows,
    comparisons: comparisonsOf(
      locals,
      Object.keys(sides) as GcComparison[],
      (comparison, e) => sides[comparison](e),
      (comparison) => ({ comparison }),
    ),
    facts: factsOf(locals, (e) => {
      const [five, three] = [values('with-gc5', e), values('with-gc3', e)];
      const over = (sample: ArrayLike<number>, what: string) => ratioOf(sample, values('motif', e), what);
      const effect5 = over(five, "effect of 5' GC");
      const effect3 = over(three, "effect of 3' GC");
      const difference = over(differences(five, three), 'difference of the ends');
      return {
        effect5: effect5.ratio,
        effect5CiLow: effect5.ciLow,
        effect5CiHigh: effect5.ciHigh,
        effect3: effect3.ratio,
        effect3CiLow: effect3.ciLow,
        effect3CiHigh: effect3.ciHigh,
        difference: difference.ratio,
        differenceCiLow: difference.ciLow,
        differenceCiHigh: difference.ciHigh,
      };
    }),
  };
}

/** The paper's ends where probes of at most 41 letters have letters there, else the ends of their letters. */
function endsOf(letters: LetterRange, length: number, { length: width }: string): readonly [number, number] {
  checkRoom(letters, width, 'GC at an end');
  const paper = [0, Math.min(34, length - width)] as const;
  if (!isPaperSized(letters)) return [letters.start, letters.end - width];
  const isFull = widthOf(letters) === length || paper.every((end) => isWithin(letters, end, width));
  return isFull ? paper : [letters.start, letters.end - width];
}
