/** Files of many experiments: every format gives the same set, and what does not follow one is refused. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inputOf } from '../src/data/experiments/experiment-set.js';
import {
  checkSet,
  codesIn,
  describeDataSet,
  type ExperimentSet,
  encodeDataSet,
  encodeSequences,
  prepareExperiment,
  probesOf,
  readDataSet,
  readExperiments,
  readProbes,
  readTrainingSequences,
  scoresIn,
} from '../src/data/index.node.js';
import {
  deepBind,
  NAMES,
  packed,
  pipeline,
  ROWS,
  wide,
  writeHdf5,
  written,
} from './support/experiment-files.js';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-experiments-'));
});

afterAll(() => rm(folder, { recursive: true }));

const bytes = (data: Float32Array | Uint8Array | Uint32Array): string =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');

/** All that a set says of its probes, bit by bit; not where they came from. */
const contents = ({ experiments, letters, starts, sets, validation, pools, scores }: ExperimentSet) => ({
  experiments,
  letters: bytes(letters),
  starts: bytes(starts),
  sets: bytes(sets),
  validation: validation && bytes(validation),
  pools,
  scores: bytes(scores),
});

/** The set that all files hold, made without any reader. */
function expected(hasValidation: boolean) {
  const sequences = ROWS.map(({ sequence }) => sequence);
  const starts = new Uint32Array(ROWS.length + 1);
  sequences.forEach(({ length }, i) => {
    starts[i + 1] = starts[i]! + length;
  });
  const columns = NAMES.map((_, e) => ROWS.map(({ scores }) => scores[e] ?? Number.NaN));
  return {
    experiments: [...NAMES],
    letters: bytes(Uint8Array.from(sequences.join(''), (letter) => 'ACGUN'.indexOf(letter))),
    starts: bytes(starts),
    sets: bytes(Uint8Array.from(ROWS, ({ part }) => (part === 'test' ? 2 : 1))),
    validation: hasValidation
      ? bytes(Uint8Array.from(ROWS, ({ part }) => (part === 'valid' ? 1 : 0)))
      : undefined,
    pools: undefined,
    scores: bytes(Float32Array.from(columns.flat())),
  };
}

async function prepared(name: string, set: ExperimentSet): Promise<string> {
  await writeFile(at(name), encodeDataSet(set, { test: '1' }));
  return at(name);
}

