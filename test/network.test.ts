/**
 * ResidualBind against its float64 twin: both presets, all inputs, both heads, forward and every gradient.
 */

import { describe, expect, it } from 'vitest';
import { InvalidSequenceError, NotFiniteError, ShapeError } from '../src/device/errors.js';
import { type Head, parameterCounts } from '../src/nn/architecture.js';
import { foldProfiles } from '../src/nn/folding/fold-profiles.js';
import { initialWeights } from '../src/nn/initialise.js';
import { architecture, type Preset } from '../src/nn/presets.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { architectureOf } from '../src/nn/weights.js';
import { movedWeights, randomExamples } from './support/examples.js';
import { useGpu } from './support/gpu.js';
import { expectClose } from './support/numbers.js';
import { forward, gradient, loss, toNumbers } from './support/reference-network.js';

const gpu = useGpu();

/** Small enough for differences of every parameter; the last position lies outside the pool. */
const SIZE = { length: 13, filters: 4, taps: 5, pool: 4, hidden: 3 } as const;
const variants: { preset: Preset; channels: number; head: Head }[] = [
  { preset: 'paper', channels: 4, head: 'regression' },
  { preset: 'keras', channels: 4, head: 'classification' },
  { preset: 'paper', channels: 6, head: 'classification' },
  { preset: 'paper', channels: 9, head: 'regression' },
];

describe.each(variants)('$preset, $channels channels, $head', ({ preset, channels, head }) => {
  const made = architecture(preset, { ...SIZE, channels, head });
  const weights = movedWeights(made);
  const examples = randomExamples(made, 6);

  it('predicts as in float64', async () => {
    using model = await ResidualBind.fromWeights(gpu(), weights, { architecture: made });
    const raw = forward(made, toNumbers(weights), examples, 'evaluation');
    const expected = head === 'regression' ? raw : raw.map((z) => 1 / (1 + Math.exp(-z)));
    expectClose(await model.predict(examples), expected, 1e-5);
  });

  it('has the loss and every gradient of float64', async () => {
    using model = await ResidualBind.fromWeights(gpu(), weights, { architecture: made });
    const numbers = toNumbers(weights);
    const actual = await model.gradients(examples, examples.scores);
    const outputs = forward(made, numbers, examples, {});
    expectClose(actual.outputs, outputs, 1e-5, 'outputs');
    expectClose(actual.loss, [loss(made, outputs, examples.scores)], 1e-5, 'loss');
    const expected = gradient(numbers, (w) => loss(made, forward(made, w, examples, {}), examples.scores));
    expect(Object.keys(actual.gradients)).toEqual(Object.keys(expected));
    for (const [name, slopes] of Object.entries(expected)) {
      expectClose(actual.gradients[name]!.data, slopes, 3e-4, `gradient of ${name}`);
    }
  });
});

describe('models side by side', () => {
  const made = architecture('paper', SIZE);
  const examples = randomExamples(made, 37);

  it('predict, and have gradients, bit for bit as they do alone', async () => {
    const seeds = [11, 12, 13];
    using together = await ResidualBind.create(gpu(), { ...SIZE, seed: 11, models: 3 });
    const predictions = await together.predict(examples);
    for (const [e, seed] of seeds.entries()) {
      using alone = await ResidualBind.create(gpu(), { ...SIZE, seed });
      expect(predictions.subarray(37 * e, 37 * (e + 1))).toEqual(await alone.predict(examples));
      const single = await alone.gradients(examples, examples.scores);
      const several = await together.gradients(examples, examples.scores, e);
      expect(several.gradients).toEqual(single.gradients);
      expect(several.loss[e]).toBe(single.loss[0]);
    }
  });

  it('predict the same bits whatever the batch', async () => {
    using model = await ResidualBind.create(gpu(), { ...SIZE, models: 2 });
    const whole = await model.predict(examples);
    for (const batch of [1, 5, 36, 37, 500]) expect(await model.predict(examples, { batch })).toEqual(whole);
  });
});

