/** Readers of motif files: their inputs, and what must be true of everything that they accept. */
import { parseMeme } from '../../dist/gia/motif/formats/meme-parse.js';
import { parseMotifs } from '../../dist/gia/motif/formats/motif-file.js';
import { parseProteinNames } from '../../dist/gia/motif/formats/protein-names.js';
import { holds, texts } from './inputs.mjs';

const meme = {
  name: 'MEME files',
  share: 4,
  inputs: texts(
    [
      'MEME version 4\n\nALPHABET= ACGU\n\nstrands: +\n\nBackground letter frequencies\nA 0.25 C 0.25 G 0.25 U 0.25\n\nMOTIF M1 A\nletter-probability matrix: alength= 4 w= 2 nsites= 20 E= 0\n1 0 0 0\n0 0.5 0.5 0\nURL http://x.org\n\nMOTIF M2\nletter-probability matrix:\n60 0 0 0\n0 55 5 0\n',
      'MEME version 5.5.3 (Release date: Sun)\nALPHABET "RNA" RNA-LIKE\nA "Adenine" CC0000\nC\nG\nU\nT = U\nEND ALPHABET\nMOTIF 1-UG STREME-1\nlog-odds matrix: alength= 4 w= 1\n-1 2 3 4\nletter-probability matrix: alength= 4 w= 1 nsites= 1 P= 1e-12\n0.1 0.2 0.3 0.4 # end\n',
    ],
    [
      'MEME version 4',
      'ALPHABET= ACGU',
      'ALPHABET= ACGT',
      'ALPHABET "RNA" RNA-LIKE',
      'END ALPHABET',
      'A ~ T',
      'strands: +',
      'Background letter frequencies',
      'A 0.25 C 0.25 G 0.25 U 0.25',
      'MOTIF',
      'MOTIF a',
      'URL',
      'letter-probability matrix:',
      'alength= 4',
      'w= 1',
      'w= 1e9',
      'E=',
      'nsites=',
      '0.25 0.25 0.25 0.25',
      '1 0 0 0',
      '1e308',
      '-1',
      '#',
      '=',
      '*****',
    ],
  ),
  read: (text) => parseMeme(text, 'x'),
  check({ motifs, background }) {
    const isOne = (row) => row.every((p) => p >= 0) && Math.abs(row.reduce((sum, p) => sum + p) - 1) < 1e-9;
    holds(
      motifs.length > 0 && new Set(motifs.map(({ name }) => name)).size === motifs.length,
      'names repeat',
    );
    holds(
      motifs.every(({ pwm }) => pwm.length > 0 && pwm.every(isOne)),
      'a position does not sum to 1',
    );
    holds(isOne(background), 'the background does not sum to 1');
  },
};

const motifFiles = {
  name: 'motif files',
  share: 5,
  inputs: texts(
    [
      'Pos\tA\tC\tG\tU\n1\t1\t0\t0\t0\n2\t0\t0.75\t0.25\t0\n',
      'RBP\tT1\nRBP Name\tVts1\nMotif\tM1\nPos\tA\tC\tG\tU\n1\t1\t0\t0\t0\nMotif\tM2\nPos\tA\tC\tG\tU\n',
      '>AC\tVts1/Yeast\t4.5\t-228\t0\tT:17.0(1%)\n1\t0\t0\t0\n0\t0.75\t0.25\t0\n',
      '>MA1.1 X\nA [ 8 0 ]\nC [ 0 6 ]\nG [ 0 2 ]\nT [ 0 0 ]\n>MA2.1\n8 0\n0 6\n0 2\n0 0\n',
      'Gene: Alx3\tMotif: AC\nEnergy matrix\nA:\t-1\nProbability matrix\nA:\t1\t0\nC:\t0\t1\nG:\t0\t0\nT:\t0\t0\n',
      'AC  M1\nXX\nNA  MyoD\nP0 A C G T\n01 8 0 0 0 A\n02 0 6 2 0 S\nXX\n//\nAC M2\nP0 T G C A\n01 8 0 0 0\n//\n',
      '>x\nPO A C G T\n01 8 0 0 0 A\n',
    ],
    [
      'Pos\tA\tC\tG\tU',
      'Motif\tM1',
      '>',
      '>a',
      '>AC\tb\t1',
      'A:',
      'A [',
      ']',
      'C |',
      'G',
      'T',
      'P0 A C G T',
      'XX',
      '//',
      'AC',
      'ID',
      'Energy matrix',
      'Gene: a',
      '01',
      '0.25 0.25 0.25 0.25',
      '1 0 0 0',
      '8',
      '1e308',
      '1e999',
      '-1',
      '0,5',
      '#',
      '\t',
      '\r\n',
    ],
  ),
  read: (text) => parseMotifs(text, 'x'),
  check: ({ motifs }) => meme.check({ motifs, background: [0.25, 0.25, 0.25, 0.25] }),
};

const proteinNames = {
  name: 'proteins of motifs',
  share: 1,
  inputs: texts(
    ['RBP_ID\tMotif_ID\tRBP_Name\tRBP_Status\nT1\tM1\tVts1\tD\nT2\tM1\tX\tI\n', 'Motif_ID\tTF_Name\nM1\tX\n'],
    ['Motif_ID', 'RBP_Name', 'RBP_Status', 'TF_Name', 'M1', 'D', 'I', '.', '\t', '\n', '__proto__'],
  ),
  read: (text) => parseProteinNames(text, 'x'),
  check: (names) =>
    holds(
      [...names].every(([motif, proteins]) => motif !== '' && proteins.length > 0),
      'a motif has no name',
    ),
};

export const MOTIF_READERS = [meme, motifFiles, proteinNames];
