/**
 * Lines on structure below the sequence of a record. ViennaRNA writes the structure of least energy first,
 * its energy behind it; `-p`, `--MEA` and other programs add further lines, which are passed over. A
 * structure may be wrapped, like the sequence above it.
 */
import { count } from '../../device/count.js';
import { FormatError } from '../../device/errors.js';
import { echo } from '../echo.js';
import { isMissing } from '../tables/missing.js';
import { readNumber } from '../tables/numbers.js';
import { pairsOf } from './dot-bracket.js';

/**
 * What a line on structure begins with, and no sequence does; `,` and `|` stand in RNAfold's summary of an
 * ensemble.
 */
const BEGINS = '.()[]{}<:,|+';

/** Whether a line, blanks around it removed, is on structure. `<NA>` and `(null)` are missing values. */
export const isStructureLine = (row: string): boolean =>
  (BEGINS.includes(row[0] ?? 'A') && !(/[a-z]/i.test(row.slice(0, 8)) && isMissing(row))) ||
  /^(?:frequency of mfe structure|(?:minimum )?free energy (?:of ensemble|=))/.test(row);

/**
 * What RNAfold prints for a person who types sequences: a prompt, a ruler, and the length of each sequence.
 */
export const isDialogue = (row: string): boolean =>
  /^(?:Input string|length = \d{1,9}$|\.\.\.\.,\.\.\.\.1)/.test(row);

/** An energy without a blank before it; a structure has no digits. */
const GLUED_ENERGY = /[([{][-+]?\d[\d.]{0,20}[)\]}]?$/;

/** The rest of a wrapped structure may begin with these too; `>` begins a record elsewhere. */
const isRest = (row: string): boolean => /^[.()[\]{}<>:,_~+-]+(?:\s|$)/.test(row);

/**
 * Energies follow a structure bare or in brackets, other facts behind them: `-3.20`, `( -3.20)`, `{ -3.20
 * d=1.92}`.
 */
function isEnergy(text: string): boolean {
  const isBracketed = ['()', '[]', '{}'].some((pair) => text[0] === pair[0] && text.at(-1) === pair[1]);
  const inner = isBracketed ? text.slice(1, -1).trim() : text;
  return readNumber(inner.split(/\s+/, 1)[0]!) !== undefined;
}

/** The structure of one record. */
export class RecordStructure {
  #symbols = '';
  /** Lines passed over. */
  passedOver = 0;

  /** @param where source, line and record where it begins, for errors */
  constructor(
    readonly where: string,
    /** Letters of the record. */
    readonly length: number,
  ) {}

  /** Whether a line continues a structure that is still shorter than its sequence. */
  continuesWith(row: string): boolean {
    return this.#symbols.length < this.length && isRest(row);
  }

  /** Adds a line: a part of the structure, or one that is passed over since the structure is complete. */
  add(row: string): void {
    if (this.#symbols.length >= this.length && this.#symbols !== '') {
      this.passedOver++;
      return;
    }
    const symbols = row.split(/\s/, 1)[0]!.replace(GLUED_ENERGY, '');
    const rest = row.slice(symbols.length).trim();
    if (rest !== '' && !isEnergy(rest))
      throw new FormatError(`${this.where}: expected an energy such as (-3.20) behind it, not ${echo(rest)}`);
    this.#symbols += symbols;
  }

  /** The structure. @throws FormatError unless its brackets pair and it has a symbol for each letter */
  finish(): string {
    const { length } = this.#symbols;
    // Brackets first: where one is missing, it says which.
    pairsOf(this.#symbols, this.where);
    if (length !== this.length)
      throw new FormatError(
        `${this.where} has ${count(length, 'symbol')} for ${count(this.length, 'letter')}`,
      );
    return this.#symbols;
  }
}
