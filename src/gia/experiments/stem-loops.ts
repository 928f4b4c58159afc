/**
 * Backgrounds with a designed stem-loop: the letters of the right arm are written so that they pair with the
 * left arm, or do not; other letters stay. The given backgrounds are never changed.
 */

import { complement, wobble } from '../../data/sequences/letters.js';
import { ShapeError } from '../../device/errors.js';
import { type Backgrounds, lettersIn } from '../backgrounds/backgrounds.js';
import { outsideError } from '../backgrounds/letters.js';
import { isWithin } from '../backgrounds/placement.js';

/** Two arms and the loop between them. */
export interface StemLoop {
  /** 0-based position of the left arm's first letter. */
  readonly start: number;
  /** Pairs. */
  readonly arm: number;
  /** Unpaired letters between the arms. */
  readonly loop: number;
}

/**
 * How the arms stand to each other.
 * `paired`: the right arm has the Watson–Crick partners of the left arm.
 * `broken`: each letter of the right arm equals that of the left arm, which never pairs. `compensated`: the
 * letters of the left arm are replaced by their complements, and the right arm pairs again. `unpaired`: the
 * background as it is.
 */
export const ARMS = ['paired', 'broken', 'compensated', 'unpaired'] as const;
/** How the arms of a stem pair: one of `ARMS`. */
export type Arms = (typeof ARMS)[number];

/** First and last position of the loop. */
export const loopOf = ({
  start,
  arm,
  loop,
}: StemLoop): { readonly first: number; readonly last: number } => ({
  first: start + arm,
  last: start + arm + loop - 1,
});

/** Letters of the whole stem-loop. */
export const lengthOf = ({ arm, loop }: Pick<StemLoop, 'arm' | 'loop'>): number => 2 * arm + loop;

/** The position that pairs with a position of the left arm. */
export const partnerOf = ({ start, arm, loop }: StemLoop, position: number): number =>
  2 * start + 2 * arm + loop - 1 - position;

/** @throws ShapeError where it does not fit */
export function checkStemLoop({ start, arm, loop }: StemLoop, length: number): void {
  const whole = [start, arm, loop].every(Number.isInteger) && start >= 0 && arm >= 1 && loop >= 3;
  if (!whole || start + 2 * arm + loop > length) {
    throw new ShapeError(
      `a stem-loop from ${start} with arms of ${arm} and a loop of ${loop} (at least 3) does not fit a sequence of ${length}`,
    );
  }
}

/**
 * Copies of backgrounds with the arms of a stem-loop.
 *
 * @param gu makes every other pair G·U where the letters allow it, alternating over backgrounds. Default
 * false
 * @param allowPadding accepts arms where no probe has a letter and nothing can pair. Default false
 * @throws ShapeError where the stem-loop does not fit; PaddingError where it leaves the letters of probes
 */
export function withStemLoop(
  backgrounds: Backgrounds,
  stem: StemLoop,
  arms: Arms,
  { gu = false, allowPadding = false }: { readonly gu?: boolean; readonly allowPadding?: boolean } = {},
): Backgrounds {
  const { length, count } = backgrounds;
  checkStemLoop(stem, length);
  const letters = lettersIn(backgrounds);
  if (!allowPadding && !isWithin(letters, stem.start, lengthOf(stem)))
    throw outsideError(
      `the stem-loop at positions ${stem.start}–${stem.start + lengthOf(stem) - 1} has arms`,
      letters,
    );
  // A profile that backgrounds bring is not that of sequences with other letters: all are folded alike.
  const { profile: _, ...rest } = backgrounds;
  if (arms === 'unpaired') return backgrounds.profile ? rest : backgrounds;
  const codes = backgrounds.codes.slice();
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < stem.arm; i++) {
      const left = n * length + stem.start + i;
      const right = n * length + partnerOf(stem, stem.start + i);
      if (arms === 'compensated') codes[left] = complement(codes[left]!);
      const pair = gu && (n + i) % 2 === 1 ? wobble : complement;
      codes[right] = arms === 'broken' ? codes[left]! : pair(codes[left]!);
    }
  }
  return { ...rest, codes };
}
