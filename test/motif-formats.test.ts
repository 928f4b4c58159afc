/** Motif files of every format: recognised by content, read alike, refused with file, line and motif. */

import { describe, expect, it } from 'vitest';
import { FormatError } from '../src/device/errors.js';
import { motifFormat, parseMotifs, parseProteinNames } from '../src/gia/motif/index.js';

/** Two positions, A then C or G. */
const PWM = [
  [1, 0, 0, 0],
  [0, 0.75, 0.25, 0],
];

interface Case {
  readonly what: string;
  readonly text: string;
  readonly format: string;
  readonly name: string;
  readonly alternateName?: string;
  readonly sites?: number;
  readonly source?: string;
}

const CASES: readonly Case[] = [
  {
    what: 'MEME minimal',
    format: 'meme',
    text: 'MEME version 4\nALPHABET= ACGT\nMOTIF a b\nletter-probability matrix: w= 2\n1 0 0 0\n0 .75 .25 0\n',
    name: 'a',
    alternateName: 'b',
  },
  {
    what: 'a CISBP-RNA table, named after its file',
    format: 'cisbp',
    text: 'Pos\tA\tC\tG\tU\n1\t1\t0\t0\t0\n2\t0\t0.75\t0.25\t0\n',
    source: 'pwms_all_motifs/M001_0.6.txt',
    name: 'M001_0.6',
  },
  {
    what: 'a CIS-BP table with T, spaces and CRLF',
    format: 'cisbp',
    text: 'Pos A C G T\r\n1 1 0 0 0\r\n2 0 0.75 0.25 0\r\n\r\n',
    source: 'C:\\db\\M9.txt.gz',
    name: 'M9',
  },
  {
    what: 'a record of PWM.txt',
    format: 'cisbp',
    text: 'RBP\tT1_0.6\nRBP Name\tVts1\nGene\tX\nMotif\tM1_0.6\nFamily\tSAM\nSpecies\tY\nPos\tA\tC\tG\tU\n1\t1\t0\t0\t0\n2\t0\t0.75\t0.25\t0\n',
    name: 'M1_0.6',
    alternateName: 'Vts1',
  },
  {
    what: 'a record named by its gene, with blanks for tabs',
    format: 'cisbp',
    text: 'Gene    FBgn0000210\nPos A   C   G   T\n1   1   0   0   0\n2   0   0.75   0.25   0\n',
    name: 'FBgn0000210',
  },
  {
    what: 'the .tsv of this program',
    format: 'cisbp',
    text: 'position\tA\tC\tG\tU\tbits\n1\t1\t0\t0\t0\t2\n2\t0\t0.75\t0.25\t0\t1.19\n',
    source: 'out/mine.tsv',
    name: 'mine',
  },
  {
    what: 'HOMER',
    format: 'matrix',
    text: '>AC\tVts1(SAM)/Yeast\t4.5\t-228\t0\tT:17.0(1%),B:3\n1\t0\t0\t0\n0\t0.75\t0.25\t0\n',
    name: 'Vts1(SAM)/Yeast',
    sites: 17,
  },
  {
    what: 'HOMER with blanks for tabs',
    format: 'matrix',
    text: '>AC Vts1(SAM)/Yeast 4.5 -1.78e+03\n1 0 0 0\n0 0.75 0.25 0\n',
    name: 'Vts1(SAM)/Yeast',
  },
  {
    what: 'a matrix between its margins',
    format: 'matrix',
    text: '>x\nbase 1 2\n A 1 0\n C 0 0.75\n g 0 0.25\n t 0 0\n\nEnt= 2 1.2\n',
    name: 'x',
  },
  {
    what: 'JASPAR',
    format: 'matrix',
    text: '>MA0001.1 AGL3\nA  [  8  0 ]\nC  [  0  6 ]\nG  [  0  2 ]\nT  [  0  0 ]\n',
    name: 'MA0001.1',
    alternateName: 'AGL3',
    sites: 8,
  },
  {
    what: 'JASPAR with brackets against the numbers',
    format: 'matrix',
    text: '>MA0001.1\tAGL3\nA [8 0]\nC [0 6]\nG [0 2]\nT [0 0]\n',
    name: 'MA0001.1',
    alternateName: 'AGL3',
    sites: 8,
  },
  {
    what: 'PFM, four rows under a name',
    format: 'matrix',
    text: '>MA0001.1 AGL3\n8 0\n0 6\n0 2\n0 0\n',
    name: 'MA0001.1',
    alternateName: 'AGL3',
    sites: 8,
  },
  {
    what: 'PFM, four rows without a name',
    format: 'matrix',
    text: '8 0\n0 6\n0 2\n0 0\n',
    source: 'db/MA1.pfm',
    name: 'MA1',
    sites: 8,
  },
  {
    what: 'rows of positions under a name',
    format: 'matrix',
    text: '>AHR_si\n8 0 0 0\n0 6 2 0\n',
    name: 'AHR_si',
    sites: 8,
  },
  {
    what: 'rows of positions under the letters, numbered',
    format: 'matrix',
    text: '>x\nPO A C G T\n01 8 0 0 0 A\n02 0 6 2 0 S\n',
    name: 'x',
    sites: 8,
  },
  {
    what: 'columns in another order',
    format: 'matrix',
    text: '>x\nT G C A\n0 0 0 8\n0 2 6 0\n',
    name: 'x',
    sites: 8,
  },
  {
    what: 'labelled rows in another order',
    format: 'matrix',
    text: '>x\nG | 0 2\nA | 8 0\nU | 0 0\nC | 0 6\n',
    name: 'x',
    sites: 8,
  },
  {
    what: 'UniPROBE',
    format: 'matrix',
    text: 'Gene: Alx3\tMotif: AC\tEnrichment Score: 0.49\nA:\t1\t0\nC:\t0\t0.75\nG:\t0\t0.25\nT:\t0\t0\n',
    name: 'Alx3',
  },
  {
    what: 'UniPROBE with other views of the matrix',
    format: 'matrix',
    text: 'Protein: Alx3\tSeed k-mer: AC\nEnergy matrix for enoLOGOS\nA:\t-1\t0\nC:\t1\t2\nG:\t1\t1\nT:\t1\t1\nProbability matrix\nA:\t1\t0\nC:\t0\t0.75\nG:\t0\t0.25\nT:\t0\t0\n',
    name: 'Alx3',
  },
  {
    what: 'TRANSFAC',
    format: 'transfac',
    text: 'VV  TRANSFAC MATRIX TABLE\nXX\n//\nAC  M00001\nXX\nID  V$MYOD_01\nXX\nDT  19.10.92 (created); ewi.\nNA  MyoD\nDE  myoblast determination\nP0      A      C      G      T\n01      8      0      0      0      A\n02      0      6      2      0      S\nXX\nBA  8 sites\n//\n',
    name: 'M00001',
    alternateName: 'MyoD',
    sites: 8,
  },
  {
    what: "JASPAR's TRANSFAC",
    format: 'transfac',
    text: 'AC MA0001.1\nXX\nID AGL3\nXX\nDE MA0001.1 AGL3 ; From JASPAR\nPO\tA\tC\tG\tT\n01\t8.0\t0\t0\t0\n02\t0\t6\t2\t0\nXX\nCC x\nXX\n//\n',
    name: 'MA0001.1',
    alternateName: 'AGL3',
    sites: 8,
  },
  {
    what: "STAMP's TRANSFAC",
    format: 'transfac',
    text: 'DE\tAGL3\tMADS\n0\t8\t0\t0\t0\tA\n1\t0\t6\t2\t0\tS\nXX\n',
    name: 'AGL3',
    sites: 8,
  },
];

