/**
 * The training recipe on simulated probes: it learns, stops, resumes bit for bit, cancels, and refuses NaN.
 */

import { describe, expect, it } from 'vitest';
import {
  ArgumentError,
  CancelledError,
  DataError,
  NotFiniteError,
  ShapeError,
} from '../src/device/errors.js';
import * as nn from '../src/nn/index.js';
import { range, simulated } from './support/examples.js';
import { useGpu } from './support/gpu.js';

const gpu = useGpu();
const probes = simulated(260);
/** Not a multiple of the batch: the last one has 10 records. */
const train = range(probes, 0, 210);
const valid = range(probes, 210, 260);
const RECIPE = { batch: 50, seed: 4, learningRate: 3e-3 } as const;

const create = (options: nn.CreateOptions = {}) =>
  nn.ResidualBind.create(gpu(), { filters: 16, hidden: 16, seed: 2, ...options });

async function trained(options: nn.FitOptions) {
  using model = await create();
  const result = await nn.fit(model, train, valid, { ...RECIPE, ...options });
  return { ...result, weights: await model.weights() };
}

describe('fit', () => {
  const patience = { stopPatience: 3, decayPatience: 2 };
  let early: Promise<Awaited<ReturnType<typeof trained>>[]> | undefined;
  /** A run that stops early, and one that ends at its best epoch: made once. */
  const stoppedEarly = () =>
    (early ??= trained({ epochs: 60, ...patience }).then(async (whole) => [
      whole,
      await trained({ epochs: whole.schedule.bestEpoch, ...patience }),
    ]));

  it('learns, and leaves the weights of the best epoch', async () => {
    // Enough steps for running statistics to leave their start, and the motif to be found.
    const [many, epochs] = [simulated(600), 10];
    const held = range(many, 550, 600);
    using model = await create();
    const progress: string[] = [];
    const { history, schedule, ...rest } = await nn.fit(model, range(many, 0, 550), held, {
      ...RECIPE,
      batch: 25,
      epochs,
      onStep: ({ epoch, step, steps }) => progress.push(`${epoch}: ${step}/${steps}`),
    });
    expect(rest).toMatchObject({ reason: 'epochs', steps: 22 * epochs });
    expect(history.map(({ epoch }) => epoch)).toEqual(Array.from({ length: epochs }, (_, i) => i + 1));
    expect(progress).toHaveLength(22 * epochs);
    expect([progress[0], progress.at(-1)]).toEqual(['1: 1/22', '10: 22/22']);
    expect(history.at(-1)!.loss).toBeLessThan(0.5 * history[0]!.loss);
    const best = history.reduce((a, b) => (b.validation > a.validation ? b : a));
    expect(schedule).toMatchObject({ best: best.validation, bestEpoch: best.epoch });
    expect(best.validation).toBeGreaterThan(0.5);
    expect(nn.pearson(await model.predict(held), held.scores)).toBeCloseTo(best.validation, 5);
  });

  it('trains a classifier', async () => {
    using model = await create({ head: 'classification' });
    const labels = (examples: typeof train) => ({
      ...examples,
      scores: examples.scores.map((score) => Number(score > 0)),
    });
    const options = { ...RECIPE, epochs: 10 };
    const { history } = await nn.fit(model, labels(train), labels(valid), options);
    expect(history.at(-1)!.loss).toBeLessThan(0.75 * history[0]!.loss);
    const predictions = await model.predict(valid);
    expect(predictions.every((value) => value >= 0 && value <= 1)).toBe(true);
  });

  it('stops early, and lowers the rate on the way', async () => {
    const [whole, best] = await stoppedEarly();
    const { history, reason, schedule, weights } = whole!;
    expect(reason).toBe('early-stopping');
    expect(history.length).toBe(schedule.bestEpoch + 3);
    expect(schedule.learningRate).toBeLessThanOrEqual(0.3 * RECIPE.learningRate);
    expect(history.at(-1)).toMatchObject({ improved: false });
    // The weights are those of the best epoch, not of the last.
    expect(weights).toEqual(best!.weights);
  });

  it('gives back the weights of its best epoch where later ones are worse', async () => {
    const [whole, best] = await stoppedEarly();
    const { history, schedule, weights } = whole!;
    expect(schedule.bestEpoch).toBe(history.length - 3);
    expect(history.at(-1)!.validation).toBeLessThan(schedule.best!);
    expect(best!.history.at(-1)).toMatchObject({ epoch: schedule.bestEpoch, improved: true });
    expect(weights).toEqual(best!.weights);
  });

  it('refuses several models at once', async () => {
    using models = await create({ models: 2 });
    await expect(nn.fit(models, train, valid)).rejects.toThrow(ShapeError);
  });
});

describe('a run that was interrupted', () => {
  it('goes on bit for bit from its state', async () => {
    const whole = await trained({ epochs: 4 });
    let saved: nn.TrainingState | undefined;
    await trained({
      epochs: 2,
      onEpoch: async (_, state) => {
        saved = await state();
      },
    });
    expect(saved).toMatchObject({ epoch: 2, steps: 10 });
    // Another model, whose own weights must not matter.
    using other = await create({ seed: 77 });
    const rest = await nn.fit(other, train, valid, { ...RECIPE, epochs: 4, resume: saved });
    expect(rest.history).toEqual(whole.history);
    expect(rest.schedule).toEqual(whole.schedule);
    expect(rest.steps).toBe(whole.steps);
    expect(await other.weights()).toEqual(whole.weights);
  });

  it('by its signal keeps the best weights so far', async () => {
    const abort = new AbortController();
    const reports: nn.EpochReport[] = [];
    const cancelled = await trained({
      epochs: 3,
      signal: abort.signal,
      onEpoch: (report) => void reports.push(report),
      onStep: ({ epoch, step }) => {
        if (epoch === 2 && step === 3) abort.abort();
      },
    });
    expect(cancelled.reason).toBe('cancelled');
    expect(cancelled.steps).toBe(8);
    expect(cancelled.history).toEqual(reports);
    expect(reports).toHaveLength(1);
    const { weights } = await trained({ epochs: 1 });
    expect(cancelled.weights).toEqual(weights);
  });

  it('before it began keeps the weights as they were', async () => {
    const { reason, history, weights } = await trained({ signal: AbortSignal.abort() });
    expect(reason).toBe('cancelled');
    expect(history).toEqual([]);
    using fresh = await create();
    expect(weights).toEqual(await fresh.weights());
  });

  it('by an error in a callback passes it on', async () => {
    const onEpoch = () => {
      throw new RangeError('disk full');
    };
    await expect(trained({ epochs: 2, onEpoch })).rejects.toThrow('disk full');
  });
});

