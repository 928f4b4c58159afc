/** Many patterns written as one, and lists of them. */

import { describe, expect, it } from 'vitest';
import { FormatError, InvalidSequenceError, ShapeError } from '../src/device/errors.js';
import { expandPattern, expandPatterns, parsePatternList } from '../src/gia/patterns/pattern-sets.js';
import { parsePattern } from '../src/gia/patterns/patterns.js';

const names = (text: string, length = 41) => expandPattern(text, length).map(({ name }) => name);

describe('expandPattern', () => {
  it('reads a plain pattern as parsePattern does', () => {
    for (const text of ['UGCAUG@17', ' UGCAUG@3+agNaau@13 ', 'NNUGCAUGNN@0', 'ACGT@37'])
      expect(expandPattern(text, 41)).toEqual([parsePattern(text)]);
  });

  it('spells every IUPAC code out, in the order of letters', () => {
    const codes = {
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
    for (const [code, letters] of Object.entries(codes))
      expect(names(`G${code}@5`)).toEqual(Array.from(letters, (letter) => `G${letter}@5`));
    expect(names('ry@0')).toEqual(['AC@0', 'AU@0', 'GC@0', 'GU@0']);
    expect(names('RN@0+A@9')).toEqual(['AN@0+A@9', 'GN@0+A@9']);
  });

  it('stands at every position of a range, and everywhere', () => {
    expect(names('AC@3..5')).toEqual(['AC@3', 'AC@4', 'AC@5']);
    expect(names('AC@*', 6)).toEqual(['AC@0', 'AC@1', 'AC@2', 'AC@3', 'AC@4']);
    expect(names('UGCAUG@*')).toHaveLength(36);
  });

  it('makes grids without overlaps: every pair of places, counted by hand', () => {
    const grid = names('AA@*+CCC@*', 8);
    const apart = [];
    for (let a = 0; a <= 6; a++)
      for (let c = 0; c <= 5; c++) if (a + 2 <= c || c + 3 <= a) apart.push(`AA@${a}+CCC@${c}`);
    expect(grid).toEqual(apart);
    expect(new Set(grid).size).toBe(20);
  });

  it.each([
    ['UGCAUG', FormatError, /LETTERS@POSITION/],
    ['UGCAUG@3..', FormatError, /LETTERS@POSITION/],
    ['UGCAUG@5..3', ShapeError, /range 5\.\.3 is empty/],
    ['UGCAUG@30..40', ShapeError, /within positions 0 … 40/],
    ['UGCAUG@36', ShapeError, /within positions 0 … 40/],
    ['UGXAUG@3', InvalidSequenceError, /X/],
    ['AAAA@0..1+CCCC@1..2', ShapeError, /overlap wherever/],
    ['VVVVVVVVVVVVVVVVVV@0', ShapeError, /more than/],
    ['BBBBBBB@*+BBBBBBB@*', ShapeError, /at most/],
  ] as const)('refuses %s', (text, kind, message) => {
    expect(() => expandPattern(text, 41)).toThrow(kind);
    expect(() => expandPattern(text, 41)).toThrow(message);
  });
});

describe('parsePatternList', () => {
  it('reads one a line, past comments and blank lines', () => {
    const list = parsePatternList('# motifs\r\nUGCAUG@17\n\n  GCYGGC@3\n', 41, 'list.txt');
    expect(list.map(({ name }) => name)).toEqual(['UGCAUG@17', 'GCCGGC@3', 'GCUGGC@3']);
  });

  it('names the file and line of what it cannot read', () => {
    expect(() => parsePatternList('A@1\n\nAC@99\n', 41, 'list.txt')).toThrow(/^list\.txt:3: .*AC@99/);
    expect(() => parsePatternList('A@1\nAC-7\n', 41, 'list.txt')).toThrow(FormatError);
    expect(() => parsePatternList('# nothing\n', 41, 'list.txt')).toThrow(/list\.txt: no pattern/);
  });
});

describe('patterns that stand for many', () => {
  it('are counted before they are made', () => {
    // 3^12 spellings at 30 positions: a minute and a gigabyte, were they made.
    expect(() => expandPattern('HHHHHHHHHHHH@*', 41)).toThrow(
      /stands for 15,943,230 patterns, more than can be analysed together \(at most 262,144\)/,
    );
    expect(() => expandPattern(`${'N'.repeat(20)}${'B'.repeat(21)}@0`, 41)).toThrow(
      /10,460,353,203 patterns/,
    );
    expect(() => expandPattern('A@*+C@*+G@*+U@*', 41)).toThrow(/2,825,761 patterns/);
    expect(() => expandPattern('A@0..1000000000', 41)).toThrow(/A@1000000000 does not lie within/);
    expect(() => expandPattern('RRR@3', 41, { most: 7 })).toThrow(/stands for 8 patterns.*at most 7/);
    expect(expandPattern('RRR@3', 41, { most: 8 })).toHaveLength(8);
  });

  it('are counted together, and a list says at which line they are too many', () => {
    expect(() => expandPatterns(['RR@3', 'YY@3'], 41, { most: 7 })).toThrow(
      /"YY@3" stands for 4 patterns after 4 before it/,
    );
    expect(() => parsePatternList('UGC@1\nHHHHHHHHHHHH@*\n', 41, 'list.txt')).toThrow(
      /list\.txt:2: pattern "HHHHHHHHHHHH@\*" stands for 15,943,230/,
    );
  });

  it('come whole from a line of a list, however many', () => {
    // 3^11 patterns are more than a call takes as arguments.
    const patterns = parsePatternList('HHHHHHHHHHH@3\nA@0\n', 41, 'list.txt');
    expect(patterns).toHaveLength(3 ** 11 + 1);
    expect([patterns[0]!.name, patterns.at(-2)!.name]).toEqual(['AAAAAAAAAAA@3', 'UUUUUUUUUUU@3']);
  });
});
