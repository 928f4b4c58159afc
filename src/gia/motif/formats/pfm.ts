/**
 * Matrices under a name: JASPAR (`>MA0001.1 AGL3`, then `A [ 0 3 79 ]`), plain PFM (four rows of numbers),
 * UniPROBE (`A: 0.1 …` under a title), and rows of positions (HOMER, JASPAR's vertical form, HOCOMOCO). Which
 * way a matrix lies is seen from its letters, or from which side is four long.
 */
import { echo } from '../../../data/echo.js';
import { contentLines } from '../../../data/files/text-lines.js';
import { readNumber } from '../../../data/tables/numbers.js';
import { count } from '../../../device/count.js';
import { FormatError } from '../../../device/errors.js';
import { type FoundRow, lettersIn, MotifList, oneWord, readShare, stemOf, wordsOf } from './motif-list.js';
import type { MotifNotes } from './notes.js';
import { type Four, matrixKind } from './rows.js';

/** A row of numbers; `letter` where the row is that of a nucleotide. */
interface NumberRow {
  readonly line: number;
  readonly letter?: string | undefined;
  readonly words: readonly string[];
}

/** A matrix whose rows may still come. */
interface Block {
  readonly line: number;
  readonly name?: string | undefined;
  readonly alternateName?: string | undefined;
  readonly sites?: number | undefined;
  /** Rows are positions, whatever their number. */
  readonly isHomer?: boolean | undefined;
  /** Places of A, C, G and U among the words of a row. */
  columns?: Four;
  readonly rows: NumberRow[];
}

