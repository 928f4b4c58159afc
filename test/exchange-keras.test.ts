/** Weights of Keras: read as TensorFlow writes them, written as Keras reads them. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset, File, Group } from 'h5wasm/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FormatError, NotFiniteError } from '../src/index.js';
import { exportModel, importModel } from '../src/nn/exchange/convert.node.js';
import { initialWeights } from '../src/nn/initialise.js';
import type { Architecture } from '../src/nn/layers.js';
import { architecture, type Preset, type Sizes } from '../src/nn/presets.js';
import { type Layer, type Writing, withoutFacts, writeKeras, writeKeras3 } from './support/keras-files.js';
import { trainedLike } from './support/random-networks.js';
import { forward, toNumbers } from './support/reference-network.js';

let folder = '';
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-keras-'));
});
afterAll(() => rm(folder, { recursive: true }));

const SMALL = { filters: 3, hidden: 4 };

/** A model with weights as after training. */
function trained(preset: Preset, sizes: Partial<Sizes> = {}) {
  const network = architecture(preset, { ...SMALL, ...sizes });
  return { architecture: network, weights: trainedLike(initialWeights(network, 1), 1), facts: {} };
}

/** Numbers that differ from one another. */
const numbers = (n: number, seed: number, least = -1) =>
  Array.from({ length: n }, (_, i) => least + (((i + seed) * 7919) % 1009) / 600);

/**
 * What the released code saves: names as they are in the n-th model of a process, layers without weights
 * among them.
 */
function released({
  blocks = 4,
  channels = 4,
  windows = 4,
  outputs = 1,
  from = 5,
  sigmoid = false,
  rows,
}: {
  blocks?: number;
  channels?: number;
  windows?: number;
  outputs?: number;
  from?: number;
  sigmoid?: boolean;
  rows?: number;
} = {}) {
  const { filters, hidden } = SMALL;
  const layers: Layer[] = [];
  const counts = new Map<string, number>();
  const add = (kind: string, weights: Record<string, number[]> = {}) => {
    const n = counts.get(kind) ?? from;
    counts.set(kind, n + 1);
    const name = n === 0 ? kind : `${kind}_${n}`;
    const stored = Object.entries(weights).map(([part, shape], i) => ({
      name: `${name}/${part}:0`,
      shape,
      data: numbers(
        shape.reduce((product, size) => product * size, 1),
        layers.length + i,
        part === 'moving_variance' ? 0.2 : -1,
      ),
    }));
    layers.push({ name, weights: stored });
  };
  const norm = (size: number) =>
    add('batch_normalization', { gamma: [size], beta: [size], moving_mean: [size], moving_variance: [size] });
  add('input');
  add('conv1d', { kernel: [11, channels, filters] });
  norm(filters);
  add('activation');
  add('dropout');
  for (let i = 0; i < blocks; i++) {
    add('conv1d', { kernel: [3, filters, filters] });
    norm(filters);
    if (i === blocks - 1) break;
    add('activation');
    add('dropout');
  }
  for (const kind of ['add', 'activation', 'average_pooling1d', 'dropout', 'flatten']) add(kind);
  add('dense', { kernel: [rows ?? windows * filters, hidden] });
  norm(hidden);
  add('activation');
  add('dropout');
  add('dense', { kernel: [hidden, outputs], bias: [outputs] });
  if (sigmoid) add('activation');
  return layers;
}

const weightOf = (layers: readonly Layer[], ending: RegExp) =>
  layers.flatMap(({ weights }) => weights).find(({ name }) => ending.test(name))!.data;

/** Writes a file and reads it as a model. */
async function read(layers: readonly Layer[], options = {}, writing: Writing = {}) {
  await writeKeras(at('weights.hdf5'), layers, writing);
  return await importModel(at('weights.hdf5'), options);
}

/** Raw outputs in float64 for a few sequences, some with pads. */
function outputs(network: Architecture, weights: Parameters<typeof toNumbers>[0]): Float64Array {
  const { length, channels } = network;
  const codes = Uint8Array.from({ length: 5 * length }, (_, i) => (i % length < 2 ? 4 : (i * i * 13) % 4));
  const profile = Float32Array.from({ length: codes.length * (channels - 4) }, (_, i) => (i % 7) / 7);
  return forward(network, toNumbers(weights), channels === 4 ? { codes } : { codes, profile }, 'evaluation');
}

