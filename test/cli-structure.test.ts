/** Models with structure channels from the command line, with profiles from files and folded ones. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModel, uploadModels } from '../src/files.node.js';
import { data, nn, requestGpu } from '../src/index.js';
import { cli } from './support/cli.js';

const LENGTH = 14;
const NETWORK = {
  length: LENGTH,
  layers: [
    { kind: 'convolution', filters: 8, taps: 3, dilation: 1 },
    { kind: 'batch-norm' },
    { kind: 'relu' },
    { kind: 'pool', by: 'mean', size: LENGTH, stride: LENGTH },
    { kind: 'dense', units: 8 },
    { kind: 'relu' },
    { kind: 'head', outputs: 1, loss: 'regression' },
  ],
};
const CONTEXTS = [...'PHIME'];

let folder: string;
const at = (...names: string[]) => join(folder, ...names);

/** Probes of different lengths, and profiles of theirs that only chance connects with the letters. */
const probes = Array.from({ length: 220 }, (_, i) => {
  const letters = [...(i * 7919 + 4096).toString(4).padStart(LENGTH, '0')].map((d) => 'ACGU'[Number(d)]!);
  const sequence = letters.slice(i % 3).join('');
  const hairpin = ((i * 37) % 101) / 101;
  const rows = CONTEXTS.map((context) =>
    Array.from(sequence, () => (context === 'P' ? 1 - hairpin : context === 'H' ? hairpin : 0)),
  );
  return { sequence, hairpin, rows };
});
const fixed = (row: readonly number[], separator: string): string =>
  row.map((value) => value.toFixed(4)).join(separator);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-structure-'));
  const set = (i: number) => (i % 4 === 0 ? 'B' : 'A');
  const table = probes.map(({ sequence, hairpin }, i) =>
    [set(i), sequence, i === 5 ? 'NA' : hairpin.toFixed(3), (1 - hairpin).toFixed(3)].join('\t'),
  );
  await writeFile(at('probes.tsv'), `set\tsequence\tintensity\tother\n${table.join('\n')}\n`);
  const tidy = probes.flatMap(({ sequence, rows }) =>
    rows.map((row, c) => `${sequence}\t${CONTEXTS[c]}\t${fixed(row, ' ')}`),
  );
  await writeFile(at('phime.tsv'), `sequence\tcontext\tprobabilities\n${tidy.join('\n')}\n`);
  const fasta = probes.map(({ sequence }, i) => `>p${i} probe\n${sequence}\n`);
  await writeFile(at('probes.fa'), fasta.join(''));
  for (const letter of 'EHIM') {
    const lines = probes.map(({ rows }, i) => `>p${i}\n${fixed(rows[CONTEXTS.indexOf(letter)]!, '\t')}\n`);
    await writeFile(at(`${letter}_profile.txt`), lines.join(''));
  }
  const lunp = probes.map(({ hairpin, sequence }) =>
    Array.from(sequence, (_, k) => `${k + 1}\t${hairpin.toFixed(4)}\n`).join(''),
  );
  const header = '#unpaired probabilities\n #i$\tl=1\n';
  await writeFile(at('all_lunp'), lunp.map((rows) => header + rows).join(''));
  await writeFile(at('network.json'), JSON.stringify(NETWORK));
});

afterAll(() => rm(folder, { recursive: true }));

const recipe = ['--batch', '32', '--learning-rate', '0.01', '--seed', '2'];
const train = (out: string, epochs: number, ...options: string[]) =>
  cli([
    ...['train', at('probes.tsv'), '--out', at(out), '--epochs', String(epochs), ...recipe],
    ...(options.includes('--network') ? [] : ['--network', at('network.json')]),
    ...options,
  ]);
const score = ['--score-column', 'intensity'];
const files = (letters: string) => [...letters].map((letter) => at(`${letter}_profile.txt`));

