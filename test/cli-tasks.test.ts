/**
 * Models of several tasks from the command line: every command takes all tasks, or those that `--task` names.
 */

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from './support/cli.js';
import { normals } from './support/numbers.js';

const NETWORK = {
  alphabet: 'dna',
  layers: [
    { kind: 'convolution', filters: 8, taps: 3, dilation: 1 },
    { kind: 'batch-norm' },
    { kind: 'relu' },
    { kind: 'pool', by: 'mean', size: 14, stride: 14 },
    { kind: 'dense', units: 8 },
    { kind: 'relu' },
    { kind: 'head', outputs: 3, loss: 'regression' },
  ],
};
/** Each task counts a letter. */
const TASKS = { first: 'C', second: 'G', third: 'T' } as const;
const NAMES = Object.keys(TASKS) as (keyof typeof TASKS)[];

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const text = (...names: string[]) => readFile(at(...names), 'utf8');
const read = async (...names: string[]) => JSON.parse(await text(...names));
const few = ['--backgrounds', '8'];

/** A command that must succeed. */
async function done(...argv: string[]) {
  const result = await cli(argv);
  expect(result.code, result.stderr).toBe(0);
  return result;
}

/** Rows of tab-separated text by the names of its columns. */
function rowsOf(tsv: string): Record<string, string>[] {
  const [header, ...rows] = tsv.trimEnd().split('\n');
  const columns = header!.split('\t');
  return rows.map((row) => Object.fromEntries(row.split('\t').map((cell, i) => [columns[i]!, cell])));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-tasks-'));
  const noise = normals(600, 1);
  const rows = Array.from({ length: 200 }, (_, i) => {
    const letters = [...(i * 7919 + 4096).toString(4).padStart(14, '0')].map((d) => 'ACGT'[Number(d)]!);
    const scores = NAMES.map((task, t) => {
      const count = letters.filter((letter) => letter === TASKS[task]).length;
      return (i + t) % 10 === 0 ? 'NA' : count + 0.1 * noise[3 * i + t]!;
    });
    return [letters.join(''), ...scores].join('\t');
  });
  await writeFile(at('library.tsv'), `sequence\t${NAMES.join('\t')}\n${rows.join('\n')}\n`);
  await writeFile(at('network.json'), JSON.stringify(NETWORK));
  await writeFile(at('two.fa'), '>a\nACGTACGTACGTAC\n>b\nGGGTTTCCC\n');
  await writeFile(at('long.fa'), '>a\nACGTACGTACGTACGG\n>b\nGGGTTTCCC\n');
  for (const seed of ['1', '2'])
    await done(
      ...['train', at('library.tsv'), '--out', at(`run-${seed}`), '--network', at('network.json')],
      ...['--score-column', NAMES.join(), '--length', '14', '--transform', 'none', '--seed', seed],
      ...['--epochs', '30', '--batch', '25', '--learning-rate', '0.01', '--validation', '0.2'],
    );
  await done(
    ...['train', at('library.tsv'), '--out', at('single'), '--preset', 'deepbind', '--filters', '4'],
    ...['--score-column', 'first', '--length', '14', '--epochs', '1', '--hidden', '4'],
  );
});

afterAll(() => rm(folder, { recursive: true }));

