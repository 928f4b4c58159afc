/** Weight files and models: round trips to the bit, and every way a file can be wrong. */

import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ArgumentError,
  DataError,
  FormatError,
  NotFiniteError,
  OutOfMemoryError,
  requestGpu,
  ShapeError,
} from '../src/index.js';
import {
  loadModel,
  readModel,
  readModels,
  saveModel,
  uploadModels,
} from '../src/nn/files/model-files.node.js';
import { decodeSafetensors, encodeSafetensors } from '../src/nn/files/safetensors.js';
import { ResidualBind } from '../src/nn/residualbind.js';
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

  const EMPTY = '{"dtype":"F32","shape":[0],"data_offsets":[0,0]}';

  /** Tensors at these places, and as many bytes of data. */
  function placed(ranges: Record<string, [number, number]>, size: number): Uint8Array {
    const entries = Object.entries(ranges).map(([name, range]) => [
      name,
      { dtype: 'F32', shape: [(range[1] - range[0]) / 4], data_offsets: range },
    ]);
    return Buffer.concat([headed(Object.fromEntries(entries)), new Uint8Array(size)]);
  }

  it('keeps a tensor whose name is that of a prototype, and names with quotes and colons', () => {
    const odd = {
      tensors: { ['__proto__']: two.tensors.b, '":{': two.tensors.b },
      metadata: { 'a:"': '{"' },
    };
    const { tensors, metadata } = decodeSafetensors(encodeSafetensors(odd), 'x');
    expect(Object.keys(tensors)).toEqual(['__proto__', '":{']);
    expect(metadata).toEqual({ 'a:"': '{"' });
  });

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
    ['a tensor twice', headed(`{"a":${EMPTY},"a":${EMPTY}}`), 'its header has "a" twice'],
    ['an escaped name twice', headed(`{"a":${EMPTY},"\\u0061":${EMPTY}}`), 'its header has "a" twice'],
    ['metadata twice', headed('{"__metadata__":{},"__metadata__":{}}'), '"__metadata__" twice'],
    ['metadata of null', headed({ __metadata__: null }), 'its __metadata__ is not an object'],
    ['metadata in a list', headed({ __metadata__: ['x'] }), 'its __metadata__ is not an object'],
    ['metadata that is no text', headed({ __metadata__: { note: 3 } }), '"note" in its __metadata__'],
    ['two tensors at one place', placed({ a: [0, 4], b: [0, 4] }, 4), 'tensor "b" lies on another'],
    ['tensors that overlap', placed({ a: [0, 8], b: [4, 12] }, 12), 'tensor "b" lies on another'],
    ['a hole', placed({ a: [0, 4], b: [8, 12] }, 12), 'tensor "b" follows a hole'],
    ['a hole at the start', placed({ a: [4, 8] }, 8), 'tensor "a" follows a hole'],
    ['data that belong to none', placed({ a: [0, 4] }, 12), '8 bytes after its last tensor'],
    ['offsets that run back', placed({ a: [4, 0] }, 4), 'no valid shape|does not lie within'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes, 'weights.safetensors')).toThrow(FormatError);
    expect(() => decodeSafetensors(bytes, 'weights.safetensors')).toThrow(new RegExp(message));
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
      const { model: loaded, facts } = await loadModel(gpu(), path);
      using read = loaded;
      expect(facts).toEqual({ seed: 3, transform: { kind: 'log' } });
      expect(read.architecture).toEqual(model.architecture);
      expect(await read.weights()).toEqual(await model.weights());
    }
    expect(await readdir(directory)).toEqual(['model.safetensors']);
  });

  it('that are too large for a GPU are refused by the name of the file and the layer', async () => {
    using model = await ResidualBind.create(gpu(), { filters: 8, hidden: 6 });
    const file = join(folder, 'large.safetensors');
    await saveModel(file, model);
    using small = await requestGpu({ memoryLimit: 4096 });
    await expect(loadModel(small, file)).rejects.toThrow(`${file}: layers[`);
  });

  it('whose batches are too large for a GPU are refused by the layer', async () => {
    using limited = await requestGpu({ memoryLimit: 2 ** 20 });
    using model = await ResidualBind.create(limited, { filters: 8, hidden: 6 });
    const all = { codes: new Uint8Array(4000 * model.length) };
    await expect(model.predict(all, { batch: 4000 })).rejects.toThrow(OutOfMemoryError);
    const fewer = model.predict(all, { batch: 700 });
    await expect(fewer).rejects.toThrow(/^layers\[\d+\] \(convolution\): \d+ bytes .* the limit of 1048576/);
  });

  it('are read to the host, where nobody has a GPU, with the sha256 of their files', async () => {
    using model = await ResidualBind.create(gpu(), { filters: 4, hidden: 4, seed: 5 });
    const directory = join(folder, 'host');
    await saveModel(directory, model, { seed: 5 });
    const path = join(directory, 'model.safetensors');
    const { liveBuffers } = gpu().pool.usage;
    for (const named of [directory, path])
      expect(await readModel(named)).toEqual({
        path,
        sha256: createHash('sha256')
          .update(await readFile(path))
          .digest('hex'),
        architecture: model.architecture,
        weights: await model.weights(),
        facts: { seed: 5 },
      });
    expect(gpu().pool.usage.liveBuffers).toBe(liveBuffers);
  });

  it('are read once where they are named twice, and uploaded side by side in their order', async () => {
    const paths: string[] = [];
    for (const seed of [1, 2]) {
      using model = await ResidualBind.create(gpu(), { filters: 4, hidden: 4, seed });
      paths.push(join(folder, `fold-${seed}`));
      await saveModel(paths.at(-1)!, model, { seed });
    }
    const [one, two] = paths as [string, string];
    const files = await readModels([two, one, join(two, 'model.safetensors')]);
    expect(files.map(({ facts }) => facts.seed)).toEqual([2, 1, 2]);
    expect(files[2]!.weights).toBe(files[0]!.weights);
    using all = await uploadModels(gpu(), files);
    expect(all.models).toBe(3);
    for (const [e, { weights }] of files.entries()) expect(await all.weights(e)).toEqual(weights);

    using wide = await ResidualBind.create(gpu(), { filters: 8, hidden: 4 });
    await saveModel(join(folder, 'wide'), wide);
    const mixed = readModels([one, join(folder, 'wide')]);
    await expect(mixed).rejects.toThrow(DataError);
    await expect(mixed).rejects.toThrow(`wide: its architecture differs from that of ${one}`);
    await expect(readModels([])).rejects.toThrow(ArgumentError);
  });

  it('are not written with facts that no reader would believe', async () => {
    using model = await ResidualBind.create(gpu(), { filters: 4, hidden: 4 });
    const writing = saveModel(join(folder, 'unbelieved'), model, { seed: -1 });
    await expect(writing).rejects.toThrow(ArgumentError);
    await expect(writing).rejects.toThrow('seed must be a whole number');
    expect(await readdir(folder)).not.toContain('unbelieved');
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
    await expect(write(weights, { ...metadata, sha257: 'ab' })).rejects.toThrow('an unknown key "sha257"');
    await expect(write({ ...weights, stray: weights['out.b']! })).rejects.toThrow('no tensor "stray"');
    const { 'bn2.var': _, ...incomplete } = weights;
    await expect(write(incomplete)).rejects.toThrow(ShapeError);
    await expect(write(incomplete)).rejects.toThrow('bad.safetensors: weights: "bn2.var" is missing');
    await expect(write({ ...weights, 'out.b': weights['out.w']! })).rejects.toThrow('"out.b" must be [1]');
    await expect(
      write({ ...weights, 'out.b': { shape: [1], data: Float32Array.of(Number.NaN) } }),
    ).rejects.toThrow(NotFiniteError);
  });
});

