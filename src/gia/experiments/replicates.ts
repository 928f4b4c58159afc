/**
 * Comparisons of an experiment over several models trained independently for one question. Many backgrounds tell what
 * one network does, its accidents of training included; only other networks tell what they have in common.
 */

import { ShapeError } from '../../device/errors.js';
import { type Effect, effectOf } from '../statistics/paired.js';
import { falseDiscoveryRates } from '../statistics/statistics.js';
import type { Comparison, Labels } from './study.js';

/** A mean difference over models. */
export interface ReplicatedComparison extends Omit<Effect, 'mean'> {
  readonly labels: Labels;
  /** Mean over models of each one's difference. */
  readonly difference: number;
  /** Benjamini and Hochberg's q over the comparisons given. */
  readonly q: number;
}

/**
 * Tests every comparison's differences, one a model, against 0 (Student's t, models - 1 degrees of freedom).
 *
 * @throws ShapeError where a comparison has fewer than two models, or not as many as the others
 */
export function acrossModels(comparisons: readonly Comparison[]): ReplicatedComparison[] {
  const groups = new Map<string, Comparison[]>();
  for (const comparison of comparisons) {
    const name = JSON.stringify(comparison.labels);
    groups.set(name, [...(groups.get(name) ?? []), comparison]);
  }
  const models = new Set(comparisons.map(({ model }) => model)).size;
  const effects = [...groups.values()].map((group) => {
    const { labels } = group[0]!;
    const where = Object.values(labels).join(', ');
    if (group.length !== models || models < 2)
      throw new ShapeError(`${where}: ${group.length} of ${models} models; replicates are two or more`);
    return {
      labels,
      effect: effectOf(
        group.map(({ difference }) => difference),
        where,
      ),
    };
  });
  const q = falseDiscoveryRates(effects.map(({ effect }) => effect.p));
  return effects.map(({ labels, effect: { mean, ...rest } }, i) => ({
    labels,
    difference: mean,
    ...rest,
    q: q[i]!,
  }));
}
