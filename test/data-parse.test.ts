import { describe, expect, it } from 'vitest';
import { parseProbes, parseSequences } from '../src/data/index.js';
import { isTable } from '../src/data/tables/delimited.js';
import { FormatError, InvalidSequenceError, type ResidualBindError } from '../src/device/errors.js';

type ErrorClass = new (message: string) => ResidualBindError;

function expectError(run: () => unknown, type: ErrorClass, message: string): void {
  expect(run).toThrow(type);
  expect(run).toThrow(message);
}

describe('parseProbes, table with header', () => {
  it('reads all four columns in any order', () => {
    const text = 'set\tpool\tsequence\tintensity\nA\tlinear\tACGU\t1.5\nB\tstructured\tGGTT\t-2e-1\n';
    expect(parseProbes(text, 'x.tsv')).toEqual({
      source: 'x.tsv',
      lines: Uint32Array.of(2, 3),
      sequences: ['ACGU', 'GGUU'],
      scores: Float64Array.of(1.5, -0.2),
      sets: ['A', 'B'],
      pools: ['linear', 'structured'],
      dropped: 0,
    });
    const swapped = parseProbes('intensity\tsequence\tset\n3\tAC\tb\n');
    expect([swapped.sequences, swapped.sets, swapped.pools]).toEqual([['AC'], ['B'], ['']]);
  });

  it('takes DeepBind-style names and ignores other columns', () => {
    const { sequences, scores, sets } = parseProbes(
      'Fold ID\tEvent ID\tseq\tScore\nA\tseq1\tAC\t2\n\t7\tAG\t3\n',
    );
    expect(sequences).toEqual(['AC', 'AG']);
    expect([...scores]).toEqual([2, 3]);
    expect(sets).toEqual(['A', '']);
  });

  it('drops records without a score and counts them', () => {
    const probes = parseProbes('sequence\tintensity\nAC\tNaN\nAG\t1\nAU\t\nAA\tnan\nCC\tNA\n');
    expect(probes.sequences).toEqual(['AG']);
    expect([...probes.lines]).toEqual([3]);
    expect(probes.dropped).toBe(4);
  });

  it.each([
    ['sequence\tset\nAC\tA\n', FormatError, 'x:1: the header has no column named intensity or score'],
    ['set\tsequence\tintensity\nA\tAC\n', FormatError, 'x:2: expected 3 tab-separated fields, found 2'],
    [
      'set\tsequence\tintensity\n# note\nA\tAC\thigh\n',
      FormatError,
      'x:3: expected a finite score in column 3',
    ],
    // Too large for single precision: infinite, as for prepare.
    ['sequence\tintensity\nAC\t1e39\n', FormatError, 'x: no probe with a score (1 records had none)'],
    ['set\tsequence\tintensity\nC\tAC\t1\n', FormatError, 'x:2: expected set A, B or blank, found "C"'],
    ['sequence\tintensity\nAC\t1\nAXC\t1\n', InvalidSequenceError, 'x:3: letter 2 is "X"'],
    ['sequence\tintensity\nAXC\tNaN\n', InvalidSequenceError, 'x:2: letter 2 is "X"'],
    [
      'sequence\tintensity\n\t1\n',
      FormatError,
      'x: no probe with a score (0 records had none, 1 no sequence)',
    ],
    ['sequence\tintensity\n', FormatError, 'x: no probe with a score (0 records had none)'],
    ['sequence\tintensity\nAC\tNaN\n', FormatError, 'x: no probe with a score (1 records had none)'],
    ['name\tvalue\nAC\t1\n', FormatError, 'x:1: the header has no column named sequence or seq; its columns'],
    ['', FormatError, 'x: no probe with a score; the file holds no records'],
  ] satisfies [string, ErrorClass, string][])('refuses %j', (text, type, message) => {
    expectError(() => parseProbes(text, 'x'), type, message);
  });
});

