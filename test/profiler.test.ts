/** Profiles: the sums, the roofline and the trace as numbers, and profiled plans on the adapter. */

import { describe, expect, it } from 'vitest';
import type { KernelTotals } from '../src/device/profiling/kernel-ledger.js';
import { KernelLedger } from '../src/device/profiling/kernel-ledger.js';
import { Profiler } from '../src/device/profiling/profiler.js';
import type { PassTimes } from '../src/device/profiling/timestamps.js';
import { TimestampPool } from '../src/device/profiling/timestamps.js';
import { chromeTrace } from '../src/device/profiling/trace.js';
import { requestGpu } from '../src/index.js';
import { type Ceilings, measureCeilings } from '../src/kernels/ceilings.js';
import { rateOf } from '../src/kernels/roofline.js';
import * as ops from '../src/tensor/operations.js';
import { Tensor } from '../src/tensor/tensor.js';
import { floats, useGpu } from './support/gpu.js';
import { normals } from './support/numbers.js';
import { dispatch, program } from './support/programs.js';

const launch = (kernel: string, flops: number, bytes: number) => ({
  kernel,
  flops,
  bytes,
  workgroups: [1, 1, 1] as const,
});

describe('a ledger', () => {
  const step = [launch('a', 10, 100), launch('b', 0, 7), launch('a', 30, 300)];
  /** Long beyond what a double counts in nanoseconds. */
  const zero = 2n ** 62n;
  const times = (...ns: [number, number][]): PassTimes[] =>
    ns.map(([begin, end]) => [zero + BigInt(begin), zero + BigInt(end)]);

  it('adds up calls, work and times by kernel, the longest first', () => {
    const ledger = new KernelLedger();
    ledger.count(step);
    ledger.time(step, times([0, 1000], [1000, 6000], [6000, 6500]), 5);
    ledger.count(step);
    expect(ledger.kernels).toEqual([
      {
        kernel: 'b',
        calls: 2,
        flops: 0,
        bytes: 14,
        timed: { calls: 1, seconds: expect.closeTo(5e-6, 12), flops: 0, bytes: 7 },
      },
      {
        kernel: 'a',
        calls: 4,
        flops: 80,
        bytes: 800,
        timed: { calls: 2, seconds: expect.closeTo(1.5e-6, 12), flops: 40, bytes: 400 },
      },
    ]);
    expect(ledger.events).toEqual([]);
    expect(ledger.eventsDropped).toBe(3);
  });

  it('leaves out a pass that ends before it begins', () => {
    const ledger = new KernelLedger(9);
    ledger.count(step);
    ledger.time(step, times([5, 4], [4, 6], [6, 7]), 0);
    expect(ledger.kernels.map(({ kernel, timed }) => [kernel, timed.calls])).toEqual([
      ['b', 1],
      ['a', 1],
    ]);
    expect(ledger.events).toHaveLength(2);
  });

  it('keeps the first events, on a host clock by which nothing begins before it was submitted', () => {
    const ledger = new KernelLedger(3);
    const one = [launch('a', 0, 0)];
    // The queue was idle at the second submit: it began 1 ms after the first's begin by the GPU, 4 ms by the
    // host.
    ledger.time(one, times([0, 10]), 100);
    ledger.time(one, times([1_000_000, 1_000_010]), 104);
    ledger.time(one, times([9_000_000, 9_000_010]), 105);
    ledger.time(one, times([9_000_020, 9_000_030]), 105);
    expect(ledger.events.map(({ start }) => start)).toEqual([103, 104, 112]);
    expect(ledger.events[1]?.milliseconds).toBeCloseTo(1e-5, 12);
    expect(ledger.eventsDropped).toBe(1);
  });
});

