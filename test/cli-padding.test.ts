/**
 * Commands on a model whose training probes have 20 letters in an input of 41: nothing stands in padding
 * unless it is asked for.
 */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { profileOf } from '../src/data/sequences/profile.js';
import { encodeSequences } from '../src/data/sequences/sequence.js';
import { Random } from '../src/kernels/random.js';
import { saveModel } from '../src/nn/files/model-files.node.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { cli } from './support/cli.js';
import { useGpu } from './support/gpu.js';

const gpu = useGpu();
let folder: string;
const at = (name: string) => join(folder, name);
const few = ['--backgrounds', '4', '--json'];

interface Found {
  readonly letters: { readonly first: number; readonly last: number };
  readonly results: readonly {
    readonly design: Record<string, unknown>;
    readonly rows: readonly { readonly labels: Record<string, unknown> }[];
    readonly facts: readonly Record<string, number>[];
    readonly padding?: { readonly patterns: readonly string[] };
  }[];
  readonly skipped?: readonly { readonly experiment: string; readonly reason: string }[];
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-padding-'));
  const random = new Random(5, 1004);
  const probes = (length: number) =>
    Array.from({ length: 30 }, (_, n) => {
      const draws = random.draws(n);
      return Array.from({ length }, () => 'ACGU'[draws.below(4)]).join('');
    });
  for (const length of [14, 20, 41]) {
    using model = await ResidualBind.create(gpu(), { filters: 4, hidden: 4, seed: length });
    const profile = Array.from(profileOf(encodeSequences(probes(length), 41), 41));
    await saveModel(at(`of-${length}`), model, { profile });
    await writeFile(at(`probes-${length}.txt`), `${probes(length).join('\n')}\n`);
  }
});

afterAll(() => rm(folder, { recursive: true }));

const ask = async (...args: string[]): Promise<Found> => {
  const { code, stderr, json } = await cli([...args, ...few]);
  expect(code, stderr).toBe(0);
  return json as unknown as Found;
};

describe('experiments', () => {
  it('say where probes have letters, and stay there', async () => {
    const { stderr } = await cli(['gia', 'gc', at('of-20'), '--motif', 'UGCAUG', ...few]);
    expect(stderr).toContain('probes have letters at positions 10–29 of 0–40');
    const gc = await ask('gia', 'gc', at('of-20'), '--motif', 'UGCAUG');
    expect(gc.letters).toEqual({ first: 10, last: 29 });
    expect(gc.results[0]!.design).toEqual({
      motif: 'UGCAUG',
      position: 17,
      gc: 'GCGCGC',
      position5: 10,
      position3: 24,
    });
    for (const kind of ['profile', 'uniform']) {
      const bias = await ask('gia', 'positions', at('of-20'), '--motif', 'UGCAUG', '--null', kind);
      const positions = bias.results[0]!.rows.map(({ labels }) => labels.position);
      expect(positions).toEqual(Array.from({ length: 15 }, (_, i) => 10 + i));
    }
    const loop = await ask('gia', 'hairpin', at('of-20'), '--motif', 'UGCAUG');
    expect(loop.results[0]!.design).toMatchObject({ start: 10, arm: 7, loop: 6 });
    const full = await cli(['gia', 'gc', at('of-41'), '--motif', 'UGCAUG', ...few]);
    expect(full.stderr).not.toContain('probes have letters');
    expect((full.json as unknown as Found).results[0]!.design).toMatchObject({ position5: 0, position3: 34 });
  });

  it('of a kind that does not fit are refused alone, and left out among all', async () => {
    const alone = await cli(['gia', 'hairpin', at('of-14'), '--motif', 'UGCAUG', ...few]);
    expect(alone).toMatchObject({ code: 1 });
    expect(alone.stderr).toMatch(/takes 18 letters, and probes have letters at 14 positions \(13–26\)/);
    const all = await ask('gia', 'all', at('of-14'), '--motif', 'UGCAUG');
    expect(all.skipped!.map(({ experiment }) => experiment)).toEqual(['multiplicity', 'hairpin', 'gc']);
    expect(all.results).toHaveLength(3);
  });

  it('in padding are refused with range and option, or marked in text, table, JSON and manifest', async () => {
    const bias = ['gia', 'positions', at('of-20'), '--motif', 'UGCAUG', '--positions', '8,17'];
    const refused = await cli([...bias, ...few]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/UGCAUG@8.* probes have letters at positions 10–29 only.*--allow-padding/);
    const marked = await cli([...bias, '--backgrounds', '4', '--allow-padding', '--out', at('marked')]);
    expect(marked.code, marked.stderr).toBe(0);
    expect(marked.stdout).toContain('1 of 2 patterns have letters where no probe has one');
    const [header, first, second] = (await readFile(at('marked/positions.tsv'), 'utf8')).split('\n');
    const column = header!.split('\t').indexOf('in_padding');
    expect([first!.split('\t')[column], second!.split('\t')[column]]).toEqual(['2', '0']);
    const about = JSON.parse(await readFile(at('marked/positions.manifest.json'), 'utf8'));
    expect(about).toMatchObject({ letters: { first: 10, last: 29 }, padding: { patterns: ['UGCAUG@8'] } });
  });
});