const LABELLED = /^([ACGTU])(?:\s*[:|=[]|\s)\s*(.*)$/i;

/** Sections of a UniPROBE file that are other views of a matrix that the file has as well. */
const OTHER_VIEW = /^(?:energy|enrichment score) matrix|^reverse complement/i;

/** Numbers of positions above a matrix, and its entropies below. */
const MARGIN = /^base(?:\s+\d+)+$|^Ent=/i;

const THIS_VIEW = /^(?:probability|frequency|count) matrix/i;

const withoutBrackets = (text: string): string => text.replace(/[[\]|]/g, ' ').trim();
const isNumber = (word: string): boolean => readNumber(word) !== undefined;

/** What a line is, if it can belong to a matrix. */
function rowOf(line: string): Omit<NumberRow, 'line'> | undefined {
  const labelled = LABELLED.exec(line.trim());
  const words = wordsOf(withoutBrackets(labelled?.[2] ?? line));
  if (!isNumber(words[0]!)) return undefined;
  return labelled ? { letter: labelled[1]!.toUpperCase().replace('T', 'U'), words } : { words };
}

/** The letters of columns above rows of positions, such as `A C G T`. */
function columnsOf(line: string): Four | undefined {
  const [first, ...others] = wordsOf(line.replace(/^#|^>/, ''));
  const letters = /^(?:pos(?:ition)?|p[o0])$/i.test(first!) ? others : [first!, ...others];
  const at = letters.length === 4 ? lettersIn(letters) : undefined;
  return at && [...at];
}

/** Whether the text holds matrices of these kinds. */
export function isPfm(lines: readonly string[]): boolean {
  const content = lines.filter((line) => line.trim() !== '' && !MARGIN.test(line.trim()));
  const [first = '', second = '', third = ''] = content;
  const isRow = (line: string) => rowOf(line) !== undefined || columnsOf(line) !== undefined;
  if (/^\s*>/.test(first)) return isRow(second) || (/^\s*>/.test(second) && isRow(third));
  if (content.some((_, i) => isMarked(content.slice(i, i + 4)))) return true;
  // A single number after a letter is a frequency of a background file, or a score of a sequence.
  const labelled = rowOf(first);
  if (labelled?.letter !== undefined) return labelled.words.length > 1 && isRow(second);
  if (columnsOf(first)) return isRow(second);
  const rows = content.map((line) => rowOf(line)?.words ?? []);
  const width = rows[0]?.length ?? 0;
  const areNumbers = rows.every((words) => words.length === width && words.every(isNumber));
  return areNumbers && width > 0 && (rows.length === 4 || (width === 4 && rows.length > 1));
}

/** Whether lines are rows of the four letters with a mark behind them, which no table of sequences has. */
const isMarked = (lines: readonly string[]): boolean =>
  lines.every((line) => /^\s*[ACGTU]\s*[:|[]/i.test(line) && rowOf(line) !== undefined) &&
  new Set(lines.map((line) => rowOf(line)!.letter)).size === 4;

/** @throws FormatError naming file, line and motif */
export function parsePfm(text: string, source: string, notes: MotifNotes): MotifList {
  const list = new MotifList(source, notes, true);
  let block: Block | undefined;
  let unnamed = 0;
  let isOtherView = false;
  const close = (): void => {
    if (!block) return;
    const { line, name, alternateName, sites } = block;
    if (name === undefined) unnamed++;
    const own = name ?? (unnamed === 1 ? stemOf(source) : `${stemOf(source)}-${unnamed}`);
    list.add({ name: own, alternateName, line, sites, rows: positionsOf(block, own, source, notes) });
    block = undefined;
  };
  for (const { number, text: raw } of contentLines(text)) {
    const line = raw.trim();
    const row = rowOf(line);
    const columns = row ? undefined : columnsOf(line);
    if (line.startsWith('>') && !columns) {
      close();
      isOtherView = false;
      block = { ...headerOf(line), line: number, rows: [] };
    } else if (OTHER_VIEW.test(line) || THIS_VIEW.test(line)) {
      isOtherView = OTHER_VIEW.test(line);
    } else if (MARGIN.test(line)) {
      if (block && block.rows.length > 0) close();
      notes.strayLine();
    } else if (isOtherView && row) {
      notes.strayLine();
    } else if (row) {
      const isNext =
        row.letter !== undefined && block?.rows.length === 4 && row.letter === block.rows[0]?.letter;
      if (isNext) close();
      block ??= { line: number, rows: [] };
      block.rows.push({ ...row, line: number });
    } else if (columns) {
      if (block && block.rows.length > 0) close();
      block ??= { line: number, rows: [] };
      block.columns = columns;
    } else {
      isOtherView = false;
      if (block && (block.rows.length > 0 || block.name === undefined)) close();
      if (block) notes.strayLine();
      else block = { ...titleOf(line), line: number, rows: [] };
    }
  }
  close();
  return list;
}

/** `>name other words`; of HOMER `>consensus name threshold log-p …`, whose sites may stand behind `T:`. */
function headerOf(line: string): Omit<Block, 'line' | 'rows'> {
  const [name = '', ...rest] = wordsOf(line.slice(1));
  const fields = line.slice(1).split(/\s*\t\s*/);
  const [consensus = '', title = '', threshold = '', logP = ''] =
    fields.length > 2 ? fields : [name, ...rest];
  const isHomer = /^[A-Z]+$/i.test(consensus) && isNumber(threshold) && (fields.length > 2 || isNumber(logP));
  if (!isHomer) return { name: name || undefined, alternateName: rest.join(' ') };
  const sites = /\bT:([\d.]+)/.exec(line)?.[1];
  return { name: oneWord(title) || consensus, isHomer, sites: sites ? readNumber(sites) : undefined };
}

/** A title without a mark, as in UniPROBE: `Gene: Alx3 Motif: …`, `Protein: Alx3 …` or a name. */
function titleOf(line: string): Omit<Block, 'line' | 'rows'> {
  const named = /\b(?:Gene|Protein|Motif):?\s+(\S+)/i.exec(line)?.[1];
  return { name: named ?? wordsOf(line)[0]! };
}

function positionsOf(block: Block, name: string, source: string, notes: MotifNotes): FoundRow[] {
  const { rows, columns } = block;
  if (rows.length === 0) return [];
  if (rows.some(({ letter }) => letter !== undefined)) return fromLetters(rows, name, source);
  const positions = rows.map((_, i) => numbersOf(rows, i));
  const mayBeLetters = rows.length === 4 && !columns && !block.isHomer;
  const isSquare = rows.every(({ words }) => words.length === 4);
  const arePositions =
    !mayBeLetters || (isSquare ? areColumns(rows, source) : !positions.includes(undefined));
  if (!arePositions)
    return fromLetters(
      rows.map((row, i) => ({ ...row, letter: 'ACGU'[i]! })),
      name,
      source,
    );
  if (arePositions === 'perhaps') notes.motif('square', name, block.line);
  return rows.map(({ line, words }, i) => {
    const where = `${source}:${line}`;
    const own = positions[i];
    if (!own)
      throw new FormatError(
        `${where}: motif ${echo(name)}: position ${i + 1} has ${count(words.length, 'number')}, expected four, for A, C, G and U`,
      );
    return { line, values: (columns ?? [0, 1, 2, 3]).map((at) => readShare(own[at]!, where)) as Four };
  });
}

/**
 * The four numbers of a row that is a position, perhaps after its number, which is counted from 0 or 1, and
 * before its consensus letter. Undefined for another row.
 */
function numbersOf(rows: readonly NumberRow[], i: number): readonly string[] | undefined {
  const { words } = rows[i]!;
  const own = /^[A-Z]$/i.test(words.at(-1)!) ? words.slice(0, -1) : words;
  if (own.length === 4) return own;
  const first = Number(rows[0]!.words[0]);
  const isNumbered = own.length === 5 && (first === 0 || first === 1) && Number(own[0]) === first + i;
  return isNumbered ? own.slice(1) : undefined;
}

/**
 * Whether a matrix of four rows and four columns has positions as rows: where their sums say so, and if
 * neither side's do.
 */
function areColumns(rows: readonly NumberRow[], source: string): boolean | 'perhaps' {
  const values = rows.map(
    ({ words, line }) => words.map((word) => readShare(word, `${source}:${line}`)) as Four,
  );
  const across = [0, 1, 2, 3].map((i) => values.map((row) => row[i]!) as Four);
  const down = matrixKind(values).kind !== 'neither' && isEven(values);
  const alike = matrixKind(across).kind !== 'neither' && isEven(across);
  return down === alike ? 'perhaps' : down;
}

/** Whether rows have one sum. */
function isEven(rows: readonly Four[]): boolean {
  const sums = rows.map((row) => row.reduce((a, b) => a + b));
  const most = Math.max(...sums);
  return most - Math.min(...sums) <= 0.02 * most;
}

/** Rows are letters, columns positions. */
function fromLetters(rows: readonly NumberRow[], name: string, source: string): FoundRow[] {
  const [first] = rows;
  const bad = (line: number, what: string): never => {
    throw new FormatError(`${source}:${line}: motif ${echo(name)}: ${what}`);
  };
  const strange = rows.find(({ letter }) => letter === undefined);
  if (strange) bad(strange.line, `expected a row of A, C, G or U, not ${echo(strange.words.join(' '))}`);
  const byLetter = [...'ACGU'].map((letter) => {
    const own = rows.filter((row) => row.letter === letter);
    if (own.length > 1) bad(own[1]!.line, `a second row of ${letter}`);
    if (own.length === 0)
      bad(rows.at(-1)!.line, `no row of ${letter}; a matrix has rows of A, C, G and U or T`);
    return own[0]!;
  });
  const width = byLetter[0]!.words.length;
  for (const { line, letter, words } of byLetter)
    if (words.length !== width)
      bad(line, `the row of ${letter} has ${count(words.length, 'number')}, that of A has ${width}`);
  const values = byLetter.map(({ line, words }) => words.map((word) => readShare(word, `${source}:${line}`)));
  return Array.from({ length: width }, (_, i) => ({
    line: first!.line,
    values: values.map((row) => row[i]!) as Four,
  }));
}
