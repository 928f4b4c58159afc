/**
 * A library of several tasks in DNA letters, from the command line: 200 nt, three scores a row, a tenth of
 * the scores missing, and a motif of its own for each task.
 */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from './support/cli.js';

const MOTIFS = { A: 'GATTACA', B: 'TGACTCA', C: 'CACGTG' };
const TASKS = Object.keys(MOTIFS).join(',');

/**
 * Affinities are exponential in the number of letters that match, and sites add up: with an exponential
 * activation and mean pools, seconds of training find them.
 */
const NETWORK = {
  alphabet: 'dna',
  layers: [
    { kind: 'convolution', filters: 12, taps: 9, dilation: 1 },
    { kind: 'batch-norm' },
    { kind: 'exponential' },
    { kind: 'pool', by: 'mean', size: 50, stride: 50 },
    { kind: 'dense', units: 16 },
    { kind: 'batch-norm' },
    { kind: 'relu' },
    { kind: 'head', outputs: 3, loss: 'regression' },
  ],
};

let folder = '';
const at = (name: string) => join(folder, name);

/** The JSON that a command prints. */
async function residualbind(...argv: string[]): Promise<Record<string, unknown>> {
  const { code, stderr, json } = await cli([...argv, '--json']);
  expect(code, stderr).toBe(0);
  return json!;
}

/** Rows of a table by the names of its columns. */
async function rowsOf(path: string): Promise<Record<string, string>[]> {
  const [header, ...rows] = (await readFile(path, 'utf8')).trimEnd().split('\n');
  const names = header!.split('\t');
  return rows.map((row) => Object.fromEntries(row.split('\t').map((cell, i) => [names[i]!, cell])));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-dna-tasks-'));
  await writeFile(at('network.json'), JSON.stringify(NETWORK));
  await residualbind(
    ...['simulate', '--length', '200', '--alphabet', 'dna', '--probes', '1500', '--missing', '0.1'],
    ...Object.entries(MOTIFS).flatMap(([task, motif]) => ['--task', `${task}=${motif}`]),
    ...['--effect', '2', '--noise', '0.2', '--out', at('library.tsv')],
  );
  await residualbind(
    ...['train', at('library.tsv'), '--score-column', TASKS, '--network', at('network.json')],
    ...['--epochs', '12', '--batch', '25', '--learning-rate', '0.01', '--out', at('run')],
  );
});
afterAll(() => rm(folder, { recursive: true }));

describe('a DNA library of three tasks', () => {
  it('is learned, and evaluated task by task', async () => {
    const { tasks } = await residualbind('evaluate', at('run'), at('library.tsv'), '--score-column', TASKS);
    expect(tasks).toMatchObject([{ task: 'A' }, { task: 'B' }, { task: 'C' }]);
    for (const { n, pearson } of tasks as { n: number; pearson: number }[]) {
      expect(pearson).toBeGreaterThan(0.9);
      // Set B, without the tenth that is missing.
      expect(Math.abs(n - 675)).toBeLessThan(35);
    }
  });

  /** Fails unless each task's top pattern is a piece of its own motif and of no other's. */
  function expectOwn(tops: readonly { readonly task: string; readonly motif: string }[]): void {
    expect(tops.map(({ task }) => task)).toEqual(Object.keys(MOTIFS));
    for (const { task, motif } of tops)
      for (const [other, planted] of Object.entries(MOTIFS))
        expect(planted.includes(motif), `${motif} (${task}) and ${planted} (${other})`).toBe(other === task);
  }

  it('gives each task its own motif in a sweep, in experiments and in a report', async () => {
    const sweep = ['gia', 'sweep', at('run'), '--position', '97', '--backgrounds', '4'];
    await residualbind(...sweep, '--out', at('sweep.tsv'));
    const best = (await rowsOf(at('sweep.tsv'))).filter(({ rank }) => rank === '1');
    const tops = best.map(({ task, pattern }) => ({ task: task!, motif: pattern! }));
    expectOwn(tops);

    const table = ['--table', at('sweep.tsv'), '--backgrounds', '2'];
    const all = await residualbind('gia', 'all', at('run'), ...table, '--out', at('all'));
    expect(all.motifs).toEqual(tops);
    const names = Object.keys(MOTIFS);
    for (const { task } of tops) {
      const found = JSON.parse(await readFile(join(at('all'), task, 'mutagenesis.json'), 'utf8'));
      // The rows of the motif itself: it raises the score of its own task, and hardly that of another.
      const rows = found.rows as { task: string; importance: number }[];
      const [own, ...others] = [task, ...names.filter((name) => name !== task)].map(
        (of) => rows.find((row) => row.task === of)!.importance,
      );
      for (const other of others) expect(Math.abs(other)).toBeLessThan(0.2 * own!);
    }

    const data = ['--data', at('library.tsv'), '--score-column', TASKS];
    await residualbind('report', at('run'), ...table, ...data, '--out', at('report'));
    const compared = await rowsOf(join(at('report'), 'figures', 'tasks.tsv'));
    for (const { task, motif } of tops) {
      const own = compared.filter(({ top_of }) => top_of === task);
      expect(own.map(({ pattern }) => pattern)).toEqual([motif, motif, motif]);
      const best = own.toSorted((x, y) => Number(y.importance) - Number(x.importance))[0]!;
      expect(best.task).toBe(task);
    }
  });
});