describe('parseProbes, two columns', () => {
  it.each([
    ['score, tab, sequence', '0.04\tAGGT\n-1.38\tACGT\n'],
    ['sequence, tab, score', 'AGGT\t0.04\nACGT\t-1.38\n'],
    ['score, space, sequence', '0.04 AGGU\n-1.38  ACGU\n'],
    ['sequence, space, score', 'aggu 0.04\nacgu -1.38\n'],
  ])('reads %s', (_, text) => {
    const { sequences, scores, sets, pools } = parseProbes(text);
    expect(sequences).toEqual(['AGGU', 'ACGU']);
    expect([...scores]).toEqual([0.04, -1.38]);
    expect([...sets, ...pools]).toEqual(['', '', '', '']);
  });

  it('tolerates a byte-order mark, CRLF, comments, blank lines and no last newline', () => {
    const { sequences, lines } = parseProbes('\uFEFF# made by hand\r\n\r\n1\tAC\r\n  \r\n# more\r\n2\tAG');
    expect(sequences).toEqual(['AC', 'AG']);
    expect([...lines]).toEqual([3, 6]);
  });

  it('finds the order even when the first score is missing', () => {
    expect(parseProbes('NaN\tACGU\n1\tAC\n')).toMatchObject({ sequences: ['AC'], dropped: 1 });
    expect(parseProbes('ACGU\t\nAC\t1\n')).toMatchObject({ sequences: ['AC'], dropped: 1 });
  });

  it.each([
    [
      '1\tAC\nAC\t1\n',
      FormatError,
      'x:2: expected a finite score in column 1 (the order of line 1), found "AC"',
    ],
    [
      'AC 1\n2 AC\n',
      FormatError,
      'x:2: expected a finite score in column 2 (the order of line 1), found "AC"',
    ],
    ['1\t2\n', FormatError, 'x:1: expected a header'],
    ['1\tAC\n1 AC\n', FormatError, 'x:2: expected 2 tab-separated fields, found 1'],
    ['AC 1\nAC\n', FormatError, 'x:2: expected 2 space-separated fields, found 1'],
    ['1\tAC\n1\tAJ\n', InvalidSequenceError, 'x:2: letter 2 is "J"'],
  ] satisfies [string, ErrorClass, string][])('refuses %j', (text, type, message) => {
    expectError(() => parseProbes(text, 'x'), type, message);
  });
});

describe('parseSequences', () => {
  it('reads FASTA with multi-line records and whole names', () => {
    const text = '>one first of two\r\nACG\r\ntt\r\n\r\n>two\nNN\n';
    expect(parseSequences(text, 'x.fa')).toEqual({
      source: 'x.fa',
      names: ['one first of two', 'two'],
      sequences: ['ACGUU', 'NN'],
      lines: Uint32Array.of(1, 5),
    });
  });

  it('reads one sequence per line and numbers them', () => {
    expect(parseSequences('# list\nACG\n\n ggt \n')).toMatchObject({
      names: ['sequence_1', 'sequence_2'],
      sequences: ['ACG', 'GGU'],
      lines: Uint32Array.of(2, 4),
    });
  });

  it.each([
    ['>a\nAC\nAXC\n', InvalidSequenceError, 'x:3: letter 2 is "X"'],
    ['>a\n>b\nAC\n', InvalidSequenceError, 'x:1: the sequence is empty'],
    ['>a\nAC\n>b\n', InvalidSequenceError, 'x:3: the sequence is empty'],
    ['>\nAC\n', FormatError, 'x:1: expected a name after ">"'],
    ['AC\n>a\n', InvalidSequenceError, 'x:2: letter 1 is ">"'],
    ['AC AG\n', InvalidSequenceError, 'x:1: letter 3 is " "'],
    ['# nothing\n', FormatError, 'x: no sequence; expected FASTA or one sequence per line'],
  ] satisfies [string, ErrorClass, string][])('refuses %j', (text, type, message) => {
    expectError(() => parseSequences(text, 'x'), type, message);
  });
});

