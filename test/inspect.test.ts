/** `inspect` tells every kind of file that is read, and refuses others. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from './support/cli.js';
import { NAMES, packed, pipeline, wide, writeHdf5, written } from './support/experiment-files.js';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const run = async (...argv: string[]) => {
  const result = await cli(argv);
  expect(result, result.stderr).toMatchObject({ code: 0 });
  return result;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-inspect-'));
  await run('simulate', '--probes', '300', '--out', at('probes.tsv'));
  const size = ['--filters', '4', '--hidden', '4', '--epochs', '1', '--batch', '50'];
  await run('train', at('probes.tsv'), '--out', at('run'), ...size);
  for (const format of ['tsv', 'json', 'parquet', 'npz'])
    await run('gia', 'sweep', at('run'), '--k', '2', '--backgrounds', '8', '--out', at(`sweep.${format}`));
  await written(at('wide.csv.gz'), packed(wide()));
  await run('prepare', at('wide.csv.gz'), '--out', at('data.parquet'));
  await writeHdf5(at('data.h5'));
  const rows = [1, 0, 0, 0, 0].map((value) => `\t${`${value}\t`.repeat(5)}\n`);
  await writeFile(at('phime.txt'), `>a\n${rows.join('')}`);
  await writeFile(at('E_profile.txt'), `>a\n${rows[0]}>b\n${rows[1]}`);
  await writeFile(at('p1_lunp'), '#unpaired probabilities\n #i$\tl=1\n1\t0.5\n');
});

afterAll(() => rm(folder, { recursive: true }));

/** What a file is found to be, in JSON. */
async function found(path: string): Promise<Record<string, unknown>> {
  const { json } = await run('inspect', path, '--json');
  return (json as unknown as { files: [Record<string, unknown>] }).files[0];
}

const check = { records: 7, leaking: 1, experiments: NAMES.map((name) => ({ name })) };

