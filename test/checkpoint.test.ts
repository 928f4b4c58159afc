/** Checkpoints of sweeps: a damaged one is refused and named, whatever the damage, and never gone on from. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConflictError, FormatError, NotFiniteError, ShapeError } from '../src/device/errors.js';
import type { AdaptiveState } from '../src/gia/adaptive.js';
import { SweepCheckpoint } from '../src/gia/files/checkpoint.node.js';
import { type Codec, partsCodec, roundsCodec } from '../src/gia/files/codecs.js';
import type { SweepState } from '../src/gia/sweep/state.js';
import { decodeSafetensors, encodeSafetensors } from '../src/nn/files/safetensors.js';

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-checkpoint-'));
  path = join(folder, 'table.tsv.checkpoint');
});
afterAll(() => rm(folder, { recursive: true }));

const work = { models: ['a'], patterns: 'b' };

/** Two parts of 3 and 2 patterns over 10 backgrounds, one model. */
const PARTS = partsCodec([3, 2], { models: 1, count: 10, keepLocal: false });
const state = (patterns: number, backgrounds: number): SweepState => ({
  backgrounds,
  statistics: Float32Array.from({ length: 4 * patterns }, (_, i) => i + 0.5),
});
const states = [state(3, 10), state(2, 4)];

const open = <State>(codec: Codec<State>, options = {}) =>
  SweepCheckpoint.open(path, { work, codec, ...options });

async function saved(): Promise<Buffer> {
  const checkpoint = await open(PARTS, { fresh: true });
  await checkpoint.save(states);
  return await readFile(path);
}

describe('a checkpoint', () => {
  it('gives back what was saved', async () => {
    await saved();
    expect((await open(PARTS)).state).toEqual(states);
  });

  it('of other work is kept and refused', async () => {
    await saved();
    const other = open(PARTS, { work: { ...work, patterns: 'c' } });
    await expect(other).rejects.toThrow(ConflictError);
    await expect(other).rejects.toThrow(`${path}: an unfinished sweep of another model`);
  });

  it('is refused with any byte changed, and named with the remedy', async () => {
    const whole = await saved();
    for (let at = 0; at < whole.length; at += 7) {
      const damaged = Buffer.from(whole);
      damaged[at]! ^= 0x10;
      await writeFile(path, damaged);
      const opened = await open(PARTS).then(
        (checkpoint) => checkpoint.state,
        (error: Error) => error,
      );
      expect(opened, `byte ${at}`).toBeInstanceOf(Error);
      expect((opened as Error).message).toContain(path);
      expect((opened as Error).message).toContain('--fresh');
    }
  });

  it.each([0, 7, 100, -1])('is refused when cut to %d bytes', async (length) => {
    await writeFile(path, (await saved()).subarray(0, length));
    await expect(open(PARTS)).rejects.toThrow(FormatError);
  });

  it('without a checksum is refused', async () => {
    const { tensors, metadata } = decodeSafetensors(await saved(), path);
    const { sha256: _, ...others } = metadata;
    await writeFile(path, encodeSafetensors({ tensors, metadata: others }));
    await expect(open(PARTS)).rejects.toThrow('a damaged checkpoint, or one of another version');
  });

  it('is started anew with --fresh, whatever lies there', async () => {
    await writeFile(path, 'nonsense');
    expect((await open(PARTS, { fresh: true })).state).toBeUndefined();
  });
});

describe('states of parts', () => {
  const load = (facts: unknown, arrays: Record<string, Float32Array>) => PARTS.load({ facts, arrays });
  const { arrays } = PARTS.save(states);

  it.each([
    { why: 'more backgrounds than there are', facts: [1000] },
    { why: 'less than none', facts: [10, -1] },
    { why: 'half of one', facts: [10, 0.5] },
    { why: 'text', facts: ['10', '4'] },
    { why: 'none', facts: [] },
    { why: 'more parts than there are', facts: [10, 10, 1] },
    { why: 'a part begun before the end of the last', facts: [3, 4] },
    { why: 'no list', facts: { 0: 10 } },
    { why: 'nothing', facts: null },
  ])('are refused: $why', ({ facts }) => {
    expect(() => load(facts, arrays)).toThrow(/part|background/);
  });

  it('are refused with other patterns, and with NaN', () => {
    expect(() => load([4], { 'statistics.0': new Float32Array(8) })).toThrow(ShapeError);
    const broken = new Float32Array(12).fill(1);
    broken[5] = Number.NaN;
    expect(() => load([4], { 'statistics.0': broken })).toThrow(NotFiniteError);
  });

  it('are refused without the local importances of a run that keeps them', () => {
    const keeping = partsCodec([3], { models: 1, count: 10, keepLocal: true });
    const { statistics } = state(3, 4);
    expect(() => keeping.load({ facts: [4], arrays: { 'statistics.0': statistics } })).toThrow(
      'local importances',
    );
    const local = new Float32Array(30);
    expect(
      keeping.load({ facts: [4], arrays: { 'statistics.0': statistics, 'local.0': local } }),
    ).toHaveLength(1);
  });
});

describe('states of a search', () => {
  const codec = roundsCodec({ models: 1, patterns: 8, count: 100, top: 2 });
  const round = { backgrounds: 16, patterns: 8, pairs: 128, multiplyAdds: 1e6 };
  const good: AdaptiveState = {
    rounds: [round],
    survivors: Uint32Array.of(1, 4, 7),
    local: new Float32Array(48).fill(0.25),
  };

  it('come back as they were saved', () => {
    expect(codec.load(codec.save(good))).toEqual(good);
  });

  it.each([
    { why: 'more backgrounds than there are', change: { rounds: [{ ...round, backgrounds: 1000 }] } },
    { why: 'rounds of other patterns', change: { rounds: [{ ...round, patterns: 9 }] } },
    { why: 'pairs that are not those', change: { rounds: [{ ...round, pairs: 1 }] } },
    { why: 'no rounds', change: { rounds: [null] as never } },
    { why: 'negative arithmetic', change: { rounds: [{ ...round, multiplyAdds: -1 }] } },
    { why: 'survivors outside the patterns', change: { survivors: Uint32Array.of(1, 4, 8) } },
    { why: 'survivors twice', change: { survivors: Uint32Array.of(1, 1, 7) } },
    {
      why: 'fewer survivors than wanted',
      change: { survivors: Uint32Array.of(1), local: new Float32Array(16) },
    },
    { why: 'other local importances', change: { local: new Float32Array(47) } },
  ])('are refused: $why', ({ change }) => {
    expect(() => codec.load(codec.save({ ...good, ...change }))).toThrow(ShapeError);
  });

  it('are refused with NaN, and with survivors that are no indices', () => {
    const local = new Float32Array(48);
    local[3] = Number.NaN;
    expect(() => codec.load(codec.save({ ...good, local }))).toThrow(NotFiniteError);
    const { facts, arrays } = codec.save(good);
    const survivors = Float32Array.of(1, 4.5, 7);
    expect(() => codec.load({ facts, arrays: { ...arrays, survivors } })).toThrow(FormatError);
  });
});
