/**
 * Motif files of any kind → motifs. The kind is recognised by the content, never by the file's name. Each
 * kind has its reader beside this file; `files/motif-files.node.ts` reads files and folders.
 */
import { textLines } from '../../../data/files/text-lines.js';
import * as check from '../../../device/check.js';
import { FormatError } from '../../../device/errors.js';
import { isCisbp, parseCisbp } from './cisbp.js';
import type { MemeMotif } from './meme-format.js';
import { readMeme } from './meme-parse.js';
import { MotifNotes } from './notes.js';
import { isPfm, parsePfm } from './pfm.js';
import { isTransfac, parseTransfac } from './transfac.js';

/** Kinds of motif files; `matrix` is JASPAR, PFM, UniPROBE or HOMER. */
export type MotifFormat = 'meme' | 'cisbp' | 'transfac' | 'matrix';

/** The motifs of a file. */
export interface MotifFile {
  readonly source: string;
  readonly format: MotifFormat;
  /** T reads as U. */
  readonly motifs: readonly MemeMotif[];
  /** What was passed over, assumed or normalised, in sentences that name the source. */
  readonly notes: readonly string[];
}

/** What a reader found in one file. */
export interface FoundMotifs {
  readonly motifs: readonly MemeMotif[];
  /** Motifs that the file has, those included that were passed over. */
  readonly seen: number;
}

const READERS: Readonly<
  Record<MotifFormat, (text: string, source: string, notes: MotifNotes) => FoundMotifs>
> = { meme: readMeme, cisbp: parseCisbp, transfac: parseTransfac, matrix: parsePfm };

/** Lines that a kind is recognised from. */
const SAMPLE = 2000;

const EXPECTED =
  'expected motifs as MEME, CIS-BP, HOMER, JASPAR, PFM, TRANSFAC or UniPROBE write them (docs/motifs.md)';

/** The kind of a motif file by its first 2,000 lines; undefined where it is none. */
export function motifFormat(text: string): MotifFormat | undefined {
  const lines: string[] = [];
  for (const { text: line } of textLines(text)) {
    if (lines.length === SAMPLE) break;
    lines.push(line);
  }
  if (lines.some((line) => /^\s*(?:MEME version|letter-probability matrix)/.test(line))) return 'meme';
  const content = lines.filter((line) => !line.startsWith('#'));
  const isNamed = content
    .find((line) => line.trim() !== '')
    ?.trimStart()
    .startsWith('>');
  if (!isNamed && isTransfac(content)) return 'transfac';
  if (!isNamed && isCisbp(content)) return 'cisbp';
  return isPfm(content) ? 'matrix' : undefined;
}

/**
 * Reads the motifs of a text in any of the formats of docs/motifs.md. Counts are divided by the sum of their
 * row, without a pseudocount. Motifs without positions and motifs whose name came before are passed over.
 *
 * @param source file name or other origin, for messages; motifs without a name are named after it
 * @throws FormatError naming source, line and motif
 */
export function parseMotifs(text: string, source = 'text'): MotifFile {
  check.text(text, check.argument('text'));
  const notes = new MotifNotes();
  const format = motifFormat(text);
  if (!format) throw unknownFormat(text, source);
  const { motifs, seen } = READERS[format](text, source, notes);
  const sentences = notes.sentences(source);
  if (motifs.length === 0) throw noMotif(source, seen, sentences);
  return { source, format, motifs, notes: sentences };
}

/**
 * Reads a text for a collection: what is to be said goes to `notes`.
 *
 * @returns undefined for a text of another kind; a file whose motifs are all empty has none
 * @throws FormatError naming source, line and motif
 */
export function readMotifText(
  text: string,
  source: string,
  notes: MotifNotes,
): (FoundMotifs & { readonly format: MotifFormat }) | undefined {
  const format = motifFormat(text);
  if (!format) return undefined;
  const found = READERS[format](text, source, notes);
  if (found.seen === 0) throw noMotif(source, 0, []);
  return { format, motifs: found.motifs, seen: found.seen };
}

const noMotif = (source: string, seen: number, notes: readonly string[]): FormatError =>
  new FormatError(
    [
      `${source}: no motif${seen > 0 ? ' that can be used' : '; expected MOTIF and its matrix'}`,
      ...notes,
    ].join('; '),
  );

/** The error for a text that holds no motifs. */
export function unknownFormat(text: string, source: string): FormatError {
  const [first] = [...text.slice(0, 4096).split(/\r\n|\n|\r/)]
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (first === undefined) return new FormatError(`${source}: the file is empty; ${EXPECTED}`);
  if (/^<[!?a-z]/i.test(first))
    return new FormatError(
      `${source}: is ${/^<(?:!doctype )?html/i.test(first) ? 'HTML' : 'XML'}; give the text output of the same program, such as meme.txt or streme.txt`,
    );
  return new FormatError(`${source}: ${EXPECTED}; no motif was recognised`);
}
