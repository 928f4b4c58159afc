/**
 * The bits of results: predictions, weights after three epochs and sweeps of both presets, as sha256. They
 * are recorded per adapter and processor in `fixtures/bits.json`; `RESIDUALBIND_RECORD_BITS=1` records those
 * of this machine. A change that reorders a sum shows here, and is either a mistake or named in the change
 * log.
 */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import { sweep } from '../src/gia/importance.js';
import { Random } from '../src/kernels/random.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { fit as train } from '../src/nn/training/fit.js';
import type { EpochReport, TrainingState } from '../src/nn/training/training-state.js';
import { useGpu } from './support/gpu.js';

const FILE = fileURLToPath(new URL('fixtures/bits.json', import.meta.url));
const LENGTH = 41;
const EPOCHS = 3;
const recording = process.env.RESIDUALBIND_RECORD_BITS === '1';
const recorded: Record<string, Record<string, string>> = existsSync(FILE)
  ? JSON.parse(readFileSync(FILE, 'utf8'))
  : {};
const gpu = useGpu();

/** Records of random letters, some of them N; scores that depend on the letters. */
function examples(records: number, seed: number) {
  const draws = new Random(seed, 0).draws(0);
  const codes = Uint8Array.from({ length: records * LENGTH }, () => Math.floor(draws.uniform() * 4.05));
  const scores = Float32Array.from(
    { length: records },
    (_, i) => codes.subarray(i * LENGTH, (i + 1) * LENGTH).filter((code) => code === 2).length / 10 - 1,
  );
  return { codes, scores };
}

const sha256 = (values: Float32Array): string =>
  createHash('sha256')
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest('hex');

async function bitsOf(preset: 'paper' | 'keras'): Promise<Record<string, string>> {
  using model = await ResidualBind.create(gpu(), { preset, seed: 3 });
  const { codes } = examples(64, 1);
  const predictions = sha256(await model.predict({ codes }));
  const weights = createHash('sha256');
  // Those of the last epoch, whether or not it was the best.
  const onEpoch = async ({ epoch }: EpochReport, state: () => Promise<TrainingState>): Promise<void> => {
    if (epoch < EPOCHS) return;
    const { parameters, statistics } = (await state()).tensors;
    weights.update(parameters).update(statistics);
  };
  await train(model, examples(250, 2), examples(60, 3), { epochs: EPOCHS, batch: 100, seed: 5, onEpoch });
  const backgrounds = makeBackgrounds({ kind: 'uniform', count: 8, length: LENGTH, seed: 7 });
  const means = async (method: 'filtered' | 'shared') =>
    sha256((await sweep(model, { k: 4, backgrounds, method })).models[0]!.mean);
  return {
    predictions,
    weights: weights.digest('hex'),
    filtered: await means('filtered'),
    shared: await means('shared'),
  };
}

describe('bits of results', () => {
  for (const preset of ['paper', 'keras'] as const) {
    it(`of the ${preset} preset are those recorded`, async (context) => {
      const key = `${preset}, ${gpu().adapter.name}, ${cpus()[0]!.model}`;
      if (!recording && !recorded[key]) context.skip(`no bits are recorded for ${key}`);
      const bits = await bitsOf(preset);
      if (recording) {
        const all = { ...(existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : {}), [key]: bits };
        writeFileSync(FILE, `${JSON.stringify(all, undefined, 2)}\n`);
      } else {
        expect(bits).toEqual(recorded[key]);
      }
    });
  }
});
