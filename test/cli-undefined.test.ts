/**
 * Commands whose result does not exist: no model, no correlation. They say why, and succeed only where that
 * is true.
 */

import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simulateProbes } from '../src/data/index.js';
import { cli } from './support/cli.js';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const { probes } = simulateProbes({ count: 120, seed: 2 });

/** A table of the first probes, with these scores. */
async function table(name: string, scores: (i: number) => number, count = 120): Promise<string> {
  const lines = probes.sequences.slice(0, count).map((sequence, i) => `${sequence}\t${scores(i)}`);
  await writeFile(at(name), `sequence\tscore\n${lines.join('\n')}\n`);
  return at(name);
}

const SMALL = ['--filters', '4', '--hidden', '4', '--batch', '50'];
const train = (data: string, out: string, ...more: string[]) =>
  cli(['train', data, '--out', at(out), ...SMALL, '--json', ...more]);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-undefined-'));
  const { code } = await train(await table('probes.tsv', (i) => probes.scores[i]!), 'run', '--epochs', '1');
  expect(code).toBe(0);
});

afterAll(() => rm(folder, { recursive: true }));

describe('train without a model', () => {
  it.each<[string, readonly string[], (i: number) => number, number, RegExp]>([
    ['one class', ['--head', 'classification'], () => 1, 120, /have the score 1|class 1/],
    ['one validation record', [], (i) => i + 1, 12, /valid/],
  ])('fails before training: %s', async (name, more, scores, count, message) => {
    const data = await table(`${name}.tsv`, scores, count);
    const { code, json, stderr } = await train(data, name, ...more);
    expect(code).toBe(1);
    expect(JSON.stringify(json)).toMatch(message);
    expect(stderr).not.toMatch(/epoch 1/);
    expect((await readdir(at(name)).catch(() => [])).filter((file) => file.startsWith('model'))).toEqual([]);
  });

  it.each(['1e6', '1e30'])(
    'fails when a learning rate of %s diverges, and leaves an older run whole',
    async (rate) => {
      const inFolder = async () => {
        const names = (await readdir(at('run'))).toSorted();
        return Promise.all(names.map(async (name) => [name, (await stat(at('run', name))).mtimeMs]));
      };
      const before = await inFolder();
      const { code, json, stderr } = await train(
        at('probes.tsv'),
        'run',
        ...['--learning-rate', rate, '--epochs', '3', '--overwrite'],
      );
      expect(code).toBe(1);
      expect(json).toMatchObject({ error: { code: 'ERR_TRAINING_DIVERGED' } });
      expect(stderr).toMatch(/error: the loss .* in epoch 1.* try a lower learning rate than 1/);
      expect(stderr).not.toMatch(/fault of the program/);
      expect(await inFolder()).toEqual(before);
    },
  );
});

describe('evaluate without a correlation', () => {
  it('is null in JSON, with the reason', async () => {
    const data = await table('constant.tsv', () => 0.1);
    const { code, json } = await cli(['evaluate', at('run'), data, '--json']);
    expect(code).toBe(0);
    expect(json).toMatchObject({ pearson: null, spearman: null, n: 120, reason: 'constant-scores' });
  });

  it('says which side is constant, or that n is too small', async () => {
    const data = await table('constant.tsv', () => 0.1);
    const { stdout } = await cli(['evaluate', at('run'), data]);
    expect(stdout).toMatch(/Pearson +undefined\nSpearman +undefined/);
    expect(stdout).toContain('Correlations are undefined, since all 120 scores are equal.');
    const two = await cli(['evaluate', at('run'), await table('two.tsv', (i) => i + 1, 2)]);
    expect(two.stdout).toContain('n = 2 is too small');
  });
});

describe('a damaged checkpoint', () => {
  it('is refused by --resume with its path, and the model stays', async () => {
    const path = at('run', 'checkpoint.safetensors');
    const whole = await readFile(path);
    const damaged = Buffer.from(whole);
    damaged[damaged.length - 3]! ^= 0x10;
    await writeFile(path, damaged);
    const { code, json } = await train(at('probes.tsv'), 'run', '--epochs', '2', '--resume');
    expect(code).toBe(1);
    expect(json).toMatchObject({ error: { code: 'ERR_FORMAT' } });
    expect(JSON.stringify(json)).toContain(`${path}: it is damaged`);
    await writeFile(path, whole);
    expect((await train(at('probes.tsv'), 'run', '--epochs', '2', '--resume')).code).toBe(0);
  });
});
