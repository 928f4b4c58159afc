/** Any length of input, 20 to 2,048: where experiments stand by default, predictions, and what is refused. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeSequences } from '../src/data/index.js';
import { InvalidSequenceError, ShapeError } from '../src/device/errors.js';
import { makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import { runAll } from '../src/gia/experiments/index.js';
import { kmerPosition } from '../src/gia/importance.js';
import type { PlainModel } from '../src/gia/model.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { cli } from './support/cli.js';
import { useGpu } from './support/gpu.js';
import { forward, toNumbers } from './support/reference-network.js';

const drawn = (length: number, count = 2) => makeBackgrounds({ kind: 'uniform', count, length, seed: 3 });

/** A cheap function, different for every letter. */
const modelOf = (length: number): PlainModel => ({
  length,
  predict: (codes) =>
    Float64Array.from({ length: codes.length / length }, (_, n) => {
      let sum = 0;
      for (let i = 0; i < length; i++) sum += codes[n * length + i]! * (i % 7);
      return sum;
    }),
});

describe('experiments stand by default', () => {
  it.each([
    { length: 20, middle: 7, copies: [0, 7, 14], stem: { start: 0, arm: 7, loop: 6 }, gc: [0, 14] },
    { length: 41, middle: 17, copies: [3, 10, 17], stem: { start: 5, arm: 11, loop: 6 }, gc: [0, 34] },
    { length: 200, middle: 97, copies: [90, 97, 104], stem: { start: 86, arm: 11, loop: 6 }, gc: [0, 194] },
    {
      length: 2048,
      middle: 1021,
      copies: [1014, 1021, 1028],
      stem: { start: 1010, arm: 11, loop: 6 },
      gc: [0, 2042],
    },
  ])('in the middle and at the ends of $length letters', async ({ length, middle, copies, stem, gc }) => {
    const backgrounds = drawn(length);
    expect(kmerPosition(6, backgrounds)).toBe(middle);
    const results = await runAll(modelOf(length), { motif: 'UGCAUG', suboptimal: 'AGAAUG', backgrounds });
    const designs = Object.fromEntries(results.map(({ experiment, design }) => [experiment, design]));
    expect(designs).toMatchObject({
      mutagenesis: { position: middle },
      multiplicity: { positions: copies },
      positions: { range: 'input', positions: Array.from({ length: length - 5 }, (_, i) => i) },
      hairpin: { length, ...stem },
      gc: { position: middle, position5: gc[0], position3: gc[1] },
    });
    const spacing = results.find(({ experiment }) => experiment === 'spacing')!;
    expect(spacing.rows.map(({ labels }) => (labels as { gap: number }).gap)).toEqual(
      Array.from({ length: length - 11 }, (_, gap) => gap),
    );
    expect(results.every(({ padding }) => padding === undefined)).toBe(true);
  });
});

describe('a network', () => {
  const gpu = useGpu();

  it('predicts inputs of 2,048 positions as a plain loop does, and takes no longer ones', async () => {
    const sizes = { filters: 4, hidden: 4, length: 2048 } as const;
    using model = await ResidualBind.create(gpu(), { ...sizes, seed: 2 });
    const { codes } = drawn(2048, 3);
    const weights = await model.weights();
    const plain = forward(model.architecture, toNumbers(weights), { codes }, 'evaluation');
    const predicted = await model.predict({ codes });
    plain.forEach((value, n) => {
      expect(Math.abs(predicted[n]! - value)).toBeLessThan(1e-4);
    });
    expect(() => encodeSequences(['A'.repeat(2049)], model.length)).toThrow(InvalidSequenceError);
    const longer = ResidualBind.create(gpu(), { ...sizes, length: 2049 });
    await expect(longer).rejects.toThrow(ShapeError);
    await expect(longer).rejects.toThrow('length must be a positive integer of at most 2048, not 2049');
  });
});

describe('the command line', () => {
  let folder = '';
  const at = (name: string) => join(folder, name);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'residualbind-lengths-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('trains on probes of 2,048 letters and predicts them', async () => {
    await cli(['simulate', '--probes', '80', '--length', '2048', '--out', at('long.tsv')]);
    const small = ['--filters', '4', '--hidden', '4', '--batch', '10', '--epochs', '2'];
    const trained = await cli(['train', at('long.tsv'), '--out', at('run'), ...small, '--json']);
    expect(trained.code, trained.stderr).toBe(0);
    expect(trained.stderr).toContain('the longest probe has 2048 letters, so the model');
    expect(trained.json).toMatchObject({ architecture: { length: 2048 } });
    await writeFile(at('one.txt'), `${'ACGU'.repeat(512)}\n${'ACGU'.repeat(513)}\n`);
    const refused = await cli(['predict', at('run'), at('one.txt')]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`${at('one.txt')}:2`);
    expect(refused.stderr).toContain(
      'has 2,052 letters, but the input takes at most 2048; cut it, or predict all its windows of 2048 letters: predict --windows\n',
    );
    const every = ['--windows', '--stride', '1', '--per-sequence', '--json'];
    const windows = await cli(['predict', at('run'), at('one.txt'), ...every]);
    expect(windows.json).toMatchObject({ predictions: [{ windows: 1 }, { windows: 5 }] });
  });

  it('refuses longer ones, by line, and a longer --length', async () => {
    await writeFile(at('longer.tsv'), `ACGUACGU\t1\n${'A'.repeat(2049)}\t2\n`);
    const longer = await cli(['train', at('longer.tsv'), '--out', at('never')]);
    expect(longer.code).toBe(1);
    expect(longer.stderr).toContain(
      `${at('longer.tsv')}:2: the sequence has 2049 letters; a model takes at most 2048`,
    );
    const asked = await cli(['train', at('longer.tsv'), '--out', at('never'), '--length', '2049']);
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain('It must be at most 2048.');
  });
});
