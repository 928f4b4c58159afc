/**
 * Many patterns written as one: ambiguous letters (IUPAC) stand for every letter they allow, and a site may
 * stand at a range of positions or at all of them. Two such sites make a grid. Also lists of patterns as
 * text.
 */

import { contentLines } from '../../data/files/text-lines.js';
import { IUPAC } from '../../data/sequences/letters.js';
import * as check from '../../device/check.js';
import { echo, shortened } from '../../device/echo.js';
import { FormatError, PaddingError, ResidualBindError, ShapeError } from '../../device/errors.js';
import { checkInLetters, type LetterRange, wholeRange } from '../backgrounds/letters.js';
import { everyPosition } from '../backgrounds/placement.js';
import { type Pattern, type Site, siteCodes } from './patterns.js';

/** The most patterns that one analysis takes by default: more is a mistake rather than a question. */
export const MOST_EXPANDED = 2 ** 18;

export interface ExpansionOptions {
  /** Positions that `*` stands for, and that sites must lie in. Default: the whole sequence. */
  readonly letters?: LetterRange | undefined;
  /** Take sites outside `letters`; `*` stays within. Default false. */
  readonly allowPadding?: boolean | undefined;
  /** Most patterns, counted before they are made. Default 2^18; about 1 kB of memory each. */
  readonly most?: number | undefined;
}

/**
 * The patterns that a text stands for, in sequences of some length. Sites are joined by `+`, each
 * `LETTERS@POSITION`: letters are ACGU/T, N (the background's letter stays) or an IUPAC code (one pattern for
 * each letter that it allows); a position is a number, a range `3..20` (both ends included) or `*`
 * (everywhere that probes have letters). Combinations of ranges whose sites overlap are left out.
 *
 * @throws FormatError for text that does not read so; ShapeError for sites that do not fit, or more patterns
 * than `most`; PaddingError for sites where no probe has a letter; InvalidSequenceError for other letters
 */
export const expandPattern = (text: string, length: number, options: ExpansionOptions = {}): Pattern[] =>
  expandPatterns([text], length, options);

/** The patterns of several texts, which together are at most `most`. @throws as `expandPattern` */
export function expandPatterns(
  texts: readonly string[],
  length: number,
  options: ExpansionOptions = {},
): Pattern[] {
  check.list(check.text)(texts, check.argument('texts'));
  check.whole(1)(length, check.argument('length'));
  const patterns: Pattern[] = [];
  for (const text of texts) addExpanded(patterns, text, length, options);
  return patterns;
}

/** Appends what a text stands for to patterns that are there already and count towards `most`. */
function addExpanded(
  patterns: Pattern[],
  text: string,
  length: number,
  { letters = wholeRange(length), allowPadding = false, most = MOST_EXPANDED }: ExpansionOptions,
): void {
  const written = text.trim();
  const parts = written.split('+');
  if (parts.length > length)
    throw new ShapeError(
      `pattern ${echo(written)} has ${parts.length.toLocaleString('en')} sites, more than fit side by side into ${length} letters`,
    );
  const alternatives = parts.map((part) => readSites(part.trim(), { whole: written, length, letters }));
  const count = alternatives.reduce((product, each) => product * numberOf(each), 1);
  if (patterns.length + count > most) {
    const before = patterns.length > 0 ? ` after ${patterns.length.toLocaleString('en')} before it` : '';
    throw new ShapeError(
      `pattern ${echo(written)} stands for ${count.toLocaleString('en')} patterns${before}, more than can be analysed together (at most ${most.toLocaleString('en')}); use fewer ambiguous letters or narrower ranges`,
    );
  }
  const isGrid = alternatives.some(({ isRange }) => isRange);
  let combinations: readonly (readonly Site[])[] = [[]];
  for (const each of alternatives) {
    const sites = sitesOf(each);
    const longer: (readonly Site[])[] = [];
    for (const chosen of combinations) for (const site of sites) longer.push([...chosen, site]);
    combinations = longer;
  }
  const apart = isGrid ? combinations.filter((sites) => !overlap(sites)) : combinations;
  if (apart.length === 0)
    throw new ShapeError(`pattern ${echo(written)}: its sites overlap wherever they stand`);
  for (const sites of apart) {
    const pattern = {
      name: sites.map(({ letters: site, position }) => `${site}@${position}`).join('+'),
      sites,
    };
    if (!allowPadding) checkInLetters([pattern], letters);
    patterns.push(pattern);
  }
}

