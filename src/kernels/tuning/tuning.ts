/**
 * Which variant of each matrix kernel is the fastest on the present adapter, measured. A candidate must first
 * compute what the table's variant computes; then candidates race in alternating rounds, the slow ones leave
 * early, and the later rounds are a duel of the best one and the table's. What is tried is `candidates.ts`;
 * who keeps the result is the caller's business (`useVariants` puts it in use).
 */

import { ArgumentError, CancelledError, ShaderError } from '../../device/errors.js';
import type { Gpu } from '../../device/gpu.js';
import type { Plan } from '../../device/plan.js';
import { candidatesOf, typicalShapes } from '../matrix/candidates.js';
import { type ConvShape, multiplyAdds } from '../matrix/conv-shape.js';
import {
  MATRIX_KERNELS,
  type MatrixKernel,
  type MatrixVariant,
  type VariantTable,
  variantOf,
} from '../matrix/variants.js';
import { TuningStage, type Verdict } from './tuning-stage.js';

/** How far the tuning is. */
export interface TuningProgress {
  readonly kernel: MatrixKernel;
  /** Candidates checked and rounds run, of all kernels together. */
  readonly done: number;
  readonly total: number;
}

/** Which kernels are tuned. */
export interface TuneOptions {
  /** Default: all. */
  readonly kernels?: readonly MatrixKernel[];
  /** Default: those of the paper preset (`typicalShapes`). Each is the forward's shape. */
  readonly shapes?: Partial<Readonly<Record<MatrixKernel, readonly ConvShape[]>>>;
  /**
   * The first is what the others are compared with. Default: `candidatesOf`, which begins with the table's.
   */
  readonly candidates?: (kernel: MatrixKernel, adapter: Gpu['adapter']) => readonly MatrixVariant[];
  /** Shortest run of one sample, ms; a sample repeats its dispatch as often as that takes. Default 20. */
  readonly sampleMs?: number;
  /** Called after every candidate. */
  readonly onProgress?: (progress: TuningProgress) => void;
  /** Ends the tuning with CancelledError. */
  readonly signal?: AbortSignal;
}

export interface CandidateTiming {
  readonly variant: MatrixVariant;
  readonly agreement: Verdict;
  /** Why it was excluded. */
  readonly reason?: string;
  /** Rounds it took part in; fewer than others when it was too slow to win. */
  readonly rounds: number;
  /** By shape: median of a dispatch, ms. Empty when excluded. */
  readonly ms: readonly number[];
  readonly gflops: readonly number[];
  /** Times as fast as the table's variant, the geometric mean over shapes. */
  readonly speed?: number;
}

/** What tuning found for one kernel. */
export interface KernelTuning {
  readonly kernel: MatrixKernel;
  readonly shapes: readonly ConvShape[];
  /** What the others were compared with. */
  readonly table: MatrixVariant;
  readonly chosen: MatrixVariant;
  /** `chosen` against the table's; 1 where the table's stays. */
  readonly speed: number;
  /** Upper by lower quartile of the table's samples: near 1 on an idle machine. */
  readonly spread: number;
  readonly candidates: readonly CandidateTiming[];
}

/** What tuning found for every kernel. */
export interface Tuning {
  /** The winners that replace the table's, for `useVariants`. */
  readonly variants: Partial<VariantTable>;
  readonly kernels: readonly KernelTuning[];
}

/** What a candidate must gain to replace the table's variant. */
const WORTH_IT = 1.03;

/**
 * After how many rounds a candidate leaves that is so many times slower than the best; 1: all but the best.
 */
const MARGINS: Readonly<Record<number, number>> = { 3: 1.5, 6: 1.2, 9: 1 };
const ROUNDS = 19;

/**
 * Finds the fastest variants. Leaves the variants in use as they are. Does not settle for what a loaded
 * machine shows once: a winner must be 3 % faster by the medians of all rounds, more than half of which it
 * ran against the table's alone.
 *
 * @throws CancelledError once the signal is aborted; ArgumentError when a kernel has no shape or candidate
 */
export async function tune(gpu: Gpu, options: TuneOptions = {}): Promise<Tuning> {
  const { kernels = MATRIX_KERNELS, shapes = {}, candidates = candidatesOf, signal } = options;
  const tasks = kernels.map((kernel) => {
    const task = {
      kernel,
      shapes: shapes[kernel] ?? typicalShapes(kernel, gpu.adapter),
      candidates: candidates(kernel, gpu.adapter),
    };
    if (task.shapes.length === 0 || task.candidates.length === 0) {
      throw new ArgumentError('kernels', `${kernel}: tuning needs at least one shape and one candidate`);
    }
    return task;
  });
  const total = tasks.reduce((sum, task) => sum + task.candidates.length + ROUNDS, 0);
  const results: KernelTuning[] = [];
  let done = 0;
  for (const task of tasks) {
    const { kernel } = task;
    const check = () => {
      if (signal?.aborted) throw new CancelledError(`tuning was cancelled while ${kernel} was measured`);
    };
    const step = () => options.onProgress?.({ kernel, done: ++done, total });
    results.push(await tuneKernel(gpu, task, { sampleMs: options.sampleMs ?? 20, check, step }));
  }
  const winners = results.filter(({ chosen, table }) => chosen !== table);
  return {
    variants: Object.fromEntries(winners.map(({ kernel, chosen }) => [kernel, chosen])),
    kernels: results,
  };
}

/** The variants that a device takes from now on, whether from the table or tuned. */
export const variantsInForce = (gpu: Gpu): VariantTable =>
  Object.fromEntries(
    MATRIX_KERNELS.map((kernel) => [kernel, variantOf(gpu, kernel)]),
  ) as unknown as VariantTable;

