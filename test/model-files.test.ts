/** Weight files, models and checkpoints: round trips to the bit, and every way a file can be wrong. */

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
  loadCheckpoint,
  loadModel,
  readModel,
  readModels,
  saveCheckpoint,
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

type Tensors = Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

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

describe('checkpoints', () => {
  const flat = (n: number) => Float32Array.from({ length: 4 }, (_, i) => n + i);
  const state = {
    epoch: 2,
    steps: 20,
    schedule: { learningRate: 1e-3, best: 0.5, bestEpoch: 1, sinceBest: 1, sinceDecay: 1, stop: false },
    history: [
      { epoch: 1, loss: 1, validation: 0.5, learningRate: 1e-3, improved: true },
      { epoch: 2, loss: 0.5, validation: Number.NaN, learningRate: 1e-3, improved: false },
    ],
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

  const path = () => join(folder, 'checkpoint.safetensors');

  /** The checkpoint with its parts changed, and no checksum mended. */
  async function changed(change: (file: { tensors: Tensors; metadata: Record<string, string> }) => void) {
    await saveCheckpoint(folder, state, { data: 'abc' });
    const { tensors, metadata } = decodeSafetensors(await readFile(path()), 'x');
    const file = { tensors: { ...tensors }, metadata: { ...metadata } };
    change(file);
    await writeFile(path(), encodeSafetensors(file));
    return loadCheckpoint(folder);
  }

  const inState = (change: (state: Record<string, unknown>) => void) =>
    changed(({ metadata }) => {
      const fields = JSON.parse(metadata.state!);
      change(fields);
      metadata.state = JSON.stringify(fields);
    });

  const { history, schedule } = state;
  it.each<[string, Record<string, unknown>, string]>([
    ['no history', { history: undefined }, 'state.history must be a list, not undefined'],
    ['a history that is an object', { history: {} }, 'state.history must be a list, not an Object'],
    ['a short history', { history: history.slice(0, 1) }, '2 epochs have a history of 1'],
    ['an empty report', { history: [history[0], {}] }, 'state.history[1].epoch must be'],
    ['epochs out of order', { history: [history[0], history[0]] }, 'history[1] is of epoch 1'],
    ['an epoch below 1', { epoch: 0 }, 'state.epoch must be a positive integer, not 0'],
    ['steps that are text', { steps: '20' }, 'state.steps must be a positive integer, not "20"'],
    ['steps of no whole epochs', { steps: 21 }, '21 steps'],
    ['no schedule', { schedule: null }, 'state.schedule must be an object, not null'],
    [
      'a negative rate',
      { schedule: { ...schedule, learningRate: -1 } },
      'learningRate must be a finite number, above 0',
    ],
    ['a rate of null', { schedule: { ...schedule, learningRate: null } }, 'learningRate must be'],
    ['a best that is text', { schedule: { ...schedule, best: 'x' } }, 'state.schedule.best must be'],
    ['a best that was none', { schedule: { ...schedule, best: 0.25 } }, 'schedule.best is 0.25'],
    ['another best epoch', { schedule: { ...schedule, bestEpoch: 2 } }, 'schedule.bestEpoch is 2'],
    ['another wait', { schedule: { ...schedule, sinceBest: 0 } }, 'schedule.sinceBest is 0'],
    [
      'a stop that is no answer',
      { schedule: { ...schedule, stop: 0 } },
      'state.schedule.stop must be true or false',
    ],
    [
      'a loss of null',
      { history: [{ ...history[0], loss: null }, history[1]] },
      'state.history[0].loss must be',
    ],
    ['a field changed alone', { schedule: { ...schedule, learningRate: 2e-3 } }, 'it is damaged'],
  ])('are refused with %s', async (_, change, message) => {
    const loading = inState((fields) => Object.assign(fields, change));
    await expect(loading).rejects.toThrow(FormatError);
    await expect(loading).rejects.toThrow(`${path()}: `);
    await expect(loading).rejects.toThrow(message);
  });

  it.each(Object.keys(state.tensors))('are refused with a number changed in %s', async (name) => {
    const put = (value: number) =>
      changed(({ tensors }) => {
        tensors[name]!.data[3] = value;
      });
    await expect(put(Number.NaN)).rejects.toThrow(`${path()}: state.tensors.${name} holds NaN at element 3`);
    await expect(put(Number.NEGATIVE_INFINITY)).rejects.toThrow('holds -Infinity');
    await expect(put(0.25)).rejects.toThrow(`${path()}: it is damaged`);
  });

  it('are refused with a tensor cut, other facts, or no checksum', async () => {
    const cut = { shape: [3], data: flat(0).slice(0, 3) };
    await expect(changed(({ tensors }) => Object.assign(tensors, { adamV: cut }))).rejects.toThrow(
      'adamV has 3 numbers, parameters 4',
    );
    await expect(
      changed(({ metadata }) => Object.assign(metadata, { extra: '{"data":"x"}' })),
    ).rejects.toThrow('it is damaged');
    await expect(
      changed(({ metadata }) => {
        delete metadata.sha256;
      }),
    ).rejects.toThrow('an earlier version wrote it');
  });

  it('are refused without a tensor or their state', async () => {
    await writeFile(path(), encodeSafetensors({ tensors: {}, metadata: { state: '{}', extra: '{}' } }));
    await expect(loadCheckpoint(folder)).rejects.toThrow(
      new FormatError(`${path()}: "parameters" is missing`),
    );
    await writeFile(path(), encodeSafetensors({ tensors: {}, metadata: {} }));
    await expect(loadCheckpoint(folder)).rejects.toThrow('its "state" is missing');
  });
});
