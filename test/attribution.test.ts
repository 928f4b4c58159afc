/**
 * Attributions against their definitions: mutants predicted one by one, central differences of the float64
 * network, and the sum of scores against the change of the prediction.
 */

import { describe, expect, it } from 'vitest';
import { CancelledError, InvalidSequenceError, ShapeError } from '../src/device/errors.js';
import { type Attribution, heightsOf, integratedGradients, mutagenesis, saliency } from '../src/gia/index.js';
import { type Architecture, type Head, lossKindOf } from '../src/nn/architecture.js';
import { architecture, type Preset } from '../src/nn/presets.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { movedWeights, randomExamples } from './support/examples.js';
import { useGpu } from './support/gpu.js';
import { expectClose, randomCodes } from './support/numbers.js';
import { denseInput, forwardDense, type Numbers, toNumbers } from './support/reference-network.js';

const gpu = useGpu();

/** Small enough for differences in float64; the last position lies outside the pool. */
const SIZE = { length: 13, filters: 4, taps: 5, pool: 4, hidden: 3 } as const;
const variants: { preset: Preset; channels: number; head: Head; models: number; outputs: number }[] = [
  { preset: 'paper', channels: 4, head: 'regression', models: 1, outputs: 1 },
  { preset: 'paper', channels: 9, head: 'regression', models: 3, outputs: 1 },
  { preset: 'keras', channels: 4, head: 'classification', models: 3, outputs: 1 },
  { preset: 'keras', channels: 6, head: 'regression', models: 1, outputs: 1 },
  { preset: 'paper', channels: 4, head: 'regression', models: 2, outputs: 3 },
  { preset: 'keras', channels: 4, head: 'classification', models: 1, outputs: 2 },
];

/** Predictions of any input in float64. */
function predict(made: Architecture, weights: Numbers, input: Float64Array): Float64Array {
  const raw = forwardDense(made, weights, input, 'evaluation');
  return lossKindOf(made) === 'regression' ? raw : raw.map((z) => 1 / (1 + Math.exp(-z)));
}

const STEP = 1e-6;

/**
 * Slopes of an output of one input at its letters, [4, length], in float64; chosen (letter, position) pairs
 * or all.
 */
function slopes(
  made: Architecture,
  weights: Numbers,
  input: Float64Array,
  { chosen, output = 0 }: { readonly chosen?: readonly number[]; readonly output?: number } = {},
) {
  const { length, channels } = made;
  const places = chosen ?? Array.from({ length: 4 * length }, (_, i) => i);
  return places.map((i) => {
    const at = (i % length) * channels + Math.floor(i / length);
    const moved = (by: number) => {
      const copy = input.slice();
      copy[at]! += by;
      return predict(made, weights, copy)[output]!;
    };
    return (moved(STEP) - moved(-STEP)) / (2 * STEP);
  });
}

/** Scores of a sequence without letters at some positions, which are 0 there. */
const withoutPads = (scores: readonly number[], codes: Uint8Array, length: number): number[] =>
  scores.map((value, i) => (codes[i % length] === 4 ? 0 : value));

/** Scores of sequence n by readout r, which is model r where models have one output. */
const scoresOf = ({ scores, count, length }: Attribution, r: number, n: number): Float32Array =>
  scores.subarray((r * count + n) * 4 * length, (r * count + n + 1) * 4 * length);

const letters = (text: string) =>
  Uint8Array.from(text, (letter) => 'ACGU'.indexOf(letter) & 7).map((c) => Math.min(c, 4));

describe('codes of the tests', () => {
  it('read pads as 4', () => expect([...letters('AU-C')]).toEqual([0, 3, 4, 1]));
});

/** N sequences of a variant: random ones (4 among their codes), the first with pads at both ends. */
function sequencesOf(made: Architecture, count: number) {
  const { codes, profile } = randomExamples(made, count);
  codes.set(letters('--ACGUN--GUC-').subarray(0, made.length));
  return { codes, ...(profile && { profile }) };
}

