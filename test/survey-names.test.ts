/** Names of proteins in surveys: tables as people have them, how they join, the page, and the commands. */

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pwmFromConsensus } from '../src/data/pwm.js';
import type { SurveyedModel } from '../src/report/stored-report.js';
import { nameProteins, parseNames } from '../src/report/survey/names.js';
import { keyedByExperiments, parsePublished } from '../src/report/survey/published.js';
import { survey } from '../src/report/survey.js';
import { hasBrowser, inBrowser } from './support/browser.js';
import { cli } from './support/cli.js';

/** As RNAcompete's info_all.tab: another identifier first, and a quoted list. */
const INFO = `Motif_ID\tMotif_display_ID\tGene_name\tSpecies\tSystematic_ID\tDomains\tGene_display_name\tSpecies_display_name
RBP_168\tRNCMPT00168\tA2BP1\tHs\tENSG00000078328\t"RRM_1,RRM_1"\tRBFOX1\tHomo_sapiens
RBP_111\tRNCMPT00111\tVts1\tSc\tYOR359W\tSAM\tVts1p\tSaccharomyces_cerevisiae
RBP_5\tRNCMPT00005\tNA\tCe\t-\tRRM_1\t\tCaenorhabditis_elegans
RBP_9\tRNCMPT00009\tother\tHs\t-\t-\tOTHER\tHomo_sapiens
`;
const EXPERIMENTS = ['RNCMPT00168', 'RNCMPT00111', 'RNCMPT00005', 'RNCMPT00042'];
const named = (text: string, experiments: readonly string[] = EXPERIMENTS) =>
  nameProteins(parseNames(text, 'n.tab'), experiments);

