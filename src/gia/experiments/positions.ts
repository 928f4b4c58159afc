/** A motif at every position: positional bias. */

import { lettersIn } from '../backgrounds/backgrounds.js';
import { everyPosition } from '../backgrounds/placement.js';
import type { Model } from '../model.js';
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

/** `positionalBias`: which motif, and at which positions. */
export interface PositionOptions extends ExperimentOptions {
  /** The motif, as letters or IUPAC codes. */
  readonly motif: string;
  /** 0-based. Default: everywhere that probes have letters. */
  readonly positions?: readonly number[] | undefined;
  /** What every position is compared with: the mean over all of them, or the best. Default the mean. */
  readonly against?: 'mean' | 'best' | undefined;
}

/**
 * Importance of a motif by its position; comparisons are a position - the mean over all of them, or - the best
 * (which is 0 for itself). The fact `range` is the largest importance less the smallest, `best` the
 * position of the largest.
 *
 * @throws PaddingError for a motif longer than the letters of probes; and as `importance`
 */
export async function positionalBias(
  model: Model,
  { motif: given, positions, against = 'mean', ...options }: PositionOptions,
): Promise<ExperimentResult> {
  const motif = motifOf(given);
  const { backgrounds } = options;
  const places = positions ?? everyPosition(lettersIn(backgrounds), motif.length, motif);
  const at = (p: number) => pattern([motif, p]);
  const patterns = places.map(at);
  const { mark, note, found } = paddingMarks(patterns, backgrounds);
  const locals = await localsOf(model, patterns, options);
  const models = locals.length;
  const values = (p: number, e: number) => locals[e]!.get(at(p).name)!;
  const means = locals.map((_, e) =>
    sumOf(places.map((p) => values(p, e))).map((sum) => sum / places.length),
  );
  const rows = rowsOf(models, places, values, (position) => ({ position, ...mark(at(position)) }));
  const bests = locals.map((_, e) => {
    const own = rows.filter((row) => row.model === e);
    return own.reduce((a, b) => (b.importance > a.importance ? b : a)).labels.position as number;
  });
  return {
    experiment: 'positions',
    what: `${motif} at ${positions ? positions.join(', ') : everywhere(places, backgrounds.length, motif)}${note}`,
    ...found,
    backgrounds: backgrounds.count,
    rows,
    comparisons: comparisonsOf(
      models,
      places,
      (p, e) => [values(p, e), against === 'mean' ? means[e]! : values(bests[e]!, e)],
      (position) => ({
        comparison: against === 'mean' ? 'position - mean over positions' : 'position - best position',
        position,
        ...mark(at(position)),
      }),
    ),
    facts: locals.map((_, e) => {
      const own = rows.filter((row) => row.model === e).map(({ importance }) => importance);
      return { range: Math.max(...own) - Math.min(...own), best: bests[e]! };
    }),
  };
}

/** `every position`, with their range where that is not the whole input. */
const everywhere = (places: readonly number[], length: number, { length: width }: string): string =>
  places.length === length - width + 1
    ? 'every position'
    : `every position where probes have letters (${places[0]}–${places.at(-1)})`;
