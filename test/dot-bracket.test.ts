/** Dot-brackets: partners by hand, and errors that say where. */

import { describe, expect, it } from 'vitest';
import { pairsOf, parseSequences } from '../src/data/index.js';
import { FormatError } from '../src/device/errors.js';

describe('pairsOf', () => {
  it('finds the partner of each bracket', () => {
    expect(Array.from(pairsOf('((..).)'))).toEqual([6, 4, -1, -1, 1, -1, 0]);
    expect(Array.from(pairsOf(''))).toEqual([]);
  });

  it.each([
    ['(..', 'x: "(" at position 1 is never closed'],
    ['.)', 'x: ")" at position 2 closes nothing'],
    ['.[.]', 'x: "[" at position 2; expected ( ) or .'],
  ])('refuses %s', (structure, message) => {
    expect(() => pairsOf(structure, 'x')).toThrow(new FormatError(message));
  });
});

describe('FASTA with structures', () => {
  it('takes a third line as ViennaRNA writes it, for the records that have one', () => {
    const text = '>a\nGGAA\nACC\n((...)) (-1.20)\n>b\nACGU\n>c\nAC\n  ..\n';
    expect(parseSequences(text)).toMatchObject({
      names: ['a', 'b', 'c'],
      sequences: ['GGAAACC', 'ACGU', 'AC'],
      structures: ['((...))', undefined, '..'],
    });
    expect(parseSequences('>a\nGG\n(())'.slice(0, 5))).not.toHaveProperty('structures');
    // An energy of one digit more, and none.
    expect(parseSequences('>a\nGAAAC\n(...) ( -0.05)\n').structures).toEqual(['(...)']);
  });

  it.each([
    ['>a\nGAAAC\n(..)\n', 'f.fa:3: structure of "a" has 4 symbols for 5 letters'],
    ['>a\nGAAAC\n(....\n', 'f.fa:3: structure of "a": "(" at position 1 is never closed'],
    ['>a\nGAAAC\n<...>\n', 'f.fa:3: structure of "a": "<" at position 1; expected ( ) or .'],
    ['>b\nGC\n..\n>a\n..\n', 'f.fa:5: structure of "a" has 2 symbols for 0 letters'],
    ['>a\nGC\n..\n..\n', 'f.fa:4: a second structure of "a"'],
    ['>a\nGC\n..\nGC\n', 'f.fa:4: expected the next record after the structure of "a"'],
  ])('names file, line and record of what is wrong: %j', (text, message) => {
    expect(() => parseSequences(text, 'f.fa')).toThrow(new FormatError(message));
  });
});
