/**
 * The letters of sequences: the only file that knows them. Inside the library a base is a code, and a sequence
 * or a pattern is a text of RNA letters. T is read as U wherever letters are read. What is written for a
 * person or to a file follows the alphabet of the network: `spell` and `spellName` write RNA letters in it.
 */

/** The letters of both alphabets, in code order. */
const LETTERS = { rna: 'ACGU', dna: 'ACGT' } as const;

/** Which letter is written for U and T. */
export type Alphabet = keyof typeof LETTERS;

/** The names of the alphabets. */
export const ALPHABETS = Object.keys(LETTERS) as readonly Alphabet[];

/** RNA letters in code order: A, C, G and U are 0 to 3. */
export const ALPHABET = LETTERS.rna;

/** Code of padding and of N: a one-hot column of zeros (docs/method.md, Sequences). */
export const PAD = 4;

/** The letter that stands for any base, or keeps the background's own letter in a pattern. */
export const ANY = 'N';

/** The letters of an alphabet in code order. */
export const lettersOf = (alphabet: Alphabet = 'rna'): string => LETTERS[alphabet];

/** Which letters are read, for messages. */
export const READABLE = 'A, C, G, U (or T) or N';

/** Letters that stand for several bases (IUPAC), and the bases that they allow. */
export const IUPAC: Readonly<Record<string, string>> = {
  R: 'AG',
  Y: 'CU',
  S: 'CG',
  W: 'AU',
  K: 'GU',
  M: 'AC',
  B: 'CGU',
  D: 'AGU',
  H: 'ACU',
  V: 'ACG',
};

/** Letters that stand for several bases, in files of sequences; some files write X for any base. */
export const AMBIGUOUS = new RegExp(`[${Object.keys(IUPAC).join('')}X]`, 'gi');

const CODES = new Int8Array(128).fill(-1);
for (const bases of Object.values(LETTERS))
  for (const [code, letter] of Array.from(`${bases}${ANY}`).entries())
    for (const either of [letter, letter.toLowerCase()]) CODES[either.charCodeAt(0)] = code;

/** Base code of a letter of either alphabet and case, `PAD` for N; -1 for any other character. */
export const codeAt = (text: string, offset: number): number => CODES[text.charCodeAt(offset)] ?? -1;

/** The same of a single letter. */
export const codeOf = (letter: string): number => codeAt(letter, 0);

/** RNA letter of a code, N for `PAD`; undefined for any other number. */
export const letterOf = (code: number): string | undefined => `${ALPHABET}${ANY}`[code];

/** Offset of the first character that is no letter of a sequence; -1 where there is none. */
export function strangeLetter(text: string): number {
  for (let i = 0; i < text.length; i++) if (codeAt(text, i) < 0) return i;
  return -1;
}

/** Whether a text is letters of a sequence, of either alphabet and case. */
export const isSequence = (text: string): boolean => text !== '' && strangeLetter(text) < 0;

/** Whether a text is a word of bases, in upper case and in the letters of one alphabet. */
export const isWord = (text: string): boolean =>
  text !== '' &&
  Object.values(LETTERS).some((letters) => Array.from(text).every((one) => letters.includes(one)));

/** Letters in upper case with U for T. */
export const inRna = (text: string): string => text.toUpperCase().replaceAll('T', 'U');

/** Letters of a sequence in an alphabet; their case stays. RNA letters are written as they stand. */
export const spell = (letters: string, alphabet: Alphabet = 'rna'): string =>
  alphabet === 'rna' ? letters : letters.replaceAll('U', 'T').replaceAll('u', 't');

/** `UGCAUG`, `UGCAUG@17` or `UGCAUG@3+UGCAUG@13`: what patterns are named after. */
const PATTERN = /^[ACGUTN]+(@\d+)?(\+[ACGUTN]+@\d+)*$/i;

/** The name of a pattern in an alphabet; a name that is not letters and positions stays as it is. */
export const spellName = (name: string, alphabet: Alphabet = 'rna'): string =>
  alphabet !== 'rna' && PATTERN.test(name) ? spell(name, alphabet) : name;

/** A sentence with its words of two or more bases in an alphabet: messages name patterns in RNA letters. */
export const spellWords = (sentence: string, alphabet: Alphabet = 'rna'): string =>
  alphabet === 'rna' ? sentence : sentence.replace(/\b[ACGUN]{2,}\b/g, (word) => spell(word, alphabet));

/**
 * The alphabet that names of patterns are written in: DNA where some have T and none has U, else RNA. Names
 * that are not letters and positions do not count.
 */
export function alphabetOf(names: readonly string[]): Alphabet {
  const patterns = names.filter((name) => PATTERN.test(name));
  const has = (letter: RegExp) => patterns.some((name) => letter.test(name));
  return has(/T/i) && !has(/U/i) ? 'dna' : 'rna';
}

/** The base that pairs with a base (Watson and Crick): A with U, C with G. A pad pairs with nothing. */
export const complement = (code: number): number => (code < PAD ? 3 - code : code);

/** G·U pairs: U opposite G in place of C, G opposite U in place of A. */
export const wobble = (code: number): number => (code === 2 ? 3 : code === 3 ? 2 : complement(code));

/** Whether a base is G or C. */
export const isGc = (code: number): boolean => code === 1 || code === 2;

/** The letters that pair with a text of letters, from left to right: its reverse complement. */
export const reverseComplement = (letters: string, alphabet: Alphabet = 'rna'): string =>
  Array.from(letters, (letter) => spell(letterOf(complement(codeOf(letter))) ?? letter, alphabet))
    .reverse()
    .join('');
