/** `residualbind gia motifs`: from models and a database to table, page and JSON; continuing; its errors. */

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { XMLValidator } from 'fast-xml-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pwmFromConsensus } from '../src/data/pwm.js';
import { formatMeme } from '../src/gia/motif/index.js';
import { saveModel } from '../src/nn/files/model-files.node.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { cli } from './support/cli.js';
import { useGpu } from './support/gpu.js';

const gpu = useGpu();
let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const few = ['--backgrounds', '6', '--null', 'uniform'];
const SMALL = { filters: 4, hidden: 4, dilations: [1] };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-databases-'));
  for (const seed of [1, 2]) {
    using model = await ResidualBind.create(gpu(), { ...SMALL, seed });
    await saveModel(at(`model-${seed}`), model, {});
  }
  using tasks = await ResidualBind.create(gpu(), { ...SMALL, outputs: 2, tasks: ['one', 'two'] });
  await saveModel(at('tasks'), tasks, { tasks: ['one', 'two'] });
  const known = ['UUUUU', 'GCUGG', 'UGCAUG', 'A'.repeat(42)].map((name, i) => ({
    name: i === 3 ? 'wide' : name,
    alternateName: `<${i}>`,
    pwm: pwmFromConsensus(name),
  }));
  await writeFile(at('known.meme'), formatMeme(known));
  await writeFile(at('sweep.tsv'), 'pattern\timportance\nACGUAC\t0.5\nGGGGGG\t-1\n');
  await writeFile(at('own.tsv'), 'Pos\tA\tC\tG\tU\n1\t0\t0\t1\t0\n2\t0.1\t0.9\t0\t0\n');
  await writeFile(at('other.tsv'), 'pattern\timportance\nACGUAC\t0.5\n');
  await writeFile(at('other.tsv.manifest.json'), '{"models":[{"path":"another","sha256":"0"}]}');
  await writeFile(at('more.meme'), formatMeme([{ name: 'more', pwm: pwmFromConsensus('GGGCCC') }]));
});

afterAll(() => rm(folder, { recursive: true }));

/** A command that must succeed. */
async function done(...argv: string[]) {
  const result = await cli(['gia', 'motifs', ...argv, ...few]);
  expect(result.code, result.stderr).toBe(0);
  return result;
}

