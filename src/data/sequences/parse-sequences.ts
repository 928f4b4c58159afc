/**
 * Text → named sequences: FASTA, FASTQ, one sequence per line, each with dot-brackets below it or not. No
 * file access here; see `read.node.ts`. Letters are checked by `letter-reader.ts`, structures by
 * `structure-lines.ts`.
 */
import { atOnce, type Steps } from '../../device/breathe.js';
import * as check from '../../device/check.js';
import { count } from '../../device/count.js';
import { FormatError, InvalidSequenceError } from '../../device/errors.js';
import { echo } from '../echo.js';
import { contentLines } from '../files/text-lines.js';
import { isMissing } from '../tables/missing.js';
import { withoutNumbers } from '../tables/numbered-lines.js';
import { fastqReads, type Read } from './fastq.js';
import { LETTER_OPTIONS, type LetterOptions, Letters } from './letter-reader.js';
import type { Origin } from './sequence.js';
import { isDialogue, isStructureLine, RecordStructure } from './structure-lines.js';

/** N sequences without scores. */
export interface NamedSequences extends Origin {
  readonly source: string;
  /** Whole FASTA header line without `>`, or `sequence_1`, `sequence_2`, … where the source has no names. */
  readonly names: readonly string[];
  /** Canonical letters: upper case, U for T. */
  readonly sequences: readonly string[];
  /** Dot-bracket of each record that has one; absent where none has. */
  readonly structures?: readonly (string | undefined)[];
  /** 1-based line on which each record starts. */
  readonly lines: Uint32Array;
  /**
   * What was left out, passed over or read as something else, in sentences for the user; absent where nothing
   * was.
   */
  readonly notes?: readonly string[];
}

/** Lines per step. */
const ROWS = 512;

/** RNAsubopt writes the least energy and the range that it covers behind a sequence. */
const ENERGY_RANGE = /(?<=^[A-Za-z]{1,100000}) {1,40}-?\d{1,9}(?:\.\d{1,9})? {1,40}\d{1,9}(?:\.\d{1,9})?$/;

/**
 * Reads FASTA when the first content line starts with `>`, FASTQ when it starts with `@`, else one sequence
 * per line.
 * - A record may end with its structure in dot-brackets, as ViennaRNA writes it; further structures of it
 *   (`RNAfold -p`, `--MEA`) are passed over.
 * - Lines that begin with `#` or `;` are comments. Blanks and line numbers within FASTA, and a `*` that
 *   ends a sequence, are dropped.
 * - A sequence that spells a missing value, such as `NA`, is left out.
 *
 * @throws FormatError when there is no sequence, a record has no name, or its structure is not one of its
 * sequence; InvalidSequenceError for an empty record or a letter outside A C G U T N; both name source and
 * line
 */
export const parseSequences = (text: string, source = 'text', options: LetterOptions = {}): NamedSequences =>
  atOnce(parseSequencesInSteps(text, source, options));

/** The same in steps, for `breathing`. */
export function* parseSequencesInSteps(
  text: string,
  source = 'text',
  options: LetterOptions = {},
): Steps<NamedSequences> {
  check.text(text, check.argument('text'));
  check.options(options, LETTER_OPTIONS);
  const reader = new Reader(source, new Letters(options));
  const first = contentLines(text).next().value?.text.trimStart() ?? '';
  if (first.startsWith('@')) {
    for (const read of fastqReads(text, source)) {
      yield;
      reader.read(read);
    }
  } else {
    const isFasta = hasHeaders(text);
    for (const { number, text: line } of contentLines(text)) {
      if (number % ROWS === 0) yield;
      reader.line(line.trim(), number, isFasta);
    }
  }
  return reader.finish();
}

/** Whether the first line that is no comment begins a FASTA record. */
function hasHeaders(text: string): boolean {
  for (const { text: line } of contentLines(text))
    if (!line.trimStart().startsWith(';') && !isDialogue(line.trim()))
      return line.trimStart().startsWith('>');
  return false;
}

/** A record that is being read. */
interface Draft {
  readonly name: string;
  readonly line: number;
  letters: string;
  /** A spelling of a missing value, in place of letters. */
  missing?: { readonly text: string; readonly line: number };
  /** A `*` has ended it. */
  hasEnded: boolean;
  structure?: RecordStructure;
}

class Reader {
  readonly #names: string[] = [];
  readonly #sequences: string[] = [];
  readonly #lines: number[] = [];
  readonly #structures: (string | undefined)[] = [];
  readonly #missingLines: number[] = [];
  #draft: Draft | undefined;
  #records = 0;
  #stars = 0;
  #comments = 0;
  #numbered = 0;
  #furtherStructures = 0;

  constructor(
    readonly source: string,
    readonly letters: Letters,
  ) {}

