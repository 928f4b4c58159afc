/** Two motifs at increasing distance, or at every pair of positions (paper, figure 2d). */

import { ANY } from '../../data/sequences/letters.js';
import { ShapeError } from '../../device/errors.js';
import { lettersIn } from '../backgrounds/backgrounds.js';
import { type LetterRange, widthOf } from '../backgrounds/letters.js';
import { checkRoom } from '../backgrounds/placement.js';
import type { Model } from '../model.js';
import type { Pattern } from '../patterns/patterns.js';
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
  rowsOf,
  type StudyResult,
  sumOf,
} from './study.js';

/** Options of `spacing`: which motifs, and at which distances. */
export interface SpacingOptions extends ExperimentOptions {
  /** The motif on the left, as letters or IUPAC codes. */
  readonly motif: string;
  /** The motif on the right. Default the same. */
  readonly second?: string | undefined;
  /** Every pair of positions where probes have letters. Default false. */
  readonly map?: boolean | undefined;
  /**
   * These gaps around the middle of the letters; below 0 the motifs overlap. Default all gaps from 0 that
   * fit.
   */
  readonly gaps?: readonly number[] | undefined;
  /** These 0-based positions of both motifs, for example (16, 20), (15, 21) and (13, 22). */
  readonly pairs?: readonly (readonly [number, number])[] | undefined;
}

/** What `spacing` embeds, and where. */
export interface SpacingDesign {
  /** The motif on the left. */
  readonly motif: string;
  /** The motif on the right. */
  readonly second: string;
  /** Gaps around the middle of the letters, every pair of positions, or the pairs that were asked for. */
  readonly arrangement: 'gaps' | 'map' | 'pairs';
}

/** What a row of `spacing` is. */
export type SpacingLabels = InPadding & {
  /** Position of the motif on the left. */
  readonly first: number;
  /** Position of the motif on the right. */
  readonly second: number;
  /** Letters between the two; below 0 they overlap. */
  readonly gap: number;
};

/** What a comparison of `spacing` is: both together - the sum of each alone. */
export type SpacingCompared = SpacingLabels & { readonly comparison: 'together-minus-sum' };

/** The result of `spacing`; `spacing-map` for every pair of positions. */
export type SpacingResult = StudyResult<
  'spacing' | 'spacing-map',
  SpacingDesign,
  ExperimentRow<SpacingLabels>,
  SpacingCompared,
  Record<never, never>
>;

/**
 * Importance of two motifs by their positions and the gap between them. Comparisons are both together - the
 * sum of each alone: 0 where they add up, below 0 where they hinder each other. Motifs may overlap where
 * their letters agree (UGCAUG at 16 and at 20).
 *
 * @throws ShapeError for more than one of `map`, `gaps` and `pairs`, and for motifs that overlap in different
 * letters; PaddingError where both do not fit the letters of probes; and what `importance` throws
 */
export async function spacing(
  model: Model,
  { motif: given, second: other = given, map = false, gaps, pairs: chosen, ...options }: SpacingOptions,
): Promise<SpacingResult> {
  const [motif, second] = [motifOf(given), motifOf(other)];
  const { backgrounds } = options;
  const letters = lettersIn(backgrounds);
  if (Number(map) + Number(gaps !== undefined) + Number(chosen !== undefined) > 1)
    throw new ShapeError('map, gaps and pairs exclude each other; give one of them');
  if (!chosen && !gaps) checkRoom(letters, motif.length + second.length, `${motif} beside ${second}`);
  const pairs =
    chosen ??
    (map ? everyPair(letters, motif, second) : aboutMiddle(letters, backgrounds.length, motif, second, gaps));
  const both = pairs.map(([a, b]) => together([motif, a], [second, b]));
  const alone = new Map(
    pairs.flatMap(([a, b]) => [pattern([motif, a]), pattern([second, b])]).map((one) => [one.name, one]),
  );
  const patterns = [...both, ...alone.values()];
  const { mark, found } = paddingMarks(patterns, backgrounds);
  const locals = await localsOf(model, patterns, options);
  const indices = pairs.map((_, i) => i);
  const values = (i: number, e: number) => locals[e]!.get(both[i]!.name);
  const labels = (i: number): SpacingLabels => {
    const [a, b] = pairs[i]!;
    return { first: a, second: b, gap: b - a - motif.length, ...mark(both[i]!) };
  };
  return {
    experiment: map ? 'spacing-map' : 'spacing',
    design: { motif, second, arrangement: chosen ? 'pairs' : map ? 'map' : 'gaps' },
    ...found,
    ...writtenBy(model, options),
    backgrounds: backgrounds.count,
    rows: rowsOf(locals, indices, values, labels),
    comparisons: comparisonsOf(
      locals,
      indices,
      (i, e) => {
        const [a, b] = pairs[i]!;
        const single = (letters: string, p: number) => locals[e]!.get(pattern([letters, p]).name);
        return [values(i, e), sumOf([single(motif, a), single(second, b)])];
      },
      (i): SpacingCompared => ({ comparison: 'together-minus-sum', ...labels(i) }),
    ),
    facts: factsOf(locals, () => ({})),
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
        `${motif} and ${second} with ${gap} letters between them take ${length - room} letters, and a sequence has ${length}`,
      );
    const middle = letters.start + Math.floor((widthOf(letters) - a - b - gap) / 2);
    const first = Math.min(Math.max(middle, 0), room);
    return [first, first + a + gap];
  });
}

/**
 * Both sites as one pattern, merged into one site where they overlap.
 *
 * @throws ShapeError where they overlap in different letters
 */
function together(first: readonly [string, number], second: readonly [string, number]): Pattern {
  const apart = pattern(first, second);
  const [left, right] = first[1] <= second[1] ? [first, second] : [second, first];
  const offset = right[1] - left[1];
  if (offset >= left[0].length) return apart;
  const letters = Array.from({ length: Math.max(left[0].length, offset + right[0].length) }, (_, i) => {
    const both = [left[0][i], right[0][i - offset]].filter((letter) => letter && letter !== ANY);
    if (new Set(both).size > 1) {
      throw new ShapeError(
        `${apart.name.replace('+', ' and ')} overlap in different letters, ${both.join(' and ')} at ${left[1] + i}`,
      );
    }
    return both[0] ?? ANY;
  });
  return { name: apart.name, sites: [{ letters: letters.join(''), position: left[1] }] };
}
