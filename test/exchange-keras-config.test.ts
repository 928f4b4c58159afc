/** Whole models of Keras: the network that they describe, in every version, and what is refused. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FormatError } from '../src/index.js';
import { importModel } from '../src/nn/exchange/convert.node.js';
import { kerasLayersOf } from '../src/nn/exchange/keras-layout.js';
import { initialWeights } from '../src/nn/initialise.js';
import type { Architecture } from '../src/nn/layers.js';
import { type Layer, writeKeras } from './support/keras-files.js';
import { trainedLike } from './support/random-networks.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A network with a max pool of its own stride, activations within layers, and a classification. */
const NETWORK: Architecture = {
  length: 30,
  channels: 6,
  alphabet: 'rna',
  layers: [
    { kind: 'convolution', filters: 3, taps: 5, dilation: 1 },
    { kind: 'exponential' },
    { kind: 'dropout', rate: 0.25 },
    { kind: 'convolution', filters: 3, taps: 3, dilation: 2 },
    { kind: 'batch-norm' },
    { kind: 'skip', from: 2 },
    { kind: 'relu' },
    { kind: 'pool', by: 'max', size: 6, stride: 4 },
    { kind: 'dense', units: 4 },
    { kind: 'relu' },
    { kind: 'head', outputs: 2, loss: 'classification' },
  ],
};
const weights = trainedLike(initialWeights(NETWORK, 1), 1);
/** As the weights are called in a file. */
const stored: Layer[] = kerasLayersOf(NETWORK, weights).map(({ name, weights: own }) => ({
  name,
  weights: own.map(({ name: weight, shape, data }) => ({ name: weight, shape: [...shape], data: [...data] })),
}));

type Described = [kind: string, name: string, config: object, inputs?: string[]];

const DESCRIBED: Described[] = [
  ['InputLayer', 'input_1', { batch_input_shape: [null, 30, 6] }, []],
  [
    'Conv1D',
    'conv1d',
    { filters: 3, kernel_size: [5], strides: [1], padding: 'same', activation: 'exponential' },
  ],
  ['Dropout', 'dropout', { rate: 0.25 }],
  [
    'Conv1D',
    'conv1d_1',
    { filters: 3, kernel_size: [3], padding: 'same', dilation_rate: [2], activation: 'linear' },
  ],
  ['BatchNormalization', 'batch_normalization', { axis: [2], epsilon: 0.001 }],
  ['Add', 'add', {}, ['dropout', 'batch_normalization']],
  ['Activation', 'activation', { activation: 'relu' }],
  ['MaxPooling1D', 'max_pooling1d', { pool_size: [6], strides: [4], padding: 'valid' }],
  ['Flatten', 'flatten', {}],
  ['Dense', 'dense', { units: 4, activation: 'relu' }],
  ['Dense', 'dense_1', { units: 2, activation: 'sigmoid' }],
];

/** `model_config` of TensorFlow 2, or of Keras 3. */
function config(described: readonly Described[], keras3 = false) {
  const layers = described.map(
    (
      [kind, name, own, inputs = [described[described.findIndex(([, n]) => n === name) - 1]?.[1] ?? '']],
      i,
    ) => {
      const inbound = keras3
        ? inputs.map((input) => ({
            args: [{ class_name: '__keras_tensor__', config: { keras_history: [input, 0, 0] } }],
          }))
        : inputs.length === 0
          ? []
          : [inputs.map((input) => [input, 0, 0, {}])];
      return { class_name: kind, name, config: { name, ...own }, inbound_nodes: i === 0 ? [] : inbound };
    },
  );
  return { class_name: 'Functional', config: { name: 'model', layers } };
}

async function read(model: object, options = {}) {
  const path = join(folder, 'model.h5');
  await writeKeras(path, stored, { group: 'model_weights', config: model });
  return await importModel(path, options);
}

describe('a whole model', () => {
  it.each([false, true])('says its network (Keras 3: %s)', async (keras3) => {
    const { architecture: network, weights: found, notes, facts } = await read(config(DESCRIBED, keras3));
    expect(network).toEqual(NETWORK);
    expect(found).toEqual(weights);
    expect(notes).toEqual([expect.stringMatching(/^structure: the file does not say whether/)]);
    expect(facts).not.toHaveProperty('structure');
  });

  it('may be a Sequential, with its input in the first layer', async () => {
    const chain = DESCRIBED.filter(([kind]) => kind !== 'InputLayer' && kind !== 'Add').map(
      ([kind, name, own], i) => ({
        class_name: kind,
        config: { name, ...own, ...(i === 0 && { batch_input_shape: [null, 30, 6] }) },
      }),
    );
    const { architecture: network } = await read({ class_name: 'Sequential', config: { layers: chain } });
    expect(network.layers).toEqual(NETWORK.layers.filter(({ kind }) => kind !== 'skip'));
  });

  it('has its own epsilon', async () => {
    const other = DESCRIBED.map(
      (each): Described => (each[0] === 'BatchNormalization' ? [each[0], each[1], { epsilon: 0.5 }] : each),
    );
    const { weights: found } = await read(config(other));
    weights['bn0.var']!.data.forEach((value, i) => {
      expect(found['bn0.var']!.data[i]).toBeCloseTo(value + 0.5 - 0.001, 5);
    });
  });

  /** The same with another layer in place of one. */
  const changed = (name: string, kind: string, own: object) =>
    config(DESCRIBED.map((each): Described => (each[1] === name ? [kind, name, own] : each)));
  it.each<[object, RegExp]>([
    [
      changed('max_pooling1d', 'MaxPooling1D', { pool_size: [6], padding: 'same' }),
      /"max_pooling1d" \(MaxPooling1D\) pads/,
    ],
    [
      changed('conv1d_1', 'Conv1D', { filters: 3, kernel_size: [3], padding: 'valid' }),
      /"conv1d_1" \(Conv1D\) does not keep the length/,
    ],
    [
      changed('activation', 'Activation', { activation: 'tanh' }),
      /"activation" \(Activation\) has the activation "tanh"/,
    ],
    [
      changed('dropout', 'LSTM', {}),
      /"dropout" \(LSTM\) is of a kind that no layer here computes; .*--network/,
    ],
    [
      changed('input_1', 'InputLayer', { batch_input_shape: [null, null, 4] }),
      /does not take sequences of a fixed length/,
    ],
    [{ class_name: 'Functional', config: {} }, /its model_config has no layers/],
    [{ class_name: 'Functional', config: { layers: [] } }, /its last layer is not a dense layer/],
  ])('is refused, by the name of the layer', async (model, message) => {
    await expect(read(model)).rejects.toThrow(message);
    await expect(read(model)).rejects.toThrow(FormatError);
  });
});
