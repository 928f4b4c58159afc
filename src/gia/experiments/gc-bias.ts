/** GCGCGC near either end, with and without a motif in the middle (paper, figures 4c to 4e). */

import { lettersIn } from '../backgrounds/backgrounds.js';
import { type LetterRange, widthOf } from '../backgrounds/letters.js';
import { checkRoom, defaultPosition, isWithin } from '../backgrounds/placement.js';
import type { Model } from '../model.js';
import { differences, ratioOf } from '../statistics/paired.js';
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

/** `gcBias`: which motif, and where G and C are put. */
export interface GcBiasOptions extends ExperimentOptions {
  /** The motif, as letters or IUPAC codes. */
  readonly motif: string;
  /** Default 17 where probes fill the input, else the middle of their letters. */
  readonly position?: number | undefined;
  /** Default GCGCGC. */
  readonly gc?: string | undefined;
  /**
   * Where it stands at the 5′ and at the 3′ end. Default 0, and 34 (one short of the end, as the paper has
   * it) or what fits; where probes have no letters there, the ends of their letters.
   */
  readonly ends?: readonly [number, number] | undefined;
}

/**
 * Importance of a motif alone, with GC at the 5′ end, with GC at the 3′ end, and of GC alone. Facts: `effect5` and `effect3`,
 * importance with GC over importance of the motif alone (the paper's effect sizes), and `difference`, 5′ - 3′ of them; each
 * with its 95 % interval (Fieller's), infinite where the motif alone cannot be distinguished from 0.
 * Comparisons tell whether GC adds anything, whether the ends differ, and whether motif and GC add up.
 *
 * @throws PaddingError where motif and both ends do not fit the letters of probes; and as `importance`
 */
export async function gcBias(
  model: Model,
  { motif: given, position: wanted, gc: rich = 'GCGCGC', ends, ...options }: GcBiasOptions,
): Promise<ExperimentResult> {
  const [motif, gc] = [motifOf(given), motifOf(rich)];
  const { backgrounds } = options;
  const letters = lettersIn(backgrounds);
  const what = `${motif} between ${gc} at both ends`;
  if (wanted === undefined && !ends) checkRoom(letters, motif.length + 2 * gc.length, what);
  const position = wanted ?? defaultPosition(letters, backgrounds.length, motif.length, motif);
  const [five, three] = ends ?? endsOf(letters, backgrounds.length, gc);
  const patterns = {
    motif: pattern([motif, position]),
    "motif and 5' GC": pattern([gc, five], [motif, position]),
    "motif and 3' GC": pattern([motif, position], [gc, three]),
    "5' GC": pattern([gc, five]),
    "3' GC": pattern([gc, three]),
  };
  type Condition = keyof typeof patterns;
  const conditions = Object.keys(patterns) as Condition[];
  const { mark, note, found } = paddingMarks(Object.values(patterns), backgrounds);
  const locals = await localsOf(model, Object.values(patterns), options);
  const models = locals.length;
  const values = (condition: Condition, e: number) => locals[e]!.get(patterns[condition].name)!;
  const rows = rowsOf(models, conditions, values, (condition) => ({
    condition,
    pattern: patterns[condition].name,
    ...mark(patterns[condition]),
  }));
  const compared: { what: string; sides: (e: number) => [ArrayLike<number>, ArrayLike<number>] }[] = [
    { what: "with 5' GC - motif", sides: (e) => [values("motif and 5' GC", e), values('motif', e)] },
    { what: "with 3' GC - motif", sides: (e) => [values("motif and 3' GC", e), values('motif', e)] },
    {
      what: "with 5' GC - with 3' GC",
      sides: (e) => [values("motif and 5' GC", e), values("motif and 3' GC", e)],
    },
    {
      what: "with 5' GC - sum of each alone",
      sides: (e) => [values("motif and 5' GC", e), sumOf([values('motif', e), values("5' GC", e)])],
    },
    {
      what: "with 3' GC - sum of each alone",
      sides: (e) => [values("motif and 3' GC", e), sumOf([values('motif', e), values("3' GC", e)])],
    },
  ];
  return {
    experiment: 'gc',
    what: `${motif} at ${position} with ${gc} at ${five} (5') or ${three} (3'), and ${gc} alone${note}`,
    ...found,
    backgrounds: backgrounds.count,
    rows,
    comparisons: comparisonsOf(
      models,
      compared,
      ({ sides }, e) => sides(e),
      ({ what }) => ({ comparison: what }),
    ),
    facts: locals.map((_, e) => {
      const [five, three] = [values("motif and 5' GC", e), values("motif and 3' GC", e)];
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

/** The paper's ends where probes have letters there, else the ends of their letters. */
function endsOf(letters: LetterRange, length: number, { length: width }: string): readonly [number, number] {
  checkRoom(letters, width, 'GC at an end');
  const paper = [0, Math.min(34, length - width)] as const;
  const isFull = widthOf(letters) === length || paper.every((end) => isWithin(letters, end, width));
  return isFull ? paper : [letters.start, letters.end - width];
}