function expectSame(theirs: Float64Array, ours: Float64Array): void {
  expect(theirs.length).toBe(ours.length);
  expect(Math.max(...ours.map(Math.abs))).toBeGreaterThan(0.01);
  ours.forEach((value, i) => {
    expect(Math.abs(theirs[i]! - value)).toBeLessThan(1e-5);
  });
}

describe('weights that the released code saved', () => {
  it('are read in the order of layer_names, whatever the numbers in names', async () => {
    const layers = released();
    const { architecture: network, weights, facts, format } = await read(layers);
    expect(network).toEqual(architecture('keras', SMALL));
    expect(facts).toMatchObject({ preset: 'keras', convertedFrom: { program: 'keras' } });
    expect(format).toBe('keras');
    for (let i = 0; i < 5; i++)
      expect(weights[`conv${i}.w`]!.data).toEqual(
        Float32Array.from(weightOf(layers, new RegExp(`^conv1d_${5 + i}/`))),
      );
    expect(weights['bn5.var']!.data).toEqual(
      Float32Array.from(weightOf(layers, /^batch_normalization_10\/moving_variance/)),
    );
    expect(weights['dense.w']!.shape).toEqual([12, 4]);
    expect(weights['out.b']!.data).toEqual(Float32Array.from(weightOf(layers, /^dense_6\/bias/)));
  });

  it.each<[string, object, Writing, Partial<Sizes> & { preset: Preset }]>([
    ['three dilations are the preset paper', { blocks: 3 }, {}, { preset: 'paper' }],
    ['6 and 9 channels', { channels: 9 }, {}, { preset: 'keras', channels: 9 }],
    [
      'a sigmoid of its own is a classification',
      { sigmoid: true },
      {},
      { preset: 'keras', head: 'classification' },
    ],
    ['a whole model', {}, { group: 'model_weights' }, { preset: 'keras' }],
    ['newer files with top_level_model_weights', { from: 0 }, { top: true }, { preset: 'keras' }],
    ['a long list of layers, split', { outputs: 2 }, { split: true }, { preset: 'keras', outputs: 2 }],
  ])('%s', async (_, given, writing, { preset, ...sizes }) => {
    const { architecture: network } = await read(released(given), {}, writing);
    expect(network).toEqual(architecture(preset, { ...SMALL, ...sizes }));
  });

  it('say what was inferred, and take what is given', async () => {
    const { notes } = await read(released());
    expect(notes.join('\n')).toMatch(
      /preset keras: .*5 convolutions.*\ninput of 41 positions: .*12 rows.*\nhead regression: .*\n.*epsilon, 0\.001/,
    );
    const { architecture: network, notes: fewer } = await read(released(), {
      length: 45,
      head: 'classification',
      preset: 'keras',
    });
    expect(network).toEqual(architecture('keras', { ...SMALL, length: 45, head: 'classification' }));
    expect(fewer).toHaveLength(1);
  });

  it('with a bias, without scale or shift: the same function', async () => {
    const layers = released({ blocks: 3, from: 0 });
    const bare = await read(layers);
    const [, conv, norm] = layers as [Layer, Layer, Layer];
    const bias = [0.5, -0.25, 1];
    const given = conv.weights.concat({ name: 'conv1d/bias:0', shape: [3], data: bias });
    const mean = norm.weights.filter(({ name }) => /moving/.test(name));
    const changed = [layers[0]!, { ...conv, weights: given }, { ...norm, weights: mean }, ...layers.slice(3)];
    const { weights } = await read(changed);
    expect(weights['bn0.gamma']!.data).toEqual(new Float32Array(3).fill(1));
    expect(weights['bn0.beta']!.data).toEqual(new Float32Array(3));
    bare.weights['bn0.mean']!.data.forEach((value, i) => {
      expect(weights['bn0.mean']!.data[i]).toBeCloseTo(value - bias[i]!, 6);
    });
  });
});