describe('parseSequences, files from elsewhere', () => {
  it('reads FASTQ whose letters and qualities are wrapped, though qualities begin with "@" or "+"', () => {
    const text = '@r1\nGGAG\nCU\n+r1\n@>#\n+@I\n@r2\nA\nC\n\n+\n+\n@\n\n';
    expect(parseSequences(text, 'x.fq')).toEqual({
      source: 'x.fq',
      names: ['r1', 'r2'],
      sequences: ['GGAGCU', 'AC'],
      lines: Uint32Array.of(1, 7),
    });
  });

  it('reads FASTQ: four lines a record, its qualities not used', () => {
    expect(parseSequences('@r1 first\nGGAG\n+\n@>#I\n@r2\r\nacgt\r\n+r2\r\nIIII\r\n\n', 'x.fq')).toEqual({
      source: 'x.fq',
      names: ['r1 first', 'r2'],
      sequences: ['GGAG', 'ACGU'],
      lines: Uint32Array.of(1, 5),
    });
  });

  it.each([
    ['@r\nAC\n+\nI\n', FormatError, 'x:4: expected 2 qualities, one for each letter, found "I"'],
    ['@r\nAC\nGG\n+\nIII\nII\n', FormatError, 'x:6: expected 4 qualities, one for each letter, found "II"'],
    ['@r\nAC\n', FormatError, 'x, at its end: expected "+" after the letters'],
    ['@r\nAC\n@s\nAC\n+\nII\n', FormatError, 'x:3: expected "+" after the letters, found "@s"'],
    ['@r\nAC\nGX\n+\nIIII\n', InvalidSequenceError, 'x:3: letter 2 is "X"'],
    ['@r\nAC\n+\nII\n>s\nAC\n', FormatError, 'x:5: expected "@" and a name, found ">s"'],
    ['@\nAC\n+\nII\n', FormatError, 'x:1: expected a name after "@"'],
    ['@r\n\n+\n\n', InvalidSequenceError, 'x:1: the sequence is empty'],
    ['@r\nAXC\n+\nIII\n', InvalidSequenceError, 'x:2: letter 2 is "X"'],
  ] satisfies [string, ErrorClass, string][])('refuses %j', (text, type, message) => {
    expectError(() => parseSequences(text, 'x'), type, message);
  });

  it('advises to read letters as N only where that would help', () => {
    const refusal = (text: string) => {
      try {
        parseSequences(text, 'x');
      } catch (error) {
        return (error as Error).message;
      }
      return '';
    };
    expect(refusal('ACGURYX\n')).toContain('--iupac-as-n');
    for (const text of ['sequence\nACGU\n', '>a\nMKLVEF\n'])
      expect(refusal(text)).not.toContain('--iupac-as-n');
  });

  it('reads ambiguous letters as N on request, and counts them', () => {
    const text = '>a\nGGRYk\nAC\n>b\nXAN\n';
    expect(parseSequences(text, 'x.fa', { iupacAsN: true })).toMatchObject({
      sequences: ['GGNNNAC', 'NAN'],
      notes: ['x.fa: 4 ambiguous letters (IUPAC) in 2 lines were read as N'],
    });
    expectError(
      () => parseSequences(text, 'x.fa'),
      InvalidSequenceError,
      'x.fa:2: letter 3 is "R"; expected A, C, G, U (or T) or N; it stands for several bases (IUPAC), and --iupac-as-n',
    );
    expect(parseSequences('>a\nNAN\nC\n', 'x.fa', { iupacAsN: true })).not.toHaveProperty('notes');
  });

  it('leaves out sequences that spell a missing value, and counts them', () => {
    const list = parseSequences('ACG\nNA\nnan\nnull\nAN\n', 'x.txt');
    expect(list).toMatchObject({
      names: ['sequence_1', 'sequence_5'],
      sequences: ['ACG', 'AN'],
      notes: [
        'x.txt: 3 records were left out because their sequences are missing (such as NA), first in line 2',
      ],
    });
    const fasta = parseSequences('>a\nNA\n>b\nACG\nNA\n>c\nNA\nCC\n', 'x.fa');
    expect(fasta.names).toEqual(['b', 'c']);
    expect(fasta.sequences).toEqual(['ACGNA', 'NACC']);
    expectError(() => parseSequences('NA\n', 'x'), FormatError, 'x: no sequence; expected FASTA');
  });

  it('drops a final *, blanks and the numbers of GenBank and EMBL, and says so', () => {
    const text = '; old\n >a b\n        1 acguacguac gu\n       13 ac*\n>c\nACGU AC  6\n GG 8\n>d\nAC*\n';
    expect(parseSequences(text, 'x.fa')).toMatchObject({
      names: ['a b', 'c', 'd'],
      sequences: ['ACGUACGUACGUAC', 'ACGUACGG', 'AC'],
      notes: [
        'x.fa: 2 sequences were freed of a final "*"',
        'x.fa: 4 lines were freed of blanks and line numbers',
        'x.fa: 1 comment line was ignored (";" begins it)',
      ],
    });
  });

  it.each([
    [
      '>a\nAC-G\n',
      InvalidSequenceError,
      'x:2: letter 3 is "-"; expected A, C, G, U (or T) or N; gaps of an alignment',
    ],
    [
      '>a\nA*C\n',
      InvalidSequenceError,
      'x:2: letter 2 is "*"; expected A, C, G, U (or T) or N; a * may only stand at the end',
    ],
    ['>a\nAC*\nG\n', InvalidSequenceError, 'x:3: the sequence of "a" goes on after a "*"'],
    ['>a\nACGU 7\n', InvalidSequenceError, 'x:2: letter 5 is "7"'],
    ['>a\nACGU 3.5\n', InvalidSequenceError, 'x:2: letter 5 is "3"'],
    ['>a\n*\n', InvalidSequenceError, 'x:2: the sequence is empty'],
  ] satisfies [string, ErrorClass, string][])('refuses %j', (text, type, message) => {
    expectError(() => parseSequences(text, 'x'), type, message);
  });

  it('knows texts that hold sequences alone from tables', () => {
    for (const text of ['>a\tb\nAC', '@r 1\nAC\n+\nII', ';x y\nAC', '# x\nACGU\n', ''])
      expect(isTable(text)).toBe(false);
    for (const text of ['AC\t1', 'AC 1', 'AC,1', 'sequence\tscore', '1;AC']) expect(isTable(text)).toBe(true);
  });
});
