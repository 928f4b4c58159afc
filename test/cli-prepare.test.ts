/** `prepare`, and commands that read the data set that it wrote. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../src/kernels/random.js';
import { cli } from './support/cli.js';
import { deepBind, NAMES, pipeline, writeHdf5, written } from './support/experiment-files.js';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const SIZE = ['--filters', '4', '--hidden', '4', '--epochs', '1', '--batch', '50'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-cli-prepare-'));
});

afterAll(() => rm(folder, { recursive: true }));

describe('prepare', () => {
  it('writes a data set and a manifest, and says what it found', async () => {
    const table = await written(at('probe_intensity.csv'), pipeline());
    const { code, stderr, json } = await cli(['prepare', table, '--out', at('a.parquet'), '--json']);
    expect({ code, json }).toMatchObject({
      code: 0,
      json: {
        command: 'prepare',
        out: at('a.parquet'),
        inputs: [{ path: table }],
        check: { records: 7, leaking: 1, repeated: 1, withUnknown: 1 },
      },
    });
    expect(stderr).toContain('1 probe of set B has a sequence of set A, so a test is not independent of it');
    expect(stderr).toContain('1 probe repeats the sequence of an earlier probe of the same set');
    expect(stderr).toContain('1 sequence has an N, which matches no letter');
    expect(stderr).toContain('6 scores of flagged spots are taken as missing');
    const manifest = JSON.parse(await readFile(at('a.parquet.manifest.json'), 'utf8'));
    expect(manifest.check.experiments.map(({ name }: { name: string }) => name)).toEqual([...NAMES]);
    const text = await cli(['prepare', table, '--out', at('a.parquet')]);
    expect(text.stdout).toBe(
      [
        `${at('a.parquet')}: 7 probes, 3 experiments`,
        '  probes       7 of 5 to 13 letters',
        '  sets         5 in set A, 2 in set B',
        '  experiments  3: "RNCMPT00001", "RNCMPT00002", "RNCMPT00003"',
        '  scores       15; 28.6 % are missing',
        '',
      ].join('\n'),
    );
    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('gives the same bytes for the same file, and reads HDF5', async () => {
    const { sequences, targets } = deepBind();
    const first = await written(at('sequences.tsv'), sequences);
    const scores = await written(at('targets.tsv'), targets);
    const digest = async (name: string, ...inputs: string[]) => {
      expect((await cli(['prepare', ...inputs, '--out', at(name)])).code).toBe(0);
      return (await readFile(at(name))).toString('base64');
    };
    const inputs = [first, '--scores', scores];
    expect(await digest('b.parquet', ...inputs)).toBe(await digest('c.parquet', ...inputs));
    await writeHdf5(at('d.h5'));
    const { json } = await cli(['prepare', at('d.h5'), '--out', at('d.parquet'), '--json']);
    expect(json).toMatchObject({ check: { records: 7, validation: 1 } });
  });

  it('keeps the experiments that are asked for', async () => {
    const table = at('probe_intensity.csv');
    const some = ['--experiment', 'RNCMPT00003,RNCMPT00001'];
    const { json } = await cli(['prepare', table, '--out', at('e.parquet'), ...some, '--json']);
    expect(json).toMatchObject({
      check: { experiments: [{ name: 'RNCMPT00003' }, { name: 'RNCMPT00001' }] },
    });
    const twice = ['--experiment', 'RNCMPT00003,RNCMPT00003'];
    expect(await cli(['prepare', table, '--out', at('e.parquet'), ...twice])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('"RNCMPT00003" is chosen twice'),
    });
    const gap = await written(at('gap.csv'), 'seq,HuR,VTS1\nACGU,1,NA\nCCGU,2,NA\n');
    const noted = await cli(['prepare', gap, '--out', at('gap.parquet'), '--json']);
    expect(noted.json).toMatchObject({ notes: [expect.stringContaining('VTS1')] });
    await writeHdf5(at('f.h5'));
    const chosen = ['prepare', at('f.h5'), '--out', at('f.parquet'), '--experiment', 'RNCMPT00002', '--json'];
    expect((await cli(chosen)).json).toMatchObject({
      check: { records: 5, experiments: [{ name: 'RNCMPT00002' }], leftOut: { score: 2 } },
    });
  });

  it.each<[string, string[], number, RegExp]>([
    ['a second file beside several tables', ['a', 'b', '--scores', 'c'], 2, /need exactly one table/],
    ['two choices', ['a', '--experiment', 'x', '--score-column', 'y'], 2, /cannot be used with/],
    ['a file that is not there', ['nowhere.tsv'], 1, /nowhere\.tsv: cannot be read \(there is no such file/],
  ])('refuses %s', async (_, given, code, message) => {
    const refused = await cli(['prepare', ...given, '--out', at('no.parquet')]);
    expect(refused).toMatchObject({ code });
    expect(refused.stderr).toMatch(message);
    expect(await readdir(folder)).not.toContain('no.parquet');
  });

  it('refuses a name that does not end like a Parquet file', async () => {
    const refused = await cli(['prepare', at('probe_intensity.csv'), '--out', at('no.tsv')]);
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toContain('the name of a data set must end in .parquet');
    expect(await readdir(folder)).not.toContain('no.tsv');
  });
});

describe('a data set', () => {
  it('trains and evaluates like the table that it was made from', async () => {
    const draws = new Random(3, 0).draws(0);
    const rows = Array.from({ length: 90 }, (_, i) => {
      const letters = Array.from({ length: 30 }, () => 'ACGU'[draws.below(4)]).join('');
      // Quarters are the same in 32 bits.
      const scores = [0, 1].map(() => Math.round(4 * draws.normal()) / 4);
      return `${i < 60 ? 'A' : 'B'}\t${letters}\t${i === 7 ? 'NA' : scores[0]}\t${scores[1]}`;
    });
    const table = await written(at('two.tsv'), `set\tseq\tHuR\tVTS1\n${rows.join('\n')}\n`);
    const data = at('two.parquet');
    expect((await cli(['prepare', table, '--out', data])).code).toBe(0);
    const models: string[] = [];
    for (const [name, input] of [
      ['text', table],
      ['set', data],
    ] as const) {
      const trained = await cli([
        'train',
        input,
        '--experiment',
        'HuR',
        '--out',
        at(name),
        ...SIZE,
        '--json',
      ]);
      expect(trained).toMatchObject({ code: 0, json: { input: { train: 53, valid: 6, test: 30 } } });
      const evaluated = await cli(['evaluate', at(name), input, '--experiment', 'HuR', '--json']);
      expect(evaluated).toMatchObject({ code: 0, json: { n: 30 } });
      models.push(String(evaluated.json?.pearson));
    }
    expect(models[1]).toBe(models[0]);
    const unclear = await cli(['train', data, '--out', at('unclear'), ...SIZE]);
    expect(unclear.code).toBe(1);
    expect(unclear.stderr).toContain(
      'holds 2 experiments ("HuR", "VTS1"); choose one with --experiment <name>',
    );
  });
});
