/**
 * Networks of any layers against plain float64 loops: predictions, the loss and every gradient; and what
 * lists are refused.
 */

import { describe, expect, it } from 'vitest';
import * as check from '../src/device/check.js';
import { ShapeError } from '../src/device/errors.js';
import {
  type Architecture,
  checkArchitecture,
  checkFits,
  forwardMultiplyAdds,
  lossKindOf,
  parameterSpecs,
} from '../src/nn/architecture.js';
import type { Layer } from '../src/nn/layers.js';
import { architecture, residualSizes } from '../src/nn/presets.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { movedWeights, randomExamples } from './support/examples.js';
import { useGpu } from './support/gpu.js';
import { expectClose } from './support/numbers.js';
import { forward, gradient, loss, toNumbers } from './support/reference-network.js';

const gpu = useGpu();

const conv = (filters: number, taps: number, dilation = 1): Layer => ({
  kind: 'convolution',
  filters,
  taps,
  dilation,
});
const norm: Layer = { kind: 'batch-norm' };
const relu: Layer = { kind: 'relu' };
const pool = (by: 'mean' | 'max', size: number, stride: number): Layer => ({
  kind: 'pool',
  by,
  size,
  stride,
});
const skip = (from: number): Layer => ({ kind: 'skip', from });
const dense = (units: number): Layer => ({ kind: 'dense', units });
const head = (outputs: number, loss: 'regression' | 'classification' = 'regression'): Layer => ({
  kind: 'head',
  outputs,
  loss,
});

const CASES: readonly [string, Partial<Architecture> & { readonly layers: readonly Layer[] }][] = [
  [
    'a max pool with a stride, biases, two outputs',
    { layers: [conv(4, 7), relu, pool('max', 4, 2), dense(5), relu, head(2)] },
  ],
  [
    'a skip of a product that a normalisation follows',
    { layers: [conv(4, 3), norm, skip(0), relu, pool('mean', 13, 13), head(1)] },
  ],
  [
    'exponential activations of normalised filters',
    { layers: [conv(4, 5), norm, { kind: 'exponential' }, pool('mean', 4, 4), dense(3), relu, head(1)] },
  ],
  [
    'wide taps and dilations, a skip before a normalisation, a mean pool with gaps',
    {
      layers: [
        conv(4, 5),
        norm,
        relu,
        conv(4, 5, 4),
        skip(2),
        norm,
        relu,
        pool('mean', 2, 3),
        dense(3),
        norm,
        relu,
        head(1),
      ],
    },
  ],
  [
    'a skip of a product alone, overlapping means, no hidden layer, classes of three tasks',
    { layers: [conv(3, 3), conv(3, 1), relu, skip(0), relu, pool('mean', 5, 1), head(3, 'classification')] },
  ],
  [
    'other widths, two skips of one layer, two dense layers, structure channels',
    {
      channels: 6,
      layers: [
        conv(4, 3),
        norm,
        relu,
        conv(4, 3, 2),
        norm,
        skip(2),
        relu,
        conv(4, 3),
        skip(2),
        norm,
        relu,
        conv(2, 1),
        pool('max', 13, 13),
        dense(4),
        relu,
        dense(3),
        norm,
        head(4),
      ],
    },
  ],
];

describe.each(CASES)('%s', (_, given) => {
  const made: Architecture = { length: 13, channels: 4, alphabet: 'rna', ...given };
  const weights = movedWeights(made);
  const examples = randomExamples(made, 6);
  const outputs = made.layers.at(-1) as Layer<'head'>;
  const tasks = outputs.outputs;
  // Of several tasks, one record lacks a score and another all but one.
  if (tasks > 1) for (const i of [0, tasks + 1]) examples.scores[i] = Number.NaN;

  it('predicts as in float64, output by output', async () => {
    using model = await ResidualBind.fromWeights(gpu(), weights, { architecture: made });
    const raw = forward(made, toNumbers(weights), examples, 'evaluation');
    const expected = lossKindOf(made) === 'regression' ? raw : raw.map((z) => 1 / (1 + Math.exp(-z)));
    const byOutput = Float64Array.from(expected, (_, i) => expected[(i % 6) * tasks + Math.floor(i / 6)]!);
    expect(model.outputs).toBe(tasks);
    expectClose(await model.predict(examples), byOutput, 1e-5);
    expectClose(await model.predict(examples, { batch: 4 }), byOutput, 1e-5);
  });

  it('has the loss and every gradient of float64, missing scores left out', async () => {
    using model = await ResidualBind.fromWeights(gpu(), weights, { architecture: made });
    const numbers = toNumbers(weights);
    const actual = await model.gradients(examples, examples.scores);
    const raw = forward(made, numbers, examples, {});
    expectClose(actual.outputs, raw, 1e-5, 'outputs');
    expectClose(actual.loss, [loss(made, raw, examples.scores)], 1e-5, 'loss');
    const expected = gradient(numbers, (w) => loss(made, forward(made, w, examples, {}), examples.scores));
    expect(Object.keys(actual.gradients)).toEqual(Object.keys(expected));
    for (const [name, slopes] of Object.entries(expected)) {
      const { data } = actual.gradients[name]!;
      // A bias that a normalisation takes away again has no gradient, but for rounding.
      if (slopes.every((slope) => Math.abs(slope) < 1e-8))
        expect(Math.max(...data.map(Math.abs))).toBeLessThan(1e-6);
      else expectClose(data, slopes, 1e-3, `gradient of ${name}`);
    }
  });
});

