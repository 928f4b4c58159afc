/**
 * TRANSFAC's flat files, and those of other programs in the same style (JASPAR, STAMP): two-letter codes, a
 * matrix after `P0` or `PO`, records that end with `//`.
 */
import { echo } from '../../../data/echo.js';
import { contentLines } from '../../../data/files/text-lines.js';
import { FormatError } from '../../../device/errors.js';
import { type FoundRow, lettersIn, MotifList, oneWord, readShare, stemOf, wordsOf } from './motif-list.js';
import type { MotifNotes } from './notes.js';
import type { Four } from './rows.js';

const MATRIX = /^P[0O]\s/;
const CODE = /^(?:[A-Z]{2}|[A-Z]\d)(?:\s|$)/;
const ROW = /^\d+\s/;
const ORDER = [1, 2, 3, 4] as const;

/** Codes that begin a record, where rows came before; the name is that of the first code here that it has. */
const NAMES = ['AC', 'ID', 'DE'] as const;

export function isTransfac(lines: readonly string[]): boolean {
  const content = lines.filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const isCoded = /^(?:VV|AC|ID|NA|DE|BF)\s/.test(content[0] ?? '');
  return content.some((line) => MATRIX.test(line) && lettersIn(wordsOf(line).slice(1, 5)) !== undefined)
    ? true
    : isCoded && content.some((line) => /^(?:XX|\/\/)\s*$/.test(line));
}

/** @throws FormatError naming file, line and motif */
export function parseTransfac(text: string, source: string, notes: MotifNotes): MotifList {
  const list = new MotifList(source, notes, true);
  let fields = new Map<string, string>();
  let rows: FoundRow[] = [];
  let line = 0;
  let at: Four | undefined;
  let records = 0;
  const name = (): string => {
    const code = NAMES.find((each) => fields.get(each));
    if (code) return oneWord(wordsOf(fields.get(code)!)[0]!);
    return records === 0 ? stemOf(source) : `${stemOf(source)}-${records + 1}`;
  };
  const close = (): void => {
    // A file begins with a record of its version only.
    if (at || rows.length > 0 || NAMES.some((code) => fields.has(code))) {
      const own = name();
      const [named] = [fields.get('NA'), fields.get('ID')].filter((each) => each && each !== own);
      list.add({ name: own, alternateName: named?.replace(/\s+/g, ' '), line, rows });
      records++;
    }
    [fields, rows, at, line] = [new Map(), [], undefined, 0];
  };
  for (const { number, text: raw } of contentLines(text)) {
    const content = raw.trim();
    const where = `${source}:${number}`;
    if (content === '//') close();
    else if (MATRIX.test(content)) {
      const letters = lettersIn(wordsOf(content).slice(1, 5));
      if (!letters)
        throw new FormatError(`${where}: motif ${echo(name())}: expected "P0 A C G T", not ${echo(content)}`);
      if (rows.length > 0) close();
      at = letters.map((i) => i + 1) as Four;
      line ||= number;
    } else if (ROW.test(content)) {
      const words = wordsOf(content);
      const order = at ?? ORDER;
      if (words.length < 5)
        throw new FormatError(
          `${where}: motif ${echo(name())}: expected a position and four numbers, not ${echo(content)}`,
        );
      rows.push({ line: number, values: order.map((i) => readShare(words[i]!, where)) as Four });
    } else if (CODE.test(content)) {
      const code = content.slice(0, 2);
      if (rows.length > 0 && (NAMES as readonly string[]).includes(code)) close();
      line ||= number;
      const value = content.slice(2).trim();
      if (value !== '' && !fields.has(code)) fields.set(code, value);
    } else notes.strayLine();
  }
  close();
  return list;
}
