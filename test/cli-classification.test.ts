/** Models of classes on the command line: AUROC and AUPRC of `train` and `evaluate`. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { nn } from '../src/index.js';
import { cli } from './support/cli.js';

let folder: string;
const at = (name: string) => join(folder, name);
let test: nn.Discrimination;
let printed: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-classes-'));
  await cli(['simulate', '--probes', '300', '--out', at('probes.tsv')]);
  const rows = (await readFile(at('probes.tsv'), 'utf8')).trimEnd().split('\n').slice(1);
  const classes = rows
    .map((row) => row.split('\t'))
    .map(([set, , sequence, score]) => `${set}\t${sequence}\t${Number(Number(score) > 1.5)}`);
  await writeFile(at('classes.tsv'), `set\tsequence\tclass\n${classes.join('\n')}\n`);
  const small = ['--preset', 'deepbind', '--filters', '4', '--hidden', '4', '--epochs', '1'];
  const train = ['train', at('classes.tsv'), '--head', 'classification', ...small];
  const words = await cli([...train, '--out', at('words')]);
  const { json, stderr } = await cli([...train, '--out', at('run'), '--json']);
  expect(json, stderr).toMatchObject({ metrics: { test: { n: 150, areaReason: null } } });
  ({ test } = (json as unknown as { metrics: { test: nn.Discrimination } }).metrics);
  printed = words.stdout;
});

afterAll(() => rm(folder, { recursive: true }));

describe('a model of classes', () => {
  it('has AUROC and AUPRC of its test probes at the end of training', () => {
    const { auroc, auprc, positives } = test;
    expect(printed).toContain(
      `  test AUROC    ${auroc.toFixed(4)} (AUPRC ${auprc.toFixed(4)}, ${positives} of 150 of class 1)\n  test r  `,
    );
  });

  it('has the same in evaluate, in words and in JSON', async () => {
    const { json, stderr } = await cli(['evaluate', at('run'), at('classes.tsv'), '--json']);
    expect(json, stderr).toMatchObject({ ...test, set: 'B' });
    const { stdout } = await cli(['evaluate', at('run'), at('classes.tsv')]);
    const { auroc, auprc, positives } = test;
    expect(stdout).toContain(
      `AUROC     ${auroc.toFixed(4)}\nAUPRC     ${auprc.toFixed(4)} (average precision; ${positives} of 150 probes are of class 1)\nPearson`,
    );
  });

  it('has neither of one class, and says why', async () => {
    await writeFile(at('one.tsv'), 'ACGUACGU\t1\nACGUACGG\t1\nACGUACCC\t1\n');
    const { json, stderr } = await cli(['evaluate', at('run'), at('one.tsv'), '--json']);
    expect(json, stderr).toMatchObject({ auroc: null, auprc: null, positives: 3, areaReason: 'one-class' });
    const { stdout } = await cli(['evaluate', at('run'), at('one.tsv')]);
    expect(stdout).toContain('AUROC and AUPRC are undefined, since all 3 probes are of class 1.');
    expect(stdout).toContain('AUROC     undefined');
  });
});
