/**
 * Text → structure profiles: `_lunp` files of RNAplfold, the lines of the modified RNAplfold programs, one
 * context a file or five together, DLPRB's annotations, and tables of sequence, context and values. Lines are
 * given one after the other, so that a file need not be held as a whole.
 */
import { atOnce, type Steps } from '../../device/breathe.js';
import * as check from '../../device/check.js';
import { FormatError } from '../../device/errors.js';
import { echo } from '../echo.js';
import { type TextLine, textLines } from '../files/text-lines.js';
import { isStructureLine } from '../sequences/structure-lines.js';
import { readNumber } from '../tables/numbers.js';
import {
  PROFILE_FORMATS,
  ProfileBuilder,
  type ProfileRecord,
  ROUNDING,
  type StructureProfiles,
} from './profiles.js';

/** Contexts of the lines below an identifier, where there are five. */
const TOGETHER = 'PHIME';

/** The context of a file that has one line for each sequence, in place of its letter. */
export const ONE_CONTEXT = '?';

const UNPAIRED = /^\s*#\s*unpaired probabilities\s*$/;
const COLUMNS_OF_LUNP = /^\s*#\s*i\S?\s+l=/;

/** The format of a text, known from its first line. */
interface Format {
  line(line: TextLine): void;
  finish(): void;
}

/** Reads profiles line by line; `emit` is given each record as soon as it is complete. */
export class ProfileParser {
  #format: Format | undefined;

  /**
   * @param source for messages
   * @param name of a sequence whose file does not say it: what the file is called
   */
  constructor(
    readonly source: string,
    readonly name: string,
    readonly emit: (record: ProfileRecord) => void,
  ) {}

  /** @throws FormatError naming the line */
  line(line: TextLine): void {
    if (line.text.trim() === '') return;
    this.#format ??= this.#formatOf(line);
    this.#format?.line(line);
  }

  /** @throws FormatError where the last record is incomplete */
  finish(): void {
    this.#format?.finish();
  }

  /** Undefined for a comment. */
  #formatOf({ text, number }: TextLine): Format | undefined {
    const where = `${this.source}:${number}`;
    if (UNPAIRED.test(text)) return new Lunp(this.source, this.name, this.emit);
    if (/^\s*#\s*opening energies/.test(text))
      throw new FormatError(
        `${where}: these are opening energies, not probabilities; run RNAplfold -u 1 without -O`,
      );
    if (text.startsWith('%!'))
      throw new FormatError(
        `${where}: this is PostScript, such as a dot plot; give the _lunp file that RNAplfold -u 1 writes beside it`,
      );
    if (text.startsWith('#')) return undefined;
    const [label = '', context = ''] = text.split('\t', 2);
    const isTable = /^[PHIMEU]$/.test(context.trim()) || /^context$/i.test(context.trim());
    return isTable && label.trim() !== ''
      ? new Table(this.source, this.emit)
      : new Blocks(this.source, this.emit);
  }
}

/** Fields of a line as numbers. @throws FormatError naming one that is none */
function numbersOf(fields: readonly string[], where: string): Float64Array {
  const values = new Float64Array(fields.length);
  fields.forEach((field, i) => {
    const value = readNumber(field);
    if (value === undefined || !Number.isFinite(value))
      throw new FormatError(`${where}: expected a probability as value ${i + 1}, found ${echo(field)}`);
    values[i] = value;
  });
  return values;
}

const fieldsOf = (text: string): string[] => text.trim().split(/\s+/);

/** RNAplfold -u: a line for each nucleotide, its probability of being unpaired in the column l=1. */
class Lunp implements Format {
  readonly #values: number[] = [];
  #first = 0;
  #blocks = 0;
  /** A single sequence is called like the file; of several, only the order is known. */
  #held: ProfileRecord | undefined;

  constructor(
    readonly source: string,
    readonly name: string,
    readonly emit: (record: ProfileRecord) => void,
  ) {}

