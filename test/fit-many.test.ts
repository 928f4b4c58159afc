/** Many models on the same probes: each has the bits that it has alone, whatever is trained beside it. */

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ArgumentError, DataError, ShapeError } from '../src/device/errors.js';
import * as nn from '../src/nn/index.js';
import { randomExamples, simulated } from './support/examples.js';
import { useGpu } from './support/gpu.js';

const gpu = useGpu();
const PROBES = 200;
const SIZE = { filters: 4, hidden: 8 } as const;
/** Patience that ends some of the experiments early and lowers their rates at different epochs. */
const RECIPE = { batch: 25, epochs: 5, learningRate: 1e-2, decayPatience: 1, stopPatience: 2 } as const;

interface Drawn {
  readonly scores: Float32Array;
  readonly train: number[];
  readonly valid: number[];
  readonly seed: number;
}

/** Experiments that differ in their probes, missing scores and seeds. */
function draw(scores: Float32Array, count: number, outputs = 1): Drawn[] {
  const probes = scores.length / outputs;
  return Array.from({ length: count }, (_, e) => {
    // Whole batches, part of one more, fewer batches than others, and less than a batch.
    const trained = [100, 107, 75, 20, 101, 150, 150, 99][e % 8]!;
    const own = scores.map((score, i) => {
      const missing = (Math.floor(i / outputs) * 7 + e) % 11 === 0 && e % 2 === 1;
      return missing ? Number.NaN : score;
    });
    const all = Array.from({ length: probes }, (_, i) => (i * 37 + e) % probes);
    return { scores: own, train: all.slice(0, trained), valid: all.slice(155), seed: 10 + e };
  });
}

/** What a model of its own is trained on: the probes of a list that have a score. */
function examplesOf(model: nn.ResidualBind, probes: nn.Sequences, { scores }: Drawn, list: number[]) {
  const { length, channels } = model.architecture;
  const { outputs } = model;
  const kept = list.filter((i) =>
    scores.subarray(i * outputs, (i + 1) * outputs).some((s) => !Number.isNaN(s)),
  );
  const rows = <T extends Uint8Array | Float32Array>(all: T, width: number) =>
    kept.flatMap((i) => Array.from(all.subarray(i * width, (i + 1) * width)));
  return {
    codes: Uint8Array.from(rows(probes.codes, length)),
    ...(probes.profile && { profile: Float32Array.from(rows(probes.profile, length * (channels - 4))) }),
    scores: Float32Array.from(rows(scores, outputs)),
  };
}

async function sha256(model: nn.ResidualBind): Promise<string> {
  const hash = createHash('sha256');
  for (const { data } of Object.values(await model.weights())) hash.update(data);
  return hash.digest('hex');
}

const outcome = ({ history, schedule, reason, steps }: nn.FitResult) => ({
  history,
  schedule,
  reason,
  steps,
});

async function alone(sizes: nn.CreateOptions, probes: nn.Sequences, drawn: Drawn[], options: nn.FitOptions) {
  const found = [];
  for (const each of drawn) {
    using model = await nn.ResidualBind.create(gpu(), { ...SIZE, ...sizes, seed: each.seed });
    const [train, valid] = [each.train, each.valid].map((list) => examplesOf(model, probes, each, list));
    const result = await nn.fit(model, train!, valid!, { ...RECIPE, ...options, seed: each.seed });
    found.push({ ...outcome(result), sha256: await sha256(model) });
  }
  return found;
}

async function together(
  sizes: nn.CreateOptions,
  probes: nn.Sequences,
  drawn: Drawn[],
  options: nn.FitManyOptions,
  resume?: readonly (nn.TrainingState | undefined)[],
) {
  const models: nn.ResidualBind[] = [];
  for (const { seed } of drawn) models.push(await nn.ResidualBind.create(gpu(), { ...SIZE, ...sizes, seed }));
  try {
    const experiments = drawn.map((each, e) => ({ ...each, model: models[e]!, resume: resume?.[e] }));
    const results = await nn.fitMany(probes, experiments, { ...RECIPE, ...options });
    const hashes = await Promise.all(models.map(sha256));
    return results.map((result, e) => ({ ...outcome(result), sha256: hashes[e] }));
  } finally {
    for (const model of models) model.dispose();
  }
}