describe.each(variants)(
  '$preset, $channels channels, $head, $models models of $outputs',
  ({ models, preset, ...sizes }) => {
    const made = architecture(preset, { ...SIZE, ...sizes });
    const { outputs } = sizes;
    const { length, channels } = made;
    const all = Array.from({ length: models }, (_, e) => movedWeights(made, 5 + e));
    const readouts = all
      .map(toNumbers)
      .flatMap((weights) => Array.from({ length: outputs }, (_, output) => ({ weights, output })));
    const open = () => ResidualBind.fromWeights(gpu(), all, { architecture: made });
    const COUNT = 4;
    const sequences = sequencesOf(made, COUNT);
    const input = denseInput(made, sequences);
    const size = length * channels;
    const inputOf = (n: number) => input.slice(n * size, (n + 1) * size);
    const codesOf = (n: number) => sequences.codes.subarray(n * length, (n + 1) * length);

    it('saliency is the slope of the prediction', async () => {
      using model = await open();
      const result = await saliency(model, sequences);
      expect(result).toMatchObject({ method: 'saliency', models, count: COUNT, length });
      expectClose(result.predictions, await model.predict(sequences), 1e-5, 'predictions');
      readouts.forEach(({ weights, output }, r) => {
        for (let n = 0; n < COUNT; n++) {
          const expected = withoutPads(slopes(made, weights, inputOf(n), { output }), codesOf(n), length);
          expectClose(scoresOf(result, r, n), expected, 1e-4, `readout ${r}, sequence ${n}`);
        }
      });
      expect(result.heights).toEqual(heightsOf(result.scores, length));
    });

    it('integrated gradients are the sum of slopes along the path', async () => {
      const steps = 5;
      const baseline = Float64Array.from({ length: 4 * length }, (_, i) => 0.1 + 0.05 * (i % 7));
      using model = await open();
      const result = await integratedGradients(model, sequences, { steps, baseline });
      expect(result).toMatchObject({ method: 'integrated', steps, models, count: COUNT, length });
      readouts.forEach(({ weights, output }, r) => {
        for (let n = 0; n < COUNT; n++) {
          const end = inputOf(n);
          const start = end.map((value, i) => {
            const [position, c] = [Math.floor(i / channels), i % channels];
            return c < 4 && codesOf(n)[position] !== 4 ? baseline[4 * position + c]! : value;
          });
          const expected = new Array<number>(4 * length).fill(0);
          for (let s = 0; s < steps; s++) {
            const t = (s + 0.5) / steps;
            const point = start.map((from, i) => (1 - t) * from + t * end[i]!);
            slopes(made, weights, point, { output }).forEach((slope, i) => {
              const at = (i % length) * channels + Math.floor(i / length);
              expected[i]! += (slope / steps) * (end[at]! - start[at]!);
            });
          }
          expectClose(scoresOf(result, r, n), expected, 1e-4, `readout ${r}, sequence ${n}`);
          const i = r * COUNT + n;
          const [first, last] = [
            predict(made, weights, start)[output]!,
            predict(made, weights, end)[output]!,
          ];
          expectClose(
            [result.completeness.baselines[i]!, result.predictions[i]!],
            [first, last],
            1e-5,
            'ends',
          );
          const gap = expected.reduce((sum, value) => sum + value, 0) - (last - first);
          expect(Math.abs(result.completeness.gaps[i]! - gap)).toBeLessThan(1e-4);
        }
      });
    });
  },
);

describe('at full length', () => {
  it.each(['paper', 'keras'] as const)(
    'saliency is the slope in float64 at both ends and between: %s',
    async (preset) => {
      const made = architecture(preset);
      const weights = movedWeights(made);
      using model = await ResidualBind.fromWeights(gpu(), weights, { architecture: made });
      const codes = Uint8Array.from(randomCodes(made.length, 3), (code) => code % 4);
      const chosen = [0, 1, 19, 39, 40].flatMap((position, i) => [
        (i % 4) * made.length + position,
        ((i + 2) % 4) * made.length + position,
      ]);
      const { scores } = await saliency(model, { codes });
      const expected = slopes(made, toNumbers(weights), denseInput(made, { codes }), { chosen });
      // Of many thousand rectified units some lie so near zero that f32 and float64 disagree on which side.
      expectClose(
        chosen.map((i) => scores[i]!),
        expected,
        1e-3,
      );
    },
  );

  it.each(['uniform', 'zeros'] as const)(
    'integrated gradients add up to the difference from %s',
    async (baseline) => {
      // A thousand steps of the full network take as long as a hundred tests.
      const made = architecture('paper', { filters: 8, hidden: 16 });
      using model = await ResidualBind.fromWeights(gpu(), movedWeights(made), { architecture: made });
      const codes = Uint8Array.from(randomCodes(4 * made.length, 4));
      const gapOf = async (steps: number) => {
        const result = await integratedGradients(model, { codes }, { baseline, steps });
        const { completeness, predictions, scores } = result;
        for (let n = 0; n < 4; n++) {
          const sum = scoresOf(result, 0, n).reduce((total, value) => total + value, 0);
          const gap = sum - (predictions[n]! - completeness.baselines[n]!);
          expect(Math.abs(gap - completeness.gaps[n]!)).toBeLessThan(1e-5);
        }
        expect(scores.some((value) => value !== 0)).toBe(true);
        expect(completeness.absolute).toBe(Math.max(...completeness.gaps.map(Math.abs)));
        return completeness;
      };
      const [rough, fine] = [await gapOf(1), await gapOf(1024)];
      expect(fine.relative).toBeLessThan(0.005);
      expect(rough.absolute).toBeGreaterThan(10 * fine.absolute);
    },
  );
});

