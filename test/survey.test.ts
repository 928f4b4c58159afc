/** The page over many models: what it takes from reports, what it refuses, and the page in a real browser. */

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../src/kernels/random.js';
import { type SurveyedModel, surveyedModels } from '../src/report/stored-report.js';
import { survey } from '../src/report/survey.js';
import { expectVisible, hasBrowser, inBrowser, scrolling } from './support/browser.js';
import { cli } from './support/cli.js';
import { elementsOf } from './support/svg.js';

const manifest = (more: object = {}) => ({
  command: 'report',
  options: { name: 'VTS1' },
  models: [{ path: 'a', sha256: 'abc' }],
  motif: 'GCUGGC',
  importance: 2.1,
  agreement: { pearson: 0.677, spearman: 0.638, n: 100 },
  ...more,
});
const multiplicity = { facts: [{ slope: 1.7, r2: 0.999, slopeInterval: [null, null] }] };
const gc = { facts: [{ effect5: 1.03, effect3: 0.97, difference: 0.06 }] };
const hairpin = {
  design: {},
  comparisons: [
    { labels: { comparison: 'paired-loop-minus-stem' }, difference: 5 },
    { labels: { comparison: 'paired-minus-unpaired-loop-minus-stem' }, difference: 0.8 },
  ],
};
const texts = (changed: Record<string, unknown> = {}) =>
  Object.fromEntries(
    Object.entries({ manifest: manifest(), multiplicity, gc, hairpin, ...changed }).map(([name, value]) => [
      name,
      value === undefined || typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  ) as Record<string, string | undefined>;

/** The first model of a report with these files. */
const surveyedModel = async (source: string, files: Readonly<Record<string, string | undefined>>) => {
  const [model] = await surveyedModels(
    source,
    async (path) => files[path.replace(/^figures\/|\.json$/g, '')],
  );
  return model!;
};

describe('surveyedModel', () => {
  it('takes what a report says', async () => {
    expect(await surveyedModel('reports/vts1', texts())).toEqual({
      name: 'VTS1',
      sha256: 'abc',
      motif: 'GCUGGC',
      importance: 2.1,
      pearson: 0.677,
      spearman: 0.638,
      n: 100,
      hasLearned: true,
      slope: 1.7,
      r2: 0.999,
      effect5: 1.03,
      effect3: 0.97,
      gcDifference: 0.06,
      loopOverStem: 0.8,
    });
  });

  it('leaves open what a report does not say', async () => {
    const { agreement: _, importance: __, ...old } = manifest({ options: {} });
    expect(
      await surveyedModel('demo/report', texts({ manifest: manifest({ name: 'demo', options: {} }) })),
    ).toMatchObject({ name: 'demo' });
    const model = await surveyedModel(
      'reports/vts1/',
      texts({ manifest: old, gc: undefined, hairpin: undefined }),
    );
    expect(model).toMatchObject({ name: 'vts1', motif: 'GCUGGC', r2: 0.999 });
    for (const name of ['importance', 'pearson', 'effect5', 'gcDifference', 'loopOverStem'] as const)
      expect(model[name]).toBeUndefined();
  });

  it.each([
    [{ pearson: 0.5, n: 100 }, true],
    [{ pearson: 0.09, n: 100_000 }, false],
    // The 95 % interval is -0.07 to 0.45.
    [{ pearson: 0.2, n: 50 }, false],
    [{ pearson: 0.2, n: 500 }, true],
    [{ pearson: -0.4, n: 500 }, false],
    [{ pearson: 1, n: 3 }, false],
    [{ pearson: null, n: 100, reason: 'constant-predictions' }, false],
    [{ pearson: null, n: 100, reason: 'constant-scores' }, undefined],
    [undefined, undefined],
  ])('says of %j whether that is better than chance: %s', async (agreement, expected) => {
    const model = await surveyedModel('r', texts({ manifest: manifest({ agreement }) }));
    expect(model.hasLearned).toBe(expected);
  });

  it.each([
    [{ manifest: undefined }, 'r: not a folder that residualbind report wrote'],
    [{ manifest: { command: 'study' } }, 'it holds a study, so name its reports: r/experiments/*/report'],
    [{ manifest: { command: 'train' } }, 'r: not a folder that residualbind report wrote'],
    [{ manifest: '{' }, 'r/manifest.json: not JSON'],
    [{ manifest: manifest({ models: [] }) }, 'r/manifest.json: no models'],
    [{ manifest: manifest({ models: [{}] }) }, 'models[0].sha256 is missing'],
    [{ manifest: manifest({ motif: 7 }) }, 'r/manifest.json: motif is not a text'],
    [{ manifest: manifest({ agreement: { pearson: 'high' } }) }, 'agreement: pearson is not a number'],
    [{ multiplicity: { facts: {} } }, 'r/figures/multiplicity.json: facts is not a list'],
    [{ manifest: manifest({ trained: { seed: 'one' } }) }, 'r/manifest.json: trained: seed is not a number'],
    [{ gc: { facts: [3] } }, 'r/figures/gc.json: facts[0] is not an object'],
    [{ hairpin: [] }, 'r/figures/hairpin.json is not an object'],
    [
      { hairpin: { what: 'GCA in hairpins', comparisons: [] } },
      'r/figures/hairpin.json was written by an earlier version of residualbind; make this report again',
    ],
  ])('names file and field of what it cannot read: %j', async (changed, message) => {
    await expect(surveyedModel('r', texts(changed))).rejects.toThrow(message);
  });
});

describe('surveyedModels', () => {
  it('takes a report of several tasks task by task', async () => {
    const { motif: _, importance: __, agreement, ...about } = manifest();
    const byTask = [
      { task: 'A', motif: 'GCA', importance: 2, agreement },
      { task: 'b/c', motif: 'UUU', importance: 1, agreement: { pearson: 0.01, n: 100 } },
    ];
    // The experiments of a task's motif ask all tasks.
    const facts = (first: number, second: number) => ({
      facts: [
        { output: 0, task: 'A', slope: first },
        { output: 1, task: 'b/c', slope: second },
      ],
    });
    const files: Record<string, object> = {
      'manifest.json': { ...about, byTask },
      'figures/task-1/multiplicity.json': facts(1, 2),
      'figures/task-2/multiplicity.json': facts(3, 4),
    };
    const models = await surveyedModels('r', async (path) => files[path] && JSON.stringify(files[path]));
    expect(models).toMatchObject([
      { name: 'VTS1', task: 'A', sha256: 'abc', motif: 'GCA', pearson: 0.677, hasLearned: true, slope: 1 },
      { name: 'VTS1', task: 'b/c', sha256: 'abc', motif: 'UUU', hasLearned: false, slope: 4 },
    ]);
    const { page, files: drawn } = await survey({ models, facts: [] });
    expect(page).toContain('What 1 model has learned in 2 tasks');
    expect(page).toContain('1 of 2 tasks predicts no better than chance');
    expect(page).toContain('b/c, VTS1');
    const [heading] = drawn.find(({ path }) => path === 'survey.tsv')!.contents.split('\n');
    expect(heading).toMatch(/^name\ttask\tsha256/);
  });
});

/** As many models as the paper has, every tenth without measurements. */
const MODELS = Array.from({ length: 244 }, (_, i): SurveyedModel & { page: string } => {
  const draws = new Random(1, 0).draws(i);
  const [effect5, effect3] = [1 + 0.1 * draws.normal(), 0.9 + 0.1 * draws.normal()];
  return {
    name: `model ${i}`,
    page: `../m%20${i}/report.html`,
    sha256: String(i),
    motif: 'GCAUGU',
    importance: 2 + draws.normal(),
    pearson: i % 10 === 0 ? undefined : 0.5 + 0.4 * draws.uniform(),
    spearman: i % 10 === 0 ? undefined : 0.5,
    n: i % 10 === 0 ? undefined : 1000,
    hasLearned: i % 10 === 0 ? undefined : true,
    slope: 1,
    r2: 1 - 0.1 * draws.uniform(),
    effect5,
    effect3,
    gcDifference: effect5 - effect3,
    loopOverStem: draws.normal(),
  };
});

describe('survey', () => {
  it('has a section, a picture and a table of numbers for everything', async () => {
    const { page, files } = await survey({ models: MODELS, facts: [['made', 'today']] });
    const ids = [...page.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids).toEqual(['findings', 'performance', 'multiplicity', 'gc', 'models', 'about']);
    const paths = files.map(({ path }) => path);
    const drawn = paths.filter((path) => path.endsWith('.svg'));
    expect(drawn).toHaveLength(5);
    for (const path of drawn) expect(paths).toContain(path.replace('.svg', '.tsv'));
    const table = files
      .find(({ path }) => path === 'survey.tsv')!
      .contents.trim()
      .split('\n');
    expect(table).toHaveLength(245);
    expect(table[1]!.split('\t').slice(0, 3)).toEqual(['model 0', '0', 'GCAUGU']);
    const binned = files
      .find(({ path }) => path === 'figures/performance.tsv')!
      .contents.trim()
      .split('\n');
    const counts = binned.slice(1).map((line) => Number(line.split('\t').at(-1)));
    expect(counts.reduce((a, b) => a + b, 0)).toBe(MODELS.filter(({ pearson }) => pearson).length);
    expect(page).toContain('<a href="../m%2012/report.html">model 12</a>');
    expect(page).toContain('Predictions of 219 models correlate');
    expect(page.length).toBeLessThan(2e6);
  });

  it('is as good for one model, and for one that says little', async () => {
    const one = await survey({ models: [MODELS[1]!], facts: [] });
    expect(one.page).toContain('What 1 model has learned');
    const bare = { ...MODELS[0]!, r2: undefined, effect5: undefined };
    const { page, files } = await survey({ models: [bare], facts: [] });
    expect(page).toContain('none was made with --data');
    expect(files.map(({ path }) => path)).toEqual(['survey.tsv']);
    const two = await survey({ models: MODELS.slice(1, 3), facts: [] });
    expect(two.files.map(({ path }) => path)).toContain('figures/gc-ends.svg');
    await expect(survey({ models: [], facts: [] })).rejects.toThrow('at least one model');
  });

  it('draws a dot for each of a few models, and a histogram of many', async () => {
    const drawn = async (count: number) => {
      const { files } = await survey({ models: MODELS.slice(1, 1 + count), facts: [] });
      const contents = (path: string) => files.find((file) => file.path === `figures/${path}`)!.contents;
      const circles = (path: string) =>
        elementsOf(contents(path)).flatMap(({ attributes }) =>
          attributes['aria-roledescription'] === 'circle' ? [attributes['aria-label']!] : [],
        );
      return { contents, circles };
    };
    const two = await drawn(2);
    const [first, second] = [MODELS[1]!, MODELS[2]!].sort((a, b) => b.pearson! - a.pearson!);
    // Highest first, each with its own number.
    expect(two.contents('performance.tsv')).toBe(
      `name\tvalue\n${first!.name}\t${first!.pearson}\n${second!.name}\t${second!.pearson}\n`,
    );
    expect(two.circles('performance.svg')).toHaveLength(2);
    expect(two.circles('performance.svg')[0]).toMatch(new RegExp(`^${first!.name}: 0\\.\\d+$`));
    expect(two.circles('gc-effects.svg').map((tip) => tip.replace(/:.*/, ''))).toEqual(
      expect.arrayContaining(['model 1, 5′', 'model 1, 3′', 'model 2, 5′', 'model 2, 3′']),
    );
    expect(two.contents('performance.svg')).not.toContain('aria-roledescription="bar"');
    const one = await drawn(1);
    expect(one.circles('multiplicity.svg')).toHaveLength(1);
    const many = await drawn(40);
    expect(many.contents('performance.svg')).toContain('aria-roledescription="bar"');
    expect(many.circles('performance.svg')).toHaveLength(0);
    expect(many.contents('gc-ends.svg')).toContain('stroke-dasharray');
  });

  it('counts models that predict no better than chance, and leaves out what they learned', async () => {
    const [bad, ...good] = MODELS.slice(1, 5);
    const models = [{ ...bad!, pearson: 0.01, hasLearned: false, r2: 0.1, name: 'noise' }, ...good];
    const { page, files } = await survey({ models, facts: [] });
    expect(page).toContain(
      '1 of 4 models predicts no better than chance (r is below 0.1, or its 95 % interval includes 0): noise.',
    );
    expect(page).toContain('is above 0.95 in');
    const names = (path: string) =>
      files
        .find((file) => file.path === `figures/${path}`)!
        .contents.trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split('\t')[0]);
    expect(names('performance.tsv')).toContain('noise');
    for (const path of ['multiplicity.tsv', 'gc-ends.tsv'])
      expect(names(path)).toEqual(expect.not.arrayContaining(['noise']));
    expect(page.match(/<td>(?:yes|no)<\/td>/g)).toHaveLength(4);
    expect((await survey({ models: good, facts: [] })).page).not.toContain('better than chance');
  });

  it('tells models of one name apart', async () => {
    const twins = MODELS.slice(1, 3).map((model, i) => ({ ...model, name: 'twin', sha256: `${i}abcdefgh` }));
    const { page, files } = await survey({ models: twins, facts: [] });
    for (const name of ['twin (0abcdef)', 'twin (1abcdef)']) {
      expect(page).toContain(`>${name}</a>`);
      expect(files.find(({ path }) => path === 'survey.tsv')!.contents).toContain(name);
    }
  });

  it.skipIf(!hasBrowser)('says of a wide table that it scrolls, and of others nothing', async () => {
    const [one, two] = [MODELS[1]!, MODELS[2]!];
    const endless = { ...one, name: `a${'very'.repeat(60)}longname` };
    const { page } = await survey({ models: [endless, two], facts: [] });
    await inBrowser(async (tab) => {
      const said = async (width: number) => {
        await tab.setViewport({ width, height: 800 });
        await tab.setContent(page, { waitUntil: 'load' });
        return await tab.$eval('#models .scroll', (box) => ({
          note: (box.previousElementSibling as HTMLElement).innerText,
          tabIndex: (box as HTMLElement).tabIndex,
        }));
      };
      expect(await said(1280)).toEqual({ note: expect.anything(), tabIndex: -1 });
      expect(await tab.$eval('#models .scrolls', (note) => (note as HTMLElement).hidden)).toBe(true);
      expect((await said(400)).tabIndex).toBe(0);
      expect(await tab.$eval('#models .scrolls', (note) => (note as HTMLElement).hidden)).toBe(false);
      expect((await said(400)).note).toContain('scroll it sideways');
      // And again when the window changes.
      await tab.setViewport({ width: 1280, height: 800 });
      await tab.waitForFunction('document.querySelector("#models .scrolls").hidden');
    });
  });

  it.skipIf(!hasBrowser)(
    'opens in a browser without an error, every figure visible, a table that sorts',
    async () => {
      const { page } = await survey({ models: MODELS, facts: [] });
      await inBrowser(async (tab) => {
        await expectVisible(tab, page, 5);
        expect(await scrolling(tab)).toEqual(['models']);
        const first = () => tab.$eval('#models tbody td', (cell) => cell.textContent);
        const best = MODELS.reduce((a, b) => ((b.pearson ?? 0) > (a.pearson ?? 0) ? b : a));
        expect(await first()).toBe(best.name);
        await tab.$$('#models th button').then((buttons) => buttons[2]!.click());
        const top = MODELS.reduce((a, b) => (b.importance! > a.importance! ? b : a));
        expect(await first()).toBe(top.name);
      });
    },
  );
});

describe('residualbind survey', () => {
  let folder: string;
  const at = (...parts: string[]) => join(folder, ...parts);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'residualbind-survey-'));
    for (const [name, sha256] of [
      ['one', 'a'],
      ['two', 'b'],
      ['again', 'a'],
    ] as const) {
      await mkdir(at(name, 'figures'), { recursive: true });
      const about = manifest({ models: [{ path: name, sha256 }] });
      for (const [file, contents] of Object.entries({
        'manifest.json': about,
        'figures/multiplicity.json': multiplicity,
        'figures/gc.json': gc,
        'figures/hairpin.json': hairpin,
      }))
        await writeFile(at(name, file), JSON.stringify(contents));
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('writes the page, its numbers and a manifest, and leads to the reports', async () => {
    const { code, stdout } = await cli(['survey', at('one'), at('two'), '--out', at('survey'), '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).models).toHaveLength(2);
    const page = await readFile(at('survey', 'survey.html'), 'utf8');
    expect(page).toContain('href="../one/report.html"');
    // Both are called VTS1.
    expect(page).toContain('VTS1, two');
    const table = await readFile(at('survey', 'survey.tsv'), 'utf8');
    expect(table.trim().split('\n')).toHaveLength(3);
    expect(JSON.parse(await readFile(at('survey', 'manifest.json'), 'utf8'))).toMatchObject({
      command: 'survey',
      models: [{ motif: 'GCUGGC' }, { motif: 'GCUGGC' }],
    });
  });

  it('takes the report that the documentation shows', async () => {
    const example = fileURLToPath(new URL('../docs/examples/vts1', import.meta.url));
    const { code, stderr, stdout } = await cli(['survey', example, '--out', at('example'), '--json']);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout).models).toMatchObject([{ name: 'VTS1', motif: 'GCGGGC' }]);
  });

  it('refuses a model that is there twice, and folders that are no reports', async () => {
    const twice = await cli(['survey', at('one'), at('again'), '--out', at('x')]);
    expect(twice.code).not.toBe(0);
    expect(twice.stderr).toContain('are reports of the same model');
    const none = await cli(['survey', at('nowhere'), '--out', at('x')]);
    expect(none.code).not.toBe(0);
    expect(none.stderr).toContain('not a folder that residualbind report wrote');
  });
});