describe('the roofline', () => {
  const ceiling = (rate: number) => ({ rate, samples: 3, seconds: 1 });
  const ceilings: Ceilings = { arithmetic: ceiling(1000), bandwidth: ceiling(50) };
  const totals = (flops: number, bytes: number, seconds: number): KernelTotals => ({
    ...{ kernel: 'a', calls: 2, flops: 2 * flops, bytes: 2 * bytes },
    timed: { calls: 1, seconds, flops, bytes },
  });

  it.each([
    { bound: 'arithmetic', flops: 1000, bytes: 10, share: 0.5 },
    { bound: 'bandwidth', flops: 100, bytes: 90, share: 0.9 },
  ])('takes the larger share: $bound', ({ flops, bytes, share }) => {
    expect(rateOf(totals(flops, bytes, 2), ceilings)).toEqual({
      flopsPerSecond: flops / 2,
      bytesPerSecond: bytes / 2,
      share,
    });
  });

  it('says nothing of a kernel that was not timed, and gives no share without ceilings', () => {
    expect(rateOf(totals(1, 1, 0), ceilings)).toBeUndefined();
    expect(rateOf(totals(8, 4, 4))).toEqual({ flopsPerSecond: 2, bytesPerSecond: 1 });
  });
});

it('a trace has a row per track, and microseconds from the first span on', () => {
  const span = { milliseconds: 0.25, args: { flops: 3 } };
  const trace = chromeTrace(
    [
      { ...span, track: 'stages', name: 'train', start: 12 },
      { ...span, track: 'GPU', name: 'conv1d', start: 10.5 },
    ],
    { adapter: 'some' },
  );
  const event = { cat: 'stages', ph: 'X', pid: 1, dur: 250, args: { flops: 3 } };
  expect(trace).toEqual({
    displayTimeUnit: 'ms',
    otherData: { adapter: 'some' },
    traceEvents: [
      { name: 'thread_name', ph: 'M', pid: 1, tid: 1, args: { name: 'stages' } },
      { name: 'thread_name', ph: 'M', pid: 1, tid: 2, args: { name: 'GPU' } },
      { ...event, name: 'train', tid: 1, ts: 1500 },
      { ...event, name: 'conv1d', cat: 'GPU', tid: 2, ts: 0 },
    ],
  });
});

