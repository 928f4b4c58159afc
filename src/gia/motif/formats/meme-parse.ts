/**
 * MEME motif files → motifs: the minimal format of versions 3 to 5, and the text output of MEME, DREME and
 * STREME, whose other sections are passed over. What a motif rests on is read strictly: a bad row, key or
 * alphabet is an error that names file and line. What is passed over is said in `notes`. `meme-format.ts`
 * writes the format; it is described at https://meme-suite.org/meme/doc/meme-format.html.
 */
import { echo } from '../../../data/echo.js';
import { contentLines, type TextLine } from '../../../data/files/text-lines.js';
import { ALPHABET, inRna } from '../../../data/sequences/letters.js';
import { DECIMAL_COMMA_ADVICE, hasDecimalComma, readNumber } from '../../../data/tables/numbers.js';
import * as check from '../../../device/check.js';
import { count } from '../../../device/count.js';
import { FormatError } from '../../../device/errors.js';
import { alphabetLine, coreLetters, isNucleotides } from './meme-alphabet.js';
import type { MemeMotif } from './meme-format.js';
import { MotifNotes } from './notes.js';
import { type Four, matrixKind, normalised, probabilities } from './rows.js';

/** The motifs of a MEME file. */
export interface MemeFile {
  readonly source: string;
  readonly motifs: readonly MemeMotif[];
  /** Frequencies of A, C, G, U, the first that the file gives; 0.25 each where it gives none. */
  readonly background: readonly [number, number, number, number];
  /** What was passed over, assumed or normalised, in sentences that name the source. */
  readonly notes: readonly string[];
}

/** A motif whose matrix may still come. */
type OpenMotif = { -readonly [Field in keyof MemeMotif]?: MemeMotif[Field] } & {
  readonly name: string;
  readonly line: number;
};

const OLDEST_VERSION = 3;
const MATRIX = 'letter-probability matrix';
const LOG_ODDS = 'log-odds matrix';
const BACKGROUND = 'Background letter frequencies';
const OTHER_FORMATS = 'parseMotifs reads other formats too';
const EXPECTED = '"ALPHABET= ACGU" or ACGT, since motifs of other alphabets cannot be compared with RNA';

/** Keys of a matrix that are known: its size, its sites, and the significance by MEME, DREME and STREME. */
const KEYS: ReadonlySet<string> = new Set(['alength', 'w', 'nsites', 'E', 'P', 'S', 'n', 'bayes']);

/**
 * Reads a MEME file with the alphabet ACGU or ACGT, whose T reads as U. Motifs without a matrix and motifs
 * whose name came before are passed over.
 *
 * @param source file name or other origin, for messages
 * @throws FormatError naming source and line
 */
export function parseMeme(text: string, source = 'text'): MemeFile {
  check.text(text, check.argument('text'));
  const notes = new MotifNotes();
  const { motifs, background } = readMeme(text, source, notes);
  const sentences = notes.sentences(source);
  if (motifs.length === 0)
    throw new FormatError([`${source}: no motif; expected MOTIF and its matrix`, ...sentences].join('; '));
  return { source, motifs, background, notes: sentences };
}

/**
 * Reads a MEME file whose motifs may all have been passed over.
 *
 * @param notes takes what is to be said
 * @returns `seen` counts the motifs that were passed over too
 * @throws FormatError naming source and line
 */
export function readMeme(
  text: string,
  source: string,
  notes: MotifNotes,
): Pick<MemeFile, 'motifs' | 'background'> & { readonly seen: number } {
  const lines = [...contentLines(text)].map(({ number, text: line }) => ({ number, text: line.trim() }));
  return new Parser(
    lines.filter((line) => !line.text.startsWith('#')),
    source,
    notes,
  ).file();
}

const words = (line: string): string[] => line.split(/\s+/);
const rounded = (sum: number): number => Number(sum.toFixed(6));
const commaAdvice = (word: string): string => (hasDecimalComma(word) ? `; ${DECIMAL_COMMA_ADVICE}` : '');

class Parser {
  #at = 0;
  #hasAlphabet = false;
  #background: Four | undefined;
  #open: OpenMotif | undefined;
  readonly #motifs = new Map<string, MemeMotif>();
  #seen = 0;

  constructor(
    readonly lines: readonly TextLine[],
    readonly source: string,
    readonly notes: MotifNotes,
  ) {}

