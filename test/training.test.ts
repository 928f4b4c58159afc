/**
 * The training step against float64, and that training repeats bit for bit, alone and side by side; both by
 * the tape's operations and by the fused kernels.
 */

import { describe, expect, it } from 'vitest';
import { Dataset } from '../src/nn/dataset.js';
import { initialWeights } from '../src/nn/initialise.js';
import { architecture } from '../src/nn/presets.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import type { Examples } from '../src/nn/training/examples.js';
import { TrainingStep } from '../src/nn/training/training-step.js';
import { randomExamples } from './support/examples.js';
import { useGpu } from './support/gpu.js';
import { expectClose } from './support/numbers.js';
import {
  forward,
  gradient,
  loss,
  type Numbers,
  ReferenceAdam,
  toNumbers,
} from './support/reference-network.js';

const gpu = useGpu();
const SIZE = { length: 13, filters: 4, taps: 5, pool: 4, hidden: 8 } as const;
const LEARNING_RATE = 0.01;
const SEED = 9;

/**
 * Trains for some epochs in the order of the records; the losses of all steps, and the weights at the end.
 */
async function train(
  options: {
    preset: 'paper' | 'keras';
    head?: 'classification';
    models?: number;
    seed?: number;
    fused?: boolean;
  },
  { records, batch, epochs }: { records: number; batch: number; epochs: number },
) {
  const { seed = SEED, fused = false, ...model } = options;
  using trained = await ResidualBind.create(gpu(), { ...SIZE, ...model, seed });
  const examples = randomExamples(trained.architecture, records);
  using data = Dataset.upload(gpu(), trained.architecture, examples, examples.scores);
  using step = await TrainingStep.record(trained, data, { batch, seed, fused });
  const losses: number[][] = Array.from({ length: trained.models }, () => []);
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let i = 0; i < step.steps; i++) step.run(i, epoch * step.steps + i + 1, LEARNING_RATE);
    const values = await step.losses.readFloats();
    losses.forEach((list, e) => {
      list.push(...values.subarray(e * step.steps, (e + 1) * step.steps));
    });
  }
  const weights = await Promise.all(losses.map((_, e) => trained.weights(e)));
  return { losses, weights, examples };
}

const VARIANTS = [
  { preset: 'paper', records: 8, batch: 8, epochs: 10 },
  // Two full batches and one of two records.
  { preset: 'keras', records: 10, batch: 4, epochs: 3 },
  { preset: 'paper', head: 'classification', records: 7, batch: 100, epochs: 5 },
] as const;

/** The losses and weights of a variant in float64, which do not depend on the kernels; computed once. */
const inFloat64 = new Map<object, { losses: number[]; weights: Numbers }>();

function trainInFloat64(variant: (typeof VARIANTS)[number], { codes, scores }: Examples) {
  const { preset, records, batch, epochs } = variant;
  const made = architecture(preset, { ...SIZE, ...('head' in variant ? { head: variant.head } : {}) });
  const weights = toNumbers(initialWeights(made, SEED));
  const adam = new ReferenceAdam();
  const losses: number[] = [];
  for (let step = 1; step <= epochs * Math.ceil(records / batch); step++) {
    const first = ((step - 1) % Math.ceil(records / batch)) * batch;
    const last = Math.min(records, first + batch);
    const some = { codes: codes.subarray(first * SIZE.length, last * SIZE.length) };
    const lossOf = (numbers: Numbers) => {
      const outputs = forward(made, numbers, some, { dropout: { seed: SEED, step } });
      return loss(made, outputs, scores.subarray(first, last));
    };
    losses.push(lossOf(weights));
    adam.step(weights, gradient(weights, lossOf), LEARNING_RATE);
  }
  return { losses, weights };
}

describe.each([false, true])('ten training steps with dropout, fused: %s', (fused) => {
  it.each(VARIANTS)(
    '$preset, $records records in batches of $batch, are those of float64',
    async (variant) => {
      const { records, batch, epochs, ...model } = variant;
      const actual = await train({ ...model, fused }, { records, batch, epochs });
      const expected = inFloat64.get(variant) ?? trainInFloat64(variant, actual.examples);
      inFloat64.set(variant, expected);
      expectClose(actual.losses[0]!, expected.losses, 1e-4, 'losses');
      for (const [name, { data }] of Object.entries(actual.weights[0]!)) {
        if (!/\.(mean|var)$/.test(name)) expectClose(data, expected.weights[name]!, 1e-3, name);
      }
    },
  );
});

describe.each([false, true])('training, fused: %s', (fused) => {
  const work = { records: 11, batch: 4, epochs: 2 };

  it('repeats bit for bit, and depends on the seed', async () => {
    const first = await train({ preset: 'keras', fused }, work);
    expect(await train({ preset: 'keras', fused }, work)).toEqual(first);
    const other = await train({ preset: 'keras', fused, seed: SEED + 1 }, work);
    expect(other.losses).not.toEqual(first.losses);
  });

  it('of three models at once gives the bits of each one alone', async () => {
    const together = await train({ preset: 'paper', fused, models: 3 }, work);
    for (const e of [0, 1, 2]) {
      const alone = await train({ preset: 'paper', fused, seed: SEED + e }, work);
      expect(together.losses[e]).toEqual(alone.losses[0]);
      expect(together.weights[e]).toEqual(alone.weights[0]);
    }
  });

  it('of the first models leaves the others as they are', async () => {
    using three = await ResidualBind.create(gpu(), { ...SIZE, preset: 'paper', models: 3, seed: SEED });
    const before = await three.weights(2);
    const examples = randomExamples(three.architecture, 4);
    using data = Dataset.upload(gpu(), three.architecture, examples, examples.scores);
    using step = await TrainingStep.record(three, data, { batch: 4, seed: SEED, fused });
    const learning = { count: 1, learningRate: LEARNING_RATE };
    step.runModels(0, [
      { ...learning, seed: SEED },
      { ...learning, seed: 77, count: 5, learningRate: 1e-4 },
    ]);
    const losses = await step.losses.readFloats();
    expect(await three.weights(2)).toEqual(before);
    expect(losses[2]).toBe(0);

    using alone = await ResidualBind.create(gpu(), { ...SIZE, preset: 'paper', seed: SEED + 1 });
    using same = await TrainingStep.record(alone, data, { batch: 4, seed: 77, fused });
    same.run(0, 5, 1e-4);
    expect((await same.losses.readFloats())[0]).toBe(losses[1]);
    expect(await alone.weights()).toEqual(await three.weights(1));
  });
});
