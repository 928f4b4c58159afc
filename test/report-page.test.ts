/** The report: findings in words, the page's safety, and the whole page in a real browser without a GPU. */

import { describe, expect, it } from 'vitest';
import type { Comparison, ExperimentResult, ExperimentRow } from '../src/gia/experiments/index.js';
import { allKmers } from '../src/gia/patterns/kmers.js';
import { parseTsv } from '../src/gia/tables/table-reader.js';
import { sequenceLogo } from '../src/report/figures/logo.js';
import { modelReport } from '../src/report/model-report.js';
import { facts, figure, page, sortable } from '../src/report/page/page.js';
import type { Theme } from '../src/report/page/page-style.js';
import { findingOf } from '../src/report/sections/findings.js';
import { survey } from '../src/report/survey.js';
import { count, listed, probability } from '../src/report/wording.js';
import { coloursOf, expectVisible, hasBrowser, inBrowser, scrolling } from './support/browser.js';
import { normals } from './support/numbers.js';
import { FORBIDDEN, labels } from './support/svg.js';

const spread = { sd: 1, se: 0.1, t: 5, n: 100 };
const row = (labels: ExperimentRow['labels'], importance: number): ExperimentRow => ({
  model: 0,
  labels,
  importance,
  ...spread,
  p: 1e-6,
  q: 1e-5,
  ciLow: importance - 0.2,
  ciHigh: importance + 0.2,
  low: importance - 2,
  q1: importance - 1,
  median: importance,
  q3: importance + 1,
  high: importance + 2,
});
const comparison = (labels: Comparison['labels'], difference: number, q = 1e-5): Comparison => ({
  model: 0,
  labels,
  difference,
  ...spread,
  d: difference,
  p: q / 2,
  q,
  ciLow: difference - 0.2,
  ciHigh: difference + 0.2,
});
const result = (
  experiment: string,
  rows: ExperimentRow[],
  comparisons: Comparison[],
  facts: ExperimentResult['facts'][number] = {},
): ExperimentResult => ({
  experiment,
  what: `what ${experiment} is`,
  backgrounds: 100,
  rows,
  comparisons,
  facts: [facts],
});

const hairpin = (loopOverStem: number, q: number) =>
  result(
    'hairpin',
    [
      ...['loop', 'stem'].flatMap((place) =>
        ['paired', 'broken', 'compensated', 'unpaired'].map((arms) =>
          row({ place, arms, letters: 'GCA' }, 1),
        ),
      ),
      ...['UGC', 'ACG'].map((letters) => row({ place: 'opposite', arms: 'unpaired', letters }, 0)),
    ],
    [
      comparison({ comparison: 'loop: paired - broken' }, 0.5, q),
      comparison({ comparison: 'loop - stem: paired - unpaired' }, loopOverStem, q),
    ],
    { length: 41, start: 5, arm: 11, loop: 6, inLoop: 17, inStem: 9 },
  );

const spacing = (near: number, far: number, q = 1e-5) =>
  result(
    'spacing',
    [0, 1].map((gap) => row({ first: 3, second: 9 + gap, gap }, 2)),
    [near, far].map((difference, gap) =>
      comparison(
        { comparison: 'together - sum of each alone', first: 3, second: 9 + gap, gap },
        difference,
        q,
      ),
    ),
  );

const affinity = (facts: { slope: number; p: number; r2?: number }) =>
  result(
    'affinity',
    [1, 10, 100].map((kd, i) => row({ pattern: `${'ACG'[i]}GCAU`, kd, lnKd: Math.log(kd) }, 3 - i)),
    [],
    { slopeCiLow: -0.6, slopeCiHigh: -0.2, intercept: 3, r: -0.99, r2: 0.98, points: 3, ...facts },
  );

