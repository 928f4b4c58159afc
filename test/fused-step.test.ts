/** The fused training step against the tape's operations, and which networks it takes. */

import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../src/device/errors.js';
import { Dataset } from '../src/nn/dataset.js';
import { type CreateOptions, ResidualBind } from '../src/nn/residualbind.js';
import { TrainingStep } from '../src/nn/training/training-step.js';
import { randomExamples } from './support/examples.js';
import { useGpu } from './support/gpu.js';
import { expectClose } from './support/numbers.js';

const gpu = useGpu();
// As in training.test.ts: software adapters compile a size once.
const SIZE = { length: 13, filters: 4, taps: 5, pool: 4, hidden: 8 } as const;

/** What three steps of two batches, of six records and of one, leave behind. */
async function threeSteps(options: CreateOptions, fused: boolean) {
  using model = await ResidualBind.create(gpu(), { ...SIZE, ...options });
  const examples = randomExamples(model.architecture, 7);
  using data = Dataset.upload(gpu(), model.architecture, examples, examples.scores);
  await data.order.write(Uint32Array.of(3, 6, 1, 0, 5, 2, 4));
  using step = await TrainingStep.record(model, data, { batch: 6, seed: 5, fused });
  for (let count = 1; count <= 3; count++) step.run((count - 1) % 2, count, 0.01);
  const read = async (set: { flat: { readFloats(): Promise<Float32Array> } }) => set.flat.readFloats();
  return {
    dispatches: step.dispatches,
    losses: await step.losses.readFloats(),
    gradients: await read(step.gradients),
    parameters: await read(model.parameters),
    statistics: await read(model.statistics),
    m: await step.optimiser.m.readFloats(),
  };
}

describe('the fused training step', () => {
  it.each<CreateOptions>([
    { preset: 'paper' },
    { preset: 'keras', head: 'classification', models: 2 },
    // One layer; an even length that windows do not fill; several quads and tiles.
    { preset: 'keras', dilations: [3], length: 16, pool: 5, filters: 48, taps: 9, hidden: 20, models: 3 },
  ])('gives what the tape gives: %j', async (options) => {
    const expected = await threeSteps(options, false);
    const actual = await threeSteps(options, true);
    expectClose(actual.losses, expected.losses, 1e-5, 'losses');
    expectClose(actual.statistics, expected.statistics, 1e-5, 'running statistics');
    // By the rounding of a few thousand terms; Adam turns what is near zero up to its rate.
    expectClose(actual.gradients, expected.gradients, 1e-4, 'gradients');
    expectClose(actual.m, expected.m, 1e-4, 'first moments');
    expectClose(actual.parameters, expected.parameters, 1e-2, 'parameters');
  });

  it('takes eight dispatches and two for each layer of the block', async () => {
    expect((await threeSteps({ preset: 'paper' }, true)).dispatches).toBe(8 + 2 * 3);
  });

  it.each<CreateOptions>([
    { channels: 6 },
    { filters: 6 },
    { hidden: 6 },
    { dilations: [13] },
    { hidden: 8192 },
  ])('leaves %j to the tape', async (options) => {
    using model = await ResidualBind.create(gpu(), { ...SIZE, ...options, taps: 3 });
    const examples = randomExamples(model.architecture, 4);
    using data = Dataset.upload(gpu(), model.architecture, examples, examples.scores);
    await expect(TrainingStep.record(model, data, { seed: 1, fused: true })).rejects.toThrow(ArgumentError);
  });
});
