/** Surveys beside known motifs: stored motifs, the table, its logos and files, and the command. */

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pwmFromConsensus } from '../src/data/pwm.js';
import { compareMotifs, formatMeme, rankMotifs } from '../src/gia/motif/index.js';
import type { SurveyedModel } from '../src/report/stored-report.js';
import { parseMotif } from '../src/report/survey/motifs-section.js';
import { survey } from '../src/report/survey.js';
import { hasBrowser, inBrowser } from './support/browser.js';
import { cli } from './support/cli.js';

const motif = (consensus: string) => ({ pwm: pwmFromConsensus(consensus), alphabet: 'rna' as const });
/** As a report writes it. */
const table = (consensus: string, letters = 'ACGU') =>
  [['position', ...letters], ...pwmFromConsensus(consensus).map((column, i) => [i + 1, ...column])]
    .map((row) => `${row.join('\t')}\n`)
    .join('');
const model = (name: string, more: object = {}): SurveyedModel => ({
  name,
  sha256: name,
  motif: 'GCAUGU',
  importance: 2,
  pearson: 0.7,
  spearman: 0.7,
  n: 100,
  hasLearned: true,
  slope: undefined,
  r2: undefined,
  effect5: undefined,
  effect3: undefined,
  gcDifference: undefined,
  loopOverStem: undefined,
  ...more,
});
const known = {
  source: 'known.meme',
  motifs: [
    { name: 'M1', alternateName: 'OTHER,RBFOX1', pwm: pwmFromConsensus('UGCAUG') },
    { name: 'M2', pwm: pwmFromConsensus('UUUUUU') },
  ],
};

describe('parseMotif', () => {
  it('reads what a report writes, in either alphabet', () => {
    const { pwm } = motif('GCAU');
    expect(parseMotif(table('GCAU'), 'm.tsv')).toEqual({ alphabet: 'rna', pwm });
    expect(parseMotif(table('GCAU', 'ACGT'), 'm.tsv')).toEqual({ alphabet: 'dna', pwm });
  });

  it.each([
    ['position\tA\tC\n1\t0.5\t0.5\n', 'm.tsv: expected columns position, A, C, G'],
    ['position\tA\tC\tG\tU\n', 'm.tsv: expected columns'],
    ['position\tA\tC\tG\tU\n1\t0.5\t0.5\t0.5\t0.5\n', 'm.tsv:2: frequencies must be numbers that sum to 1'],
    ['position\tA\tC\tG\tU\n1\t0.5\t0.5\tx\t0\n', 'm.tsv:2: frequencies'],
  ])('names the place of what it cannot read: %j', (text, message) => {
    expect(() => parseMotif(text, 'm.tsv')).toThrow(message);
  });
});

describe('a survey beside known motifs', () => {
  const models = [
    { ...model('rbfox1'), matrix: motif('GGAUGU') },
    { ...model('<poly U>'), matrix: motif('UUUUUUU') },
    { ...model('noise', { hasLearned: false }), matrix: motif('ACACAC') },
    model('gapped'),
  ];

  it('shows the most similar one, the one of the same name, and what has no motif', async () => {
    const { page, files } = await survey({ models, facts: [], known });
    const section = /<section id="motifs">[\s\S]*?<\/section>/.exec(page)![0];
    expect(section).toContain('1 report has no motif: gapped.');
    expect(section).toContain('the 2 known motifs in known.meme');
    expect(section).not.toContain('noise');
    expect(section.match(/role="img"/g)).toHaveLength(2);
    // The least probable pair is first. Half of the known positions are U.
    expect(section.indexOf('rbfox1')).toBeLessThan(section.indexOf('&lt;poly U&gt;'));
    const { r, offset, overlap } = compareMotifs(motif('GGAUGU').pwm, known.motifs[0]!.pwm);
    expect(section).toContain(`${r.toFixed(3)}, rank 1`);
    const of = (path: string) => files.find((file) => file.path === `figures/${path}`)!.contents;
    const [match] = rankMotifs(motif('GGAUGU').pwm, known.motifs);
    expect(of('motifs.tsv').split('\n').slice(0, 2)).toEqual([
      'name\tconsensus\tknown\tknown_name\te_value\tsimilarity\toffset\toverlap\tsame_name\tsame_name_similarity\tsame_name_rank',
      [
        'rbfox1',
        'GGAUGU',
        'M1',
        'OTHER,RBFOX1',
        match!.similarity.eValue,
        r,
        offset,
        overlap,
        'M1',
        r,
        1,
      ].join('\t'),
    ]);
    expect(of('motifs-matrices.tsv').trim().split('\n')).toHaveLength(1 + 6 + 7);
    const logos = files.filter(({ path }) => path.startsWith('figures/motifs/'));
    expect(logos).toHaveLength(2);
    expect(logos[0]!.contents).toContain('<path id="letter-G"');
    expect(logos[0]!.contents).toContain('Motif of rbfox1 above the known motif M1 OTHER, RBFOX1');
    expect((await survey({ models, facts: [] })).page).not.toContain('id="motifs"');
  });

  it.skipIf(!hasBrowser)('draws letters in the page, and sorts', async () => {
    const { page } = await survey({ models, facts: [], known });
    await inBrowser(async (tab) => {
      for (const width of [1280, 400]) {
        await tab.setViewport({ width, height: 800 });
        await tab.setContent(page, { waitUntil: 'load' });
        const heights = await tab.$$eval('#motifs td use', (letters) =>
          letters.map((letter) => letter.getBoundingClientRect().height),
        );
        expect(Math.min(...heights)).toBeGreaterThan(0);
        expect(await tab.evaluate('document.documentElement.scrollWidth')).toBe(width);
      }
      const first = () => tab.$eval('#motifs tbody td', (cell) => cell.textContent);
      expect(await first()).toBe('rbfox1');
      await tab.$$('#motifs th button').then((buttons) => buttons[2]!.click());
      expect(await first()).toBe('<poly U>');
    });
  });
});

describe('residualbind survey --compare', () => {
  let folder: string;
  const at = (...parts: string[]) => join(folder, ...parts);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'residualbind-known-'));
    await mkdir(at('run', 'figures'), { recursive: true });
    const about = { command: 'report', name: 'RBFOX1', options: {}, models: [{ sha256: 'a' }], motif: 'GCA' };
    await writeFile(at('run', 'manifest.json'), JSON.stringify(about));
    await writeFile(at('run', 'figures', 'motif.tsv'), table('GGAUGU'));
    await writeFile(at('known.meme'), formatMeme(known.motifs));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('takes the motifs of reports, and records the file', async () => {
    const args = ['survey', at('run'), '--compare', at('known.meme'), '--out', at('out'), '--json'];
    const { code, stderr, json } = await cli(args);
    expect(code, stderr).toBe(0);
    expect(json).toMatchObject({ known: { path: at('known.meme'), motifs: 2 } });
    expect(JSON.stringify(json)).not.toContain('motif.tsv');
    expect(await readFile(at('out', 'figures', 'motifs.tsv'), 'utf8')).toContain('RBFOX1\tGGAUGU\tM1');
    const bad = await cli(['survey', at('run'), '--compare', at('nothing'), '--out', at('x')]);
    expect(bad.code).toBe(1);
    expect(bad.stderr).toContain('cannot be read');
  });
});