  line({ text, number }: TextLine): void {
    const where = `${this.source}:${number}`;
    if (UNPAIRED.test(text)) {
      this.#close();
      this.#first = number;
      return;
    }
    if (text.trimStart().startsWith('#')) {
      if (COLUMNS_OF_LUNP.test(text) && !/l=1(?:\s|$)/.test(text))
        throw new FormatError(`${where}: there is no column l=1; run RNAplfold with -u 1 or more`);
      return;
    }
    const fields = fieldsOf(text);
    const expected = this.#values.length + 1;
    if (fields[0] !== String(expected))
      throw new FormatError(
        `${where}: expected nucleotide ${expected} and its probabilities, found ${echo(text.trim())}`,
      );
    if (fields.length < 2)
      throw new FormatError(`${where}: expected the probability of nucleotide ${expected} behind its number`);
    this.#values.push(numbersOf(fields.slice(1, 2), where)[0]!);
  }

  #close(): void {
    if (this.#first === 0) return;
    if (this.#values.length === 0)
      throw new FormatError(`${this.source}:${this.#first}: no nucleotide follows this line`);
    this.#blocks++;
    const place = `${this.source}:${this.#first}`;
    const record = { place, label: '', rows: new Map([['U', this.#values.splice(0)]]) };
    if (this.#blocks === 1) {
      this.#held = record;
      return;
    }
    this.#release();
    this.emit(record);
  }

  #release(label = ''): void {
    if (this.#held) this.emit({ ...this.#held, label });
    this.#held = undefined;
  }

  finish(): void {
    this.#close();
    this.#release(this.name);
  }
}

/** A table whose rows are a sequence or an identifier, a context, and its probabilities. */
class Table implements Format {
  #label: string | undefined;
  #place = '';
  #rows = new Map<string, Float64Array>();
  #isFirst = true;

  constructor(
    readonly source: string,
    readonly emit: (record: ProfileRecord) => void,
  ) {}

  line({ text, number }: TextLine): void {
    const where = `${this.source}:${number}`;
    const isHeader = this.#isFirst && /^[^\t]*\tcontext\b/i.test(text);
    this.#isFirst = false;
    if (isHeader || text.startsWith('#')) return;
    const [label = '', context = '', ...values] = text.split('\t').map((field) => field.trim());
    if (label === '' || !/^[PHIMEU]$/.test(context) || values.length === 0)
      throw new FormatError(
        `${where}: expected a sequence, a context (P, H, I, M, E or U) and probabilities, separated by tabs`,
      );
    // The same sequence may follow once more, and then begins with a context that it has already.
    if (label !== this.#label || this.#rows.has(context)) {
      this.#close();
      [this.#label, this.#place] = [label, where];
    }
    this.#rows.set(context, numbersOf(fieldsOf(values.join(' ')), where));
  }

  #close(): void {
    if (this.#label === undefined) return;
    this.emit({ place: this.#place, label: this.#label, rows: this.#rows });
    this.#rows = new Map();
  }

  finish(): void {
    this.#close();
  }
}

/** An identifier, and lines of probabilities below it: P, H, I, M and E, or those of one context. */
class Blocks implements Format {
  #label: string | undefined;
  #first = 0;
  #rows: Float64Array[] = [];
  #size: number | undefined;

  constructor(
    readonly source: string,
    readonly emit: (record: ProfileRecord) => void,
  ) {}

  line({ text, number }: TextLine): void {
    const where = `${this.source}:${number}`;
    if (this.#isLabel(text)) {
      this.#close();
      [this.#label, this.#first] = [text.replace(/^>/, '').trim(), number];
      return;
    }
    if (this.#label === undefined)
      throw new FormatError(`${where}: probabilities without an identifier above them; ${PROFILE_FORMATS}`);
    if (this.#rows.length === TOGETHER.length)
      throw new FormatError(
        `${where}: a sixth line of probabilities below ${echo(this.#label)}; expected the next identifier`,
      );
    this.#rows.push(numbersOf(fieldsOf(text), where));
  }

  #isLabel(text: string): boolean {
    if (text.startsWith('>')) return true;
    if (text.startsWith('\t')) return false;
    const [first = '', ...others] = fieldsOf(text);
    if (readNumber(first) === undefined) return true;
    // A number alone may be an identifier, unless sequences of one nucleotide have such lines.
    const isComplete = this.#rows.length > 0 && this.#rows[0]!.length > 1;
    return others.length === 0 && (this.#label === undefined || isComplete);
  }

  #close(): void {
    const label = this.#label;
    if (label === undefined) return;
    const rows = this.#rows;
    const where = `${this.source}:${this.#first}`;
    this.#size ??= rows.length;
    if (rows.length !== this.#size || (rows.length !== 1 && rows.length !== TOGETHER.length))
      throw new FormatError(`${where}: ${this.#expected(label, rows.length)}`);
    const letters = rows.length === 1 ? ONE_CONTEXT : TOGETHER;
    const byContext = new Map(rows.map((row, i) => [letters[i]!, row]));
    this.emit({ place: where, label, rows: byContext });
    this.#rows = [];
  }

  #expected(label: string, found: number): string {
    const lines = this.#size === 1 ? 'one line' : 'five lines (P, H, I, M and E)';
    const isStructure = isStructureLine(label);
    const advice = isStructure
      ? 'a structure in dot-brackets has no probabilities; compute them with RNAplfold -u 1, or leave out --profiles to fold here'
      : PROFILE_FORMATS;
    return `expected ${lines} of probabilities below ${echo(label)}, found ${found === 0 ? 'none' : found}; ${advice}`;
  }

  finish(): void {
    this.#close();
  }
}

/** Whether a text is one of structure profiles, by the lines that it begins with. */
export function looksLikeProfiles(lines: readonly string[]): boolean {
  const filled = lines.filter((line) => line.trim() !== '');
  const [first = ''] = filled;
  if (UNPAIRED.test(first)) return true;
  const content = filled.filter((line) => !line.startsWith('#'));
  const [label = '', next = ''] = content;
  if (/^[^\t]+\t(?:context\b|[PHIMEU]\t)/i.test(label)) return true;
  // A table of scores has a header with tabs, and motifs have rows of four.
  const values = fieldsOf(next).map((field) => readNumber(field) ?? Number.NaN);
  const areProbabilities = values.every((value) => value >= -ROUNDING && value <= 1 + ROUNDING);
  const isNumber = readNumber(fieldsOf(label)[0] ?? '') !== undefined;
  return areProbabilities && values.length > 4 && !isNumber && !label.includes('\t');
}

/**
 * Reads structure profiles from text: a `_lunp` file of RNAplfold (P and U), five lines for each sequence (P,
 * H, I, M and E, below an identifier or a sequence), or a table of sequence, context and values. Values may
 * be off by 0.003 through rounding.
 *
 * @param source file name or other origin, for messages and for `StructureProfiles.source`
 * @param name of the sequence of a `_lunp` file, which does not say it. Default: none
 * @throws FormatError naming source and line
 */
export const parseProfiles = (text: string, source = 'text', name = ''): StructureProfiles =>
  atOnce(parseProfilesInSteps(text, source, name));

/** Lines per step. */
const ROWS = 256;

/** The same in steps, for `breathing`. */
export function* parseProfilesInSteps(text: string, source = 'text', name = ''): Steps<StructureProfiles> {
  check.text(text, check.argument('text'));
  const builder = new ProfileBuilder();
  const parser = new ProfileParser(source, name, (record) => {
    if (record.rows.has(ONE_CONTEXT))
      throw new FormatError(
        `${record.place}: only one context; read the files of E, H, I and M together, with their letters in their names`,
      );
    builder.add(record);
  });
  for (const line of textLines(text)) {
    if (line.number % ROWS === 0) yield;
    parser.line(line);
  }
  parser.finish();
  return builder.finish(source);
}
