/** Readers of text: their inputs, how each is called, and what must be true of everything that it accepts. */
import { pairsOf, parseProbes, parseSequences } from '../../dist/data/index.js';
import { parseAffinities } from '../../dist/gia/experiments/affinity.js';
import { parseMeme } from '../../dist/gia/motif/formats/meme-parse.js';
import { parseMotifs } from '../../dist/gia/motif/formats/motif-file.js';
import { parseProteinNames } from '../../dist/gia/motif/formats/protein-names.js';
import { expandPattern, parsePatternList } from '../../dist/gia/patterns/pattern-sets.js';
import { parseTableJson, parseTsv } from '../../dist/gia/tables/table-reader.js';
import { surveyedModels } from '../../dist/report/stored-report.js';
import { jsonLike, texts } from './inputs.mjs';

const LENGTH = 41;
/** Limit of patterns in one input. (The reader accepts a million, but needs seconds for them.) */
const MOST = 20_000;
const LETTERS = /^[ACGUN]+$/;

function holds(condition, what) {
  if (!condition) throw new Error(`accepted, although ${what}`);
}

const VALUES = 'NA|nan||null|1.5|-2e-1|1,5|>2000|<1|inf|1e999|#N/A|"|""|0|.5'.split('|');

const probeTables = {
  name: 'probe tables',
  share: 4,
  inputs: texts(
    [
      'set\tpool\tsequence\tintensity\nA\tlinear\tACGU\t1.5\nB\tstructured\tGGTT\t-2e-1\nA\tx\tUGCAUG\tNaN\n',
      'sequence,score\nACGU,1\nGGTT,2\n',
      '0.04\tAGGT\n-1.38\tACGT\n',
      'AGGT 0.04\nACGT -1.38\n',
      'Probe_Set;RNA_Seq;RNCMPT00001\nSetA;ACGU;1.5\nSetB;"GG""UU";2\n',
    ],
    [
      ...VALUES,
      'sequence',
      'score',
      'intensity',
      'set',
      'A',
      'B',
      'SetA',
      'ACGU',
      'GGTTN',
      '#',
      ';',
      ',',
      '\t',
      'sep=;',
      '\r\n',
      '\uFEFF',
    ],
  ),
  read: (text) => parseProbes(text, 'x'),
  check({ sequences, scores, sets }) {
    holds(sequences.length > 0 && scores.length === sequences.length, 'columns differ in length');
    holds(
      sequences.every((each) => LETTERS.test(each)),
      'a sequence has other letters',
    );
    holds(scores.every(Number.isFinite), 'a score is not finite');
    holds(
      sets.every((set) => ['A', 'B', ''].includes(set)),
      'a set is neither A nor B',
    );
  },
};

/** Two tasks: one of a row's scores may be missing, but not both. */
const taskTables = {
  name: 'probe tables of two tasks',
  share: 2,
  inputs: texts(
    ['sequence\ta\tb\nACGU\t1\tNA\nGGTT\t-2e-1\t4\n', 'a,sequence,b\n1,ACGU,inf\n,GGTT,2\n'],
    [...VALUES, 'sequence', 'a', 'b', 'ACGU', '\t', ',', '\n'],
  ),
  read: (text) => parseProbes(text, 'x', { columns: { score: 'a,b' } }),
  check({ sequences, scores, tasks }) {
    if (!tasks) return;
    holds(tasks.length === 2 && scores.length === 2 * sequences.length, 'columns differ in length');
    holds(
      sequences.every((_, i) => Number.isFinite(scores[2 * i]) || Number.isFinite(scores[2 * i + 1])),
      'a record has no score',
    );
    holds(
      scores.every((score) => Number.isFinite(score) || Number.isNaN(score)),
      'a score is infinite',
    );
  },
};

const affinities = {
  name: 'K_D tables',
  share: 3,
  inputs: texts(
    [
      'pattern\tkd\nUGCAUG\t4.5\nAGCAUG\t>2000\n',
      'UGCAUG,1\nUGCACG,12.5\n',
      'motif;kd_nM;sd\nUGCAUG;1,5;0.1\nUGCNUG;n.d.;\n',
    ],
    [...VALUES, 'pattern', 'kd', 'kd_nM', 'UGCAUG', 'AGCAUG', 'UGCNUG', 'n.d.', ';', ',', '#', '\t'],
  ),
  read: (text) => parseAffinities(text, 'x'),
  check(found) {
    const measured = Array.isArray(found) ? found : found.measured;
    holds(measured.length > 0, 'there is none');
    for (const { letters, kd } of measured)
      holds(/^[ACGUTN]+$/i.test(letters) && kd > 0 && Number.isFinite(kd), `${letters} has K_D ${kd}`);
  },
};

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
  name: 'names of proteins',
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