interface Task {
  readonly kernel: MatrixKernel;
  readonly shapes: readonly ConvShape[];
  readonly candidates: readonly MatrixVariant[];
}

interface Session {
  readonly sampleMs: number;
  /** Throws when the caller has had enough. */
  readonly check: () => void;
  /** Counts one unit of progress. */
  readonly step: () => void;
}

/** A candidate in the race. */
interface Runner {
  readonly variant: MatrixVariant;
  agreement: Verdict;
  reason?: string;
  /** By shape: one sample's dispatches, and the samples so far, ms a dispatch. */
  readonly lanes: { readonly stage: TuningStage; readonly plan: Plan; readonly samples: number[] }[];
}

async function tuneKernel(
  gpu: Gpu,
  { kernel, shapes, candidates }: Task,
  run: Session,
): Promise<KernelTuning> {
  const runners = candidates.map((variant): Runner => ({ variant, agreement: 'equal', lanes: [] }));
  const table = runners[0]!;
  const stages: TuningStage[] = [];
  try {
    for (const shape of shapes) {
      stages.push(await TuningStage.create(gpu, kernel, shape, table.variant, run.sampleMs));
    }
    for (const runner of runners) {
      run.check();
      await enter(runner, stages);
      run.step();
    }
    return verdict(kernel, shapes, runners, table, await race(runners, table, run));
  } finally {
    for (const { lanes } of runners) for (const { plan } of lanes) plan.dispose();
    for (const stage of stages) stage.dispose();
  }
}

/** Checks a candidate's results on every shape; one that is wrong, or does not even compile, stays out. */
async function enter(runner: Runner, stages: readonly TuningStage[]): Promise<void> {
  for (const stage of stages) {
    try {
      const { agreement, reason } = await stage.compare(runner.variant);
      if (agreement !== 'equal') runner.agreement = agreement;
      if (reason !== undefined) runner.reason = reason;
    } catch (error) {
      // Everything else, such as a lost device, ends the tuning.
      if (!(error instanceof ShaderError)) throw error;
      runner.agreement = 'failed';
      runner.reason = error.message;
    }
    if (runner.reason !== undefined) return;
  }
  for (const stage of stages) {
    runner.lanes.push({ stage, plan: await stage.record(runner.variant), samples: [] });
  }
}

/** @returns those that ran to the end: the table's variant, and the best candidate if that is another */
async function race(runners: readonly Runner[], table: Runner, { check, step }: Session): Promise<Runner[]> {
  let racing = runners.filter(({ reason }) => reason === undefined);
  for (let round = 0; round < ROUNDS; round++) {
    // To and fro, so that nobody always runs after the same neighbour.
    for (const { lanes } of round % 2 === 0 ? racing : [...racing].reverse()) {
      for (const { stage, plan, samples } of lanes) {
        check();
        samples.push(await stage.time(plan));
      }
    }
    const margin = MARGINS[round + 1];
    if (margin !== undefined) {
      const best = fastest(racing, quick);
      racing = racing.filter((it) => it === table || it === best || quick(it) < margin * quick(best));
    }
    step();
  }
  return racing;
}

function verdict(
  kernel: MatrixKernel,
  shapes: readonly ConvShape[],
  runners: readonly Runner[],
  table: Runner,
  finalists: readonly Runner[],
): KernelTuning {
  /** In the rounds that both ran: the machine's load at other times is no matter. */
  const speedOf = (runner: Runner) => typical(table, roundsOf(runner)) / typical(runner);
  const best = fastest(finalists, typical);
  const chosen = speedOf(best) >= WORTH_IT ? best : table;
  return {
    kernel,
    shapes,
    table: table.variant,
    chosen: chosen.variant,
    speed: speedOf(chosen),
    spread: Math.max(...table.lanes.map(({ samples }) => quantile(samples, 0.75) / quantile(samples, 0.25))),
    candidates: runners.map((runner) => {
      const { variant, agreement, reason, lanes } = runner;
      const ms = lanes.map(({ samples }) => quantile(samples, 0.5));
      return {
        variant,
        agreement,
        ...(reason === undefined ? { speed: speedOf(runner) } : { reason }),
        rounds: roundsOf(runner),
        ms,
        gflops: ms.map((each, i) => (2 * multiplyAdds(shapes[i]!)) / (each * 1e6)),
      };
    }),
  };
}

const roundsOf = ({ lanes }: Runner): number => lanes[0]?.samples.length ?? 0;

/**
 * Milliseconds of a dispatch: the geometric mean over shapes of a quantile of the first `rounds`. Lower is
 * better.
 */
const score = ({ lanes }: Runner, share: number, rounds?: number): number =>
  Math.exp(
    lanes.reduce((sum, { samples }) => sum + Math.log(quantile(samples.slice(0, rounds), share)), 0) /
      lanes.length,
  );

/**
 * For leaving early: other work on the machine only ever slows a sample down, so the quicker ones tell more.
 */
const quick = (runner: Runner): number => score(runner, 0.25);
const typical = (runner: Runner, rounds?: number): number => score(runner, 0.5, rounds);

const fastest = (runners: readonly Runner[], of: (runner: Runner) => number): Runner =>
  runners.reduce((best, runner) => (of(runner) < of(best) ? runner : best));

/** The sample that this share of the others lies below, the lower one between two. */
const quantile = (samples: readonly number[], share: number): number =>
  [...samples].sort((a, b) => a - b)[Math.floor(share * (samples.length - 1))]!;
