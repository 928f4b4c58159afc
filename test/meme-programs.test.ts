/** MEME files as programs and databases write them. */

import { describe, expect, it } from 'vitest';
import { FormatError } from '../src/device/errors.js';
import { parseMeme } from '../src/gia/motif/index.js';

const HEADER = 'MEME version 4\n\nALPHABET= ACGU\n\n';
const MATRIX = 'letter-probability matrix: alength= 4 w= 2 nsites= 20 E= 0\n0.5 0.5 0 0\n0 0 0.25 0.75\n';

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
    expect(notes).toEqual(['m.txt: 8 other lines were ignored']);
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
      'm.meme: motifs that have no letter-probability matrix and were ignored: "b" (line 14)',
      'm.meme: motifs that repeat an earlier name and were ignored: "a" (line 16)',
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
      notes: ['m.meme: unknown keys of matrices were ignored: "p"'],
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
