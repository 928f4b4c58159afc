/**
 * Readers of files of many experiments: wide tables, DeepBind's pair, HDF5 and data sets, and `inspect`,
 * which reads any file. A damaged data set that is accepted must mean the same as before.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { encodeDataSet, readDataSet, readExperiments } from '../../dist/data/index.node.js';
import { writeFiles } from '../../dist/files.node.js';
import { inspectFile } from '../../dist/gia/files/inspect.node.js';
import { inspectionFacts } from '../../dist/report/inspection.js';
import { bytesLike, texts } from './inputs.mjs';

const WIDE = [
  'set,seq,RNCMPT00001,RNCMPT00002\nA,ACGU,1.5,NaN\nB,GGTT,-2e-1,3\ntrain,ACGUN,,7\n',
  'Probe_ID,set,seq,HybID00025,HybID00025_flag\np1,SetA,ACGT,1.5,0\np2,SetB,GGTT,2,1\np3,SetB,CCTT,2,0\n',
  'id\tseq\tHuR\tVTS1\nx\tACGU\t1\tNA\ny\tGGTT\t2\t1e39\n',
  '0.04\tAGGT\n-1.38\tACGT\n',
];
const WORDS = [
  ...'NA|nan||null|1.5|-2e-1|1,5|inf|1e999|#N/A|"|""|0|1|true|\t|,|;|\r\n|\r|\uFEFF|#|sep=;|\0'.split('|'),
  ...'set|seq|RNCMPT00001|HybID00025|HybID00025_flag|SetA|valid|test|ACGU|GGTTN|intensity'.split('|'),
];

function holds(condition, what) {
  if (!condition) throw new Error(`accepted, although ${what}`);
}

/** What is true of every set that a reader gives. */
function checkSet({ experiments, letters, starts, sets, scores, validation, pools, lines, gaps }) {
  const records = sets.length;
  holds(records > 0 && experiments.length > 0, 'there is nothing in it');
  holds(new Set(experiments).size === experiments.length, 'two experiments have the same name');
  holds(scores.length === records * experiments.length, 'scores are missing');
  holds(
    starts.length === records + 1 && starts.at(-1) === letters.length,
    'sequences do not fill the letters',
  );
  holds(
    sets.every((_, i) => starts[i + 1] > starts[i]),
    'a sequence is empty',
  );
  holds(
    letters.every((code) => code <= 4),
    'a letter has no code',
  );
  holds(
    scores.every((score) => Number.isFinite(score) || Number.isNaN(score)),
    'a score is infinite',
  );
  holds(
    sets.every((set, i) => set <= 2 && experiments.some((_, e) => !Number.isNaN(scores[e * records + i]))),
    'a record has no score, or no set',
  );
  holds(lines.length === records && gaps.length === experiments.length, 'lines or gaps are missing');
  holds(!validation || validation.length === records, 'validation has another length');
  holds(!pools || pools.of.every((pool) => pool < pools.names.length), 'a pool has no name');
}

const meaning = ({ source, lines, ...set }) =>
  JSON.stringify(set, (_, part) =>
    ArrayBuffer.isView(part)
      ? Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('base64')
      : part,
  );

/** @param at the path of a file in a folder for trials */
export async function experimentReaders(at) {
  const h5 = at('valid.h5');
  await writeHdf5(h5);
  const hdf5 = new Uint8Array(readFileSync(h5));
  writeFileSync(at('valid.csv'), WIDE[0]);
  const set = await readExperiments([at('valid.csv')]);
  await writeFiles('/', [{ path: at('valid.parquet'), contents: encodeDataSet(set, { fuzz: '1' }) }]);
  const parquet = new Uint8Array(readFileSync(at('valid.parquet')));
  return [
    wideTables(at),
    pairs(at),
    hdf5Files(at, hdf5),
    await dataSets(at, parquet),
    inspect(at, [hdf5, parquet]),
  ];
}

const wideTables = (at) => ({
  name: 'wide tables',
  share: 4,
  inputs: fc.oneof(texts(WIDE, WORDS), bytesLike(WIDE.map((text) => gzipSync(text)))),
  read(input) {
    writeFileSync(at('wide'), input);
    return readExperiments([at('wide')]);
  },
  check: checkSet,
});

