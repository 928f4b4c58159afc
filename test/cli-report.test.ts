/**
 * `residualbind report`: the page and its files from a model, what it shows letter by letter, measured
 * affinities, what a survey takes of it, and its refusals.
 */

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CancelledError } from '../src/device/errors.js';
import { checkTableOf } from '../src/gia/files/table-models.node.js';
import { cli } from './support/cli.js';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const text = (...names: string[]) => readFile(at(...names), 'utf8');
const json = async (...names: string[]) => JSON.parse(await text(...names));
const few = ['--backgrounds', '8', '--seed', '1'];
const report = (...args: string[]) =>
  cli(['report', at('run'), '--table', at('3-mers.tsv'), ...few, ...args]);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-report-'));
  await cli(['simulate', '--probes', '200', '--out', at('probes.tsv')]);
  const size = ['--filters', '8', '--hidden', '16', '--batch', '32', '--epochs', '1'];
  expect(await cli(['train', at('probes.tsv'), '--out', at('run'), ...size])).toMatchObject({ code: 0 });
  const sweep = ['gia', 'sweep', at('run'), '--k', '3', '--out', at('3-mers.tsv'), ...few];
  expect(await cli(sweep)).toMatchObject({ code: 0 });
  await writeFile(at('kd.csv'), 'pattern,KD_nM\nUGCAUGU,0.83\nAGCAUGU,4.8\nUACAUGU,350\nUGCAUAU,1830\n');
});

afterAll(() => rm(folder, { recursive: true }));

