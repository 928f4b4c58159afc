/** The description of the network in a model file: every field is checked. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArgumentError } from '../src/device/errors.js';
import { loadModel } from '../src/nn/files/model-files.node.js';
import { encodeSafetensors } from '../src/nn/files/safetensors.js';
import { architecture, PRESETS } from '../src/nn/presets.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { useGpu } from './support/gpu.js';

const gpu = useGpu();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('facts of models', () => {
  /** Loads a model whose architecture is this, or JSON text that stands for itself. */
  async function withFacts(facts: object | string) {
    using model = await ResidualBind.create(gpu(), { filters: 4, hidden: 4 });
    const path = join(folder, 'changed.safetensors');
    const tensors = await model.weights();
    const text = typeof facts === 'string' ? facts : JSON.stringify(facts);
    await writeFile(path, encodeSafetensors({ tensors, metadata: { architecture: text } }));
    const { model: loaded } = await loadModel(gpu(), path);
    loaded.dispose();
  }

  async function expectRefused(loading: Promise<void>, message: string) {
    await expect(loading).rejects.toThrow(join(folder, 'changed.safetensors'));
    await expect(loading).rejects.toThrow(message);
  }

  /** As version 0.1 wrote them. */
  const OLD = { ...PRESETS.paper.sizes, filters: 4, hidden: 4, alphabet: undefined, outputs: undefined };
  const { layers, ...input } = architecture('paper', { filters: 4, hidden: 4 });
  /** The network with one layer changed. */
  const withLayer = (index: number, layer: unknown) => ({
    ...input,
    layers: layers.map((own, i) => (i === index ? layer : own)),
  });

  it.each<[Record<string, unknown> | string, string]>([
    [{ dilations: null }, 'architecture.dilations must be a list, not null'],
    [{ dilations: [] }, 'architecture.dilations must have 1 to 64 items, not 0'],
    [{ dilations: [1, 2, 0] }, 'architecture.dilations[2] must be a positive integer'],
    [{ dilations: [1, -1, 4] }, 'architecture.dilations[1] must be a positive integer'],
    [{ dilations: [0.5, 2, 4] }, 'architecture.dilations[0] must be a positive integer'],
    [
      { dilations: ['1', 2, 4] },
      'architecture.dilations[0] must be a positive integer of at most 1048576, not "1"',
    ],
    [{ dilations: '1,2,4' }, 'architecture.dilations must be a list, not "1,2,4"'],
    [{ dilations: [1, 2, 4, 8] }, '"conv4.w" is missing'],
    [
      { head: 'regresion' },
      'architecture.head must be one of "regression", "classification", not "regresion"',
    ],
    [{ head: undefined }, 'architecture.head is missing; it must be one of'],
    [{ head: 'Classification' }, 'architecture.head must be one of'],
    [{ length: 4e9, pool: 1e9 }, 'architecture.length must be'],
    [{ length: undefined }, 'architecture.length is missing; it must be'],
    [{ channels: 5 }, 'architecture.channels must be 4, 6 or 9, not 5'],
    [{ taps: '11' }, 'architecture.taps must be'],
    [{ pool: 42 }, 'no longer than the input'],
    [{ dropout: null }, 'architecture.dropout must be an object, not null'],
    [{ dropout: { first: 2, block: 0, pool: 0, hidden: 0 } }, 'architecture.dropout.first must be'],
    [{ dropout: { first: 0.1, block: 0, pool: 0.2 } }, 'architecture.dropout.hidden is missing; it must be'],
    ['[]', 'its "architecture" must be an object'],
    ['null', 'its "architecture" must be an object, not null'],
    ['{"length":41,"length":42}', 'its "architecture" has "length" twice'],
  ])('are checked where they are sizes: %j', (change, message) =>
    expectRefused(withFacts(typeof change === 'string' ? change : { ...OLD, ...change }), message),
  );

  it.each<[object, string]>([
    [{ ...input }, 'architecture.layers is missing; it must be a list'],
    [{ ...input, layers: [] }, 'architecture.layers must have 2 to 512 items, not 0'],
    [{ ...input, layers, alphabet: 'protein' }, 'architecture.alphabet must be one of "rna", "dna"'],
    [{ ...input, layers, length: 4000 }, 'architecture.length must be'],
    [withLayer(0, { kind: 'attention' }), 'architecture.layers[0].kind must be one of "convolution", '],
    [
      withLayer(0, { kind: 'convolution', filters: 4, taps: 4, dilation: 1 }),
      'architecture.layers[0].taps must be odd',
    ],
    [
      withLayer(0, { kind: 'convolution', filters: 4, taps: 11 }),
      'architecture.layers[0].dilation is missing; it must be',
    ],
    [withLayer(0, { kind: 'relu' }), 'architecture.layers[0] (relu): the first layer must be a convolution'],
    [withLayer(3, { kind: 'dropout', rate: 1 }), 'architecture.layers[3].rate must be'],
    [withLayer(14, { kind: 'skip', from: 15 }), 'architecture.layers[14] (skip): "from" must be'],
    [withLayer(14, { kind: 'skip', from: -1 }), 'architecture.layers[14].from must be'],
    [
      withLayer(16, { kind: 'pool', by: 'mean', size: 42, stride: 1 }),
      'its window of 42 is longer than the 41 positions',
    ],
    [
      withLayer(16, { kind: 'pool', by: 'median', size: 2, stride: 1 }),
      'architecture.layers[16].by must be one of',
    ],
    [withLayer(18, { kind: 'head', outputs: 1, loss: 'regression' }), 'a head must be last'],
    [
      withLayer(22, { kind: 'head', outputs: 0, loss: 'regression' }),
      'architecture.layers[22].outputs must be',
    ],
    [withLayer(22, { kind: 'relu' }), 'layers[22] (relu): the last layer must be a head'],
    [withLayer(22, { kind: 'head', outputs: 2, loss: 'regression' }), '"out.w" must be [4, 2], not [4, 1]'],
  ])('are checked layer by layer: %#', (facts, message) => expectRefused(withFacts(facts), message));

  it('pass when they are right, as layers and as sizes', async () => {
    await withFacts({ ...input, layers });
    await withFacts(OLD);
  });

  it('are checked with the weights: no variance is negative', async () => {
    using model = await ResidualBind.create(gpu(), { filters: 4, hidden: 4 });
    const weights = await model.weights();
    weights['bn1.var']!.data[2] = -0.5;
    const path = join(folder, 'negative.safetensors');
    const metadata = { architecture: JSON.stringify(model.architecture) };
    await writeFile(path, encodeSafetensors({ tensors: weights, metadata }));
    await expect(loadModel(gpu(), path)).rejects.toThrow(
      `${path}: weights: "bn1.var" holds the negative variance -0.5 at element 2`,
    );
    await expect(ResidualBind.fromWeights(gpu(), weights)).rejects.toThrow(ArgumentError);
  });
});