it('weights of Keras 3 are read by the numbers of their layers', async () => {
  // With so many layers, a list of names has conv1d_10 before conv1d_2.
  const layers = released({ from: 0, blocks: 12 });
  await writeKeras3(at('model.weights.h5'), layers);
  const network = {
    ...architecture('paper', SMALL),
    layers: architecture('paper', { ...SMALL, dilations: new Array(12).fill(1) }).layers,
  };
  await writeFile(at('network.json'), JSON.stringify(network));
  const { weights } = await importModel(at('model.weights.h5'), { network: at('network.json') });
  for (let i = 1; i < 13; i++)
    expect(weights[`conv${i}.w`]!.data).toEqual(
      Float32Array.from(weightOf(layers, new RegExp(`^conv1d_${i}/`))),
    );
  expect(weights['bn13.var']!.data).toEqual(
    Float32Array.from(weightOf(layers, /^batch_normalization_13\/moving_variance/)),
  );
  expect(weights['out.b']!.data).toEqual(Float32Array.from(weightOf(layers, /^dense_1\/bias/)));
});

describe('files that are refused', () => {
  const cases: [string, () => readonly Layer[], object, Writing, RegExp][] = [
    [
      'windows of another length',
      () => released({ windows: 7 }),
      {},
      {},
      /dense_5\/kernel:0 are 7 windows of 10 positions, so the input has 70 to 79 positions; say how many with --length/,
    ],
    ['a length that does not fit', () => released(), { length: 60 }, {}, /40 to 49 positions, not 60/],
    ['rows that are no windows', () => released({ rows: 13 }), {}, {}, /has 13 rows/],
    [
      'another number of convolutions',
      () => released({ blocks: 6 }),
      {},
      {},
      /no preset has 7 convolutions and 2 dense layers/,
    ],
    [
      'another preset',
      () => released(),
      { preset: 'paper' },
      {},
      /the preset paper has 4 convolutions and 2 dense layers, but the file has 5/,
    ],
    ['odd channels', () => released({ channels: 5 }), {}, {}, /conv1d_5\/kernel:0 has 5 input channels/],
  ];
  it.each(cases)('%s', async (_, layers, options, writing, message) => {
    const reading = read(layers(), options, writing);
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toThrow(FormatError);
    await expect(reading).rejects.toThrow(/weights\.hdf5: /);
  });

  it('numbers that are not finite, and negative variances', async () => {
    const layers = released();
    weightOf(layers, /^conv1d_6/)[5] = Number.NaN;
    await expect(read(layers)).rejects.toThrow(NotFiniteError);
    await expect(read(layers)).rejects.toThrow(/weights\.hdf5: conv1d_6\/kernel:0 holds NaN at element 5/);
    const others = released();
    weightOf(others, /^batch_normalization_7\/moving_variance/)[2] = -1;
    await expect(read(others)).rejects.toThrow(
      /batch_normalization_7\/moving_variance:0 holds the negative variance -1 at element 2/,
    );
  });

  it('layers of other kinds, and groups and datasets that are missing', async () => {
    const other = {
      name: 'lstm',
      weights: [{ name: 'lstm/recurrent_kernel:0', shape: [2, 2], data: [1, 2, 3, 4] }],
    };
    await expect(read([...released(), other])).rejects.toThrow(
      /the layer lstm has the weight lstm\/recurrent_kernel:0/,
    );
    const missing = (change: (root: File) => void) => read(released(), {}, { finish: change });
    await expect(
      missing((root) => {
        root.delete_attribute('layer_names');
        root.create_attribute('layer_names', ['conv1d_5', 'conv1d_99'], [2], 'S');
      }),
    ).rejects.toThrow(/there is no \/conv1d_99, which is listed/);
    await expect(
      missing((root) => {
        const group = root.get('conv1d_5') as Group;
        group.delete_attribute('weight_names');
        group.create_attribute('weight_names', ['conv1d_5/other:0'], [1], 'S');
      }),
    ).rejects.toThrow(/there is no \/conv1d_5\/conv1d_5\/other:0, which is listed/);
    await expect(
      missing((root) => {
        root.delete_attribute('layer_names');
      }),
    ).rejects.toThrow(/expected what save_weights of Keras writes/);
    await expect(
      missing((root) => {
        const group = root.get('conv1d_5') as Group;
        group.delete_attribute('weight_names');
        group.create_attribute('weight_names', 3);
      }),
    ).rejects.toThrow(/the attribute weight_names of \/conv1d_5 is not a list/);
  });
});

/** An attribute as its file has it. */
const attribute = (holder: Group, name: string) => holder.attrs[name]!;

