/**
 * Many patterns written as one: ambiguous letters (IUPAC) stand for every letter they allow, and a site may stand at a
 * range of positions or at all of them. Two such sites make a grid. Also lists of patterns as text.
 */

import { contentLines } from '../data/text-lines.js';
import { FormatError, ResidualBindError, ShapeError } from '../device/errors.js';
import { type Pattern, parsePattern, type Site } from './patterns.js';

/** Letters that a code stands for; N keeps the background's own letter instead (`patterns.ts`). */
const AMBIGUOUS: Readonly<Record<string, string>> = {
  R: 'AG',
  Y: 'CU',
  S: 'CG',
  W: 'AU',
  K: 'GU',
  M: 'AC',
  B: 'CGU',
  D: 'AGU',
  H: 'ACU',
  V: 'ACG',
};

/** More than this is a mistake rather than a question. */
export const MOST_EXPANDED = 2 ** 20;

/**
 * The patterns that a text stands for, in sequences of some length. Sites are joined by `+`, each `LETTERS@POSITION`:
 * letters are ACGU/T, N (the background's letter stays) or an IUPAC code (one pattern for each letter that it allows);
 * a position is a number, a range `3..20` (both ends included) or `*` (everywhere). Combinations of ranges whose sites
 * overlap are left out.
 *
 * @throws FormatError for text that does not read so; ShapeError for sites that do not fit, or more than 2^20 patterns;
 * InvalidSequenceError for other letters
 */
export function expandPattern(text: string, length: number): Pattern[] {
  const written = text.trim();
  const alternatives = written.split('+').map((part) => sitesOf(part.trim(), written, length));
  const count = alternatives.reduce((product, { sites }) => product * sites.length, 1);
  if (count > MOST_EXPANDED)
    throw new ShapeError(`pattern "${written}" stands for ${count} patterns; at most ${MOST_EXPANDED} go`);
  const isGrid = alternatives.some(({ isRange }) => isRange);
  const combinations = alternatives.reduce<readonly (readonly Site[])[]>(
    (before, { sites }) => before.flatMap((chosen) => sites.map((site) => [...chosen, site])),
    [[]],
  );
  const apart = isGrid ? combinations.filter((sites) => !overlap(sites)) : combinations;
  if (apart.length === 0) throw new ShapeError(`pattern "${written}": its sites overlap wherever they stand`);
  return apart.map((sites) =>
    parsePattern(sites.map(({ letters, position }) => `${letters}@${position}`).join('+')),
  );
}

/**
 * A list of patterns, one `expandPattern` text a line; `#` begins a comment line.
 *
 * @param source named in errors, with the line
 * @throws FormatError when there is none, and what `expandPattern` throws
 */
export function parsePatternList(text: string, length: number, source = 'text'): Pattern[] {
  const patterns: Pattern[] = [];
  for (const { number, text: line } of contentLines(text)) {
    try {
      patterns.push(...expandPattern(line, length));
    } catch (error) {
      if (!(error instanceof ResidualBindError)) throw error;
      throw new FormatError(`${source}:${number}: ${error.message}`, { cause: error });
    }
  }
  if (patterns.length === 0)
    throw new FormatError(`${source}: no pattern; expected one a line, for example UGCAUG@17`);
  return patterns;
}

interface Alternatives {
  readonly sites: readonly Site[];
  readonly isRange: boolean;
}

function sitesOf(part: string, whole: string, length: number): Alternatives {
  const [, letters, position] = /^([a-z]+)@(\d+|\d+\.\.\d+|\*)$/i.exec(part) ?? [];
  if (letters === undefined || position === undefined) {
    throw new FormatError(
      `pattern "${whole}": "${part}" does not read LETTERS@POSITION, for example UGCAUG@17, UGCRUG@3..20 or UGCAUG@*`,
    );
  }
  const last = length - letters.length;
  const [low, high] = position === '*' ? [0, last] : position.split('..').map(Number);
  const end = high ?? low!;
  if (low! > end) throw new ShapeError(`pattern "${whole}": the range ${position} is empty`);
  if (end > last) {
    throw new ShapeError(
      `pattern "${whole}": ${letters}@${end} does not lie within positions 0 … ${length - 1}`,
    );
  }
  const concrete = spellings(letters);
  const positions = Array.from({ length: end - low! + 1 }, (_, i) => low! + i);
  return {
    sites: positions.flatMap((at) => concrete.map((spelling) => ({ letters: spelling, position: at }))),
    isRange: position === '*' || high !== undefined,
  };
}

/** Every spelling of letters with ambiguous codes, in the order of their letters. */
function spellings(letters: string): readonly string[] {
  const allowed = Array.from(letters, (letter) => AMBIGUOUS[letter.toUpperCase()] ?? letter);
  if (allowed.reduce((product, each) => product * each.length, 1) > MOST_EXPANDED)
    throw new ShapeError(`"${letters}" stands for more than ${MOST_EXPANDED} patterns`);
  return allowed.reduce<readonly string[]>(
    (all, each) => all.flatMap((begun) => Array.from(each, (letter) => begun + letter)),
    [''],
  );
}

function overlap(sites: readonly Site[]): boolean {
  const ordered = [...sites].sort((a, b) => a.position - b.position);
  return ordered.some(
    ({ position }, i) => i > 0 && ordered[i - 1]!.position + ordered[i - 1]!.letters.length > position,
  );
}
