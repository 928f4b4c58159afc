/** Readers of text: their inputs, how each is called, and what must be true of everything that it accepts. */
import { parseProbes } from '../../dist/data/index.js';
import { parseAffinities } from '../../dist/gia/experiments/affinity.js';
import { expandPattern, parsePatternList } from '../../dist/gia/patterns/pattern-sets.js';
import { parseTableJson, parseTsv } from '../../dist/gia/tables/table-reader.js';
import { surveyedModels } from '../../dist/report/stored-report.js';
import { holds, jsonLike, texts } from './inputs.mjs';

const LENGTH = 41;
/** Limit of patterns in one input. (The reader accepts a million, but needs seconds for them.) */
const MOST = 20_000;
const LETTERS = /^[ACGUN]+$/;

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
      'pattern\tkd\nUGCAUG\t4.5\nAGCAUG\t>2000\nUGCACG\t20\nUGAAUG\t30\nUGAAUC\t300\n',
      'UGCAUG,1\nUGCACG,12.5\nUGCACG,13\nUGAAUG,30\nUGAAUC,300\n',
      'motif;kd_nM;sd\nUGCAUG;1.5;0.1\nUGCNUG;n.d.;\nAGCAUG;2;\nUGCACG;20 ± 3;0\nUGAAUC;300;\n',
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
  patterns,
  patternFiles,
  tables,
  jsonTables,
  reports,
];
