/** Importances of motif variants against their measured affinities (paper, figure 2f). */

import { lettersIn } from '../backgrounds/backgrounds.js';
import { defaultPosition } from '../backgrounds/placement.js';
import type { Model } from '../model.js';
import { type Line, leastSquares } from '../statistics/paired.js';
import { writtenBy } from '../structure.js';
import type { MeasuredAffinity } from './affinity-table.js';
import {
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
} from './study.js';

export { type MeasuredAffinity, parseAffinities } from './affinity-table.js';

/** Options of `affinity`: which measured affinities are compared. */
export interface AffinityOptions extends ExperimentOptions {
  /** Patterns and their dissociation constants. */
  readonly measured: readonly MeasuredAffinity[];
  /** Unit of the dissociation constants, such as `nM`, for captions. */
  readonly unit?: string | undefined;
  /** 0-based. Default: the middle of the letters of probes, 17 in 41 letters. */
  readonly position?: number | undefined;
}

/** What `affinity` compares, and where it stands. */
export interface AffinityDesign {
  /** Of every variant. */
  readonly position: number;
  /** Unit of the dissociation constants; absent where it is not known. */
  readonly unit?: string;
}

/** What a row of `affinity` is: a variant and its dissociation constant. */
export type AffinityLabels = InPadding & {
  readonly pattern: string;
  /** In the design's unit. */
  readonly kd: number;
  readonly lnKd: number;
};

/** The result of `affinity`: no comparisons, and the line of importance over ln K_D as facts. */
export type AffinityResult = StudyResult<
  'affinity',
  AffinityDesign,
  ExperimentRow<AffinityLabels>,
  never,
  Line
>;

/**
 * Importance of every variant, and the least-squares line of importance over ln K_D. The slope is below 0
 * where a model has learned affinity.
 *
 * @throws ShapeError for fewer than two variants; and what `importance` throws
 */
export async function affinity(
  model: Model,
  { measured, unit, position: wanted, ...options }: AffinityOptions,
): Promise<AffinityResult> {
  const { backgrounds } = options;
  const longest = Math.max(1, ...measured.map(({ letters }) => letters.length));
  const position =
    wanted ?? defaultPosition(lettersIn(backgrounds), backgrounds.length, longest, 'the longest variant');
  const at = ({ letters }: MeasuredAffinity) => pattern([motifOf(letters), position]);
  const patterns = measured.map(at);
  const { mark, found } = paddingMarks(patterns, backgrounds);
  const locals = await localsOf(model, patterns, options);
  const rows = rowsOf(
    locals,
    measured,
    (variant, e) => locals[e]!.get(at(variant).name),
    (variant): AffinityLabels => ({
      pattern: motifOf(variant.letters),
      kd: variant.kd,
      lnKd: Math.log(variant.kd),
      ...mark(at(variant)),
    }),
  );
  return {
    experiment: 'affinity',
    design: { position, ...(unit !== undefined && { unit }) },
    ...found,
    ...writtenBy(model, options),
    backgrounds: backgrounds.count,
    rows,
    comparisons: [],
    facts: factsOf(locals, (e) =>
      leastSquares(
        measured.map(({ kd }) => Math.log(kd)),
        rowsAt(rows, locals, e).map(({ importance }) => importance),
      ),
    ),
  };
}
