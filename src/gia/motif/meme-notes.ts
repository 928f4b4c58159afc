/**
 * What a reader of MEME files ignored, assumed or changed, in a few sentences.
 */
import { echo } from '../../data/echo.js';

/** Names that a sentence lists. */
const LISTED = 5;

type Kind = 'repeated' | 'empty' | 'counts' | 'rounded';

const SENTENCES: Readonly<Record<Kind, string>> = {
  repeated: 'repeat an earlier name and were ignored',
  empty: 'have no letter-probability matrix and were ignored',
  counts: 'hold counts, and each row was divided by its sum',
  rounded: 'have rows that sum to 0.95 to 1.05 instead of 1, and each row was divided by its sum',
};

export class MemeNotes {
  readonly #motifs = new Map<Kind, string[]>();
  readonly #keys = new Set<string>();
  #hasNoAlphabet = false;
  #strayLines = 0;

  /** A motif, by its name and line. */
  motif(kind: Kind, name: string, line: number): void {
    const motifs = this.#motifs.get(kind) ?? [];
    motifs.push(`${echo(name)} (line ${line})`);
    this.#motifs.set(kind, motifs);
  }

  noAlphabet(): void {
    this.#hasNoAlphabet = true;
  }

  key(name: string): void {
    this.#keys.add(echo(name));
  }

  strayLine(): void {
    this.#strayLines++;
  }

  /** One sentence for each thing to be said of a source. */
  sentences(source: string): string[] {
    const lines = this.#strayLines;
    return [
      ...(this.#hasNoAlphabet ? [`${source}: no ALPHABET line; its columns are taken as A, C, G, U`] : []),
      ...Array.from(
        this.#motifs,
        ([kind, motifs]) => `${source}: motifs that ${SENTENCES[kind]}: ${listed(motifs)}`,
      ),
      ...(this.#keys.size > 0
        ? [`${source}: unknown keys of matrices were ignored: ${listed([...this.#keys])}`]
        : []),
      ...(lines > 0 ? [`${source}: ${lines} other ${lines === 1 ? 'line was' : 'lines were'} ignored`] : []),
    ];
  }
}

const listed = (items: readonly string[]): string =>
  items.slice(0, LISTED).join(', ') + (items.length > LISTED ? ` and ${items.length - LISTED} more` : '');
