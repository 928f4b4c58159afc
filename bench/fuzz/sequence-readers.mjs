/** Readers of sequences: their inputs, and what must be true of everything that they accept. */
import { pairsOf, parseSequences } from '../../dist/data/index.js';
import { intervalOf } from '../../dist/data/sequences/bed.js';
import { FastaPieces } from '../../dist/data/sequences/fasta-pieces.js';
import { Letters } from '../../dist/data/sequences/letter-reader.js';
import { holds, texts } from './inputs.mjs';

const LETTERS = /^[ACGUN]+$/;

const sequences = {
  name: 'sequences',
  share: 5,
  inputs: texts(
    [
      '>a one\nGGAGGCUGG\nCAGCUUUAGC\n.(((((...\n.))))).... ( -3.20)\n>b\nACGU*\n',
      '>a\nGGAGGCUGGCAGCUUUAGC\n.(((((....))))).... ( -3.20)\n.{((((....)))),.... [ -3.70]\n frequency of mfe structure in ensemble 0.443\n',
      '@r1\nGGAGGCUGGCAG\n+\nIIIIIIIIIIII\n@r2\nAC\n+r2\n>#\n',
      'ACGU\nNA\nGGAGG\n(...)\n',
      '; x\n>a\n        1 acguacguac gu\n       13 ac\n',
    ],
    [
      '>',
      '>a',
      '@',
      '+',
      ';',
      '#',
      'ACGU',
      'GGTTN',
      'RY',
      '*',
      '-',
      'NA',
      'null',
      '(((',
      ')))',
      '...',
      '[[',
      ']]',
      '<',
      '>>',
      '( -3.20)',
      '-1.5',
      '1',
      '12',
      '\r\n',
      '\uFEFF',
    ],
  ),
  read: (text) => parseSequences(text, 'x', { iupacAsN: text.length % 2 === 0 }),
  check({ names, sequences: found, structures, lines }) {
    holds(
      found.length > 0 && names.length === found.length && lines.length === found.length,
      'columns differ in length',
    );
    holds(
      found.every((each) => LETTERS.test(each)),
      'a sequence has other letters',
    );
    structures?.forEach((structure, i) => {
      if (structure !== undefined)
        holds(pairsOf(structure).length === found[i].length, 'a structure has another length');
    });
  },
};

const dotBrackets = {
  name: 'dot-brackets',
  share: 2,
  inputs: texts(['((..))', '.(((...[[[)))..]]].', '<<_~-,>>', 'AA(a)a'], [...'()[]{}<>.:,_-~AaBb|']),
  read: (text) => pairsOf(text, 'x'),
  check(partners) {
    partners.forEach((j, i) => {
      holds(j === -1 || (j !== i && partners[j] === i), 'a pair is not one');
    });
  },
};

/** Records joined from their pieces: where both readers accept a text, they read the same letters. */
const pieces = {
  name: 'sequences in pieces',
  share: 3,
  inputs: sequences.inputs,
  read(text) {
    const reader = new FastaPieces('x', new Letters());
    const found = [];
    let isOpen = false;
    const add = (piece) => {
      if (!piece) return;
      if (isOpen) found[found.length - 1] += piece.letters;
      else found.push(piece.letters);
      isOpen = !piece.isLast;
    };
    text
      .replace(/^\uFEFF/, '')
      .split(/\r\n|\n|\r/)
      .forEach((line, i) => {
        add(reader.line(line, i + 1));
      });
    add(reader.finish());
    return found;
  },
  check(found, text) {
    holds(found.length > 0, 'there is no sequence');
    holds(
      found.every((each) => LETTERS.test(each)),
      'a sequence has other letters',
    );
    let whole;
    try {
      whole = parseSequences(text, 'x').sequences;
    } catch {
      return; // A structure that is wrong; pieces pass structures over.
    }
    holds(JSON.stringify(found) === JSON.stringify(whole), 'the reader of whole sequences reads others');
  },
};

const bed = {
  name: 'BED',
  share: 2,
  inputs: texts(
    ['chr1\t5\t9\tpeak 1\t0\t-\nchr2 0 41\n', 'track name=x\n#c\nchr1\t0\t1\t.\t.\t.\n'],
    [
      'chr1',
      '\t',
      '\n',
      '0',
      '5',
      '-1',
      '1e3',
      '9'.repeat(13),
      '+',
      '-',
      '.',
      'track ',
      'browser ',
      '#',
      ' ',
    ],
  ),
  read: (text) => text.split('\n').flatMap((line, i) => intervalOf(line, i + 1, 'x') ?? []),
  check(intervals) {
    holds(
      intervals.every(
        ({ chrom, start, end, name, strand }) =>
          chrom !== '' && start >= 0 && end > start && name !== '' && '+-.'.includes(strand),
      ),
      'an interval is none',
    );
  },
};

export const SEQUENCE_READERS = [sequences, pieces, dotBrackets, bed];
