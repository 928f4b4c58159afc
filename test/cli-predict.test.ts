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

describe('predict --windows', () => {
  const long = `${'ACGUUGCAUGCA'.repeat(4)}GGG`;

  it('gives every window a row with its place, and the last window ends with the sequence', async () => {
    const { code, stderr, header, rows } = await predict(
      'long.fa',
      `>t 1\n${long}\n>short\nACGUACGU\n>none\n${'N'.repeat(41)}\n`,
      '--windows',
      '--stride',
      '7',
    );
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('1 window of N alone was left out');
    expect(header).toEqual(['name', 'start', 'end', 'prediction']);
    expect(rows.map(([name, start, end]) => `${name} ${start} ${end}`)).toEqual([
      't 1 0 41',
      't 1 7 48',
      't 1 10 51',
      'short 0 8',
    ]);
    const parts = [long.slice(0, 41), long.slice(7, 48), long.slice(10), 'ACGUACGU'];
    const single = await predict('windows.txt', `${parts.join('\n')}\n`);
    expect(rows.map((row) => row[3])).toEqual(single.rows.map((row) => row[2]));
    const twice = await predict('twice.fa', '>a\nACGU\n>a\nGG\n', '--windows');
    expect(twice.stderr).toContain(
      'twice.fa: 1 sequence has the name of an earlier one; rows are in the order',
    );
  });

  it('writes the same table and its manifest to a file, and refuses options without --windows', async () => {
    const out = at('windows.tsv');
    const printed = await predict('long.fa', `>a\n${long}\n`, '--windows');
    const { stderr, stdout } = await predict('long.fa', `>a\n${long}\n`, '--windows', '--out', out);
    expect(stderr).toContain('2 predictions are in');
    expect(stdout).toBe('');
    expect(await readFile(out, 'utf8')).toBe(printed.stdout);
    const manifest = JSON.parse(await readFile(`${out}.manifest.json`, 'utf8'));
    expect(manifest).toMatchObject({ command: 'predict', rows: 2, input: { path: at('long.fa'), count: 1 } });
    const { code, stderr: refused } = await predict('long.fa', '>a\nACGU\n', '--stride', '3');
    expect([code, refused]).toEqual([2, expect.stringContaining('need --windows')]);
  });

  it('leaves no file where a line far down is bad', async () => {
    const text = `>a\n${`${long}\n`.repeat(4000)}>b\nACGU7\n`;
    const { code, stderr } = await predict(
      'bad.fa',
      text,
      '--windows',
      '--out',
      at('bad.tsv'),
      '--stride',
      '900',
    );
    expect([code, stderr]).toEqual([1, expect.stringContaining('bad.fa:4003: letter 5 is "7"')]);
    await expect(readFile(at('bad.tsv'))).rejects.toThrow('ENOENT');
  });

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
      '--windows',
      '--stride',
      '1',
      '--per-sequence',
    );
    expect(code, stderr).toBe(0);
    expect(header).toEqual(['name', 'length', 'windows', 'mean', 'max', 'max_start', 'max_end', 'window']);
    const [[name, length, count, mean, max, start, end, window], other] = rows as [string[], string[]];
    expect([name, length, count, window]).toEqual(['t 1', '51', '11', windows[best]]);
    expect([start, end]).toEqual([String(best), String(best + 41)]);
    expect(Number(max)).toBe(of[best]);
    expect(Number(mean)).toBeCloseTo(of.reduce((sum, value) => sum + value, 0) / 11, 6);
    expect(other.slice(0, 3)).toEqual(['short', '8', '1']);
    expect(Number(other[4])).toBeCloseTo(values.at(-1)!, 6);
  });

  it('is named where a sequence is too long, with the record and both lengths', async () => {
    const { code, stderr } = await predict('long.fa', `>a\nACGU\n>t 1\n${long}\n`);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `${at('long.fa')}:3 (record 2, "t 1"): the sequence has 51 letters, but the input takes at most 41; cut it, or predict all its windows of 41 letters: predict --windows`,
    );
  });
});

describe('predict --bed', () => {
  const genome = `>chr1 first\n${'acgtTGCATGCA'.repeat(6)}\n>chr2\nACGTN\n`;
  const letters = 'ACGUUGCAUGCA'.repeat(6);
  const bed = async (text: string, ...options: string[]) => {
    await writeFile(at('some.bed'), text);
    return await predict('genome.fa', genome, '--bed', at('some.bed'), ...options);
  };

  it('predicts intervals in the order of the file, on strand - their reverse complement', async () => {
    const { code, stderr, header, rows } = await bed(
      'track name=x\r\n# comment\r\nchr2\t0\t5\r\nchr1\t12\t30\tpeak 1\t0\t-\r\n\r\nchr1\t0\t41\tp\t0\t+\r\n',
    );
    expect(code, stderr).toBe(0);
    expect(header).toEqual(['name', 'chrom', 'start', 'end', 'strand', 'sequence', 'prediction']);
    const opposite: Record<string, string> = { A: 'U', C: 'G', G: 'C', U: 'A' };
    const reversed = Array.from(letters.slice(12, 30), (base) => opposite[base])
      .reverse()
      .join('');
    const sequences = ['ACGUN', reversed, letters.slice(0, 41)];
    expect(rows.map((row) => row.slice(0, 6))).toEqual([
      ['chr2:0-5', 'chr2', '0', '5', '.', sequences[0]],
      ['peak 1', 'chr1', '12', '30', '-', sequences[1]],
      ['p', 'chr1', '0', '41', '+', sequences[2]],
    ]);
    const single = await predict('intervals.txt', `${sequences.join('\n')}\n`);
    expect(rows.map((row) => row[6])).toEqual(single.rows.map((row) => row[2]));
  });

  it('cuts longer intervals into windows, whose places are those of the sequence', async () => {
    const text = 'chr1\t10\t60\ta\t0\t-\n';
    const { rows } = await bed(text, '--windows', '--stride', '5');
    expect(rows.map((row) => row.slice(0, 5).join(' '))).toEqual([
      'a chr1 19 60 -',
      'a chr1 14 55 -',
      'a chr1 10 51 -',
    ]);
    const all = await bed(text, '--windows', '--stride', '5', '--per-sequence');
    const [best] = rows.toSorted((a, b) => Number(b[5]) - Number(a[5]));
    expect(all.rows[0]!.slice(0, 7)).toEqual(['a', 'chr1', '10', '60', '-', '50', '3']);
    expect(all.rows[0]!.slice(8, 11)).toEqual([best![5], best![2], best![3]]);
    const long = await bed(text);
    expect(long.stderr).toContain('some.bed:1 (record 1, "a"): the sequence has 50 letters');
  });

  it.each([
    ['chr2\t0\t6\n', 'some.bed:1: the interval ends at 6, but "chr2" in'],
    ['chr2\t0\t5\nchrX\t0\t6\n', 'some.bed:2: '],
    ['chr2\t5\t5\n', 'some.bed:1: the interval ends at 5, but begins at 5'],
    ['chrom\tstart\tend\n', 'some.bed:1: expected a whole number from 0 on'],
    ['chr2\t0\t5\tx\t0\tplus\n', 'some.bed:1: expected the strand'],
    ['chr2 0\n', 'some.bed:1: expected chrom, start and end'],
    ['\n', 'some.bed: no interval'],
  ])('refuses %j, naming file and line', async (text, message) => {
    const { code, stderr } = await bed(text);
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
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
