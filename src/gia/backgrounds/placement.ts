/**
 * Where patterns are embedded by default. Positions follow from the letters of probes: the middle and the ends
 * of probes of any length. In the paper's 41 letters these are the paper's positions.
 */

import { PaddingError } from '../../device/errors.js';
import { describeRange, type LetterRange, widthOf } from './letters.js';

/** The paper's position of a k-mer in 41 letters. */
export const PAPER_POSITION = 17;

/** Letters of the paper's probes. */
const PAPER_LENGTH = 41;

/** Whether the paper's positions have a meaning: in longer probes they are no longer its middle and its ends. */
export const isPaperSized = (letters: LetterRange): boolean => widthOf(letters) <= PAPER_LENGTH;

/** First position of `width` letters in the middle of a range. @throws PaddingError where they do not fit */
export function middleOf(letters: LetterRange, width: number, what: string): number {
  checkRoom(letters, width, what);
  return letters.start + Math.floor((widthOf(letters) - width) / 2);
}

/**
 * The default position of `width` letters: the middle of the letters; in probes that fill an input of 41 the
 * paper's 17, where it fits.
 *
 * @throws PaddingError where they do not fit
 */
export const defaultPosition = (letters: LetterRange, length: number, width: number, what: string): number =>
  widthOf(letters) === length && length === PAPER_LENGTH && PAPER_POSITION + width <= length
    ? PAPER_POSITION
    : middleOf(letters, width, what);

/** First positions at which `width` letters fit, ascending. @throws PaddingError where there are none */
export function everyPosition(letters: LetterRange, width: number, what: string): readonly number[] {
  checkRoom(letters, width, what);
  return Array.from({ length: widthOf(letters) - width + 1 }, (_, i) => letters.start + i);
}

/** Whether letters first … last lie in a range. */
export const isWithin = ({ start, end }: LetterRange, first: number, width: number): boolean =>
  first >= start && first + width <= end;

/** @throws PaddingError where `width` letters do not fit */
export function checkRoom(letters: LetterRange, width: number, what: string): void {
  const has = widthOf(letters);
  if (width <= has) return;
  const where = has === 0 ? 'at no position' : `at ${has} positions (${describeRange(letters)})`;
  throw new PaddingError(`${what} takes ${width} letters, and probes have letters ${where}`);
}
