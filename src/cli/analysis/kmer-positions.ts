/** The k-mers that `gia sweep` and `gia plan` embed, by their options. */

import { count } from '../../device/count.js';
import { echo } from '../../device/echo.js';
import { type LetterRange, outsideError } from '../../gia/backgrounds/letters.js';
import { defaultPosition, everyPosition, isWithin } from '../../gia/backgrounds/placement.js';
import { isFree, kmerParts, kmersBeside } from '../../gia/patterns/kmer-parts.js';
import { MAX_K } from '../../gia/patterns/kmers.js';
import { type Pattern, parsePattern } from '../../gia/patterns/patterns.js';
import { UsageError } from '../terminal/errors.js';

/** What `--position` says. */
export const POSITION =
  'position of the first letter, counted from 0 (default: the middle of the letters of probes, 17 in 41 letters)';

export interface KmerOptions {
  readonly k: number;
  readonly position?: number;
  readonly positions?: string;
  readonly with?: string;
  readonly allowPadding?: boolean;
}

/** @throws UsageError */
export function checkK(k: number): void {
  if (k > MAX_K) throw new UsageError(`--k must be at most ${MAX_K}, not ${k}`);
}

/**
 * The k-mers of every position, with what is embedded beside them.
 *
 * @throws UsageError; PaddingError for a position outside the letters
 */
export function kmersOf(
  options: KmerOptions,
  length: number,
  letters: LetterRange,
): readonly (readonly Pattern[])[] {
  const { k, position, positions, with: text, allowPadding = false } = options;
  const beside = text === undefined ? [] : parsePattern(text).sites;
  if (positions === undefined) {
    const at = position ?? defaultPosition(letters, length, k, `a ${k}-mer`);
    if (!isFree(at, k, beside)) throw new UsageError(`--with ${text} overlaps the ${k}-mer at ${at}`);
    return [kmersBeside(k, at, length, beside)];
  }
  const chosen =
    positions === 'all' ? everyPosition(letters, k, `a ${k}-mer`) : parsePositions(positions, length - k);
  const outside = chosen.find((at) => !isWithin(letters, at, k));
  if (outside !== undefined && !allowPadding)
    throw outsideError(`--positions ${positions}: a ${k}-mer at ${outside} writes`, letters);
  const free = chosen.filter((at) => isFree(at, k, beside));
  if (free.length === 0) throw new UsageError(`--with ${text} leaves no position of ${positions} free`);
  return kmerParts({ k, positions: free, length, beside });
}

/** The k-mers in words, with the position of the first part. */
export function nameOf({ k }: KmerOptions, parts: readonly (readonly Pattern[])[]): string {
  const at = parts[0]![0]!.sites.at(-1)!.position;
  return `${k}-mers at ${at}${parts.length > 1 ? `, the first of ${count(parts.length, 'position')}` : ''}`;
}

/** `3,10,17` or `0..20`, in ascending order. @throws UsageError */
export function parsePositions(text: string, last: number): number[] {
  const chosen = text.split(',').flatMap((part) => {
    const [, from, to] = /^(\d+)(?:\.\.(\d+))?$/.exec(part.trim()) ?? [];
    if (from === undefined)
      throw new UsageError(`--positions: ${echo(part)} is neither a position nor a range`);
    const [low, high] = [Number(from), Number(to ?? from)];
    if (high < low || high > last)
      throw new UsageError(`--positions ${text}: positions are 0 to ${last}, ranges from low to high`);
    return Array.from({ length: high - low + 1 }, (_, i) => low + i);
  });
  return [...new Set(chosen)].sort((a, b) => a - b);
}
