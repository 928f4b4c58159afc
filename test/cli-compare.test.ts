/** `compare`: tables in, correlations out; results as files; what is refused. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseMeme } from '../src/gia/motif/index.js';
import type { Comparison } from '../src/nn/comparison/compare.node.js';
import { cli } from './support/cli.js';

let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-cli-compare-'));
  for (const [name, seed] of [
    ['one', '1'],
    ['two', '2'],
  ] as const) {
    const { code } = await cli(['simulate', '--probes', '600', '--seed', seed, '--out', at(`${name}.tsv`)]);
    expect(code).toBe(0);
  }
});
afterAll(() => rm(folder, { recursive: true }));

/** Rows of a tab-separated text by the names of its header. */
function rowsOf(text: string): Record<string, string>[] {
  const [header, ...rows] = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  return rows.map((row) => Object.fromEntries(row.map((cell, i) => [header![i]!, cell])));
}

describe('compare', () => {
  const FAST = ['--epochs', '2', '--bootstrap', '60'];
  const two = () => [
    'compare',
    at('one.tsv'),
    at('two.tsv'),
    '--methods',
    'pwm,ridge',
    ...FAST,
    '--runs',
    at('runs'),
  ];
  let compared: ReturnType<typeof cli> | undefined;
  /** The comparison whose runs are in `runs`, which is made once for all tests. */
  const said = () => (compared ??= cli([...two(), '--out', at('methods.tsv')]));

  it('compares methods on two tables, in words, as JSON and as files of one content', async () => {
    const { code, stdout, stderr } = await said();
    expect(code).toBe(0);
    for (const words of ['one, 300 test probes', 'pwm - ridge', 'over 2 experiments', 'Wilcoxon p'])
      expect(stdout).toContain(words);
    expect(stderr).toContain('two ridge  validation r 0.');
    expect(stdout).toMatch(/motif -?[ACGU]+ \(pwm-[1-5]\)/);

    const again = await cli([...two(), '--out', at('methods.parquet'), '--json']);
    const { experiments, tests, failed } = again.json as unknown as Comparison;
    expect(failed).toEqual([]);
    expect(experiments.map(({ name, n }) => [name, n])).toEqual([
      ['one', 300],
      ['two', 300],
    ]);
    expect(tests).toMatchObject([{ a: 'pwm', b: 'ridge', n: 2 }]);
    const [ridge, pwm] = experiments[0]!.methods;
    expect(pwm!.folder).toContain(join(at('runs'), 'one', 'pwm-'));

    const text = await readFile(at('methods.tsv'), 'utf8');
    const rows = rowsOf(text);
    expect(rows.map(({ experiment, method }) => `${experiment} ${method}`)).toEqual([
      'one ridge',
      'one pwm',
      'two ridge',
      'two pwm',
    ]);
    expect(Number(rows[0]!.pearson)).toBe(ridge!.value);
    expect(Number(rows[1]!.pearson)).toBe(pwm!.value);
    expect(Number(rows[0]!.difference)).toBe(ridge!.value - pwm!.value);
    expect(rows.map(({ than }) => than)).toEqual(['pwm', '', 'pwm', '']);
    const bytes = new Uint8Array(await readFile(at('methods.parquet')));
    const stored = await parquetReadObjects({ file: bytes.buffer });
    expect(stored.map(({ pearson }) => pearson)).toEqual(rows.map(({ pearson }) => Number(pearson)));
    expect(stored[1]!.penalty).toBeNull();
  });

  it('keeps models that are motifs, which motif draws', async () => {
    await said();
    const { code, json } = await cli([
      'motif',
      at('runs/one/pwm-1'),
      '--out',
      at('pwm.meme'),
      '--out',
      at('pwm.svg'),
      '--json',
    ]);
    expect(code).toBe(0);
    expect(json!.pwm).toHaveLength(9);
    expect([1, -1]).toContain(json!.sign);
    const { motifs } = parseMeme(await readFile(at('pwm.meme'), 'utf8'));
    (json!.pwm as number[][]).flat().forEach((p, i) => {
      expect(motifs[0]!.pwm.flat()[i]).toBeCloseTo(p, 5);
    });
    expect(await readFile(at('pwm.svg'), 'utf8')).toContain('<svg');
    const words = await cli(['motif', at('runs/one/pwm-1')]);
    expect(words.stdout).toMatch(/the weights of the model. Its sites (raise|lower) the prediction/);
    const network = [
      'train',
      at('one.tsv'),
      '--preset',
      'deepbind',
      '--epochs',
      '1',
      '--out',
      at('deepbind'),
    ];
    expect(await cli(network)).toMatchObject({ code: 0 });
    const other = await cli(['motif', at('deepbind')]);
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('more than one filter') });
  });

  it('refuses other methods, other endings, and runs of other options', async () => {
    const methods = await cli(['compare', at('one.tsv'), '--methods', 'ridge,svm']);
    expect(methods).toMatchObject({ code: 2, stderr: expect.stringContaining('There is no method "svm"') });
    const ending = await cli(['compare', at('one.tsv'), '--out', at('methods.npz')]);
    expect(ending).toMatchObject({ code: 2, stderr: expect.stringContaining('.tsv, .json, .parquet') });
    await said();
    const argv = ['compare', at('one.tsv'), '--methods', 'pwm', ...FAST, '--runs', at('runs')];
    const other = await cli([...argv, '--batch', '50']);
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot resume, since') });
    const words = [
      'compare',
      at('one.tsv'),
      '--methods',
      'deepbind',
      '--bootstrap',
      '60',
      '--runs',
      at('long'),
    ];
    expect(await cli([...words, '--epochs', '2'])).toMatchObject({ code: 0 });
    const fewer = await cli([...words, '--epochs', '1']);
    expect(fewer).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('done 2 epochs, and 1 is asked for'),
    });
  });

  it('compares the other experiments where one cannot be learned, and exits with 1', async () => {
    const [header, ...rows] = (await readFile(at('one.tsv'), 'utf8')).trimEnd().split('\n');
    const table = [`${header}\tflat`, ...rows.map((row) => `${row}\t1`)].join('\n');
    await writeFile(at('flat.tsv'), table.replace('intensity', 'A'));
    const argv = ['compare', at('flat.tsv'), '--score-column', 'A,flat', '--methods', 'ridge'];
    const { code, stderr, json } = await cli([...argv, '--bootstrap', '60', '--json']);
    expect(stderr).toContain('flat was not compared');
    expect(json).toMatchObject({ experiments: { length: 1 }, failed: [{ name: 'flat' }] });
    expect(code).toBe(1);
  });
});
