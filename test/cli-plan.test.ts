/**
 * `gia plan` and `gia sweep --plan`: what they print can be understood without the documentation, and adds
 * up.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlanReport } from '../src/gia/sweep/plan-report.js';
import { cli } from './support/cli.js';

let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-plan-'));
});
afterAll(() => rm(folder, { recursive: true }));

const planOf = async (...args: string[]) => {
  const { code, json, stderr } = await cli([...args, '--json']);
  expect(code, stderr).toBe(0);
  return json as unknown as PlanReport;
};

describe('gia plan', () => {
  it('says what its columns mean, how long it takes as an estimate, and the memory', async () => {
    const { code, stdout } = await cli(['gia', 'plan']);
    expect(code).toBe(0);
    for (const column of ['per pattern', 'shared vectors', 'edges', 'products'])
      expect(stdout).toMatch(new RegExp(`^  ${column}: \\w`, 'm'));
    expect(stdout).toContain('Estimated time for 1,000 backgrounds, 2,070 billion multiply-adds in all:');
    expect(stdout).toMatch(/^ {2}on an NVIDIA H200 +[\d.]+ s +6,400 billion a second$/m);
    expect(stdout).toMatch(/^GPU memory: at least \d+ MiB; by default about \d+ MiB on CPU adapters, /m);
  });

  it('scales with the backgrounds; memory does not', async () => {
    const [many, one] = [await planOf('gia', 'plan'), await planOf('gia', 'plan', '--backgrounds', '1')];
    expect(many.work).toBe(4096 * 1000 * many.multiplyAdds.total);
    expect(many.work).toBe(1000 * one.work);
    expect(many.memory).toEqual(one.memory);
    expect(many.memory.least).toBeLessThan(many.memory.software);
    expect(many.memory.software).toBeLessThan(many.memory.hardware);
    for (const { seconds, multiplyAddsPerSecond } of many.times)
      expect(seconds).toBeCloseTo(many.work / multiplyAddsPerSecond, 9);
    const { stdout } = await cli(['gia', 'plan', '--backgrounds', '1']);
    expect(stdout).toContain('Estimated time for 1 background, ');
  });

  it('says why the patterns of a network cannot share work, and what predicting each costs', async () => {
    const { code, stdout } = await cli(['gia', 'plan', '--preset', 'deepbind', '--k', '2']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^16 2-mers at \d+, .*: a max pool cannot be shared\.$/m);
    const { multiplyAdds } = await planOf('gia', 'plan', '--preset', 'deepbind', '--k', '2');
    // One window of 16 filters, 32 units, and the head.
    expect(multiplyAdds.naive).toBe(16 * 32 + 32);
  });
});

describe('gia sweep --plan', () => {
  it('counts every position and model, and estimates by the ceiling of the adapter at hand', async () => {
    await cli(['simulate', '--probes', '60', '--out', at('probes.tsv')]);
    const size = ['--filters', '4', '--hidden', '4', '--epochs', '1', '--batch', '20'];
    expect((await cli(['train', at('probes.tsv'), '--out', at('run'), ...size])).code).toBe(0);
    const sweep = ['gia', 'sweep', at('run'), '--k', '2', '--backgrounds', '7', '--plan'];
    const one = await planOf(...sweep);
    const three = await planOf(...sweep, '--positions', '17..19');
    expect(one.work).toBe(16 * 7 * one.multiplyAdds.total);
    expect(three.work).toBe(3 * 16 * 7 * three.multiplyAdds.total);
    expect(one.times[0]!.on).toBe('this adapter at its peak arithmetic, at least');
    expect(one.times[0]!.seconds).toBeGreaterThan(0);
  });
});
