/** `study`: experiments of one table, one of them noise and one constant; shards; runs that are killed. */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../src/kernels/random.js';
import { readModel } from '../src/nn/files/model-files.node.js';
import { type CliResult, cli } from './support/cli.js';

const PROBES = 400;
const PAPER = ['--filters', '6', '--hidden', '8', '--epochs', '3'];
/** Of few kernels, which each process of a study compiles anew. */
const OPTIONS = [
  '--preset',
  'deepbind',
  '--filters',
  '4',
  '--hidden',
  '4',
  '--epochs',
  '3',
  '--backgrounds',
  '2',
];

let folder: string;
const at = (...names: string[]) => join(folder, ...names);

/** Probes with a motif each, noise, and a column that has one score only. */
function table(): string {
  const random = new Random(5, 1);
  const rows = Array.from({ length: PROBES }, (_, i) => {
    const draws = random.draws(i);
    const bases = Array.from({ length: 30 }, () => 'ACGU'[draws.below(4)]!);
    const planted = ['GCAUG', 'UUUUU'].map((motif, m) => {
      const has = draws.uniform() < 0.3;
      if (has) bases.splice(2 + 14 * m + draws.below(6), 5, ...motif);
      return has ? 1 : 0;
    });
    const [a, b] = planted.map((score) => 2 ** (2 * score + 0.5 * draws.uniform()));
    return [
      i % 2 === 0 ? 'A' : 'B',
      bases.join(''),
      a!.toFixed(4),
      b!.toFixed(4),
      (1 + draws.uniform()).toFixed(4),
      '1',
    ];
  });
  return [['set', 'sequence', 'RNCMPT1', 'RNCMPT2', 'RNCMPT3', 'RNCMPT4'], ...rows]
    .map((row) => `${row.join('\t')}\n`)
    .join('');
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-cli-study-'));
  await writeFile(at('table.tsv'), table());
});
afterAll(() => rm(folder, { recursive: true }));

const THREE = ['--only', 'RNCMPT1,RNCMPT2,RNCMPT3'];
const argv = (out: string, ...more: string[]) => ['study', at('table.tsv'), '--out', at(out), ...more];
const small = (out: string, ...more: string[]) => argv(out, ...OPTIONS, ...more);

let studied: Promise<CliResult> | undefined;
/** The study in `all`, which is made once for all tests. */
const all = () => (studied ??= cli(small('all', '--json')));

/** sha256 of models and tables of a study, by their paths. */
async function hashes(out: string): Promise<Record<string, string>> {
  const files = await readdir(at(out), { recursive: true });
  const kept = files.filter((path) => /model\.safetensors$|\.tsv$/.test(path)).sort();
  const bytes = await Promise.all(kept.map((path) => readFile(at(out, path))));
  return Object.fromEntries(
    kept.map((path, i) => [path, createHash('sha256').update(bytes[i]!).digest('hex')]),
  );
}

/** The program as installed; killed at a random moment after one of its files is there. */
async function run(out: string, killAfter?: string): Promise<number | string> {
  const child = spawn(process.execPath, ['dist/cli/main.js', ...small(out, ...THREE)], { stdio: 'ignore' });
  const closed = once(child, 'close');
  if (killAfter !== undefined) {
    const isDone = closed.then(() => true);
    while (!existsSync(at(out, killAfter)) && !(await Promise.race([isDone, delay(5, false)])));
    await Promise.race([delay(100 * Math.random()), closed]);
    child.kill('SIGKILL');
  }
  const [code, signal] = await closed;
  return signal ?? code;
}