describe('weights', () => {
  it('come back as they were given, and tell the architecture', async () => {
    for (const preset of ['paper', 'keras'] as const) {
      const made = architecture(preset, SIZE);
      const weights = movedWeights(made);
      using model = await ResidualBind.fromWeights(gpu(), weights, { architecture: made });
      const back = await model.weights();
      expect(back).toEqual(weights);
      expect(architectureOf(back, 'regression', SIZE.length)).toEqual(
        architecture(preset, { ...SIZE, pool: 10 }),
      );
    }
  });

  it('start within the bounds of Glorot, gamma and variance at 1, the rest at 0', () => {
    const weights = initialWeights(architecture('keras', { filters: 32, hidden: 64 }), 3);
    for (const [name, { data }] of Object.entries(weights)) {
      if (!name.endsWith('.w')) expect([...new Set(data)]).toEqual([/gamma|var/.test(name) ? 1 : 0]);
    }
    const { data } = weights['conv1.w']!;
    const limit = Math.sqrt(6 / (3 * 32 + 3 * 32));
    const variance = data.reduce((sum, value) => sum + value * value, 0) / data.length;
    expect(data.every((value) => Math.abs(value) <= limit)).toBe(true);
    // Of a uniform distribution, five standard errors around.
    expect(Math.abs(variance / (limit ** 2 / 3) - 1)).toBeLessThan(5 * Math.sqrt(0.8 / data.length));
    expect(weights).not.toEqual(initialWeights(architecture('keras', { filters: 32, hidden: 64 }), 4));
  });

  it.each([
    ['a missing tensor', 'out.b', undefined, '"out.b" is missing'],
    ['another shape', 'out.w', { shape: [1, 3], data: [1, 2, 3] }, '"out.w" must be [3, 1], not [1, 3]'],
    ['a NaN', 'out.w', { shape: [3, 1], data: [1, Number.NaN, 3] }, '"out.w" holds NaN at element 1'],
  ])('with %s are refused by name, and nothing leaks', async (_, name, value, message) => {
    const made = architecture('paper', SIZE);
    const { [name]: _left, ...others } = initialWeights(made, 1);
    const given = value ? { ...others, [name]: value } : others;
    await expect(ResidualBind.fromWeights(gpu(), given, { architecture: made })).rejects.toThrow(message);
  });
});

describe('sizes', () => {
  it.each([
    ['keras', 214_849, 216_321],
    ['paper', 187_009, 188_289],
  ] as const)('%s has %d trainable parameters of %d', (preset, trainable, total) => {
    expect(parameterCounts(architecture(preset))).toEqual({ trainable, total });
  });

  it.each([
    [{ channels: 5 }, 'must be 4, 6 or 9'],
    [{ taps: 4 }, 'taps must be odd'],
    [{ pool: 42 }, 'no longer than the input'],
    [{ filters: 0 }, 'filters must be a positive integer'],
    [{ hidden: 1.5 }, 'hidden must be a positive integer'],
  ])('%o make no network', (changes, message) => {
    expect(() => architecture('paper', changes)).toThrow(ShapeError);
    expect(() => architecture('paper', changes)).toThrow(message);
  });
});

describe('input', () => {
  it.each([
    [{ codes: Uint8Array.of(0, 1, 2) }, ShapeError, 'whole sequences of 13 positions'],
    [
      { codes: new Uint8Array(26).fill(5, 13, 14), profile: new Float32Array(52) },
      InvalidSequenceError,
      'record 2: code 5',
    ],
    [
      { codes: new Uint8Array(13), profile: new Float32Array(25) },
      ShapeError,
      'structure profile: 26 numbers are needed, not 25',
    ],
    [
      { codes: new Uint8Array(26), profile: new Float32Array(52).fill(Number.NaN, 30, 31) },
      NotFiniteError,
      'structure profile of record 2 is NaN',
    ],
  ])('%# is refused, naming the record', async (sequences, kind, message) => {
    using model = await ResidualBind.create(gpu(), { ...SIZE, channels: 6 });
    const prediction = model.predict(sequences);
    await expect(prediction).rejects.toThrow(kind);
    await expect(prediction).rejects.toThrow(message);
  });

  it('without a profile is folded', async () => {
    using model = await ResidualBind.create(gpu(), { ...SIZE, channels: 6 });
    const { length } = model;
    const codes = Uint8Array.from({ length: 2 * length }, (_, i) => (i < length ? (i < 6 ? 2 : 1) : i % 4));
    const profile = await foldProfiles(gpu(), codes, { length, contexts: 'pu' });
    expect(await model.predict({ codes })).toEqual(await model.predict({ codes, profile }));
    await expect(model.predict({ codes: codes.subarray(1) })).rejects.toThrow(ShapeError);
  });
});