describe('the layer list', () => {
  it('gives the parameters, with a bias where no normalisation follows', () => {
    const layers = [conv(4, 5), relu, conv(4, 3), norm, pool('max', 13, 13), dense(3), head(2)];
    const names = parameterSpecs({ length: 13, channels: 4, alphabet: 'dna', layers }).map(
      ({ name }) => name,
    );
    expect(names).toEqual([
      'conv0.w',
      'conv0.b',
      'conv1.w',
      'bn0.affine',
      'dense.w',
      'dense.b',
      'out.w',
      'out.b',
    ]);
  });

  it('gives the multiply-adds of a prediction: taps that leave the sequence and the letters do not count', () => {
    const layers = [conv(2, 5), relu, conv(3, 3, 2), pool('mean', 2, 2), dense(4), head(5)];
    // Positions that each of the three taps meets: 5, 7, 5 of 7; three windows.
    expect(forwardMultiplyAdds({ length: 7, channels: 4, alphabet: 'rna', layers })).toBe(
      17 * 2 * 3 + 9 * 4 + 4 * 5,
    );
  });

  it('tells the ResidualBind family from other networks', () => {
    const sizes = { filters: 8, dilations: [1, 3], pool: 5, outputs: 2, head: 'classification' } as const;
    expect(residualSizes(architecture('keras', sizes))).toMatchObject(sizes);
    expect(residualSizes(architecture('deepbind'))).toBeUndefined();
    const { layers, ...input } = architecture('paper');
    const wider = layers.map((layer, i) => (i === 4 ? conv(96, 5, 1) : layer));
    expect(residualSizes({ ...input, layers: wider })).toBeUndefined();
  });

  it.each<[object, string]>([
    [
      { kind: 'convolution', filters: 4, taps: 3, dilation: 1, stride: 2 },
      'layers[1] has no field "stride"; it takes filters, taps, dilation',
    ],
    [{ kind: 'batch-norm', momentum: 0.9 }, 'layers[1] has no field "momentum"; it takes no fields'],
    [{ kind: 'dense', unit: 3 }, 'layers[1] has no field "unit"; it takes units'],
  ])('refuses fields that a layer does not have: %j', (layer, message) => {
    const layers = [conv(4, 3), layer, head(1)];
    expect(() =>
      checkArchitecture({ length: 13, channels: 4, alphabet: 'rna', layers }, check.argument('network')),
    ).toThrow(`network.${message}`);
  });

  it('refuses a skip of another shape, and a layer that cannot stand where it does', () => {
    const refuse = (layers: readonly Layer[]) => () =>
      checkArchitecture(
        { length: 13, channels: 4, alphabet: 'rna', layers },
        {
          ...check.argument('network'),
          error: (message) => new ShapeError(message),
        },
      );
    expect(refuse([conv(4, 3), conv(5, 3), skip(0), head(1)])).toThrow(
      'network.layers[2] (skip): layer 0 has 13 positions of 4 channels, not 13 of 5',
    );
    expect(refuse([conv(4, 3), dense(3), conv(4, 3), head(1)])).toThrow(
      'a convolution cannot follow a dense layer',
    );
    expect(refuse([conv(4, 3, 2), head(1)])).toThrow('the first layer must be a convolution of dilation 1');
    expect(refuse([conv(4, 3), head(1), head(1)])).toThrow('a head must be last');
  });

  it('refuses a network that is too large, by the layer that is largest', () => {
    const made = (...layers: Layer[]): Architecture => ({
      length: 2048,
      channels: 4,
      alphabet: 'rna',
      layers,
    });
    const MIB = 2 ** 20;
    const wide = made(conv(4, 3), dense(2 ** 20), head(1));
    const parameters = 2048 * 4 * 2 ** 20 + 2 ** 20;
    const others = 3 * 4 * 4 + 4 + 2 ** 20 + 1;
    expect(() => checkFits(wide, 1, 1024 * MIB)).toThrow(
      `layers[1] (dense): its ${parameters} parameters and the ${others} of all other layers take ${32_768 + 9} MiB of GPU memory, and a buffer has at most 1024 MiB`,
    );
    const many = made(conv(1024, 3), { kind: 'pool', by: 'max', size: 2048, stride: 1 }, head(1));
    checkFits(many, 1, 8 * MIB);
    expect(() => checkFits(many, 2, 8 * MIB)).toThrow(
      'layers[0] (convolution): its 2048 positions of 1024 channels take 16 MiB',
    );
  });
});
