/** State dicts of PyTorch and ONNX files: the same predictions there and back, and what is refused. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// @ts-expect-error: it has no types
import ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FormatError, nn } from '../src/index.js';
import { exportModel, formatByName, importModel } from '../src/nn/exchange/convert.node.js';
import { withEpsilon } from '../src/nn/exchange/weights-of.js';
import { encodeStored, readStored, type StoredTensor } from '../src/nn/files/safetensors.js';
import { initialWeights } from '../src/nn/initialise.js';
import type { Architecture } from '../src/nn/layers.js';
import { architecture } from '../src/nn/presets.js';
import type { Weights } from '../src/nn/weights.js';
import { trainedLike } from './support/random-networks.js';
import { denseInput, forwardDense, toNumbers } from './support/reference-network.js';

let folder = '';
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-exchange-'));
});
afterAll(() => rm(folder, { recursive: true }));

/**
 * Every kind of layer: a max pool with overlaps, exponential, a bias, three classes, a second dense layer.
 */
const OWN: Architecture = {
  length: 30,
  channels: 6,
  alphabet: 'dna',
  layers: [
    { kind: 'convolution', filters: 5, taps: 7, dilation: 1 },
    { kind: 'batch-norm' },
    { kind: 'exponential' },
    { kind: 'dropout', rate: 0.1 },
    { kind: 'convolution', filters: 5, taps: 3, dilation: 4 },
    { kind: 'skip', from: 2 },
    { kind: 'relu' },
    { kind: 'pool', by: 'max', size: 6, stride: 4 },
    { kind: 'dense', units: 8 },
    { kind: 'batch-norm' },
    { kind: 'relu' },
    { kind: 'dense', units: 5 },
    { kind: 'relu' },
    { kind: 'head', outputs: 3, loss: 'classification' },
  ],
};
const SMALL = { filters: 3, hidden: 4 };
const NETWORKS: Record<string, Architecture> = {
  paper: architecture('paper', SMALL),
  'keras, 9 channels': architecture('keras', { ...SMALL, channels: 9 }),
  deepbind: architecture('deepbind', { ...SMALL, length: 25 }),
  pwm: architecture('pwm', { length: 20 }),
  'a classification': architecture('paper', { ...SMALL, head: 'classification' }),
  'a network of its own': OWN,
};

const trained = (network: Architecture) => ({
  architecture: network,
  weights: trainedLike(initialWeights(network, 1), 1) as Weights,
  facts: { seed: 7 },
});

const COUNT = 4;
function inputOf(network: Architecture): Float64Array {
  const { length, channels } = network;
  const codes = Uint8Array.from({ length: COUNT * length }, (_, i) =>
    i % length < 2 ? 4 : (i * i * 13) % 4,
  );
  const profile = Float32Array.from({ length: codes.length * (channels - 4) }, (_, i) => (i % 7) / 7);
  return denseInput(network, channels === 4 ? { codes } : { codes, profile });
}

/** What `predict` gives, in float64. */
function predictions({ architecture: network, weights }: { architecture: Architecture; weights: Weights }) {
  const raw = forwardDense(network, toNumbers(weights), inputOf(network), 'evaluation');
  const last = network.layers.at(-1)!;
  const isClass = last.kind === 'head' && last.loss === 'classification';
  return isClass ? raw.map((x) => 1 / (1 + Math.exp(-x))) : raw;
}

function expectSame(theirs: ArrayLike<number>, ours: Float64Array): void {
  expect(theirs.length).toBe(ours.length);
  expect(Math.max(...ours.map(Math.abs))).toBeGreaterThan(0.01);
  ours.forEach((value, i) => {
    expect(Math.abs(theirs[i]! - value)).toBeLessThan(1e-5);
  });
}

describe.each(Object.entries(NETWORKS))('%s', (_, network) => {
  it.each(['safetensors', 'onnx'])(
    'as .%s and back: the same network, facts and predictions',
    async (ending) => {
      const model = trained(network);
      await exportModel(at(`model.${ending}`), model);
      const found = await importModel(at(`model.${ending}`));
      expect(found.architecture).toEqual(network);
      expect(found.facts).toMatchObject({ seed: 7 });
      expect(found.format).toBe(ending === 'onnx' ? 'onnx' : 'pytorch');
      expectSame(predictions(found), predictions(model));
    },
  );

  it('in onnxruntime: the same predictions', async () => {
    const model = trained(network);
    const session = await ort.InferenceSession.create(nn.encodeOnnx(model));
    const x = Float32Array.from(inputOf(network));
    const { y } = await session.run({
      x: new ort.Tensor('float32', x, [COUNT, network.length, network.channels]),
    });
    expectSame(y!.data as Float32Array, predictions(model));
  });
});

/** Tensors of a file under other names. */
function renamed(bytes: Uint8Array, change: (name: string) => string, { own = false } = {}): Uint8Array {
  const { tensors, metadata } = readStored(bytes, 'x');
  return encodeStored({
    tensors: tensors.map((tensor) => ({ ...tensor, name: change(tensor.name) })),
    metadata: own ? metadata : { format: 'pt' },
  });
}