const PATTERN_WORDS = [
  'UGCAUG',
  'N',
  'R',
  'HH',
  'HHHHHHHHHHHH',
  'A',
  '@',
  '@*',
  '@17',
  '@3..20',
  '..',
  '+',
  '#',
  '40',
  '41',
  '99999999',
  '1e3',
  '-1',
  '*',
];

const isWithin = ({ sites }) =>
  sites.length > 0 &&
  sites.every(({ letters, position }) => position >= 0 && position + letters.length <= LENGTH);

const patterns = {
  name: 'patterns',
  share: 2,
  inputs: texts(['UGCAUG@17', 'UGCRUG@3..20', 'UGCAUG@*+GCAUG@20', 'HHH@*'], PATTERN_WORDS),
  read: (text) => expandPattern(text, LENGTH, { most: MOST }),
  check: (found) =>
    holds(found.length > 0 && found.every(isWithin), 'a site does not lie within the sequence'),
};

const patternFiles = {
  name: 'pattern files',
  share: 2,
  inputs: texts(
    ['UGCAUG@17\n# two\nUGCRUG@3..20\n', 'AAAA@1\nHHHHHHHHHHH@3\n'],
    [...PATTERN_WORDS, '\n', '# x\n'],
  ),
  read: (text) => parsePatternList(text, LENGTH, 'x', { most: MOST }),
  check: patterns.check,
};

const hasNumbers = ({ rows }) =>
  holds(
    rows.length > 0 && rows.every(({ pattern, importance }) => pattern !== '' && Number.isFinite(importance)),
    'a row has no importance',
  );

const tables = {
  name: 'stored tables, .tsv',
  share: 3,
  inputs: texts(
    [
      'model\tpattern\timportance\tsd\tt\tp\n#run1\tUGCAUG\t1.5\t0.1\tInfinity\t1e-9\n#run1\tAAAAAA\t-1\t0\t-2\t0.5\n',
      '# x\npattern\timportance\nA\t1\n',
    ],
    [
      'pattern',
      'importance',
      'model',
      't',
      'p',
      'q',
      'n',
      'rank',
      '\t',
      '#run1',
      'UGCAUG',
      '1.5',
      '-Infinity',
      'NaN',
      '< 1e-300',
      '__proto__',
      'constructor',
      '#',
    ],
  ),
  read: (text) => parseTsv(text, 'x'),
  check: hasNumbers,
};

const TABLE = {
  manifest: { seed: 1 },
  rows: [
    { model: 'a', pattern: 'UGCAUG', importance: 1.5, t: null, p: 1e-9, n: 100, rank: 1 },
    { model: 'a', pattern: 'AAAAAA', importance: -1, t: 2, p: 0.5, n: 100, rank: 2 },
  ],
};

const jsonTables = {
  name: 'stored tables, .json',
  share: 2,
  inputs: texts(
    [JSON.stringify(TABLE)],
    ['{', '}', '[', ']', '"rows"', ':', ',', 'null', '1e999', '"pattern"', '"', '\\u0000'],
  ),
  values: jsonLike([TABLE]),
  read: (input) => parseTableJson(typeof input === 'string' ? input : JSON.stringify(input), 'x'),
  check: hasNumbers,
};

const MANIFEST = {
  command: 'report',
  models: [{ path: 'm', sha256: 'ab' }],
  motif: 'UGCAUG',
  importance: 1,
  options: { name: 'a' },
  agreement: { pearson: 0.5, spearman: null },
};
const FIGURE = {
  design: {},
  facts: [{ slope: 1, r2: 0.5, effect5: 1, effect3: 2, difference: 3 }],
  comparisons: [{ labels: { comparison: 'paired-minus-unpaired-loop-minus-stem' }, difference: 1 }],
};

const reports = {
  name: 'manifests and stored reports',
  share: 2,
  inputs: texts(
    [JSON.stringify(MANIFEST), JSON.stringify(FIGURE)],
    ['{', '}', '[', ']', '"models"', ':', ',', 'null', '"'],
  ),
  values: jsonLike([MANIFEST, FIGURE]),
  read(input) {
    const text = typeof input === 'string' ? input : JSON.stringify(input);
    const isFigure = text.includes('facts');
    const manifest = isFigure ? JSON.stringify(MANIFEST) : text;
    const figure = isFigure ? text : JSON.stringify(FIGURE);
    return surveyedModels('x', async (path) => (path === 'manifest.json' ? manifest : figure));
  },
  check(models) {
    holds(
      models.every(({ name, motif, sha256 }) =>
        [name, motif, sha256].every((text) => typeof text === 'string'),
      ),
      'a name is none',
    );
  },
};

export const TEXT_READERS = [
  probeTables,
  taskTables,
  affinities,
  sequences,
  dotBrackets,
  meme,
  motifFiles,
  proteinNames,
  patterns,
  patternFiles,
  tables,
  jsonTables,
  reports,
];
