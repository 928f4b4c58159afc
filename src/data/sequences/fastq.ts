/** FASTQ: records of four lines, a name after `@`, letters, `+`, and qualities, which are not used. */
import { FormatError } from '../../device/errors.js';
import { echo } from '../echo.js';
import { type TextLine, textLines } from '../files/text-lines.js';

/** One read as it stands in the file. */
export interface Read {
  readonly name: string;
  readonly letters: string;
  /** 1-based line of its name, and of its letters. */
  readonly line: number;
  readonly lettersLine: number;
}

/**
 * The reads of a FASTQ text. Qualities may begin with any sign, so that lines are told apart by their number
 * alone.
 * @throws FormatError naming source and line
 */
export function* fastqReads(text: string, source: string): Generator<Read> {
  const lines = textLines(text);
  const next = (): TextLine | undefined => lines.next().value ?? undefined;
  for (let first = next(); first !== undefined; first = next()) {
    if (first.text.trim() === '') continue;
    const where = (line: TextLine | undefined) =>
      line ? `${source}:${line.number}` : `${source}, at its end`;
    const fail = (line: TextLine | undefined, expected: string): FormatError =>
      new FormatError(
        `${where(line)}: expected ${expected}${line ? `, found ${echo(line.text)}` : ''}; a FASTQ record has four lines`,
      );
    if (!first.text.startsWith('@')) throw fail(first, '"@" and a name');
    const name = first.text.slice(1).trim();
    if (name === '') throw fail(first, 'a name after "@"');
    const [letters, plus, qualities] = [next(), next(), next()];
    if (!letters) throw fail(letters, 'the letters of a read');
    if (!plus?.text.startsWith('+')) throw fail(plus, '"+" after the letters of one line');
    const sequence = letters.text.trim();
    if (qualities?.text.trim().length !== sequence.length)
      throw fail(qualities, `${sequence.length} qualities, one for each letter`);
    yield { name, letters: sequence, line: first.number, lettersLine: letters.number };
  }
}
