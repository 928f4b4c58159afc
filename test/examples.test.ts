/**
 * The examples of library use run as they are shown, one after the other at a tiny size, and leave what
 * commands read.
 */

import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadCheckpoint, readModel } from '../src/nn/files/model-files.node.js';
import { readReports } from '../src/report/stored-report.node.js';
import { cli } from './support/cli.js';

const root = join(import.meta.dirname, '..');
let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-examples-'));
  await cli(['simulate', '--probes', '160', '--noise', '0.1', '--out', at('probes.tsv')]);
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs an example in a process of its own. @returns its standard output */
const run = async (name: string, ...args: string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, [join(root, 'examples', name), ...args])).stdout;

it.each(['train', 'gia-all', 'report'])('%s has fifteen lines', async (name) => {
  const code = (await readFile(join(root, 'examples', `${name}.mjs`), 'utf8')).replace(/\/\*.*?\*\//s, '');
  expect(code.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(15);
});

it('trains as the command does, and goes on with the same run', async () => {
  // Of few kernels, which each process compiles anew.
  const sizes = { preset: 'deepbind', filters: 4, hidden: 4, seed: 1 };
  const train = (epochs: number) =>
    run('train.mjs', at('probes.tsv'), at('run'), JSON.stringify({ ...sizes, epochs }));
  expect(await train(1)).toMatch(/^loss [\d.]+, validation r -?[\d.]+\n\{\n {2}pearson: /m);
  expect((await loadCheckpoint(at('run'))).state.epoch).toBe(1);
  expect((await train(2)).match(/^loss/gm)).toHaveLength(1);
  expect((await loadCheckpoint(at('run'))).state.epoch).toBe(2);
  const { facts } = await readModel(at('run'));
  expect(facts.normalisation?.fitted.train.n).toBeGreaterThan(60);
  const { code, json } = await cli(['evaluate', at('run'), at('probes.tsv'), '--json']);
  expect(code).toBe(0);
  expect((json as { n: number }).n).toBe(80);
});

it('runs all experiments of the top 6-mer', async () => {
  const stdout = await run('gia-all.mjs', at('run'), at('analysis'), '4');
  const [, motif] = /is ([ACGU]{6})$/m.exec(stdout) ?? [];
  const result = JSON.parse(await readFile(at('analysis/mutagenesis.json'), 'utf8')) as {
    design: { motif: string };
    rows: unknown[];
  };
  expect(result.rows).toHaveLength(19);
  expect(result.design.motif).toBe(motif);
  expect(await readdir(at('analysis'))).toContain('hairpin.comparisons.tsv');
});

it('makes the report', async () => {
  await run('report.mjs', at('run'), at('probes.tsv'), at('report'), '4');
  const page = await readFile(at('report/report.html'), 'utf8');
  expect(page).toContain('Agreement with measurements');
  expect(page).toContain('Sequences, letter by letter');
  expect(await readdir(at('report/figures'))).toContain('sweep.tsv');
  // It is a page and its figures; a survey takes folders that the command wrote, with manifests.
  await expect(readReports([at('report')])).rejects.toThrow('not a folder that residualbind report wrote');
});
