/**
 * The runner of global importance analysis: drives an engine over the backgrounds block by block, keeps running
 * statistics on the GPU, and brings only those back. `importance.ts` is its face.
 */

import { count as counted } from '../../device/count.js';
import { CancelledError, NotFiniteError, ShapeError } from '../../device/errors.js';
import { Owned } from '../../device/owned.js';
import { Pace } from '../../device/pace.js';
import { sweepStatistics } from '../../kernels/sweep/sweep.js';
import { createControl } from '../../kernels/training/training.js';
import type { ResidualBind } from '../../nn/residualbind.js';
import { Tensor } from '../../tensor/tensor.js';
import type { Backgrounds } from '../backgrounds/backgrounds.js';
import type { Engine } from './engine.js';

export interface RunOptions {
  /** Ends the work with CancelledError, whose `partial` has what is known of the backgrounds done. */
  readonly signal?: AbortSignal | undefined;
  /** Called as pieces of the work are done. */
  readonly onProgress?: ((progress: SweepProgress) => void) | undefined;
  /** Also return every local importance. Default false. */
  readonly keepLocal?: boolean | undefined;
  /** Where an earlier run got to; the rest gives the same bits as if it had never stopped. */
  readonly resume?: SweepState | undefined;
  /** Called after blocks of backgrounds with the state to resume from, at most every `checkpointSeconds` (default 10). */
  readonly onCheckpoint?: ((state: SweepState) => void | Promise<void>) | undefined;
  readonly checkpointSeconds?: number | undefined;
}

/** How far a sweep is. */
export interface SweepProgress {
  /** (pattern, background) pairs done, and all. */
  readonly done: number;
  readonly total: number;
}

/** Running statistics of P patterns over the first backgrounds. */
export interface SweepState {
  /** Backgrounds seen. */
  readonly backgrounds: number;
  /** [E, 4, P]: mean, sum of squared deviations, minimum and maximum of the local importances. */
  readonly statistics: Float32Array;
  /** [E, P, N], those of the first `backgrounds` valid, where they are kept. */
  readonly local?: Float32Array | undefined;
}

/** What one model says of P patterns over the same N backgrounds. */
export interface ModelImportance {
  /** Global importance: the mean local importance, [P]. */
  readonly mean: Float32Array;
  /** Variance of the local importances, ddof 1, [P]. */
  readonly variance: Float32Array;
  /** Least and greatest local importance, [P]. */
  readonly min: Float32Array;
  readonly max: Float32Array;
  /** Every local importance, [P * N], when asked for. */
  readonly local?: Float32Array;
}

/** What a run took. */
export interface Work {
  readonly pairs: number;
  /** Multiply-adds of matrix products that were dispatched, all models together. */
  readonly multiplyAdds: number;
  readonly dispatches: number;
  readonly submits: number;
  /** Bytes through memory of a pair's own, per model; absent where they are not counted. */
  readonly bytesPerPair?: number | undefined;
}

/** What ended early had seen: estimates over fewer backgrounds. */
export class SweepCancelledError extends CancelledError {
  constructor(
    message: string,
    /** Where the sweep stopped, to go on from. */
    readonly state: SweepState,
  ) {
    super(message);
  }
}

const STATISTICS = 4;

/**
 * Statistics of the local importances of an engine's patterns over all backgrounds.
 *
 * @param base predictions of the bare backgrounds, [E, N]
 * @throws SweepCancelledError with the state reached; NotFiniteError naming the pattern
 */