describe('a state dict of PyTorch', () => {
  const model = trained(NETWORKS.paper!);
  const bytes = nn.encodePytorch(model);
  const stored = (name: string, from = bytes): StoredTensor =>
    readStored(from, 'x').tensors.find((tensor) => tensor.name === name)!;

  it('has the names, shapes and types of a module', () => {
    const { tensors, metadata } = readStored(bytes, 'x');
    expect(metadata.format).toBe('pt');
    expect(tensors.slice(0, 6).map(({ name, shape, dtype }) => [name, shape, dtype])).toEqual([
      ['conv0.weight', [3, 4, 11], 'F32'],
      ['bn0.weight', [3], 'F32'],
      ['bn0.bias', [3], 'F32'],
      ['bn0.running_mean', [3], 'F32'],
      ['bn0.running_var', [3], 'F32'],
      ['conv1.weight', [3, 3, 3], 'F32'],
    ]);
    expect(stored('bn4.num_batches_tracked')).toMatchObject({ shape: [], dtype: 'I64' });
    expect(stored('dense.weight').shape).toEqual([4, 12]);
    const floats = (name: string) => new Float32Array(stored(name).data.buffer);
    // Tap 2 of channel 1 to filter 0; window 3, channel 1 to unit 2.
    expect(floats('conv0.weight')[1 * 11 + 2]).toBe(model.weights['conv0.w']!.data[(2 * 4 + 1) * 3]);
    expect(floats('dense.weight')[2 * 12 + 1 * 4 + 3]).toBe(
      model.weights['dense.w']!.data[(3 * 3 + 1) * 4 + 2],
    );
    // PyTorch adds 1e-5 to the variance where we add 1e-3.
    expect(floats('bn0.running_var')[0]).toBeCloseTo(model.weights['bn0.var']!.data[0]! + 1e-3 - 1e-5, 6);
  });

  it('is read without our metadata, by names, and in a wrapper', () => {
    for (const prefix of ['', 'module.', '_orig_mod.module.']) {
      const { notes, ...found } = nn.importPytorch(
        renamed(bytes, (name) => prefix + name),
        'x',
      );
      expect(found.architecture).toEqual(model.architecture);
      expect(notes.join('\n')).toMatch(/^preset paper/);
      expect(notes.join('\n')).toMatch(/PyTorch's epsilon, 0\.00001;/);
      expectSame(predictions(found), predictions(model));
    }
  });

  it('is read as an nn.Sequential, by its numbers', () => {
    const order = ['conv0', 'bn0', 'conv1', 'bn1', 'conv2', 'bn2', 'conv3', 'bn3', 'dense', 'bn4', 'out'];
    const numbered = renamed(bytes, (name) => {
      const [layer, part] = name.split('.') as [string, string];
      return `${3 * order.indexOf(layer)}.${part}`;
    });
    expectSame(predictions(nn.importPytorch(numbered, 'x')), predictions(model));
  });

  it('is read by a map of layers and tensors, with its own order and epsilon', () => {
    const theirs: Record<string, string> = { conv0: 'stem.a', bn0: 'stem.b', dense: 'fc', out: 'readout' };
    const network = architecture('deepbind', SMALL);
    const given = trained(network);
    const changed = renamed(nn.encodePytorch(given), (name) => {
      const [layer, part] = name.split('.') as [string, string];
      return `${theirs[layer] ?? layer}.${part}`;
    });
    const map = { conv0: 'stem.a', 'dense.w': 'fc.weight', bn0: 'stem.b', out: 'readout' };
    const found = nn.importPytorch(changed, 'x', { map, length: 41 });
    expectSame(predictions(found), predictions(given));
    const other = nn.importPytorch(changed, 'x', { map: { ...map, epsilon: 0.5 } });
    const [ours, moved] = [given.weights['bn0.var']!.data, other.weights['bn0.var']!.data];
    ours.forEach((value, i) => {
      expect(moved[i]).toBeCloseTo(value - 1e-5 + 0.5, 5);
    });
  });

  it('takes rows position by position where a map says so', () => {
    const plain = nn.importPytorch(renamed(bytes, String), 'x', { map: { flatten: 'position-major' } });
    const { data } = model.weights['dense.w']!;
    expect(plain.weights['dense.w']!.data).not.toEqual(data);
    // Row 4 of theirs is window 0 of channel 1, or, position by position, channel 1 of window 1.
    expect(plain.weights['dense.w']!.data.slice(16, 20)).toEqual(data.slice((0 * 3 + 1) * 4, 8));
  });

  it('is read in half and double precision', () => {
    const { tensors } = readStored(renamed(bytes, String), 'x');
    const floats = ({ data }: StoredTensor) => new Float32Array(data.buffer);
    const double = tensors.map((tensor) =>
      tensor.dtype === 'F32'
        ? { ...tensor, dtype: 'F64', data: new Uint8Array(Float64Array.from(floats(tensor)).buffer) }
        : tensor,
    );
    const found = nn.importPytorch(encodeStored({ tensors: double, metadata: {} }), 'x');
    expectSame(predictions(found), predictions(model));
    const brain = tensors.map((tensor) =>
      tensor.dtype === 'F32'
        ? {
            ...tensor,
            dtype: 'BF16',
            data: new Uint8Array(
              Uint16Array.from(new Uint32Array(tensor.data.buffer), (bits) => bits >>> 16).buffer,
            ),
          }
        : tensor,
    );
    const rough = nn.importPytorch(encodeStored({ tensors: brain, metadata: {} }), 'x');
    const exact = model.weights['conv0.w']!.data;
    rough.weights['conv0.w']!.data.forEach((value, i) => {
      expect(Math.abs(value - exact[i]!)).toBeLessThanOrEqual(Math.abs(exact[i]!) / 128);
    });
  });

  const map = (given: Record<string, string | number>) => () =>
    nn.importPytorch(renamed(bytes, String), 'x', { map: given });
  const refused: [string, () => unknown, RegExp][] = [
    [
      'other names',
      () =>
        nn.importPytorch(
          renamed(bytes, (name) => `net.${name}`),
          'x',
        ),
      /^x: its names \("net\.conv0".*--map FILE with \{"conv0": "net\.conv0"/,
    ],
    ['a layer that is not there', map({ conv0: 'stem' }), /^map: conv0: there is no layer "stem" in x/],
    [
      'a tensor that is not there',
      map({ 'conv0.w': 'stem' }),
      /^map: conv0\.w: there is no tensor "stem" in x/,
    ],
    [
      'a layer of another kind',
      map({ conv0: 'dense' }),
      /^map: conv0 cannot be "dense" of x, which is a dense layer/,
    ],
    [
      'a name that is not ours',
      map({ convolution0: 'conv0' }),
      /^map: there is no layer or tensor "convolution0" here/,
    ],
    ['an order that there is not', map({ flatten: 'rows' }), /^map: flatten must be/],
    ['an epsilon of nothing', map({ epsilon: 0 }), /^map: epsilon must be/],
    [
      'a layer without its statistics',
      () => nn.importPytorch(encodeStored({ tensors: [stored('bn0.weight')], metadata: {} }), 'x'),
      /^x: the layer "bn0" is neither/,
    ],
    [
      'integers',
      () =>
        nn.importPytorch(
          encodeStored({
            tensors: [{ name: 'conv0.weight', dtype: 'I64', shape: [1], data: new Uint8Array(8) }],
            metadata: {},
          }),
          'x',
        ),
      /^x: "conv0\.weight" holds I64; weights are F32/,
    ],
    [
      'no convolution',
      map({ out: 'out' }),
      /^x: a network here has a convolution and a dense layer at least/,
    ],
  ];
  it.each(refused)('%s is refused', (_, read, message) => {
    expect(read).toThrow(FormatError);
    expect(read).toThrow(message);
  });
});

it('another epsilon is taken up exactly, also where the variance is smaller than the difference', () => {
  const scale = (gamma: number, variance: number, epsilon: number) => gamma / Math.sqrt(variance + epsilon);
  const given = { gamma: Float32Array.of(1, 2, -3, 1), var: Float32Array.of(1, 1e-4, 0, 5e-4) };
  for (const [from, to] of [
    [1e-5, 1e-3],
    [1e-3, 1e-5],
  ] as const) {
    const moved = withEpsilon(given, from, to);
    given.gamma.forEach((gamma, i) => {
      const [before, after] = [scale(gamma, given.var[i]!, from), scale(moved.gamma[i]!, moved.var[i]!, to)];
      expect(moved.var[i]).toBeGreaterThanOrEqual(0);
      expect(Math.abs(after / before - 1)).toBeLessThan(1e-6);
    });
  }
});

describe('files of other kinds', () => {
  it.each<[string, Uint8Array, RegExp]>([
    ['a ZIP archive', Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0, 0), /a ZIP archive, as torch\.save/],
    ['anything else', new TextEncoder().encode('>probe\nACGU\n'), /not a model: expected/],
    ['nothing', new Uint8Array(), /not a model: expected/],
    [
      'the beginning of an HDF5 file',
      Uint8Array.of(0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10, 0),
      /cannot be read as HDF5/,
    ],
  ])('%s', async (_, bytes, message) => {
    await writeFile(at('other'), bytes);
    await expect(importModel(at('other'))).rejects.toThrow(message);
    await expect(importModel(at('other'))).rejects.toThrow(FormatError);
  });

  it('names choose formats', () => {
    expect(['a.h5', 'a.HDF5', 'a.safetensors', 'a.onnx', 'run', 'run.1'].map(formatByName)).toEqual([
      'keras',
      'keras',
      'pytorch',
      'onnx',
      'residualbind',
      'residualbind',
    ]);
  });
});
