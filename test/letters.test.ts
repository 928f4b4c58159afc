import { describe, expect, it } from 'vitest';
import {
  ALPHABET,
  ALPHABETS,
  alphabetOf,
  codeOf,
  complement,
  IUPAC,
  inRna,
  isSequence,
  isWord,
  letterOf,
  lettersOf,
  PAD,
  reverseComplement,
  spell,
  spellName,
  strangeLetter,
  wobble,
} from '../src/data/sequences/letters.js';

describe('letters are read', () => {
  it('in both alphabets and cases', () => {
    expect(Array.from('ACGUTNacgutn', codeOf)).toEqual([0, 1, 2, 3, 3, PAD, 0, 1, 2, 3, 3, PAD]);
  });

  it('and no other character, in ASCII or beyond it', () => {
    const read = Array.from({ length: 0x3000 }, (_, i) => String.fromCharCode(i)).filter(
      (character) => codeOf(character) >= 0,
    );
    expect(read.sort().join('')).toBe('ACGNTUacgntu');
    expect(codeOf('')).toBe(-1);
  });

  it.each([
    ['ACGUN', -1],
    ['acgtn', -1],
    ['ACXU', 2],
    ['AC-U', 2],
    ['', -1],
  ])('%j has its first strange letter at %i', (text, offset) => {
    expect(strangeLetter(text)).toBe(offset);
    expect(isSequence(text)).toBe(text !== '' && offset < 0);
  });

  it('words are bases in upper case, U or T but not both', () => {
    expect(['UGCAUG', 'TGCATG', 'GCA'].map(isWord)).toEqual([true, true, true]);
    expect(['', 'ugcaug', 'TGCAUG', 'NGCAUG', 'UGCAUG@17', 'R'].map(isWord)).toEqual(Array(6).fill(false));
  });

  it('T as U', () => expect(inRna('acgtTUn')).toBe('ACGUUUN'));

  it('each code has a letter, and N has the code of pads', () => {
    expect([0, 1, 2, 3, PAD, 5].map(letterOf)).toEqual(['A', 'C', 'G', 'U', 'N', undefined]);
    expect(ALPHABETS.map((alphabet) => Array.from(lettersOf(alphabet), codeOf))).toEqual([
      [0, 1, 2, 3],
      [0, 1, 2, 3],
    ]);
    expect(lettersOf()).toBe(ALPHABET);
  });

  it('an ambiguous letter allows bases in code order, and those of two sets together make all', () => {
    for (const allowed of Object.values(IUPAC))
      expect(Array.from(allowed, codeOf)).toEqual([...new Set(Array.from(allowed, codeOf))].sort());
    const both = (a: string, b: string) => [...`${IUPAC[a]}${IUPAC[b]}`].sort().join('');
    expect([both('R', 'Y'), both('S', 'W'), both('K', 'M')]).toEqual(Array(3).fill(ALPHABET));
  });
});

describe('letters are written', () => {
  it('as RNA unless DNA is asked for; case and N stay', () => {
    expect([spell('UGCAun'), spell('UGCAun', 'rna'), spell('UGCAun', 'dna')]).toEqual([
      'UGCAun',
      'UGCAun',
      'TGCAtn',
    ]);
  });

  it.each([
    ['UGCAUG', 'TGCATG'],
    ['ugcaug@17', 'tgcatg@17'],
    ['UGNNUG@3+UGCAUG@13', 'TGNNTG@3+TGCATG@13'],
    ['loop', 'loop'],
    ['U-rich', 'U-rich'],
    ['together-minus-sum', 'together-minus-sum'],
    ['PUM2', 'PUM2'],
  ])('a pattern called %s is called %s in DNA', (name, dna) => {
    expect(spellName(name, 'dna')).toBe(dna);
    expect(spellName(dna, 'dna')).toBe(dna);
    expect(spellName(name)).toBe(name);
  });

  it('the alphabet of names is DNA where T is among them and U is not', () => {
    expect(alphabetOf(['TGCATG', 'GCATGC'])).toBe('dna');
    expect(alphabetOf(['TGCATG@3+GCA@12', 'U-rich'])).toBe('dna');
    expect(alphabetOf(['UGCAUG', 'GCAUGC'])).toBe('rna');
    expect(alphabetOf(['TGCATG', 'UGCAUG'])).toBe('rna');
    expect(alphabetOf(['GCGC'])).toBe('rna');
    expect(alphabetOf([])).toBe('rna');
  });
});

describe('letters pair', () => {
  it('A with U, C with G; pads with nothing', () => {
    expect([0, 1, 2, 3, PAD].map(complement)).toEqual([3, 2, 1, 0, PAD]);
  });

  it('in a wobble G with U', () => {
    expect([0, 1, 2, 3, PAD].map(wobble)).toEqual([3, 2, 3, 2, PAD]);
  });

  it('the reverse complement is written in either alphabet, and is its own inverse', () => {
    expect(reverseComplement('UGCAUG')).toBe('CAUGCA');
    expect(reverseComplement('TGCATG', 'dna')).toBe('CATGCA');
    expect(reverseComplement('AAN', 'dna')).toBe('NTT');
    expect(reverseComplement(reverseComplement('AACGUN'))).toBe('AACGUN');
  });
});