describe('sweeps and lists', () => {
  it('of every position mean those with letters', async () => {
    const importance = ['gia', 'importance', at('of-20'), 'UGCAUG@*', '--out', at('all.tsv')];
    expect(await ask(...importance)).toMatchObject({ patterns: 15 });
    const swept = ['gia', 'sweep', at('of-20'), '--k', '1', '--positions', 'all', '--out', at('one.tsv')];
    expect(await ask(...swept)).toMatchObject({ patterns: 80 });
  });

  it('in padding are refused, before anything is drawn, or have a column', async () => {
    const importance = ['gia', 'importance', at('of-20'), 'UGCAUG@0', 'UGCAUG@17', '--out', at('two.tsv')];
    for (const wrong of [
      importance,
      ['gia', 'sweep', at('of-20'), '--k', '2', '--position', '9', '--out', at('x.tsv')],
      ['gia', 'sweep', at('of-20'), '--k', '1', '--positions', '0..3', '--out', at('x.tsv')],
      ['gia', 'sweep', at('of-20'), '--k', '1', '--with', 'UGC@3', '--out', at('x.tsv')],
    ]) {
      const { code, stderr, json } = await cli([...wrong, ...few]);
      expect(code, wrong.join(' ')).toBe(1);
      expect(stderr).toContain('positions 10–29 only');
      expect(json).toMatchObject({ error: { name: 'PaddingError', code: 'ERR_PADDING' } });
    }
    expect(await ask(...importance, '--allow-padding')).toMatchObject({
      patternsInPadding: 1,
      letters: { first: 10, last: 29 },
    });
    const text = await readFile(at('two.tsv'), 'utf8');
    expect(text.split('\n')[0]).toMatch(/\tin_padding$/);
    expect(text).toMatch(/UGCAUG@0\t.*\t6\n/);
  });

  it('take no backgrounds that reach into padding, unless told to', async () => {
    const wide = ['gia', 'importance', at('of-20'), 'UGC@17', '--null', 'shuffle', '--sequences'];
    const refused = await cli([...wide, at('probes-41.txt'), ...few]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/letters at positions 0–40, also where no probe has a letter/);
    expect(await ask(...wide, at('probes-41.txt'), '--allow-padding')).toMatchObject({
      backgroundsInPadding: true,
    });
    expect(await ask(...wide, at('probes-14.txt'))).toMatchObject({ letters: { first: 13, last: 26 } });
  });

  it('of several models stay where the probes of all have letters', async () => {
    const both = ['gia', 'sweep', at('of-20'), at('of-41'), '--k', '1', '--null', 'uniform'];
    expect(await ask(...both, '--out', at('both.tsv'))).toMatchObject({ letters: { first: 10, last: 29 } });
  });
});

describe('sequences', () => {
  it.each(['predict', 'ism'])('%s says which reach into padding', async (name) => {
    const { code, stderr, json } = await cli([name, at('of-20'), at('probes-41.txt'), '--json']);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('30 of 30 sequences have letters where no training probe has one');
    expect(json).toMatchObject({ sequencesInPadding: 30 });
    const within = await cli([name, at('of-20'), at('probes-20.txt'), '--json']);
    expect(within.json).not.toHaveProperty('sequencesInPadding');
  });
});

describe('what needs too much', () => {
  it.each([
    [
      ['gia', 'sweep', '--k', '8', '--backgrounds', '99999999', '--out', 'x.tsv'],
      /at most 65,535 backgrounds/,
    ],
    [['gia', 'gc', '--motif', 'UGCAUG', '--backgrounds', '99999999'], /--backgrounds/],
    [['gia', 'sweep', '--k', '2', '--bootstrap', '1000000000', '--out', 'x.tsv'], /--bootstrap/],
  ])('%j is refused', async ([command, name, ...rest], message) => {
    const { code, stderr } = await cli([
      command!,
      name!,
      at('of-41'),
      ...rest.map((one) => (one === 'x.tsv' ? at(one) : one)),
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  it('probes by the million million are refused', async () => {
    const { code, stderr } = await cli(['simulate', '--probes', '1000000000000', '--out', at('many.tsv')]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--probes .* use at most/);
  });
});