describe('a profiled GPU', () => {
  const gpu = useGpu();

  /** Runs `body` under a profiler of its own. */
  async function profiled<T>(profiler: Profiler, body: () => Promise<T>): Promise<T> {
    gpu().profiler = profiler;
    try {
      return await body();
    } finally {
      gpu().profiler = undefined;
    }
  }

  /**
   * Two dense layers and an activation, replayed; flops 2 * 15 * (8 * 12 + 12 * 4). All sizes are multiples
   * of 16 bytes, as some kernels bind.
   */
  const record = (x: Tensor, first: Tensor, second: Tensor) =>
    gpu().record(() => {
      using hidden = ops.dense(x, first);
      using active = ops.relu(hidden);
      return ops.dense(active, second);
    });

  it('computes the same bits and knows every call, its flops, bytes and time', async () => {
    using x = floats(gpu(), normals(120), [1, 15, 8]);
    using first = floats(gpu(), normals(96, 1), [1, 8, 12]);
    using second = floats(gpu(), normals(48, 2), [1, 12, 4]);
    const { plan, result } = await record(x, first, second);
    plan.run();
    const expected = await result.read();
    const profiler = new Profiler(gpu().device, { traceEvents: 10 });
    const before = { ...gpu().counters };
    await profiled(profiler, async () => {
      for (let i = 0; i < 5; i++) plan.run();
      expect(await result.read()).toEqual(expected);
    });
    expect(gpu().counters).toMatchObject({
      dispatches: before.dispatches + 15,
      submits: before.submits + 6,
      bindGroups: before.bindGroups,
    });
    plan.run();
    const { hasTimestamps, kernels, events, eventsDropped } = await profiler.report();
    const dense = kernels.find(({ kernel }) => kernel !== 'relu');
    const relu = kernels.find(({ kernel }) => kernel === 'relu');
    expect(kernels).toHaveLength(2);
    expect(dense).toMatchObject({ calls: 10, flops: 5 * 2 * 15 * (8 * 12 + 12 * 4) });
    expect(dense?.bytes).toBe(5 * 4 * (120 + 96 + 180 + (180 + 48 + 60)));
    expect(relu).toMatchObject({ calls: 5, flops: 0, bytes: 5 * 4 * 2 * 180 });
    expect(hasTimestamps).toBe(gpu().device.features.has('timestamp-query'));
    if (hasTimestamps) {
      expect(kernels.map(({ calls, timed }) => timed.calls === calls)).toEqual([true, true]);
      expect(events).toHaveLength(10);
      expect(eventsDropped).toBe(5);
      for (const { start, milliseconds } of events) {
        expect(Number.isFinite(start)).toBe(true);
        expect(milliseconds).toBeGreaterThanOrEqual(0);
      }
    }
    result.dispose();
    plan.dispose();
    profiler.dispose();
  });

  it('has exact, positive times when it was opened for profiling', async () => {
    using own = await requestGpu({ profile: true });
    using x = floats(own, normals(4096), [1, 4096]);
    using y = ops.relu(x);
    await y.read();
    const { hasTimestamps, kernels } = await own.profiler!.report();
    expect(kernels).toMatchObject([{ kernel: 'relu', calls: 1, bytes: 2 * 4 * 4096 }]);
    if (hasTimestamps) expect(kernels[0]!.timed.seconds).toBeGreaterThan(0);
  });

  it('counts without timing where there are no timestamps, in one pass as ever', async () => {
    using y = Tensor.zeros(gpu(), [1, 1]);
    const { plan } = await gpu().record(() => dispatch(gpu(), program('one', 'y[0] += 1.0;'), y));
    const profiler = new Profiler({ features: new Set() } as unknown as GPUDevice);
    await profiled(profiler, async () => {
      plan.run();
      plan.run();
      expect([...(await y.readFloats())]).toEqual([2]);
    });
    expect(await profiler.report()).toMatchObject({
      hasTimestamps: false,
      kernels: [{ kernel: 'one', calls: 2, timed: { calls: 0 } }],
      events: [],
    });
    plan.dispose();
  });

  it('times more dispatches than one query set holds', async ({ skip }) => {
    if (!gpu().device.features.has('timestamp-query')) skip('no timestamps');
    const count = 2050;
    using y = Tensor.zeros(gpu(), [1, 1]);
    const one = program('one', 'y[0] += 1.0;');
    const { plan } = await gpu().record(() => {
      for (let i = 0; i < count; i++) dispatch(gpu(), one, y);
    });
    const profiler = new Profiler(gpu().device);
    await profiled(profiler, async () => {
      plan.run();
      expect([...(await y.readFloats())]).toEqual([count]);
    });
    const { kernels } = await profiler.report();
    expect(kernels).toMatchObject([{ kernel: 'one', calls: count, timed: { calls: count } }]);
    plan.dispose();
    profiler.dispose();
  });

  it('lends timestamps to a bounded number of submits, and again when they come back', ({ skip }) => {
    if (!gpu().device.features.has('timestamp-query')) skip('no timestamps');
    const pool = new TimestampPool(gpu().device);
    const held = Array.from({ length: 1024 }, () => pool.acquire(1));
    expect(held.every(Boolean)).toBe(true);
    expect(pool.acquire(1)).toBeUndefined();
    pool.release(held[7]!);
    expect(pool.acquire(1)?.slots).toEqual(held[7]!.slots);
    pool.dispose();
  });

  it('ends its report when the device goes away', async () => {
    const own = await requestGpu({ profile: true });
    using x = floats(own, [1, 2], [1, 2]);
    using _ = ops.relu(x);
    await own.flush();
    const { profiler } = own;
    own.dispose();
    expect((await profiler!.report()).kernels).toMatchObject([{ kernel: 'relu', calls: 1 }]);
  });

  it('measures ceilings that are rates, and gives their memory back', async () => {
    const { liveBytes } = gpu().pool.usage;
    const { arithmetic, bandwidth } = await measureCeilings(gpu(), { seconds: 0 });
    for (const { rate, samples, seconds } of [arithmetic, bandwidth]) {
      expect(rate).toBeGreaterThan(1e6);
      expect(Number.isFinite(rate)).toBe(true);
      expect(seconds).toBeGreaterThan(0);
      expect(samples).toBe(3);
    }
    expect(gpu().pool.usage).toMatchObject({ liveBytes, idleBytes: 0 });
  });
});
