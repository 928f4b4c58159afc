/** Motifs → MEME minimal motif format, version 4. `meme-parse.ts` reads it. */

import { checkPwm, type PositionWeightMatrix } from '../../../data/pwm.js';
import { type Alphabet, lettersOf } from '../../../data/sequences/letters.js';
import { echo } from '../../../device/echo.js';
import { FormatError } from '../../../device/errors.js';
import { UNIFORM } from '../information.js';

/** A motif of a MEME file. */
export interface MemeMotif {
  /** Identifier, one word. */
  readonly name: string;
  /** Second name, if any, such as the protein's; words with one space between. */
  readonly alternateName?: string | undefined;
  /** Letter probabilities [positions, 4]; every position sums to 1. */
  readonly pwm: PositionWeightMatrix;
  /** Number of sites that it was made of, if known. */
  readonly sites?: number | undefined;
  /** E value, if known. */
  readonly eValue?: number | undefined;
  /** Where more is said of it. */
  readonly url?: string | undefined;
}

/** Decimals of a probability, as MEME itself writes them. */
const DECIMALS = 6;

/**
 * A MEME file. Probabilities are rounded to six decimals so that each position still sums to exactly 1.
 *
 * @param background frequencies of A, C, G and U or T. Default 0.25 each
 * @param alphabet of the file. Default `rna`
 * @throws FormatError for no motifs, or a name that is empty, taken or has spaces where it may not;
 * ArgumentError for a bad matrix
 */
export function formatMeme(
  motifs: readonly MemeMotif[],
  background: readonly [number, number, number, number] = UNIFORM,
  alphabet: Alphabet = 'rna',
): string {
  if (motifs.length === 0) throw new FormatError('a MEME file needs at least one motif');
  const names = new Set<string>();
  const letters = lettersOf(alphabet);
  const lines = [
    'MEME version 4',
    '',
    `ALPHABET= ${letters}`,
    '',
    'Background letter frequencies',
    background.map((frequency, base) => `${letters[base]} ${frequency}`).join(' '),
    '',
  ];
  for (const { name, alternateName, pwm, sites = 20, eValue = 0, url } of motifs) {
    checkWord(name);
    if (names.has(name)) throw new FormatError(`two motifs are called ${echo(name)}`);
    names.add(name);
    if (alternateName !== undefined) for (const word of alternateName.split(' ')) checkWord(word);
    if (url !== undefined) checkWord(url);
    checkPwm(pwm);
    lines.push(`MOTIF ${name}${alternateName === undefined ? '' : ` ${alternateName}`}`, '');
    // Some readers take no number of sites that is not whole.
    const whole = Math.max(1, Math.round(sites));
    lines.push(`letter-probability matrix: alength= 4 w= ${pwm.length} nsites= ${whole} E= ${eValue}`);
    lines.push(...pwm.map((column) => roundToOne(column).join(' ')), '');
    if (url !== undefined) lines.push(`URL ${url}`, '');
  }
  // Some readers keep a motif only once another line follows its matrix, so that the file ends with a blank
  // one.
  return `${lines.join('\n')}\n`;
}

/** Rounds by largest remainder, so that the total is kept. */
function roundToOne(column: readonly number[]): string[] {
  const unit = 10 ** DECIMALS;
  const total = column.reduce((sum, p) => sum + p, 0);
  const exact = column.map((p) => (p / total) * unit);
  const whole = exact.map(Math.floor);
  const missing = unit - whole.reduce((sum, p) => sum + p, 0);
  const order = exact.map((p, i) => ({ i, rest: p - whole[i]! })).sort((x, y) => y.rest - x.rest);
  for (const { i } of order.slice(0, missing)) whole[i]! += 1;
  return whole.map((p) => (p / unit).toFixed(DECIMALS));
}

function checkWord(word: string): void {
  if (!/^\S+$/.test(word)) {
    throw new FormatError(`${echo(word)} must be one word to stand in a MEME file`);
  }
}
