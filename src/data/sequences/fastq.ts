/**
 * FASTQ: records of a name after `@`, letters, `+`, and as many qualities, which are not used. Letters and
 * qualities may be wrapped.
 */
import { FormatError } from '../../device/errors.js';
import { echo } from '../echo.js';
import { type TextLine, textLines } from '../files/text-lines.js';

/** One read as it stands in the file. */
export interface Read {
  readonly name: string;
  /** 1-based line of its name. */
  readonly line: number;
  /** Lines of letters, blanks around them removed; one, unless they are wrapped. */
  readonly letters: readonly TextLine[];
}

/**
 * The reads of a FASTQ text. A line of qualities may begin with any sign, even `@`, so their end is
 * found by counting: there are as many as letters.
 * @throws FormatError naming source and line
 */
export function* fastqReads(text: string, source: string): Generator<Read> {
  const lines = textLines(text);
  const next = (): TextLine | undefined => lines.next().value ?? undefined;
  const fail = (line: TextLine | undefined, expected: string): FormatError =>
    new FormatError(
      `${line ? `${source}:${line.number}` : `${source}, at its end`}: expected ${expected}${line ? `, found ${echo(line.text)}` : ''}; a FASTQ record has a name, letters, "+" and qualities`,
    );
  for (let first = next(); first !== undefined; first = next()) {
    if (first.text.trim() === '') continue;
    if (!first.text.startsWith('@')) throw fail(first, '"@" and a name');
    const name = first.text.slice(1).trim();
    if (name === '') throw fail(first, 'a name after "@"');
    const letters: TextLine[] = [];
    let line = next();
    for (; line !== undefined && !line.text.startsWith('+'); line = next()) {
      if (line.text.startsWith('@')) throw fail(line, '"+" after the letters');
      letters.push({ number: line.number, text: line.text.trim() });
    }
    if (!line) throw fail(line, letters.length === 0 ? 'the letters of a read' : '"+" after the letters');
    const count = letters.reduce((sum, { text: { length } }) => sum + length, 0);
    const found = qualities(next, count);
    if (found.count !== count) throw fail(found.last, `${count} qualities, one for each letter`);
    yield { name, line: first.number, letters };
  }
}

/** Reads lines of qualities until there are as many as letters, at least one line. */
function qualities(
  next: () => TextLine | undefined,
  count: number,
): { readonly count: number; readonly last: TextLine | undefined } {
  let [found, last]: [number, TextLine | undefined] = [0, undefined];
  for (;;) {
    const line = next();
    if (!line) return { count: -1, last };
    const { length } = line.text.trim();
    found += length;
    if (length > 0) last = line;
    if (found >= count) return { count: found, last: line };
  }
}