describe('inspect', () => {
  const files: Record<string, [string, object, RegExp]> = {
    'a data set': [
      'data.parquet',
      { kind: 'experiments', format: 'data set', check },
      /made from .*wide\.csv\.gz/,
    ],
    'an HDF5 file': [
      'data.h5',
      { kind: 'experiments', format: 'hdf5', check },
      /an HDF5 file of 3 experiments/,
    ],
    'a wide table': [
      'wide.csv.gz',
      { kind: 'experiments', format: 'table', check },
      /5 in set A, 2 in set B/,
    ],
    'a file of P, H, I, M and E': [
      'phime.txt',
      {
        kind: 'structure profiles',
        contexts: 'PHIME',
        records: 1,
        by: 'id',
        shortest: 5,
        longest: 5,
      },
      /contexts +P H I M E/,
    ],
    'a file of one context': [
      'E_profile.txt',
      { kind: 'structure profiles', contexts: 'E', records: 2 },
      /2 structure profiles/,
    ],
    'a file of RNAplfold': [
      'p1_lunp',
      { kind: 'structure profiles', contexts: 'PU', records: 1, by: 'id' },
      /matched by +id/,
    ],
    'a folder of train': [
      'run',
      { kind: 'model', facts: { preset: 'paper' } },
      /conv0: convolution, filters 4/,
    ],
    'a model': ['run/model.safetensors', { kind: 'model' }, /trained on +.*probes\.tsv/],
    'a checkpoint': [
      'run/checkpoint.safetensors',
      { kind: 'training checkpoint', epoch: 1 },
      /train --resume goes on from it/,
    ],
    'a manifest': [
      'run/manifest.json',
      { kind: 'manifest', command: 'train' },
      /the manifest of residualbind train/,
    ],
    ...Object.fromEntries(
      ['tsv', 'json', 'parquet', 'npz'].map((format) => [
        `an importance table, ${format}`,
        [
          `sweep.${format}`,
          {
            kind: 'importance table',
            format,
            rows: 16,
            columns: expect.arrayContaining(['ci_low', 'ci_high']),
          },
          /of 16 rows/,
        ],
      ]),
    ),
  };

  it.each(Object.entries(files))('%s', async (_, [path, expected, text]) => {
    expect(await found(at(path))).toMatchObject(expected);
    expect((await run('inspect', at(path))).stdout).toMatch(text);
  });

  const texts: Record<string, [string, object]> = {
    FASTA: ['>a\nACGU\n>b\nACGUAC\n(....)\n', { kind: 'sequences', records: 2, shortest: 4, longest: 6 }],
    'lines of sequences': ['ACGU\nGGGG\n', { kind: 'sequences', records: 2, structures: 0 }],
    motifs: [
      'MEME version 4\n\nALPHABET= ACGU\n\nMOTIF one\nletter-probability matrix: alength= 4 w= 2\n0 0 0 1\n1 0 0 0\n',
      { kind: 'motifs', format: 'meme', motifs: [{ name: 'one', width: 2 }] },
    ],
    'motifs of JASPAR': [
      '>MA1 one\nA [ 0 4 ]\nC [ 0 0 ]\nG [ 0 0 ]\nT [ 4 0 ]\n',
      { kind: 'motifs', format: 'matrix', motifs: [{ name: 'MA1', width: 2 }] },
    ],
    affinities: [
      'pattern,kd (nM)\nUGCAUG,1\nAGCAUG,10\nUGCACG,>20\nUGAAUG,30\n',
      { kind: 'affinities', patterns: 3, censored: 1, unit: 'nM' },
    ],
    'affinities without a header, with replicates': [
      'UGCAUG\t1.5\nUGCACG\t20\nUGCAUG\t1.7\nUGAAUG\t300\n',
      { kind: 'affinities', patterns: 3, replicates: 1, isGuess: true },
    ],
    'affinities without a header, with a bound first': [
      'UGCNUG,>2000\nUGCAUG,1\nUGCACG,20\nUGAAUG,300\n',
      { kind: 'affinities', patterns: 3, censored: 1 },
    ],
    'short probes with scores': [
      'UGCAUG\t-1.5\nUGCACG\t20\nUGAAUG\t300\n',
      { kind: 'experiments', format: 'table' },
    ],
    'a network': [
      '{"layers":[{"kind":"convolution","filters":4,"taps":3,"dilation":1},{"kind":"head","outputs":1,"loss":"regression"}]}',
      { kind: 'network', architecture: { length: 41 } },
    ],
  };

  it.each(Object.entries(texts))('%s', async (name, [text, expected]) => {
    expect(await found(await written(at(`${name}.x`), text))).toMatchObject(expected);
  });

  it('folders of a study and a survey, by their manifests', async () => {
    const versions = { node: '20' };
    for (const name of ['study', 'survey']) await mkdir(at(name));
    const experiments = [
      { name: 'A', folder: 'study/experiments/A', status: 'reported' },
      { name: 'B', status: 'failed' },
    ];
    await written(at('study/manifest.json'), JSON.stringify({ command: 'study', versions, experiments }));
    await written(
      at('survey/manifest.json'),
      JSON.stringify({ command: 'survey', versions, models: [{ name: 'A' }] }),
    );
    expect(await found(at('study'))).toMatchObject({ kind: 'manifest', command: 'study', experiments });
    expect((await run('inspect', at('study'))).stdout).toMatch(
      /the manifest of residualbind study\n.*experiments +2: A, B \(failed\); a model is in study\/experiments\/A/,
    );
    expect((await run('inspect', at('survey'))).stdout).toMatch(/residualbind survey\n +models +1: A\n/);
  });

  it('several files, with sizes and hashes', async () => {
    const { json, stderr } = await run('inspect', at('data.parquet'), at('data.h5'), '--json');
    const { files: both } = json as unknown as { files: { sha256: string; bytes: number }[] };
    expect(both).toHaveLength(2);
    expect(both[0]!.bytes).toBe((await readFile(at('data.parquet'))).length);
    expect(both[0]!.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(stderr).toContain(`${at('data.h5')}: 1 probe of set B has a sequence of set A`);
  });

  it('columns of a table are chosen', async () => {
    const table = await written(at('chosen.csv'), pipeline());
    const { json } = await run('inspect', table, '--score-column', NAMES[1], '--json');
    expect(json).toMatchObject({ files: [{ check: { experiments: [{ name: NAMES[1] }] } }] });
  });

  it('refuses what it does not know, and says what it took a file for', async () => {
    await mkdir(at('empty'));
    await mkdir(at('running/experiments/one'), { recursive: true });
    await written(at('running/experiments/one/model.safetensors'), '');
    const { File, ready } = await import('h5wasm/node');
    await ready;
    const other = new File(at('other.h5'), 'w');
    other.create_dataset({ name: 'a', data: Float32Array.of(1) });
    other.close();
    await writeFile(at('short.safetensors'), Buffer.from('0200000000000000 7b7d'.replaceAll(' ', ''), 'hex'));
    const refused: [string, RegExp][] = [
      [await written(at('zeros'), new Uint8Array(100)), /zeros: an unknown kind of binary file/],
      [await written(at('nothing'), ''), /nothing: the file is empty/],
      [await written(at('words'), 'hello world\n'), /words:1: .*read as a table of probes and scores/],
      [await written(at('ragged'), 'UGCAUG\t1\nUGCACG\n'), /ragged:2: expected 2 .*fields, found 1/],
      [await written(at('word'), 'hello\n'), /word:1: letter 1 is "h".*read as lines of sequences/],
      [await written(at('x.json'), '{"a":1}'), /JSON, but neither a network/],
      [await written(at('y.json'), '{"a":'), /begins like JSON, but is none/],
      [await written(at('x.zip'), 'PK\x03\x04 and so on'), /not a NumPy archive/],
      [await written(at('x.parquet'), 'PAR1 and so on'), /not a Parquet file/],
      [at('other.h5'), /an HDF5 file without probes/],
      [at('short.safetensors'), /neither a model nor a checkpoint/],
      [at('empty'), /a folder with neither model\.safetensors, checkpoint\.safetensors nor manifest\.json/],
      [at('running'), /a folder without a manifest, .* such as .*running\/experiments\/one/],
      [at('nowhere'), /nowhere: cannot be read/],
    ];
    const paths = refused.map(([path]) => path);
    const all = await cli(['inspect', ...paths, at('data.h5'), '--json']);
    expect(all.code).toBe(1);
    const { files: told } = all.json as unknown as { files: { path: string; error?: { message: string } }[] };
    expect(told.map(({ path }) => path)).toEqual([...paths, at('data.h5')]);
    refused.forEach(([, message], i) => {
      expect(told[i]!.error!.message).toMatch(message);
      expect(all.stderr).toMatch(message);
    });
    expect(told.at(-1)).toMatchObject({ kind: 'experiments' });
    const inWords = await cli(['inspect', paths[0]!, at('data.h5')]);
    expect(inWords).toMatchObject({ code: 1, stdout: expect.stringContaining('an HDF5 file of 3') });
    expect(await cli(['inspect', paths[0]!])).toMatchObject({ code: 1, stdout: '' });
  });
});