describe('gia motifs', () => {
  it('prints the motifs in order of rank, and says which do not fit', async () => {
    const { stdout, stderr } = await done(at('model-1'), at('known.meme'), at('more.meme'), '--top', '3');
    expect(stderr).toContain('motif wide is left out: its sites have 42 letters');
    expect(stdout).toContain('Importance of 4 motifs, each by one site in each of 6 backgrounds');
    expect(stdout).toContain('1 motif left out');
    expect(stdout.split('\n').filter((line) => line.includes(' to '))).toHaveLength(3);
  });

  it('writes a table and a page with figures and a file for each, and their manifests', async () => {
    const { json, stderr } = await done(
      ...[at('model-1'), at('known.meme'), '--out', at('m.tsv'), '--report', at('page'), '--json'],
      ...['--table', at('sweep.tsv')],
    );
    expect(stderr).toContain(`${at('sweep.tsv')} has no manifest, so it is not known whether it is from`);
    expect(json).toMatchObject({
      command: 'gia motifs',
      database: { path: at('known.meme'), motifs: 4 },
      leftOut: [{ name: 'wide' }],
      pairs: 3 * 2 * 6,
      top: [{ rank: 1 }, { rank: 2 }, { rank: 3 }],
    });
    const rows = (await readFile(at('m.tsv'), 'utf8')).trimEnd().split('\n');
    expect(rows).toHaveLength(4);
    expect(await readdir(folder)).not.toContain('m.tsv.checkpoint');
    const manifest = JSON.parse(await readFile(at('m.tsv.manifest.json'), 'utf8'));
    expect(JSON.parse(await readFile(at('page', 'manifest.json'), 'utf8'))).toEqual(manifest);
    const page = await readFile(at('page', 'motifs.html'), 'utf8');
    expect(page).toContain('Which known motifs');
    expect(page).toContain('&lt;1&gt;');
    expect(page).toContain('<td class="letters">ACGUAC</td>');
    const figures = await readdir(at('page', 'figures'));
    expect(figures).toEqual(
      expect.arrayContaining(['motifs.svg', 'motifs.tsv', 'composition.svg', 'motif-3.svg']),
    );
    for (const name of figures.filter((each) => each.endsWith('.svg')))
      expect(XMLValidator.validate(await readFile(at('page', 'figures', name), 'utf8'))).toBe(true);
  });

  it('takes folders and several formats, and says which file a motif is from', async () => {
    await mkdir(at('set'));
    await writeFile(at('set', 'M1.txt'), 'Pos\tA\tC\tG\tU\n1\t0\t0\t1\t0\n2\t0.1\t0.9\t0\t0\n');
    const { json } = await done(at('model-1'), at('set'), at('more.meme'), '--out', at('f.json'), '--json');
    expect(json!.database).toMatchObject({ motifs: 2 });
    const { rows } = JSON.parse(await readFile(at('f.json'), 'utf8'));
    const files = rows.map((row: Record<string, unknown>) => [row.motif, row.file]).sort();
    expect(files).toEqual([
      ['M1', at('set', 'M1.txt')],
      ['more', at('more.meme')],
    ]);
  });

  it.each(['tsv', 'json', 'parquet', 'npz'])('has a table that inspect knows, as %s', async (format) => {
    await done(at('model-1'), at('known.meme'), '--out', at(`i.${format}`));
    const { code, json } = await cli(['inspect', at(`i.${format}`), '--json']);
    expect(code).toBe(0);
    const [file] = json!.files as { kind: string; rows: number; first: { pattern: string }[] }[];
    expect(file).toMatchObject({ kind: 'importance table', format, rows: 3 });
    if (format !== 'npz')
      expect(file!.first.map(({ pattern }) => pattern).sort()).toEqual(['GCUGG', 'UGCAUG', 'UUUUU']);
  });

  it('asks several models, several tasks, and several positions', async () => {
    const many = await done(
      ...[at('model-1'), at('known.meme'), '--model', at('model-2'), '--positions', '3,20', '--json'],
      ...['--report', at('many')],
    );
    const top = many.json!.top as { model: string; positions: string; rank: number }[];
    expect(top.map(({ model }) => model)).toEqual([1, 1, 1, 2, 2, 2].map((seed) => at(`model-${seed}`)));
    expect(new Set(top.map(({ positions }) => positions))).toEqual(new Set(['3,20']));
    expect(await readdir(at('many', 'figures'))).toHaveLength(2);
    const tasks = await done(at('tasks'), at('known.meme'), '--json');
    expect((tasks.json!.top as { task: string }[]).map(({ task }) => task)).toEqual([
      'one',
      'one',
      'one',
      'two',
      'two',
      'two',
    ]);
    const two = await done(at('tasks'), at('known.meme'), '--task', 'two', '--json');
    const shown = (rows: unknown) =>
      (rows as { motif: string; importance: number }[]).map((row) => [row.motif, row.importance]);
    expect(shown(two.json!.top)).toEqual(shown((tasks.json!.top as unknown[]).slice(3)));
  });

  it('continues where it was stopped, with the same table', async () => {
    const args = [at('model-1'), at('known.meme'), '--backgrounds', '700', '--null', 'uniform'];
    const controller = new AbortController();
    const stopped = await cli(['gia', 'motifs', ...args, '--out', at('s.tsv')], {
      signal: controller.signal,
      onStderr: (text) => {
        if (/embedding +\d+ %/.test(text)) controller.abort();
      },
    });
    expect(stopped.code).toBe(130);
    const again = await cli(['gia', 'motifs', ...args, '--out', at('s.tsv')]);
    expect(again.code, again.stderr).toBe(0);
    const whole = await cli(['gia', 'motifs', ...args, '--out', at('w.tsv')]);
    expect(whole.code, whole.stderr).toBe(0);
    expect(await readFile(at('s.tsv'), 'utf8')).toBe(await readFile(at('w.tsv'), 'utf8'));
  });

  it.each([
    {
      why: 'a method that shares',
      args: ['known.meme', '--method', 'shared'],
      code: 2,
      message: 'leave it out',
    },
    {
      why: 'a sweep without a page',
      args: ['known.meme', '--table', 'sweep.tsv'],
      code: 2,
      message: '--report',
    },
    {
      why: 'a sweep of another model',
      args: ['known.meme', '--table', 'other.tsv', '--report', 'page.other'],
      code: 1,
      message: 'its manifest says that it is from another (',
    },
    {
      why: 'its database as output',
      args: ['own.tsv', '--out', 'own.tsv'],
      code: 2,
      message: 'also an input',
    },
    {
      why: 'its sweep as output',
      args: ['known.meme', '--table', 'sweep.tsv', '--report', 'page.own', '--out', 'sweep.tsv'],
      code: 2,
      message: 'also an input',
    },
    { why: 'no database', args: [], code: 2, message: "missing required argument 'databases'" },
    {
      why: 'a position beyond',
      args: ['known.meme', '--positions', '50'],
      code: 2,
      message: 'positions are 0 to 40',
    },
    {
      why: 'room for none',
      args: ['known.meme', '--positions', '39'],
      code: 1,
      message: 'none of the motifs fits',
    },
    { why: 'a table of no format', args: ['known.meme', '--out', 'm.csv'], code: 2, message: 'm.csv' },
  ])('refuses $why', async ({ args, code, message }) => {
    const paths = args.map((arg) => (arg.includes('.') ? at(arg) : arg));
    const result = await cli(['gia', 'motifs', at('model-1'), ...paths, ...few]);
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(message);
  });
});
