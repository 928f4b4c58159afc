/**
 * `residualbind gia mutagenesis …  all`: files, manifests, where the motif comes from, several models, and
 * refusals.
 */

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CancelledError } from '../src/device/errors.js';
import {
  type Comparison,
  type MutagenesisResult,
  type ReplicatedComparison,
  suboptimalOf,
} from '../src/gia/experiments/index.js';
import { cli } from './support/cli.js';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const json = async (...names: string[]) => JSON.parse(await readFile(at(...names), 'utf8'));
const few = ['--backgrounds', '8'];

interface Row {
  readonly model: number;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly importance: number;
}
interface Result {
  readonly experiment: string;
  readonly design: Readonly<Record<string, unknown>>;
  readonly backgrounds: number;
  readonly rows: readonly Row[];
  readonly comparisons: readonly Comparison[];
  readonly across?: readonly ReplicatedComparison[];
  readonly facts: readonly Record<string, unknown>[];
}
const resultsOf = ({ json: printed }: { readonly json: Record<string, unknown> | undefined }) =>
  (printed as { results: Result[] }).results;

const table = async (...names: string[]) => {
  const [header, ...rows] = (await readFile(at(...names), 'utf8')).trimEnd().split('\n');
  const columns = header!.split('\t');
  return rows.map((row) => Object.fromEntries(row.split('\t').map((cell, i) => [columns[i]!, cell])));
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-experiments-'));
  await cli(['simulate', '--probes', '200', '--out', at('probes.tsv')]);
  for (const seed of ['1', '2']) {
    const size = ['--filters', '8', '--hidden', '16', '--batch', '32', '--epochs', '1', '--seed', seed];
    const { code, stderr } = await cli(['train', at('probes.tsv'), '--out', at(`run-${seed}`), ...size]);
    expect(code, stderr).toBe(0);
  }
});

afterAll(() => rm(folder, { recursive: true }));

describe('help', () => {
  it.each(['mutagenesis', 'multiplicity', 'spacing', 'positions', 'hairpin', 'gc', 'affinity', 'all'])(
    'gia %s has examples that name it',
    async (name) => {
      const { code, stdout } = await cli(['gia', name, '--help']);
      expect(code).toBe(0);
      expect(stdout.split('Examples:\n')[1]).toContain(`$ residualbind gia ${name} run`);
    },
  );
});

describe('files', () => {
  it('hold what is printed: rows, comparisons, JSON and a manifest of each experiment', async () => {
    const args = ['gia', 'hairpin', at('run-1'), '--motif', 'gcTgg', ...few, '--out', at('files'), '--json'];
    const printed = await cli(args);
    expect(printed.code, printed.stderr).toBe(0);
    const [result] = resultsOf(printed) as [Result];
    expect((await readdir(at('files'))).sort()).toEqual([
      'hairpin.comparisons.tsv',
      'hairpin.json',
      'hairpin.manifest.json',
      'hairpin.tsv',
    ]);
    const { manifest, ...stored } = await json('files', 'hairpin.json');
    expect(stored).toEqual(result);
    expect(manifest).toEqual(await json('files', 'hairpin.manifest.json'));
    expect(manifest).toMatchObject({ command: 'gia hairpin', motif: 'GCUGG', seed: 1, backgrounds: 8 });
    expect(manifest.models[0].sha256).toMatch(/^[0-9a-f]{64}$/);
    const rows = await table('files', 'hairpin.tsv');
    // One spelling of columns, in the table as in JSON.
    for (const columns of [rows[0]!, result.rows[0]!, result.comparisons[0]!]) {
      expect(columns).toHaveProperty('ci_low');
      expect(Object.keys(columns).join(' ')).not.toMatch(/[a-z][A-Z]/);
    }
    expect(rows).toHaveLength(10);
    for (const [i, { place, arms, letters, importance, q }] of rows.entries()) {
      expect({ place, arms, letters }).toEqual(result.rows[i]!.labels);
      expect(Number(importance)).toBeCloseTo(result.rows[i]!.importance, 8);
      expect(Number(q)).toBeGreaterThanOrEqual(Number(rows[i]!.p));
    }
    expect(await table('files', 'hairpin.comparisons.tsv')).toHaveLength(result.comparisons.length);
  });

  it('of one experiment leave those of another alone', async () => {
    for (const name of ['gc', 'multiplicity']) {
      const { code } = await cli(['gia', name, at('run-1'), '--motif', 'UGCAUG', ...few, '--out', at('two')]);
      expect(code).toBe(0);
    }
    expect(await json('two', 'gc.manifest.json')).toMatchObject({ command: 'gia gc' });
    expect(await json('two', 'multiplicity.manifest.json')).toMatchObject({ command: 'gia multiplicity' });
  });

  it('are those of every experiment after gia all, and the same as one by one', async () => {
    const { code, stdout } = await cli([
      'gia',
      'all',
      at('run-1'),
      '--motif',
      'UGCAUGU',
      ...few,
      '--out',
      at('all'),
    ]);
    expect(code).toBe(0);
    const names = ['gc', 'hairpin', 'multiplicity', 'mutagenesis', 'positions', 'spacing'];
    expect((await readdir(at('all'))).filter((name) => /^\w+\.json$/.test(name))).toEqual(
      names.map((name) => `${name}.json`),
    );
    expect(stdout).toContain('Every single-nucleotide variant of UGCAUGU at position 17:');
    const alone = await cli(['gia', 'spacing', at('run-1'), '--motif', 'UGCAUGU', ...few, '--json']);
    const { manifest: _, ...together } = await json('all', 'spacing.json');
    expect(resultsOf(alone)[0]).toEqual(together);
  });

  it('that were done stay when the rest is cancelled', async () => {
    const controller = new AbortController();
    const done: string[] = [];
    const args = ['gia', 'all', at('run-1'), '--motif', 'UGCAUG', ...few, '--out', at('cancelled')];
    const { code, stderr } = await cli(args, {
      signal: controller.signal,
      onStderr: (text) => {
        // The first experiment is over; the second begins.
        if (/done in/.test(text) && done.push(text) === 1) controller.abort(new CancelledError('stopped'));
      },
    });
    expect(code).toBe(130);
    expect(stderr).toContain(`${at('cancelled')} has mutagenesis, which were done before`);
    expect(await readdir(at('cancelled'))).toContain('mutagenesis.json');
    expect(await readdir(at('cancelled'))).not.toContain('gc.json');
  });
});

