/** `convert` on the command line: models of other programs there and back, and what they then lack. */
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from './support/cli.js';
import { withoutFacts } from './support/keras-files.js';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const run = async (...argv: string[]) => {
  const result = await cli(argv);
  expect(result, result.stderr).toMatchObject({ code: 0 });
  return result;
};
const refused = async (code: number, message: RegExp, ...argv: string[]) => {
  const { code: ended, stderr } = await cli(argv);
  expect(stderr).toMatch(message);
  expect(ended).toBe(code);
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-convert-'));
  await run('simulate', '--probes', '300', '--out', at('probes.tsv'));
  const size = ['--filters', '4', '--hidden', '4', '--epochs', '1', '--batch', '50'];
  await run('train', at('probes.tsv'), '--out', at('run'), ...size);
  await writeFile(at('sequences.txt'), 'UGCAUGACUUAGC\nGGGGCCCCAAAUUUAAUUCCGGAU\nACGU\n');
  for (const name of ['a.h5', 'a.safetensors', 'a.onnx']) await run('convert', at('run'), at(name));
  await copyFile(at('a.h5'), at('keras.h5'));
  await withoutFacts(at('keras.h5'));
});

afterAll(() => rm(folder, { recursive: true }));

/** Predictions of a model, with all digits. */
async function predictions(model: string): Promise<number[]> {
  const { json } = await run('predict', model, at('sequences.txt'), '--json');
  return (json as unknown as { predictions: { prediction: number }[] }).predictions.map(
    ({ prediction }) => prediction,
  );
}

describe('convert', () => {
  it.each(['a.h5', 'a.safetensors', 'a.onnx'])('%s and back: the same predictions', async (name) => {
    const { stdout } = await run('convert', at(name), at(`from-${name}`), '--to', 'residualbind');
    expect(stdout).toMatch(
      /a model of this program, from (weights of Keras|a state dict of PyTorch|an ONNX file)/,
    );
    // A name that ends in .safetensors is that of a file, any other that of a folder.
    const [mine, theirs] = [await predictions(at('run')), await predictions(at(`from-${name}`))];
    expect(mine).toHaveLength(3);
    mine.forEach((value, i) => {
      expect(Math.abs(theirs[i]! - value)).toBeLessThan(1e-5);
    });
  });

  it('says what it inferred, and keeps it in the manifest', async () => {
    const { stderr } = await run('convert', at('keras.h5'), at('keras'));
    expect(stderr).toMatch(/preset paper: the file has 4 convolutions/);
    expect(stderr).toMatch(/input of 41 positions/);
    const manifest = JSON.parse(await readFile(at('keras', 'manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({
      command: 'convert',
      model: { format: 'keras' },
      format: 'residualbind',
      architecture: { length: 41, channels: 4 },
    });
    expect(manifest.inferred).toHaveLength(4);
  });

  it('a file for Keras keeps the facts of a model of this program', async () => {
    const { stdout, stderr } = await run('convert', at('a.h5'), at('facts'));
    expect(stderr).not.toMatch(/preset|epsilon/);
    expect(stdout).toMatch(/scores +log transform and z-score/);
    expect(stdout).not.toMatch(/no nucleotide profile/);
  });

  it('a model without facts says what to give; --data adds them', async () => {
    const { stdout } = await run('convert', at('keras.h5'), at('bare'));
    expect(stdout).toMatch(/no nucleotide profile: gia needs --null uniform or --sequences/);
    await refused(2, /evaluate needs .*convert.*--data/, 'evaluate', at('bare'), at('probes.tsv'));
    const asked = ['gia', 'importance', at('bare'), 'UGC@17', '--backgrounds', '4'];
    await refused(2, /no nucleotide profile; give --sequences or --null uniform/, ...asked);
    await run(...asked, '--null', 'uniform');
    const { stdout: complete } = await run(
      'convert',
      at('keras.h5'),
      at('whole'),
      '--data',
      at('probes.tsv'),
    );
    expect(complete).toMatch(/scores +log transform and z-score/);
    expect(complete).not.toMatch(/no nucleotide profile/);
    const lines = (await readFile(at('probes.tsv'), 'utf8')).trim().split('\n');
    const wider = lines.map((line, i) => `${line}\t${i === 0 ? 'other' : i}\n`);
    await writeFile(at('two.tsv'), wider.join(''));
    const tasks = ['--score-column', 'intensity,other'];
    await refused(
      2,
      /2 columns of scores are chosen, but the model has 1 output;/,
      'convert',
      at('keras.h5'),
      at('none'),
      '--data',
      at('two.tsv'),
      ...tasks,
    );
    const pearson = async (model: string) =>
      ((await run('evaluate', model, at('probes.tsv'), '--json')).json as { pearson: number }).pearson;
    expect(await pearson(at('whole'))).toBeCloseTo(await pearson(at('run')), 5);
  });

  it('inspect recognises the files, and other commands say how to convert them', async () => {
    for (const [name, what] of [
      ['a.h5', /weights of Keras; residualbind convert[\s\S]*conv1d\/kernel:0 \[11, 4, 4\]/],
      ['a.safetensors', /a state dict of PyTorch; residualbind convert[\s\S]*conv0\.weight \[4, 4, 11\]/],
      ['a.onnx', /an ONNX file; residualbind convert[\s\S]*conv0\.w \[4, 4, 11\]/],
    ] as const) {
      const { stdout } = await run('inspect', at(name));
      expect(stdout).toMatch(what);
      await refused(1, /residualbind convert makes a model of it/, 'predict', at(name), at('sequences.txt'));
    }
  });

  it('refuses what cannot be', async () => {
    const out = at('nothing');
    await refused(
      1,
      /run.* is a model of this program, .*leave out preset/,
      'convert',
      at('run'),
      out,
      '--preset',
      'paper',
    );
    await refused(1, /the preset keras has 5 convolutions/, 'convert', at('a.h5'), out, '--preset', 'keras');
    await refused(1, /40 to 49 positions, not 60/, 'convert', at('keras.h5'), out, '--length', '60');
    await refused(1, /not a model: expected/, 'convert', at('probes.tsv'), out);
    await refused(1, /holds what "train" wrote/, 'convert', at('a.h5'), at('run'));
    await refused(1, /nowhere.*cannot be read/, 'convert', at('nowhere'), out);
    await writeFile(at('map.json'), '{"conv0": "stem"}');
    await refused(
      1,
      /map\.json: conv0: there is no layer "stem"/,
      'convert',
      at('a.safetensors'),
      out,
      '--map',
      at('map.json'),
    );
    await refused(
      2,
      /--network.*cannot be used with/,
      'convert',
      at('a.h5'),
      out,
      '--network',
      'x',
      '--preset',
      'paper',
    );
  });
});