describe('mutagenesis', () => {
  it.each([
    { preset: 'paper', models: 1, method: undefined, head: 'regression' },
    { preset: 'paper', models: 3, method: 'filtered', head: 'regression' },
    { preset: 'keras', models: 3, method: 'naive', head: 'classification' },
    { preset: 'keras', models: 1, method: 'shared', head: 'regression' },
  ] as const)(
    'is the change of predictions one by one: $preset, $models models, $method',
    async (options) => {
      const { preset, models, method, head } = options;
      using model = await ResidualBind.create(gpu(), {
        preset,
        models,
        head,
        filters: 12,
        hidden: 20,
        seed: 3,
      });
      const { length } = model.architecture;
      const codes = Uint8Array.from(randomCodes(3 * length, 9));
      // A position where only one sequence has a letter, one where none has, and a whole sequence.
      for (let n = 0; n < 3; n++) codes[n * length + 40] = 4;
      codes[2 * length] = 4;
      codes.set(
        codes.subarray(length, 2 * length).map((code) => code % 4),
        length,
      );
      const result = await mutagenesis(model, { codes }, { method });
      expect(result).toMatchObject({ method: 'mutagenesis', models, count: 3, length });
      const base = await model.predict({ codes });
      expect(result.predictions).toEqual(base);
      const mutants: Uint8Array[] = [];
      for (let n = 0; n < 3; n++) {
        for (let i = 0; i < 4 * length; i++) {
          const mutant = codes.slice(n * length, (n + 1) * length);
          const position = i % length;
          if (mutant[position] !== 4) mutant[position] = Math.floor(i / length);
          mutants.push(mutant);
        }
      }
      const predicted = await model.predict({
        codes: Uint8Array.from(mutants.flatMap((mutant) => [...mutant])),
      });
      const expected = predicted.map((value, i) => value - base[Math.floor(i / (4 * length))]!);
      expectClose(result.scores, expected, 2e-4);
      mutants.forEach((mutant, i) => {
        const [n, position] = [Math.floor(i / (4 * length)), i % length];
        if (mutant[position] === codes[n * length + position])
          for (let e = 0; e < models; e++) expect(result.scores[e * mutants.length + i]).toBe(0);
      });
    },
  );

  it('gives logos the L2 norm over letters, with its square root', async () => {
    expect([...heightsOf(Float32Array.of(3, 1, 4, 2, 0, 2, 0, 4), 2)]).toEqual([5, 5]);
    using model = await ResidualBind.create(gpu(), { filters: 8, hidden: 8 });
    const codes = Uint8Array.from(randomCodes(2 * 41, 2));
    const { scores, heights } = await mutagenesis(model, { codes });
    const at = 41 * 4 + 7;
    const squares = [0, 1, 2, 3].map((letter) => scores[at + letter * 41]! ** 2);
    expectClose([heights[41 + 7]!], [Math.sqrt(squares.reduce((a, b) => a + b))], 1e-6);
  });
});

const METHODS = { mutagenesis, saliency, integratedGradients };
/** Sequences whose gradients take more than one batch: far fewer where each is a path of 130 points. */
const moreThanABatch = (name: string) =>
  (gpu().adapter.class === 'hardware' ? 2100 : 300) / (name === 'integratedGradients' ? 25 : 1);

