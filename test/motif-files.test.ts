/** Motifs from files and folders: what is read, what is named, and what is passed over. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pwmFromConsensus } from '../src/data/pwm.js';
import { readMotifs } from '../src/gia/files/motif-files.node.js';
import { formatMeme } from '../src/gia/motif/index.js';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);

const TABLE = 'Pos\tA\tC\tG\tU\n';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-motif-files-'));
  await mkdir(at('cisbp', 'pwms_all_motifs'), { recursive: true });
  const pwms = (name: string) => at('cisbp', 'pwms_all_motifs', name);
  await writeFile(pwms('M001_0.6.txt'), `${TABLE}1\t1\t0\t0\t0\n2\t0\t0.5\t0.5\t0\n`);
  await writeFile(pwms('M002_0.6.txt'), TABLE);
  await writeFile(pwms('M003_0.6.txt'), `${TABLE}1\t1\t0\t0\n`);
  await writeFile(pwms('M004_0.6.txt.gz'), gzipSync(`${TABLE}1\t0\t0\t0\t1\n`));
  await writeFile(
    at('cisbp', 'RBP_Information_all_motifs.txt'),
    'RBP_ID\tMotif_ID\tRBP_Name\tRBP_Status\nT1\tM001_0.6\tVts1\tD\nT2\tM001_0.6\tSmaug\tD\nT3\tM001_0.6\tX\tI\n',
  );
  await writeFile(at('cisbp', 'README.txt'), 'Motifs of proteins.\n');
  await writeFile(at('cisbp', 'logo.png'), 'PNG');
  await writeFile(at('cisbp', '.hidden'), 'x');
  await writeFile(
    at('a.meme'),
    formatMeme([
      {
        name: 'M001_0.6',
        pwm: [
          [1, 0, 0, 0],
          [0, 0.5, 0.5, 0],
        ],
      },
      { name: 'M004_0.6', pwm: pwmFromConsensus('UGC') },
    ]),
  );
  await writeFile(at('b.jaspar'), '>MA1 x\nA [ 8 0 ]\nC [ 0 8 ]\nG [ 0 0 ]\nT [ 0 0 ]\n');
  await mkdir(at('none'));
  await writeFile(at('none', 'README'), 'nothing\n');
});

afterAll(() => rm(folder, { recursive: true }));

it('reads a folder of CISBP-RNA with the names of its proteins, and says what it passed over', async () => {
  const { motifs, files, notes, sha256 } = await readMotifs(at('cisbp'));
  expect(motifs.map(({ name, alternateName, file }) => [name, alternateName, file])).toEqual([
    ['M001_0.6', 'Vts1,Smaug', at('cisbp', 'pwms_all_motifs', 'M001_0.6.txt')],
    ['M004_0.6', undefined, at('cisbp', 'pwms_all_motifs', 'M004_0.6.txt.gz')],
  ]);
  expect(files.map(({ format, motifs: count }) => [format, count])).toEqual([
    ['cisbp', 1],
    ['protein names', 1],
    ['cisbp', 0],
    ['cisbp', 1],
  ]);
  expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(notes).toEqual([
    expect.stringMatching(/M003_0\.6\.txt:2: position 1 has 4 fields.*; the file was ignored$/),
    expect.stringMatching(
      /: motifs that have no positions and were ignored: "M002_0\.6" \(.*M002_0\.6\.txt:1\)$/,
    ),
    expect.stringMatching(/: 2 files without motifs were ignored: README\.txt, logo\.png$/),
  ]);
});

it('reads several files and folders in order; copies are passed over, namesakes are kept', async () => {
  const { motifs, notes } = await readMotifs([at('b.jaspar'), at('a.meme'), at('cisbp')]);
  expect(motifs.map(({ name, file }) => [name, file.slice(folder.length + 1).split(/[/\\]/)[0]])).toEqual([
    ['MA1', 'b.jaspar'],
    ['M001_0.6', 'a.meme'],
    ['M004_0.6', 'a.meme'],
    ['M004_0.6', 'cisbp'],
  ]);
  expect(notes.join('\n')).toMatch(/are copies of motifs in earlier files and were ignored: "M001_0\.6"/);
});

it('names the proteins of a single table of the database', async () => {
  const { motifs } = await readMotifs(at('cisbp', 'pwms_all_motifs', 'M001_0.6.txt'));
  expect(motifs).toMatchObject([{ name: 'M001_0.6', alternateName: 'Vts1,Smaug' }]);
});

it('one file has its own digest', async () => {
  const { files, sha256 } = await readMotifs([at('a.meme')]);
  expect(sha256).toBe(files[0]!.sha256);
});

it.each([
  { why: 'no path', paths: [], message: 'at least one file or folder' },
  { why: 'a file that is not there', paths: ['x.meme'], message: 'x.meme: cannot be read' },
  {
    why: 'a named file with an error',
    paths: ['cisbp/pwms_all_motifs/M003_0.6.txt'],
    message: 'M003_0.6.txt:2: position 1',
  },
  {
    why: 'a named file of another kind',
    paths: ['cisbp/README.txt'],
    message: 'README.txt: expected motifs as MEME',
  },
  {
    why: 'motifs that are all empty',
    paths: ['cisbp/pwms_all_motifs/M002_0.6.txt'],
    message: 'no motif that can be used',
  },
  { why: 'a folder without motifs', paths: ['none'], message: 'none: no file of the folder has motifs; ' },
])('refuses $why', async ({ paths, message }) => {
  await expect(readMotifs(paths.map((path) => at(...path.split('/'))))).rejects.toThrow(message);
});
