/** The report: the page's safety, and the whole page in a real browser without a GPU. */

import { describe, expect, it } from 'vitest';
import { allKmers } from '../src/gia/patterns/kmers.js';
import { parseTsv } from '../src/gia/tables/table-reader.js';
import { sequenceLogo } from '../src/report/figures/logo.js';
import { modelReport } from '../src/report/model-report.js';
import { facts, figure, page, sortable } from '../src/report/page/page.js';
import type { Theme } from '../src/report/page/page-style.js';
import { survey } from '../src/report/survey.js';
import { coloursOf, expectVisible, hasBrowser, inBrowser, scrolling } from './support/browser.js';
import { RESULTS, TWO_MOTIFS } from './support/experiment-results.js';
import { normals } from './support/numbers.js';
import { FORBIDDEN, labels } from './support/svg.js';

describe('page', () => {
  it('escapes what it is given, and loads nothing', () => {
    const evil = '<script>alert(1)</script>';
    const text = page({
      title: evil,
      subtitle: evil,
      sections: [{ id: 'a', title: evil, body: sortable([evil], [{ heading: evil, cell: (it) => it }]) }],
    });
    expect(text).not.toContain('<script>alert');
    expect(text.match(/&lt;script&gt;/g)!.length).toBeGreaterThanOrEqual(5);
    for (const [i, label] of labels(200, 7).entries()) {
      const one = page({
        title: label,
        subtitle: label,
        sections: [
          {
            id: `s${i}`,
            title: label,
            body:
              sortable([label], [{ heading: label, cell: (it) => it, hint: label }]) +
              facts([[label, label]]) +
              figure('<svg/>', label, [label]),
          },
        ],
      });
      expect(one).not.toMatch(FORBIDDEN);
      expect(one.match(/<script/g)).toHaveLength(1);
    }
    expect(text).toContain("default-src 'none'");
    expect(text).not.toMatch(/(src|href)="(https?:)?\/\//);
  });
});

/** What a report did not say. */
const NOTHING = {
  importance: undefined,
  pearson: undefined,
  spearman: undefined,
  n: undefined,
  hasLearned: undefined,
  slope: undefined,
  r2: undefined,
  effect5: undefined,
  effect3: undefined,
  gcDifference: undefined,
  loopOverStem: undefined,
};

describe('the colours of a page', () => {
  const light = { ink: 'rgb(31, 35, 40)', ground: 'rgb(255, 255, 255)' };
  const dark = { ink: 'rgb(230, 237, 243)', ground: 'rgb(13, 17, 23)' };
  const pageOf = (theme?: Theme) => page({ title: 'a', subtitle: 'b', sections: [], theme });

  it.skipIf(!hasBrowser)(
    'are what the reader prefers, or what the page was made with; paper is light, figures alone are dark on white',
    async () => {
      await inBrowser(async (tab) => {
        for (const prefers of ['light', 'dark'] as const) {
          const preferred = prefers === 'light' ? light : dark;
          expect(await coloursOf(tab, pageOf(), prefers)).toEqual(preferred);
          expect(await coloursOf(tab, pageOf('auto'), prefers)).toEqual(preferred);
          expect(await coloursOf(tab, pageOf('light'), prefers)).toEqual(light);
          expect(await coloursOf(tab, pageOf('dark'), prefers)).toEqual(dark);
          for (const theme of ['auto', 'dark'] as const)
            expect(await coloursOf(tab, pageOf(theme), prefers, 'print')).toEqual(light);
          const logo = sequenceLogo([[1, 0, 0, 0]], { title: 'a logo', yLabel: 'bits' });
          expect(await coloursOf(tab, logo, prefers)).toEqual(light);
        }
      });
    },
  );

  it('are an option of reports and surveys', async () => {
    const short = { ...REPORT, experiments: [], attributions: [], agreement: undefined };
    expect((await modelReport({ ...short, theme: 'dark' })).page).toContain(
      '<html lang="en" data-theme="dark">',
    );
    expect((await modelReport(short)).page).toContain('<html lang="en">');
    const model = { name: 'a', sha256: 'b', motif: 'GCA', ...NOTHING };
    expect((await survey({ models: [model], facts: [], theme: 'light' })).page).toContain(
      '<html lang="en" data-theme="light">',
    );
  });
});

const importances = normals(64);
const LONG = 'GCAU'.repeat(10);
const REPORT = {
  name: 'a model',
  facts: [['seed', '1']] as const,
  sweep: allKmers(3).map((pattern, i) => ({
    pattern,
    importance: importances[i]! + (pattern === 'GCA' ? 9 : 0),
    n: 100,
    q: 0.5,
  })),
  experiments: Object.values(RESULTS),
  agreement: { measured: normals(50, 1), predicted: normals(50, 2), pearson: 0.5 },
  attributions: [
    {
      name: 'one',
      sequence: 'GCA',
      offset: 0,
      prediction: 1.5,
      scores: { A: [1, 2, 0], C: [1, 0, 2], G: [0, 1, 1], U: [1, 1, 1] },
      heights: [1, 2, 3],
      structure: '(.)',
    },
    {
      name: 'long',
      sequence: LONG,
      offset: 0,
      prediction: -0.0001,
      scores: Object.fromEntries(Array.from('ACGU', (letter) => [letter, LONG.split('').map(() => 0.5)])),
      heights: Array.from(LONG, (_, i) => i / 10),
    },
  ],
};

describe('modelReport', () => {
  it('names a precision other than f32 under every figure that was computed in it', async () => {
    const captions = async (precisions?: { sweep: 'f32' | 'f16'; others: 'f32' | 'f16' }) => {
      const { page: text } = await modelReport({ ...REPORT, precisions });
      return [...text.matchAll(/<figcaption>(.*?)<\/figcaption>/gs)].map(([, caption]) => caption!);
    };
    expect((await captions()).join()).not.toContain('Computed in');
    const mixed = await captions({ sweep: 'f32', others: 'f16' });
    const named = mixed.map((caption) => caption.includes('Computed in f16.'));
    expect(named[mixed.findIndex((caption) => caption.startsWith('Global importance of all'))]).toBe(false);
    expect(named.filter(Boolean).length).toBeGreaterThan(mixed.length / 2);
    const whole = await captions({ sweep: 'f16', others: 'f16' });
    // Only the scheme of the hairpin shows nothing that was computed.
    expect(whole.filter((caption) => !caption.includes('Computed in f16.'))).toHaveLength(1);
  });

  it('has a section, a picture and a table of numbers for everything', async () => {
    const { page: text, files } = await modelReport(REPORT);
    const ids = [...text.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids).toEqual([
      'findings',
      'reading',
      'agreement',
      'sweep',
      'motif',
      'multiplicity',
      'spacing',
      'positions',
      'affinity',
      'hairpin',
      'gc',
      'sequences',
      'about',
    ]);
    for (const id of ids) expect(text).toContain(`href="#${id}"`);
    const paths = files.map(({ path }) => path);
    const drawn = paths.filter((path) => path.endsWith('.svg'));
    expect(drawn).toHaveLength(12);
    for (const path of drawn) expect(paths).toContain(path.replace('.svg', '.tsv'));
    for (const [, href] of text.matchAll(/href="(figures[^"]+)"/g)) expect(paths).toContain(href);
    expect(text).toContain('is GCA: embedded in a background');
    expect(text).toContain('most important of 64 3-mers');
    expect(text).toContain('one trained network (n = 1). Intervals and q are over 100 backgrounds');
    expect(text).toContain('predicted 0.00.');
    const [short] = files.filter(({ path }) => path === 'figures/sequence-1.tsv');
    expect(short!.contents.split('\n').slice(0, 2)).toEqual([
      'position\tletter\tstructure\theight\tA\tC\tG\tU',
      '1\tG\t(\t1\t1\t1\t0\t1',
    ]);
    expect(text).toContain('GCA in loop and stem');
    const sweep = files
      .find(({ path }) => path === 'figures/sweep.tsv')!
      .contents.trim()
      .split('\n');
    expect(sweep).toHaveLength(65);
    const stored = parseTsv(sweep.join('\n'), 'sweep.tsv');
    expect(stored.rows[0]).toMatchObject({ pattern: 'GCA', rank: 1, n: 100, q: 0.5 });
    expect(stored.rows[0]!.importance).toBeCloseTo(
      REPORT.sweep.find(({ pattern }) => pattern === 'GCA')!.importance,
      7,
    );
  });

  it('states nothing of a model that predicts no better than chance', async () => {
    const findings = async (pearson: number) => {
      const { page: text } = await modelReport({ ...REPORT, agreement: { ...REPORT.agreement, pearson } });
      return /<ul class="findings">(.*?)<\/ul>/s.exec(text)![1]!.split('</li>').slice(0, -1);
    };
    expect((await findings(0.5)).length).toBeGreaterThan(5);
    const [first, ...others] = await findings(-0.02);
    expect(first).toContain('r = −0.020. This is no better than chance');
    expect(others).toHaveLength(1);
    expect(others[0]).not.toMatch(/[0-9]|GCA/);
  });

  it('sets importances against measured affinities, where there are any', async () => {
    const { page: text, files } = await modelReport(REPORT);
    expect(text).toContain('<section id="affinity"><h2>Measured affinities</h2>');
    expect(text).toContain(
      'Slope −0.520 per unit of ln K_D (95 % interval −0.600 to −0.200), R² = 0.980 over 3 points, p = 0.003.',
    );
    expect(text).toContain('<td class="number" data-value="100">100</td>');
    const contents = (end: string) => files.find(({ path }) => path === `figures/affinity.${end}`)!.contents;
    for (const variant of ['AGCAU', 'CGCAU', 'GGCAU'])
      expect(contents('svg')).toContain(`>${variant}</text>`);
    const [heading, first] = contents('tsv')
      .split('\n')
      .map((line) => line.split('\t'));
    expect(heading!.slice(0, 3)).toEqual(['pattern', 'kd', 'ln_kd']);
    expect(first!.slice(0, 3)).toEqual(['AGCAU', '1', '0']);
    const without = Object.values(RESULTS).filter(({ experiment }) => experiment !== 'affinity');
    expect((await modelReport({ ...REPORT, experiments: without })).page).not.toContain('affinit');
  });

  it('shows copies of a sub-optimal motif beside those of the motif', async () => {
    const { page: text, files } = await modelReport({ ...REPORT, experiments: [TWO_MOTIFS] });
    const contents = (path: string) => files.find((file) => file.path === `figures/${path}`)!.contents;
    const motifs = (path: string) =>
      contents(path)
        .trim()
        .split('\n')
        .map((line) => line.split('\t')[0]);
    expect(motifs('multiplicity.tsv')).toEqual(['motif', 'GCA', 'GCA', 'GCA']);
    expect(motifs('multiplicity-suboptimal.tsv')).toEqual(['motif', 'GGA', 'GGA', 'GGA']);
    expect(contents('multiplicity-suboptimal.svg')).toContain('copies of GGA');
    expect(text).toMatch(/together [−-] sum of each alone \(GGA, 3 copies\)/);
  });

  it.skipIf(!hasBrowser)(
    'opens in a browser without an error, every figure visible, tables that sort',
    async () => {
      const { page: text } = await modelReport(REPORT);
      await inBrowser(async (tab) => {
        await expectVisible(tab, text, 13);
        // A page of names without a place to break them is no wider.
        const endless = `a${'very'.repeat(60)}longname`;
        const renamed = await modelReport({
          ...REPORT,
          name: endless,
          facts: [[endless, endless]],
          experiments: [],
          attributions: REPORT.attributions.map((each) => ({ ...each, name: endless })),
        });
        await expectVisible(tab, renamed.page, 5);
        await expectVisible(tab, text, 13);
        expect(await scrolling(tab)).toEqual([]);
        const firstPattern = () => tab.$eval('#sweep tbody td', (cell) => cell.textContent);
        const byImportance = await tab.$$('#sweep th button').then((buttons) => buttons[2]!);
        expect(await firstPattern()).toBe('GCA');
        await byImportance.click();
        expect(await firstPattern()).toBe('GCA');
        await byImportance.click();
        const twentieth = REPORT.sweep.toSorted((a, b) => b.importance - a.importance)[19]!.pattern;
        expect(await firstPattern()).toBe(twentieth);
        const tip = () =>
          tab.$eval('#tip', (it) => ((it as HTMLElement).hidden ? undefined : it.textContent));
        await tab.hover('#motif figure:last-of-type svg [data-tip="2: C to A −1"]');
        expect(await tip()).toBe('2: C to A −1');
        await tab.hover('h1');
        expect(await tip()).toBeUndefined();
        await tab.tap('#sequences svg [data-tip]');
        expect(await tip()).toBe('1: G 1');
        await tab.$eval('#hairpin figure:last-of-type svg', (svg) => (svg as SVGSVGElement).focus());
        await tab.keyboard.press('ArrowRight');
        expect(await tip()).toBe('loop, paired: mean 1, median 1, half of the values from 0 to 2, n = 100');
        await tab.keyboard.press('ArrowRight');
        expect(await tip()).toMatch(/^loop, broken/);
        await tab.keyboard.press('Escape');
        expect(await tip()).toBeUndefined();
        await tab.focus('#gc th:last-child button');
        expect(await tip()).toMatch(/^p value of a t test/);
      });
    },
  );
});