const EXPERIMENTS = [
  result(
    'mutagenesis',
    [row({ pattern: 'GCA' }, 2)],
    ['GCA'].flatMap((motif) =>
      Array.from(motif).flatMap((own, position) =>
        Array.from('ACGU')
          .filter((to) => to !== own)
          .map((to) => comparison({ pattern: 'x', position, from: own, to }, -1)),
      ),
    ),
    { heights: [1, 1, 1] },
  ),
  result(
    'multiplicity',
    [1, 2, 3].map((copies) => row({ copies, pattern: 'x' }, copies)),
    [
      comparison({ comparison: 'together - sum of each alone', copies: 2 }, 0, 0.9),
      comparison({ comparison: 'together - sum of each alone', copies: 3 }, 0, 0.9),
    ],
    { slope: 1, intercept: 0, r2: 0.999 },
  ),
  result(
    'spacing',
    [0, 1, 2].map((gap) => row({ first: 3, second: 9 + gap, gap }, 2)),
    [0, 1, 2].map((gap) =>
      comparison(
        { comparison: 'together - sum of each alone', first: 3, second: 9 + gap, gap },
        gap === 0 ? -0.5 : 0,
      ),
    ),
  ),
  result(
    'positions',
    [0, 5, 9].map((position) => row({ position }, position)),
    [],
  ),
  hairpin(0.7, 1e-4),
  result(
    'gc',
    ['motif', "motif and 5' GC", "motif and 3' GC", "5' GC", "3' GC"].map((condition) =>
      row({ condition, pattern: condition === 'motif' ? 'GCA@17' : 'GGGG@0' }, 1),
    ),
    [
      comparison({ comparison: "with 5' GC - motif" }, 0.1, 0.4),
      comparison({ comparison: "with 3' GC - motif" }, 0.3),
    ],
    { effect5: 1, effect3: 1.3, difference: -0.3 },
  ),
  affinity({ slope: -0.52, p: 0.003 }),
];

/** What the last of some copies adds, and counts alone. */
const copyNumbers = (copies: number) => ({
  position: 7 * copies - 4,
  added: 1,
  addedCiLow: 0.9,
  addedCiHigh: 1.1,
  alone: 0.75 + copies / 4,
  aloneCiLow: 0.7,
  aloneCiHigh: 2,
});

/** Copies of a motif, and of a sub-optimal one that together have less than each alone. */
const TWO_MOTIFS = result(
  'multiplicity',
  ['GCA', 'GGA'].flatMap((motif, i) =>
    [1, 2, 3].map((copies) => ({
      ...row({ motif, copies, pattern: 'x' }, copies / (i + 1)),
      more: copyNumbers(copies),
    })),
  ),
  ['GCA', 'GGA'].flatMap((motif, i) =>
    [2, 3].map((copies) =>
      comparison({ comparison: 'together - sum of each alone', motif, copies }, -0.3 * i, i ? 1e-4 : 0.9),
    ),
  ),
  { slope: 1, intercept: 0, r2: 0.999, suboptimalSlope: 0.5, suboptimalIntercept: 0.1, suboptimalR2: 0.98 },
);

