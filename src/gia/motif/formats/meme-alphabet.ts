/**
 * The alphabet of a MEME file, which must be A, C, G and U (or T): named in a line, or spelt out in a block.
 */

import { ALPHABET, inRna } from '../../../data/sequences/letters.js';

/** What an `ALPHABET` line says. */
export type AlphabetLine =
  | { readonly letters: string }
  /** A block follows, up to `END ALPHABET`; `like` names the standard alphabet that it extends, if any. */
  | { readonly like: string | undefined };

/**
 * Reads a line that begins with ALPHABET: `ALPHABET= ACGU`, `ALPHABET = ACGT`, `ALPHABET "RNA" RNA-LIKE`.
 */
export function alphabetLine(line: string): AlphabetLine {
  const rest = line.slice('ALPHABET'.length).trim();
  if (rest.startsWith('=')) return { letters: rest.slice(1).trim() };
  const like = /(?:^|[\s"])(RNA|DNA|PROTEIN)-LIKE$/.exec(rest)?.[1];
  const isBlock = like !== undefined || rest.startsWith('"') || rest === '';
  return isBlock ? { like } : { letters: rest };
}

/** Whether the columns of a matrix are A, C, G and U or T. */
export const isNucleotides = (letters: string): boolean => inRna(letters) === ALPHABET;

/**
 * The letters that a line of the block gives a column each: `A "Adenine" CC0000` gives A, `A ~ T` gives both,
 * and `N "Any base" = ACGU` gives none, since it names letters that are there already.
 */
export function coreLetters(line: string): string[] {
  const bare = line.replace(/"[^"]*"/g, '');
  if (bare.includes('=')) return [];
  return bare.split('~').flatMap((side) => side.trim().slice(0, 1).toUpperCase() || []);
}
