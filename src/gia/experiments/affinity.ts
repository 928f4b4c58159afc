/** Importances of motif variants against their measured affinities (paper, figure 2f). */

import { count } from '../../device/count.js';
import { lettersIn } from '../backgrounds/backgrounds.js';
import { defaultPosition } from '../backgrounds/placement.js';
import type { Model } from '../model.js';
import { leastSquares } from '../statistics/paired.js';
import type { MeasuredAffinity } from './affinity-table.js';
import {
  type ExperimentOptions,
  type ExperimentResult,
  localsOf,
  motifOf,
  paddingMarks,
  pattern,
  rowsOf,
} from './study.js';

export { type MeasuredAffinity, parseAffinities } from './affinity-table.js';

/** `affinity`: which measured affinities are compared. */
export interface AffinityOptions extends ExperimentOptions {
  /** Patterns and their dissociation constants. */
  readonly measured: readonly MeasuredAffinity[];
  /** Default 17 where probes fill the input, else the middle of their letters. */
  readonly position?: number | undefined;
}

/**
 * Importance of every variant, and the least-squares line of it over ln K_D: `slope` with its interval,
 * `intercept`, `r2`, `r`, `p` of the slope and the number of `points` (a model that learned affinity has a
 * slope below 0).
 *
 * @throws ShapeError for fewer than two variants; and as `importance`
 */
export async function affinity(
  model: Model,
  { measured, position: wanted, ...options }: AffinityOptions,
): Promise<ExperimentResult> {
  const { backgrounds } = options;
  const longest = Math.max(1, ...measured.map(({ letters }) => letters.length));
  const position =
    wanted ?? defaultPosition(lettersIn(backgrounds), backgrounds.length, longest, 'the longest variant');
  const at = ({ letters }: MeasuredAffinity) => pattern([motifOf(letters), position]);
  const patterns = measured.map(at);
  const { mark, note, found } = paddingMarks(patterns, backgrounds);
  const locals = await localsOf(model, patterns, options);
  const rows = rowsOf(
    locals.length,
    measured,
    (variant, e) => locals[e]!.get(at(variant).name)!,
    (variant) => ({
      pattern: motifOf(variant.letters),
      kd: variant.kd,
      lnKd: Math.log(variant.kd),
      ...mark(at(variant)),
    }),
  );
  return {
    experiment: 'affinity',
    what: `${count(measured.length, 'variant')} at ${position} against ln K_D${note}`,
    ...found,
    backgrounds: backgrounds.count,
    rows,
    comparisons: [],
    facts: locals.map((_, e) => {
      const own = rows.filter((row) => row.model === e);
      const line = leastSquares(
        measured.map(({ kd }) => Math.log(kd)),
        own.map(({ importance }) => importance),
      );
      return { ...line };
    }),
  };
}
