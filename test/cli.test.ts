/**
 * The command line in-process: help, JSON, exit codes and messages of commands that need no trained model.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { duration } from '../src/cli/terminal/progress.js';
import { parseProbes } from '../src/data/tables/parse-probes.js';
import { demoReport } from '../src/report/demo-report.js';
import { cli } from './support/cli.js';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-cli-'));
});

afterAll(() => rm(folder, { recursive: true }));

describe('help', () => {
  it.each([
    'simulate',
    'train',
    'evaluate',
    'predict',
    'gia',
    'gia sweep',
    'gia importance',
    'motif',
    'doctor',
    'tune',
    'demo',
  ])('%s has examples that name it', async (command) => {
    const { code, stdout } = await cli([...command.split(' '), '--help']);
    expect(code).toBe(0);
    const [, shown] = stdout.split('Examples:\n');
    expect(shown).toContain(`$ residualbind ${command}`);
  });

  it('is an error without a command, and for an unknown one', async () => {
    expect(await cli([])).toMatchObject({ code: 2, stdout: '' });
    const typo = await cli(['trian']);
    expect(typo).toMatchObject({ code: 2 });
    expect(typo.stderr).toContain('Did you mean train?');
  });
});

describe('simulate', () => {
  it('writes a table and what was planted, the same for the same seed', async () => {
    const args = ['simulate', '--probes', '50', '--motif', 'GCAUG', '--seed', '4', '--out'];
    const { code, json } = await cli([...args, at('one.tsv'), '--json']);
    expect(code).toBe(0);
    expect(json).toMatchObject({ command: 'simulate', seed: 4, truth: { consensus: 'GCAUG' } });
    expect(parseProbes(await readFile(at('one.tsv'), 'utf8')).sequences).toHaveLength(50);
    const truth = JSON.parse(await readFile(at('one.truth.json'), 'utf8'));
    expect(truth.truth.signal).toHaveLength(50);
    await cli([...args, at('two.tsv')]);
    expect(await readFile(at('two.tsv'), 'utf8')).toBe(await readFile(at('one.tsv'), 'utf8'));
  });

  it('writes a column of scores for each task, in DNA letters where they are asked for', async () => {
    const { code, stdout } = await cli([
      ...['simulate', '--probes', '40', '--length', '60', '--alphabet', 'dna', '--missing', '0.2'],
      ...['--task', 'liver=GATTACA', '--task', 'brain=CACGTG', '--out', at('tasks.tsv')],
    ]);
    expect(code).toBe(0);
    expect(stdout).toBe(
      `40 probes with GATTACA (liver) and CACGTG (brain) planted are in ${at('tasks.tsv')}; ${at('tasks.truth.json')} describes the motifs and effects.\n`,
    );
    const table = await readFile(at('tasks.tsv'), 'utf8');
    expect(table).toMatch(/^set\tpool\tsequence\tliver\tbrain\nA\tlinear\t[ACGT]{57,60}\t/);
    const { scores } = parseProbes(table, 'x', { columns: { score: 'liver,brain' } });
    expect(scores.filter(Number.isNaN).length).toBeGreaterThan(4);
    const { truth } = JSON.parse(await readFile(at('tasks.truth.json'), 'utf8'));
    expect(truth).toMatchObject({
      missing: 0.2,
      tasks: [
        { task: 'liver', consensus: 'GATTACA' },
        { task: 'brain', consensus: 'CACGTG' },
      ],
    });
    expect(truth.signal).toHaveLength(80);
  });

  it('refuses an output path before computing', async () => {
    await mkdir(at('folder'));
    await writeFile(at('file'), '');
    for (const out of [at('folder'), at('file', 'inside.tsv')]) {
      const { code, stderr } = await cli(['simulate', '--probes', '10', '--out', out]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^error: .*(is a directory|cannot write there)/);
    }
  });
});

describe('errors', () => {
  it('name file and line of a bad probe table', async () => {
    await writeFile(at('bad.tsv'), 'set\tsequence\tintensity\nA\tACGU\t1\nA\tACXU\t2\n');
    const { code, stderr, stdout } = await cli(['train', at('bad.tsv'), '--out', at('never')]);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toBe(
      `error: ${at('bad.tsv')}:3: letter 3 is "X"; expected A, C, G, U (or T) or N; it stands for several bases (IUPAC), and --iupac-as-n reads such letters as N\n`,
    );
  });

  it('show the stack with --debug only', async () => {
    const { stderr } = await cli(['train', at('missing.tsv'), '--out', at('never'), '--debug']);
    expect(stderr).toMatch(/no such file/);
    expect(stderr).toMatch(/\n {4}at /);
  });

  it.each([
    { why: 'a value out of range', args: ['train', 'x', '--out', 'y', '--epochs', '0'] },
    { why: 'an unknown preset', args: ['train', 'x', '--out', 'y', '--preset', 'other'] },
    { why: 'a cut without clipping', args: ['train', 'x', '--out', 'y', '--clip-at', 'std'] },
    {
      why: 'a transform of classes',
      args: ['train', 'x', '--out', 'y', '--head', 'classification', '--transform', 'log'],
    },
    { why: 'a table of an unknown format', args: ['gia', 'sweep', 'x', '--out', 'y.csv'] },
    { why: 'k-mers too long', args: ['gia', 'sweep', 'x', '--out', 'y', '--k', '9'] },
    { why: 'one background', args: ['gia', 'importance', 'x', 'ACGU@3', '--backgrounds', '1'] },
    { why: 'a reach without a penalty', args: ['simulate', '--out', 'y', '--spacing-reach', '2'] },
    { why: 'a single task', args: ['simulate', '--out', 'y', '--task', 'a=ACGU'] },
    { why: 'a task without letters', args: ['simulate', '--out', 'y', '--task', 'a'] },
    { why: 'a motif and tasks', args: ['simulate', '--out', 'y', '--motif', 'ACGU', '--task', 'a=ACGU'] },
    { why: 'missing scores of no task', args: ['simulate', '--out', 'y', '--missing', '0.1'] },
    { why: 'a GC bias of no end', args: ['simulate', '--out', 'y', '--gc-side', '4'] },
    { why: 'a factor without hairpins', args: ['simulate', '--out', 'y', '--hairpin-factor', '2'] },
  ])('of usage exit with 2 and say so in JSON too: $why', async ({ args }) => {
    const { code, json, stderr } = await cli([...args, '--json']);
    expect(code).toBe(2);
    expect(json).toMatchObject({ error: { name: 'UsageError' } });
    expect(stderr).toMatch(/^error: /);
  });

  it('list what was tried when there is no such adapter', async () => {
    for (const command of ['doctor', 'demo']) {
      const args = command === 'demo' ? ['demo', '--out', at('no-demo')] : ['doctor'];
      const { code, json, stderr } = await cli([...args, '--adapter', 'no such adapter', '--json']);
      expect(code).toBe(1);
      expect(json).toMatchObject({ error: { name: 'AdapterNotFoundError' } });
      expect(stderr).toMatch(/Tried:\n {2}an adapter named "no such adapter": /);
      expect(stderr).toContain('Install one of:');
    }
  });
});

describe('doctor', () => {
  it('describes the adapter in one JSON object', async () => {
    const { code, json } = await cli(['doctor', '--json']);
    expect(code).toBe(0);
    const report = json as Record<string, Record<string, unknown>>;
    expect(report.adapter).toHaveProperty('class');
    expect(report.limits?.maxBufferSize).toBeGreaterThan(2 ** 20);
    expect(report.matrixKernels?.conv1d).toHaveProperty(
      'path',
      expect.stringMatching(/^(sequence|subgroup|workgroup)$/),
    );
    expect(Array.isArray(report.tried)).toBe(true);
    const { offers } = report.precisions as unknown as {
      offers: { precision: string; path: string | null }[];
    };
    expect(offers.map(({ precision }) => precision)).toEqual(['f32', 'f32', 'f16x2', 'f16x2', 'f16', 'f16']);
    expect(offers.slice(0, 2).map(({ path }) => path)).toEqual(['f32', 'f32']);
    expect(offers.at(-1)?.path === null).toBe(
      !(report.features as unknown as string[]).includes('shader-f16'),
    );
  });

  it('describes it to people', async () => {
    const { stdout } = await cli(['doctor']);
    for (const word of [
      'Adapter: ',
      'class',
      'conv1d_dw',
      'Precisions:',
      'Tried:',
      'Limits:',
      'Versions: ',
    ]) {
      expect(stdout).toContain(word);
    }
  });
});

describe('demo', () => {
  it('does not write into a folder of somebody else', async () => {
    await mkdir(at('mine'));
    await writeFile(at('mine', 'model.safetensors'), 'precious');
    const { code, stderr } = await cli(['demo', '--quick', '--out', at('mine')]);
    expect(code).toBe(1);
    expect(stderr).toContain('holds files that no demo wrote, such as model.safetensors');
    expect(await readdir(at('mine'))).toEqual(['model.safetensors']);
  });

  it('reports in HTML whether the motif came back, with all text escaped', () => {
    const row = {
      importance: 1,
      sd: 1,
      se: 0.1,
      ciLow: 0.8,
      ciHigh: 1.2,
      min: 0,
      max: 2,
      t: 10,
      p: 1e-5,
      q: 1e-4,
      n: 9,
      rank: 1,
    };
    const report = {
      adapter: { name: '<b>GPU</b> & co', class: 'hardware' },
      planted: 'UGCAUG',
      top: [{ ...row, pattern: 'UGCAUG' }],
      test: { pearson: 0.8123, spearman: 0.7, n: 100 },
      sizes: 'Small.',
      stages: [{ name: 'train', what: '"3" epochs', seconds: 2.25, dispatches: 7, submits: 5 }],
      started: '2021-05-13T00:00:00.000Z',
    };
    const html = demoReport(report);
    expect(html).toContain('UGCAUG is recovered');
    expect(html).toContain('&lt;b&gt;GPU&lt;/b&gt; &amp; co');
    expect(html).toContain('&quot;3&quot; epochs</td><td>2.3</td><td>7</td><td>5</td>');
    expect(html).not.toMatch(/<b>GPU|<script|https?:/);
    const missed = demoReport({ ...report, planted: 'GAAUUC' });
    expect(missed).toContain('GAAUUC is not the most important 6-mer; UGCAUG is');
  });
});

it.each([
  [0.04, '0.0 s'],
  [9.96, '10 s'],
  [59.6, '1 min 00 s'],
  [200, '3 min 20 s'],
  [3900, '1 h 05 min'],
  [Number.POSITIVE_INFINITY, '?'],
])('%d seconds read as %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
