/**
 * MEME minimal motif format, version 4, → motifs. Strict, for files from anywhere: whatever is not understood is an
 * error that names file and line. `meme-format.ts` writes the format; it is described at
 * https://meme-suite.org/meme/doc/meme-format.html.
 */
import type { PositionWeightMatrix } from '../../data/pwm.js';
import { contentLines, type TextLine } from '../../data/text-lines.js';
import { FormatError } from '../../device/errors.js';
import type { MemeMotif } from './meme-format.js';

export interface MemeFile {
  readonly source: string;
  readonly motifs: readonly MemeMotif[];
  /** Frequencies of A, C, G, U; 0.25 each where the file gives none. */
  readonly background: readonly [number, number, number, number];
}

type Four = [number, number, number, number];

/** How far four probabilities may sum from 1; files with two decimals come to 0.99 and 1.01. They are divided by it. */
const SUM_TOLERANCE = 0.0101;

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const MATRIX = 'letter-probability matrix:';
const LOG_ODDS = 'log-odds matrix:';
const BACKGROUND = 'Background letter frequencies';

/**
 * Reads a MEME file with the alphabet ACGU or ACGT, whose T reads as U.
 *
 * @param source file name or other origin, for messages
 * @throws FormatError naming source and line
 */
export function parseMeme(text: string, source = 'text'): MemeFile {
  return new Parser([...contentLines(text)], source).file();
}

class Parser {
  #at = 0;

  constructor(
    readonly lines: readonly TextLine[],
    readonly source: string,
  ) {}

  file(): MemeFile {
    this.#header();
    this.#alphabet();
    if (this.#line?.startsWith('strands:')) this.#at++;
    const background = this.#line?.startsWith(BACKGROUND)
      ? this.#background()
      : ([0.25, 0.25, 0.25, 0.25] as Four);
    const motifs: MemeMotif[] = [];
    const names = new Set<string>();
    while (this.#line !== undefined) {
      const where = this.#where;
      const motif = this.#motif();
      if (names.has(motif.name))
        throw new FormatError(`${where}: a second motif ${JSON.stringify(motif.name)}`);
      names.add(motif.name);
      motifs.push(motif);
    }
    if (motifs.length === 0) throw new FormatError(`${this.source}: no motif; expected MOTIF and its matrix`);
    return { source: this.source, motifs, background };
  }

  get #line(): string | undefined {
    return this.lines[this.#at]?.text.trim();
  }

  get #where(): string {
    const line = this.lines[this.#at];
    return line ? `${this.source}:${line.number}` : `${this.source}, at its end`;
  }

  #fail(expected: string): never {
    const line = this.#line;
    const found = line === undefined ? '' : `, not ${JSON.stringify(line.slice(0, 60))}`;
    throw new FormatError(`${this.#where}: expected ${expected}${found}`);
  }

  #header(): void {
    const version = /^MEME version (\d+)(\.\S*)?$/.exec(this.#line ?? '')?.[1];
    if (version === undefined || Number(version) < 4) this.#fail('"MEME version 4"');
    this.#at++;
  }

  #alphabet(): void {
    const letters = /^ALPHABET=\s*(\S+)$/.exec(this.#line ?? '')?.[1];
    if (letters !== 'ACGU' && letters !== 'ACGT') this.#fail('"ALPHABET= ACGU" or ACGT');
    this.#at++;
  }

  #background(): Four {
    const title = this.#where;
    this.#at++;
    const values: number[] = [];
    while (values.length < 4) {
      const words = this.#line?.split(/\s+/) ?? [];
      if (words.length === 0 || words.length % 2 !== 0 || values.length + words.length / 2 > 4)
        this.#fail('frequencies as "A 0.25 C 0.25 G 0.25 U 0.25"');
      for (let i = 0; i < words.length; i += 2) {
        const letter = words[i]!.replace('T', 'U');
        if (letter !== 'ACGU'[values.length]) this.#fail(`the frequency of ${'ACGU'[values.length]} next`);
        values.push(this.#probability(words[i + 1]!));
      }
      this.#at++;
    }
    return this.#normalised(values as Four, title);
  }

