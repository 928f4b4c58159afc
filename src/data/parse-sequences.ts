/** Text → named sequences: FASTA, or one sequence per line. No file access here; see `read.node.ts`. */
import { FormatError } from '../device/errors.js';
import { canonicalSequence, type Origin } from './sequence.js';
import { contentLines } from './text-lines.js';

/** N sequences without scores. */
export interface NamedSequences extends Origin {
  readonly source: string;
  /** Whole FASTA header line without `>`, or `sequence_1`, `sequence_2`, … where the source has no names. */
  readonly names: readonly string[];
  /** Canonical letters: upper case, U for T. */
  readonly sequences: readonly string[];
  /** 1-based line on which each record starts. */
  readonly lines: Uint32Array;
}

/**
 * Reads FASTA when the first content line starts with `>`, else one sequence per line.
 * @throws FormatError when there is no sequence or a FASTA record has no name, InvalidSequenceError for an empty
 * record or a bad letter; both name source and line
 */
export function parseSequences(text: string, source = 'text'): NamedSequences {
  const names: string[] = [];
  const sequences: string[] = [];
  const lines: number[] = [];
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
  return { source, names, sequences, lines: Uint32Array.from(lines) };
}
