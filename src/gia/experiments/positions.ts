/** A motif at every position: positional bias. */

import { lettersIn } from '../backgrounds/backgrounds.js';
import { everyPosition } from '../backgrounds/placement.js';
import type { Model } from '../model.js';
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

/** Options of `positionalBias`: which motif, and at which positions. */
export interface PositionOptions extends ExperimentOptions {
  /** The motif, as letters or IUPAC codes. */
  readonly motif: string;
  /** 0-based. Default: every position where probes have letters. */
  readonly positions?: readonly number[] | undefined;
  /** Each position is compared with the mean over all positions, or with the best. Default the mean. */
  readonly against?: 'mean' | 'best' | undefined;
}

/** What `positionalBias` embeds, and where. */
export interface PositionDesign {
  readonly motif: string;
  /** In the order of the rows. */
  readonly positions: readonly number[];
  /**
   * Which positions these are: those that were asked for, every position where probes have letters, or every
   * position of the input.
   */
  readonly range: 'given' | 'letters' | 'input';
}

/** What a row of `positionalBias` is: the position of the motif's first letter. */
export type PositionLabels = InPadding & { readonly position: number };

/** What a comparison of `positionalBias` is. */
export type PositionCompared = PositionLabels & {
  readonly comparison: 'position-minus-mean' | 'position-minus-best';
};

/** Numbers of a model as a whole. */
export interface PositionFacts {
  /** Largest importance - smallest importance. */
  readonly range: number;
  /** Position of the largest importance. */
  readonly best: number;
}

/** The result of `positionalBias`. */
export type PositionsResult = StudyResult<
  'positions',
  PositionDesign,
  ExperimentRow<PositionLabels>,
  PositionCompared,
  PositionFacts
>;

/**
 * Importance of a motif by its position. Comparisons are each position - the mean over all positions, or
 * each - the best (0 for the best itself).
 *
 * @throws PaddingError for a motif longer than the letters of probes; and what `importance` throws
 */
export async function positionalBias(
  model: Model,
  { motif: given, positions, against = 'mean', ...options }: PositionOptions,
): Promise<PositionsResult> {
  const motif = motifOf(given);
  const { backgrounds } = options;
  const places = positions ?? everyPosition(lettersIn(backgrounds), motif.length, motif);
  const at = (p: number) => pattern([motif, p]);
  const patterns = places.map(at);
  const { mark, found } = paddingMarks(patterns, backgrounds);
  const locals = await localsOf(model, patterns, options);
  const values = (p: number, e: number) => locals[e]!.get(at(p).name);
  const means = locals.map((_, e) =>
    sumOf(places.map((p) => values(p, e))).map((sum) => sum / places.length),
  );
  const rows = rowsOf(
    locals,
    places,
    values,
    (position): PositionLabels => ({ position, ...mark(at(position)) }),
  );
  const bests = locals.map((_, e) => {
    const own = rowsAt(rows, locals, e);
    return own.reduce((a, b) => (b.importance > a.importance ? b : a)).labels.position;
  });
  return {
    experiment: 'positions',
    design: {
      motif,
      positions: places,
      range: positions ? 'given' : isEverywhere(places, backgrounds.length, motif) ? 'input' : 'letters',
    },
    ...found,
    ...writtenBy(model, options),
    backgrounds: backgrounds.count,
    rows,
    comparisons: comparisonsOf(
      locals,
      places,
      (p, e) => [values(p, e), against === 'mean' ? means[e]! : values(bests[e]!, e)],
      (position): PositionCompared => ({
        comparison: against === 'mean' ? 'position-minus-mean' : 'position-minus-best',
        position,
        ...mark(at(position)),
      }),
    ),
    facts: factsOf(locals, (e) => {
      const own = rowsAt(rows, locals, e).map(({ importance }) => importance);
      return { range: Math.max(...own) - Math.min(...own), best: bests[e]! };
    }),
  };
}

const isEverywhere = (places: readonly number[], length: number, { length: width }: string): boolean =>
  places.length === length - width + 1;