describe('a model with structure channels', () => {
  it('learns from profiles, and is evaluated and predicts with profiles of any format', async () => {
    const profiles = ['--profiles', at('phime.tsv')];
    const { code, stderr } = await train('phime', 6, ...score, '--structure', 'phime', ...profiles);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(
      'phime.tsv: 220 structure profiles (P H I M E), matched to 219 records by sequence',
    );
    const { architecture, facts } = await readModel(at('phime'));
    expect(architecture.channels).toBe(9);
    expect(facts.structure).toEqual({ contexts: 'phime', source: 'file' });
    const manifest = JSON.parse(await readFile(at('phime', 'manifest.json'), 'utf8'));
    expect(manifest.input.profiles).toMatchObject({ paths: [at('phime.tsv')], files: 1, contexts: 'phime' });
    expect(manifest.metrics.test.pearson).toBeGreaterThan(0.9);

    const evaluated = await cli(['evaluate', at('phime'), at('probes.tsv'), ...score, '--json', ...profiles]);
    expect(evaluated.code, evaluated.stderr).toBe(0);
    expect(evaluated.json!.pearson).toBeCloseTo(manifest.metrics.test.pearson, 6);

    const bySequence = await cli(['predict', at('phime'), at('probes.fa'), ...profiles]);
    expect(bySequence.code, bySequence.stderr).toBe(0);
    const byId = await cli(['predict', at('phime'), at('probes.fa'), '--profiles', ...files('EHIM')]);
    expect(byId.code, byId.stderr).toBe(0);
    expect(byId.stderr).toContain('matched to 220 records by id');
    const values = ({ stdout }: { stdout: string }) =>
      stdout
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => Number(line.split('\t')[2]));
    values(bySequence).forEach((value, i) => {
      expect(values(byId)[i]).toBeCloseTo(value, 4);
    });
  });

  it('of paired and unpaired takes _lunp in order and several tasks, and continues with the same bits', async () => {
    const options = ['--structure', 'pu', '--score-column', 'intensity,other'];
    const tasks = {
      ...NETWORK,
      layers: [...NETWORK.layers.slice(0, -1), { ...NETWORK.layers.at(-1), outputs: 2 }],
    };
    await writeFile(at('tasks.json'), JSON.stringify(tasks));
    const own = [...options, '--network', at('tasks.json'), '--profiles', at('all_lunp')];
    const whole = await train('whole', 3, ...own);
    expect(whole.code, whole.stderr).toBe(0);
    expect(whole.stderr).toContain('all_lunp: 220 structure profiles (P U), matched to 220 records by order');
    const { tasks: names, structure } = (await readModel(at('whole'))).facts;
    expect([names, structure]).toEqual([['intensity', 'other'], { contexts: 'pu', source: 'file' }]);

    await train('parts', 2, ...own);
    const otherFile = [...own.slice(0, -1), at('phime.tsv')];
    const other = await train('parts', 3, ...otherFile, '--resume');
    expect(other.code).toBe(1);
    expect(other.stderr).toContain('structure profiles');
    const resumed = await train('parts', 3, ...own, '--resume');
    expect(resumed.code, resumed.stderr).toBe(0);
    const weights = await Promise.all(
      ['whole', 'parts'].map(async (run) => (await readModel(at(run))).weights),
    );
    expect(weights[1]).toEqual(weights[0]);
  });

  it('folds sequences where no profiles are given', async () => {
    await writeFile(at('small.json'), JSON.stringify({ ...NETWORK, length: 22 }));
    const long = probes.slice(0, 40).map(({ sequence, hairpin }) => `${sequence}GGGAAACC\t${hairpin}`);
    await writeFile(at('long.tsv'), `${long.join('\n')}\n`);
    const network = ['--network', at('small.json'), '--structure', 'phime'];
    const trained = await cli(['train', at('long.tsv'), '--out', at('folded'), '--epochs', '1', ...network]);
    expect(trained.code, trained.stderr).toBe(0);
    expect(trained.stderr).toContain('structure: folded here with Turner 1999');
    const file = await readModel(at('folded'));
    expect(file.facts.structure).toEqual({ contexts: 'phime', source: 'folded', energies: 'Turner 1999' });

    const sequences = long.slice(0, 5).map((line) => line.split('\t')[0]!);
    await writeFile(at('five.txt'), sequences.join('\n'));
    const { stdout, stderr } = await cli(['predict', at('folded'), at('five.txt')]);
    expect(stderr.match(/structure: folded here/g)).toHaveLength(1);
    const rows = stdout.trimEnd().split('\n').slice(1);
    const gpu = await requestGpu();
    const model = await uploadModels(gpu, [file]);
    const codes = data.encodeSequences(sequences, 22);
    const input = await nn.withStructure(gpu, model.architecture, { codes });
    expect(input.profile).toEqual(await nn.foldProfiles(gpu, codes, { length: 22, contexts: 'phime' }));
    const predictions = await model.predict(input);
    expect(await nn.withStructure(gpu, model.architecture, input)).toBe(input);
    for (const [i, row] of rows.entries()) expect(Number(row.split('\t')[2])).toBeCloseTo(predictions[i]!, 5);

    const evaluated = await cli(['evaluate', at('folded'), at('long.tsv')]);
    expect(evaluated.code, evaluated.stderr).toBe(0);
    await writeFile(at('long.txt'), `${sequences[0]}${sequences[1]}`);
    const parts = await cli([
      'predict',
      at('folded'),
      at('long.txt'),
      '--windows',
      '--stride',
      '10',
      '--json',
    ]);
    expect(parts.code, parts.stderr).toBe(0);
    const found = parts.json!.predictions as { prediction: number }[];
    const letters = `${sequences[0]}${sequences[1]}`;
    const cut = found.map((_, n) => letters.slice(10 * n, 10 * n + 22)).filter((part) => part.length === 22);
    expect(cut.length).toBeGreaterThan(1);
    const alone = await model.predict({ codes: data.encodeSequences(cut, 22) });
    for (const [n, value] of alone.entries()) expect(found[n]!.prediction).toBeCloseTo(value, 5);
    model.dispose();
    gpu.dispose();
    const windows = await cli(['predict', at('folded'), at('five.txt'), '--profiles', at('phime.tsv')]);
    expect(windows.stderr).toContain(
      'the model was trained on profiles that were folded here, which may differ',
    );
  });

  it.each<[string, number, string[], RegExp]>([
    ['PHIME of PU', 1, ['--structure', 'phime', '--profiles', 'all_lunp'], /has only the contexts P and U/],
    ['profiles without contexts', 2, ['--profiles', 'phime.tsv'], /--profiles needs --structure pu or/],
    ['an unknown kind', 2, ['--structure', 'mfe'], /pu, phime/],
    [
      'a file that is none',
      1,
      ['--structure', 'pu', '--profiles', 'probes.fa'],
      /probes\.fa:1: expected five/,
    ],
    [
      'a network of other channels',
      2,
      ['--structure', 'pu', '--profiles', 'phime.tsv', '--network', 'nine.json'],
      /it has 9 channels, but --structure pu needs 6; train takes 9 with --structure phime/,
    ],
  ])('refuses %s', async (_, status, options, message) => {
    await writeFile(at('nine.json'), JSON.stringify({ ...NETWORK, channels: 9 }));
    const paths = options.map((option) => (/\.|_/.test(option) ? at(option) : option));
    const { code, stderr } = await train('refused', 1, ...score, ...paths);
    expect([code, stderr]).toEqual([status, expect.stringMatching(message)]);
  });

  it('names the first record without a profile', async () => {
    await writeFile(at('few.tsv'), 'ACGU\tU\t0.1 0.2 0.3 0.4\n');
    const few = ['--structure', 'pu', '--profiles', at('few.tsv')];
    const { code, stderr } = await train('refused', 1, ...score, ...few);
    expect(code).toBe(1);
    expect(stderr).toContain(`probes.tsv:2 (record 1): ${at('few.tsv')} has no structure profile of "`);
    expect(stderr).toContain('219 of 219 records have none, and each needs one');
  });

  it('of sequence alone takes no profiles', async () => {
    const { code, stderr } = await train('alone', 1, ...score);
    expect(code, stderr).toBe(0);
    const refused = await cli(['predict', at('alone'), at('probes.fa'), '--profiles', at('phime.tsv')]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('the model takes sequences alone, so leave out --profiles');
  });
});