describe.each(Object.entries(METHODS))('%s', (name, attribute) => {
  it('finds nothing in a sequence without letters', async () => {
    using model = await ResidualBind.create(gpu(), SIZE);
    const result = await attribute(model, { codes: new Uint8Array(26).fill(4) });
    expect(result.scores).toEqual(new Float32Array(2 * 4 * 13));
    expect(result.heights).toEqual(new Float32Array(2 * 13));
  });

  it('says of a sequence the same bits whichever others there are', async () => {
    using model = await ResidualBind.create(gpu(), SIZE);
    // Much mutagenesis takes a sweep's plan, and rounds otherwise than a little.
    const count = name === 'mutagenesis' ? 300 : moreThanABatch(name);
    const codes = Uint8Array.from(randomCodes(count * 13, 6));
    const together = await attribute(model, { codes });
    const alone = await attribute(model, { codes: codes.slice(-13) });
    expect(scoresOf(alone, 0, 0).some((value) => value !== 0)).toBe(true);
    expect(scoresOf(together, 0, count - 1)).toEqual(scoresOf(alone, 0, 0));
  });

  it('reports progress to the end, and ends when it is told to', async () => {
    using model = await ResidualBind.create(gpu(), SIZE);
    const count = moreThanABatch(name);
    const codes = Uint8Array.from(randomCodes(count * 13, 6));
    const seen: { done: number; total: number }[] = [];
    await attribute(model, { codes }, { onProgress: (progress) => seen.push(progress) });
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.at(-1)!.done).toBe(seen.at(-1)!.total);
    expect(seen.every(({ done }, i) => i === 0 || done > seen[i - 1]!.done)).toBe(true);
    const controller = new AbortController();
    const cancelled = attribute(
      model,
      { codes },
      { signal: controller.signal, onProgress: () => controller.abort() },
    );
    await expect(cancelled).rejects.toThrow(CancelledError);
    await expect(cancelled).rejects.toThrow(
      new RegExp(`cancelled after [\\d,]+ of ${count.toLocaleString('en')} sequences`),
    );
  });

  it('refuses codes that are no whole sequences, and bad ones', async () => {
    using model = await ResidualBind.create(gpu(), SIZE);
    await expect(attribute(model, { codes: new Uint8Array(12) })).rejects.toThrow(ShapeError);
    await expect(attribute(model, { codes: new Uint8Array(13).fill(7) })).rejects.toThrow(
      InvalidSequenceError,
    );
  });
});

describe('integrated gradients refuse', () => {
  it.each([
    ['no steps', { steps: 0 }, 'steps must be a whole number from 1 to 4096'],
    ['a baseline of another length', { baseline: [1, 2, 3] }, '52 numbers'],
    [
      'a baseline that is no number',
      { baseline: new Float32Array(52).fill(Number.NaN, 3) },
      'number 4 of the baseline is NaN',
    ],
    ['a baseline that nobody knows', { baseline: 'mean' as 'zeros' }, 'choose zeros or uniform'],
    ['more steps than fit', { steps: 1e9 }, 'from 1 to 4096, not 1000000000'],
  ])('%s', async (_, options, message) => {
    using model = await ResidualBind.create(gpu(), SIZE);
    const attribution = integratedGradients(model, { codes: new Uint8Array(13) }, options);
    await expect(attribution).rejects.toThrow(ShapeError);
    await expect(attribution).rejects.toThrow(message);
  });
});

describe('a model of several outputs', () => {
  it('has mutants output by output', async () => {
    using model = await ResidualBind.create(gpu(), { ...SIZE, outputs: 2 });
    const sequences = sequencesOf(model.architecture, 3);
    const { scores, predictions } = await mutagenesis(model, sequences, { method: 'naive' });
    const bare = await model.predict(sequences);
    expect(predictions).toEqual(bare);
    const mutant = sequences.codes.slice();
    mutant[13 + 4] = (mutant[13 + 4]! + 1) % 4;
    const changed = await model.predict({ codes: mutant });
    for (const output of [0, 1]) {
      const [at, letter] = [output * 3 + 1, mutant[13 + 4]!];
      expect(scores[(at * 4 + letter) * 13 + 4]).toBeCloseTo(changed[at]! - bare[at]!, 5);
    }
  });
});