describe('residualbind report', () => {
  it('leaves no folder where it fails or is cancelled', async () => {
    expect(await cli(['report', at('nothing'), '--out', at('new', 'page')])).toMatchObject({ code: 1 });
    const signal = AbortSignal.abort(new CancelledError('stopped'));
    expect(await cli(['report', at('run'), '--out', at('new', 'page'), ...few], { signal })).toMatchObject({
      code: 130,
    });
    expect(await readdir(folder)).not.toContain('new');
  });

  it('shows the best of --data, with what was measured, and keeps its name', async () => {
    const args = ['--data', at('probes.tsv'), '--logos', '2', '--out', at('best')];
    const { code, stderr } = await report(...args);
    expect(code, stderr).toBe(0);
    const page = await text('best', 'report.html');
    expect(page).toContain('What run has learned');
    expect(page.match(/Test sequence \d+, measured −?\d+\.\d\d, predicted −?\d+\.\d\d\./g)).toHaveLength(2);
    expect(page).toContain('s.d. of scores');
    expect(JSON.parse(await text('best', 'manifest.json'))).toMatchObject({
      command: 'report',
      name: 'run',
      trained: { transform: 'log', seed: 1 },
    });
    const survey = await cli(['survey', at('best'), '--out', at('survey'), '--json']);
    expect(survey.json).toMatchObject({ models: [{ name: 'run' }] });
  });

  it('shows given sequences, and draws the structure of those that have one', async () => {
    await writeFile(at('folded.fa'), '>hairpin\nGGGAUGCAUCCC\n((((....))))\n>plain\nACGUACGU\n');
    const { code, stderr } = await report('--show', at('folded.fa'), '--out', at('shown'));
    expect(code, stderr).toBe(0);
    const files = (await readdir(at('shown', 'figures'))).filter((file) => file.startsWith('sequence-'));
    expect(files.sort()).toEqual(['sequence-1.svg', 'sequence-1.tsv', 'sequence-2.svg', 'sequence-2.tsv']);
    expect((await text('shown', 'figures', 'sequence-1.svg')).match(/data-pair="/g)).toHaveLength(4);
    expect(await text('shown', 'figures', 'sequence-2.svg')).not.toContain('data-pair');
    expect(await text('shown', 'report.html')).toContain('hairpin, predicted');
  });

  it('refuses a structure that is none, by file, line and record', async () => {
    await writeFile(at('bad.fa'), '>one\nGGGAAACCC\n(((...))\n');
    const absent = await report('--show', 'nofile', '--out', at('never'));
    expect(absent.code).toBe(1);
    expect(absent.stderr).toContain('nofile: cannot be read (there is no such file');
    const { code, stderr } = await report('--show', at('bad.fa'), '--out', at('never'));
    expect(code).toBe(1);
    expect(stderr).toContain(`${at('bad.fa')}:3: structure of "one": "(" at position 1 is never closed`);
  });

  it('has measured affinities and a sub-optimal motif where it is given them, over any backgrounds', async () => {
    const chain = ['--null', 'markov', '--order', '2', '--sequences', at('probes.tsv')];
    const given = ['--affinity', at('kd.csv'), '--suboptimal', 'AGAAUG', '--data', at('probes.tsv')];
    const made = await report('--logos', '1', '--out', at('report'), '--json', ...chain, ...given);
    expect(made.code, made.stderr).toBe(0);
    const page = await text('report', 'report.html');
    expect(page).toContain('<h2>Measured affinities</h2>');
    expect(page).toContain('copies of AGAAUG');
    expect(page).toContain('8, markov of order 2, seed 1');
    const figures = await readdir(at('report', 'figures'));
    for (const name of ['affinity', 'multiplicity', 'hairpin'])
      expect(figures).toEqual(expect.arrayContaining([`${name}.svg`, `${name}.tsv`, `${name}.json`]));
    expect(figures).toContain('multiplicity-suboptimal.svg');
    const manifest = await json('report', 'manifest.json');
    expect(manifest).toMatchObject({
      command: 'report',
      order: 2,
      seed: 1,
      options: { null: 'markov', affinities: { path: at('kd.csv') }, suboptimal: 'AGAAUG' },
    });

    // The same numbers as the experiment by itself.
    const alone = await cli(['gia', 'affinity', at('run'), at('kd.csv'), ...few, ...chain, '--json']);
    const [{ facts }] = alone.json!.results as [{ facts: [{ slope: number }] }];
    const stored = await json('report', 'figures', 'affinity.json');
    expect(stored.facts[0].slope).toBeCloseTo(facts[0].slope, 5);
    expect(stored.rows).toHaveLength(4);

    const survey = await cli(['survey', at('report'), '--out', at('survey'), '--json']);
    expect(survey.code, survey.stderr).toBe(0);
    const { slope } = (await json('report', 'figures', 'multiplicity.json')).facts[0];
    expect(survey.json).toMatchObject({ models: [{ slope, motif: manifest.motif }] });
  });

  it('refuses the sweep of another model, and says where a table does not tell its model', async () => {
    const manifest = await json('3-mers.tsv.manifest.json');
    const other = { path: 'other', sha256: 'f'.repeat(64) };
    await writeFile(at('other.tsv'), await text('3-mers.tsv'));
    const of = async (about: string) => {
      await writeFile(at('other.tsv.manifest.json'), about);
      return await report('--table', at('other.tsv'), '--out', at('mixed'));
    };
    const { code, stderr } = await of(JSON.stringify({ ...manifest, models: [other] }));
    expect(code).toBe(1);
    expect(stderr).toContain(
      `${at('other.tsv')}: its manifest says that it is from other (sha256 ffffffffffff…), which is not ${at('run', 'model.safetensors')}`,
    );
    const several = await of(JSON.stringify({ models: [...manifest.models, other] }));
    expect(several).toMatchObject({ code: 1 });
    expect(await of('no JSON')).toMatchObject({ code: 1 });
    expect(await readdir(folder)).not.toContain('mixed');
    const told = (about: unknown) => checkTableOf(at('none.tsv'), { manifest: about }, manifest.models);
    expect(await told(manifest)).toBeUndefined();
    expect(await told({ models: [null, { path: 'run' }] })).toContain(
      'none.tsv names no model, so it is not',
    );
    expect(await told(undefined)).toContain('none.tsv has no manifest, so it is not known');
  });

  it('refuses a folder whose manifest another command wrote', async () => {
    const before = await text('run', 'manifest.json');
    const { code, stderr } = await report('--out', at('run'));
    expect(code).not.toBe(0);
    expect(stderr).toContain(`${at('run')} holds what "train" wrote`);
    expect(stderr).toContain(`such as ${at('run', 'report')}`);
    expect(await text('run', 'manifest.json')).toBe(before);
  });

  it('names what is wrong with a table of affinities before it opens the model', async () => {
    await writeFile(at('bad.csv'), 'pattern,KD_nM\nUGCAUGU,0.83\nAGCAUGU,tight\n');
    const unmade = (...args: string[]) =>
      cli(['report', at('no model'), '--out', at('none'), ...few, ...args]);
    const bad = await unmade('--affinity', at('bad.csv'));
    expect(bad.code).toBe(1);
    expect(bad.stderr).toContain(`error: ${at('bad.csv')}:3: K_D "tight" must be a number above 0`);
    expect(await unmade('--suboptimal', 'AXG')).toMatchObject({ code: 2 });
  });
});