describe('the motif', () => {
  it('is the top of a table that gia sweep wrote', async () => {
    await cli(['gia', 'sweep', at('run-1'), '--k', '3', ...few, '--out', at('3-mers.tsv')]);
    const [{ pattern }] = (await table('3-mers.tsv')) as [{ pattern: string }];
    const args = ['gia', 'positions', at('run-1'), '--positions', '0,20', ...few, '--json'];
    const { json: printed } = await cli([...args, '--table', at('3-mers.tsv')]);
    expect(printed).toMatchObject({
      motif: pattern,
      results: [{ design: { motif: pattern, positions: [0, 20], range: 'given' } }],
    });
    const both = await cli([...args, '--table', at('3-mers.tsv'), '--motif', 'UGC']);
    expect(both).toMatchObject({ code: 2 });
  });

  it('is searched for where none is given', async () => {
    const {
      code,
      stderr,
      json: printed,
    } = await cli(['gia', 'gc', at('run-1'), '--backgrounds', '4', '--json']);
    expect(code, stderr).toBe(0);
    const { motif } = printed as { motif: string };
    expect(motif).toMatch(/^[ACGU]{6}$/);
    expect(stderr).toContain(`the top 6-mer at 17 is ${motif}`);
  });

  it.each(['UGXAUG', 'UGNAUG', ''])('"%s" is refused before anything is opened', async (motif) => {
    const { code, stderr } = await cli(['gia', 'gc', at('no such model'), '--motif', motif, ...few]);
    expect(code).toBe(2);
    expect(stderr).toContain('must be letters A, C, G and U');
  });
});

describe('several models', () => {
  it('are asked together, each as it would be alone', async () => {
    const args = ['--motif', 'UGCAUG', '--sequences', at('probes.fa'), ...few, '--json'];
    await writeFile(at('probes.fa'), `>a\n${'ACGUUGCA'.repeat(5)}A\n>b\n${'GGCAUCUA'.repeat(5)}C\n`);
    const together = resultsOf(await cli(['gia', 'multiplicity', at('run-1'), at('run-2'), ...args]))[0]!;
    expect(together.facts).toHaveLength(2);
    for (const [e, run] of ['run-1', 'run-2'].entries()) {
      const alone = resultsOf(await cli(['gia', 'multiplicity', at(run), ...args]))[0]!;
      const own = together.rows.filter(({ model }) => model === e);
      expect(own).toHaveLength(3);
      for (const [i, { importance }] of own.entries())
        expect(importance).toBeCloseTo(alone.rows[i]!.importance, 5);
    }
    expect(together.across).toHaveLength(3);
    for (const { labels, difference, n } of together.across!) {
      const own = together.comparisons.filter(
        ({ labels: { comparison, copies } }) => comparison === labels.comparison && copies === labels.copies,
      );
      expect(difference).toBeCloseTo((own[0]!.difference + own[1]!.difference) / 2, 8);
      expect(n).toBe(2);
    }
    const files = ['--out', at('across')];
    const { stdout } = await cli(['gia', 'gc', at('run-1'), at('run-2'), ...args.slice(0, -1), ...files]);
    expect(stdout).toContain('Over 2 models, with the mean difference of each model as one value:');
    expect(await table('across', 'gc.across.tsv')).toHaveLength(5);
    expect(stdout).toContain(`${at('run-1')}:\n`);
    expect(stdout).toContain(`${at('run-2')}:\n`);
  });
});

