/** Two motifs at growing distance, and at every pair of positions (paper, figure 2d). */

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

export interface SpacingOptions extends ExperimentOptions {
  readonly motif: string;
  /** The one on the right. Default the same. */
  readonly second?: string | undefined;
  /** Every pair of positions in place of pairs about the middle. Default false. */
  readonly map?: boolean | undefined;
}

/**
 * Importance of two motifs by their positions and the gap between them; comparisons are both together - sum of each alone:
 * 0 where they add up, below where nearness costs.
 *
 * @throws as `importance`
 */
export async function spacing(
  model: ResidualBind,
  { motif: given, second: other = given, map = false, ...options }: SpacingOptions,
): Promise<ExperimentResult> {
  const [motif, second] = [motifOf(given), motifOf(other)];
  const { length } = model.architecture;
  const pairs = map ? everyPair(length, motif, second) : aboutMiddle(length, motif, second);
  const both = pairs.map(([a, b]) => pattern([motif, a], [second, b]));
  const alone = new Map(
    pairs.flatMap(([a, b]) => [pattern([motif, a]), pattern([second, b])]).map((one) => [one.name, one]),
  );
  const locals = await localsOf(model, [...both, ...alone.values()], options);
  const { models } = model;
  const indices = pairs.map((_, i) => i);
  const values = (i: number, e: number) => locals[e]!.get(both[i]!.name)!;
  const labels = (i: number) => {
    const [a, b] = pairs[i]!;
    return { first: a, second: b, gap: b - a - motif.length };
  };
  return {
    experiment: map ? 'spacing-map' : 'spacing',
    what: `${motif} and ${second}, ${map ? 'every pair of positions' : 'about the middle, further and further apart'}`,
    backgrounds: options.backgrounds.count,
    rows: rowsOf(models, indices, values, labels),
    comparisons: comparisonsOf(
      models,
      indices,
      (i, e) => {
        const [a, b] = pairs[i]!;
        const single = (letters: string, p: number) => locals[e]!.get(pattern([letters, p]).name)!;
        return [values(i, e), sumOf([single(motif, a), single(second, b)])];
      },
      (i) => ({ comparison: 'together - sum of each alone', ...labels(i) }),
    ),
    facts: locals.map(() => ({})),
  };
}

type Pair = readonly [number, number];

function everyPair(length: number, { length: a }: string, { length: b }: string): Pair[] {
  const pairs: Pair[] = [];
  for (let first = 0; first + a + b <= length; first++) {
    for (let second = first + a; second + b <= length; second++) pairs.push([first, second]);
  }
  return pairs;
}

function aboutMiddle(length: number, { length: a }: string, { length: b }: string): Pair[] {
  return Array.from({ length: Math.max(0, length - a - b + 1) }, (_, gap): Pair => {
    const first = Math.floor((length - a - b - gap) / 2);
    return [first, first + a + gap];
  });
}
