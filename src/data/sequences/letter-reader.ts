/** Letters of sequences in files: what is read as it stands, what on request, and how often. */
import * as check from '../../device/check.js';
import { count } from '../../device/count.js';
import { AMBIGUOUS, ANY, strangeLetter } from './letters.js';
import { canonicalSequence, letterError } from './sequence.js';

/** Which letters sequences may hold. */
export interface LetterOptions {
  /**
   * Read the letters that stand for several bases (IUPAC: R, Y, S, W, K, M, B, D, H, V; also X) as N. Default
   * false.
   */
  readonly iupacAsN?: boolean | undefined;
}

/** Checks of these options. */
export const LETTER_OPTIONS = { iupacAsN: check.optional(check.flag) };

const GAPS = /[-.~]/;

/** Reads the letters of one source. */
export class Letters {
  #ambiguous = 0;
  #sequences = 0;

  constructor(readonly options: LetterOptions = {}) {}

  /**
   * The sequence in upper case with U for T, and with N for ambiguous letters where this is asked for.
   * @param where opens the error message, e.g. `probes.tsv:12`
   * @throws InvalidSequenceError naming the letter
   */
  read(sequence: string, where: string): string {
    const { iupacAsN } = this.options;
    if (!iupacAsN) return explained(sequence, where);
    let found = 0;
    const plain = sequence.replace(AMBIGUOUS, () => {
      found++;
      return ANY;
    });
    this.#ambiguous += found;
    if (found > 0) this.#sequences++;
    return explained(plain, where);
  }

  /** What was read as N, in a sentence for the user; none where nothing was. */
  notes(source: string): string[] {
    if (this.#ambiguous === 0) return [];
    const [letters, lines] = [count(this.#ambiguous, 'ambiguous letter'), count(this.#sequences, 'line')];
    return [`${source}: ${letters} (IUPAC) in ${lines} ${this.#ambiguous === 1 ? 'was' : 'were'} read as N`];
  }
}

/** As `canonicalSequence`; an error says what to do about letters that files of sequences often hold. */
function explained(sequence: string, where: string): string {
  const offset = strangeLetter(sequence);
  if (offset >= 0) throw letterError(sequence, offset, where, adviceOn(sequence[offset]!, sequence));
  return canonicalSequence(sequence, where);
}

function adviceOn(letter: string, sequence: string): string {
  if (/[\t,;]/.test(sequence)) return '; this looks like a table, so give FASTA or one sequence per line';
  // Of a word or a protein, reading some letters as N would not help.
  const isWord = /[a-z]/i.test(sequence.replace(AMBIGUOUS, '').replace(/[acgtun]/gi, ''));
  if (letter.search(AMBIGUOUS) >= 0 && !isWord)
    return '; it stands for several bases (IUPAC), and --iupac-as-n reads such letters as N';
  if (GAPS.test(letter)) return '; gaps of an alignment have no place here, so remove them first';
  if (letter === '&') return '; it separates two strands, so give each strand as a record of its own';
  if (letter === '>') return '; it begins a FASTA record, but the lines above it are not FASTA';
  if (letter === '*') return '; a * may only stand at the end of a sequence';
  return '';
}