describe('predict', () => {
  it('has a row for every task of every sequence, or for those that were chosen', async () => {
    const all = rowsOf((await done('predict', at('run-1'), at('two.fa'))).stdout);
    expect(Object.keys(all[0]!)).toEqual(['name', 'task', 'sequence', 'prediction']);
    expect(all.map(({ name, task }) => `${name} ${task}`)).toEqual(
      ['a', 'b'].flatMap((name) => NAMES.map((task) => `${name} ${task}`)),
    );
    const one = rowsOf((await done('predict', at('run-1'), at('two.fa'), '--task', 'second')).stdout);
    expect(Object.keys(one[0]!)).toEqual(['name', 'sequence', 'prediction']);
    one.forEach(({ prediction }, i) => {
      expect(Number(prediction)).toBeCloseTo(Number(all[3 * i + 1]!.prediction), 5);
    });
    const { json } = await done('predict', at('run-1'), at('two.fa'), '--task', 'third,first', '--json');
    expect(json).toMatchObject({ tasks: ['first', 'third'], predictions: [{ task: 'first' }, {}, {}, {}] });
  });

  it('takes the windows of longer sequences', async () => {
    const every = ['--windows', '--stride', '1', '--per-sequence'];
    const rows = rowsOf((await done('predict', at('run-1'), at('long.fa'), ...every)).stdout);
    expect(rows.map(({ name, task, windows }) => `${name} ${task} ${windows}`)).toEqual([
      'a first 3',
      'a second 3',
      'a third 3',
      'b first 1',
      'b second 1',
      'b third 1',
    ]);
    // Both letters that the last window has beyond the first are G.
    expect(rows[1]).toMatchObject({ max_start: '2', window: 'GTACGTACGTACGG' });
    const whole = rowsOf((await done('predict', at('run-1'), at('two.fa'))).stdout);
    expect(Number(rows[5]!.mean)).toBeCloseTo(Number(whole[5]!.prediction), 5);
  });

  it('refuses a task that the model does not have', async () => {
    const unknown = await cli(['predict', at('run-1'), at('two.fa'), '--task', 'fourth']);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('has no task "fourth"; choose from first, second, third');
    const twice = await cli(['predict', at('run-1'), at('two.fa'), '--task', 'first,first']);
    expect(twice).toMatchObject({ code: 2, stderr: expect.stringContaining('"first" is chosen twice') });
    const single = await cli(['predict', at('single'), at('two.fa'), '--task', 'first']);
    expect(single.code).toBe(2);
    expect(single.stderr).toContain('the model predicts one score, so leave out --task first');
  });
});

describe('ism', () => {
  it.each(['mutagenesis', 'saliency', 'integrated'])('%s has scores of every task', async (method) => {
    const args = ['ism', at('run-1'), at('two.fa'), '--method', method];
    const { json, stdout } = await done(...args, '--json', '--out', at(`${method}.tsv`));
    expect(stdout).not.toBe('');
    const { sequences, tasks } = json as unknown as {
      tasks: string[];
      sequences: { name: string; task: keyof typeof TASKS; heights: number[]; sequence: string }[];
    };
    expect(tasks).toEqual(NAMES);
    expect(sequences.map(({ name, task }) => `${name} ${task}`)).toEqual(
      ['a', 'b'].flatMap((name) => NAMES.map((task) => `${name} ${task}`)),
    );
    const rows = rowsOf(await text(`${method}.tsv`));
    expect(rows).toHaveLength(3 * 4 * (14 + 9));
    expect(rows[4 * 14]).toMatchObject({ index: '1', sequence: 'a', task: 'second', position: '0' });
    const { json: chosen } = await done(...args, '--json', '--task', 'second');
    const own = sequences.filter(({ task }) => task === 'second');
    (chosen as { sequences: { heights: number[] }[] }).sequences.forEach(({ heights }, i) => {
      expect(heights).not.toHaveProperty('task');
      heights.forEach((height, p) => {
        expect(height).toBeCloseTo(own[i]!.heights[p]!, 4);
      });
    });
  });

  it('names tasks in text and logos', async () => {
    const { stdout } = await done('ism', at('run-1'), at('two.fa'), '--logos', at('logos'));
    expect(stdout).toMatch(/^In-silico mutagenesis of 2 sequences for 3 tasks each, in /);
    expect(stdout).toMatch(/^b, third {2}GGG...CCC {2}prediction/m);
    expect((await readdir(at('logos'))).sort()).toEqual(
      [1, 2].flatMap((i) => NAMES.map((task) => `sequence-${i}-${task}.svg`)),
    );
    expect(await text('logos', 'sequence-2-third.svg')).toContain('b, third, letter by letter');
  });
});