describe('parseMotifs', () => {
  it.each(CASES)('reads $what', ({ text, source = 'm.txt', format, name, alternateName, sites }) => {
    const file = parseMotifs(text, source);
    expect(file).toMatchObject({ source, format });
    expect(file.motifs).toHaveLength(1);
    const [motif] = file.motifs;
    expect(motif).toMatchObject({ name, pwm: PWM });
    expect(motif!.alternateName).toBe(alternateName);
    expect(motif!.sites).toBe(sites);
  });

  it.each(CASES.filter(({ what }) => !/without a name|file/.test(what)))(
    'reads two records of $what',
    ({ text, source = 'm.txt' }) => {
      const renamed = text.replace(
        /\b(a|M1_0.6|Vts1|MA0001|AHR_si|x|Alx3|M00001|FBgn0000210|AGL3)\b/g,
        '$1new',
      );
      const { motifs, notes } = parseMotifs(`${text}\n${renamed}`, source);
      expect(motifs.map(({ pwm }) => pwm)).toEqual([PWM, PWM]);
      expect(notes.filter((note) => /repeat/.test(note))).toEqual([]);
      const twice = parseMotifs(`${text}\n${text}`, source);
      if (motifs[0]!.name !== motifs[1]!.name && twice.motifs.length === 1)
        expect(twice.notes.join()).toContain('repeat an earlier name and were ignored');
    },
  );

  it.each([
    { what: 'five positions', rows: '8 0 2 2 2\n0 6 2 2 2\n0 2 2 2 2\n0 0 2 2 2\n', width: 5 },
    { what: 'probabilities of five', rows: '1 0 .1 1 0\n0 .75 .2 0 0\n0 .25 .3 0 1\n0 0 .4 0 0\n', width: 5 },
    { what: 'four numbered positions', rows: '1 8 0 0 0\n2 0 6 2 0\n3 2 2 2 2\n4 2 2 2 2\n', width: 4 },
    { what: 'four numbered from 0', rows: '0 8 0 0 0\n1 0 6 2 0\n2 2 2 2 2\n3 2 2 2 2\n', width: 4 },
    {
      what: 'four with consensus letters',
      rows: '1 0 0 0 A\n0 .75 .25 0 C\n0 1 0 0 C\n0 0 0 1 T\n',
      width: 4,
    },
    { what: 'four with both', rows: '1 8 0 0 0 A\n2 0 6 2 0 C\n3 2 2 2 2 N\n4 2 2 2 2 N\n', width: 4 },
  ])('tells from the numbers of four rows which way they lie: $what', ({ rows, width }) => {
    const [motif] = parseMotifs(`>x\n${rows}`, 'x').motifs;
    expect(motif!.pwm).toHaveLength(width);
    expect(motif!.pwm.slice(0, 2)).toEqual(PWM);
  });

  it('takes a square of numbers by its sums, and says when they do not tell', () => {
    const square = (rows: string) => parseMotifs(`>x\n${rows}`, 'x');
    expect(square('8 0 0 0\n0 6 2 0\n0 0 8 0\n8 0 0 0\n').motifs[0]!.pwm[1]).toEqual([0, 0.75, 0.25, 0]);
    expect(square('8 0 0 8\n0 6 0 0\n0 2 8 0\n0 0 0 0\n').motifs[0]!.pwm[1]).toEqual([0, 0.75, 0.25, 0]);
    const unclear = square('8 0 0 0\n0 8 0 0\n0 0 8 0\n0 0 0 8\n');
    expect(unclear.notes.join()).toContain('each row was taken as a position: "x" (line 1)');
  });

  it('divides counts by their sum without a pseudocount, and says so', () => {
    const { motifs, notes } = parseMotifs('AC a\nP0 A C G T\n01 1 2 0 1\n02 0.5 3.5 0 0\nXX\n//\n', 't.dat');
    expect(motifs[0]!.pwm).toEqual([
      [0.25, 0.5, 0, 0.25],
      [0.125, 0.875, 0, 0],
    ]);
    expect(notes).toEqual([
      't.dat: motifs that hold counts, and each row was divided by its sum (no pseudocount): "a" (line 1)',
    ]);
  });

  it('passes over motifs without positions', () => {
    const empty = 'Motif\tM1\nPos\tA\tC\tG\tU\n';
    const { motifs, notes } = parseMotifs(`${empty}Motif\tM2\nPos\tA\tC\tG\tU\n1\t1\t0\t0\t0\n`, 'p.txt');
    expect(motifs.map(({ name }) => name)).toEqual(['M2']);
    expect(notes).toEqual(['p.txt: motifs that have no positions and were ignored: "M1" (line 2)']);
    expect(() => parseMotifs(empty, 'p.txt')).toThrow(
      'p.txt: no motif that can be used; p.txt: motifs that have no positions and were ignored: "M1" (line 2)',
    );
  });

  it.each([
    ['Pos\tA\tC\tG\tU\n1\t1\t0\t0\n', 'm.txt:2: position 1 has 4 fields, but the header 5'],
    ['Pos\tA\tC\tG\tU\n1\t.5\t.3\t0\t0\n', 'm.txt:2: motif "m": position 1 sums to 0.8; expected'],
    [
      'Pos\tA\tC\tG\tU\n1\t0,5\t0,5\t0\t0\n',
      'm.txt:2: expected a probability or a count, found "0,5"; it has a decimal comma',
    ],
    ['Pos\tA\tC\tG\tU\n1\t-1\t2\t0\t0\n', 'a matrix of scores (log-odds) cannot be read'],
    [
      '>x\nA [ 1 2 ]\nC [ 1 2 ]\nG [ 1 ]\nT [ 1 2 ]\n',
      'm.txt:4: motif "x": the row of G has 1 number, that of A has 2',
    ],
    [
      '>x\nA [ 1 2 ]\nC [ 1 2 ]\nG [ 1 2 ]\n',
      'm.txt:4: motif "x": no row of U; a matrix has rows of A, C, G and U or T',
    ],
    ['>x\nA 1 2\nA 1 2\nG 1 2\nT 1 2\n', 'm.txt:3: motif "x": a second row of A'],
    ['>x\nA 1 2\nC 1 2\nG 1 0\nT 1 inf\n', 'm.txt:5: expected a probability or a count, found "inf"'],
    ['>x\n1 0 0 0\n0 1 0\n0 0 1 0\n', 'm.txt:3: motif "x": position 2 has 3 numbers, expected four'],
    ['>x\n8 0\n0 0\n0 0\n0 0\n', 'm.txt:2: motif "x": position 2 sums to 0; expected'],
    ['AC a\nP0 A C G T\n01 1 2 3\nXX\n//\n', 'm.txt:3: motif "a": expected a position and four numbers'],
    ['AC a\nP0 A C G X\n01 1 2 3 4\nXX\n//\n', 'm.txt:2: motif "a": expected "P0 A C G T"'],
    ['<?xml version="1.0"?>\n<MEME>\n', 'm.txt: is XML; give the text output of the same program'],
    ['<motifset xmlns="">\n', 'm.txt: is XML'],
    ['<!DOCTYPE html>\n', 'm.txt: is HTML'],
    ['', 'm.txt: the file is empty; expected motifs as MEME'],
    ['>x\nACGU\n', 'm.txt: expected motifs as MEME, CIS-BP, HOMER'],
    ['letter-probability matrix:\n1 0 0 0\n', 'm.txt:1: expected "MEME version 4"'],
  ])('refuses %j', (text, message) => {
    expect(() => parseMotifs(text, 'm.txt')).toThrow(FormatError);
    expect(() => parseMotifs(text, 'm.txt')).toThrow(message);
  });

  it.each([
    'pattern\timportance\nUGCAUG\t3.1\n',
    'AGGT 0.04\nACGT -1.38\n',
    '>a\nACGU\n(..) ( -1.00)\n',
    'sequence\tscore\nA\t1\nC\t2\nG\t3\nT\t4\n',
    '{"rows": []}',
    '1 2 3\n4 5 6\n',
    '# order 0\na 0.3\nc 0.2\ng 0.2\nt 0.3\n',
  ])('recognises no motif in %j', (text) => {
    expect(motifFormat(text)).toBeUndefined();
  });
});

describe('parseProteinNames', () => {
  const HEADER = 'RBP_ID\tMotif_ID\tRBP_Name\tRBP_Status';

  it('names the proteins that were measured, or else those inferred', () => {
    const rows = ['T1\tM1\tVts1\tD', 'T2\tM1\tSamd4\tI', 'T3\tM1\tVTS1\tD', 'T4\tM2\tX\tI', 'T5\t.\tY\tN'];
    const names = parseProteinNames([HEADER, ...rows].join('\n'));
    expect([...names]).toEqual([
      ['M1', ['Vts1', 'VTS1']],
      ['M2', ['X']],
    ]);
  });

  it('refuses other tables', () => {
    expect(() => parseProteinNames('a\tb\n', 'i.txt')).toThrow('i.txt:1: expected the columns Motif_ID');
  });
});
