/**
 * Readers of models of other programs: weights of Keras, state dicts of PyTorch, ONNX files and maps of
 * names. Whatever is accepted is a network with all its weights, finite and of the right shapes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { exportModel, importModel } from '../../dist/files.node.js';
import { FormatError, nn } from '../../dist/index.js';
import { kerasNetwork } from '../../dist/nn/exchange/keras-config.js';
import { checkNameMap } from '../../dist/nn/exchange/name-map.js';
import { initialWeights } from '../../dist/nn/initialise.js';
import { weightNames } from '../../dist/nn/weights.js';
import { bytesLike, jsonLike } from './inputs.mjs';

function check({ architecture, weights }) {
  for (const name of weightNames(architecture)) {
    const { shape, data } = weights[name] ?? {};
    if (!data || data.length !== shape.reduce((size, n) => size * n, 1) || !data.every(Number.isFinite))
      throw new Error(`accepted, although ${name} is missing, of another shape or not finite`);
  }
}

/** A model, and its file in a format. */
async function valid(at, name, preset, sizes) {
  const architecture = nn.architecture(preset, { filters: 3, hidden: 4, ...sizes });
  const model = { architecture, weights: initialWeights(architecture, 1), facts: {} };
  await exportModel(at(name), model);
  return new Uint8Array(readFileSync(at(name)));
}

const keras = (kind, name, config, inputs) => ({
  class_name: kind,
  name,
  config: { name, ...config },
  inbound_nodes: [inputs.map((input) => [input, 0, 0, {}])],
});

/** What a whole Keras model says of its network. */
const MODEL = {
  class_name: 'Functional',
  config: {
    layers: [
      keras('InputLayer', 'input_1', { batch_input_shape: [null, 41, 4] }, []),
      keras('Conv1D', 'c', { filters: 3, kernel_size: [5], strides: [1], padding: 'same' }, ['input_1']),
      keras('BatchNormalization', 'b', { epsilon: 0.001 }, ['c']),
      keras('Activation', 'r', { activation: 'relu' }, ['b']),
      keras('Conv1D', 'd', { filters: 3, kernel_size: [3], padding: 'same', dilation_rate: [2] }, ['r']),
      keras('Add', 'add', {}, ['r', 'd']),
      keras('MaxPooling1D', 'p', { pool_size: [10], strides: [10], padding: 'valid' }, ['add']),
      keras('Dense', 'o', { units: 1, activation: 'sigmoid' }, ['p']),
    ],
  },
};

/** Writes the valid files and returns readers of damaged ones. */
export async function exchangeReaders(at) {
  const keras = [await valid(at, 'a.h5', 'paper'), await valid(at, 'b.h5', 'deepbind')];
  const pytorch = [await valid(at, 'a.safetensors', 'keras'), await valid(at, 'b.safetensors', 'paper')];
  const onnx = [await valid(at, 'a.onnx', 'paper', { channels: 9 }), await valid(at, 'b.onnx', 'deepbind')];
  const map = { conv0: 'a.0', 'conv1.w': 'x', bn0: 'b', 'bn0.var': 'v', out: 'o', flatten: 'channel-major' };
  return [
    {
      name: 'Keras weights',
      share: 2,
      inputs: bytesLike(keras),
      async read(bytes) {
        writeFileSync(at('x.h5'), bytes);
        return await importModel(at('x.h5'));
      },
      check,
    },
    {
      name: 'PyTorch weights',
      share: 2,
      inputs: bytesLike(pytorch),
      read: (bytes) => nn.importPytorch(bytes, 'x'),
      check,
    },
    {
      name: 'ONNX models',
      share: 2,
      inputs: bytesLike(onnx),
      read: (bytes) => nn.importOnnx(bytes, 'x'),
      check,
    },
    {
      name: 'networks of Keras',
      share: 1,
      inputs: jsonLike([MODEL]),
      read: (value) =>
        kerasNetwork(value, 'x', (reason) => {
          throw new FormatError(`x: ${reason}`);
        }),
      check({ architecture: { layers } }) {
        if (layers.at(-1).kind !== 'head') throw new Error('accepted, although it has no head');
      },
    },
    {
      name: 'maps of names',
      share: 1,
      inputs: fc.oneof(jsonLike([map]), jsonLike([{ ...map, epsilon: 1e-3 }])),
      read: (value) => checkNameMap(value, 'x'),
      check({ layers, tensors, epsilon = 1 }) {
        if (
          ![...layers.values(), ...tensors.values()].every((name) => typeof name === 'string') ||
          !(epsilon > 0)
        )
          throw new Error('accepted, although a name is no text or epsilon is not above 0');
      },
    },
  ];
}