export async function runEngine(
  model: ResidualBind,
  names: readonly string[],
  engine: Engine,
  base: Tensor,
  { count }: Backgrounds,
  options: RunOptions,
): Promise<{ readonly state: SweepState; readonly work: Work }> {
  const { signal, onProgress, keepLocal = false, resume, onCheckpoint, checkpointSeconds = 10 } = options;
  const { gpu, models } = model;
  const patterns = names.length;
  const start = { ...gpu.counters };
  const total = patterns * count;
  const local = keepLocal ? (resume?.local?.slice() ?? new Float32Array(models * total)) : undefined;
  if (resume) checkState(resume, { models, patterns, count, keepLocal });
  using state = Tensor.from(gpu, resume?.statistics ?? new Float32Array(models * STATISTICS * patterns), [
    models,
    STATISTICS,
    patterns,
  ]);
  using made = new Owned();
  const control = made.own(createControl(gpu));
  const { plan } = await gpu.record(() =>
    sweepStatistics(gpu, control, { predictions: engine.predictions, base, state }, { models, patterns }),
  );
  made.own(plan);
  const stateNow = async (backgrounds: number): Promise<SweepState> => {
    const statistics = await state.readFloats();
    checkFinite(names, statistics);
    return { backgrounds, statistics, ...(local && { local: local.slice() }) };
  };

  const pace = new Pace(gpu.device.queue);
  let saved = performance.now();
  let first = resume?.backgrounds ?? 0;
  let done = first * patterns;
  while (first < count) {
    const held = Math.min(engine.block, count - first);
    for (const pairs of engine.run(first, held)) {
      await pace.submitted();
      done += pairs;
      onProgress?.({ done, total });
      if (signal?.aborted) break;
    }
    if (signal?.aborted) break;
    control.set({ first, slot: held });
    plan.run();
    if (local)
      keep(local, await engine.predictions.readFloats(), {
        models,
        patterns,
        count,
        first,
        held,
        block: engine.block,
      });
    first += held;
    if (onCheckpoint && first < count && performance.now() - saved > 1000 * checkpointSeconds) {
      await onCheckpoint(await stateNow(first));
      saved = performance.now();
    }
  }
  await gpu.sync();
  const reached = await stateNow(first);
  if (first < count) {
    throw new SweepCancelledError(
      `the sweep was cancelled after ${first} of ${counted(count, 'background')}`,
      reached,
    );
  }
  const { dispatches, submits } = gpu.counters;
  return {
    state: reached,
    work: {
      pairs: total,
      multiplyAdds: engine.multiplyAddsPerPair * models * (total - (resume?.backgrounds ?? 0) * patterns),
      dispatches: dispatches - start.dispatches,
      submits: submits - start.submits,
      ...(engine.bytesPerPair !== undefined && { bytesPerPair: engine.bytesPerPair }),
    },
  };
}

/** What a state must fit. */
export interface StateSize {
  readonly models: number;
  readonly patterns: number;
  /** Backgrounds in all. */
  readonly count: number;
  /** Whether it must hold local importances. */
  readonly keepLocal: boolean;
}

/** @throws ShapeError or NotFiniteError for a state that no run of this size can have reached */
export function checkState(
  { backgrounds, statistics, local }: SweepState,
  { models, patterns, count, keepLocal }: StateSize,
): void {
  if (!Number.isInteger(backgrounds) || backgrounds < 0 || backgrounds > count)
    throw new ShapeError(
      `the state to resume from is after ${backgrounds} of ${counted(count, 'background')}`,
    );
  if (statistics.length !== models * STATISTICS * patterns)
    throw new ShapeError('the state to resume from is of other patterns or models');
  if (keepLocal && local?.length !== models * patterns * count)
    throw new ShapeError('the state to resume from lacks the local importances of this run');
  if (!statistics.every(Number.isFinite) || local?.every(Number.isFinite) === false)
    throw new NotFiniteError('the state to resume from holds a number that is not finite');
}

/** What a state says of every model. */
export function importancesOf(
  { statistics, backgrounds, local }: SweepState,
  models: number,
): ModelImportance[] {
  const patterns = statistics.length / (models * STATISTICS);
  return Array.from({ length: models }, (_, e) => {
    const part = (i: number): Float32Array =>
      statistics.slice((e * STATISTICS + i) * patterns, (e * STATISTICS + i + 1) * patterns);
    const size = (local?.length ?? 0) / models;
    return {
      mean: part(0),
      variance: part(1).map((squares) => squares / (Math.max(backgrounds, 2) - 1)),
      min: part(2),
      max: part(3),
      ...(local && { local: local.slice(e * size, (e + 1) * size) }),
    };
  });
}

interface Kept {
  readonly models: number;
  readonly patterns: number;
  readonly count: number;
  readonly first: number;
  readonly held: number;
  readonly block: number;
}

/** Puts a block's local importances [E, block, P] into their places in [E, P, N]. */
function keep(
  local: Float32Array,
  values: Float32Array,
  { models, patterns, count, first, held, block }: Kept,
): void {
  for (let e = 0; e < models; e++) {
    for (let b = 0; b < held; b++) {
      const from = (e * block + b) * patterns;
      for (let p = 0; p < patterns; p++) local[(e * patterns + p) * count + first + b] = values[from + p]!;
    }
  }
}

function checkFinite(names: readonly string[], statistics: Float32Array): void {
  const bad = statistics.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new NotFiniteError(
      `the importance of "${names[bad % names.length]}" is not finite: ${statistics[bad]}`,
    );
  }
}
