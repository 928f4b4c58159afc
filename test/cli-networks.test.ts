/** Networks and tasks from the command line: presets, a file of layers, several columns of scores. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from './support/cli.js';
import { normals } from './support/numbers.js';

const NETWORK = {
  alphabet: 'dna',
  layers: [
    { kind: 'convolution', filters: 8, taps: 3, dilation: 1 },
    { kind: 'batch-norm' },
    { kind: 'relu' },
    { kind: 'pool', by: 'mean', size: 14, stride: 14 },
    { kind: 'dense', units: 8 },
    { kind: 'relu' },
    { kind: 'head', outputs: 2, loss: 'regression' },
  ],
};

let folder = '';
let table = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-networks-'));
  table = join(folder, 'library.tsv');
  const noise = normals(300, 1);
  // The first task counts C, the second G; every seventh score of the second is missing.
  const rows = Array.from({ length: 150 }, (_, i) => {
    const letters = [...(i * 7919 + 4096).toString(4).padStart(14, '0')].map((d) => 'ACGT'[Number(d)]!);
    const count = (letter: string) => letters.filter((each) => each === letter).length;
    const second = i % 7 === 0 ? 'NA' : 2 * count('G') + 0.1 * noise[i]!;
    return [letters.join(''), count('C') + 0.1 * noise[150 + i]!, second].join('\t');
  });
  await writeFile(table, `sequence\tfirst\tsecond\n${rows.join('\n')}\n`);
  await writeFile(join(folder, 'network.json'), JSON.stringify(NETWORK));
});
afterAll(() => rm(folder, { recursive: true }));

const residualbind = (...argv: string[]) => cli(argv);
const train = (out: string, ...options: string[]) =>
  residualbind('train', table, '--out', join(folder, out), '--length', '14', '--seed', '2', ...options);

describe('networks and tasks', () => {
  it('are trained from a file and evaluated task by task', async () => {
    const network = join(folder, 'network.json');
    const trained = await train(
      'tasks',
      ...['--score-column', 'first,second', '--network', network],
      ...[
        '--epochs',
        '25',
        '--batch',
        '25',
        '--learning-rate',
        '0.01',
        '--transform',
        'none',
        '--validation',
        '0.2',
      ],
    );
    expect(trained.code, trained.stderr).toBe(0);
    expect(trained.stderr).toContain('22 of 150 records have no score for second');
    const manifest = JSON.parse(await readFile(join(folder, 'tasks', 'manifest.json'), 'utf8'));
    expect(manifest.architecture).toMatchObject({ length: 14, alphabet: 'dna' });

    const evaluated = await residualbind(
      ...['evaluate', join(folder, 'tasks'), table, '--score-column', 'first,second', '--json'],
    );
    expect(evaluated.code, evaluated.stderr).toBe(0);
    const { tasks } = JSON.parse(evaluated.stdout);
    expect(tasks).toMatchObject([
      { task: 'first', n: 150 },
      { task: 'second', n: 128 },
    ]);
    for (const { pearson } of tasks) expect(pearson).toBeGreaterThan(0.8);
    const text = await residualbind(
      'evaluate',
      join(folder, 'tasks'),
      table,
      '--score-column',
      'first,second',
    );
    expect(text.stdout).toMatch(
      /first:\nPearson.*\nSpearman.*\nn +150 probes, all of the file\nsecond:\nPearson/,
    );

    // Tasks are matched by name, whatever the order of the columns.
    const swapped = await residualbind(
      ...['evaluate', join(folder, 'tasks'), table, '--score-column', 'second,first', '--json'],
    );
    expect(JSON.parse(swapped.stdout).tasks).toEqual(tasks);
    const wrong = await residualbind('evaluate', join(folder, 'tasks'), table, '--score-column', 'first');
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('the model predicts 2 tasks (first, second)');
  });

  it('are refused where the file and the columns disagree, or the file is no network', async () => {
    const network = join(folder, 'network.json');
    const single = await train('single', '--score-column', 'first', '--network', network);
    expect(single.code).toBe(2);
    expect(single.stderr).toContain('its head has 2 outputs, but --score-column chooses 1 column');
    const both = await train('both', '--score-column', 'first', '--network', network, '--preset', 'keras');
    expect(both.code).toBe(2);
    const broken = join(folder, 'broken.json');
    await writeFile(broken, '{ "layers": [{ "kind": "attention" }, { "kind": "relu" }] }');
    await writeFile(join(folder, 'long.json'), `\uFEFF${JSON.stringify({ ...NETWORK, length: 20 })}`);
    const long = await train(
      'long',
      '--score-column',
      'first,second',
      '--network',
      join(folder, 'long.json'),
    );
    expect(long.stderr).toContain('its length is 20, but --length is 14');
    expect(long.code).toBe(2);
    await writeFile(join(folder, 'nine.json'), JSON.stringify({ ...NETWORK, channels: 9 }));
    const nine = await train(
      'nine',
      '--score-column',
      'first,second',
      '--network',
      join(folder, 'nine.json'),
    );
    expect(nine.stderr).toContain(
      'it has 9 channels, but sequences without structure have 4; train takes 9 with --structure phime',
    );
    const large = join(folder, 'large.json');
    const dense = { kind: 'dense', units: 2 ** 20 };
    await writeFile(
      large,
      JSON.stringify({ layers: [NETWORK.layers[0], dense, dense, NETWORK.layers.at(-1)] }),
    );
    const tooLarge = await train('large', '--score-column', 'first,second', '--network', large);
    expect(tooLarge.stderr).toContain(`${large}: layers[2] (dense): its ${2 ** 40 + 2 ** 20} parameters`);
    expect(tooLarge.stderr).not.toContain('fault of the program');
    const refused = await train('broken', '--score-column', 'first', '--network', broken);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain(`${broken}: network.layers[0].kind must be one of "convolution"`);
    await writeFile(
      broken,
      '{ "layers": [{ "kind": "convolution", "filters": 4, "dilation": 1 }, { "kind": "relu" }] }',
    );
    const without = await train('broken', '--score-column', 'first', '--network', broken);
    expect(without.stderr).toContain(`${broken}: network.layers[0].taps is missing; it must be`);
  });

  it('keep the sizes of a preset that are asked for', async () => {
    const made = await train(
      'preset',
      ...[
        '--score-column',
        'first',
        '--preset',
        'deepbind',
        '--filters',
        '6',
        '--hidden',
        '5',
        '--epochs',
        '2',
      ],
    );
    expect(made.code, made.stderr).toBe(0);
    const { architecture } = JSON.parse(await readFile(join(folder, 'preset', 'manifest.json'), 'utf8'));
    expect(architecture.layers[0]).toEqual({ kind: 'convolution', filters: 6, taps: 11, dilation: 1 });
    const sequences = join(folder, 'sequences.txt');
    await writeFile(sequences, 'ACGTACGTACGTAC\n');
    const described = await residualbind('predict', join(folder, 'preset'), sequences);
    expect(described.code, described.stderr).toBe(0);
  });
});