describe('gia sweep', () => {
  it('ranks patterns task by task, and prints a list of each', async () => {
    const args = ['gia', 'sweep', at('run-1'), '--k', '2', '--backgrounds', '40', '--null', 'uniform'];
    const { stdout } = await done(...args, '--out', at('2-mers.tsv'));
    const rows = rowsOf(await text('2-mers.tsv'));
    expect(Object.keys(rows[0]!).slice(0, 2)).toEqual(['task', 'pattern']);
    expect(rows.map(({ task, rank }) => `${task} ${rank}`)).toEqual(
      NAMES.flatMap((task) => Array.from({ length: 16 }, (_, i) => `${task} ${i + 1}`)),
    );
    // A task's letter twice is its top, and not that of another.
    NAMES.forEach((task, t) => {
      expect(rows[16 * t]!.pattern!.replaceAll('U', 'T')).toBe(TASKS[task].repeat(2));
    });
    for (const task of NAMES)
      expect(stdout).toMatch(new RegExp(`^${task}:\n  pattern .*\n  ${'..'} +1 `, 'm'));
    expect(stdout.match(/^ {2}[ACGTU]{2} /gm)).toHaveLength(3 * 10);
    expect(await read('2-mers.tsv.manifest.json')).toMatchObject({ tasks: NAMES });

    const chosen = [...args, '--task', 'third', '--out', at('third.json'), '--json'];
    const { json } = await done(...chosen);
    expect(json).not.toHaveProperty('tasks');
    const { rows: own } = await read('third.json');
    expect(own[0]).not.toHaveProperty('task');
    expect(own[0].importance).toBeCloseTo(Number(rows[32]!.importance), 4);

    const searched = await done(...args, '--top', '2', '--out', at('top.tsv'), '--task', 'first,third');
    expect(searched.stdout).toMatch(/^first:\n.*\n.*\n.*\nthird:\n/m);
    expect(rowsOf(await text('top.tsv')).map(({ task, rank }) => `${task} ${rank}`)).toEqual([
      'first 1',
      'first 2',
      'third 1',
      'third 2',
    ]);
  });

  it('takes several models', async () => {
    const args = ['gia', 'sweep', at('run-1'), at('run-2'), '--k', '1', ...few, '--out', at('both.tsv')];
    const { stdout } = await done(...args, '--bootstrap', '40');
    const rows = rowsOf(await text('both.tsv'));
    expect(rows.map(({ model, task, rank }) => `${model} ${task} ${rank}`)).toEqual(
      ['run-1', 'run-2'].flatMap((run) =>
        NAMES.flatMap((task) => [1, 2, 3, 4].map((rank) => `${at(run)} ${task} ${rank}`)),
      ),
    );
    expect(stdout).toContain(`${at('run-2')}, third:\n`);
  });

  it('is planned', async () => {
    for (const argv of [
      ['gia', 'plan', at('run-1')],
      ['gia', 'plan', at('run-1'), '--task', 'first'],
      ['gia', 'sweep', at('run-1'), '--plan'],
    ]) {
      const { json } = await done(...argv, '--k', '2', '--json');
      expect(json).toMatchObject({ patterns: 16 });
    }
  });
});

describe('gia importance and motif', () => {
  it('have every task', async () => {
    const { json } = await done('gia', 'importance', at('run-1'), 'CC@4', 'GG@4', ...few, '--json');
    expect((json as { top: { task: string; pattern: string }[] }).top).toMatchObject([
      { task: 'first', pattern: 'CC@4' },
      { task: 'first', pattern: 'GG@4' },
      { task: 'second', pattern: 'GG@4' },
      { task: 'second', pattern: 'CC@4' },
      { task: 'third' },
      { task: 'third' },
    ]);
    await done('gia', 'sweep', at('run-1'), '--k', '3', ...few, '--out', at('3-mers.tsv'));
    const which = await cli(['motif', at('3-mers.tsv')]);
    expect(which.code).toBe(2);
    expect(which.stderr).toContain('has several tasks; choose one with --task: first, second, third');
    const { json: motif } = await done('motif', at('3-mers.tsv'), '--task', 'second', '--json');
    expect(motif).toMatchObject({ name: 'GGG' });
  });
});

