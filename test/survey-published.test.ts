/** Surveys beside published correlations: the table, the join, the paired tests, the figure and the page. */

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../src/kernels/random.js';
import { signedRanks } from '../src/nn/comparison/wilcoxon.js';
import { densityOf, violinPlot } from '../src/report/charts/index.js';
import type { SurveyedModel } from '../src/report/stored-report.js';
import { compareWithPublished, joinPublished, parsePublished } from '../src/report/survey/published.js';
import { survey } from '../src/report/survey.js';
import { expectVisible, hasBrowser, inBrowser } from './support/browser.js';
import { cli } from './support/cli.js';
import { elementsOf } from './support/svg.js';

const nameOf = (i: number) => `RNCMPT${String(i + 1).padStart(5, '0')}`;
const MODELS = Array.from({ length: 40 }, (_, i): SurveyedModel => {
  const draws = new Random(1, 0).draws(i);
  return {
    name: nameOf(i),
    sha256: String(i),
    motif: 'GCAUGU',
    importance: 2,
    pearson: i === 7 ? undefined : 0.5 + 0.4 * draws.uniform(),
    spearman: undefined,
    n: 1000,
    hasLearned: true,
    slope: 1,
    r2: 0.9,
    effect5: 1,
    effect3: 0.9,
    gcDifference: 0.1,
    loopOverStem: 0,
  };
});

/** Rows of experiments 6 to 45; the second method lacks one. */
const TABLE = `experiment\tGood\tRather poor method, <of old>\n${Array.from({ length: 40 }, (_, j) => {
  const draws = new Random(2, 0).draws(j);
  const good = 0.45 + 0.4 * draws.uniform();
  return `${nameOf(j + 5)}\t${good.toFixed(4)}\t${j === 3 ? 'NA' : (good - 0.3).toFixed(4)}\n`;
}).join('')}`;

describe('parsePublished', () => {
  it('reads methods and correlations, of which some are missing', () => {
    const { methods, experiments } = parsePublished('e,A,B\nx,0.5,\ny,-1,nan\n', 'p.csv');
    expect(methods).toEqual(['A', 'B']);
    expect([...experiments]).toEqual([
      ['x', [0.5, undefined]],
      ['y', [-1, undefined]],
    ]);
  });

  it.each([
    ['', 'p.tsv: expected a header'],
    ['e\n', 'p.tsv: expected a header'],
    ['e\tA\tA\n', 'p.tsv:1: column 3 repeats the name "A"'],
    ['e\tA\t\n', 'p.tsv:1: column 3 has no name'],
    ['e\tA\nx\t0.1\t0.2\n', 'p.tsv:2: 3 fields, but the header has 2'],
    ['e\tA\nx\t0.1\nx\t0.2\n', 'p.tsv:3: experiment "x" is given twice'],
    ['e\tA\n\t0.1\n', 'p.tsv:2: the experiment has no name'],
    ['e\tA\nx\tRBFOX1\n', 'p.tsv:2: "RBFOX1" in column "A" is not a correlation from -1 to 1'],
    ['e\tA\nx\t1.2\n', '"1.2" in column "A" is not a correlation'],
  ])('names the place of what it cannot read: %j', (text, message) => {
    expect(() => parsePublished(text, 'p.tsv')).toThrow(message);
  });
});

describe('joinPublished', () => {
  const published = parsePublished(TABLE, 'p.tsv');
  const models = MODELS.map(({ name, pearson }) => ({ experiment: name, pearson }));

  it('pairs by name, and says what has no partner', () => {
    const joined = joinPublished(models, published);
    expect(joined.experiments.map(({ experiment }) => experiment)).toEqual(
      models.slice(5).flatMap(({ experiment, pearson }) => (pearson === undefined ? [] : [experiment])),
    );
    expect(joined.unpublished).toEqual([0, 1, 2, 3, 4].map(nameOf));
    expect(joined.untrained).toEqual([40, 41, 42, 43, 44].map(nameOf));
    expect(joined.unmeasured).toEqual([nameOf(7)]);
  });

  it('compares each method over the pairs that it has, by the signed-rank test', () => {
    const [good, poor, ...none] = compareWithPublished(joinPublished(models, published), published);
    expect(none).toEqual([]);
    // Experiment 8 has no model with a correlation, and experiment 9 no correlation of the second method.
    const pairs = models.slice(5).flatMap(({ experiment, pearson }) => {
      const r = published.experiments.get(experiment)![0]!;
      return pearson === undefined ? [] : [[pearson, r] as const];
    });
    const [ours, theirs] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
    const mean = theirs.reduce((a, b) => a + b) / theirs.length;
    const { p, wins } = signedRanks(ours, theirs);
    expect(good).toMatchObject({ method: 'Good', n: 34, wins, p });
    expect(good!.mean).toBeCloseTo(mean, 12);
    const squares = theirs.reduce((sum, r) => sum + (r - mean) ** 2, 0);
    expect(good!.deviation).toBeCloseTo(Math.sqrt(squares / 33), 12);
    expect(good!.difference).toBeCloseTo(ours.reduce((a, b) => a + b) / 34 - mean, 12);
    expect(poor).toMatchObject({ n: 33 });
    expect(poor!.p).toBeLessThan(1e-4);
  });

  it('counts an experiment with several models once, and refuses a table of other experiments', () => {
    const twice = joinPublished(
      [
        { experiment: nameOf(10), pearson: 0.4 },
        { experiment: nameOf(10), pearson: 0.6 },
      ],
      published,
    );
    expect(twice.experiments).toMatchObject([{ own: 0.5, models: 2 }]);
    expect(() => joinPublished([{ experiment: 'VTS1', pearson: 0.6 }], published)).toThrow(
      'p.tsv and the reports have no experiment in common. The table has "RNCMPT00006" and others; reports are of "VTS1".',
    );
  });
});

