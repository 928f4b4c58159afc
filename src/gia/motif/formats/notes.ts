/**
 * What the readers of motif files ignored, assumed or changed, in a few sentences. One `MotifNotes` serves a
 * file, or all files of a folder.
 */
import { echo } from '../../../data/echo.js';
import { count } from '../../../device/count.js';

/** Names that a sentence lists. */
const LISTED = 5;

const SENTENCES = {
  repeated: 'repeat an earlier name and were ignored',
  copies: 'are copies of motifs in earlier files and were ignored',
  empty: 'have no letter-probability matrix and were ignored',
  hollow: 'have no positions and were ignored',
  counts: 'hold counts, and each row was divided by its sum (no pseudocount)',
  rounded: 'have rows that sum to 0.95 to 1.05 instead of 1, and each row was divided by its sum',
  square: 'have four rows of four numbers, and each row was taken as a position',
} as const;

export type Remark = keyof typeof SENTENCES;

export class MotifNotes {
  readonly #motifs = new Map<Remark, string[]>();
  readonly #keys = new Set<string>();
  readonly #withoutAlphabet = new Set<string>();
  readonly #unread: string[] = [];
  readonly #others: string[] = [];
  #strayLines = 0;
  /** The file that is being read, where the notes are those of a folder. */
  file: string | undefined;

  /** A motif, by its name and line, if known. */
  motif(remark: Remark, name: string, line?: number): void {
    const motifs = this.#motifs.get(remark) ?? [];
    const at = line === undefined ? [] : [this.file === undefined ? `line ${line}` : String(line)];
    const where = [...(this.file === undefined ? [] : [this.file]), ...at].join(':');
    motifs.push(where === '' ? echo(name) : `${echo(name)} (${where})`);
    this.#motifs.set(remark, motifs);
  }

  noAlphabet(): void {
    this.#withoutAlphabet.add(this.file ?? '');
  }

  key(name: string): void {
    this.#keys.add(echo(name));
  }

  strayLine(): void {
    this.#strayLines++;
  }

  /** A file of a folder that holds no motifs. */
  unread(file: string): void {
    this.#unread.push(file);
  }

  /** A file of a folder that has an error, or a sentence of its own. */
  say(sentence: string): void {
    this.#others.push(sentence);
  }

  /** One sentence for each thing to be said of a source. */
  sentences(source: string): string[] {
    const files = [...this.#withoutAlphabet].filter((file) => file !== '');
    const within = files.length > 0 ? ` in ${listed(files)}` : '';
    const lines = this.#strayLines;
    const unread = this.#unread;
    return [
      ...this.#others.slice(0, LISTED),
      ...(this.#others.length > LISTED
        ? [`${source}: ${this.#others.length - LISTED} more files have errors and were ignored`]
        : []),
      ...(this.#withoutAlphabet.size > 0
        ? [`${source}: no ALPHABET line${within}; its columns are taken as A, C, G, U`]
        : []),
      ...Array.from(
        this.#motifs,
        ([remark, motifs]) => `${source}: motifs that ${SENTENCES[remark]}: ${listed(motifs)}`,
      ),
      ...(this.#keys.size > 0
        ? [`${source}: unknown keys of matrices were ignored: ${listed([...this.#keys])}`]
        : []),
      ...(lines > 0 ? [`${source}: ${lines} other ${lines === 1 ? 'line was' : 'lines were'} ignored`] : []),
      ...(unread.length > 0
        ? [
            `${source}: ${count(unread.length, 'file')} without motifs ${unread.length === 1 ? 'was' : 'were'} ignored: ${listed(unread)}`,
          ]
        : []),
    ];
  }
}

const listed = (items: readonly string[]): string =>
  items.slice(0, LISTED).join(', ') + (items.length > LISTED ? ` and ${items.length - LISTED} more` : '');