describe('every format', () => {
  const pair = async (pack: (text: string) => string | Uint8Array, ending = '') => {
    const { sequences, targets } = deepBind();
    const scores = await written(at(`targets.tsv${ending}`), pack(targets));
    return readExperiments([await written(at(`sequences.tsv${ending}`), pack(sequences))], { scores });
  };
  const h5 = async (name: string, options = {}) => {
    await writeHdf5(at(name), options);
    return readExperiments([at(name)]);
  };
  const formats: Record<string, [boolean, () => Promise<ExperimentSet>]> = {
    DeepBind: [false, () => pair((text) => text)],
    'DeepBind, gzipped in two members': [false, () => pair(packed, '.gz')],
    'a wide table': [false, async () => readExperiments([await written(at('wide.csv'), wide())])],
    'a wide table with CRLF and a byte-order mark': [
      false,
      async () =>
        readExperiments([await written(at('crlf.csv'), `\uFEFF${wide().replaceAll('\n', '\r\n')}`)]),
    ],
    'a wide table with CR': [
      false,
      async () => readExperiments([await written(at('cr.csv'), wide().replaceAll('\n', '\r'))]),
    ],
    'a wide table with parts': [
      true,
      async () => readExperiments([await written(at('parts.csv'), wide({ parts: true }))]),
    ],
    'probe_intensity.csv': [false, async () => readExperiments([await written(at('p.csv'), pipeline())])],
    HDF5: [true, () => h5('a.h5')],
    'HDF5 with a group and structure': [true, () => h5('b.h5', { group: 'RBP', channels: 9, positions: 41 })],
    'a data set': [true, async () => readDataSet(await prepared('a.parquet', await h5('c.h5')))],
  };

  it.each(Object.entries(formats))(
    '%s is read to the same set, bit for bit',
    async (_, [hasValidation, read]) => {
      expect(contents(await read())).toEqual(expected(hasValidation));
    },
  );

  it('one experiment by name is the same in all formats', async () => {
    const text = await written(at('one.csv'), wide());
    const set = await readExperiments([text]);
    const parquet = await prepared('one.parquet', set);
    await writeHdf5(at('one.h5'));
    const read = await Promise.all(
      [text, parquet, at('one.h5')].map((path) => readProbes(path, { columns: { score: 'RNCMPT00002' } })),
    );
    for (const probes of read) {
      expect(probes.sequences).toEqual(read[0]!.sequences);
      expect(Array.from(probes.scores)).toEqual([-0.25, 3.140625, 4, 1234567.5, 13]);
      expect(probes.sets).toEqual(['A', 'A', 'A', 'A', 'B']);
    }
    expect(read[1]!.leftOut).toMatchObject({ score: 2 });
    expect(read[2]!.validates).toBeUndefined();
    const tasks = await readProbes(parquet, { columns: { score: 'RNCMPT00003,RNCMPT00001' } });
    expect(tasks.tasks).toEqual(['RNCMPT00003', 'RNCMPT00001']);
    expect(Array.from(tasks.scores.slice(0, 2))).toEqual([Number.NaN, 1.5]);
    await expect(readProbes(parquet)).rejects.toThrow(/holds 3 experiments .*--experiment <name>/);
    await expect(readProbes(parquet, { columns: { score: 'X' } })).rejects.toThrow(
      /there is no experiment "X"; it has "RNCMPT00001"/,
    );
  });

  it('codes are those of encodeSequences', async () => {
    const set = await readExperiments([await written(at('codes.csv'), wide())]);
    const sequences = ROWS.map(({ sequence }) => sequence);
    expect(bytes(codesIn(set, 41))).toBe(bytes(encodeSequences(sequences, 41)));
    expect(() => codesIn(set, 12)).toThrow(/codes\.csv:8: the sequence has 13 letters/);
  });
});

describe('a table of one experiment', () => {
  const table = 'set\tpool\tsequence\tintensity\nA\tlinear\tACGU\t1\nB\tstructured\tGGGG\t2\n';

  it('is called like its file, keeps its pools, and merges with others by set and sequence', async () => {
    const one = await written(at('VTS1.tsv'), `${table}A\tlinear\tACGU\t5\n`);
    const two = await written(at('HuR.tsv.gz'), packed('A ACGU 3\nA CCCC 4\nA GGGG 9\n'));
    const set = await readExperiments([one, two]);
    expect(set.experiments).toEqual(['VTS1', 'HuR']);
    const letters = set.sets.length;
    expect(letters).toBe(5);
    expect(Array.from(scoresIn(set, 0))).toEqual([1, 2, 5, Number.NaN, Number.NaN]);
    expect(Array.from(scoresIn(set, 1))).toEqual([3, Number.NaN, Number.NaN, 4, 9]);
    expect(set.pools?.names[set.pools.of[1]!]).toBe('structured');
    expect(set.inputs.map(({ path }) => path)).toEqual([one, two]);
    expect(['VTS1', 'HuR', 'other'].map((name) => inputOf(set, name)?.path)).toEqual([one, two, one]);
    const again = await readDataSet(await prepared('merged.parquet', set));
    expect(contents(again)).toEqual(contents(set));
    expect(probesOf(again, ['VTS1'])).toMatchObject({
      sequences: ['ACGU', 'GGGG', 'ACGU'],
      pools: ['linear', 'structured', 'linear'],
    });
  });

  it('has the test of a second file as set B', async () => {
    const first = await written(at('A1CF_train.txt'), 'ACGU 1\nCCCC 2\n');
    const test = await written(at('A1CF_test.txt'), 'GGGG 3\n');
    const set = await readExperiments([first], { test });
    expect(set.experiments).toEqual(['A1CF']);
    expect(checkSet(set).sets).toEqual({ A: 2, B: 1, none: 0 });
  });
});

