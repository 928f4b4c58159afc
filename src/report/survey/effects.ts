/** Which models' motifs count more or less in hairpins and beside GC, in sentences. */

import { LEAST_SHARE, type Verdict } from '../../gia/experiments/index.js';
import type { SurveyedModel } from '../stored-report.js';
import { count, listed } from '../wording.js';

type Effect = 'hairpins' | 'gc5' | 'gc3';

const EFFECTS: readonly (readonly [Effect, string])[] = [
  ['hairpins', 'in the loops of hairpins'],
  ['gc5', 'with GC at the 5′ end'],
  ['gc3', 'with GC at the 3′ end'],
];

/** Names in a sentence, at most. */
const NAMED = 10;

/** `a, b and c`, or the first ten and how many more. */
export const namesOf = (models: readonly Pick<SurveyedModel, 'name'>[]): string => {
  const names = models.map(({ name }) => name);
  return listed(names.length > NAMED ? [...names.slice(0, NAMED), `${names.length - NAMED} more`] : names);
};

/**
 * A sentence for each effect that some reports have asked for.
 *
 * @param models those that predict better than chance
 * @param unit what is counted
 */
export function effectFindings(models: readonly SurveyedModel[], unit: string): readonly string[] {
  const sentences = EFFECTS.flatMap(([effect, where]) => {
    const asked = models.filter((model) => model[effect] !== undefined);
    if (asked.length === 0) return [];
    const parts = (['more', 'less'] as const).flatMap((verdict: Verdict) => {
      const found = asked.filter((model) => model[effect] === verdict);
      return found.length === 0
        ? []
        : [
            `counts ${verdict} ${where} in ${found.length} of ${count(asked.length, unit)} (${namesOf(found)})`,
          ];
    });
    return parts.length === 0
      ? [`The motif counts neither more nor less ${where} in any of ${count(asked.length, unit)}.`]
      : [`The motif ${listed(parts)}.`];
  });
  return sentences.length === 0
    ? []
    : [
        `${sentences.join(' ')} Only differences of at least ${100 * LEAST_SHARE} % of the motif’s importance are counted.`,
      ];
}