/**
 * A list of patterns, one `expandPattern` text a line; `#` begins a comment line.
 *
 * @param source named in errors, with the line
 * @throws FormatError when there is none, and what `expandPattern` throws
 */
export function parsePatternList(
  text: string,
  length: number,
  source = 'text',
  options: ExpansionOptions = {},
): Pattern[] {
  check.text(text, check.argument('text'));
  const patterns: Pattern[] = [];
  for (const { number, text: line } of contentLines(text)) {
    try {
      addExpanded(patterns, line, length, options);
    } catch (error) {
      if (error instanceof PaddingError)
        throw new PaddingError(`${source}:${number}: ${error.message}`, { cause: error });
      if (!(error instanceof ResidualBindError)) throw error;
      throw new FormatError(`${source}:${number}: ${error.message}`, { cause: error });
    }
  }
  if (patterns.length === 0)
    throw new FormatError(`${source}: no pattern; expected one a line, for example UGCAUG@17`);
  return patterns;
}

/** Where a site may stand and what it may be, not yet written out. */
interface Alternatives {
  /** Letters that each place allows. */
  readonly allowed: readonly string[];
  readonly first: number;
  readonly last: number;
  readonly isRange: boolean;
}

const numberOf = ({ allowed, first, last }: Alternatives): number =>
  allowed.reduce((product, each) => product * each.length, last - first + 1);

function readSites(
  part: string,
  { whole, length, letters: range }: { whole: string; length: number; letters: LetterRange },
): Alternatives {
  const [, letters, position] = /^([a-z]+)@(\d+|\d+\.\.\d+|\*)$/i.exec(part) ?? [];
  if (letters === undefined || position === undefined) {
    throw new FormatError(
      `pattern ${echo(whole)}: ${echo(part)} is not of the form LETTERS@POSITION, for example UGCAUG@17, UGCRUG@3..20 or UGCAUG@*`,
    );
  }
  const allowed = Array.from(letters, (letter) => IUPAC[letter.toUpperCase()] ?? letter);
  siteCodes(allowed.map((each) => each[0]!).join(''), whole);
  if (position === '*') {
    const places = everyPosition(range, letters.length, `pattern ${echo(whole)}: ${shortened(letters)}`);
    return { allowed, first: places[0]!, last: places.at(-1)!, isRange: true };
  }
  const [low, high] = position.split('..').map(Number);
  const last = high ?? low!;
  if (low! > last) throw new ShapeError(`pattern ${echo(whole)}: the range ${shortened(position)} is empty`);
  if (last > length - letters.length) {
    throw new ShapeError(
      `pattern ${echo(whole)}: ${shortened(letters)}@${last} does not lie within positions 0 … ${length - 1}`,
    );
  }
  return { allowed, first: low!, last, isRange: high !== undefined };
}

/** All places and spellings of a site: place by place, spellings in the order of their letters. */
function sitesOf({ allowed, first, last }: Alternatives): readonly Site[] {
  const spellings = spelled(allowed);
  const sites: Site[] = [];
  for (let position = first; position <= last; position++)
    for (const letters of spellings) sites.push({ letters, position });
  return sites;
}

/** Every choice of a letter at each place. */
function spelled(allowed: readonly string[]): readonly string[] {
  let all = [''];
  for (const each of allowed) {
    const longer: string[] = [];
    for (const begun of all) for (const letter of each) longer.push(begun + letter);
    all = longer;
  }
  return all;
}

function overlap(sites: readonly Site[]): boolean {
  const ordered = [...sites].sort((a, b) => a.position - b.position);
  return ordered.some(
    ({ position }, i) => i > 0 && ordered[i - 1]!.position + ordered[i - 1]!.letters.length > position,
  );
}
