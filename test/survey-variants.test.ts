/**
 * Models of the same experiments that were trained in different ways: what differs, paired tests, page and
 * command.
 */

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../src/kernels/random.js';
import { signedRanks } from '../src/nn/comparison/wilcoxon.js';
import type { TrainedAs } from '../src/report/stored-report.js';
import { findReports } from '../src/report/stored-report.node.js';
import { parseNames } from '../src/report/survey/names.js';
import type { Surveyed } from '../src/report/survey/surveyed.js';
import { comparePairs, variantsOf, variantTable } from '../src/report/survey/variants.js';
import { survey } from '../src/report/survey.js';
import { expectVisible, hasBrowser, inBrowser } from './support/browser.js';
import { cli } from './support/cli.js';

let models = 0;
const model = (name: string, trained?: TrainedAs, more: Partial<Surveyed> = {}): Surveyed => ({
  name,
  sha256: String(models++).padStart(8, 'x'),
  motif: 'GCAUGU',
  importance: 2,
  pearson: 0.7,
  spearman: 0.7,
  n: 1000,
  hasLearned: true,
  slope: undefined,
  r2: 0.9,
  effect5: undefined,
  effect3: undefined,
  gcDifference: undefined,
  loopOverStem: undefined,
  ...(trained && { trained }),
  ...more,
});

describe('variantsOf', () => {
  const [log, clip] = [
    { transform: 'log', preset: 'paper', network: '96 filters', seed: 1 },
    { transform: 'clip', preset: 'paper', network: '96 filters', seed: 1 },
  ];

  it('says what differs within an experiment, and no more', () => {
    const all = [model('A', log), model('A', clip), model('B', log)];
    expect(variantsOf(all)).toEqual(['log transform', 'clip transform', 'log transform']);
    // Experiments that differ from each other are no variants.
    expect(variantsOf([model('A', log), model('B', clip)])).toBeUndefined();
    expect(variantsOf([model('A', log), model('A', log)])).toBeUndefined();
  });

  it('names a network by its preset where that says enough', () => {
    const small = { ...log, preset: 'deepbind', network: 'convolution, dense' };
    expect(variantsOf([model('A', log), model('A', small)])).toEqual(['paper network', 'deepbind network']);
    const of = (network: string) => model('A', { ...log, network });
    const tail = 'dilations 1, 2, 4, 32 hidden units';
    expect(variantsOf([of(`16 filters, ${tail}`), of(`8 filters, ${tail}`)])).toEqual([
      '16 filters',
      '8 filters',
    ]);
    const narrow = { ...log, network: '16 filters' };
    expect(variantsOf([model('A', log), model('A', narrow)])).toEqual(['96 filters', '16 filters']);
    expect(variantsOf([model('A', log), model('A', { ...clip, network: '16 filters' })])).toEqual([
      'log transform',
      'clip transform',
    ]);
    const none = { ...narrow, transform: 'none' };
    expect(variantsOf([model('A', log), model('A', narrow), model('A', none)])).toEqual([
      'log transform, 96 filters',
      'log transform, 16 filters',
      'no transform, 16 filters',
    ]);
  });

  it('takes seeds where nothing else differs, and folders where no fact is known', () => {
    const again = { ...log, seed: 2 };
    expect(variantsOf([model('A', log), model('A', again)])).toEqual(['seed 1', 'seed 2']);
    expect(variantsOf([model('A', log), model('A', { ...clip, seed: 2 })])).toEqual([
      'log transform',
      'clip transform',
    ]);
    const from = (source: string) => model('A', undefined, { source });
    expect(variantsOf([from('/data/one/study'), from('/data/two/study')])).toEqual([
      'one/study',
      'two/study',
    ]);
    expect(variantsOf([from('/data/study'), from('/data/study/again')])).toEqual(['study', 'again']);
  });
});