describe('examples from which nothing follows', () => {
  const labels = (examples: typeof train, label: (score: number) => number) => ({
    ...examples,
    scores: examples.scores.map(label),
  });
  const classes = (examples: typeof train) => labels(examples, (score) => Number(score > 0));

  it.each<[string, nn.Head, nn.Examples, nn.Examples, string]>([
    ['one validation record', 'regression', train, range(probes, 210, 211), '1 record is too few'],
    ['two of them', 'regression', train, range(probes, 210, 212), '2 records are too few'],
    ['equal scores', 'regression', train, labels(valid, () => 0.1), 'validation: all 50 scores are 0.1'],
    [
      'one class',
      'classification',
      classes(train),
      labels(valid, () => 1),
      'validation: all 50 records are of class 1',
    ],
    [
      'nothing to learn',
      'regression',
      labels(train, () => -2),
      valid,
      'training: all 210 scores are -2, so there',
    ],
    [
      'one class to learn',
      'classification',
      labels(train, () => 0),
      classes(valid),
      'training: all 210 records',
    ],
    ['no class', 'classification', labels(train, () => 0.5), classes(valid), 'the class of record 1 is 0.5'],
  ])('are refused before training: %s', async (_, head, first, second, message) => {
    using model = await create({ head, filters: 4, hidden: 4 });
    const training = nn.fit(model, first, second, { epochs: 1, onReady: () => expect.fail('it began') });
    await expect(training).rejects.toThrow(DataError);
    await expect(training).rejects.toThrow(message);
  });
});

describe('training that diverges', () => {
  it('keeps the best weights so far and says which', async () => {
    let saved: nn.TrainingState | undefined;
    const onEpoch: nn.FitOptions['onEpoch'] = async (_, state) => {
      saved = await state();
    };
    const first = await trained({ epochs: 1, onEpoch });
    const { schedule } = saved!;
    const resume = { ...saved!, schedule: { ...schedule, learningRate: 1e30 } };
    using model = await create();
    const error = await nn
      .fit(model, train, valid, { ...RECIPE, epochs: 5, resume })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(nn.TrainingDivergedError);
    expect(error).toMatchObject({
      code: 'ERR_TRAINING_DIVERGED',
      result: { reason: 'diverged', schedule: { bestEpoch: 1 }, history: first.history },
    });
    expect(String(error)).toMatch(/epoch 2, step \d; .*keeps the weights of epoch 1, the best so far/);
    expect(await model.weights()).toEqual(first.weights);
  });

  it('is noticed by a loss that no data can explain, though it is finite', async () => {
    using model = await create();
    const before = await model.weights();
    const training = nn.fit(model, train, valid, { ...RECIPE, learningRate: 1e6 });
    await expect(training).rejects.toThrow(/the loss rose to \d\.\de\+\d+ in epoch 1, more than a million/);
    expect(await model.weights()).toEqual(before);
  });
});

describe('a state to resume from', () => {
  it('must be sound and of the same sizes', async () => {
    let saved: nn.TrainingState | undefined;
    using small = await create({ filters: 4, hidden: 4 });
    const onEpoch: nn.FitOptions['onEpoch'] = async (_, state) => {
      saved = await state();
    };
    await nn.fit(small, train, valid, { ...RECIPE, epochs: 1, onEpoch });
    using model = await create();
    const resumed = (resume: nn.TrainingState) => nn.fit(model, train, valid, { ...RECIPE, resume });
    await expect(resumed(saved!)).rejects.toThrow(ArgumentError);
    await expect(resumed(saved!)).rejects.toThrow(
      /^resume: its parameters hold \d+ numbers, this model's \d+$/,
    );
    await expect(resumed({ ...saved!, history: [] })).rejects.toThrow('resume: 1 epochs have a history of 0');
  });
});

describe('a loss that is not finite', () => {
  it('ends training by name, and the weights stay as they were', async () => {
    using model = await create();
    const before = await model.weights();
    const training = nn.fit(model, train, valid, { ...RECIPE, learningRate: 1e30 });
    await expect(training).rejects.toThrow(NotFiniteError);
    await expect(training).rejects.toThrow(
      /the loss became (NaN|Infinity) in epoch 1, step [2-5]; try a lower/,
    );
    expect(await model.weights()).toEqual(before);
  });

  it('cannot come from the data: a NaN score is refused with its record', async () => {
    using model = await create();
    const scores = train.scores.slice();
    scores[6] = Number.NaN;
    await expect(nn.fit(model, { ...train, scores }, valid)).rejects.toThrow('score of record 7 is NaN');
  });
});

describe('predictions', () => {
  it('can be cancelled', async () => {
    using model = await create();
    const prediction = model.predict(valid, { signal: AbortSignal.abort() });
    await expect(prediction).rejects.toThrow(CancelledError);
  });
});
