/**
 * Where sequences have letters. Probes shorter than the model's input are padded, and the model has learned
 * nothing about the places where no probe has a letter: patterns and backgrounds stay out of them.
 * `placement.ts` chooses positions within; `backgrounds.ts` carries the range to every analysis.
 */

import { PAD } from '../../data/sequences/letters.js';
import * as check from '../../device/check.js';
import { PaddingError, ShapeError } from '../../device/errors.js';
import { KEEP, type Pattern, siteCodes } from '../patterns/patterns.js';

/** Positions start … end - 1, 0-based, from the first at which any probe has a letter to the last. */
export interface LetterRange {
  readonly start: number;
  /** One past the last position; equal to `start` where there are no letters. */
  readonly end: number;
}

/** Every position of a sequence. */
export const wholeRange = (length: number): LetterRange => ({ start: 0, end: length });

/** How many positions a range has. */
export const widthOf = ({ start, end }: LetterRange): number => end - start;

/** `10–29`: first and last position, as messages name them. */
export const describeRange = ({ start, end }: LetterRange): string =>
  end - start < 2 ? `${start}` : `${start}–${end - 1}`;

/**
 * The positions where training probes have letters, by their nucleotide frequencies.
 *
 * @param profile [length * 4], as `profileOf` gives it: a row of zeros where no probe has a letter
 */
export function lettersOfProfile(profile: ArrayLike<number>): LetterRange {
  check.numbers(profile, check.argument('profile'));
  const length = profile.length / 4;
  if (!Number.isInteger(length))
    throw new ShapeError(`a profile has four frequencies for each position, so not ${profile.length} in all`);
  return rangeOf(length, (position) => [0, 1, 2, 3].some((letter) => profile[position * 4 + letter]! > 0));
}

/**
 * The positions where any of some sequences has a letter.
 *
 * @param codes base codes, row-major [N * length], 4 = pad or N
 */
export function lettersOfCodes(codes: Uint8Array, length: number): LetterRange {
  check.bytes(codes, check.argument('codes'));
  check.whole(1)(length, check.argument('length'));
  const written = new Uint8Array(length);
  for (let i = 0; i < codes.length; i++) if (codes[i] !== PAD) written[i % length] = 1;
  return rangeOf(length, (position) => written[position] === 1);
}

/** The positions that two ranges share. */
export function sharedRange(a: LetterRange, b: LetterRange): LetterRange {
  const start = Math.max(a.start, b.start);
  return { start, end: Math.max(start, Math.min(a.end, b.end)) };
}

/**
 * The positions where the training probes of all of some models have letters, as far as models carry their
 * profiles; undefined where none does.
 */
export const lettersOfModels = (
  models: readonly { readonly profile?: ArrayLike<number> | undefined }[],
): LetterRange | undefined =>
  models
    .flatMap(({ profile }) => (profile ? [lettersOfProfile(profile)] : []))
    .reduce<LetterRange | undefined>((all, own) => (all ? sharedRange(all, own) : own), undefined);

/** Whether a sequence of `letters` letters, centred in an input of `length`, reaches out of a range. */
export function reachesOut(letters: number, length: number, { start, end }: LetterRange): boolean {
  const first = Math.max(0, Math.floor((length - letters) / 2));
  return first < start || first + Math.min(letters, length) > end;
}

/** How many letters a pattern writes outside a range; N writes none. */
export function lettersInPadding({ name, sites }: Pattern, { start, end }: LetterRange): number {
  let count = 0;
  for (const { position, letters } of sites) {
    if (position >= start && position + letters.length <= end) continue;
    siteCodes(letters, name).forEach((code, i) => {
      if (code !== KEEP && (position + i < start || position + i >= end)) count++;
    });
  }
  return count;
}

/**
 * How many letters each pattern writes outside a range; undefined where none does.
 *
 * @param allowPadding false: such a pattern is refused
 * @throws PaddingError naming the first such pattern and the range
 */
export function checkInLetters(
  patterns: readonly Pattern[],
  letters: LetterRange,
  allowPadding = false,
): readonly number[] | undefined {
  const counts = patterns.map((pattern) => lettersInPadding(pattern, letters));
  const first = counts.findIndex((count) => count > 0);
  if (first < 0) return undefined;
  if (allowPadding) return counts;
  const { name, sites } = patterns[first]!;
  const written = sites.map(({ position, letters: site }) => `${site}@${position}`).join('+');
  throw outsideError(`pattern "${written === name ? name : `${name} (${written})`}" writes`, letters);
}

/** Says that something lies outside the letters, and what to do. */
export const outsideError = (what: string, letters: LetterRange): PaddingError =>
  new PaddingError(
    widthOf(letters) === 0
      ? `${what} where no probe has a letter: there are no letters at any position; give probes or backgrounds with letters`
      : `${what} where no probe has a letter: probes have letters at positions ${describeRange(letters)} only. Stay within them, or allow padding on purpose (--allow-padding; allowPadding: true in the library)`,
  );

function rangeOf(length: number, hasLetter: (position: number) => boolean): LetterRange {
  let [start, end] = [0, length];
  while (start < length && !hasLetter(start)) start++;
  if (start === length) return { start: 0, end: 0 };
  while (!hasLetter(end - 1)) end--;
  return { start, end };
}
