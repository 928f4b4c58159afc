/**
 * Comparisons of an experiment over several models that were trained independently on the same question. Many
 * backgrounds show what one network does, including accidents of its training; only other networks show what
 * they have in common.
 */

import { ShapeError } from '../../device/errors.js';
import { type Effect, effectOf } from '../statistics/paired.js';
import { falseDiscoveryRates } from '../statistics/statistics.js';
import type { Comparison, Labels, RowReadout } from './study.js';

/** A mean difference over models. */
export interface ReplicatedComparison<Own = Labels> extends Omit<RowReadout, 'model'>, Omit<Effect, 'mean'> {
  readonly labels: Own;
  /** Mean of the models' differences. */
  readonly difference: number;
  /** Benjamini and Hochberg's q over the comparisons given. */
  readonly q: number;
}

/**
 * Tests the differences of each comparison, one for each model, against 0 (Student's t, models - 1 degrees of
 * freedom). Comparisons with the same labels and of the same output belong together.
 *
 * @throws ShapeError where a comparison has fewer than two models, or not as many as the others
 */
export function acrossModels<Own extends Labels>(
  comparisons: readonly Comparison<Own>[],
): ReplicatedComparison<Own>[] {
  const groups = new Map<string, Comparison<Own>[]>();
  for (const comparison of comparisons) {
    const name = JSON.stringify([comparison.output, comparison.labels]);
    groups.set(name, [...(groups.get(name) ?? []), comparison]);
  }
  const models = new Set(comparisons.map(({ model }) => model)).size;
  const effects = [...groups.values()].map((group) => {
    const { labels, output, task } = group[0]!;
    const where = Object.values(labels).join(', ');
    if (group.length !== models || models < 2)
      throw new ShapeError(
        `${where}: ${group.length} of ${models} models have this comparison; comparing models takes two or more, which all have it`,
      );
    return {
      of: { ...(output !== undefined && { output, task: task! }), labels },
      effect: effectOf(
        group.map(({ difference }) => difference),
        where,
      ),
    };
  });
  const q = falseDiscoveryRates(effects.map(({ effect }) => effect.p));
  return effects.map(({ of, effect: { mean, ...rest } }, i) => ({
    ...of,
    difference: mean,
    ...rest,
    q: q[i]!,
  }));
}
