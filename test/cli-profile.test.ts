/** --profile, --trace and doctor --bench, and the stages behind them. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { profileText, type RunProfile } from '../src/cli/profiling/profile.js';
import { Stages } from '../src/cli/profiling/stages.js';
import { cli } from './support/cli.js';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const SIZE = ['--preset', 'deepbind', '--filters', '4', '--hidden', '4', '--batch', '32'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-profile-'));
  await cli(['simulate', '--probes', '200', '--out', at('probes.tsv')]);
  await writeFile(at('some.txt'), 'ACGUACGU\nUUUUGGGG\n');
  const { code, stderr } = await cli([
    'train',
    at('probes.tsv'),
    '--out',
    at('plain'),
    '--epochs',
    '2',
    ...SIZE,
  ]);
  expect(code, stderr).toBe(0);
});

afterAll(() => rm(folder, { recursive: true }));

const sumOf = <K extends string>(rows: readonly Readonly<Record<K, number>>[], key: K): number =>
  rows.reduce((sum, row) => sum + row[key], 0);

interface Trace {
  readonly traceEvents: readonly {
    readonly name: string;
    readonly ph: string;
    readonly cat?: string;
    readonly ts: number;
    readonly dur: number;
  }[];
}

describe('stages', () => {
  it('add up time and the differences of counters by name', () => {
    const counters = { dispatches: 5, submits: 1, bindGroups: 0, uploads: 0, uploadedBytes: 0 };
    const stages = new Stages();
    stages.begin('read');
    stages.attach({ counters: { ...counters, dispatches: 0, submits: 0 } });
    stages.attach({ counters });
    for (let i = 0; i < 2; i++) {
      stages.begin('epochs');
      counters.dispatches += 81;
      counters.uploadedBytes += 20;
      stages.begin('save');
      counters.submits += 3;
    }
    stages.end();
    stages.end();
    counters.dispatches++;
    expect(stages.totals).toMatchObject([
      { stage: 'read', times: 1 },
      { stage: 'epochs', times: 2, dispatches: 162, submits: 0, uploadedBytes: 40 },
      { stage: 'save', times: 2, dispatches: 0, submits: 6, uploadedBytes: 0 },
    ]);
    expect(stages.events.map(({ stage }) => stage)).toEqual(['read', 'epochs', 'save', 'epochs', 'save']);
    expect(sumOf(stages.events, 'milliseconds') / 1000).toBeCloseTo(sumOf(stages.totals, 'seconds'), 9);
  });
});

describe('compiling', () => {
  it('is a stage of its own, taken out of the stages in which it happened', () => {
    const counters = { dispatches: 0, submits: 0, bindGroups: 0, uploads: 0, uploadedBytes: 0 };
    const compilations: { kernel: string; start: number; milliseconds: number }[] = [];
    const stages = new Stages();
    stages.attach({ counters, pipelines: { compilations } });
    stages.begin('embed and predict');
    const until = performance.now() + 20;
    while (performance.now() < until);
    stages.end();
    const [{ start, milliseconds }] = stages.events as [(typeof stages.events)[number]];
    // Two at once, one apart, and one that began before the stage.
    compilations.push(
      { kernel: 'a', start: start + 1, milliseconds: 4 },
      { kernel: 'b', start: start + 2, milliseconds: 5 },
      { kernel: 'c', start: start + 10, milliseconds: 3 },
      { kernel: 'd', start: start - 9, milliseconds: 9.5 },
    );
    expect(stages.totals.map(({ stage, times }) => ({ stage, times }))).toEqual([
      { stage: 'compile', times: 3 },
      { stage: 'embed and predict', times: 1 },
    ]);
    const [compile, rest] = stages.totals.map(({ seconds }) => 1000 * seconds) as [number, number];
    expect(compile).toBeCloseTo(0.5 + 6 + 3, 6);
    expect(rest).toBeCloseTo(milliseconds - compile, 6);
    expect(stages.events.map(({ stage }) => stage)).toEqual([
      ...['embed and predict', 'compile', 'compile', 'compile'],
    ]);
  });
});

describe('the text of a profile', () => {
  const timed = { calls: 2, seconds: 0.5, flops: 4e9, bytes: 1e9 };
  const kernel = { kernel: 'conv1d', calls: 2, flops: 4e9, bytes: 1e9, timed };
  const ceilings = {
    arithmetic: { rate: 16e9, samples: 9, seconds: 1 },
    bandwidth: { rate: 5e9, samples: 7, seconds: 1 },
  };

  it('gives rates and the share of the nearer ceiling', () => {
    const text = profileText({ hasTimestamps: true, kernels: [kernel] }, [], ceilings);
    expect(text).toMatch(/conv1d +2 +500\.00 +100\.0 % +8\.0 +2\.0 +50\.0 %/);
    expect(text).toContain('16.0 GFLOP/s, 5.0 GB/s (medians of 9 and 7)');
    expect(text).not.toContain('could not be timed');
  });

  it('says what was not timed', () => {
    const missing = { ...kernel, calls: 5 };
    expect(profileText({ hasTimestamps: true, kernels: [missing] }, [], ceilings)).toContain(
      '3 calls could not be timed.',
    );
    const none = { ...kernel, timed: { calls: 0, seconds: 0, flops: 0, bytes: 0 } };
    const text = profileText({ hasTimestamps: false, kernels: [none] }, [], ceilings);
    expect(text).toContain('no timestamp-query');
    expect(text).toMatch(/conv1d +2 +- +- +- +- +-\n/);
    expect(text).not.toMatch(/NaN|Infinity/);
  });
});

describe('train', () => {
  it('profiles every dispatch to the same model, and writes a trace', async () => {
    const args = ['train', at('probes.tsv'), '--out', at('run'), '--epochs', '2', ...SIZE];
    const { code, json, stderr } = await cli([...args, '--trace', at('trace.json'), '--json']);
    expect(code, stderr).toBe(0);
    expect(await readFile(at('run', 'model.safetensors'))).toEqual(
      await readFile(at('plain', 'model.safetensors')),
    );
    const { profile, work } = json as unknown as { profile: RunProfile; work: { dispatches: number } };
    expect(profile.stages.map(({ stage }) => stage)).toEqual([
      ...['read', 'open', 'compile', 'epochs', 'save', 'test'],
    ]);
    expect(sumOf(profile.kernels, 'calls')).toBe(work.dispatches);
    expect(sumOf(profile.stages, 'dispatches')).toBe(work.dispatches);
    // 90 probes in batches of 32 are three steps an epoch.
    expect(profile.kernels.find((row) => row.kernel === 'adam')?.calls).toBe(6);
    expect(profile.ceilings?.arithmetic.rate).toBeGreaterThan(0);
    expect(stderr).toMatch(/^ {2}kernel +calls +ms +of time +GFLOP\/s +GB\/s +of ceiling$/m);
    expect(stderr).toMatch(/^ {2}adam +6 /m);
    expect(stderr).toMatch(/^ {2}epochs +[\d.]+ s /m);
    const manifest = JSON.parse(await readFile(at('run', 'manifest.json'), 'utf8'));
    expect(manifest.profile).toEqual(profile);

    const { traceEvents } = JSON.parse(await readFile(at('trace.json'), 'utf8')) as Trace;
    const spans = traceEvents.filter(({ ph }) => ph === 'X');
    expect(spans.filter(({ cat }) => cat === 'stages').map(({ name }) => name)).toContain('epochs');
    const timed = profile.kernels.reduce((sum, row) => sum + row.timed.calls, 0);
    expect(spans.filter(({ cat }) => cat === 'GPU')).toHaveLength(timed);
    if (profile.hasTimestamps) expect(timed).toBe(work.dispatches);
    expect(spans.every(({ ts, dur }) => ts >= 0 && dur >= 0)).toBe(true);
  });

  it('refuses a trace that could not be written, before computing', async () => {
    const args = ['train', at('probes.tsv'), '--out', at('never'), '--trace', folder];
    const { code, stderr } = await cli(args);
    expect(code).toBe(1);
    expect(stderr).toContain(`${folder}: is a directory`);
  });
});

describe('other commands', () => {
  it.each([
    { command: 'predict', args: () => ['predict', at('plain'), at('some.txt')], stage: 'predict' },
    { command: 'evaluate', args: () => ['evaluate', at('plain'), at('probes.tsv')], stage: 'predict' },
    {
      command: 'gia importance',
      args: () => ['gia', 'importance', at('plain'), 'UGCAUG@17', '--backgrounds', '5'],
      stage: 'embed and predict',
    },
    {
      command: 'gia sweep',
      args: () => [...['gia', 'sweep', at('plain'), '--k', '1', '--backgrounds', '5', '--out', at('k.tsv')]],
      stage: 'embed and predict',
    },
  ])('$command profiles on stderr and leaves its results as they are', async ({ args, stage }) => {
    const plain = await cli(args());
    const { code, stdout, stderr } = await cli([...args(), '--profile']);
    expect(code, stderr).toBe(0);
    expect(stdout.replace(/in [\d.]+ s/, '')).toBe(plain.stdout.replace(/in [\d.]+ s/, ''));
    expect(plain.stderr).not.toContain('Kernels');
    expect(stderr).toMatch(new RegExp(`^ {2}${stage} +[\\d.]+ s +[1-9]`, 'm'));
    expect(stderr).toMatch(/^ {2}compile +[\d.]+ s +0 /m);
    expect(stderr).toMatch(/^ {2}conv_codes +\d+ /m);
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('doctor --bench', () => {
  it('measures ceilings, in words and in JSON; without it there are none', async () => {
    const { stdout } = await cli(['doctor', '--bench']);
    expect(stdout).toMatch(
      /^Ceilings measured here: [\d.]+ GFLOP\/s, [\d.]+ GB\/s \(medians of \d+ and \d+\)\.$/m,
    );
    const { json } = await cli(['doctor', '--json']);
    expect(json).toMatchObject({ ceilings: null });
  });
});