const pairs = (at) => ({
  name: 'sequences and targets',
  share: 2,
  inputs: fc.tuple(
    texts(['Fold ID\tseq\nA\tACGU\nB\tGGTT\n'], ['A', 'B', 'ACGU', '\t', '\n', 'seq', 'Fold ID', ...WORDS]),
    texts(['RNCMPT00001\tRNCMPT00002\n1\tNaN\n2\t3\n', '1 2\n3 4\n'], WORDS),
  ),
  read([sequences, targets]) {
    writeFileSync(at('sequences'), sequences);
    writeFileSync(at('targets'), targets);
    return readExperiments([at('sequences')], { scores: at('targets') });
  },
  check: checkSet,
});

const hdf5Files = (at, valid) => ({
  name: 'HDF5',
  share: 3,
  inputs: bytesLike([valid]),
  async read(bytes) {
    // The HDF5 library keeps a damaged file open, and would take a file of the same inode for it.
    rmSync(at('x.h5'), { force: true });
    writeFileSync(at('x.h5'), bytes);
    try {
      return await readExperiments([at('x.h5')]);
    } finally {
      // The HDF5 library must not be left unusable.
      await readExperiments([at('valid.h5')]).catch((cause) => {
        throw new Error('a valid file is refused afterwards', { cause });
      });
    }
  },
  check: checkSet,
});

async function dataSets(at, valid) {
  const original = meaning(await readDataSet(at('valid.parquet')));
  return {
    name: 'data sets',
    share: 3,
    inputs: bytesLike([valid]),
    read(bytes) {
      writeFileSync(at('x.parquet'), bytes);
      return readDataSet(at('x.parquet'));
    },
    check(found) {
      checkSet(found);
      if (meaning(found) !== original) throw new Error('accepted, although it means something else');
    },
  };
}

/** Any file: also files of other kinds whose first bytes are those of a known one. */
function inspect(at, binary) {
  const others = [
    ...WIDE,
    '>a\nACGU\n((()\n',
    'MEME version 4\n\nALPHABET= ACGU\n\nMOTIF one\nletter-probability matrix: alength= 4 w= 1\n0 0 0 1\n',
    'pattern,kd (nM)\nUGCAUG,1\nAGCAUG,10\nUGCACG,>20\nUGAAUG,30\n',
    'pattern\timportance\nUGCAUG\t1.5\n',
    'rank\tmotif\timportance\n1\tSAMD4A\t1.5\n',
    '{"layers":[{"kind":"convolution","filters":4,"taps":3,"dilation":1},{"kind":"head","outputs":1,"loss":"regression"}]}',
    '{"rows":[{"pattern":"A","importance":1}]}',
    '{"rows":[{"motif":"A","importance":1}]}',
    '{"command":"train","versions":{}}',
  ];
  const magic = ['PAR1', 'PK\x03\x04', '\x02\0\0\0\0\0\0\0{}', 'MEME version 4', '{"layers":[', '{"rows":['];
  return {
    name: 'inspect',
    share: 4,
    inputs: fc.oneof(texts(others, [...WORDS, ...magic, '>', '{', '}', '[']), bytesLike(binary)),
    async read(input) {
      rmSync(at('any'), { force: true });
      writeFileSync(at('any'), typeof input === 'string' ? Buffer.from(input, 'latin1') : input);
      return await inspectFile(at('any'));
    },
    check(found) {
      const { title, facts } = inspectionFacts(found);
      holds(
        title !== '' && facts.every(([name, text]) => name !== '' && typeof text === 'string'),
        'a fact is none',
      );
    },
  };
}

async function writeHdf5(path) {
  const { File, ready } = await import('h5wasm/node');
  await ready;
  const file = new File(path, 'w');
  for (const part of ['train', 'test']) {
    const x = Float32Array.from({ length: 2 * 4 * 6 }, (_, i) => (Math.floor(i / 6) % 4 === i % 4 ? 1 : 0));
    file.create_dataset({
      name: `X_${part}`,
      data: x,
      shape: [2, 4, 6],
      chunks: [1, 4, 6],
      compression: 'gzip',
    });
    file.create_dataset({ name: `Y_${part}`, data: Float32Array.of(1, Number.NaN, 3, 4), shape: [2, 2] });
  }
  file.create_dataset({ name: 'experiment', data: ['RNCMPT00001', 'RNCMPT00002'], dtype: 'S11' });
  file.close();
}
