/**
 * Text → rows of fields, for tables separated by tabs, semicolons, commas or blanks, with quotes as RFC 4180
 * has them (but no line breaks inside quotes). It knows nothing of what the columns mean; see `columns.ts`.
 */
import * as check from '../../device/check.js';
import { FormatError } from '../../device/errors.js';
import { contentLines, type TextLine, textLines } from '../files/text-lines.js';
import { isMissing } from './missing.js';

export type Separator = 'tab' | 'semicolon' | 'comma' | 'space';

export interface Row {
  /** 1-based line in the file. */
  readonly number: number;
  /** Trimmed and without their quotes. */
  readonly fields: readonly string[];
}

export interface Delimited {
  readonly separator: Separator;
  /** Every row from the first one on, a header included. Each call starts anew. */
  rows(): Generator<Row>;
}

const CHARACTER: Record<Exclude<Separator, 'space'>, string> = { tab: '\t', semicolon: ';', comma: ',' };

/**
 * Finds the separator from the first row; it holds for every row. A line `sep=;`, which Excel writes, names
 * it. `#` begins a comment above the first row; below it, a `#` line that has as many fields as the first row
 * is a row, unless blanks separate the fields. A row that begins with a missing value, such as `#N/A`, is
 * always a row.
 * @throws FormatError where a quoted field does not end
 */
export function parseDelimited(text: string, source = 'text'): Delimited {
  check.text(text, check.argument('text'));
  const lines: TextLine[] = [];
  const first = new RowReader(source);
  for (const line of textLines(text)) {
    if (first.separator === undefined) first.row(line);
    lines.push(line);
  }
  return {
    separator: first.separator ?? 'tab',
    *rows() {
      const reader = new RowReader(source);
      for (const line of lines) {
        const row = reader.row(line);
        if (row) yield row;
      }
    },
  };
}

/** Lines → rows, one after the other, for a table that is not held as a whole. */
export class RowReader {
  #separator: Separator | undefined;
  #width: number | undefined;

  /** @param source for messages */
  constructor(readonly source: string) {}

  /** Undefined before the first row. */
  get separator(): Separator | undefined {
    return this.#separator;
  }

  /** The row of the next line; undefined where the line is none. @throws FormatError as `parseDelimited` */
  row({ number, text: line }: TextLine): Row | undefined {
    if (this.#separator === undefined) {
      if (isBlank(line) || isComment(line)) return undefined;
      const named = /^sep=([\t;,])$/i.exec(line)?.[1];
      this.#separator = named === undefined ? separatorOf(line) : BY_CHARACTER[named]!;
      if (named !== undefined) return undefined;
    }
    const separator = this.#separator;
    // A line of nothing but tabs is a row whose fields are all blank.
    if (isBlank(line) && !(separator === 'tab' && line.includes('\t'))) return undefined;
    const mayBeComment = line.startsWith('#');
    if (mayBeComment && (this.#width === undefined || separator === 'space') && isComment(line))
      return undefined;
    const fields = splitFields(line, separator, `${this.source}:${number}`);
    if (mayBeComment && this.#width !== undefined && fields.length !== this.#width && isComment(line))
      return undefined;
    this.#width ??= fields.length;
    return { number, fields };
  }
}

/** Whether a text is a table of several columns, as opposed to FASTA, FASTQ or one sequence per line. */
export function isTable(text: string): boolean {
  check.text(text, check.argument('text'));
  const line = contentLines(text).next().value?.text;
  // Comments of FASTA begin with a semicolon.
  if (line === undefined || /^\s*[>@;]/.test(line)) return false;
  const [first] = parseDelimited(text).rows();
  return first !== undefined && first.fields.length > 1;
}

const isBlank = (line: string): boolean => line.trim() === '';

/** A `#` line whose first field is not a missing value, such as `#N/A`. */
const isComment = (line: string): boolean =>
  line.startsWith('#') && !isMissing(line.slice(0, 80).split(/[\t;, ]/)[0]!);

const BY_CHARACTER: Readonly<Record<string, Separator>> = { '\t': 'tab', ';': 'semicolon', ',': 'comma' };

function separatorOf(line: string): Separator {
  const unquoted = line.includes('"') ? line.replace(/"[^"]*"/g, '') : line;
  if (unquoted.includes('\t')) return 'tab';
  if (unquoted.includes(';')) return 'semicolon';
  if (!unquoted.includes(',')) return 'space';
  // In `ACGU 1,5` the comma is a decimal one.
  const onlyDecimal = !unquoted.replace(/\d,(?=\d)/g, '').includes(',');
  return onlyDecimal && /\S\s+\S/.test(unquoted) ? 'space' : 'comma';
}

function splitFields(line: string, separator: Separator, where: string): readonly string[] {
  if (line.includes('"')) return splitQuoted(line, separator, where);
  if (separator === 'space') return line.trim().split(/\s+/).map(unquoted);
  return line.split(CHARACTER[separator]).map((field) => unquoted(field.trim()));
}

/** Without single quotes around it, which some programs write. */
const unquoted = (field: string): string =>
  field.length > 1 && field.startsWith("'") && field.endsWith("'") ? field.slice(1, -1).trim() : field;

/** One pass over a line that has a quote somewhere; `""` inside quotes is one quote. */
function splitQuoted(line: string, separator: Separator, where: string): readonly string[] {
  const endsField = (at: number) =>
    separator === 'space' ? /\s/.test(line[at]!) : line[at] === CHARACTER[separator];
  const fields: string[] = [];
  let at = 0;
  const skipBlanks = () => {
    while (at < line.length && /\s/.test(line[at]!) && (separator === 'space' || !endsField(at))) at++;
  };
  for (;;) {
    skipBlanks();
    if (separator === 'space' && at >= line.length) return fields;
    if (line[at] === '"') {
      const parts: string[] = [];
      do {
        const end = line.indexOf('"', at + 1);
        if (end < 0)
          throw new FormatError(
            `${where}: field ${fields.length + 1} opens a quote that does not end; a field must end on its line`,
          );
        parts.push(line.slice(at + 1, end));
        at = end + 1;
      } while (line[at] === '"');
      fields.push(parts.join('"').trim());
      skipBlanks();
      if (at < line.length && separator !== 'space' && !endsField(at))
        throw new FormatError(`${where}: field ${fields.length} goes on after its closing quote`);
    } else {
      const start = at;
      while (at < line.length && !endsField(at)) at++;
      fields.push(line.slice(start, at).trim());
    }
    if (separator === 'space') continue;
    if (at >= line.length) return fields;
    at++;
    if (at >= line.length) return [...fields, ''];
  }
}