  file(): Pick<MemeFile, 'motifs' | 'background'> & { readonly seen: number } {
    const header = this.lines.findIndex(({ text }) => text.startsWith('MEME version'));
    if (header < 0) this.#fail('"MEME version 4"', `; ${OTHER_FORMATS}`);
    this.#at = header;
    while (this.#line !== undefined) this.#section(this.#line);
    this.#close();
    const background = this.#background ?? ([0.25, 0.25, 0.25, 0.25] as const);
    return { motifs: [...this.#motifs.values()], background, seen: this.#seen };
  }

  #section(line: string): void {
    if (line.startsWith('MEME version')) this.#header(line);
    else if (/^ALPHABET/i.test(line)) this.#alphabet(line);
    else if (line.startsWith(BACKGROUND)) this.#frequencies();
    else if (line === 'MOTIF' || /^MOTIF\s/.test(line)) this.#motif(line);
    else if (line.startsWith(LOG_ODDS)) this.#logOdds();
    else if (line.startsWith(MATRIX)) this.#matrix();
    else {
      if (this.#open && /^URL(?:\s|$)/.test(line))
        this.#open.url = words(line).slice(1).join('%20') || undefined;
      else if (!line.startsWith('strands:') && !/^[-*]+$/.test(line)) this.notes.strayLine();
      this.#at++;
    }
  }

  get #line(): string | undefined {
    return this.lines[this.#at]?.text;
  }

  /** The line without a comment at its end. */
  get #data(): string {
    return (this.#line ?? '').split('#', 1)[0]!.trim();
  }

  get #where(): string {
    const line = this.lines[this.#at];
    return line ? `${this.source}:${line.number}` : `${this.source}, at its end`;
  }

  #fail(expected: string, advice = ''): never {
    const line = this.#line;
    const found = line === undefined ? '' : `, not ${echo(line)}${commaAdvice(words(line)[0]!)}`;
    throw new FormatError(`${this.#where}: expected ${expected}${found}${advice}`);
  }

  /** A file may hold several, one after the other, each with its header. */
  #header(line: string): void {
    const version = Number.parseInt(words(line)[2] ?? '', 10);
    if (!(version >= OLDEST_VERSION)) this.#fail('"MEME version 4"');
    this.#close();
    this.#hasAlphabet = false;
    this.#at++;
  }

  #alphabet(line: string): void {
    const found = alphabetLine(this.#data);
    this.#hasAlphabet = true;
    if ('letters' in found) {
      if (!isNucleotides(found.letters)) this.#fail(EXPECTED);
      this.#at++;
      return;
    }
    if (found.like === 'PROTEIN') this.#fail(EXPECTED);
    const title = `${this.#where}: ${echo(line)}`;
    const core = new Set<string>();
    for (this.#at++; this.#line !== 'END ALPHABET'; this.#at++) {
      if (this.#line === undefined) throw new FormatError(`${title} is never closed by END ALPHABET`);
      for (const letter of coreLetters(this.#line)) core.add(letter);
    }
    this.#at++;
    const letters = [...core].sort().join('');
    if (!isNucleotides(letters) && !(letters === '' && found.like !== undefined))
      throw new FormatError(`${title} has the letters ${echo(letters)}; expected A, C, G and U or T alone`);
  }

  #frequencies(): void {
    const title = this.#where;
    this.#at++;
    const values: number[] = [];
    while (values.length < 4) {
      const pairs = words(this.#data);
      if (pairs.length % 2 !== 0 || values.length + pairs.length / 2 > 4)
        this.#fail('frequencies as "A 0.25 C 0.25 G 0.25 U 0.25"');
      for (let i = 0; i < pairs.length; i += 2) {
        const letter = ALPHABET[values.length]!;
        if (inRna(pairs[i]!) !== letter) this.#fail(`the frequency of ${letter} next`);
        values.push(this.#share(pairs[i + 1]!));
      }
      this.#at++;
    }
    const found = matrixKind([values as Four]);
    if (found.kind === 'neither' || found.kind === 'counts') {
      const sum = values.reduce((a, b) => a + b);
      throw new FormatError(`${title}: probabilities sum to ${rounded(sum)}, not to 1`);
    }
    this.#background ??= normalised(values as Four);
  }

  #motif(line: string): void {
    this.#close();
    // The text output of MEME goes on: "MOTIF UGCAUG MEME-1	width = 6  sites = 20  llr = 98".
    const all = words(line);
    const facts = all.findIndex((_, i) => i > 1 && all[i + 1] === '=');
    const [, name, ...rest] = facts < 0 ? all : all.slice(0, facts);
    if (name === undefined) this.#fail('a name after MOTIF');
    const alternateName = rest.length > 0 ? rest.join(' ') : undefined;
    this.#open = { name, alternateName, line: this.lines[this.#at]!.number };
    this.#at++;
  }

  /** Keeps the motif that is open, where it has a matrix and a name of its own. */
  #close(): void {
    if (!this.#open) return;
    const { name, line, pwm, alternateName, sites, eValue, url } = this.#open;
    this.#open = undefined;
    this.#seen++;
    if (!pwm) this.notes.motif('empty', name, line);
    else if (this.#motifs.has(name)) this.notes.motif('repeated', name, line);
    else this.#motifs.set(name, { name, alternateName, pwm, sites, eValue, url });
  }

  #matrix(): void {
    const open = this.#open;
    if (!open || open.pwm) this.#fail('MOTIF and its name before a matrix');
    if (!this.#hasAlphabet) this.notes.noAlphabet();
    const { alength = 4, w: width, nsites: sites, E: eValue } = this.#keys(this.#data.slice(MATRIX.length));
    if (alength !== 4)
      throw new FormatError(`${this.#where}: alength= ${alength}, but the alphabet has 4 letters`);
    if (width !== undefined && !(Number.isInteger(width) && width > 0))
      throw new FormatError(`${this.#where}: w= ${width} is not a whole number above 0`);
    this.#at++;
    const first = this.#at;
    const rows: Four[] = [];
    while (rows.length !== width && this.#isNumeric()) rows.push(this.#row());
    if (rows.length === 0 || (width !== undefined && rows.length < width)) {
      const next = `row ${rows.length + 1} of ${width} of the matrix`;
      this.#fail(width === undefined ? 'four probabilities' : next);
    }
    if (this.#isNumeric()) this.#fail(`${count(width!, 'row')} in the matrix and then MOTIF`);
    const found = matrixKind(rows);
    if (found.kind === 'neither') {
      const { number } = this.lines[first + found.row]!;
      const sum = rounded(found.sum);
      throw new FormatError(`${this.source}:${number}: probabilities sum to ${sum}, not to 1`);
    }
    if (found.kind !== 'probabilities') this.notes.motif(found.kind, open.name, open.line);
    Object.assign(open, { pwm: probabilities(rows), sites, eValue });
  }

  /** `key= number` pairs, each key once. */
  #keys(text: string): Partial<Record<string, number>> {
    const keys: Partial<Record<string, number>> = {};
    const found = words(text.replace(/^:/, '').replaceAll('=', '= ').trim());
    if (found[0] === '') return keys;
    for (let i = 0; i < found.length; i += 2) {
      const [word, field = ''] = [found[i]!, found[i + 1]];
      const key = word.endsWith('=') ? word.slice(0, -1) : '';
      const value = /^(?:nan|[+-]?inf)$/i.test(field) ? Number.NaN : readNumber(field);
      if (key === '' || value === undefined || Object.hasOwn(keys, key)) {
        const pair = echo(`${word} ${field}`);
        throw new FormatError(`${this.#where}: expected "alength= 4 w= 7 nsites= 20 E= 0", not ${pair}`);
      }
      if (!KEYS.has(key)) this.notes.key(key);
      else if (!Number.isNaN(value)) keys[key] = value;
    }
    return keys;
  }

  #isNumeric(): boolean {
    return readNumber(words(this.#data)[0]!) !== undefined;
  }

  #row(): Four {
    const values = words(this.#data);
    if (values.length !== 4) this.#fail('four probabilities');
    const row = values.map((word) => this.#share(word)) as Four;
    this.#at++;
    return row;
  }

  /** A probability, or a count of which one will be made. */
  #share(word: string): number {
    const value = readNumber(word);
    if (value === undefined || !(value >= 0 && Number.isFinite(value))) {
      const found = `${echo(word)} is not a probability, 0 to 1${commaAdvice(word)}`;
      throw new FormatError(`${this.#where}: ${found}`);
    }
    return value;
  }

  #logOdds(): void {
    do this.#at++;
    while (this.#line !== undefined && this.#isNumeric());
  }
}