describe('findingOf', () => {
  const saying = (experiment: string) => findingOf(EXPERIMENTS.find((it) => it.experiment === experiment)!);

  it('says what was found, and that nothing was', () => {
    expect(saying('spacing')).toBe(
      'Two copies next to each other count 0.50 less than the sum of each alone (q = 1e-5); the largest cost is 0.50, for copies next to each other (q = 1e-5).',
    );
    expect(findingOf(spacing(0.5, 0.1))).toBe(
      'Two copies next to each other count 0.50 more than the sum of each alone (q = 1e-5); no gap has a detectable cost.',
    );
    expect(findingOf(spacing(-0.5, -0.9, 0.2))).toBe(
      'For two copies next to each other, no difference from the sum of each alone was detected (q = 0.2); no gap has a detectable cost.',
    );
    expect(saying('positions')).toBe('By position, importance ranges from 0.00 (at 0) to 9.00 (at 9).');
    expect(saying('hairpin')).toBe(
      'In a hairpin the motif counts 0.70 more in the loop than in the stem, beyond what the two positions differ by without one (q = 1e-4); breaking the stem takes 0.50 from the motif in the loop (q = 1e-4).',
    );
    expect(findingOf(hairpin(0.1, 0.3))).toBe(
      'No effect of the hairpin on the difference between loop and stem was detected (q = 0.3); breaking the stem has no detectable effect on the motif in the loop (q = 0.3).',
    );
    expect(findingOf(hairpin(-0.7, 1e-4))).toMatch(/0\.70 less in the loop than in the stem/);
    expect(saying('affinity')).toBe(
      'Importance falls by 0.52 per unit of ln K_D (R² = 0.980 over 3 points, p = 0.003): variants that bind more tightly count more.',
    );
    expect(findingOf(affinity({ slope: 0.52, p: 0.003 }))).toBe(
      'Importance rises by 0.52 per unit of ln K_D (R² = 0.980 over 3 points, p = 0.003): variants that bind more weakly count more.',
    );
    expect(findingOf(affinity({ slope: -0.52, p: 0.3 }))).toBe(
      'No relation between importance and measured affinity was detected (R² = 0.980 over 3 points, p = 0.3).',
    );
    expect(findingOf(affinity({ slope: 0, p: Number.NaN, r2: Number.NaN }))).toBe(
      'No relation between importance and measured affinity was detected (no R², as all 3 points have the same value).',
    );
    expect(saying('mutagenesis')).toBeUndefined();
  });

  it('compares a copy with itself at the same place, and says how many points a line has', () => {
    expect(saying('multiplicity')).toBe(
      '3 copies of the motif together count 3.00; the sum of each copy alone at the same place is 3.00, no difference detected (q = 0.9). The line of importance over the number of copies has slope 1.00 (R² = 0.999 over 3 points).',
    );
    expect(findingOf(TWO_MOTIFS)).toBe(
      '3 copies of GCA together count 3.00; the sum of each copy alone at the same place is 3.00, no difference detected (q = 0.9). In the same backgrounds copy 2, at 10, adds 1.00 where it counts 1.25 alone and copy 3, at 17, adds 1.00 where it counts 1.50 alone. The line of importance over the number of copies has slope 1.00 (R² = 0.999 over 3 points). 3 copies of the sub-optimal GGA together count 1.50; the sum of each copy alone at the same place is 1.80, which is 0.30 more (q = 1e-4). In the same backgrounds copy 2, at 10, adds 1.00 where it counts 1.25 alone and copy 3, at 17, adds 1.00 where it counts 1.50 alone. The line of importance over the number of copies has slope 0.50 (R² = 0.980 over 3 points).',
    );
    const two = { ...TWO_MOTIFS, rows: TWO_MOTIFS.rows.filter(({ labels }) => Number(labels.copies) < 3) };
    expect(findingOf(two)).toContain('has slope 1.00 (no R², as any line fits 2 points).');
  });

  it('names the letters that were embedded', () => {
    expect(saying('gc')).toBe(
      'Beside the motif (1.00 alone), GGGG at the 5′ end has no detectable effect (q = 0.4) and GGGG at the 3′ end adds 0.30 (q = 1e-5).',
    );
  });

  it('speaks of the gaps that there are', () => {
    const apart = (...gaps: number[]) =>
      result(
        'spacing',
        [],
        gaps.map((gap) => comparison({ comparison: 'together - sum of each alone', gap }, -gap / 10)),
      );
    expect(findingOf(apart(5, 1))).toBe(
      'Two copies 1 letter apart count 0.10 less than the sum of each alone (q = 1e-5); the largest cost is 0.50, for copies 5 letters apart (q = 1e-5).',
    );
    expect(findingOf(apart(-2))).toBe(
      'Two copies overlapping by 2 letters count 0.20 more than the sum of each alone (q = 1e-5).',
    );
  });

  it('counts in the singular and the plural', () => {
    expect([0, 1, 2, 4096].map((n) => count(n, 'letter'))).toEqual([
      '0 letters',
      '1 letter',
      '2 letters',
      '4,096 letters',
    ]);
    expect(count(1, 'copy', 'copies')).toBe('1 copy');
    expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listed)).toEqual(['', 'a', 'a and b', 'a, b and c']);
  });

  it('writes probabilities as they are read', () => {
    expect([0.5, 0.0123, 0.0004, 0].map((p) => probability(p))).toEqual([
      'p = 0.5',
      'p = 0.012',
      'p = 4e-4',
      'p < 1e-300',
    ]);
    expect([0.5, 0, 3e-17, 2e-300, 5e-324, Number.NaN].map((p) => probability(p, ''))).toEqual([
      '0.5',
      '< 1e-300',
      '3e-17',
      '2e-300',
      '< 1e-300',
      'undefined',
    ]);
    expect(probability(Number.NaN)).toBe('p is undefined');
  });
});

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
  experiments: EXPERIMENTS,
  agreement: { measured: normals(50, 1), predicted: normals(50, 2), pearson: 0.123 },
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
    // A report that was stored before hairpins said their design has no scheme of it.
    expect(text).toContain('GCA in loop and stem');
    const experiments = EXPERIMENTS.map((each) => ({
      ...each,
      facts: each.experiment === 'hairpin' ? [{}] : each.facts,
    }));
    expect((await modelReport({ ...REPORT, experiments })).page).not.toContain('GCA in loop and stem');
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
    const without = EXPERIMENTS.filter(({ experiment }) => experiment !== 'affinity');
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
