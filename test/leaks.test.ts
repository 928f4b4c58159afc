/**
 * Work that fails leaves nothing behind. Each scenario is run once to count the buffers it asks for; then
 * again for each of them, with that request refused as a full GPU would. Afterwards as many buffers are live
 * as before.
 */

import { describe, expect, it } from 'vitest';
import { OutOfMemoryError } from '../src/device/errors.js';
import type { Gpu } from '../src/device/gpu.js';
import * as gia from '../src/gia/index.js';
import * as nn from '../src/nn/index.js';
import { range, simulated } from './support/examples.js';
import { useGpu } from './support/gpu.js';

const gpu = useGpu();
const SIZE = { filters: 4, hidden: 4 } as const;
const probes = simulated(30);
const [train, valid] = [range(probes, 0, 20), range(probes, 20, 30)];

/** Counts the pool's requests while `work` runs, and refuses the one of number `refused`. */
async function withPool(opened: Gpu, refused: number, work: () => Promise<unknown>): Promise<number> {
  const { pool } = opened;
  const acquire = pool.acquire.bind(pool);
  let asked = 0;
  pool.acquire = (bytes) => {
    if (asked++ === refused) throw new OutOfMemoryError('the test refuses this buffer');
    return acquire(bytes);
  };
  try {
    await work();
  } finally {
    pool.acquire = acquire;
  }
  return asked;
}

const backgrounds = () => gia.makeBackgrounds({ kind: 'uniform', count: 8, length: 41, seed: 1 });

async function withModel(work: (model: nn.ResidualBind) => Promise<unknown>): Promise<void> {
  using model = await nn.ResidualBind.create(gpu(), SIZE);
  await work(model);
}

const disposed = async (made: Promise<{ dispose(): void }>) => (await made).dispose();

const scenarios: Record<string, () => Promise<unknown>> = {
  create: () => disposed(nn.ResidualBind.create(gpu(), { ...SIZE, models: 2 })),
  predict: () => withModel((model) => model.predict(valid)),
  'predict in batches': () => withModel((model) => model.predict(valid, { batch: 4 })),
  gradients: () => withModel((model) => model.gradients(valid, valid.scores)),
  fit: () => withModel((model) => nn.fit(model, train, valid, { epochs: 1, batch: 12 })),
  importance: () =>
    withModel((model) => gia.importance(model, [gia.parsePattern('UGCAUG@17')], backgrounds())),
};
for (const method of gia.METHODS) {
  scenarios[`sweep, ${method}`] = () =>
    withModel((model) => gia.sweep(model, { k: 2, backgrounds: backgrounds(), method }));
}
Object.assign(scenarios, {
  topPatterns: () =>
    withModel((model) =>
      gia.topPatterns(model, gia.kmerPatterns(2, 17, 41), backgrounds(), { top: 2, first: 4 }),
    ),
  mutagenesis: () => withModel((model) => gia.mutagenesis(model, { codes: valid.codes.subarray(0, 41) })),
  saliency: () => withModel((model) => gia.saliency(model, { codes: valid.codes.subarray(0, 82) })),
  integratedGradients: () =>
    withModel((model) =>
      gia.integratedGradients(
        model,
        { codes: valid.codes.subarray(0, 41) },
        { steps: 4, baseline: 'uniform' },
      ),
    ),
});

describe('work that runs out of memory leaves no live buffer', () => {
  it.each(Object.keys(scenarios))('%s', async (name) => {
    const work = scenarios[name]!;
    const count = await withPool(gpu(), -1, work);
    expect(count).toBeGreaterThan(1);
    const leaks: string[] = [];
    for (let refused = 0; refused < count; refused++) {
      const before = gpu().pool.usage.liveBuffers;
      await expect(withPool(gpu(), refused, work), `request ${refused}`).rejects.toThrow(OutOfMemoryError);
      await gpu().sync();
      const { liveBuffers } = gpu().pool.usage;
      if (liveBuffers !== before) leaks.push(`request ${refused}: ${liveBuffers - before}`);
    }
    expect(leaks).toEqual([]);
  });
});

describe('work that ends early leaves no live buffer', () => {
  const aborted = { signal: AbortSignal.abort() };
  const codes = valid.codes.subarray(0, 82);
  it.each<[string, (model: nn.ResidualBind) => Promise<unknown>]>([
    ['a cancelled prediction', (model) => model.predict(valid, aborted)],
    ['an unknown precision', (model) => model.predict(valid, { precision: 'f8' as never })],
    [
      'cancelled training',
      async (model) => {
        const { reason } = await nn.fit(model, train, valid, aborted);
        throw new Error(reason);
      },
    ],
    ['training that diverges', (model) => nn.fit(model, train, valid, { learningRate: 1e30 })],
    [
      'training with a callback that throws',
      (model) =>
        nn.fit(model, train, valid, {
          onEpoch: () => {
            throw new Error('disk full');
          },
        }),
    ],
    ['a cancelled sweep', (model) => gia.sweep(model, { k: 2, backgrounds: backgrounds(), ...aborted })],
    [
      'an unknown method',
      (model) => gia.sweep(model, { k: 2, backgrounds: backgrounds(), method: 'fast' as never }),
    ],
    ['cancelled mutagenesis', (model) => gia.mutagenesis(model, { codes }, aborted)],
    ['cancelled saliency', (model) => gia.saliency(model, { codes }, aborted)],
    ['weights that do not fit', async (model) => model.load([{}])],
  ])('%s', async (_, work) => {
    const before = gpu().pool.usage.liveBuffers;
    await withModel((model) => expect(work(model)).rejects.toThrow());
    await gpu().sync();
    expect(gpu().pool.usage.liveBuffers).toBe(before);
  });
});
