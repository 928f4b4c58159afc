/**
 * Arguments of the wrong type or out of range throw typed errors that name them; nothing is computed from
 * them.
 */

import { describe, expect, it } from 'vitest';
import * as data from '../src/data/index.js';
import { ResidualBindError } from '../src/device/errors.js';
import * as gia from '../src/gia/index.js';
import * as nn from '../src/nn/index.js';
import { Tensor } from '../src/tensor/tensor.js';
import { range, simulated } from './support/examples.js';
import { useGpu } from './support/gpu.js';

const gpu = useGpu();
const SIZE = { filters: 4, hidden: 4 } as const;
const probes = simulated(20);
const [train, valid] = [range(probes, 0, 12), range(probes, 12, 20)];
const { codes } = valid;
const drawn = { kind: 'uniform', count: 4, length: 41, seed: 1 } as const;
const patterns = [gia.parsePattern('UGCAUG@17')];

/** Calls a function as plain JavaScript would. */
const call = (f: unknown, ...given: unknown[]) => (f as (...all: unknown[]) => unknown)(...given);

/** What is called, and the argument that the error names. */
const CASES: Readonly<
  Record<string, readonly [argument: string, call: (model: nn.ResidualBind) => unknown]>
> = {
  'create without a gpu': ['gpu', () => call(nn.ResidualBind.create, undefined)],
  'create with another gpu': ['gpu', () => call(nn.ResidualBind.create, {})],
  'create with null': ['options', () => call(nn.ResidualBind.create, gpu(), null)],
  'a negative seed': ['seed', () => nn.ResidualBind.create(gpu(), { ...SIZE, seed: -1 })],
  'a seed with a fraction': ['seed', () => nn.ResidualBind.create(gpu(), { ...SIZE, seed: 0.5 })],
  'a seed beyond u32': ['seed', () => nn.ResidualBind.create(gpu(), { ...SIZE, seed: 2 ** 32 })],
  'seeds that run beyond u32': [
    'seed',
    () => nn.ResidualBind.create(gpu(), { ...SIZE, models: 2, seed: 2 ** 32 - 1 }),
  ],
  'no models': ['models', () => nn.ResidualBind.create(gpu(), { ...SIZE, models: 0 })],
  'models in text': ['models', () => nn.ResidualBind.create(gpu(), { ...SIZE, models: '2' as never })],
  'an unknown preset': ['preset', () => nn.ResidualBind.create(gpu(), { preset: 'papers' as never })],
  'an unknown head': ['head', () => nn.ResidualBind.create(gpu(), { head: 'regresion' as never })],
  'a dropout of 2': [
    'dropout.first',
    () => nn.architecture('paper', { dropout: { first: 2, block: 0, pool: 0, hidden: 0 } }),
  ],
  'a part of dropout': ['dropout.block', () => nn.architecture('paper', { dropout: { first: 0 } as never })],
  'no dilations': ['dilations', () => nn.architecture('paper', { dilations: [] })],
  'a dilation of 0': ['dilations[0]', () => nn.architecture('paper', { dilations: [0] })],
  'filters without end': ['filters', () => nn.architecture('paper', { filters: 2 ** 40 })],
  'weights that are none': ['weights', () => call(nn.ResidualBind.fromWeights, gpu(), 'weights')],
  'weights without shapes': [
    'shape',
    () =>
      nn.ResidualBind.fromWeights(gpu(), { 'conv0.w': {} } as never, {
        architecture: nn.architecture('paper'),
      }),
  ],
  'a head of fromWeights': [
    'head',
    async (model) => nn.ResidualBind.fromWeights(gpu(), await model.weights(), { head: 'class' as never }),
  ],
  'a model that is not there': ['e', (model) => model.weights(1)],
  'predict without sequences': ['sequences', (model) => call(model.predict.bind(model), undefined)],
  'predict without codes': ['codes', (model) => call(model.predict.bind(model), {})],
  'codes in a plain array': ['codes', (model) => model.predict({ codes: Array.from(codes) as never })],
  'codes in floats': ['codes', (model) => model.predict({ codes: Float32Array.from(codes) as never })],
  'codes of 16 bits': ['codes', (model) => model.predict({ codes: Uint16Array.from(codes) as never })],
  'a profile in a plain array': ['profile', (model) => model.predict({ codes, profile: [0] as never })],
  'an unknown precision': ['precision', (model) => model.predict(valid, { precision: 'f64' as never })],
  'a batch of 0': ['batch', (model) => model.predict(valid, { batch: 0 })],
  'a batch with a fraction': ['batch', (model) => model.predict(valid, { batch: 1.5 })],
  'a signal that is none': ['signal', (model) => model.predict(valid, { signal: 'now' as never })],
  'gradients without scores': ['scores', (model) => call(model.gradients.bind(model), valid)],
  'fit without a model': ['model', () => call(nn.fit, undefined, train, valid)],
  'fit without examples': ['train', (model) => call(nn.fit, model, undefined, valid)],
  'scores in doubles': [
    'scores',
    (model) => nn.fit(model, { ...train, scores: Float64Array.from(train.scores) as never }, valid),
  ],
  'no epochs': ['epochs', (model) => nn.fit(model, train, valid, { epochs: 0 })],
  'epochs of NaN': ['epochs', (model) => nn.fit(model, train, valid, { epochs: Number.NaN })],
  'a training batch of 0': ['batch', (model) => nn.fit(model, train, valid, { batch: 0 })],
  'a training seed': ['seed', (model) => nn.fit(model, train, valid, { seed: -1 })],
  'a rate of NaN': ['learningRate', (model) => nn.fit(model, train, valid, { learningRate: Number.NaN })],
  'a rate of 0': ['learningRate', (model) => nn.fit(model, train, valid, { learningRate: 0 })],
  'a decay above 1': ['decay', (model) => nn.fit(model, train, valid, { decay: 1.5 })],
  'a patience of 0': ['stopPatience', (model) => nn.fit(model, train, valid, { stopPatience: 0 })],
  'a state that is none': ['resume', (model) => nn.fit(model, train, valid, { resume: {} as never })],
  'a schedule of text': ['learningRate', () => nn.initialSchedule({ learningRate: '1' as never })],
  'pearson of nothing': ['x', () => call(nn.pearson)],
  'ranks of nothing': ['values', () => call(nn.ranks)],
  'agreement of nothing': ['predictions', () => call(nn.agreement)],
  'predictionCost without codes': ['codes', (model) => call(nn.predictionCost, model)],
  'predictionCost of an unknown precision': [
    'precision',
    (model) => call(nn.predictionCost, model, codes, 'f8'),
  ],
  'a tensor of a plain array': ['data', () => Tensor.from(gpu(), [1, 2] as never, [2])],
  'a tensor without a shape': ['shape', () => call(Tensor.from, gpu(), Float32Array.of(1))],

  'backgrounds of nothing': ['options', () => call(gia.makeBackgrounds)],
  'an unknown kind': ['kind', () => gia.makeBackgrounds({ ...drawn, kind: 'random' as never })],
  'no backgrounds': ['count', () => gia.makeBackgrounds({ ...drawn, count: 0 })],
  'a background seed': ['seed', () => gia.makeBackgrounds({ ...drawn, seed: 1.5 })],
  'background sequences in floats': [
    'sequences',
    () => gia.makeBackgrounds({ ...drawn, kind: 'shuffle', sequences: Float32Array.from(codes) as never }),
  ],
  'a pattern that is no text': ['text', () => call(gia.parsePattern)],
  'patterns that are texts': [
    'patterns',
    (model) => call(gia.importance, model, ['UGCAUG@17'], gia.makeBackgrounds(drawn)),
  ],
  'importance without backgrounds': ['backgrounds', (model) => call(gia.importance, model, patterns)],
  'importance without a model': [
    'model',
    () => call(gia.importance, undefined, patterns, gia.makeBackgrounds(drawn)),
  ],
  'background codes in floats': [
    'codes',
    (model) =>
      gia.importance(model, patterns, {
        ...gia.makeBackgrounds(drawn),
        codes: new Float32Array(164) as never,
      }),
  ],
  'an unknown method': [
    'method',
    (model) => gia.importance(model, patterns, gia.makeBackgrounds(drawn), { method: 'fast' as never }),
  ],
  'a chunk of 0': [
    'chunk',
    (model) => gia.importance(model, patterns, gia.makeBackgrounds(drawn), { chunk: 0 }),
  ],
  'memory of NaN': [
    'memory',
    (model) => gia.importance(model, patterns, gia.makeBackgrounds(drawn), { memory: Number.NaN }),
  ],
  'sweep without options': ['options', (model) => call(gia.sweep, model)],
  'a k of 0': ['k', (model) => gia.sweep(model, { k: 0, backgrounds: gia.makeBackgrounds(drawn) })],
  'a k of 9': ['k', (model) => gia.sweep(model, { k: 9, backgrounds: gia.makeBackgrounds(drawn) })],
  'a top of 0': ['top', (model) => gia.topPatterns(model, patterns, gia.makeBackgrounds(drawn), { top: 0 })],
  'a confidence of 1': [
    'confidence',
    (model) => gia.topPatterns(model, patterns, gia.makeBackgrounds(drawn), { top: 1, confidence: 1 }),
  ],
  'mutagenesis without codes': ['sequences', (model) => call(gia.mutagenesis, model)],
  'saliency of a plain array': [
    'codes',
    (model) => gia.saliency(model, { codes: Array.from(codes) as never }),
  ],
  'integrated gradients without steps': [
    'steps',
    (model) => gia.integratedGradients(model, { codes }, { steps: 0 }),
  ],
  'a bootstrap of a plain array': ['local', () => call(gia.bootstrapIntervals, [1, 2], 2)],
  'a bootstrap of confidence 2': [
    'confidence',
    () => gia.bootstrapIntervals(new Float32Array(4), 2, { confidence: 2 }),
  ],

  'sequences in one text': ['sequences', () => call(data.encodeSequences, 'ACGU')],
  'a length with a fraction': ['length', () => data.encodeSequences(['ACGU'], 4.5)],
  'probes that are no text': ['text', () => call(data.parseProbes)],
  'sequences that are no text': ['text', () => call(data.parseSequences, 3)],
  'profiles that are no text': ['text', () => call(data.parseProfiles, 3)],
  'no profiles': ['profiles', () => call(data.matchProfiles, undefined, { sequences: [] })],
  'a profile that is not there': [
    'at',
    () => data.placedProfiles(data.parseProfiles('A\tU\t1\n'), [1], { length: 1, contexts: 'pu' }),
  ],
  'an unknown transform': ['kind', () => data.fitTransform([1, 2, 3], { kind: 'LOG' as never })],
  'scores of nothing': ['scores', () => call(data.fitTransform)],
  'a simulation of nothing': ['options', () => call(data.simulateProbes)],
  'a simulation of 0 probes': ['count', () => data.simulateProbes({ count: 0 })],
  'a simulation seed': ['seed', () => data.simulateProbes({ count: 5, seed: -2 })],
  'a split of nothing': ['probes', () => call(data.splitProbes)],
  'a subset of nothing': ['probes', () => call(data.subset)],
  'a motif that is no text': ['consensus', () => call(data.pwmFromConsensus)],
};

describe('arguments', () => {
  it.each(Object.keys(CASES))('%s', async (name) => {
    const [argument, work] = CASES[name]!;
    using model = await nn.ResidualBind.create(gpu(), SIZE);
    const error = await Promise.resolve()
      .then(() => work(model))
      .then(
        () => undefined,
        (reason: unknown) => reason,
      );
    expect(error).toBeInstanceOf(ResidualBindError);
    const { message, code } = error as ResidualBindError;
    expect(code).toMatch(/^ERR_/);
    expect(message).toContain(argument);
  });
});
