/**
 * A sweep's plan in words and numbers: what is computed per pattern, what is shared, and the arithmetic of
 * both.
 */

import { TAPS } from '../../kernels/sweep/filtering.js';
import { type Architecture, forwardMultiplyAdds } from '../../nn/architecture.js';
import { chunkChoice } from './chunk-choice.js';
import { bytesPerPair, dispatchesOf } from './cost.js';
import { multiplyAddsPerPair, type SweepPlan } from './plan.js';
import { type ChunkKind, memoryOf, sweepSize } from './size.js';
import type { ConvolutionStage } from './stages.js';

/**
 * What sweeps reached, in multiply-adds a second: all 6-mers in 1,000 backgrounds (docs/performance.md,
 * docs/vts1.md).
 */
export const MEASURED_RATES = [
  { on: 'lavapipe on two CPU cores', multiplyAddsPerSecond: 10.1e9 },
  { on: 'an NVIDIA H200', multiplyAddsPerSecond: 6.4e12 },
] as const;

/** How much is swept with a plan. */
export interface SweepExtent {
  readonly backgrounds: number;
  /** Models swept together. Default 1. */
  readonly models?: number;
  /** Sweeps like this one, such as one a position. Default 1. */
  readonly times?: number;
}

/** A guess, by the rate at which some adapter worked. */
export interface TimeEstimate {
  readonly on: string;
  readonly multiplyAddsPerSecond: number;
  readonly seconds: number;
}

export interface StageReport {
  readonly stage: string;
  /** Positions first … last computed per pattern; empty where there are none. */
  readonly perPattern: string;
  /** Vectors shared by patterns, and edges among them. */
  readonly shared: number;
  readonly edges: number;
  /** How the columns before are multiplied. */
  readonly products: string;
}

export interface PlanReport {
  readonly patterns: number;
  readonly method: string;
  readonly stages: readonly StageReport[];
  /**
   * Multiply-adds of matrix products per (pattern, background): per pattern, of what is shared, in all, and
   * embedding and predicting each.
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
  /** Estimates; another adapter, model or machine has its own rate. */
  readonly times: readonly TimeEstimate[];
  /**
   * Bytes of GPU memory: without which it cannot run, and about what it takes by default on either class of
   * adapter.
   */
  readonly memory: { readonly least: number; readonly software: number; readonly hardware: number };
  /**
   * On hardware: the pairs of a chunk in one dispatch, or stage by stage where workgroup memory does not
   * suffice.
   */
  readonly chunk: ChunkKind;
  /** There, per pair and model: bytes of its own through memory. */
  readonly bytesPerPair: number;
  /** There, of the whole sweep with default memory. */
  readonly dispatches: number;
}

/** Hardware as a plan imagines it: what nearly every GPU of the last ten years has. */
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

/** A convolution after the first; those of ResidualBind have three taps. */
const named = ({ taps, dilation }: ConvolutionStage): string =>
  taps === TAPS ? `dilation ${dilation}` : `${taps} taps, dilation ${dilation}`;

/** How long some multiply-adds take at a rate. */
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
