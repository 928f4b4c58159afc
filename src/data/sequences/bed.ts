/**
 * Lines of BED → intervals. BED has `chrom`, `start` and `end` (0-based, the end not included), then name,
 * score and strand, separated by tabs or blanks. `intervals.node.ts` takes their letters from a FASTA file.
 */
import { FormatError } from '../../device/errors.js';
import { echo } from '../echo.js';
import { isMissing } from '../tables/missing.js';

/** A part of a sequence that a line of BED names. */
export interface Interval {
  readonly chrom: string;
  /** 0-based. */
  readonly start: number;
  /** One past the last letter. */
  readonly end: number;
  /** The fourth column, else `chrom:start-end(strand)`. */
  readonly name: string;
  /** `.` where the file does not say; read as `+`. */
  readonly strand: '+' | '-' | '.';
  /** 1-based line of the file. */
  readonly line: number;
}

/** Letters of an interval at most, so that a wrong column is noticed. */
const LONGEST = 2 ** 28;

/** Lines of BED for genome browsers, which name no interval. */
const isForBrowsers = (row: string): boolean => /^(?:#|track(?:\s|$)|browser(?:\s|$))/.test(row);

/**
 * The interval of a line; undefined for a blank line, a comment, `track` and `browser`.
 *
 * @throws FormatError
 */
export function intervalOf(text: string, line: number, source: string): Interval | undefined {
  const row = text.trim();
  if (row === '' || isForBrowsers(row)) return undefined;
  const where = `${source}:${line}`;
  // The name may have blanks where tabs separate the fields.
  const fields = row.includes('\t') ? row.split('\t').map((field) => field.trim()) : row.split(/\s+/);
  const [chrom = '', from, to, name = ''] = fields;
  if (from === undefined || to === undefined)
    throw new FormatError(`${where}: expected chrom, start and end, separated by tabs, found ${echo(row)}`);
  if (chrom === '') throw new FormatError(`${where}: the first column, the name of a sequence, is empty`);
  const [start, end] = [place(from, 'start', where), place(to, 'end', where)];
  if (end <= start)
    throw new FormatError(
      `${where}: the interval ends at ${end}, but begins at ${start}; the end must be larger, since positions count from 0 and the end is not included`,
    );
  if (end - start > LONGEST)
    throw new FormatError(`${where}: the interval has ${end - start} letters; at most ${LONGEST} are read`);
  const strand = strandOf(fields, where);
  const isNamed = name !== '' && !isMissing(name) && !(fields.length === 4 && /^[+-]$/.test(name));
  const sign = strand === '.' ? '' : `(${strand})`;
  return { chrom, start, end, name: isNamed ? name : `${chrom}:${start}-${end}${sign}`, strand, line };
}

function place(field: string, what: 'start' | 'end', where: string): number {
  const value = /^\d{1,12}$/.test(field) ? Number(field) : Number.NaN;
  if (Number.isInteger(value)) return value;
  throw new FormatError(
    `${where}: expected a whole number from 0 on as the interval's ${what}, found ${echo(field)}; BED has chrom, start and end in its first three columns, and no header`,
  );
}

/** The strand is the sixth column; files of four or five columns may have it last. */
function strandOf(fields: readonly string[], where: string): Interval['strand'] {
  const sixth = fields[5];
  if (sixth === undefined) {
    const last = fields.length > 3 ? fields.at(-1)! : '';
    return last === '+' || last === '-' ? last : '.';
  }
  if (sixth === '+' || sixth === '-') return sixth;
  if (sixth === '.' || sixth === '') return '.';
  throw new FormatError(`${where}: expected the strand, + or - or ., in column 6, found ${echo(sixth)}`);
}