/** Forty experiments with clipped scores and logarithms; one lacks a clipped r, and one has two models. */
const both = (): Surveyed[] => {
  const rows = Array.from({ length: 40 }, (_, i) => {
    const draws = new Random(1, 0).draws(i);
    const r = 0.4 + 0.4 * draws.uniform();
    const of = (transform: string, pearson: number | undefined) =>
      model(
        `RNCMPT${i + 10_000}`,
        { transform },
        { pearson, source: transform, folder: `${transform}/${i}` },
      );
    return [of('log', r), of('clip', i === 3 ? undefined : r + 0.05 * draws.normal() - 0.02)];
  });
  return [...rows.flat(), model('RNCMPT10000', { transform: 'log' }, { pearson: 0.1, folder: 'log/again' })];
};

describe('comparePairs', () => {
  it('pairs experiments, and agrees with plain loops', () => {
    const all = both();
    const table = variantTable(all, variantsOf(all)!);
    expect(table).toMatchObject({ variants: ['log transform', 'clip transform'], averaged: 1 });
    const [pair, ...none] = comparePairs(table);
    expect(none).toEqual([]);
    const [a, b]: number[][] = [[], []];
    for (let i = 0; i < 40; i++) {
      const [first, second] = [all[2 * i]!.pearson!, all[2 * i + 1]!.pearson];
      if (second === undefined) continue;
      a!.push(i === 0 ? (first + 0.1) / 2 : first);
      b!.push(second);
    }
    expect(pair!.pairs.map(({ first }) => first)).toEqual(a);
    expect(pair!.pairs.map(({ second }) => second)).toEqual(b);
    const sorted = a!.toSorted((x, y) => x - y);
    expect(pair!.firstMedian).toBe(sorted[19]);
    expect(pair!.wins).toBe(b!.filter((r, i) => r > a![i]!).length);
    expect(pair!.p).toBe(signedRanks(b!, a!).p);
  });
});

describe('a survey of variants', () => {
  it('has their figures, tests and findings, and tells models apart by them', async () => {
    const names = parseNames('RNCMPT10001,<i>Fox</i>\n', 'n.csv');
    const { page, files } = await survey({ models: both(), facts: [], names });
    const section = /<section id="variants">[\s\S]*?<\/section>/.exec(page)![0];
    expect(section).toContain('39 experiments have models of several variants: log transform (39) and clip');
    expect(section).toContain('In 1 experiment, a variant has several models; their mean r counts.');
    expect(section).toContain('Each r is computed with the transform that the model was trained with.');
    expect(page).toMatch(
      /<li>Over 39 experiments, the median r is 0\.\d+ with clip transform and 0\.\d+ with/,
    );
    expect(page).toContain('&lt;i&gt;Fox&lt;/i&gt; (RNCMPT10001), log transform');
    expect(page).toContain('RNCMPT10000 (log/again)');
    expect(page).toMatch(
      /is 0\.\d+ ± 0\.\d+ over 41 models \(log transform\) and 0\.\d+ ± 0\.\d+ over 39 models/,
    );
    const paths = files.map(({ path }) => path.replace('figures/', ''));
    for (const name of ['variants', 'variants-1', 'variants-1-difference'])
      expect(paths).toEqual(expect.arrayContaining([`${name}.svg`, `${name}.tsv`]));
    const lines = (path: string) =>
      files
        .find((file) => file.path === path)!
        .contents.trim()
        .split('\n');
    expect(lines('figures/variants-1.tsv')).toHaveLength(40);
    expect(lines('figures/variants-experiments.tsv')).toHaveLength(1 + 2 * 39);
    expect(lines('survey.tsv')[0]).toMatch(/\texperiment\tvariant\tprotein\tspecies$/);
    expect(lines('survey.tsv')[1]).toMatch(/\tRNCMPT10000\tlog transform\t/);
  });

  it('draws models of a few experiments on one line, in colours of variants', async () => {
    const few = both().slice(2, 10);
    const { page, files } = await survey({ models: few, facts: [] });
    const rows = files
      .find(({ path }) => path === 'figures/performance.tsv')!
      .contents.trim()
      .split('\n');
    expect(rows[0]).toBe('name\tvalue\tseries');
    // One of the eight has no r.
    expect(rows).toHaveLength(1 + 7);
    expect(page).not.toContain('Each r is computed with the transform that the model was trained with. In');
    const plain = await survey({ models: few.filter((_, i) => i % 2 === 0), facts: [] });
    expect(plain.page).not.toContain('id="variants"');
    expect(plain.files.find(({ path }) => path === 'survey.tsv')!.contents).not.toContain('variant');
  });

  it.skipIf(!hasBrowser)('is legible on wide and narrow screens', async () => {
    const { page } = await survey({ models: both().slice(2, 22), facts: [] });
    await inBrowser((tab) => expectVisible(tab, page, 5));
  });
});

