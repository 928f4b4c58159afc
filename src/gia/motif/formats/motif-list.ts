/** The motifs of one file as its reader finds them: checked, normalised, and none twice. */
import { echo } from '../../../data/echo.js';
import { DECIMAL_COMMA_ADVICE, hasDecimalComma, readNumber } from '../../../data/tables/numbers.js';
import { FormatError } from '../../../device/errors.js';
import type { MemeMotif } from './meme-format.js';
import type { MotifNotes } from './notes.js';
import { type Four, matrixKind, probabilities, sumOf } from './rows.js';

/** A row of a matrix, and where it stands. */
export interface FoundRow {
  readonly line: number;
  readonly values: Four;
}

/** A motif as a file has it. */
export interface FoundMotif extends Pick<MemeMotif, 'alternateName' | 'sites'> {
  readonly name: string;
  readonly line: number;
  readonly rows: readonly FoundRow[];
}

export class MotifList {
  readonly #motifs = new Map<string, MemeMotif>();
  #seen = 0;

  constructor(
    readonly source: string,
    readonly notes: MotifNotes,
    readonly countsAreUsual = false,
  ) {}

  get motifs(): readonly MemeMotif[] {
    return [...this.#motifs.values()];
  }

  /** Motifs that the file has, those included that were passed over. */
  get seen(): number {
    return this.#seen;
  }

  /** @throws FormatError for rows that are neither probabilities nor counts */
  add({ name, alternateName, line, rows, sites }: FoundMotif): void {
    this.#seen++;
    if (rows.length === 0) {
      this.notes.motif('hollow', name, line);
      return;
    }
    const values = rows.map((row) => row.values);
    const found = matrixKind(values, this.countsAreUsual);
    if (found.kind === 'neither')
      throw new FormatError(
        `${this.source}:${rows[found.row]!.line}: motif ${echo(name)}: position ${found.row + 1} sums to ${Number(found.sum.toFixed(6))}; expected probabilities that sum to 1${this.countsAreUsual ? ', or counts' : ''}`,
      );
    if (this.#motifs.has(name)) {
      this.notes.motif('repeated', name, line);
      return;
    }
    if (found.kind !== 'probabilities') this.notes.motif(found.kind, name, line);
    const counted = found.kind === 'counts' ? Math.round(Math.max(...values.map(sumOf))) : undefined;
    this.#motifs.set(name, {
      name,
      alternateName: alternateName || undefined,
      pwm: probabilities(values),
      sites: sites ?? counted,
    });
  }
}

/** Words of a line, at its blanks. */
export const wordsOf = (line: string): string[] => line.trim().split(/\s+/);

/** One word from a name that may have blanks, such as a file's. */
export const oneWord = (name: string): string => name.trim().replace(/\s+/g, '_');

const ENDINGS = /\.(?:gz|txt|tsv|csv|meme|motifs?|pfm|pwm|pcm|ppm|cm|mat|matrix|jaspar|transfac|dat|homer)$/i;

/**
 * A file's name without folders and the endings of motif files, for motifs that have no name of their own.
 */
export function stemOf(source: string): string {
  let name = source.split(/[/\\]/).at(-1) ?? '';
  while (ENDINGS.test(name) && name.replace(ENDINGS, '') !== '') name = name.replace(ENDINGS, '');
  return oneWord(name) || 'motif';
}

/**
 * A probability or a count.
 *
 * @param where file and line
 * @throws FormatError for another text, or a number below 0
 */
export function readShare(word: string, where: string): number {
  const value = readNumber(word);
  if (value !== undefined && value >= 0 && Number.isFinite(value)) return value;
  const advice = hasDecimalComma(word)
    ? `; ${DECIMAL_COMMA_ADVICE}`
    : value !== undefined && value < 0
      ? '; a matrix of scores (log-odds) cannot be read, give the frequencies or counts'
      : '';
  throw new FormatError(`${where}: expected a probability or a count, found ${echo(word)}${advice}`);
}

/**
 * The positions that A, C, G and U or T have among words, or undefined where they are not each there once.
 */
export function lettersIn(words: readonly string[]): readonly [number, number, number, number] | undefined {
  const upper = words.map((word) => word.toUpperCase().replace('T', 'U'));
  const at = [...'ACGU'].map((letter) => upper.indexOf(letter)) as Four;
  const isOnce = [...'ACGU'].every((letter) => upper.lastIndexOf(letter) === upper.indexOf(letter));
  return at.every((i) => i >= 0) && isOnce ? at : undefined;
}
