/**
 * `gia`, `ism` and `report` asked of models with structure channels: both treatments, what is said and
 * recorded of them, and what is refused.
 */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { saveModel } from '../src/nn/files/model-files.node.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { cli } from './support/cli.js';
import { useGpu } from './support/gpu.js';

const gpu = useGpu();
let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const readJson = async (...names: string[]) => JSON.parse(await readFile(at(...names), 'utf8'));
const LENGTH = 25;
const FEW = ['--backgrounds', '8', '--null', 'uniform'];

async function done(...args: string[]) {
  const result = await cli(args);
  expect(result.code, result.stderr).toBe(0);
  return result;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-gia-structure-'));
  const size = { length: LENGTH, filters: 4, hidden: 6, taps: 5 };
  for (const [name, channels] of [
    ['pu', 6],
    ['phime', 9],
    ['letters', 4],
  ] as const) {
    using model = await ResidualBind.create(gpu(), { ...size, channels });
    await saveModel(at(name), model);
  }
});
afterAll(() => rm(folder, { recursive: true }));

describe('gia', () => {
  it('folds embedded sequences by default, says so and records it', async () => {
    const args = ['gia', 'importance', at('phime'), 'GCGC@3+GCGC@15', ...FEW];
    const folded = await done(...args, '--out', at('fold.json'));
    expect(folded.stderr).toContain('structure: every embedded sequence is folded anew\n');
    expect((await readJson('fold.json')).manifest.structure).toEqual({ contexts: 'phime', embedded: 'fold' });
    const kept = await done(...args, '--structure', 'keep', '--out', at('keep.json'));
    expect(kept.stderr).toContain('structure: embedded sequences keep the structure of their background\n');
    expect((await readJson('keep.json')).manifest.structure).toEqual({ contexts: 'phime', embedded: 'keep' });
    const importance = async (name: string) => (await readJson(name)).rows[0].importance;
    expect(await importance('fold.json')).not.toBe(await importance('keep.json'));
  });

  it('runs all experiments, whose texts and files say how structure was treated', async () => {
    const { stdout } = await done(
      ...['gia', 'all', at('pu'), ...FEW, '--motif', 'GCUGG', '--structure', 'keep', '--out', at('all')],
    );
    expect(stdout.match(/; embedded sequences keep the structure of their background:$/gm)).toHaveLength(6);
    expect((await readJson('all', 'hairpin.json')).structure).toBe('keep');
  });

  it('asks motif databases, and the page says how structure was treated', async () => {
    await writeFile(
      at('one.meme'),
      'MEME version 4\nALPHABET= ACGU\nMOTIF one\nletter-probability matrix: w= 2\n 0.1 0.1 0.7 0.1\n 0.1 0.7 0.1 0.1\n',
    );
    const { json } = await done(
      ...['gia', 'motifs', at('pu'), at('one.meme'), ...FEW, '--structure', 'keep', '--json'],
      ...['--report', at('motifs')],
    );
    expect(json).toMatchObject({ structure: { contexts: 'pu', embedded: 'keep' } });
    expect(await readFile(at('motifs', 'motifs.html'), 'utf8')).toContain(
      'embedded sequences keep the structure of their background',
    );
  });

  it('searches the top k-mers', async () => {
    const args = ['gia', 'sweep', at('pu'), '--k', '2', '--top', '2', ...FEW];
    const { json } = await done(...args, '--out', at('top.tsv'), '--json');
    expect(json).toMatchObject({ structure: { contexts: 'pu', embedded: 'fold' } });
  });

  it('plans: why nothing is shared, how many sequences are folded and for how long', async () => {
    const plan = ['gia', 'plan', at('pu'), '--k', '2', '--backgrounds', '10'];
    const { stdout } = await done(...plan);
    expect(stdout).toContain('a network with structure channels cannot be shared');
    expect(stdout).toContain('Every embedded sequence is folded anew');
    expect(stdout).toContain('170 foldings');
    expect(stdout).toContain('With --structure keep only the 10 backgrounds are folded.');
    const { json } = await done(...plan, '--structure', 'keep', '--json');
    expect(json).toMatchObject({ method: 'naive', folding: { structure: 'keep', foldings: 10 } });
    const sweep = ['gia', 'sweep', at('pu'), '--plan', '--k', '1', ...FEW];
    expect((await done(...sweep)).stdout).toContain('on this adapter');
  });

  it('refuses --structure of a model that sees letters only', async () => {
    for (const command of [
      ['gia', 'importance', at('letters'), 'A@3'],
      ['gia', 'sweep', at('letters'), '--plan'],
      ['gia', 'plan', at('letters')],
      ['ism', at('letters'), 'ACGU'],
    ]) {
      const { code, stderr } = await cli([...command, '--structure', 'keep']);
      expect(code).toBe(2);
      expect(stderr).toContain('the model sees letters and no structure, so leave out --structure keep');
    }
    const { code, stderr } = await cli(['gia', 'plan', '--structure', 'fold']);
    expect(code).toBe(2);
    expect(stderr).toContain('--structure fold needs a model with structure channels; name one');
  });
});

describe('ism', () => {
  const sequence = 'GGGGCAAAAGCCCC';

  it('folds every mutant, or keeps the structure of the sequence', async () => {
    const folded = await done('ism', at('pu'), sequence, '--out', at('ism.json'));
    expect(folded.stdout).toContain('\nEvery mutant is folded anew.\n');
    const kept = await done('ism', at('pu'), sequence, '--structure', 'keep', '--json');
    expect(kept.json).toMatchObject({ structure: { contexts: 'pu', embedded: 'keep' } });
    const [one] = (kept.json as unknown as { sequences: { scores: object }[] }).sequences;
    expect(one!.scores).not.toEqual((await readJson('ism.json')).sequences[0].scores);
  });

  it('keeps it for gradients, and says so', async () => {
    const { stdout } = await done('ism', at('phime'), sequence, '--method', 'saliency');
    expect(stdout).toContain('The structure of the sequences is kept: these are scores of letters alone.');
    const refused = await cli([
      ...['ism', at('phime'), sequence, '--method', 'saliency', '--structure', 'fold'],
    ]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('--structure fold goes with --method mutagenesis');
  });
});