describe('eight experiments', () => {
  const probes = simulated(PROBES);
  const drawn = draw(probes.scores, 8);
  let expected: Awaited<ReturnType<typeof alone>> | undefined;
  const expectedOnce = async () => (expected ??= await alone({}, probes, drawn, {}));

  it.each([
    { modelsAtOnce: 8 },
    // Places are taken over when models stop.
    { modelsAtOnce: 3 },
  ])('have the bits that each has alone, $modelsAtOnce side by side', async (options) => {
    const found = await together({}, probes, drawn, options);
    expect(found).toEqual(await expectedOnce());
    // The experiments do not all end at once, or nothing was tested.
    expect(new Set(found.map(({ history }) => history.length)).size).toBeGreaterThan(1);
    expect(new Set(found.map(({ schedule }) => schedule.learningRate)).size).toBeGreaterThan(1);
  });

  it('go on bit for bit from their states, which may be of different epochs', async () => {
    const states: nn.TrainingState[] = [];
    await together({}, probes, drawn, {
      epochs: 2,
      onEpoch: async (e, { epoch }, state) => {
        if (epoch <= 1 + (e % 2)) states[e] = await state();
      },
    });
    // The last one begins anew.
    const resume = drawn.map((_, e) => (e === 7 ? undefined : states[e]));
    expect(await together({}, probes, drawn, { modelsAtOnce: 5 }, resume)).toEqual(await expectedOnce());
  });

  it('report their progress by their numbers', async () => {
    const seen: nn.ManyProgress[] = [];
    const ended: number[] = [];
    const epochs: number[][] = drawn.map(() => []);
    await together({}, probes, drawn, {
      epochs: 1,
      modelsAtOnce: 5,
      onStep: (progress) => seen.push(progress),
      onEpoch: (e, { epoch }) => void epochs[e]!.push(epoch),
      onEnd: (e, { reason }) => void (reason === 'epochs' && ended.push(e)),
    });
    expect(seen[0]!.experiments.toSorted()).toEqual([0, 1, 2, 3, 4]);
    expect(seen.at(-1)!.experiments.toSorted()).toEqual([5, 6, 7]);
    expect(seen.at(-1)).toMatchObject({ step: 6, steps: 6 });
    expect(epochs).toEqual(drawn.map(() => [1]));
    expect(ended.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('keep their best weights when they are cancelled', async () => {
    const abort = new AbortController();
    const found = await together({}, probes, drawn, {
      modelsAtOnce: 6,
      signal: abort.signal,
      onEpoch: (_, { epoch }) => {
        if (epoch === 2) abort.abort();
      },
    });
    const after = await alone({}, probes, drawn.slice(0, 6), { epochs: 2 });
    expect(found.slice(0, 6).map(({ sha256 }) => sha256)).toEqual(after.map(({ sha256 }) => sha256));
    expect(found.map(({ reason }) => reason)).toEqual(drawn.map(() => 'cancelled'));
    expect(found.map(({ history }) => history.length)).toEqual([2, 2, 2, 2, 2, 2, 0, 0]);
  });

  it('end by an error in a callback', async () => {
    const onEpoch = () => {
      throw new RangeError('disk full');
    };
    await expect(together({}, probes, drawn, { onEpoch })).rejects.toThrow('disk full');
  });

  it('wait for what is done at the end of an epoch, one call after the other', async () => {
    const calls: string[] = [];
    const noted = async (text: string) => {
      calls.push(`${text} begins`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      calls.push(`${text} ends`);
    };
    await together({}, probes, drawn.slice(0, 2), {
      epochs: 2,
      onEpoch: async (e, { epoch }) => await noted(`epoch ${epoch} of ${e}`),
      onEnd: async (e) => await noted(`end of ${e}`),
    });
    expect(calls.map((call) => call.replace(/ (begins|ends)$/, '')).filter((_, i) => i % 2 === 0)).toEqual([
      ...['epoch 1 of 0', 'epoch 1 of 1', 'epoch 2 of 0', 'end of 0', 'epoch 2 of 1', 'end of 1'],
    ]);
    expect(calls.every((call, i) => call.endsWith(i % 2 === 0 ? 'begins' : 'ends'))).toBe(true);
  });

  it('of which one diverges go on without it', async () => {
    const wild = drawn.slice(0, 3).map((each, e) => {
      const scores = e === 1 ? each.scores.map((score) => score * 1e25) : each.scores;
      return { ...each, scores };
    });
    const found = await together({}, probes, wild, { epochs: 2 });
    expect(found.map(({ reason }) => reason)).toEqual(['epochs', 'diverged', 'epochs']);
    const [first, , third] = await alone({}, probes, drawn.slice(0, 3), { epochs: 2 });
    expect([found[0], found[2]]).toEqual([first, third]);
  });
});

describe('experiments of other networks have the bits that each has alone', () => {
  it.each<nn.CreateOptions>([{ preset: 'keras', head: 'classification' }, { channels: 6 }, { outputs: 3 }])(
    '%j',
    async (sizes) => {
      using model = await nn.ResidualBind.create(gpu(), { ...SIZE, ...sizes });
      const probes = randomExamples(model.architecture, PROBES);
      const drawn = draw(probes.scores, 3, model.outputs);
      expect(await together(sizes, probes, drawn, { epochs: 2 })).toEqual(
        await alone(sizes, probes, drawn, { epochs: 2 }),
      );
    },
  );

  it('by the fused kernels', async () => {
    // Few sizes, since software adapters take long to compile these kernels.
    const sizes = { length: 13, taps: 5, pool: 4 } as const;
    const options = { epochs: 2, batch: 6, fused: true } as const;
    using model = await nn.ResidualBind.create(gpu(), { ...SIZE, ...sizes });
    const probes = randomExamples(model.architecture, 30);
    const all = Array.from({ length: 30 }, (_, i) => i);
    const drawn = [12, 7, 13].map((trained, e) => {
      const scores = probes.scores.map((score, i) => (i === 2 * e ? Number.NaN : score));
      // One missing score each: whole batches, one batch, and two.
      return { scores, train: all.slice(0, trained + (e === 0 ? 1 : 0)), valid: all.slice(20), seed: 5 * e };
    });
    expect(await together(sizes, probes, drawn, options)).toEqual(await alone(sizes, probes, drawn, options));
  });
});

describe('experiments that cannot be trained', () => {
  const probes = simulated(PROBES);
  const [good] = draw(probes.scores, 1) as [Drawn];

  it.each<[string, Partial<Drawn>, typeof DataError | typeof ArgumentError | typeof ShapeError, string]>([
    [
      'no score',
      { scores: new Float32Array(PROBES).fill(Number.NaN) },
      DataError,
      'experiments[1].train: none',
    ],
    [
      'equal scores',
      { scores: new Float32Array(PROBES) },
      DataError,
      'experiments[1], training: all 100 scores',
    ],
    [
      'an infinite score',
      { scores: good.scores.map(() => Infinity) },
      DataError,
      'a score of probe 0 is infinite',
    ],
    ['two to validate on', { valid: [3, 4] }, DataError, 'experiments[1], validation: 2 records are too few'],
    [
      'a probe that is not there',
      { train: [0, 200] },
      ArgumentError,
      'experiments[1].train: there is no probe 200',
    ],
    ['part of a probe', { train: [0, 1.5] }, ArgumentError, 'there is no probe 1.5'],
    ['other probes', { scores: good.scores.subarray(1) }, ShapeError, 'experiments[1]: score: 200 numbers'],
  ])('are refused by their number: %s', async (_, change, Kind, message) => {
    using first = await nn.ResidualBind.create(gpu(), SIZE);
    using second = await nn.ResidualBind.create(gpu(), SIZE);
    const experiments = [
      { ...good, model: first },
      { ...good, model: second, ...change },
    ];
    const training = nn.fitMany(probes, experiments, { epochs: 1, onReady: () => expect.fail('it began') });
    await expect(training).rejects.toThrow(Kind);
    await expect(training).rejects.toThrow(message);
  });
});

describe('models side by side', () => {
  const made = nn.architecture('paper');

  it('are as many as memory allows, and one at least', () => {
    const sizes = { sequences: 240_000 };
    const usual = nn.modelsAtOnce(gpu(), made, sizes);
    expect(usual).toBeGreaterThan(1);
    expect(nn.modelsAtOnce(gpu(), made, { ...sizes, memory: 2 ** 28 })).toBeLessThan(usual);
    expect(nn.modelsAtOnce(gpu(), made, { ...sizes, memory: 1 })).toBe(1);
  });
});