describe('experiments', () => {
  it('ask all tasks about a motif that is named', async () => {
    const args = ['gia', 'positions', at('run-1'), at('run-2'), '--motif', 'GGG', '--positions', '2,8'];
    const { stdout } = await done(...args, ...few, '--out', at('positions'));
    const rows = rowsOf(await text('positions', 'positions.tsv'));
    expect(rows.map(({ model, task }) => `${model} ${task}`)).toEqual(
      [0, 1].flatMap((model) => NAMES.flatMap((task) => [`${model} ${task}`, `${model} ${task}`])),
    );
    expect(stdout).toContain(`${at('run-1')}, task second:`);
    const mean = (task: string) => {
      const own = rows.filter((row) => row.task === task);
      return own.reduce((sum, { importance }) => sum + Number(importance), 0) / own.length;
    };
    expect(mean('second')).toBeGreaterThan(Math.max(mean('first'), mean('third')));
  });

  it('find the motif of every task, and ask all tasks about it', async () => {
    const { stderr, json } = await done('gia', 'all', at('run-1'), ...few, '--out', at('all'), '--json');
    expect((await readdir(at('all'))).sort()).toEqual(NAMES);
    const { motifs, results } = json as {
      motifs: { task: keyof typeof TASKS; motif: string }[];
      results: { experiment: string; task: string; motif: string }[];
    } & typeof json;
    expect(motifs.map(({ task }) => task)).toEqual(NAMES);
    for (const { task, motif } of motifs) {
      expect(stderr).toContain(`the top 6-mer of ${task} at 4 is ${motif}`);
      const letters = [...motif.replaceAll('U', 'T')].filter((letter) => letter === TASKS[task]);
      expect(letters.length).toBeGreaterThan(3);
      expect(results.filter((each) => each.task === task && each.motif === motif)).not.toHaveLength(0);
      const { manifest, rows } = await read('all', task, 'mutagenesis.json');
      expect(manifest).toMatchObject({ command: 'gia all', task, motif, tasks: NAMES });
      const [own, ...others] = [task, ...NAMES.filter((other) => other !== task)].map(
        (of) => (rows as { task: string; importance: number }[]).find((row) => row.task === of)!.importance,
      );
      for (const other of others) expect(own).toBeGreaterThan(other);
    }
  });

  it('take the motif of every task from a table', async () => {
    await done('gia', 'sweep', at('run-1'), '--k', '4', ...few, '--out', at('4-mers.tsv'));
    const top = rowsOf(await text('4-mers.tsv')).filter(({ rank }) => rank === '1');
    const args = ['gia', 'mutagenesis', at('run-1'), ...few, '--table', at('4-mers.tsv')];
    const { stdout, json } = { ...(await done(...args)), ...{ json: (await done(...args, '--json')).json } };
    expect(json).toMatchObject({ motifs: top.map(({ task, pattern }) => ({ task, motif: pattern })) });
    for (const { task, pattern } of top)
      expect(stdout).toMatch(new RegExp(`^Task ${task}, motif ${pattern}\n\n.*:\ntask ${task}:\n`, 'm'));
    expect(stdout.match(/^task .*:$/gm)).toHaveLength(3);
    expect(stdout).toMatch(
      / at position \d+ in the other tasks:\n +task +importance .*\n +first .*\n +third /,
    );
    const { json: chosen } = await done(...args, '--task', 'third', '--json');
    expect(chosen).toMatchObject({ motif: top[2]!.pattern, results: [{ experiment: 'mutagenesis' }] });
    await done('gia', 'sweep', at('run-1'), '--k', '4', ...few, '--task', 'first', '--out', at('one.tsv'));
    const { json: all } = await done(
      ...['gia', 'mutagenesis', at('run-1'), ...few, '--table', at('one.tsv'), '--json'],
    );
    expect(all).toMatchObject({ motif: top[0]!.pattern, results: [{ experiment: 'mutagenesis' }] });
  });
});