describe('study', () => {
  it('reports every experiment but the one that fails, surveys them, and does nothing twice', async () => {
    const { code, json, stderr } = await all();
    expect(code).toBe(1);
    expect(stderr).toContain('warning: RNCMPT4 failed: ');
    expect(stderr).toContain('RNCMPT1: trained 3 epochs, validation r ');
    expect(json).toMatchObject({
      command: 'study',
      survey: at('all', 'survey'),
      experiments: [
        { name: 'RNCMPT1', status: 'reported', training: { epochs: 3, reason: 'epochs' } },
        { name: 'RNCMPT2', status: 'reported' },
        { name: 'RNCMPT3', status: 'reported' },
        { name: 'RNCMPT4', status: 'failed', message: expect.stringContaining('have the score 1') },
      ],
    });
    expect(JSON.parse(await readFile(at('all', 'manifest.json'), 'utf8'))).toEqual(json);
    const survey = await readFile(at('all', 'survey', 'survey.tsv'), 'utf8');
    expect(survey.split('\n').map((line) => line.split('\t')[0])).toEqual([
      'name',
      'RNCMPT1',
      'RNCMPT2',
      'RNCMPT3',
      '',
    ]);
    const report = at('all', 'experiments', 'RNCMPT1', 'report', 'manifest.json');
    const { trained } = JSON.parse(await readFile(report, 'utf8'));
    expect(trained).toMatchObject({ transform: 'log', seed: 1, network: expect.any(String) });
    const page = await readFile(at('all', 'survey', 'survey.html'), 'utf8');
    expect(page).toContain('href="../experiments/RNCMPT1/report/report.html"');

    const again = await cli(small('all'));
    expect(again.code).toBe(1);
    expect(again.stdout).toContain('3 experiments reported, 1 failed, 0 waiting');
    expect(again.stdout).toMatch(/^ {2}RNCMPT3 {2}no better than chance {2}test r -?0\.0/m);
    expect(again.stderr).not.toContain('trained');
    // A shard answers for its own experiments.
    expect((await cli(small('all', '--shard', '1/4'))).code).toBe(0);
  });

  it('trains the models that train does', async () => {
    const same = [...PAPER, '--experiment', 'RNCMPT2'];
    const stopping = new AbortController();
    const onStderr = (text: string) => text.includes('RNCMPT2: trained 3 epochs') && stopping.abort();
    await cli(argv('paper', ...PAPER, '--only', 'RNCMPT2'), { signal: stopping.signal, onStderr });
    // A data set has scores of 32 bits, as a study has them.
    expect((await cli(['prepare', at('table.tsv'), '--out', at('set.parquet')])).code).toBe(0);
    expect((await cli(['train', at('set.parquet'), '--out', at('alone-2'), ...same])).code).toBe(0);
    const [own, ofStudy] = await Promise.all(
      [at('alone-2'), at('paper', 'experiments', 'RNCMPT2')].map(readModel),
    );
    expect(ofStudy!.weights).toEqual(own!.weights);
    expect({ ...ofStudy!.facts, data: null }).toEqual({ ...own!.facts, data: null });
  });

  it('gives the same as a whole from shards, the last of which makes the survey', async () => {
    await all();
    const first = await cli(small('shards', ...THREE, '--shard', '2/2'));
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 experiment reported, 0 failed, 2 waiting'),
    });
    expect(existsSync(at('shards', 'survey'))).toBe(false);
    const early = await cli(small('shards', ...THREE, '--survey-only', '--json'));
    expect(early.json).toMatchObject({ survey: at('shards', 'survey') });
    expect((await cli(small('shards', ...THREE, '--shard', '1/2'))).code).toBe(0);
    expect(await hashes('shards')).toEqual(await hashes('all'));
  });

  it('refuses shards and experiments that there are not, and runs of other options', async () => {
    await all();
    const none = await cli(small('x', '--survey-only'));
    expect(none).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no report of these experiments'),
    });
    expect(existsSync(at('x'))).toBe(false);
    const shard = await cli(small('x', '--shard', '3/2'));
    expect(shard).toMatchObject({ code: 2, stderr: expect.stringContaining('such as 1/4') });
    const only = await cli(small('x', '--only', 'RBFOX1'));
    expect(only).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no experiment "RBFOX1"'),
    });
    await writeFile(at('others.tsv'), 'e\tRCK\nVTS1\t0.5\n');
    const early = await cli(small('x', ...THREE, '--published', at('others.tsv')));
    expect(early).toMatchObject({ code: 1, stderr: expect.stringContaining('no experiment in common') });
    expect(existsSync(at('x', 'experiments'))).toBe(false);
    const twice = await cli(small('x', '--only', 'RNCMPT1,RNCMPT1'));
    expect(twice).toMatchObject({ code: 2, stderr: expect.stringContaining('"RNCMPT1" is chosen twice') });
    const other = await cli(small('all', ...THREE, '--batch', '50'));
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('batch differs') });
  });

  it('goes on where it was killed, in training and between reports, to the same bits', async () => {
    await all();
    const first = join('experiments', 'RNCMPT1');
    for (const file of ['checkpoint.safetensors', join('report', 'manifest.json')])
      expect(await run('killed', join(first, file))).toBe('SIGKILL');
    expect(await run('killed')).toBe(0);
    expect(await hashes('killed')).toEqual(await hashes('all'));
    expect(Object.keys(await hashes('killed'))).toContain('experiments/RNCMPT1/model.safetensors');
  });

  it('takes other files for the survey without a word, and makes nothing else again', async () => {
    await all();
    await writeFile(at('names.csv'), 'experiment,Gene_name\nRNCMPT2,HuR\n');
    await writeFile(at('published.tsv'), 'e\tRCK\nRNCMPT1\t0.5\n');
    const beside = ['--names', at('names.csv'), '--published', at('published.tsv')];
    const { code, stderr } = await cli(small('all', ...THREE, ...beside));
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('names.csv names 1 of 3 experiments');
    expect(stderr).not.toContain('trained');
    expect(await readFile(at('all', 'survey', 'survey.html'), 'utf8')).toContain('HuR (RNCMPT2)');
  });

  it('records its reports where the survey cannot be made', async () => {
    await all();
    await rm(at('all', 'survey'), { recursive: true });
    await writeFile(at('all', 'survey'), 'in the way');
    const { code, stderr } = await cli(small('all', ...THREE));
    expect(code).not.toBe(0);
    expect(stderr).toContain(`${at('all', 'survey')}: cannot write there`);
    expect(JSON.parse(await readFile(at('all', 'manifest.json'), 'utf8'))).toMatchObject({
      survey: null,
      experiments: [{ status: 'reported' }, { status: 'reported' }, { status: 'reported' }],
    });
  });
});