describe('sealed models', () => {
  it('are refused with another number, another fact or another sha256', async () => {
    using model = await ResidualBind.create(gpu(), { filters: 4, hidden: 4, seed: 1 });
    const path = join(folder, 'sealed.safetensors');
    await saveModel(path, model, { seed: 1 });
    const bytes = await readFile(path);
    const altered = async (change: (file: ReturnType<typeof decodeSafetensors>) => void) => {
      const file = structuredClone(decodeSafetensors(bytes, path)) as ReturnType<typeof decodeSafetensors>;
      change(file);
      await writeFile(path, encodeSafetensors(file));
      const { model: loaded } = await loadModel(gpu(), path);
      loaded.dispose();
    };
    await altered(() => {});
    for (const change of [
      ({ tensors }) => {
        tensors['conv1.w']!.data[5]! += 1e-3;
      },
      ({ metadata }) => Object.assign(metadata, { extra: '{"seed":2}' }),
      ({ metadata }) => Object.assign(metadata, { sha256: '0'.repeat(64) }),
    ] as ((file: ReturnType<typeof decodeSafetensors>) => void)[]) {
      const loading = altered(change);
      await expect(loading).rejects.toThrow(FormatError);
      await expect(loading).rejects.toThrow(`${path}: it is damaged`);
    }
  });

  it('of earlier versions, which have no sha256, are read', async () => {
    using model = await ResidualBind.create(gpu(), { filters: 4, hidden: 4, seed: 1 });
    const path = join(folder, 'earlier.safetensors');
    const metadata = { architecture: JSON.stringify(model.architecture), extra: '{}' };
    await writeFile(path, encodeSafetensors({ tensors: await model.weights(), metadata }));
    const { model: loaded } = await loadModel(gpu(), path);
    using read = loaded;
    expect(await read.weights()).toEqual(await model.weights());
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
