/** Describes a sweep's plan: what is computed per pattern, what is shared, and the arithmetic of both. */

import { TAPS } from '../../kernels/sweep/filtering.js';
import { type Architecture, forwardMultiplyAdds } from '../../nn/architecture.js';
import { chunkChoice } from './chunk-choice.js';
import { bytesPerPair, dispatchesOf } from './cost.js';
import { multiplyAddsPerPair, type SweepPlan } from './plan.js';
import { type ChunkKind, memoryOf, sweepSize } from './size.js';
import type { ConvolutionStage } from './stages.js';

/**
 * Measured rates of sweeps in multiply-adds per second: all 6-mers in 1,000 backgrounds (docs/performance.md,
 * docs/vts1.md).
 */
export const MEASURED_RATES = [
  { on: 'lavapipe on two CPU cores', multiplyAddsPerSecond: 10.1e9 },
  { on: 'an NVIDIA H200', multiplyAddsPerSecond: 6.4e12 },
] as const;

/** Size of the sweep that a plan is used for. */
export interface SweepExtent {
  readonly backgrounds: number;
  /** Number of models in the sweep. Default 1. */
  readonly models?: number;
  /** Number of such sweeps, for example one per position. Default 1. */
  readonly times?: number;
}

/** An estimated time, with the rate measured on one adapter. */
export interface TimeEstimate {
  readonly on: string;
  readonly multiplyAddsPerSecond: number;
  readonly seconds: number;
}

export interface StageReport {
  readonly stage: string;
  /** Positions first … last that are computed per pattern; empty if there are none. */
  readonly perPattern: string;
  /** Number of shared vectors, and of edges among them. */
  readonly shared: number;
  readonly edges: number;
  /** How the columns of the stage before are multiplied. */
  readonly products: string;
}

export interface PlanReport {
  readonly patterns: number;
  readonly method: string;
  readonly stages: readonly StageReport[];
  /**
   * Multiply-adds of matrix products per (pattern, background): computed per pattern, shared, both together,
   * and for embedding and predicting each pattern.
   */
  readonly multiplyAdds: {
    readonly perPattern: number;
    readonly shared: number;
    readonly total: number;
    readonly naive: number;
  };
  readonly backgrounds: number;
  /** All multiply-adds of the sweep. */
  readonly work: number;
  /** Estimates: each adapter, model and machine has its own rate. */
  readonly times: readonly TimeEstimate[];
  /**
   * Bytes of GPU memory: the least with which the sweep can run, and about what it uses by default on either
   * class of adapter.
   */
  readonly memory: { readonly least: number; readonly software: number; readonly hardware: number };
  /**
   * On hardware: whether the pairs of a chunk take one dispatch, or go stage by stage because workgroup
   * memory is too small.
   */
  readonly chunk: ChunkKind;
  /** On hardware, per pair and model: bytes of the pair's own vectors through memory. */
  readonly bytesPerPair: number;
  /** On hardware, of the whole sweep with default memory. */
  readonly dispatches: number;
}

/** The hardware that a plan assumes; nearly every GPU of the last ten years has at least this. */
const TYPICAL = {
  adapter: { class: 'hardware' },
  limits: { maxComputeWorkgroupStorageSize: 32_768, maxComputeInvocationsPerWorkgroup: 1024 },
} as const;
const TYPICAL_BINDING = 2 ** 31 - 4;

/** @param extent 1,000 backgrounds by default */
export function describePlan(
  plan: SweepPlan,
  architecture: Architecture,
  { backgrounds, models = 1, times = 1 }: SweepExtent = { backgrounds: 1000 },
): PlanReport {
  const { set, method, first, convolutions, pool, multiplyAdds } = plan;
  const span = ({ first: from, count }: { first: number; count: number }): string =>
    count === 0 ? '-' : `${from} - ${from + count - 1}`;
  const stages = [first, ...convolutions].map((stage, i): StageReport => {
    const blocks = i > 0 ? convolutions[i - 1]!.blocks : undefined;
    return {
      stage: i === 0 ? 'first convolution' : named(convolutions[i - 1]!),
      perPattern: span(stage.run),
      shared: stage.shared,
      edges: stage.edges.rows,
      products: blocks ? `${blocks.products} (${blocks.count} blocks of ${blocks.size})` : '-',
    };
  });
  const windows: StageReport = {
    stage: 'pool and dense layer',
    perPattern: span(pool.windows),
    shared: pool.gathered.rows,
    edges: plan.dense.edges.rows,
    products: `${pool.windows.count} windows`,
  };
  const total = multiplyAddsPerPair(plan);
  const host = { architecture, models };
  const { kind } = chunkChoice(TYPICAL, host, plan);
  const size = sweepSize(plan, host, backgrounds, kind, { kind: 'hardware', bindable: TYPICAL_BINDING });
  const work = total * set.names.length * backgrounds * models * times;
  return {
    patterns: set.names.length,
    method,
    stages: [...stages, windows],
    multiplyAdds: {
      perPattern: multiplyAdds.perPair,
      shared: total - multiplyAdds.perPair,
      total,
      naive: forwardMultiplyAdds(architecture),
    },
    backgrounds,
    work,
    times: MEASURED_RATES.map((rate) => estimate(work, rate)),
    memory: memory(plan, host, kind),
    chunk: kind,
    bytesPerPair: bytesPerPair(plan, kind),
    dispatches: times * dispatchesOf(plan, size, backgrounds, kind),
  };
}

/** A convolution after the first. In ResidualBind it has three taps. */
const named = ({ taps, dilation }: ConvolutionStage): string =>
  taps === TAPS ? `dilation ${dilation}` : `${taps} taps, dilation ${dilation}`;

/** Time of some multiply-adds at a given rate. */
export const estimate = (
  work: number,
  { on, multiplyAddsPerSecond }: Omit<TimeEstimate, 'seconds'>,
): TimeEstimate => ({ on, multiplyAddsPerSecond, seconds: work / multiplyAddsPerSecond });

function memory(
  plan: SweepPlan,
  model: { readonly architecture: Architecture; readonly models: number },
  kind: ChunkKind,
): PlanReport['memory'] {
  const software = memoryOf(plan, model, 'software', 'staged');
  return {
    least: software.least,
    software: software.usual,
    hardware: memoryOf(plan, model, 'hardware', kind).usual,
  };
}
