/** A motif at every position: positional bias. */

import { ShapeError } from '../../device/errors.js';
import type { ResidualBind } from '../../nn/residualbind.js';
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

export interface PositionOptions extends ExperimentOptions {
  readonly motif: string;
  /** 0-based. Default: everywhere. */
  readonly positions?: readonly number[] | undefined;
  /** What every position is compared with: the mean over all of them, or the best. Default the mean. */
  readonly against?: 'mean' | 'best' | undefined;
}

/**
 * Importance of a motif by its position; comparisons are a position - the mean over all of them, or - the best
 * (which is 0 for itself). The fact `range` is the largest importance less the smallest, `best` the
 * position of the largest.
 *
 * @throws ShapeError for a motif longer than the sequence; and as `importance`
 */
export async function positionalBias(
  model: ResidualBind,
  { motif: given, positions, against = 'mean', ...options }: PositionOptions,
): Promise<ExperimentResult> {
  const motif = motifOf(given);
  const last = model.architecture.length - motif.length;
  if (last < 0) throw new ShapeError(`${motif} is longer than the sequence of ${model.architecture.length}`);
  const places = positions ?? Array.from({ length: last + 1 }, (_, p) => p);
  const at = (p: number) => pattern([motif, p]);
  const locals = await localsOf(model, places.map(at), options);
  const { models } = model;
  const values = (p: number, e: number) => locals[e]!.get(at(p).name)!;
  const means = locals.map((_, e) =>
    sumOf(places.map((p) => values(p, e))).map((sum) => sum / places.length),
  );
  const rows = rowsOf(models, places, values, (position) => ({ position }));
  const bests = locals.map((_, e) => {
    const own = rows.filter((row) => row.model === e);
    return own.reduce((a, b) => (b.importance > a.importance ? b : a)).labels.position as number;
  });
  return {
    experiment: 'positions',
    what: `${motif} at ${positions ? positions.join(', ') : 'every position'}`,
    backgrounds: options.backgrounds.count,
    rows,
    comparisons: comparisonsOf(
      models,
      places,
      (p, e) => [values(p, e), against === 'mean' ? means[e]! : values(bests[e]!, e)],
      (position) => ({
        comparison: against === 'mean' ? 'position - mean over positions' : 'position - best position',
        position,
      }),
    ),
    facts: locals.map((_, e) => {
      const own = rows.filter((row) => row.model === e).map(({ importance }) => importance);
      return { range: Math.max(...own) - Math.min(...own), best: bests[e]! };
    }),
  };
}