describe('violinPlot', () => {
  it('has the density of a plain loop, highest where values are dense', () => {
    const values = Array.from({ length: 200 }, (_, i) => new Random(3, 0).draws(i).normal());
    const outline = densityOf(values);
    const sorted = values.toSorted((a, b) => a - b);
    expect(outline[0]!.value).toBe(sorted[0]);
    expect(outline.at(-1)!.value).toBeCloseTo(sorted.at(-1)!, 12);
    expect(Math.max(...outline.map(({ density }) => density))).toBe(1);
    const peak = outline.find(({ density }) => density === 1)!;
    expect(Math.abs(peak.value)).toBeLessThan(0.5);
    expect(densityOf([0.5, 0.5, 0.5])).toEqual([]);
  });

  it('draws outlines of many values, and dots of few', async () => {
    const many = Array.from({ length: 12 }, (_, i) => i / 12);
    const { svg, rows } = await violinPlot(
      { 'a "quoted"\\ name': many, few: [0.2, 0.4] },
      { title: 't', xLabel: 'method', yLabel: 'r' },
    );
    const kinds = elementsOf(svg).map(({ attributes }) => attributes['aria-roledescription']);
    expect(rows.map(({ name, n }) => [name, n])).toEqual([
      ['a "quoted"\\ name', 12],
      ['few', 2],
    ]);
    expect(kinds.filter((kind) => kind === 'tick')).toHaveLength(2);
    expect(svg.match(/mark-area/g)!.length).toBeGreaterThan(0);
    expect(svg).toContain('a &quot;quoted&quot;\\ name');
    await expect(violinPlot({}, { title: 't', xLabel: 'x', yLabel: 'y' })).rejects.toThrow('at least one');
  });
});

