/**
 * Tables of CIS-BP and CISBP-RNA: `Pos A C G U` (or T) and a row for each position. A file of one motif takes
 * its name from the file; `PWM.txt` has records with `Motif`, `RBP Name` or `TF Name` and more above each
 * table. Matrices may be empty. Columns beside the letters are passed over, so that `motif --out FILE.tsv`
 * of this program is read too.
 */
import { echo } from '../../../data/echo.js';
import { contentLines } from '../../../data/files/text-lines.js';
import { count } from '../../../device/count.js';
import { FormatError } from '../../../device/errors.js';
import { type FoundRow, lettersIn, MotifList, oneWord, readShare, stemOf, wordsOf } from './motif-list.js';
import type { MotifNotes } from './notes.js';
import type { Four } from './rows.js';

/** The header of a table. */
const HEADER = /^\s*pos(?:ition)?(?:\s+[ACGTU]){4}(?:\s|$)/i;

/** First words of the lines above a table; the first of them begins a record. */
const FIELD = /^\s*((?:TF|RBP)(?: Name)?|Gene|Motif|Family|Species)(?:\s+(.*))?$/i;

export const isCisbp = (lines: readonly string[]): boolean => lines.some((line) => HEADER.test(line));

/** @throws FormatError naming file, line and motif */
export function parseCisbp(text: string, source: string, notes: MotifNotes): MotifList {
  const list = new MotifList(source, notes);
  let fields = new Map<string, string>();
  let rows: FoundRow[] = [];
  let table: { readonly at: Four; readonly width: number; readonly line: number } | undefined;
  let unnamed = 0;
  const close = (): void => {
    if (!table) return;
    const own = fields.get('motif') || fields.get('gene');
    if (!own) unnamed++;
    const name = own ? oneWord(own) : unnamed === 1 ? stemOf(source) : `${stemOf(source)}-${unnamed}`;
    const alternateName = fields.get('rbp name') || fields.get('tf name');
    list.add({ name, alternateName, line: table.line, rows });
    [table, rows, fields] = [undefined, [], new Map()];
  };
  for (const { number, text: line } of contentLines(text)) {
    const field = FIELD.exec(line);
    if (HEADER.test(line)) {
      close();
      const words = wordsOf(line);
      const at = lettersIn(words.slice(0, 5));
      if (!at) throw new FormatError(`${source}:${number}: expected "Pos A C G U", not ${echo(line)}`);
      table = { at: [...at], width: words.length, line: number };
    } else if (field) {
      close();
      fields.set(field[1]!.toLowerCase(), (field[2] ?? '').trim());
    } else if (table) {
      const words = wordsOf(line);
      const where = `${source}:${number}`;
      if (words.length !== table.width)
        throw new FormatError(
          `${where}: position ${rows.length + 1} has ${count(words.length, 'field')}, but the header ${table.width}: ${echo(line)}`,
        );
      const values = table.at.map((i) => readShare(words[i]!, where)) as Four;
      rows.push({ line: number, values });
    } else notes.strayLine();
  }
  close();
  return list;
}
