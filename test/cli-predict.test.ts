/**
 * `residualbind predict`: files from elsewhere, sequences longer than the model's input, and its refusals.
 */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from './support/cli.js';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-predict-'));
  await cli(['simulate', '--probes', '200', '--out', at('probes.tsv')]);
  const size = ['--filters', '4', '--hidden', '4', '--batch', '32', '--epochs', '1'];
  const { code, stderr } = await cli(['train', at('probes.tsv'), '--out', at('run'), ...size]);
  expect(code, stderr).toBe(0);
});

afterAll(() => rm(folder, { recursive: true }));

async function predict(name: string, contents: string, ...options: string[]) {
  await writeFile(at(name), contents);
  const result = await cli(['predict', at('run'), at(name), ...options]);
  const [header, ...rows] = result.stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  return { ...result, header, rows };
}

describe('predict --window', () => {
  const long = `${'ACGUUGCAUGCA'.repeat(4)}GGG`;

  it('gives the mean and the maximum of what predict says of every window of 41 letters', async () => {
    const windows = Array.from({ length: 51 - 41 + 1 }, (_, i) => long.slice(i, i + 41));
    const short = 'ACGUACGU';
    const single = await predict('windows.txt', `${[...windows, short].join('\n')}\n`);
    const values = single.rows.map(([, , prediction]) => Number(prediction));
    const of = values.slice(0, -1);
    const best = of.indexOf(Math.max(...of));

    const { code, stderr, header, rows } = await predict(
      'long.fa',
      `>t 1\n${long}\n>short\n${short}\n`,
      '--window',
    );
    expect(code, stderr).toBe(0);
    expect(header).toEqual(['name', 'length', 'windows', 'mean', 'max', 'offset', 'window']);
    const [[name, length, count, mean, max, offset, window], other] = rows as [string[], string[]];
    expect([name, length, count, offset, window]).toEqual(['t 1', '51', '11', String(best), windows[best]]);
    expect(Number(max)).toBe(of[best]);
    expect(Number(mean)).toBeCloseTo(of.reduce((sum, value) => sum + value, 0) / 11, 6);
    expect(other.slice(0, 3)).toEqual(['short', '8', '1']);
    expect(Number(other[4])).toBeCloseTo(values.at(-1)!, 6);
  });

  it('is named where a sequence is too long, with the record and both lengths', async () => {
    const { code, stderr } = await predict('long.fa', `>a\nACGU\n>t 1\n${long}\n`);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `${at('long.fa')}:3 (record 2, "t 1"): the sequence has 51 letters, but the input takes at most 41; cut it, or predict all its windows of 41 letters: predict --window`,
    );
  });
});

describe('predict', () => {
  it('reads FASTQ, and IUPAC letters on request', async () => {
    const { rows } = await predict('x.fastq', '@r1\nGGAGGCUGGCAG\n+\nIIIIIIIIIIII\n');
    expect(rows.map(([name, sequence]) => [name, sequence])).toEqual([['r1', 'GGAGGCUGGCAG']]);
    const refused = await predict('x.fa', '>a\nGGAGGRYCUGGCAG\n');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('x.fa:2: letter 6 is "R"');
    expect(refused.stderr).toContain('--iupac-as-n');
    const read = await predict('x.fa', '>a\nGGAGGRYCUGGCAG\n', '--iupac-as-n');
    expect(read.rows.map(([, sequence]) => sequence)).toEqual(['GGAGGNNCUGGCAG']);
    expect(read.stderr).toContain('x.fa: 2 ambiguous letters (IUPAC) in 1 line were read as N');
  });

  it('leaves out what is missing, says so, and keeps a tab in a name within its field', async () => {
    const { rows, stderr } = await predict('x.fa', '>a\tb\nACGU\n>c\nNA\n');
    expect(rows.map(([name, sequence]) => [name, sequence])).toEqual([['a\\tb', 'ACGU']]);
    expect(stderr).toContain(
      'x.fa: 1 record was left out because its sequence is missing (such as NA), in line 4',
    );
  });
});

it('train, evaluate and gia take --iupac-as-n too', async () => {
  const table = await readFile(at('probes.tsv'), 'utf8');
  // The first probe's first letter becomes ambiguous.
  await writeFile(at('iupac.tsv'), table.replace(/^((?:.*\n)(?:[^\t\n]*\t){2})[ACGU]/, '$1R'));
  const evaluate = (...options: string[]) => cli(['evaluate', at('run'), at('iupac.tsv'), ...options]);
  expect((await evaluate()).stderr).toContain('iupac.tsv:2: letter 1 is "R"');
  const read = await evaluate('--iupac-as-n');
  expect(read.code, read.stderr).toBe(0);
  expect(read.stderr).toContain('iupac.tsv: 1 ambiguous letter (IUPAC) in 1 line was read as N');
  const importance = ['gia', 'importance', at('run'), 'UGCAUG@17', '--backgrounds', '8', '--null', 'dinuc'];
  const gia = await cli([...importance, '--sequences', at('iupac.tsv'), '--iupac-as-n']);
  expect(gia.stderr).toContain('iupac.tsv: 1 ambiguous letter (IUPAC) in 1 line was read as N');
});