  /** A line of FASTA or of a list, blanks around it removed. */
  line(row: string, number: number, isFasta: boolean): void {
    const where = `${this.source}:${number}`;
    const draft = this.#draft;
    if (isDialogue(row)) return;
    if (row.startsWith(';')) this.#comments++;
    else if (draft?.structure?.continuesWith(row)) draft.structure.add(row);
    else if (isFasta && row.startsWith('>')) {
      const name = row.slice(1).trim();
      if (name === '') throw new FormatError(`${where}: expected a name after ">"`);
      this.#begin(name, number);
    } else if (isStructureLine(row)) this.#structureLine(row, where);
    else {
      if (!isFasta) this.#begin(undefined, number);
      this.#sequenceLine(row, number, isFasta);
    }
  }

  /** A read of FASTQ. */
  read({ name, letters, line }: Read): void {
    this.#begin(name, line);
    for (const { text, number } of letters) if (text !== '') this.#sequenceLine(text, number, false);
  }

  #begin(name: string | undefined, line: number): void {
    this.#close();
    this.#records++;
    this.#draft = { name: name ?? `sequence_${this.#records}`, line, letters: '', hasEnded: false };
  }

  #structureLine(row: string, where: string): void {
    const draft = this.#draft;
    if (!draft)
      throw new FormatError(`${where}: ${echo(row)} is a structure, but no sequence stands before it`);
    draft.structure ??= new RecordStructure(
      `${where}: structure of ${echo(draft.name)}`,
      draft.letters.length,
    );
    draft.structure.add(row);
  }

  #sequenceLine(row: string, number: number, isFasta: boolean): void {
    const where = `${this.source}:${number}`;
    const draft = this.#draft!;
    if (draft.structure)
      throw new FormatError(`${where}: expected the next record after the structure of ${echo(draft.name)}`);
    if (draft.missing) {
      // More letters follow, so that it was no missing value after all.
      draft.letters = this.letters.read(draft.missing.text, `${this.source}:${draft.missing.line}`);
      delete draft.missing;
    } else if (draft.letters === '' && isMissing(row)) {
      draft.missing = { text: row, line: number };
      return;
    }
    if (draft.hasEnded)
      throw new InvalidSequenceError(`${where}: the sequence of ${echo(draft.name)} goes on after a "*"`);
    const bare = draft.letters === '' ? row.replace(ENERGY_RANGE, '') : row;
    const plain = isFasta ? withoutNumbers(bare, draft.letters.length) : bare;
    if (plain !== row) this.#numbered++;
    draft.hasEnded = plain.endsWith('*');
    if (draft.hasEnded) this.#stars++;
    const letters = draft.hasEnded ? plain.slice(0, -1) : plain;
    if (letters !== '' || draft.letters === '') draft.letters += this.letters.read(letters, where);
  }

  #close(): void {
    const draft = this.#draft;
    if (!draft) return;
    this.#draft = undefined;
    const where = `${this.source}:${draft.line}`;
    if (draft.missing) {
      this.#missingLines.push(draft.missing.line);
      return;
    }
    const structure = draft.structure?.finish();
    if (draft.letters === '') this.letters.read('', where);
    this.#names.push(draft.name);
    this.#sequences.push(draft.letters);
    this.#lines.push(draft.line);
    this.#structures.push(structure);
    this.#furtherStructures += draft.structure?.passedOver ?? 0;
  }

  finish(): NamedSequences {
    this.#close();
    const notes = this.#notes();
    if (this.#sequences.length === 0) {
      const expected = 'no sequence; expected FASTA or one sequence per line, or FASTQ';
      throw new FormatError([`${this.source}: ${expected}`, ...notes].join('; '));
    }
    return {
      source: this.source,
      names: this.#names,
      sequences: this.#sequences,
      ...(this.#structures.some((structure) => structure !== undefined) && { structures: this.#structures }),
      lines: Uint32Array.from(this.#lines),
      ...(notes.length > 0 && { notes }),
    };
  }

  #notes(): string[] {
    const missing = this.#missingLines;
    const said = (n: number, noun: string, what: string): string[] =>
      n > 0 ? [`${this.source}: ${count(n, noun)} ${n === 1 ? 'was' : 'were'} ${what}`] : [];
    return [
      ...said(
        missing.length,
        'record',
        `left out because ${missing.length === 1 ? 'its sequence is' : 'their sequences are'} missing (such as NA), ${missing.length === 1 ? 'in' : 'first in'} line ${missing[0]}`,
      ),
      ...this.letters.notes(this.source),
      ...said(this.#stars, 'sequence', 'freed of a final "*"'),
      ...said(this.#numbered, 'line', 'freed of blanks and line numbers'),
      ...said(this.#furtherStructures, 'line', 'ignored below the first structure of a record'),
      ...said(this.#comments, 'comment line', 'ignored (";" begins it)'),
    ];
  }
}
