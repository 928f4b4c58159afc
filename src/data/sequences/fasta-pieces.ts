/**
 * Lines of FASTA → pieces of sequences, for records that are too long to be held as text, such as
 * chromosomes. `parse-sequences.ts` reads records as a whole, with their structures; this
 * file ignores and refuses the same lines.
 */
import { count } from '../../device/count.js';
import { FormatError, InvalidSequenceError } from '../../device/errors.js';
import { echo } from '../echo.js';
import { isMissing } from '../tables/missing.js';
import { withoutNumbers } from '../tables/numbered-lines.js';
import type { Letters } from './letter-reader.js';
import { isStructureLine } from './structure-lines.js';

/** Letters of a record that follow those of the piece before. */
export interface SequencePiece {
  /** Whole FASTA header line without `>`, or a name made up where the source has none. */
  readonly name: string;
  /** 1-based line on which the record starts. */
  readonly line: number;
  /** Canonical: upper case, U for T. */
  readonly letters: string;
  /** Whether no piece of the record follows. */
  readonly isLast: boolean;
}

/** A record that is being read. */
interface Draft {
  readonly name: string;
  readonly line: number;
  /** Number of letters read so far, including those of earlier pieces. */
  length: number;
  waiting: string[];
  missing?: { readonly text: string; readonly line: number };
  hasEnded: boolean;
  hasStructure: boolean;
}

/** Letters that are collected for one piece. */
const PIECE = 2 ** 16;

/** Reads the lines of one source. */
export class FastaPieces {
  #draft: Draft | undefined;
  #records = 0;
  #waiting = 0;
  #stars = 0;
  #comments = 0;
  #numbered = 0;
  #structures = 0;
  readonly #missingLines: number[] = [];

  constructor(
    readonly source: string,
    readonly letters: Letters,
  ) {}

  /** The piece that a line completes, where there is one. @throws FormatError, InvalidSequenceError */
  line(text: string, number: number): SequencePiece | undefined {
    const row = text.trim();
    if (row === '' || row.startsWith('#')) return undefined;
    if (row.startsWith(';')) {
      this.#comments++;
      return undefined;
    }
    if (row.startsWith('>')) {
      const last = this.#close();
      const name = row.slice(1).trim();
      if (name === '') throw new FormatError(`${this.source}:${number}: expected a name after ">"`);
      this.#draft = { name, line: number, length: 0, waiting: [], hasEnded: false, hasStructure: false };
      return last;
    }
    return this.#letters(row, number);
  }

  /**
   * The last piece.
   *
   * @throws FormatError where there was no sequence, InvalidSequenceError for an empty one
   */
  finish(): SequencePiece | undefined {
    const last = this.#close();
    if (this.#records === 0)
      throw new FormatError([`${this.source}: no sequence`, ...this.notes()].join('; '));
    return last;
  }

  #letters(row: string, number: number): SequencePiece | undefined {
    const where = `${this.source}:${number}`;
    const draft = this.#draft;
    if (!draft) throw new FormatError(`${where}: expected ">" and a name, found ${echo(row)}`);
    if (isStructureLine(row)) {
      if (draft.length === 0)
        throw new FormatError(`${where}: ${echo(row)} is a structure without a sequence`);
      draft.hasStructure = true;
      this.#structures++;
      return undefined;
    }
    if (draft.hasStructure)
      throw new FormatError(`${where}: expected the next record after the structure of ${echo(draft.name)}`);
    if (draft.missing) {
      this.#add(draft, this.letters.read(draft.missing.text, `${this.source}:${draft.missing.line}`));
      delete draft.missing;
    } else if (draft.length === 0 && isMissing(row)) {
      draft.missing = { text: row, line: number };
      return undefined;
    }
    if (draft.hasEnded)
      throw new InvalidSequenceError(`${where}: the sequence of ${echo(draft.name)} goes on after a "*"`);
    const plain = withoutNumbers(row, draft.length);
    if (plain !== row) this.#numbered++;
    draft.hasEnded = plain.endsWith('*');
    if (draft.hasEnded) this.#stars++;
    const letters = draft.hasEnded ? plain.slice(0, -1) : plain;
    if (letters !== '') this.#add(draft, this.letters.read(letters, where));
    return this.#waiting >= PIECE ? this.#piece(draft, false) : undefined;
  }

  #add(draft: Draft, letters: string): void {
    draft.waiting.push(letters);
    draft.length += letters.length;
    this.#waiting += letters.length;
  }

  #piece(draft: Draft, isLast: boolean): SequencePiece {
    const letters = draft.waiting.join('');
    draft.waiting = [];
    this.#waiting = 0;
    return { name: draft.name, line: draft.line, letters, isLast };
  }

  #close(): SequencePiece | undefined {
    const draft = this.#draft;
    this.#draft = undefined;
    if (!draft) return undefined;
    if (draft.missing) {
      this.#missingLines.push(draft.missing.line);
      return undefined;
    }
    if (draft.length === 0) this.letters.read('', `${this.source}:${draft.line}`);
    this.#records++;
    return this.#piece(draft, true);
  }

  /** What was left out, passed over or read as something else, in sentences for the user. */
  notes(): string[] {
    const missing = this.#missingLines;
    const said = (n: number, noun: string, what: string): string[] =>
      n > 0 ? [`${this.source}: ${count(n, noun)} ${n === 1 ? 'was' : 'were'} ${what}`] : [];
    return [
      ...said(missing.length, 'record', `left out without a sequence, first in line ${missing[0]}`),
      ...this.letters.notes(this.source),
      ...said(this.#stars, 'sequence', 'freed of a final "*"'),
      ...said(this.#numbered, 'line', 'freed of blanks and line numbers'),
      ...said(this.#structures, 'line', 'ignored, since windows use no structure'),
      ...said(this.#comments, 'comment line', 'ignored (";" begins it)'),
    ];
  }
}
