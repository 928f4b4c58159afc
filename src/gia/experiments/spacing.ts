/** Two motifs at growing distance, and at every pair of positions (paper, figure 2d). */

import { ShapeError } from '../../device/errors.js';
import { lettersIn } from '../backgrounds/backgrounds.js';
import { type LetterRange, widthOf } from '../backgrounds/letters.js';
import { checkRoom } from '../backgrounds/placement.js';
import type { Model } from '../model.js';
import type { Pattern } from '../patterns/patterns.js';
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

/** `spacing`: which motif, and at which distances. */
export interface SpacingOptions extends ExperimentOptions {
  /** The motif, as letters or IUPAC codes. */
  readonly motif: string;
  /** The one on the right. Default the same. */
  readonly second?: string | undefined;
  /**
   * Every pair of positions where probes have letters, in place of pairs about their middle. Default false.
   */
  readonly map?: boolean | undefined;
  /**
   * These gaps about the middle of the letters. Default all from 0 to what fits; below 0 the motifs overlap.
   */
  readonly gaps?: readonly number[] | undefined;
  /** These positions of both motifs' first letters, 0-based, for example (16, 20), (15, 21) and (13, 22). */
  readonly pairs?: readonly (readonly [number, number])[] | undefined;
}

/**
 * Importance of two motifs by their positions and the gap between them; comparisons are both together - sum of each alone:
 * 0 where they add up, below where nearness costs. Motifs may overlap where their letters agree (UGCAUG at 16 and at 20).
 *
 * @throws ShapeError for more than one of `map`, `gaps` and `pairs`, and for motifs that overlap in different
 * letters; PaddingError where both do not fit the letters of probes; and as `importance`
 */
export async function spacing(
  model: Model,
  { motif: given, second: other = given, map = false, gaps, pairs: chosen, ...options }: SpacingOptions,
): Promise<ExperimentResult> {
  const [motif, second] = [motifOf(given), motifOf(other)];
  const { backgrounds } = options;
  const letters = lettersIn(backgrounds);
  if (Number(map) + Number(gaps !== undefined) + Number(chosen !== undefined) > 1)
    throw new ShapeError('the spacing is by map, by gaps or by pairs; give one of them');
  if (!chosen && !gaps) checkRoom(letters, motif.length + second.length, `${motif} beside ${second}`);
  const pairs =
    chosen ??
    (map ? everyPair(letters, motif, second) : aboutMiddle(letters, backgrounds.length, motif, second, gaps));
  const both = pairs.map(([a, b]) => together([motif, a], [second, b]));
  const alone = new Map(
    pairs.flatMap(([a, b]) => [pattern([motif, a]), pattern([second, b])]).map((one) => [one.name, one]),
  );
  const patterns = [...both, ...alone.values()];
  const { mark, note, found } = paddingMarks(patterns, backgrounds);
  const locals = await localsOf(model, patterns, options);
  const models = locals.length;
  const indices = pairs.map((_, i) => i);
  const values = (i: number, e: number) => locals[e]!.get(both[i]!.name)!;
  const labels = (i: number) => {
    const [a, b] = pairs[i]!;
    return { first: a, second: b, gap: b - a - motif.length, ...mark(both[i]!) };
  };
  return {
    experiment: map ? 'spacing-map' : 'spacing',
    what: `${motif} and ${second}, ${described(map, chosen)}${note}`,
    ...found,
    backgrounds: backgrounds.count,
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

function everyPair({ start, end }: LetterRange, { length: a }: string, { length: b }: string): Pair[] {
  const pairs: Pair[] = [];
  for (let first = start; first + a + b <= end; first++) {
    for (let second = first + a; second + b <= end; second++) pairs.push([first, second]);
  }
  return pairs;
}

function aboutMiddle(
  letters: LetterRange,
  length: number,
  motif: string,
  second: string,
  gaps?: readonly number[],
): Pair[] {
  const [a, b] = [motif.length, second.length];
  const asked = gaps ?? Array.from({ length: widthOf(letters) - a - b + 1 }, (_, gap) => gap);
  return asked.map((gap): Pair => {
    const room = length - a - b - gap;
    if (room < 0)
      throw new ShapeError(
        `${motif} and ${second} with ${gap} letters between take ${length - room} letters, more than the ${length} of a sequence`,
      );
    const middle = letters.start + Math.floor((widthOf(letters) - a - b - gap) / 2);
    const first = Math.min(Math.max(middle, 0), room);
    return [first, first + a + gap];
  });
}

const described = (map: boolean, chosen: readonly Pair[] | undefined): string => {
  if (chosen) return `at ${chosen.map((pair) => pair.join(' and ')).join(', ')}`;
  return map ? 'every pair of positions' : 'around the middle, at growing distance';
};

/** Both sites as one pattern, in one piece where they overlap. @throws ShapeError where they overlap in different letters */
function together(first: readonly [string, number], second: readonly [string, number]): Pattern {
  const apart = pattern(first, second);
  const [left, right] = first[1] <= second[1] ? [first, second] : [second, first];
  const offset = right[1] - left[1];
  if (offset >= left[0].length) return apart;
  const letters = Array.from({ length: Math.max(left[0].length, offset + right[0].length) }, (_, i) => {
    const both = [left[0][i], right[0][i - offset]].filter((letter) => letter && letter !== 'N');
    if (new Set(both).size > 1) {
      throw new ShapeError(
        `${apart.name.replace('+', ' and ')} overlap in different letters, ${both.join(' and ')} at ${left[1] + i}`,
      );
    }
    return both[0] ?? 'N';
  });
  return { name: apart.name, sites: [{ letters: letters.join(''), position: left[1] }] };
}
