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

describe('MEME files as programs and databases write them', () => {
  const MOTIFS = [
    'MOTIF 1-UGCAUG STREME-1',
    'letter-probability matrix: alength= 4 w= 2 nsites= 120 P= 1.1e-012',
    ' 0.5 0 0.5 0',
    ' 0 1 0 0',
    '',
  ];
  const PWM = [
    [0.5, 0, 0.5, 0],
    [0, 1, 0, 0],
  ];
  const RNA = [
    'ALPHABET "RNA" RNA-LIKE',
    'A "Adenine" CC0000',
    'C "Cytosine" 0000CC',
    'G "Guanine" FFB300',
    'U "Uracil" 008000',
    'N "Any base" = ACGU',
    '. = ACGU',
    'T = U',
    'END ALPHABET',
  ];
  const DNA = [
    'ALPHABET "DNA" DNA-LIKE',
    'A "Adenine" CC0000 ~ T "Thymine" 008000',
    'C "Cytosine" 0000CC ~ G "Guanine" FFB300',
    'N "Any base" = ACGT',
    'END ALPHABET',
  ];

  it.each([
    ['STREME', ['# COMMAND: streme --rna', 'MEME version 5.5.3 (Release date: Sun May 14)', '', ...RNA]],
    ['DREME', ['# DREME 4.10.1', '', 'MEME version 4.10.1', '', ...DNA, '', 'strands: + -']],
    ['version 3', ['MEME version 3.0', 'ALPHABET= ACGT']],
    ['blanks around =', ['MEME version 4', 'ALPHABET = ACGT']],
    ['a comment behind the alphabet', ['MEME version 5', 'ALPHABET=ACGU # RNA']],
    [
      'strands after the background',
      [
        'MEME version 4',
        'ALPHABET= ACGU',
        'Background letter frequencies',
        'A .25 C .25 G .25 U .25',
        'strands: +',
      ],
    ],
  ])('reads %s', (_, header) => {
    const file = parseMeme([...header, ...MOTIFS].join('\n'), 'm.meme');
    expect(file.motifs).toEqual([
      {
        name: '1-UGCAUG',
        alternateName: 'STREME-1',
        pwm: PWM,
        sites: 120,
        eValue: undefined,
        url: undefined,
      },
    ]);
    expect(file.notes).toEqual([]);
  });

  it('reads the text output of MEME and counts the lines of its other sections', () => {
    const stars = '*'.repeat(80);
    const dashes = '-'.repeat(80);
    const text = [
      stars,
      'MEME - Motif discovery tool',
      stars,
      'MEME version 5.5.3 (Release date: Sun May 14 13:26:38 2023 -0700)',
      'PRIMARY SEQUENCES= x.fa',
      'ALPHABET= ACGU',
      'Sequence name            Weight Length',
      'a                        1.0000     41',
      'Background letter frequencies (from file x.fa):',
      'A 0.3 C 0.2 G 0.2 U 0.3 ',
      'MOTIF UGCAUG MEME-1\twidth =   2  sites =  20  llr = 98  E-value = 1.1e-012',
      dashes,
      '\tMotif UGCAUG MEME-1 Description',
      'Simplified        A  ::a',
      'BL   MOTIF UGCAUG width=2 seqs=20',
      'log-odds matrix: alength= 4 w= 2 n= 1000 bayes= 7.1 E= 1.1e-012 ',
      '  -100   20   30   -5 ',
      '    10   20   30   -5 ',
      dashes,
      '\tMotif UGCAUG MEME-1 position-specific probability matrix',
      'letter-probability matrix: alength= 4 w= 2 nsites= 20 E= 1.1e-012 ',
      ' 0.5  0 0.5 0 ',
      ' 0    1 0   0 ',
      dashes,
      'Time  0.10 secs.',
    ];
    const { motifs, background, notes } = parseMeme(text.join('\n'), 'm.txt');
    expect(motifs).toEqual([
      { name: 'UGCAUG', alternateName: 'MEME-1', pwm: PWM, sites: 20, eValue: 1.1e-12, url: undefined },
    ]);
    expect(background).toEqual([0.3, 0.2, 0.2, 0.3]);
    expect(notes).toEqual(['m.txt: 8 other lines were passed over']);
  });

  it('reads files put one behind the other, and keeps the first of a name and those with a matrix', () => {
    const file = parseMeme(
      [
        `${HEADER}MOTIF a\n${MATRIX}`,
        `${HEADER}MOTIF b\n\nMOTIF a other\n${MATRIX.replace('0.5 0.5 0 0', '1 0 0 0')}`,
        `${HEADER}MOTIF c\n${MATRIX}URL\nMOTIF b\n${MATRIX}URL http://x.org/a b`,
      ].join('\n'),
      'm.meme',
    );
    expect(file.motifs.map(({ name, pwm, url }) => [name, pwm[0], url])).toEqual([
      ['a', [0.5, 0.5, 0, 0], undefined],
      ['c', [0.5, 0.5, 0, 0], undefined],
      ['b', [0.5, 0.5, 0, 0], 'http://x.org/a%20b'],
    ]);
    expect(file.notes).toEqual([
      'm.meme: motifs that have no letter-probability matrix and were passed over: "b" (line 14)',
      'm.meme: motifs that have a name that came before and were passed over: "a" (line 16)',
    ]);
  });

  it('assumes A, C, G, U where there is no alphabet, and says so', () => {
    const file = parseMeme(`MEME version 4\nMOTIF a\n${MATRIX}`, 'm.meme');
    expect(file.motifs[0]!.pwm[1]).toEqual([0, 0, 0.25, 0.75]);
    expect(file.notes).toEqual(['m.meme: no ALPHABET line; its columns are taken as A, C, G, U']);
  });

  it.each([
    [
      'whole counts',
      '60 0 0 0\n0 55 5 0',
      [
        [1, 0, 0, 0],
        [0, 55 / 60, 5 / 60, 0],
      ],
      'hold counts',
    ],
    [
      'counts with gaps',
      '60 0 0 0\n0 30 10 0',
      [
        [1, 0, 0, 0],
        [0, 0.75, 0.25, 0],
      ],
      'hold counts',
    ],
    [
      'weighted counts',
      '7.5 2.5 0 0\n0 0 10 0',
      [
        [0.75, 0.25, 0, 0],
        [0, 0, 1, 0],
      ],
      'hold counts',
    ],
    [
      'percent',
      '75 25 0 0\n0 0 0 100',
      [
        [0.75, 0.25, 0, 0],
        [0, 0, 0, 1],
      ],
      'hold counts',
    ],
    [
      'a sum of 0.98',
      '0.49 0.49 0 0\n0 1 0 0',
      [
        [0.5, 0.5, 0, 0],
        [0, 1, 0, 0],
      ],
      'sum to 0.95 to 1.05',
    ],
  ])('normalises %s, and says so', (_, rows, pwm, said) => {
    const file = parseMeme(`${HEADER}MOTIF a\n${MATRIX.slice(0, MATRIX.indexOf('\n'))}\n${rows}`, 'm.meme');
    expect(file.motifs[0]!.pwm).toEqual(pwm);
    expect(file.notes).toHaveLength(1);
    expect(file.notes[0]).toContain(said);
    expect(file.notes[0]).toContain('"a" (line 5)');
  });

  it('passes over comments behind rows and keys that it does not need', () => {
    const text = `${HEADER}MOTIF a\nletter-probability matrix: w= 2 p= 0.1 E= nan # key\n  # rows\n1 0 0 0 # A\n0 1 0 0\t# C`;
    expect(parseMeme(text, 'm.meme')).toMatchObject({
      motifs: [
        {
          pwm: [
            [1, 0, 0, 0],
            [0, 1, 0, 0],
          ],
        },
      ],
      notes: ['m.meme: keys of matrices that mean nothing here were passed over: "p"'],
    });
  });

  // A quadratic expression takes minutes for all of these, and the test runs out of time.
  it.each([
    ['digits', '1'.repeat(50_000)],
    ['digits and a letter', `${'9'.repeat(50_000)}x 0 0 0`],
    ['blanks', `1 0 0${' '.repeat(50_000)}x`],
  ])('refuses a row of 50,000 %s at once', (_, row) => {
    expect(() => parseMeme(`${HEADER}MOTIF a\n${MATRIX.replace('0.5 0.5 0 0', row)}`)).toThrow(FormatError);
    const alphabet = `MEME version 4\nALPHABET= ACGU${' '.repeat(50_000)}x\nMOTIF a`;
    expect(() => parseMeme(alphabet)).toThrow(FormatError);
  });
});

it('ends its files with a blank line, without which some readers drop the last motif', () => {
  const text = formatMeme([{ name: 'a', pwm: pwmFromConsensus('AC') }]);
  expect(text).toMatch(/0\.700000 0\.100000 0\.100000\n\n$/);
});