describe('report and survey', () => {
  const columns = ['--data', 'library.tsv', '--score-column', NAMES.join()];
  const report = (...argv: string[]) =>
    done('report', at('run-1'), ...few, ...argv.map((each) => (each === 'library.tsv' ? at(each) : each)));

  it('show every task, and survey counts each', async () => {
    const { stdout } = await report(...columns, '--logos', '1', '--out', at('report'), '--name', 'Demo');
    const page = await text('report', 'report.html');
    const { byTask, tasks, motif } = await read('report', 'manifest.json');
    expect(tasks).toEqual(NAMES);
    expect(motif).toBeUndefined();
    for (const [i, task] of NAMES.entries()) {
      const { motif: own, agreement } = byTask[i];
      expect(byTask[i]).toMatchObject({ task, motif: expect.stringMatching(/^[ACGT]{6}$/) });
      expect([...own].filter((letter) => letter === TASKS[task]).length).toBeGreaterThan(3);
      expect(agreement).toMatchObject({ n: 180, reason: null });
      expect(agreement.pearson).toBeGreaterThan(0.8);
      expect(stdout).toContain(`${own} (${task})`);
      expect(page).toContain(`<section id="task-${i + 1}" class="whole"><h2>${task}</h2>`);
      expect(page).toContain(`${task}: ${own} is the most important pattern`);
      const files = await readdir(at('report', 'figures', task));
      for (const file of ['sweep.tsv', 'agreement.svg', 'motif.svg', 'mutagenesis.json', 'sequence-1.svg'])
        expect(files).toContain(file);
      const rows = rowsOf(await text('report', 'figures', task, 'sweep.tsv'));
      expect(rows[0]).toMatchObject({ task, pattern: own, rank: '1' });
    }
    const { json } = await done('survey', at('report'), '--out', at('survey'), '--json');
    expect((json as { models: unknown[] }).models).toMatchObject(
      NAMES.map((task, i) => ({ name: 'Demo', task, page: `../report/report.html#task-${i + 1}` })),
    );
    const surveyed = rowsOf(await text('survey', 'survey.tsv'));
    expect(surveyed.map(({ task, motif: own, has_learned }) => [task, own, has_learned])).toEqual(
      NAMES.map((task, i) => [task, byTask[i].motif, 'true']),
    );
  });

  it('takes one task, and the rows of a table that are of it', async () => {
    await done('gia', 'sweep', at('run-1'), '--k', '4', ...few, '--out', at('table.tsv'));
    await report('--table', at('table.tsv'), '--task', 'second', '--out', at('report-2'));
    const { motif, byTask } = await read('report-2', 'manifest.json');
    expect(byTask).toBeUndefined();
    const top = rowsOf(await text('table.tsv')).filter(({ rank, task }) => rank === '1' && task === 'second');
    expect(motif).toBe(top[0]!.pattern);
    expect(await text('report-2', 'report.html')).not.toContain('task-1');
    const [columnsOfSweep] = (await text('report-2', 'figures', 'sweep.tsv')).split('\n');
    expect(columnsOfSweep).toMatch(/^pattern\t/);
    const wrong = await cli([
      ...['report', at('run-1'), '--data', at('library.tsv'), '--score-column', 'first', ...few],
      ...['--out', at('report-3')],
    ]);
    expect(wrong.stderr).toContain('the model predicts 3 tasks (first, second, third)');
    expect(wrong.code).toBe(2);
  });
});
