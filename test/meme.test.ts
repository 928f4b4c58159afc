/** MEME files: written and read back, read as databases write them, and refused with file and line. */

import { describe, expect, it } from 'vitest';
import { type PositionWeightMatrix, pwmFromConsensus } from '../src/data/pwm.js';
import { ArgumentError, FormatError } from '../src/device/errors.js';
import { formatMeme, parseMeme } from '../src/gia/motif/index.js';

const HEADER = 'MEME version 4\n\nALPHABET= ACGU\n\n';
const MATRIX = 'letter-probability matrix: alength= 4 w= 2 nsites= 20 E= 0\n0.5 0.5 0 0\n0 0 0.25 0.75\n';

describe('formatMeme and parseMeme', () => {
  it('go round', () => {
    const third = 1 / 3;
    const odd: PositionWeightMatrix = [
      [third, third, third, 0],
      [0.1234567, 0.2345678, 0.3456789, 1 - 0.1234567 - 0.2345678 - 0.3456789],
      [1, 0, 0, 0],
    ];
    const motifs = [
      { name: 'GCUGGC', pwm: odd, sites: 10, eValue: 1e-5, url: 'https://example.org/m?x=1' },
      { name: 'M1', alternateName: 'RBFOX1', pwm: pwmFromConsensus('UGCAUG') },
    ];
    const text = formatMeme(motifs, [0.3, 0.2, 0.2, 0.3]);
    const file = parseMeme(text, 'a.meme');
    expect(file.background).toEqual([0.3, 0.2, 0.2, 0.3]);
    expect(file.source).toBe('a.meme');
    expect(
      file.motifs.map(({ name, alternateName, sites, eValue, url }) => [
        name,
        alternateName,
        sites,
        eValue,
        url,
      ]),
    ).toEqual([
      ['GCUGGC', undefined, 10, 1e-5, 'https://example.org/m?x=1'],
      ['M1', 'RBFOX1', 20, 0, undefined],
    ]);
    file.motifs.forEach(({ pwm }, m) => {
      expect(pwm).toHaveLength(motifs[m]!.pwm.length);
      pwm.forEach((column, i) => {
        column.forEach((p, base) => {
          expect(Math.abs(p - motifs[m]!.pwm[i]![base]!)).toBeLessThan(1e-6);
        });
      });
    });
    // What is printed sums to 1 exactly, in millionths.
    const printed = text.split('\n').filter((line) => /^[01]\.\d{6} /.test(line));
    expect(printed).toHaveLength(9);
    for (const row of printed) {
      expect(row.split(' ').reduce((sum, p) => sum + Math.round(Number(p) * 1e6), 0)).toBe(1e6);
    }
    expect(formatMeme(file.motifs, file.background)).toBe(text);
  });

  it('refuses names that the format cannot hold, and bad matrices', () => {
    const pwm = pwmFromConsensus('AC');
    for (const name of ['', 'two words', 'line\nbreak']) {
      expect(() => formatMeme([{ name, pwm }])).toThrow(FormatError);
    }
    expect(() => formatMeme([{ name: 'a', alternateName: 'x\ny', pwm }])).toThrow(FormatError);
    expect(() => formatMeme([])).toThrow(FormatError);
    expect(() =>
      formatMeme([
        { name: 'a', pwm },
        { name: 'a', pwm },
      ]),
    ).toThrow('two motifs are called "a"');
    expect(() => formatMeme([{ name: 'a', pwm: [[0.5, 0.5, 0.5, 0]] }])).toThrow(ArgumentError);
  });
});

