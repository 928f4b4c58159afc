/**
 * What an adapter can do at best, measured: floating-point operations by chains of multiply-adds, memory
 * traffic by a streaming triad. What a kernel reaches of them is `roofline.ts`.
 */

import type { Allocation } from '../device/buffer-pool.js';
import type { Gpu } from '../device/gpu.js';
import { sizeFor } from '../device/sizes.js';
import { ceilDivide, flatGrid, launch, type Operand } from './launch.js';

/** A measured rate: the median of several samples. */
export interface Ceiling {
  /** Operations or bytes in a second. */
  readonly rate: number;
  readonly samples: number;
  /** Duration of the median sample. */
  readonly seconds: number;
}

/** The most that an adapter's arithmetic and memory reach. */
export interface Ceilings {
  /** f32 flops a second. */
  readonly arithmetic: Ceiling;
  /** Bytes a second, read and written. */
  readonly bandwidth: Ceiling;
}

export interface CeilingOptions {
  /** Seconds to spend on each of the two, once warm. Default 1. */
  readonly seconds?: number;
}

/** Chains keep one thread's arithmetic units busy; more of them leave the registers of software adapters. */
const TILE = { CHAINS: 8, STEPS: 16 };
/** Enough to hide the latencies of a large GPU. */
const THREADS = 2 ** 18;
/** A sample lasts at least this long, so that submitting it and waiting for it hardly count. */
const SAMPLE_SECONDS = 0.05;
const MOST_REPEATS = 1024;
const LEAST_SAMPLES = 3;

/**
 * Measures both ceilings by the host's clock. Takes some two seconds, and up to 384 MiB of GPU memory, which
 * it gives back with all that the pool held idle. Other work on the device, or on the machine where the
 * adapter computes on the CPU, lowers them.
 */
export async function measureCeilings(gpu: Gpu, { seconds = 1 }: CeilingOptions = {}): Promise<Ceilings> {
  const arithmetic = await measureArithmetic(gpu, seconds);
  const bandwidth = await measureBandwidth(gpu, seconds);
  gpu.pool.trim();
  return { arithmetic, bandwidth };
}

async function measureArithmetic(gpu: Gpu, seconds: number): Promise<Ceiling> {
  const turns = sizeFor(gpu.adapter, 'ceilingTurns');
  const result = gpu.pool.acquire(4 * THREADS);
  try {
    const record = () =>
      launch(gpu, 'ceiling_arithmetic', {
        operands: { y: whole(result) },
        params: { count: THREADS, turns, factor: 0.999, shift: 0.001 },
        tile: TILE,
        workgroups: flatGrid(gpu, THREADS),
      });
    const flops = 2 * THREADS * turns * TILE.CHAINS * TILE.STEPS;
    return await measure(gpu, record, flops, seconds);
  } finally {
    result.release();
  }
}

async function measureBandwidth(gpu: Gpu, seconds: number): Promise<Ceiling> {
  const { maxBufferSize, maxStorageBufferBindingSize } = gpu.limits;
  const streamBytes = sizeFor(gpu.adapter, 'ceilingBytes');
  const count = Math.floor(Math.min(streamBytes, maxBufferSize, maxStorageBufferBindingSize) / 16);
  const held: Allocation[] = [];
  const buffer = (): Operand => {
    const allocation = gpu.pool.acquire(16 * count);
    held.push(allocation);
    return whole(allocation);
  };
  try {
    const operands = { a: buffer(), b: buffer(), y: buffer() };
    const record = () =>
      launch(gpu, 'ceiling_bandwidth', {
        operands,
        params: { count, factor: 0.5 },
        workgroups: flatGrid(gpu, ceilDivide(count, sizeFor(gpu.adapter, 'ceilingVectors'))),
      });
    return await measure(gpu, record, 3 * 16 * count, seconds);
  } finally {
    for (const allocation of held) allocation.release();
  }
}

const whole = (allocation: Allocation): Operand => ({
  range: { allocation, offset: 0, bytes: allocation.bytes },
  pitch: 0,
});

/** The rate of a dispatch, repeated within one submit until that takes long enough to measure. */
async function measure(gpu: Gpu, record: () => void, work: number, seconds: number): Promise<Ceiling> {
  const once = await timer(gpu, record, 1);
  await once.run();
  const single = await once.run();
  once.dispose();
  const repeats = Math.min(MOST_REPEATS, Math.max(1, Math.ceil(SAMPLE_SECONDS / single)));
  const sampler = await timer(gpu, record, repeats);
  const samples: number[] = [];
  try {
    const until = performance.now() + 1000 * seconds;
    while (samples.length < LEAST_SAMPLES || performance.now() < until) samples.push(await sampler.run());
  } finally {
    sampler.dispose();
  }
  const median = samples.sort((a, b) => a - b)[Math.floor(samples.length / 2)]!;
  return { rate: (repeats * work) / median, samples: samples.length, seconds: median };
}

/** Runs of a dispatch `repeats` times over, in seconds. */
async function timer(gpu: Gpu, record: () => void, repeats: number) {
  const { plan } = await gpu.record(() => {
    for (let i = 0; i < repeats; i++) record();
  });
  await gpu.sync();
  return {
    async run(): Promise<number> {
      const from = performance.now();
      plan.run();
      await gpu.sync();
      return (performance.now() - from) / 1000;
    },
    dispose: () => plan.dispose(),
  };
}