  #motif(): MemeMotif {
    const where = this.#where;
    const [keyword, name, ...rest] = this.#line!.split(/\s+/);
    if (keyword !== 'MOTIF') this.#fail('MOTIF');
    if (name === undefined) this.#fail('a name after MOTIF');
    this.#at++;
    if (this.#line?.startsWith(LOG_ODDS)) this.#skipLogOdds();
    if (!this.#line?.startsWith(MATRIX)) {
      if (this.#line === undefined || this.#line.startsWith('MOTIF'))
        throw new FormatError(`${where}: motif ${JSON.stringify(name)} has no "${MATRIX}"`);
      this.#fail(`"${MATRIX}"`);
    }
    const { pwm, sites, eValue } = this.#matrix();
    const url = /^URL\s+(\S+)$/.exec(this.#line ?? '')?.[1];
    if (url !== undefined) this.#at++;
    const alternateName = rest.length > 0 ? rest.join(' ') : undefined;
    return { name, alternateName, pwm, sites, eValue, url };
  }

  #matrix(): { pwm: PositionWeightMatrix; sites: number | undefined; eValue: number | undefined } {
    const title = this.#where;
    const keys = this.#keys(this.#line!.slice(MATRIX.length));
    const { alength = 4, w: width, nsites: sites, E: eValue } = keys;
    if (alength !== 4) throw new FormatError(`${title}: alength= ${alength}, but the alphabet has 4 letters`);
    if (width !== undefined && !(Number.isInteger(width) && width > 0))
      throw new FormatError(`${title}: w= ${width} is not a whole number above 0`);
    this.#at++;
    const pwm: Four[] = [];
    while (pwm.length !== width && this.#isNumeric()) pwm.push(this.#row());
    if (pwm.length === 0 || (width !== undefined && pwm.length < width))
      this.#fail(
        width === undefined ? 'four probabilities' : `row ${pwm.length + 1} of ${width} of the matrix`,
      );
    if (this.#isNumeric()) this.#fail(`${width} rows in the matrix and then MOTIF`);
    return { pwm, sites, eValue };
  }

  /** `key= number` pairs, each key once. */
  #keys(text: string): Partial<Record<'alength' | 'w' | 'nsites' | 'E', number>> {
    const keys: Partial<Record<string, number>> = {};
    const words = text.replaceAll('=', '= ').trim().split(/\s+/);
    if (words[0] === '') return keys;
    for (let i = 0; i < words.length; i += 2) {
      const key = /^(alength|w|nsites|E)=$/.exec(words[i]!)?.[1];
      const value = words[i + 1] ?? '';
      if (key === undefined || !NUMBER.test(value) || key in keys)
        throw new FormatError(
          `${this.#where}: expected "alength= 4 w= 7 nsites= 20 E= 0", not "${words.slice(i, i + 2).join(' ')}"`,
        );
      keys[key] = Number(value);
    }
    return keys;
  }

  #isNumeric(): boolean {
    return NUMBER.test(this.#line?.split(/\s+/)[0] ?? '');
  }

  #row(): Four {
    const words = this.#line!.split(/\s+/);
    if (words.length !== 4) this.#fail('four probabilities');
    const column = words.map((word) => this.#probability(word)) as Four;
    const row = this.#normalised(column, this.#where);
    this.#at++;
    return row;
  }

  #probability(word: string): number {
    const value = NUMBER.test(word) ? Number(word) : Number.NaN;
    if (!(value >= 0 && value <= 1))
      throw new FormatError(`${this.#where}: ${JSON.stringify(word)} is not a probability, 0 to 1`);
    return value;
  }

  #normalised(column: Four, where: string): Four {
    const sum = column[0] + column[1] + column[2] + column[3];
    if (Math.abs(sum - 1) > SUM_TOLERANCE)
      throw new FormatError(`${where}: probabilities sum to ${Number(sum.toFixed(6))}, not to 1`);
    return column.map((p) => p / sum) as Four;
  }

  #skipLogOdds(): void {
    this.#at++;
    while (this.#isNumeric()) this.#at++;
  }
}
