/** `residualbind motif`: from a table to files, matches and JSON, and its errors. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { XMLValidator } from 'fast-xml-parser';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pwmFromConsensus } from '../src/data/pwm.js';
import { formatMeme, parseMeme } from '../src/gia/motif/index.js';
import { cli } from './support/cli.js';

let folder: string;
const at = (name: string) => join(folder, name);

const ROWS = [
  ['GCUGGC', 2],
  ['CGCUGG', 1.5],
  ['GCUGGU', 1],
  ['AAAAAA', -1],
] as const;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-motif-'));
  const rows = ROWS.map(([pattern, importance]) => `${pattern}\t${importance}`);
  await writeFile(at('table.tsv'), `pattern\timportance\n${rows.join('\n')}\n`);
  const several = ['one', 'two'].flatMap((model) =>
    ROWS.map(([pattern, importance]) => ({
      model,
      pattern,
      importance: model === 'one' ? importance : -importance,
    })),
  );
  await writeFile(at('several.json'), JSON.stringify({ manifest: {}, rows: several }));
  const known = ['UUUUUU', 'GCUGG', 'UGCAUG'].map((name) => ({
    name,
    alternateName: `${name}-binder`,
    pwm: pwmFromConsensus(name),
  }));
  await writeFile(at('known.meme'), formatMeme(known));
});

afterAll(() => rm(folder, { recursive: true }));

it('says what it ignored in a file of known motifs', async () => {
  const known = await readFile(at('known.meme'), 'utf8');
  await writeFile(at('joined.meme'), known + known);
  const { code, stderr } = await cli(['motif', at('table.tsv'), '--compare', at('joined.meme')]);
  expect(code, stderr).toBe(0);
  expect(stderr).toContain(
    'joined.meme: motifs that repeat an earlier name and were ignored: "UUUUUU" (line ',
  );
});

it('prints the alignment, the matrix and the likest known motifs', async () => {
  const { code, stdout } = await cli([
    'motif',
    at('table.tsv'),
    '--compare',
    at('known.meme'),
    '--matches',
    '2',
  ]);
  expect(code).toBe(0);
  expect(stdout).toContain('Motif GCUGGC: the top 3 k-mers, aligned.');
  expect(stdout).toMatch(/\n {3}GCUGGC +2\.0000\n {2}CGCUGG +1\.5000\n {3}GCUGGU +1\.0000\n/);
  const matches = stdout.split('Known motifs')[1]!.trim().split('\n').slice(2);
  expect(matches).toHaveLength(2);
  expect(matches[0]).toMatch(/^ +GCUGG GCUGG-binder +0\.\d+ +0\.\d+ +1\.0000 +1 +5$/);
});

it('writes every format, once each', async () => {
  const files = ['m.meme', 'm.json', 'm.svg', 'm.png', 'm.tsv'].map(at);
  const { code, json } = await cli([
    'motif',
    at('table.tsv'),
    '--name',
    'VTS1',
    '--json',
    ...files.flatMap((file) => ['--out', file]),
  ]);
  expect(code).toBe(0);
  expect(json).toMatchObject({ command: 'motif', name: 'VTS1', start: -1, matches: null, out: files });
  const { motifs } = parseMeme(await readFile(at('m.meme'), 'utf8'));
  expect(motifs).toMatchObject([{ name: 'VTS1', sites: 3, pwm: { length: 7 } }]);
  const stored = JSON.parse(await readFile(at('m.json'), 'utf8'));
  expect(stored.pwm).toEqual(json!.pwm);
  expect(XMLValidator.validate(await readFile(at('m.svg'), 'utf8'))).toBe(true);
  expect((await readFile(at('m.png'))).subarray(1, 4).toString()).toBe('PNG');
  const tsv = (await readFile(at('m.tsv'), 'utf8')).trimEnd().split('\n');
  expect(tsv[0]).toBe('position\tA\tC\tG\tU\tbits');
  expect(tsv).toHaveLength(8);
  // The core G C of all three k-mers.
  expect(tsv[2]).toBe('2\t0\t0\t1\t0\t2');
});

it('reads several files of known motifs, and draws the best', async () => {
  await writeFile(at('pwm.txt'), '>P\nA [ 9 9 9 ]\nC [ 0 0 0 ]\nG [ 0 0 0 ]\nT [ 0 0 0 ]\n');
  const compare = ['--compare', at('known.meme'), at('pwm.txt'), '--overlap', '3'];
  const { code, json, stderr } = await cli([
    'motif',
    at('table.tsv'),
    '--json',
    '--matches',
    '2',
    '--logos',
    at('logos.svg'),
    ...compare,
  ]);
  expect(code, stderr).toBe(0);
  expect(stderr).toContain('pwm.txt: motifs that hold counts');
  expect(json).toMatchObject({
    known: {
      motifs: 4,
      files: [
        { path: at('known.meme'), motifs: 3 },
        { path: at('pwm.txt'), motifs: 1 },
      ],
    },
    matches: [{ motif: 'GCUGG', file: at('known.meme'), strand: '+', offset: 1, overlap: 5 }, {}],
  });
  const svg = await readFile(at('logos.svg'), 'utf8');
  expect(XMLValidator.validate(svg)).toBe(true);
  expect(svg).toContain('GCUGG GCUGG-binder: E = ');
  const png = await cli(['motif', at('table.tsv'), '--logos', at('logos.png'), ...compare]);
  expect(png.stdout).toContain(`Written: ${at('logos.png')}.`);
  expect((await readFile(at('logos.png'))).subarray(1, 4).toString()).toBe('PNG');
});

it('takes one model of several, and trims', async () => {
  const one = await cli(['motif', at('several.json'), '--model', 'one', '--trim', '1', '--json']);
  expect(one.json).toMatchObject({ name: 'GCUGGC', start: 0, consensus: 'GCUGG' });
  const two = await cli(['motif', at('several.json'), '--model', 'two', '--json']);
  expect(two.json).toMatchObject({ name: 'AAAAAA' });
});

it.each([
  { why: 'a model', args: ['run'], code: 2, message: 'expected the .tsv or .json table of a sweep' },
  { why: 'no file', args: ['none.tsv'], code: 1, message: 'none.tsv: cannot be read (there is no such file' },
  {
    why: 'an unclear model',
    args: ['several.json'],
    code: 2,
    message: 'several models; choose one with --model: one, two',
  },
  {
    why: 'an unknown model',
    args: ['several.json', '--model', 'x'],
    code: 2,
    message: 'no model "x"; it has one, two',
  },
  {
    why: 'an unknown format',
    args: ['table.tsv', '--out', 'm.gif'],
    code: 2,
    message: 'm.gif: the name of the output must end in .meme',
  },
  {
    why: 'a name of two words',
    args: ['table.tsv', '--name', 'a b'],
    code: 2,
    message: '--name must be one word',
  },
  {
    why: 'a table after the known motifs',
    args: ['--compare', 'known.meme', 'table.tsv'],
    code: 2,
    message: '--compare takes all arguments up to the next option',
  },
  {
    why: 'logos of no known motifs',
    args: ['table.tsv', '--logos', 'm.svg'],
    code: 2,
    message: '--logos needs --compare',
  },
  {
    why: 'logos of another format',
    args: ['table.tsv', '--logos', 'm.gif', '--compare', 'known.meme'],
    code: 2,
    message: 'the name must end in .svg or .png',
  },
  {
    why: 'the other strand of RNA',
    args: ['table.tsv', '--both-strands', '--compare', 'known.meme'],
    code: 2,
    message: 'RNA, which has one strand',
  },
  { why: 'trim beyond 2 bits', args: ['table.tsv', '--trim', '3'], code: 2, message: '0 to 2 bits' },
  {
    why: 'known motifs in a file of another kind',
    args: ['table.tsv', '--compare', 'table.tsv'],
    code: 1,
    message: 'table.tsv: expected motifs as MEME, CIS-BP,',
  },
])('refuses $why', async ({ args, code, message }) => {
  const paths = args.map((arg) => (arg.includes('.') ? at(arg) : arg));
  const result = await cli(['motif', ...paths]);
  expect(result.code).toBe(code);
  expect(result.stderr).toContain(message);
  expect(result.stdout).toBe('');
});

it('names file and line of a bad table', async () => {
  await writeFile(at('bad.tsv'), 'pattern\timportance\nACGU\tmuch\n');
  const { code, stderr } = await cli(['motif', at('bad.tsv')]);
  expect(code).toBe(1);
  expect(stderr).toBe(`error: ${at('bad.tsv')}:2: the importance is not a number\n`);
});