describe('what is counted', () => {
  it('leaks, repeats, gaps, flags, constants and N', async () => {
    const set = await readExperiments([await written(at('counted.csv'), pipeline())]);
    const check = checkSet(set);
    expect(check).toMatchObject({
      records: 7,
      sets: { A: 5, B: 2, none: 0 },
      shortest: 5,
      longest: 13,
      withUnknown: 1,
      leaking: 1,
      repeated: 1,
    });
    expect(check.experiments[0]).toMatchObject({
      scored: 5,
      inA: 4,
      inB: 1,
      flagged: 2,
      missing: 0,
      max: 12,
    });
    expect(check.experiments[2]).toMatchObject({ scored: 5, constant: false });
    const constant = 'seq,a,b\nACGU,1,2\nCCGU,1,inf\nGGGG,1,1e39\nCCCC,NA,NA\n,1,1\n,,\n';
    const other = await readExperiments([await written(at('constant.csv'), constant)]);
    expect(checkSet(other)).toMatchObject({
      records: 3,
      leftOut: { score: 1, sequence: 1, both: 1, infinite: 0 },
      experiments: [
        { name: 'a', constant: true, scored: 3, infinite: 0 },
        { name: 'b', constant: true, scored: 1, infinite: 2 },
      ],
    });
  });

  it('columns by name, and by number where no name is known', async () => {
    const named = 'seq,RNCMPT00001,array_row,HuR\nACGU,1,7,2\n';
    const set = await readExperiments([await written(at('named.csv'), named)]);
    expect(set.experiments).toEqual(['RNCMPT00001']);
    expect(set.notes.join()).toMatch(/2 columns of numbers are not read as scores \("array_row", "HuR"\)/);
    const columns = { score: 'HuR,RNCMPT00001' };
    expect((await readExperiments([at('named.csv')], { columns })).experiments).toEqual([
      'HuR',
      'RNCMPT00001',
    ]);
    const free = await written(at('free.csv'), 'id,seq,HuR,VTS1\nx,ACGU,1,NA\ny,CCCC,NA,2\n');
    expect((await readExperiments([free])).experiments).toEqual(['HuR', 'VTS1']);
    const without = await written(at('without.csv'), 'seq,A,B\nACGU,NA,1\nCCCC,NA,2\n');
    const read = await readExperiments([without]);
    expect(read.experiments).toEqual(['B']);
    expect(read.notes.join()).toContain(
      '1 column without a value in the first rows is not read as scores ("A")',
    );
    const mixed = await written(at('mixed.csv'), 'seq,A,note\nACGU,1,a\nCCCC,2,7\nGGGG,oops,b\n');
    await expect(readExperiments([mixed])).rejects.toThrow(
      /mixed.csv:4: column "A" is not read as scores, since "oops"/,
    );
    await written(at('mixed.csv'), 'seq,A,B,note\nACGU,1,1,a\nCCCC,2,2,7\nGGGG,oops,3,b\n');
    const { experiments, notes } = await readExperiments([mixed]);
    expect(experiments).toEqual(['B']);
    expect(notes).toEqual([
      expect.stringMatching(/mixed.csv:4: column "A" is not read as scores, since "oops"/),
    ]);
  });

  it('a data set says what it was made from', async () => {
    const path = await written(at('from.csv'), wide());
    const set = await readExperiments([path]);
    const stored = await describeDataSet(await prepared('from.parquet', set));
    expect(stored).toMatchObject({ version: 1, records: 7, inputs: set.inputs, versions: { test: '1' } });
    expect(stored.experiments.map(({ name }) => name)).toEqual([...NAMES]);
  });
});

