/** Text → named sequences: FASTA, or one sequence per line. No file access here; see `read.node.ts`. */

import { count } from '../device/count.js';
import { FormatError } from '../device/errors.js';
import { pairsOf } from './dot-bracket.js';
import { canonicalSequence, type Origin } from './sequence.js';
import { contentLines } from './text-lines.js';

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
}

/**
 * Reads FASTA when the first content line starts with `>`, else one sequence per line. A FASTA record may end with a
 * line of dot-brackets, its energy in brackets after it or not, as ViennaRNA writes it.
 * @throws FormatError when there is no sequence, a FASTA record has no name, or its structure is not one of its
 * sequence, InvalidSequenceError for an empty
 * record or a bad letter; both name source and line
 */
export function parseSequences(text: string, source = 'text'): NamedSequences {
  const names: string[] = [];
  const sequences: string[] = [];
  const lines: number[] = [];
  const structures: (string | undefined)[] = [];
  let isFasta: boolean | undefined;
  const checkFilled = () => {
    if (sequences.at(-1) === '') canonicalSequence('', `${source}:${lines.at(-1)}`);
  };
  for (const { number, text: row } of contentLines(text)) {
    const where = `${source}:${number}`;
    const startsRecord = row.startsWith('>');
    isFasta ??= startsRecord;
    if (isFasta && startsRecord) {
      checkFilled();
      const name = row.slice(1).trim();
      if (name === '') throw new FormatError(`${where}: expected a name after ">"`);
      names.push(name);
      sequences.push('');
      lines.push(number);
      continue;
    }
    if (isFasta && STRUCTURE_START.test(row)) {
      const record = sequences.length - 1;
      if (structures[record] !== undefined)
        throw new FormatError(`${where}: a second structure of "${names[record]}"`);
      structures[record] = structureOf(row, sequences[record]!, `${where}: structure of "${names[record]}"`);
      continue;
    }
    if (isFasta && structures[sequences.length - 1] !== undefined)
      throw new FormatError(`${where}: expected the next record after the structure of "${names.at(-1)}"`);
    const sequence = canonicalSequence(row.trim(), where);
    if (isFasta) {
      sequences[sequences.length - 1] += sequence;
    } else {
      names.push(`sequence_${names.length + 1}`);
      sequences.push(sequence);
      lines.push(number);
    }
  }
  checkFilled();
  if (sequences.length === 0) {
    throw new FormatError(`${source}: no sequence; expected FASTA or one sequence per line`);
  }
  return {
    source,
    names,
    sequences,
    ...(structures.length > 0 && { structures: sequences.map((_, i) => structures[i]) }),
    lines: Uint32Array.from(lines),
  };
}

/** What no sequence begins with. */
const STRUCTURE_START = /^\s*[().[\]{}<>]/;

/** Checks a line of dot-brackets. @param where source, line and record, for errors */
function structureOf(row: string, { length }: string, where: string): string {
  const structure = row.trim().replace(/\s+\(\s*[-+]?[\d.]+\)$/, '');
  pairsOf(structure, where);
  if (structure.length !== length)
    throw new FormatError(`${where} has ${count(structure.length, 'symbol')} for ${count(length, 'letter')}`);
  return structure;
}