describe('weights for Keras', () => {
  it('have the layout that Keras writes', async () => {
    const model = trained('keras');
    await exportModel(at('out.h5'), model);
    const { File: Hdf5File } = await import('h5wasm/node');
    const file = new Hdf5File(at('out.h5'), 'r');
    // The layers of the released model in a new process, in their order.
    const expected = released({ from: 0 }).map(({ name, weights }) => ({
      name: name === 'input' ? 'input_1' : name,
      weights,
    }));
    expect(attribute(file, 'layer_names').value).toEqual(expected.map(({ name }) => name));
    expect(attribute(file, 'backend').value).toBe('tensorflow');
    expect(attribute(file, 'keras_version').value).toMatch(/^2\.\d+\.\d+$/);
    expect(file.keys().toSorted()).toEqual(expected.map(({ name }) => name).toSorted());
    for (const { name, weights } of expected) {
      const group = file.get(name) as Group;
      const listed = attribute(group, 'weight_names');
      if (weights.length === 0) expect([listed.shape, listed.dtype]).toEqual([[0], '<d']);
      else expect(listed.value).toEqual(weights.map((weight) => weight.name));
      for (const weight of weights) {
        const dataset = group.get(weight.name) as Dataset;
        expect([dataset.path, dataset.shape, dataset.dtype]).toEqual([
          `/${name}/${weight.name}`,
          weight.shape,
          '<f',
        ]);
      }
    }
    const values = (path: string) => (file.get(path) as Dataset).value;
    expect(values('conv1d_2/conv1d_2/kernel:0')).toEqual(model.weights['conv2.w']!.data);
    expect(values('batch_normalization_5/batch_normalization_5/moving_mean:0')).toEqual(
      model.weights['bn5.mean']!.data,
    );
    expect(values('dense/dense/kernel:0')).toEqual(model.weights['dense.w']!.data);
    file.close();
  });

  it('keep network and facts, however long, in attributes of their own', async () => {
    const facts = {
      preset: 'paper',
      structure: { contexts: 'pu', source: 'folded', energies: 'Turner 1999' },
      remark: 'é😀'.repeat(20_000),
    } as const;
    const model = { ...trained('paper', { channels: 6, length: 47, alphabet: 'dna' }), facts };
    await exportModel(at('facts.h5'), model);
    const found = await importModel(at('facts.h5'));
    expect(found.architecture).toEqual(model.architecture);
    expect(found.facts).toMatchObject(facts);
    expect(found.notes).toEqual([]);
    const same = await importModel(at('facts.h5'), { head: 'regression' });
    expect(same.facts).toMatchObject(facts);
    const other = await importModel(at('facts.h5'), { head: 'classification' });
    expect(other.facts).not.toHaveProperty('structure');
    expect(other.notes.join('\n')).toMatch(
      /another network than the options[\s\S]*structure: the file does not say/,
    );
  });

  it('attributes of their own that are damaged are refused', async () => {
    for (const [text, message] of [
      ['{', /weights\.hdf5: residualbind in its metadata/],
      ['{"architecture": {}, "facts": {}}', /weights\.hdf5: .*architecture/],
      [3, /weights\.hdf5: the attribute residualbind0 is not a text/],
    ] as const)
      await expect(
        read(released(), {}, { finish: (root) => root.create_attribute('residualbind0', text) }),
      ).rejects.toThrow(message);
  });

  it('a network without batch normalisation has no note on its epsilon', async () => {
    await exportModel(at('pwm.h5'), trained('pwm', { filters: 1, hidden: 0 }));
    await withoutFacts(at('pwm.h5'));
    const { notes } = await importModel(at('pwm.h5'));
    expect(notes.join('\n')).toMatch(/preset pwm/);
    expect(notes.join('\n')).not.toMatch(/epsilon/);
  });

  it.each<[Preset, Partial<Sizes>]>([
    ['paper', {}],
    ['keras', { channels: 6, outputs: 2 }],
    ['paper', { channels: 9, length: 47 }],
    ['deepbind', {}],
    ['pwm', { filters: 1, hidden: 0 }],
    ['keras', { head: 'classification' }],
  ])('%s %o: read back, the same predictions', async (preset, sizes) => {
    const model = trained(preset, sizes);
    await exportModel(at('again.h5'), model);
    await withoutFacts(at('again.h5'));
    const found = await importModel(at('again.h5'), { length: sizes.length });
    expect(found.architecture).toEqual(model.architecture);
    expectSame(outputs(found.architecture, found.weights), outputs(model.architecture, model.weights));
  });
});
