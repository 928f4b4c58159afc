/** Commands find the columns of a model's tasks by the tasks' names. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseProbes } from '../src/data/index.js';
import { cli } from './support/cli.js';

let folder: string;
const at = (name: string) => join(folder, name);

/** A command that must succeed. */
async function done(...argv: string[]) {
  const result = await cli(argv);
  expect(result.code, result.stderr).toBe(0);
  return result;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-columns-'));
  await done(
    ...['simulate', '--probes', '300', '--task', 'A=UGCAUG', '--task', 'B=GGACUA', '--missing', '0.2'],
    ...['--out', at('two.tsv')],
  );
  await done(
    ...['train', at('two.tsv'), '--score-column', 'A,B', '--out', at('run'), '--preset', 'deepbind'],
    ...['--filters', '4', '--hidden', '4', '--epochs', '1'],
  );
  await done('prepare', at('two.tsv'), '--score-column', 'A,B', '--out', at('two.parquet'));
  const table = await readFile(at('two.tsv'), 'utf8');
  await writeFile(
    at('other.tsv'),
    table.replace(/^.*\n/, (header) => header.replace(/\bB\b/, 'C')),
  );
});

afterAll(() => rm(folder, { recursive: true }));

interface Score {
  readonly task: string;
  readonly n: number;
  readonly pearson: number;
}
/** A data set keeps scores in 32 bits. */
const rounded = ({ task, n, pearson }: Score) => ({ task, n, pearson: pearson.toFixed(5) });

describe('the columns of a model of two tasks', () => {
  it('are those of its names, in a table and in a data set', async () => {
    const chosen = await done('evaluate', at('run'), at('two.tsv'), '--score-column', 'A,B', '--json');
    const { tasks } = chosen.json as { tasks: Score[] };
    expect(tasks.map(({ task }) => task)).toEqual(['A', 'B']);
    for (const [data, ...options] of [['two.tsv'], ['two.parquet'], ['two.tsv', '--score-column', 'B,A']]) {
      const { json } = await done('evaluate', at('run'), at(data!), ...options, '--json');
      expect((json!.tasks as Score[]).map(rounded), [data, ...options].join(' ')).toEqual(tasks.map(rounded));
    }
  });

  it('are chosen by evaluate --task', async () => {
    const all = await done('evaluate', at('run'), at('two.tsv'), '--json');
    const { json } = await done('evaluate', at('run'), at('two.tsv'), '--task', 'B', '--json');
    const { n, pearson } = (all.json as { tasks: Score[] }).tasks[1]!;
    expect(json).toMatchObject({ n, pearson: expect.closeTo(pearson, 6) });
  });

  it('are named where one is missing', async () => {
    const { code, stderr } = await cli(['evaluate', at('run'), at('other.tsv')]);
    expect(code).not.toBe(0);
    expect(stderr).toContain('no column is called "B"');
    expect(stderr).toContain('--score-column A,B');
    const given = await cli(['evaluate', at('run'), at('other.tsv'), '--score-column', 'A,C']);
    expect(given.stderr).toContain('its tasks are A, C, but A, B are expected');
  });

  it('are found by gia sweep, for all tasks or for those chosen', async () => {
    const sweep = ['gia', 'sweep', at('run'), '--data', at('two.tsv'), '--k', '3', '--backgrounds', '4'];
    const both = await done(...sweep, '--out', at('both.tsv'), '--json');
    expect(both.json!.measured).toMatchObject([{ name: 'A' }, { name: 'B' }]);
    const second = await done(...sweep, '--task', 'B', '--out', at('one.tsv'), '--json');
    type Measured = { top: { pattern: string; probes: number }[] }[];
    const first = (json: unknown, i: number) => {
      const { pattern, probes } = (json as { measured: Measured }).measured[i]!.top[0]!;
      return { pattern, probes };
    };
    expect(first(second.json, 0)).toEqual(first(both.json, 1));
    const listed = await done(
      ...[...sweep, '--task', 'B', '--score-column', 'A,B', '--out', at('listed.tsv'), '--json'],
    );
    expect(listed.json!.measured).toEqual(second.json!.measured);
  });

  it('are found by report', async () => {
    const report = ['report', at('run'), '--data', at('two.tsv'), '--backgrounds', '4', '--logos', '1'];
    const { json } = await done(...report, '--task', 'A', '--out', at('report'), '--json');
    expect(json).toMatchObject({ agreement: { reason: null } });
  });
});

describe('parseProbes with tasks', () => {
  const table = (...rows: string[]) => `${rows.join('\n')}\n`;
  const two = table('seq,B,A', 'ACGU,1,2', 'GGCC,3,4');
  const parse = (text: string, tasks: string[], score?: string) =>
    parseProbes(text, 'x', { tasks, columns: { score } });

  it('takes columns in the order of the tasks, also where more are chosen', () => {
    expect([...parse(two, ['A', 'B']).scores]).toEqual([2, 1, 4, 3]);
    expect([...parse(two, ['A']).scores]).toEqual([2, 4]);
    expect([...parse(two, ['A'], 'B,A').scores]).toEqual([2, 4]);
    expect([...parse(two, ['A', 'B'], '2,3').scores]).toEqual([1, 2, 3, 4]);
  });

  it('recognises a score for one task that no column names, and no task in a row of data', () => {
    expect([...parse(table('seq,score', 'ACGU,1'), ['A']).scores]).toEqual([1]);
    expect([...parse(table('ACGU,A,1', 'GGCC,B,2'), ['A']).scores]).toEqual([1, 2]);
  });

  it('says what to give', () => {
    expect(() => parse(table('seq,A,C', 'ACGU,1,2'), ['A', 'B'])).toThrow(
      'x:1: the model predicts 2 tasks (A, B), and no column is called "B"; the file has "seq", "A", "C"; give one with a column for each task, named so that --score-column A,B finds it',
    );
    expect(() => parse(table('ACGU,1,2', 'GGCC,3,4'), ['A', 'B'])).toThrow(
      "columns 2 and 3 could all hold the score; give a header that names the columns of the model's tasks, so that --score-column A,B finds them",
    );
    expect(() => parse(table('ACGU,1,2', 'GGCC,3,4'), ['column 2', 'column 3'])).toThrow(
      "choose those of the model's tasks with --score-column 2,3",
    );
  });
});
