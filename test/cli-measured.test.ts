/** `gia sweep --data` and `report --data`: the k-mers of a sweep beside measurements. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from './support/cli.js';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const FEW = ['--backgrounds', '10'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-cli-measured-'));
  const probes = ['simulate', '--probes', '600', '--motif', 'UGC', '--out', at('probes.tsv')];
  expect(await cli(probes)).toMatchObject({ code: 0 });
  for (const seed of ['1', '2']) {
    const size = ['--filters', '4', '--hidden', '4', '--epochs', '1', '--seed', seed];
    expect(await cli(['train', at('probes.tsv'), '--out', at(`run-${seed}`), ...size])).toMatchObject({
      code: 0,
    });
  }
});
afterAll(() => rm(folder, { recursive: true }));

describe('measurements', () => {
  it('stand beside a sweep, and warn of a network that has learned too little', async () => {
    const argv = ['gia', 'sweep', at('run-1'), '--k', '3', ...FEW, '--data', at('probes.tsv')];
    const said = await cli([...argv, '--out', at('3-mers.tsv')]);
    expect(said.code).toBe(0);
    expect(said.stdout).toContain('Compared with the measurements of 600 probes');
    expect(said.stdout).toContain('the best measured is UGC, number');
    expect(said.stdout).toMatch(/test r of the network -?0\.\d+, of a regression on 6-mers 0\.\d+/);
    const { json } = await cli([...argv, '--out', at('again.tsv'), '--json']);
    const [measured] = json!.measured as [Record<string, unknown>];
    expect(measured).toMatchObject({
      ranked: 64,
      best: { pattern: 'UGC', measuredRank: 1 },
      network: { n: 300 },
    });
    expect(said.stderr.includes('Warning: ')).toBe(!measured.isAmongBest);
    const manifest = JSON.parse(await readFile(at('3-mers.tsv.manifest.json'), 'utf8'));
    expect(manifest.measured).toEqual(json!.measured);
  });

  it('are put beside every model of a sweep', async () => {
    const models = [at('run-1'), at('run-2')];
    const argv = ['gia', 'sweep', ...models, '--k', '2', ...FEW, '--data', at('probes.tsv')];
    const { json } = await cli([...argv, '--out', at('2-mers.tsv'), '--json']);
    const measured = json!.measured as { name: string; network: { pearson: number } }[];
    expect(measured.map(({ name }) => name)).toEqual(models);
    const one = await cli(['evaluate', models[1]!, at('probes.tsv'), '--json']);
    expect(measured[1]!.network.pearson).toBeCloseTo(one.json!.pearson as number, 6);
  });

  it('are a section of a report, with a file of all k-mers', async () => {
    const argv = ['report', at('run-1'), '--table', at('3-mers.tsv'), '--data', at('probes.tsv'), ...FEW];
    const { code, json } = await cli([...argv, '--out', at('report'), '--json']);
    expect(code).toBe(0);
    expect(json!.measured).toMatchObject({ ranked: 64, best: { pattern: 'UGC' }, ridge: { k: 6, n: 300 } });
    const page = await readFile(at('report', 'report.html'), 'utf8');
    for (const words of [
      'Beside the measurements',
      'The test correlation of a linear regression on 6-mers is',
    ])
      expect(page).toContain(words);
    const table = await readFile(at('report', 'figures', 'measured.tsv'), 'utf8');
    expect(table.split('\n')[0]).toBe('pattern\trank\timportance\tmeasured\tprobes\tmeasured_rank');
    expect(table.trimEnd().split('\n')).toHaveLength(65);
  });

  it('need all k-mers at one position', async () => {
    const argv = [
      'gia',
      'sweep',
      at('run-1'),
      '--data',
      at('probes.tsv'),
      '--out',
      at('top.tsv'),
      '--top',
      '5',
    ];
    expect(await cli(argv)).toMatchObject({ code: 2, stderr: expect.stringContaining('leave out --top') });
  });
});
