/**
 * A library of several tasks in DNA letters, from the command line: 200 nt, three scores a row, a tenth of the
 * scores missing, and a motif of its own for each task.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
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

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-dna-tasks-'));
  await writeFile(at('network.json'), JSON.stringify(NETWORK));
  await residualbind(
    ...['simulate', '--length', '200', '--alphabet', 'dna', '--probes', '3000', '--missing', '0.1'],
    ...Object.entries(MOTIFS).flatMap(([task, motif]) => ['--task', `${task}=${motif}`]),
    ...['--effect', '2', '--noise', '0.2', '--out', at('library.tsv')],
  );
  await residualbind(
    ...['train', at('library.tsv'), '--score-column', TASKS, '--network', at('network.json')],
    ...['--epochs', '20', '--batch', '50', '--learning-rate', '0.01', '--out', at('run')],
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
      expect(Math.abs(n - 1350)).toBeLessThan(50);
    }
  });
});