describe('options of single experiments', () => {
  const run = (...args: string[]) =>
    cli(['gia', 'spacing', at('run-1'), '--motif', 'UGCAUG', ...few, '--json', ...args]);

  it('spacing takes pairs and gaps, and not both', async () => {
    const pairs = resultsOf(await run('--pairs', '16-20,15-21'))[0]!;
    expect(pairs.rows.map(({ labels }) => labels)).toEqual([
      { first: 16, second: 20, gap: -2 },
      { first: 15, second: 21, gap: 0 },
    ]);
    const gaps = resultsOf(await run('--gaps', '-2,3'))[0]!;
    expect(gaps.rows.map(({ labels }) => labels.gap)).toEqual([-2, 3]);
    for (const wrong of [
      ['--pairs', '16'],
      ['--gaps', '1.5'],
      ['--gaps', '1', '--pairs', '1-9'],
      ['--map', '--gaps', '1'],
    ])
      expect(await run(...wrong), wrong.join(' ')).toMatchObject({ code: 2 });
    const overlapping = await run('--pairs', '16-19');
    expect(overlapping).toMatchObject({ code: 1 });
    expect(overlapping.stderr).toContain('overlap in different letters');
  });

  it('hairpin says what does not fit', async () => {
    const args = ['gia', 'hairpin', at('run-1'), '--motif', 'GCUGGC', ...few];
    const { code, stderr } = await cli([...args, '--loop', '4']);
    expect(code).toBe(1);
    expect(stderr).toContain('must fit the loop (4)');
    const long = await cli([...args, '--arm', '20']);
    expect(long.stderr).toMatch(/error: a stem-loop from 5 with arms of 20 .* does not fit a sequence of 41/);
  });

  it('multiplicity takes a sub-optimal motif, and so does gia all', async () => {
    const one = ['gia', 'multiplicity', at('run-1'), '--motif', 'UGCAUG', ...few, '--json'];
    const found = await cli([...one, '--suboptimal', 'agaatg']);
    const [{ rows, facts }] = resultsOf(found) as [Result];
    expect(rows.map(({ labels }) => labels.pattern)).toEqual(
      ['UGCAUG', 'AGAAUG'].flatMap((motif) => [
        `${motif}@3`,
        `${motif}@3+${motif}@10`,
        `${motif}@3+${motif}@10+${motif}@17`,
      ]),
    );
    expect(facts[0]).toHaveProperty('suboptimal_r2');
    expect(found.json).toMatchObject({ options: { suboptimal: 'agaatg' } });
    expect(await cli([...one, '--suboptimal', 'AGNAUG'])).toMatchObject({ code: 2 });
    const all = ['gia', 'all', at('run-1'), '--motif', 'UGCAUG', ...few, '--json'];
    const given = resultsOf(await cli([...all, '--suboptimal', 'AGAAUG']))[1]!;
    expect(given.rows.map(({ labels, importance }) => ({ labels, importance }))).toEqual(
      rows.map(({ labels, importance }) => ({ labels, importance })),
    );
    // Where none is given, the one that mutagenesis finds; of the best variant there is one.
    const mutagenesis = ['gia', 'mutagenesis', ...all.slice(2)];
    const [mutants] = resultsOf(await cli(mutagenesis)) as [Result];
    const best = mutants.rows.reduce((a, b) => (b.importance > a.importance ? b : a)).labels
      .pattern as string;
    const [own, chosen] = resultsOf(await cli([...all, '--motif', best])) as [
      MutagenesisResult & Result,
      Result,
    ];
    expect(suboptimalOf(own)).toMatch(/^[ACGU]{6}$/);
    expect(new Set(chosen.rows.map(({ labels }) => labels.motif))).toEqual(
      new Set([best, suboptimalOf(own)]),
    );
  });

  it('affinity reads its table, records it, and names file and line of a bad one', async () => {
    await writeFile(at('kd.csv'), 'pattern,KD_nM\nUGCAUGU,0.83\nAGCAUGU,4.8\nUACAUGU,350\nUGCAUAU,1830\n');
    const args = [at('run-1'), at('kd.csv'), ...few];
    const printed = await cli(['gia', 'affinity', ...args, '--out', at('kd'), '--json']);
    expect(printed.code, printed.stderr).toBe(0);
    const [{ rows, facts }] = resultsOf(printed) as [Result];
    expect(rows.map(({ labels }) => labels.kd)).toEqual([0.83, 4.8, 350, 1830]);
    const { slope, slope_ci_low: low, slope_ci_high: high } = facts[0] as Record<string, number>;
    expect(slope).toBeGreaterThan(low!);
    expect(slope).toBeLessThan(high!);
    const record = await json('kd', 'affinity.manifest.json');
    expect(record).toMatchObject({
      command: 'gia affinity',
      options: { affinities: { path: at('kd.csv') } },
    });
    expect(record).not.toHaveProperty('motif');
    await writeFile(at('bad.csv'), 'pattern,KD_nM\nUGCAUGU,0.83\nAGCAUGU,tight\n');
    const bad = await cli(['gia', 'affinity', at('run-1'), at('bad.csv'), ...few]);
    expect(bad.code).toBe(1);
    expect(bad.stderr).toContain(`error: ${at('bad.csv')}:3: K_D "tight" must be a number above 0`);
  });
});