describe('parseMeme', () => {
  it('reads what databases write', () => {
    const text = [
      'MEME version 4.12.0',
      'ALPHABET= ACGT',
      'strands: + -',
      'Background letter frequencies (from uniform background):',
      'A 0.25 C 0.25',
      'G 0.25 T 0.25',
      'MOTIF M1 name with words',
      'log-odds matrix: alength= 4 w= 1 n= 9 bayes= 1 E= 0',
      ' -100 20 30 -5',
      'letter-probability matrix: alength=4 w=1',
      ' 0.495 0.495  0\t0.00 ',
      'URL http://example.org',
      'MOTIF M2',
      'letter-probability matrix:',
      '1 0 0 0',
      '0 1e0 0 0',
    ].join('\r\n');
    const { motifs, background } = parseMeme(text);
    expect(background).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect(motifs).toEqual([
      {
        name: 'M1',
        alternateName: 'name with words',
        pwm: [[0.5, 0.5, 0, 0]],
        sites: undefined,
        eValue: undefined,
        url: 'http://example.org',
      },
      {
        name: 'M2',
        alternateName: undefined,
        pwm: [
          [1, 0, 0, 0],
          [0, 1, 0, 0],
        ],
        sites: undefined,
        eValue: undefined,
        url: undefined,
      },
    ]);
  });

  it.each([
    { why: 'an empty file', text: '', message: 'm.meme, at its end: expected "MEME version 4"' },
    { why: 'another format', text: '>a\nACGU', message: 'm.meme:1: expected "MEME version 4", not ">a"' },
    { why: 'an old version', text: 'MEME version 2\n', message: 'm.meme:1: expected "MEME version 4"' },
    {
      why: 'protein',
      text: 'MEME version 4\nALPHABET= ACDEF\n',
      message: 'm.meme:2: expected "ALPHABET= ACGU"',
    },
    { why: 'no motif', text: HEADER, message: 'm.meme: no motif' },
    { why: 'no name', text: `${HEADER}MOTIF\n${MATRIX}`, message: 'm.meme:5: expected a name' },
    { why: 'no matrix', text: `${HEADER}MOTIF a\n`, message: 'm.meme: no motif; expected MOTIF' },
    {
      why: 'a missing row',
      text: `${HEADER}MOTIF a\n${MATRIX.replace('w= 2', 'w= 3')}`,
      message: 'm.meme, at its end: expected row 3 of 3',
    },
    {
      why: 'a row too many',
      text: `${HEADER}MOTIF a\n${MATRIX}1 0 0 0\n`,
      message: 'm.meme:9: expected 2 rows in the matrix and then MOTIF, not "1 0 0 0"',
    },
    {
      why: 'a narrow row',
      text: `${HEADER}MOTIF a\n${MATRIX.replace('0.5 0.5 0 0', '0.5 0.5 0')}`,
      message: 'm.meme:7: expected four probabilities, not "0.5 0.5 0"',
    },
    {
      why: 'a sum above 1',
      text: `${HEADER}MOTIF a\n${MATRIX.replace('0.5 0.5 0 0', '0.5 0.5 0.5 0')}`,
      message: 'm.meme:7: probabilities sum to 1.5, not to 1',
    },
    {
      why: 'a negative probability',
      text: `${HEADER}MOTIF a\n${MATRIX.replace('0.5 0.5 0 0', '0.5 0.6 -0.1 0')}`,
      message: 'm.meme:7: "-0.1" is not a probability',
    },
    {
      why: 'a word for a probability',
      text: `${HEADER}MOTIF a\n${MATRIX.replace('0.5 0.5 0 0', '0.5 0.5 NaN 0')}`,
      message: 'm.meme:7: "NaN" is not a probability',
    },
    {
      why: 'another alphabet length',
      text: `${HEADER}MOTIF a\n${MATRIX.replace('alength= 4', 'alength= 20')}`,
      message: 'm.meme:6: alength= 20',
    },
    {
      why: 'a width that is none',
      text: `${HEADER}MOTIF a\n${MATRIX.replace('w= 2', 'w= 0')}`,
      message: 'm.meme:6: w= 0 is not',
    },
    {
      why: 'a matrix without MOTIF',
      text: `${HEADER}${MATRIX}`,
      message: 'm.meme:5: expected MOTIF and its name before a matrix',
    },
    {
      why: 'a second matrix',
      text: `${HEADER}MOTIF a\n${MATRIX}${MATRIX}`,
      message: 'm.meme:9: expected MOTIF and its name before a matrix',
    },
    {
      why: 'protein as a block',
      text: `MEME version 5\nALPHABET "Protein" PROTEIN-LIKE\nEND ALPHABET\nMOTIF a\n${MATRIX}`,
      message: 'm.meme:2: expected "ALPHABET= ACGU"',
    },
    {
      why: 'an alphabet of methylated letters',
      text: `MEME version 5\nALPHABET "5mC" DNA-LIKE\nA\nC\nG\nT\nm\nEND ALPHABET\nMOTIF a\n${MATRIX}`,
      message: 'm.meme:2: "ALPHABET \\"5mC\\" DNA-LIKE" has the letters "ACGMT"',
    },
    {
      why: 'an alphabet without end',
      text: 'MEME version 5\nALPHABET "RNA" RNA-LIKE\nA\n',
      message: 'm.meme:2: "ALPHABET \\"RNA\\" RNA-LIKE" is never closed by END ALPHABET',
    },
    {
      why: 'protein without alphabet',
      text: `MEME version 4\nMOTIF a\n${MATRIX.replace('alength= 4', 'alength= 20')}`,
      message: 'm.meme:3: alength= 20',
    },
    {
      why: 'a decimal comma',
      text: `${HEADER}MOTIF a\n${MATRIX.replace('0.5 0.5 0 0', '0,5 0,5 0 0')}`,
      message: 'm.meme:7: expected row 1 of 2 of the matrix, not "0,5 0,5 0 0"; it has a decimal comma',
    },
    {
      why: 'counts that differ between positions and are not whole',
      text: `${HEADER}MOTIF a\n${MATRIX.replace('0.5 0.5 0 0', '9.5 0.5 0 0').replace('0 0 0.25 0.75', '7 7 0 0')}`,
      message: 'm.meme:7: probabilities sum to 10, not to 1',
    },
    {
      why: 'a key without value',
      text: `${HEADER}MOTIF a\n${MATRIX.replace('E= 0', 'E=')}`,
      message: 'm.meme:6: expected "alength= 4',
    },
    {
      why: 'background in another order',
      text: `${HEADER}Background letter frequencies\nC 0.25 A 0.25 G 0.25 U 0.25\nMOTIF a\n${MATRIX}`,
      message: 'm.meme:6: expected the frequency of A next',
    },
    {
      why: 'background cut short',
      text: `${HEADER}Background letter frequencies\nA 0.25 C 0.25\nMOTIF a\n${MATRIX}`,
      message: 'm.meme:7: expected ',
    },
    {
      why: 'background that does not sum to 1',
      text: `${HEADER}Background letter frequencies\nA 0.25 C 0.25 G 0.25 U 0.5\nMOTIF a\n${MATRIX}`,
      message: 'm.meme:5: probabilities sum to 1.25',
    },
  ])('refuses $why', ({ text, message }) => {
    let error: unknown;
    try {
      parseMeme(text, 'm.meme');
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toContain(message);
  });

  it('is not fooled by a huge width', () => {
    const text = `${HEADER}MOTIF a\n${MATRIX.replace('w= 2', 'w= 999999999')}`;
    expect(() => parseMeme(text)).toThrow('row 3 of 999999999');
  });
});

it('writes what other readers need: a blank line after every matrix, and whole numbers of sites', () => {
  const pwm = pwmFromConsensus('GCAU');
  for (const alphabet of ['rna', 'dna'] as const) {
    const text = formatMeme(
      [
        { name: 'a', pwm, sites: 999.9 },
        { name: 'b', alternateName: 'B', pwm, sites: 0.2, url: 'http://x.org' },
        { name: 'c', pwm },
      ],
      undefined,
      alphabet,
    );
    const lines = text.split('\n');
    // Biopython splits the background at single blanks and reads it up to a blank line.
    expect(lines[lines.indexOf('Background letter frequencies') + 1]).toMatch(
      /^A 0\.25 C 0\.25 G 0\.25 [UT] 0\.25$/,
    );
    expect(lines[lines.indexOf('Background letter frequencies') + 2]).toBe('');
    const matrices = lines.flatMap((line, i) => (line.startsWith('letter-probability matrix:') ? [i] : []));
    expect(matrices.map((i) => /nsites= (\S+)/.exec(lines[i]!)![1])).toEqual(['1000', '1', '20']);
    for (const i of matrices) {
      expect(lines.slice(i + 1, i + 5).every((row) => row.split(' ').length === 4)).toBe(true);
      expect(lines[i + 5]).toBe('');
    }
  }
});

it('ends its files with a blank line, without which some readers drop the last motif', () => {
  const text = formatMeme([{ name: 'a', pwm: pwmFromConsensus('AC') }]);
  expect(text).toMatch(/0\.700000 0\.100000 0\.100000\n\n$/);
});