describe('training', () => {
  it('validates on what the file keeps for it', async () => {
    const rows = Array.from({ length: 12 }, (_, i) => ({
      sequence: `ACGU${'ACGU'[i % 4]}${'ACGU'[i >> 2]}`,
      part: i % 3 === 0 ? 'valid' : i === 1 ? 'test' : 'train',
    }));
    const text = rows.map(({ part, sequence }, i) => `${part}\t${sequence}\t${i}`).join('\n');
    const path = await written(at('valid.tsv'), `set\tseq\tscore\n${text}\n`);
    const data = await prepared('valid.parquet', await readExperiments([path]));
    const probes = await readProbes(data);
    expect(probes.notes?.join()).toMatch(/4 probes of set A validate/);
    const { valid, counts } = prepareExperiment(probes, { length: 6, head: 'regression' }, { seed: 3 });
    expect(counts).toMatchObject({ train: 7, valid: 4, test: 1 });
    const kept = rows.filter(({ part }) => part === 'valid').map(({ sequence }) => sequence);
    expect(bytes(valid.codes)).toBe(bytes(encodeSequences(kept, 6)));
    expect((await readTrainingSequences(data)).sequences).toHaveLength(11);
  });
});

describe('refused', () => {
  const cases: Record<string, [string, RegExp]> = {
    'a word for a score': [
      'seq,RNCMPT00001\nACGU,1\nACGU,abc\n',
      /x:3: expected a score in column 2 \("RNCMPT00001"\), found "abc"/,
    ],
    'a decimal comma': ['seq;RNCMPT00001\nACGU;1\nACGU;1,5\n', /x:3: .*decimal comma/],
    'decimal commas alone': ['seq\tintensity\nACGU\t1,5\nACGU\t2,5\n', /x:2: .*found "1,5".*decimal comma/],
    'decimal commas in a column without a known name': [
      'seq;HuR\nACGU;1,5\nACGU;-2,5e1\n',
      /x:2: .*decimal comma/,
    ],
    'quoted decimal commas': ['seq,intensity\nACGU,"1,5"\n', /x:2: .*decimal comma/],
    'decimal commas between commas': [
      'seq,intensity\nACGU,1,5\n',
      /x:2: .*found 3; if a number has a decimal/,
    ],
    'separators of thousands': ["seq;HuR\nACGU;1'000\nGGUU;2'000\n", /x:2: .*separators of thousands/],
    'a column of scores without numbers': [
      'seq\tscore\nACGU\t12%\n',
      /x:2: expected a score in column 2 \("score"\), found "12%"/,
    ],
    'decimal commas without a header': ['ACGU\t1,5\nACGU\t2,5\n', /x:1: .*decimal comma/],
    'a row that is too short': [
      'seq,RNCMPT00001\nACGU,1\nACGU\n',
      /x:3: expected 2 comma-separated fields, found 1/,
    ],
    'a letter': ['seq,RNCMPT00001\nACGU,1\nACXU,1\n', /x:3: letter 3 is "X"/],
    'a set': ['set,seq,RNCMPT00001\nA,ACGU,1\nC,ACGU,1\n', /x:3: expected set A, B or blank/],
    'a flag': ['seq,HybID1,HybID1_flag\nACGU,1,0\nACGU,1,bad\n', /x:3: expected a flag of "HybID1", 0 or 1/],
    'two experiments of one name': ['seq,HybID1,HybID1\nACGU,1,0\n', /two experiments are called "HybID1"/],
    'no scores': ['seq,name\nACGU,x\n', /x:1: no column holds scores/],
    'no finite score': ['seq,RNCMPT00001\nACGU,NA\n', /no probe with a score/],
    'an empty file': ['', /x: the table is empty/],
    'binary data': ['seq\0,a\n', /expected UTF-8 text|columns/],
  };

  it.each(Object.entries(cases))('%s', async (_, [text, message]) => {
    await expect(readExperiments([await written(at('x'), text)])).rejects.toThrow(message);
  });

  it('what is not UTF-8, with its line', async () => {
    const row = 'ACGU,1\n'.repeat(60_000);
    const text = Buffer.concat([Buffer.from(`seq,RNCMPT00001\n${row}`), Buffer.from([0x41, 0xff, 0x0a])]);
    await expect(readExperiments([await written(at('latin'), text)])).rejects.toThrow(
      /latin:60002: expected UTF-8 text, found the byte 0xFF/,
    );
  });

  it('tables of different lengths', async () => {
    const { sequences, targets } = deepBind();
    const scores = await written(at('short.tsv'), targets.split('\n').slice(0, 4).join('\n'));
    const first = await written(at('long.tsv'), sequences);
    await expect(readExperiments([first], { scores })).rejects.toThrow(
      /long\.tsv has 7 records, but .*short\.tsv has 3 scores/,
    );
  });

  it('damaged gzip files', async () => {
    const whole = packed(wide());
    const cut = await written(at('cut.gz'), whole.subarray(0, 60));
    await expect(readExperiments([cut])).rejects.toThrow(/cut\.gz: damaged or truncated gzip file/);
    const tail = await written(at('tail.gz'), Buffer.concat([whole, Buffer.from('text')]));
    await expect(readExperiments([tail])).rejects.toThrow(/no gzip member begins at byte/);
  });

  it('HDF5 files of other kinds, and damaged ones', async () => {
    const { File, ready } = await import('h5wasm/node');
    await ready;
    const file = new File(at('other.h5'), 'w');
    file.create_dataset({ name: 'weights', data: Float32Array.of(1, 2) });
    file.close();
    await expect(readExperiments([at('other.h5')])).rejects.toThrow(
      /an HDF5 file without probes; expected X_train/,
    );
    const wrong = new File(at('wrong.h5'), 'w');
    wrong.create_dataset({
      name: 'X_train',
      data: Float32Array.from({ length: 8 }, () => 0.5),
      shape: [1, 4, 2],
    });
    wrong.create_dataset({ name: 'Y_train', data: Float32Array.of(1), shape: [1, 1] });
    wrong.close();
    await expect(readExperiments([at('wrong.h5')])).rejects.toThrow(
      /X_train, record 1: position 1 is not one-hot/,
    );
    await writeHdf5(at('cut.h5'));
    const whole = await readFile(at('cut.h5'));
    await writeFile(at('cut.h5'), whole.subarray(0, whole.length / 2));
    await expect(readExperiments([at('cut.h5')])).rejects.toThrow(
      /cut\.h5: cannot be read as HDF5, or is damaged/,
    );
  });

  it('a damaged data set', async () => {
    const path = await prepared(
      'damaged.parquet',
      await readExperiments([await written(at('d.csv'), wide())]),
    );
    const whole = await readFile(path);
    const original = contents(await readDataSet(path));
    for (let at = 0; at < whole.length; at += 7) {
      const damaged = Buffer.from(whole);
      damaged[at]! ^= 0x11;
      await writeFile(path, damaged);
      const outcome = await readDataSet(path).then(contents, (error: Error) => error);
      if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'ERR_FORMAT' });
      else expect(outcome).toEqual(original);
    }
    await writeFile(path, 'PAR1');
    await expect(readDataSet(path)).rejects.toThrow(/damaged\.parquet: not a Parquet file that can be read/);
  });

  it('experiments that are called like columns, and twice the same', async () => {
    const path = await written(at('called.csv'), 'seq,a\nACGU,1\n');
    const set = { ...(await readExperiments([path])), experiments: ['set'] };
    expect(() => encodeDataSet(set, {})).toThrow(/an experiment cannot be called "set"/);
    await expect(readExperiments([path, path])).rejects.toThrow(/both have an experiment "a"/);
  });
});
