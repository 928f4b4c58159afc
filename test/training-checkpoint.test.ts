/** Checkpoints of training: round trips to the bit, and every way a file can be wrong. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FormatError } from '../src/device/errors.js';
import { loadCheckpoint, saveCheckpoint } from '../src/nn/files/model-files.node.js';
import { decodeSafetensors, encodeSafetensors } from '../src/nn/files/safetensors.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-'));
});
afterAll(() => rm(folder, { recursive: true }));

type Tensors = Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

describe('checkpoints', () => {
  const flat = (n: number) => Float32Array.from({ length: 4 }, (_, i) => n + i);
  const state = {
    epoch: 2,
    steps: 20,
    schedule: { learningRate: 1e-3, best: 0.5, bestEpoch: 1, sinceBest: 1, sinceDecay: 1, stop: false },
    history: [
      { epoch: 1, loss: 1, validation: 0.5, learningRate: 1e-3, improved: true },
      { epoch: 2, loss: 0.5, validation: Number.NaN, learningRate: 1e-3, improved: false },
    ],
    tensors: {
      parameters: flat(0),
      statistics: flat(1),
      bestParameters: flat(2),
      bestStatistics: flat(3),
      adamM: flat(4),
      adamV: flat(5),
    },
  };

  it('come back as they were', async () => {
    await saveCheckpoint(folder, state, { data: 'abc' });
    expect(await loadCheckpoint(folder)).toEqual({ state, extra: { data: 'abc' } });
  });

  const path = () => join(folder, 'checkpoint.safetensors');

  /** The checkpoint with its parts changed, and no checksum mended. */
  async function changed(change: (file: { tensors: Tensors; metadata: Record<string, string> }) => void) {
    await saveCheckpoint(folder, state, { data: 'abc' });
    const { tensors, metadata } = decodeSafetensors(await readFile(path()), 'x');
    const file = { tensors: { ...tensors }, metadata: { ...metadata } };
    change(file);
    await writeFile(path(), encodeSafetensors(file));
    return loadCheckpoint(folder);
  }

  const inState = (change: (state: Record<string, unknown>) => void) =>
    changed(({ metadata }) => {
      const fields = JSON.parse(metadata.state!);
      change(fields);
      metadata.state = JSON.stringify(fields);
    });

  const { history, schedule } = state;
  it.each<[string, Record<string, unknown>, string]>([
    ['no history', { history: undefined }, 'state.history is missing; it must be a list'],
    ['a history that is an object', { history: {} }, 'state.history must be a list, not an Object'],
    ['a short history', { history: history.slice(0, 1) }, '2 epochs have a history of 1'],
    ['an empty report', { history: [history[0], {}] }, 'state.history[1].epoch is missing; it must be'],
    ['epochs out of order', { history: [history[0], history[0]] }, 'history[1] is of epoch 1'],
    ['an epoch below 1', { epoch: 0 }, 'state.epoch must be a positive integer, not 0'],
    ['steps that are text', { steps: '20' }, 'state.steps must be a positive integer, not "20"'],
    ['steps of no whole epochs', { steps: 21 }, '21 steps'],
    ['no schedule', { schedule: null }, 'state.schedule must be an object, not null'],
    [
      'a negative rate',
      { schedule: { ...schedule, learningRate: -1 } },
      'learningRate must be a finite number, above 0',
    ],
    ['a rate of null', { schedule: { ...schedule, learningRate: null } }, 'learningRate must be'],
    ['a best that is text', { schedule: { ...schedule, best: 'x' } }, 'state.schedule.best must be'],
    ['a best that was none', { schedule: { ...schedule, best: 0.25 } }, 'schedule.best is 0.25'],
    ['another best epoch', { schedule: { ...schedule, bestEpoch: 2 } }, 'schedule.bestEpoch is 2'],
    ['another wait', { schedule: { ...schedule, sinceBest: 0 } }, 'schedule.sinceBest is 0'],
    [
      'a stop that is no answer',
      { schedule: { ...schedule, stop: 0 } },
      'state.schedule.stop must be true or false',
    ],
    [
      'a loss of null',
      { history: [{ ...history[0], loss: null }, history[1]] },
      'state.history[0].loss must be',
    ],
    ['a field changed alone', { schedule: { ...schedule, learningRate: 2e-3 } }, 'it is damaged'],
  ])('are refused with %s', async (_, change, message) => {
    const loading = inState((fields) => Object.assign(fields, change));
    await expect(loading).rejects.toThrow(FormatError);
    await expect(loading).rejects.toThrow(`${path()}: `);
    await expect(loading).rejects.toThrow(message);
  });

  it.each(Object.keys(state.tensors))('are refused with a number changed in %s', async (name) => {
    const put = (value: number) =>
      changed(({ tensors }) => {
        tensors[name]!.data[3] = value;
      });
    await expect(put(Number.NaN)).rejects.toThrow(`${path()}: state.tensors.${name} holds NaN at element 3`);
    await expect(put(Number.NEGATIVE_INFINITY)).rejects.toThrow('holds -Infinity');
    await expect(put(0.25)).rejects.toThrow(`${path()}: it is damaged`);
  });

  it('are refused with a tensor cut, other facts, or no checksum', async () => {
    const cut = { shape: [3], data: flat(0).slice(0, 3) };
    await expect(changed(({ tensors }) => Object.assign(tensors, { adamV: cut }))).rejects.toThrow(
      'adamV has 3 numbers, parameters 4',
    );
    await expect(
      changed(({ metadata }) => Object.assign(metadata, { extra: '{"data":"x"}' })),
    ).rejects.toThrow('it is damaged');
    await expect(
      changed(({ metadata }) => {
        delete metadata.sha256;
      }),
    ).rejects.toThrow('an earlier version wrote it');
  });

  it('are refused without a tensor or their state', async () => {
    await writeFile(path(), encodeSafetensors({ tensors: {}, metadata: { state: '{}', extra: '{}' } }));
    await expect(loadCheckpoint(folder)).rejects.toThrow(
      new FormatError(`${path()}: "parameters" is missing`),
    );
    await writeFile(path(), encodeSafetensors({ tensors: {}, metadata: {} }));
    await expect(loadCheckpoint(folder)).rejects.toThrow('its "state" is missing');
  });
});