describe('nameProteins', () => {
  it.each([
    ['as it is', INFO],
    ['with CRLF and a byte-order mark', `\uFEFF${INFO.replaceAll('\n', '\r\n')}`],
    [
      'with quotes and commas',
      INFO.replace(/"/g, '')
        .replace(/[^\t\n]+/g, '"$&"')
        .replaceAll('\t', ','),
    ],
  ])('finds its columns by what they hold and are called, %s', (_, text) => {
    const { proteins, note, record } = named(text);
    expect([...proteins]).toMatchObject([
      ['RNCMPT00168', { name: 'RBFOX1', species: 'Homo sapiens' }],
      ['RNCMPT00111', { name: 'Vts1p', species: 'Saccharomyces cerevisiae' }],
    ]);
    expect(proteins.get('RNCMPT00168')!.aliases).toEqual(['RBFOX1', 'A2BP1', 'ENSG00000078328']);
    expect(note).toBe(
      'n.tab names 2 of 4 experiments (column "Motif_display_ID" matches them, column "Gene_display_name" has the names); without a name: RNCMPT00005 and RNCMPT00042',
    );
    expect(record).toEqual({
      experiments: 2,
      unnamed: ['RNCMPT00005', 'RNCMPT00042'],
      matched: 'Motif_display_ID',
      name: 'Gene_display_name',
    });
  });

  it('takes the other of two columns, in any order and without a header', () => {
    for (const text of ['x,Fox\ny,Vts\n', 'Fox,x\nVts,y\n', 'whatever,id\nFox,x\nVts,y\n']) {
      const { proteins, note } = named(text, ['x', 'y']);
      expect([...proteins.values()].map(({ name }) => name)).toEqual(['Fox', 'Vts']);
      expect(note).toContain('names 2 of 2 experiments');
    }
    expect(named('x,Fox\nx,Fox\n', ['x']).proteins.get('x')).toMatchObject({ name: 'Fox' });
  });

  it.each([
    ['', 'n.tab: expected two or more columns'],
    ['id\nx\n', 'n.tab: expected two or more columns'],
    ['id\tgene\nx\tFox\ty\n', 'n.tab:2: 3 fields, but the first row has 2'],
    [
      'id\tgene\nz\tFox\n',
      'n.tab names none of the experiments. None of its columns has "x"; its first row has "id"',
    ],
    ['id\tgene\nx\tFox\n\nx\tVts\n', 'n.tab:4: experiment "x" is named "Vts" here and "Fox" in line 2'],
    ['id\ta\tb\nx\t1\t2\n', 'None of "id", "a" and "b" is called Gene_name'],
    ['x\t1\t2\n', 'which of its columns has the names of proteins? It has no header'],
    ['id\tgene\nx\t"Fox\n', 'n.tab:2: field 2 opens a quote that does not end'],
  ])('names the place of what it cannot use: %j', (text, message) => {
    expect(() => named(text, ['x'])).toThrow(message);
  });
});

describe('keyedByExperiments', () => {
  const published = parsePublished(
    'p\tM\nRNCMPT00042\t0.1\nrbfox1\t0.2\nVts1\t0.3\nVts1p\t0.4\nMSI1\t0.5\n',
    'p',
  );
  const experiments = [
    { experiment: 'RNCMPT00042', aliases: ['RBFOX1'] },
    { experiment: 'RNCMPT00168', aliases: ['RBFOX1', 'A2BP1'] },
    { experiment: 'RNCMPT00111', aliases: ['Vts1', 'Vts1p'] },
    { experiment: 'RNCMPT00176', aliases: ['MSI1'] },
    { experiment: 'RNCMPT00177', aliases: ['MSI1'] },
  ];

  it('joins rows by proteins only where that is clear', () => {
    const { published: keyed, renamed, unclear } = keyedByExperiments(published, experiments);
    expect([...keyed.experiments.keys()]).toEqual(['RNCMPT00042', 'RNCMPT00168', 'Vts1', 'Vts1p', 'MSI1']);
    expect(keyed.experiments.get('RNCMPT00168')).toEqual([0.2]);
    expect(renamed).toEqual(['rbfox1']);
    expect(unclear).toEqual(['Vts1', 'Vts1p', 'MSI1']);
  });
});

const model = (name: string, pearson: number): SurveyedModel & { experiment: string } => ({
  name,
  experiment: name,
  sha256: name,
  motif: 'GCAUGU',
  importance: 2,
  pearson,
  spearman: 0.7,
  n: 100,
  hasLearned: true,
  slope: undefined,
  r2: undefined,
  effect5: undefined,
  effect3: undefined,
  gcDifference: undefined,
  loopOverStem: undefined,
});
const motif = (consensus: string) => ({ pwm: pwmFromConsensus(consensus), alphabet: 'rna' as const });

describe('a survey with names', () => {
  const models = [
    { ...model('RNCMPT00168', 0.8), matrix: motif('UGCAUG') },
    { ...model('RNCMPT00111', 0.6), matrix: motif('UUUUUU') },
    model('RNCMPT00042', 0.7),
  ];
  const evil = INFO.replace('Vts1p', '<b>Vts1</b>');
  const known = {
    source: '/some/where/known.meme',
    motifs: [
      { name: 'M1', pwm: pwmFromConsensus('UUUUUU') },
      { name: 'M159', alternateName: 'A2BP1,RBFOX1', pwm: pwmFromConsensus('GGCAUG') },
    ],
  };
  const published = parsePublished('e\tThermoNet\nRNCMPT00168\t0.7\nVTS1\t0.5\nother\t0.1\n', 'p.tsv');
  const made = () => survey({ models, facts: [], names: parseNames(evil, 'n.tab'), known, published });

  it('shows them everywhere, and joins motifs and published rows by them', async () => {
    const { page, files, named: joined, comparison } = await made();
    expect(joined!.note).toContain('names 2 of 3 experiments');
    expect(page).toContain('RBFOX1 (RNCMPT00168)');
    expect(page).toContain('&lt;b&gt;Vts1&lt;/b&gt; (RNCMPT00111)');
    expect(page).not.toContain('<b>Vts1');
    expect(page).toContain('in known.meme, position under position');
    expect(comparison!.notes.join(' ')).toContain('1 row was joined by the name of a protein: VTS1.');
    const table = files.find(({ path }) => path === 'survey.tsv')!.contents;
    const [heads, ...rows] = table
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => line.split('\t'));
    const last = ['experiment', 'protein', 'species', 'published_thermonet', 'difference_thermonet'];
    last.push(
      'known',
      'known_name',
      'e_value',
      'similarity',
      'same_name',
      'same_name_similarity',
      'same_name_rank',
    );
    expect(heads!.slice(-last.length)).toEqual(last);
    const cells = (name: string) => {
      const row = rows.find((each) => each.includes(name))!;
      return Object.fromEntries(last.map((column) => [column, row[heads!.indexOf(column)]]));
    };
    expect(cells('RNCMPT00168')).toMatchObject({
      protein: 'RBFOX1',
      species: 'Homo sapiens',
      published_thermonet: '0.7',
      known: 'M159',
      known_name: 'A2BP1,RBFOX1',
      same_name: 'M159',
      same_name_rank: '1',
    });
    expect(cells('RNCMPT00111')).toMatchObject({ published_thermonet: '0.5', known: 'M1', same_name: '' });
    expect(cells('RNCMPT00042')).toMatchObject({ protein: '', published_thermonet: '', known: '' });
  });

  it.skipIf(!hasBrowser)('sorts by the new columns, with the keyboard too', async () => {
    const { page } = await made();
    await inBrowser(async (tab) => {
      await tab.setViewport({ width: 1280, height: 800 });
      await tab.setContent(page, { waitUntil: 'load' });
      const press = async (heading: string) => {
        const buttons = await tab.$$('#models th button');
        const texts = await Promise.all(buttons.map((button) => button.evaluate((at) => at.textContent)));
        await buttons[texts.indexOf(heading)]!.focus();
        await tab.keyboard.press('Enter');
      };
      const names = () =>
        tab.$$eval('#models tbody tr', (rows) => rows.map((row) => row.cells[0]!.textContent!));
      expect(await names()).toEqual(['RBFOX1 (RNCMPT00168)', 'RNCMPT00042', '<b>Vts1</b> (RNCMPT00111)']);
      await press('r − ThermoNet');
      // What is not known is last.
      expect((await names()).at(-1)).toBe('RNCMPT00042');
      await press('similarity');
      expect((await names())[0]).toBe('<b>Vts1</b> (RNCMPT00111)');
      await press('known motif');
      expect((await names())[0]).toBe('<b>Vts1</b> (RNCMPT00111)');
      await press('known motif');
      expect((await names()).at(-1)).toBe('<b>Vts1</b> (RNCMPT00111)');
    });
  });
});

