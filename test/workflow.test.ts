/** The Snakemake workflow: its options are those of the program, and it plans a job for each shard. */

import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from './support/cli.js';

const SNAKEFILE = resolve('workflow/Snakefile');

/** Whether a Snakemake is installed that knows what the workflow uses. */
function hasSnakemake(): boolean {
  try {
    return Number.parseInt(execFileSync('snakemake', ['--version'], { encoding: 'utf8' }), 10) >= 7;
  } catch {
    return false;
  }
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-workflow-'));
});
afterAll(() => rm(folder, { recursive: true }));

it.each(['workflow/Snakefile', 'docs/cluster.md'])('%s uses options that study has', async (path) => {
  const text = await readFile(path, 'utf8');
  const { stdout: help } = await cli(['study', '--help']);
  const commands = text.match(/residualbind study .*|(?:STUDY = |COMMAND, \*STUDY|run_study\().*/g) ?? [];
  const given = commands.flatMap((line) => line.match(/--[a-z][a-z-]*/g) ?? []);
  expect(given).toEqual(expect.arrayContaining(['--out', '--shard', '--survey-only']));
  for (const option of given) expect(help, option).toMatch(new RegExp(`^ +${option}[ \n]`, 'm'));
});

describe('snakemake, if it is installed', () => {
  it('plans prepare, each shard and the survey, and nothing else', async (context) => {
    if (!hasSnakemake()) return context.skip('snakemake 7 or later is not installed');
    await writeFile(join(folder, 'table.tsv'), '');
    const values = ['tables=[table.tsv]', 'shards=3', 'study={epochs: 5, only: [A, B], iupac-as-n: true}'];
    const printed = execFileSync(
      'snakemake',
      ['-s', SNAKEFILE, '-n', '-p', '--cores', '2', '--config', ...values],
      { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const rules = Array.from(printed.matchAll(/^(?:local)?rule (\w+):/gm), ([, rule]) => rule);
    expect(rules.sort()).toEqual(['all', 'prepare', 'shard', 'shard', 'shard', 'survey']);
    expect(printed).toContain('npx residualbind prepare table.tsv --out study.parquet');
    for (const shard of [1, 2, 3]) expect(printed).toContain(`output: study-jobs/shard-${shard}-of-3.json`);
  });
});
