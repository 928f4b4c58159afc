/** Dot-brackets: partners by hand, and errors that say where. */

import { describe, expect, it } from 'vitest';
import { pairsOf, parseSequences } from '../src/data/index.js';
import { FormatError } from '../src/device/errors.js';

describe('pairsOf', () => {
  it('finds the partner of each bracket', () => {
    expect(Array.from(pairsOf('((..).)'))).toEqual([6, 4, -1, -1, 1, -1, 0]);
    expect(Array.from(pairsOf(''))).toEqual([]);
  });

  it('reads pseudoknots: each kind of bracket pairs by itself', () => {
    expect(Array.from(pairsOf('([)]'))).toEqual([2, 3, 0, 1]);
    expect(Array.from(pairsOf('{<A(}>a)'))).toEqual([4, 5, 6, 7, 0, 1, 2, 3]);
    // WUSS: unpaired positions of several sorts.
    expect(Array.from(pairsOf(':<<_-~,>>.'))).toEqual([-1, 8, 7, -1, -1, -1, -1, 2, 1, -1]);
  });

  it.each([
    ['(..', 'x: "(" at position 1 is never closed'],
    ['.)', 'x: ")" at position 2 closes nothing'],
    ['.[.)', 'x: ")" at position 4 closes nothing'],
    ['.[(.)', 'x: "[" at position 2 is never closed'],
    ['.x.', 'x: "x" at position 2 closes nothing'],
    ['.|.', 'x: "|" at position 2; expected brackets or . for unpaired'],
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
    ['>a\nGAAAC\n<...)\n', 'f.fa:3: structure of "a": ")" at position 5 closes nothing'],
    [
      '>a\nGAAAC\n(...) low\n',
      'f.fa:3: structure of "a": expected an energy such as (-3.20) behind it, not "low"',
    ],
    ['..\nGC\n', 'f.fa:1: ".." is a structure, but no sequence stands before it'],
    ['GAAAC\n(..)\nGC\n', 'f.fa:2: structure of "sequence_1" has 4 symbols for 5 letters'],
    ['>b\nGC\n..\n>a\n..\n', 'f.fa:5: structure of "a" has 2 symbols for 0 letters'],
    ['>a\nGC\n..\nGC\n', 'f.fa:4: expected the next record after the structure of "a"'],
  ])('names file, line and record of what is wrong: %j', (text, message) => {
    expect(() => parseSequences(text, 'f.fa')).toThrow(new FormatError(message));
  });
});

describe('files of RNAfold and others', () => {
  it('takes the structure of least energy and counts what else stands there', () => {
    const text = [
      '>a',
      'GGAGGCUGGCAGCUUUAGC',
      '.(((((....))))).... ( -3.20)',
      '.{((((....)))),.... [ -3.70]',
      '.(((((....))))).... { -3.20 d=1.92}',
      ',(((((....))))).... { -3.20 MEA=14.1}',
      ' frequency of mfe structure in ensemble 0.443; ensemble diversity 3.05  ',
      '>b',
      'GAAAC',
      '(...)',
      '(...)',
    ].join('\n');
    expect(parseSequences(text, 'f.fa')).toMatchObject({
      names: ['a', 'b'],
      structures: ['.(((((....)))))....', '(...)'],
      notes: ['f.fa: 5 lines were ignored below the first structure of a record'],
    });
  });

  it('reads output without headers', () => {
    expect(parseSequences('GAAAC\n(...) (  0.00)\nGC\nGAAAAC\n(....)\n')).toMatchObject({
      names: ['sequence_1', 'sequence_2', 'sequence_3'],
      sequences: ['GAAAC', 'GC', 'GAAAAC'],
      structures: ['(...)', undefined, '(....)'],
    });
  });

  it.each([
    ['in brackets', '(...) ( -0.05)'],
    ['bare', '(...) -0.05'],
    ['behind a tab', '(...)\t[-0.05]'],
    ['with other facts', '(...) { -3.20 d=1.92}'],
    ['without a blank', '(...)(-0.05)'],
  ])('reads an energy %s', (_, line) => {
    expect(parseSequences(`>a\nGAAAC\n${line}\n`).structures).toEqual(['(...)']);
  });

  it('reads what RNAfold prints for a person who types sequences', () => {
    const text = [
      'Input string (upper or lower case); @ to quit',
      '....,....1....,....2....,....3....,....4....,....5....,....6....,....7....,....8',
      'length = 5',
      'GAAAC',
      '(...)',
      ' minimum free energy =   1.20 kcal/mol',
      ' free energy of ensemble =   0.40 kcal/mol',
      ' .....',
      'length = 6',
      'GAAAAC',
      '(....)',
    ].join('\n');
    expect(parseSequences(text)).toMatchObject({
      sequences: ['GAAAC', 'GAAAAC'],
      structures: ['(...)', '(....)'],
    });
  });

  it('joins a wrapped structure, whatever its lines begin with', () => {
    const { structures, names } = parseSequences(
      '>a\nGGGA\nACCC\n<<<.\n.>>>\n>b\nGGACC\n((.\n)) -1\n>c\nGGACC\n<<.\n>>\n',
    );
    expect(structures).toEqual(['<<<..>>>', '((.))', '<<.>>']);
    expect(names).toEqual(['a', 'b', 'c']);
  });

  // A quadratic expression takes minutes, and the test runs out of time.
  it('refuses an energy of 50,000 digits or blanks at once', () => {
    for (const energy of [`(${'1'.repeat(50_000)}x)`, `${' '.repeat(50_000)}x`, `( ${'-'.repeat(50_000)}`])
      expect(() => parseSequences(`>a\nGAAAC\n(...) ${energy}\n`)).toThrow(FormatError);
  });
});