describe('residualbind survey --names', () => {
  let folder: string;
  const at = (...parts: string[]) => join(folder, ...parts);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'residualbind-names-'));
    for (const name of EXPERIMENTS.slice(0, 2)) {
      await mkdir(at(name));
      const about = { command: 'report', name, options: {}, models: [{ sha256: name }], motif: 'GCA' };
      await writeFile(at(name, 'manifest.json'), JSON.stringify(about));
    }
    await writeFile(at('info.tab'), INFO);
    await writeFile(at('wrong.tab'), 'id\tgene\nx\tFox\n');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('says what it joined, records it, and refuses a table of other experiments', async () => {
    const reports = EXPERIMENTS.slice(0, 2).map((name) => at(name));
    const asked = ['survey', ...reports, '--json', '--out'];
    const { code, stderr, json } = await cli([...asked, at('out'), '--names', at('info.tab')]);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('names 2 of 2 experiments (column "Motif_display_ID" matches them');
    expect(json).toMatchObject({
      names: { path: at('info.tab'), sha256: expect.stringMatching(/^[0-9a-f]{64}$/), experiments: 2 },
    });
    expect(await readFile(at('out', 'survey.html'), 'utf8')).toContain('RBFOX1 (RNCMPT00168)');
    const wrong = await cli([...asked, at('x'), '--names', at('wrong.tab')]);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('wrong.tab names none of the experiments');
  });
});
