/** Weight files, models and checkpoints: round trips to the bit, and every way a file can be wrong. */

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FormatError, NotFiniteError, ShapeError } from '../src/device/errors.js';
import { loadCheckpoint, loadModel, saveCheckpoint, saveModel } from '../src/nn/model-files.node.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { decodeSafetensors, encodeSafetensors } from '../src/nn/safetensors.js';
import { useGpu } from './support/gpu.js';

const gpu = useGpu();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-'));
});
afterAll(() => rm(folder, { recursive: true }));

const two = {
  tensors: {
    a: { shape: [2, 2], data: Float32Array.of(1, -2, Math.PI, 0) },
    b: { shape: [1], data: Float32Array.of(1e-30) },
  },
  metadata: { note: 'ü' },
};

describe('safetensors', () => {
  it('reads back what it wrote, from a Uint8Array and from an unaligned Buffer', () => {
    const bytes = encodeSafetensors(two);
    expect(decodeSafetensors(bytes, 'x')).toEqual(two);
    expect(decodeSafetensors(Buffer.from(bytes), 'x')).toEqual(two);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect(decodeSafetensors(shifted.subarray(1), 'x')).toEqual(two);
  });

  /** A file with this header and no data. */
  function headed(header: unknown): Uint8Array {
    const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
    const bytes = new Uint8Array(8 + json.length);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
    bytes.set(json, 8);
    return bytes;
  }

  it.each([
    ['a file too short', new Uint8Array(7), 'shorter than 8 bytes'],
    ['a header longer than the file', encodeSafetensors(two).subarray(0, 40), 'does not fit'],
    ['data cut off', encodeSafetensors(two).subarray(0, -1), 'does not lie within the file'],
    ['a header that is no JSON', headed('{"a'), 'not JSON'],
    ['a header that is no object', headed([1]), 'not an object'],
    ['another dtype', headed({ a: { dtype: 'F16', shape: [0], data_offsets: [0, 0] } }), 'only F32'],
    ['a negative size', headed({ a: { dtype: 'F32', shape: [-1], data_offsets: [0, 0] } }), 'no valid shape'],
    ['no offsets', headed({ a: { dtype: 'F32', shape: [1] } }), 'no valid shape'],
    ['null for a tensor', headed({ a: null }), 'only F32'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes, 'weights.safetensors')).toThrow(FormatError);
    expect(() => decodeSafetensors(bytes, 'weights.safetensors')).toThrow(message);
    expect(() => decodeSafetensors(bytes, 'weights.safetensors')).toThrow(
      'weights.safetensors: not a safetensors file',
    );
  });
});

describe('models', () => {
  it('come back with the same bits, architecture and facts, from a directory or a file', async () => {
    using model = await ResidualBind.create(gpu(), {
      preset: 'keras',
      filters: 8,
      hidden: 6,
      head: 'classification',
      seed: 3,
    });
    const directory = join(folder, 'run');
    await saveModel(directory, model, { seed: 3, transform: { kind: 'log' } });
    for (const path of [directory, join(directory, 'model.safetensors')]) {
      const { model: loaded, extra } = await loadModel(gpu(), path);
      using read = loaded;
      expect(extra).toEqual({ seed: 3, transform: { kind: 'log' } });
      expect(read.architecture).toEqual(model.architecture);
      expect(await read.weights()).toEqual(await model.weights());
    }
    expect(await readdir(directory)).toEqual(['model.safetensors']);
  });

  it('are refused with the name of the file or tensor', async () => {
    await expect(loadModel(gpu(), join(folder, 'nothing'))).rejects.toThrow(FormatError);
    await expect(loadModel(gpu(), join(folder, 'nothing'))).rejects.toThrow(join(folder, 'nothing'));
    using model = await ResidualBind.create(gpu(), { filters: 4, hidden: 4 });
    const weights = await model.weights();
    const metadata = { architecture: JSON.stringify(model.architecture) };
    const write = async (tensors: typeof weights, facts: Record<string, string> = metadata) => {
      const path = join(folder, 'bad.safetensors');
      await writeFile(path, encodeSafetensors({ tensors, metadata: facts }));
      return loadModel(gpu(), path);
    };
    await expect(write(weights, {})).rejects.toThrow('"architecture" is missing');
    await expect(write({ ...weights, stray: weights['out.b']! })).rejects.toThrow('no tensor "stray"');
    const { 'bn2.var': _, ...incomplete } = weights;
    await expect(write(incomplete)).rejects.toThrow(new ShapeError('weights: "bn2.var" is missing'));
    await expect(write({ ...weights, 'out.b': weights['out.w']! })).rejects.toThrow('"out.b" must be [1]');
    await expect(
      write({ ...weights, 'out.b': { shape: [1], data: Float32Array.of(Number.NaN) } }),
    ).rejects.toThrow(NotFiniteError);
  });
});

describe('fromWeights', () => {
  it('reads preset and sizes off the arrays, plain or typed', async () => {
    using model = await ResidualBind.create(gpu(), { preset: 'keras', filters: 6, hidden: 10, channels: 6 });
    const plain = Object.fromEntries(
      Object.entries(await model.weights()).map(([name, { shape, data }]) => [
        name,
        { shape, data: [...data] },
      ]),
    );
    using copy = await ResidualBind.fromWeights(gpu(), plain);
    expect(copy.architecture).toEqual(model.architecture);
    expect(await copy.weights()).toEqual(await model.weights());
    await expect(ResidualBind.fromWeights(gpu(), {})).rejects.toThrow('"conv0.w"');
  });
});

describe('checkpoints', () => {
  const flat = (n: number) => Float32Array.from({ length: 4 }, (_, i) => n + i);
  const state = {
    epoch: 2,
    steps: 20,
    schedule: { learningRate: 1e-3, best: 0.5, bestEpoch: 1, sinceBest: 1, sinceDecay: 1, stop: false },
    history: [{ epoch: 1, loss: 1, validation: 0.5, learningRate: 1e-3, improved: true }],
    tensors: {
      parameters: flat(0),
      statistics: flat(1),
      bestParameters: flat(2),
      bestStatistics: flat(3),
      adamM: flat(4),
      adamV: flat(5),
    },
  };

  it('come back as they were', async () => {
    await saveCheckpoint(folder, state, { data: 'abc' });
    expect(await loadCheckpoint(folder)).toEqual({ state, extra: { data: 'abc' } });
  });

  it('are refused without a tensor or their state', async () => {
    const path = join(folder, 'checkpoint.safetensors');
    await writeFile(path, encodeSafetensors({ tensors: {}, metadata: { state: '{}', extra: '{}' } }));
    await expect(loadCheckpoint(folder)).rejects.toThrow(new FormatError(`${path}: "parameters" is missing`));
    await writeFile(path, encodeSafetensors({ tensors: {}, metadata: {} }));
    await expect(loadCheckpoint(folder)).rejects.toThrow('its "state" is missing');
  });
});