describe('a survey with published correlations', () => {
  const published = parsePublished(TABLE, 'published.tsv');

  it('has the figure, the tests, the printed means, and every number as a table', async () => {
    const plain = await survey({ models: MODELS, facts: [] });
    const { page, files, comparison } = await survey({ models: MODELS, facts: [], published });
    expect(page).toContain('34 experiments of published.tsv have a report here.');
    expect(page).toContain('5 experiments are not in published.tsv: RNCMPT00001, RNCMPT00002,');
    expect(page).toContain('5 rows of published.tsv have no report here.');
    expect(page).toContain('1 report has no test correlation (make them with --data): RNCMPT00008.');
    expect(page).toContain('Missing correlations: Rather poor method, &lt;of old&gt; in 1 experiment.');
    expect(page).toContain('Given numbers: means printed in the paper');
    expect(page).toMatch(/MATRIXReduce<\/td><td class="number" data-value="0.353">0.353/);
    expect(comparison).toMatchObject({ record: { experiments: 34, untrained: 5 } });
    const added = files.filter(({ path }) => !plain.files.some((file) => file.path === path));
    expect(added.map(({ path }) => path).sort()).toEqual([
      'figures/methods-experiments.tsv',
      'figures/methods-tests.tsv',
      'figures/methods.svg',
      'figures/methods.tsv',
    ]);
    const each = files.find(({ path }) => path === 'figures/methods-experiments.tsv')!.contents;
    expect(each.trim().split('\n')).toHaveLength(1 + 34 * 3);
    // The other files do not change, but the table of all models has further columns at its end.
    const contentsOf = (path: string) => files.find((file) => file.path === path)!.contents;
    for (const { path, contents } of plain.files)
      if (path !== 'survey.tsv') expect(contentsOf(path)).toBe(contents);
    const rows = contentsOf('survey.tsv')
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(rows[0]!.slice(-5)).toEqual([
      'experiment',
      'published_good',
      'difference_good',
      'published_rather_poor_method_of_old',
      'difference_rather_poor_method_of_old',
    ]);
    const [r, ours] = [published.experiments.get(nameOf(6))![0]!, MODELS[6]!.pearson!];
    expect(rows.find(([name]) => name === nameOf(6))!.slice(-4, -2)).toEqual([String(r), String(ours - r)]);
    // No published row, no model's r, and no correlation of the second method.
    for (const [i, last] of [
      [0, ['', '', '', '']],
      [7, [expect.stringMatching(/^0/), '', expect.stringMatching(/^0/), '']],
      [8, [expect.anything(), expect.stringMatching(/0\./), '', '']],
    ] as const)
      expect(rows.find(([name]) => name === nameOf(i))!.slice(-4)).toEqual(last);
    expect(page).toContain('>r − Rather poor method, &lt;of old&gt;</button>');
    expect(page).toContain(`data-value="${ours - r}"`);
  });

  it('has the printed means also without a table, beside the mean of the models', async () => {
    const { page } = await survey({ models: MODELS.slice(0, 2), facts: [] });
    expect(page).toContain('Given numbers: means printed in the paper');
    const [a, b] = [MODELS[0]!.pearson!, MODELS[1]!.pearson!];
    const deviation = Math.abs(a - b) / Math.SQRT2;
    expect(page).toContain(
      `the mean r of this data set is ${((a + b) / 2).toFixed(3)} ± ${deviation.toFixed(3)} over 2 models.`,
    );
    for (const [method, mean] of [
      ['ResidualBind, clipped scores', '0.689'],
      ['ResidualBind, logarithms of scores', '0.685'],
      ['ResidualBind, sequence and PHIME structure', '0.682'],
    ])
      expect(page).toMatch(new RegExp(`${method}</td><td class="number" data-value="${mean}">${mean}<`));
  });

  it('says so where no model has a correlation', async () => {
    const models = MODELS.slice(5, 7).map((model) => ({ ...model, pearson: undefined }));
    const { page, files } = await survey({ models, facts: [], published });
    expect(page).toContain('2 reports have no test correlation');
    expect(files.map(({ path }) => path)).not.toContain('figures/methods.svg');
  });

  it('leaves the printed means out where the experiments are not those of the paper', async () => {
    const own = parsePublished('e\tM\nVTS1\t0.5\n', 'own.tsv');
    const { page, files } = await survey({
      models: [{ ...MODELS[0]!, name: 'VTS1 (folder)', experiment: 'VTS1' }],
      facts: [],
      published: own,
    });
    expect(page).toContain('1 experiment of own.tsv has a report here.');
    expect(page).not.toContain('printed in the paper');
    expect(files.find(({ path }) => path === 'figures/methods.tsv')!.contents).toMatch(/\nM\t0.5\t/);
  });

  it.skipIf(!hasBrowser)('is legible on wide and narrow screens', async () => {
    const { page } = await survey({ models: MODELS, facts: [], published });
    await inBrowser((tab) => expectVisible(tab, page, 6));
  });
});

describe('residualbind survey --published', () => {
  let folder: string;
  const at = (...parts: string[]) => join(folder, ...parts);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'residualbind-published-'));
    for (const [name, sha256] of [
      [nameOf(5), 'a'],
      [nameOf(6), 'b'],
    ] as const) {
      await mkdir(at(name));
      const agreement = { pearson: 0.7, spearman: 0.6, n: 100 };
      const about = { command: 'report', name, options: {}, models: [{ sha256 }], motif: 'GCA', agreement };
      await writeFile(at(name, 'manifest.json'), JSON.stringify(about));
    }
    await writeFile(at('published.tsv'), TABLE);
    await writeFile(at('other.tsv'), 'e\tM\nVTS1\t0.5\n');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const run = (...more: string[]) => cli(['survey', at(nameOf(5)), at(nameOf(6)), ...more]);

  it('joins the table, and records it', async () => {
    const { code, stderr, json } = await run(
      '--published',
      at('published.tsv'),
      '--out',
      at('out'),
      '--json',
    );
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('38 rows of');
    expect(json).toMatchObject({
      published: { path: at('published.tsv'), experiments: 2, methods: [{ method: 'Good', n: 2 }, { n: 2 }] },
    });
    expect(await readFile(at('out', 'survey.html'), 'utf8')).toContain('<h2>Other methods</h2>');
    const stored = JSON.parse(await readFile(at('out', 'manifest.json'), 'utf8'));
    expect(stored.published.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('refuses a table with nothing in common, and says nothing of one that is not given', async () => {
    const other = await run('--published', at('other.tsv'), '--out', at('x'));
    expect(other.code).toBe(1);
    expect(other.stderr).toContain('have no experiment in common');
    const none = await run('--out', at('plain'));
    expect(none.code, none.stderr).toBe(0);
    const stored = await readFile(at('plain', 'manifest.json'), 'utf8');
    expect(JSON.parse(stored)).not.toHaveProperty('published');
    expect(stored).not.toContain('"experiment"');
  });
});
