/**
 * A model of another runtime behind a plain function: the same weights in an ONNX file give the same answers,
 * and the example asks for them.
 */

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// @ts-expect-error: plain JavaScript
import { openOnnx } from '../examples/onnx-model.mjs';
import { mutagenesis } from '../src/gia/attribution/mutagenesis.js';
import { makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import { runAll } from '../src/gia/experiments/index.js';
import { importance, kmerPatterns, sweep } from '../src/gia/importance.js';
import type { PlainModel } from '../src/gia/model.js';
import { parsePattern } from '../src/gia/patterns/patterns.js';
import type { Architecture } from '../src/nn/architecture.js';
import { encodeOnnx } from '../src/nn/exchange/onnx/encode.js';
import { architecture } from '../src/nn/presets.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { useGpu } from './support/gpu.js';
import { trainedLike } from './support/random-networks.js';

const TOLERANCE = 1e-4;
const gpu = useGpu();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-onnx-'));
});
afterAll(() => rm(folder, { recursive: true }));

/**
 * What the paper's network does not have: a max pool with overlaps, exponential, three outputs, a second
 * dense layer.
 */
const OTHER: Architecture = {
  length: 60,
  channels: 4,
  alphabet: 'dna',
  layers: [
    { kind: 'convolution', filters: 6, taps: 7, dilation: 1 },
    { kind: 'batch-norm' },
    { kind: 'exponential' },
    { kind: 'convolution', filters: 6, taps: 3, dilation: 4 },
    { kind: 'skip', from: 2 },
    { kind: 'relu' },
    { kind: 'pool', by: 'max', size: 6, stride: 4 },
    { kind: 'dense', units: 8 },
    { kind: 'batch-norm' },
    { kind: 'relu' },
    { kind: 'dense', units: 5 },
    { kind: 'relu' },
    { kind: 'head', outputs: 3, loss: 'regression' },
  ],
};
const PAPER = architecture('paper', { filters: 8, hidden: 8 });

/** A network here and as an ONNX file, with weights as after training. */
async function both(network: Architecture, seed: number) {
  using fresh = await ResidualBind.create(gpu(), { architecture: network, seed });
  const weights = trainedLike(await fresh.weights(), seed);
  const model = await ResidualBind.fromWeights(gpu(), weights, { architecture: network });
  const path = join(folder, `${seed}.onnx`);
  await writeFile(path, encodeOnnx({ architecture: network, weights }));
  const onnx: PlainModel = await openOnnx(path, { length: network.length });
  return { model, onnx, path };
}

function expectSame(theirs: ArrayLike<number>, ours: ArrayLike<number>): void {
  expect(theirs.length).toBe(ours.length);
  // The tolerance means something: the values are much larger.
  expect(Math.max(...Array.from(ours, Math.abs))).toBeGreaterThan(100 * TOLERANCE);
  Array.from(ours).forEach((value, i) => {
    expect(Math.abs(theirs[i]! - value)).toBeLessThan(TOLERANCE);
  });
}

describe.each([
  { name: "the paper's network", network: PAPER, seed: 1 },
  { name: 'a network with three outputs', network: OTHER, seed: 2 },
])('$name in onnxruntime and here', ({ network, seed }) => {
  it('gives the same importances and mutants', async () => {
    const { model, onnx } = await both(network, seed);
    using _model = model;
    const { length } = network;
    const backgrounds = makeBackgrounds({ kind: 'uniform', count: 6, length, seed: 1 });
    // Rows without letters are zeros in both.
    backgrounds.codes.fill(4, 0, 3);
    const patterns = kmerPatterns(2, 17, length);
    const options = { keepLocal: true, allowPadding: true };
    const ours = await importance(model, patterns, backgrounds, options);
    const theirs = await importance(onnx, patterns, backgrounds, options);
    expect(theirs.models.length).toBe(ours.models.length);
    ours.models.forEach((each, r) => {
      for (const field of ['mean', 'min', 'max', 'local'] as const)
        expectSame(theirs.models[r]![field]!, each[field]!);
    });
    expectSame(theirs.bare, ours.bare);
    const codes = backgrounds.codes.subarray(length, 2 * length);
    expectSame((await mutagenesis(onnx, { codes })).scores, (await mutagenesis(model, { codes })).scores);
  });

  it('gives the same experiments', async () => {
    const { model, onnx } = await both(network, seed);
    using _model = model;
    const backgrounds = makeBackgrounds({ kind: 'uniform', count: 5, length: network.length, seed: 1 });
    const options = { motif: 'UGC', backgrounds };
    const [ours, theirs] = [await runAll(model, options), await runAll(onnx, options)];
    ours.forEach((result, i) => {
      result.rows.forEach((row, j) => {
        const other = theirs[i]!.rows[j]!;
        expect([other.model, other.output, other.labels]).toEqual([row.model, row.output, row.labels]);
        expect(Math.abs(other.importance - row.importance)).toBeLessThan(TOLERANCE);
      });
    });
  });
});

describe('the example', () => {
  it('asks an ONNX file for importances and experiments', async () => {
    const { model, onnx, path } = await both(PAPER, 3);
    using _model = model;
    const backgrounds = makeBackgrounds({ kind: 'uniform', count: 50, length: 41, seed: 1 });
    const example = fileURLToPath(new URL('../examples/onnx-gia.mjs', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [example, path, '41', 'UGC']);
    const [, printed] = /^output 1: UGC at position 19 has the importance (\S+)$/m.exec(stdout)!;
    const asked = await importance(model, [parsePattern('UGC@19')], backgrounds);
    expect(Math.abs(Number(printed) - asked.models[0]!.mean[0]!)).toBeLessThan(1e-5);
    const { patterns, models } = await sweep(model, { k: 3, position: 19, backgrounds });
    const best = patterns[models[0]!.mean.indexOf(Math.max(...models[0]!.mean))]!;
    expect(stdout).toContain(`best 3-mers there: ${best} `);
    for (const { experiment } of await runAll(onnx, { motif: 'UGC', backgrounds }))
      expect(stdout).toMatch(new RegExp(`^${experiment}: .*\\.\\n {2}output 1: `, 'm'));
  });
});