describe('residualbind survey of studies', () => {
  let folder: string;
  const at = (...parts: string[]) => join(folder, ...parts);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'residualbind-variants-'));
    for (const [s, transform] of ['log', 'clip'].entries()) {
      for (const [i, name] of ['A', 'B', 'C'].entries()) {
        const report = at(transform, 'experiments', name, 'report');
        await mkdir(report, { recursive: true });
        await writeFile(
          join(report, 'manifest.json'),
          JSON.stringify({
            command: 'report',
            name,
            models: [{ sha256: `${transform}${name}` }],
            motif: 'GCA',
            trained: { transform, preset: 'paper', network: '6 filters', seed: 1 },
            agreement: { pearson: 0.5 + 0.1 * i + 0.01 * s, spearman: 0.5, n: 100 },
          }),
        );
      }
      await writeFile(at(transform, 'manifest.json'), JSON.stringify({ command: 'study' }));
    }
    await mkdir(at('clip', 'experiments', 'D'));
    await writeFile(at('clip', 'experiments', 'C', 'failure.json'), '{}');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('finds reports in studies, and says which are missing', async () => {
    const found = await findReports([at('clip'), at('log', 'experiments', 'A', 'report'), at('nowhere')]);
    expect(found.folders).toEqual([
      at('clip', 'experiments', 'A', 'report'),
      at('clip', 'experiments', 'B', 'report'),
      at('log', 'experiments', 'A', 'report'),
      at('nowhere'),
    ]);
    expect(found.notes).toEqual([`${at('clip')}: 2 experiments of 4 have no report: C and D`]);
  });

  it('takes experiments of a study that have the same model, and says so', async () => {
    for (const name of ['A', 'B']) {
      const report = at('equal', 'experiments', name, 'report');
      await mkdir(report, { recursive: true });
      const models = [{ sha256: 'same' }];
      await writeFile(
        join(report, 'manifest.json'),
        JSON.stringify({ command: 'report', name, models, motif: 'GCA' }),
      );
    }
    const { code, stderr, stdout } = await cli(['survey', at('equal'), '--out', at('both')]);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('"A" and "B" have the same model, so their scores are the same; each counts');
    expect(stdout).toContain('2 models');
    expect(await readFile(at('both', 'survey.html'), 'utf8')).toContain('What 2 models have learned');
    const again = await cli(['survey', at('equal'), at('equal'), '--out', at('twice')]);
    expect(again.stderr).toContain('are reports of the same model');
  });

  it('compares two studies', async () => {
    const { code, stderr, json } = await cli(['survey', at('log'), at('clip'), '--out', at('out'), '--json']);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('2 experiments of 4 have no report: C and D');
    expect(json).toMatchObject({ models: { length: 5 }, options: { reports: [at('log'), at('clip')] } });
    const page = await readFile(at('out', 'survey.html'), 'utf8');
    expect(page).toContain(
      'Over 2 experiments, the median r is 0.560 with clip transform and 0.550 with log',
    );
    expect(page).toContain('href="../clip/experiments/A/report/report.html">A, clip transform</a>');
    // What is there once keeps its name.
    expect(page).toMatch(/report.html">C<\/a>/);
  });
});
