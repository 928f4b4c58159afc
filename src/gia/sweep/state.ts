/**
 * Running statistics of local importances, which a sweep updates, resumes from and returns. They do not
 * depend on what computes the predictions. A readout is one output of one model, and each readout has its own
 * statistics.
 */

import { count as counted } from '../../device/count.js';
import { CancelledError, NotFiniteError, ShapeError } from '../../device/errors.js';
import { type Readouts, readoutAt, readoutsOf } from '../model.js';

export interface RunOptions {
  /** Stops the sweep with a SweepCancelledError, whose `state` covers the backgrounds done so far. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each part of the work. */
  readonly onProgress?: ((progress: SweepProgress) => void) | undefined;
  /** Also return every local importance. Default false. */
  readonly keepLocal?: boolean | undefined;
  /**
   * The state of an earlier run. The sweep continues from it, and gives the same bits as one that never
   * stopped.
   */
  readonly resume?: SweepState | undefined;
  /**
   * Called after blocks of backgrounds with a state to resume from, at most once per `checkpointSeconds`
   * (default 10).
   */
  readonly onCheckpoint?: ((state: SweepState) => void | Promise<void>) | undefined;
  readonly checkpointSeconds?: number | undefined;
}

/** The progress of a sweep. */
export interface SweepProgress {
  /** (pattern, background) pairs that are done, and all pairs. */
  readonly done: number;
  readonly total: number;
}

/** Running statistics of P patterns over the first backgrounds. */
export interface SweepState {
  /** Number of backgrounds so far. */
  readonly backgrounds: number;
  /** [E * outputs, 4, P]: mean, sum of squared deviations, minimum and maximum of the local importances. */
  readonly statistics: Float32Array;
  /** [E * outputs, P, N], if local importances are kept; the first `backgrounds` of N are valid. */
  readonly local?: Float32Array | undefined;
}

/** The importances of P patterns over the same N backgrounds for one readout. */
export interface ModelImportance {
  /**
   * Index of the model on the E axis, index of the output, and its name; absent if models have one output.
   */
  readonly model?: number;
  readonly output?: number;
  readonly task?: string;
  /** Global importance: the mean local importance, [P]. */
  readonly mean: Float32Array;
  /** Variance of the local importances, ddof 1, [P]. */
  readonly variance: Float32Array;
  /** Smallest and largest local importance, [P]. */
  readonly min: Float32Array;
  readonly max: Float32Array;
  /** All local importances, [P * N], if they were asked for. */
  readonly local?: Float32Array;
}

/** Costs of a run. */
export interface SweepCosts {
  readonly pairs: number;
  /**
   * Multiply-adds of the dispatched matrix products, for all models together; absent if they are not counted.
   */
  readonly multiplyAdds?: number | undefined;
  readonly dispatches: number;
  readonly submits: number;
  /** Number of calls of a plain function. */
  readonly calls?: number | undefined;
  /** Bytes through memory of a pair's own vectors, per model; absent if they are not counted. */
  readonly bytesPerPair?: number | undefined;
}

/** Estimates from the backgrounds that were done when the sweep stopped. */
export class SweepCancelledError extends CancelledError {
  constructor(
    message: string,
    /** The state in which the sweep stopped, for resuming. */
    readonly state: SweepState,
  ) {
    super(message);
  }
}

/** Mean, sum of squared deviations, minimum, maximum. */
export const STATISTICS = 4;

/** The sizes that a state must have. */
export interface StateSize extends Readouts {
  readonly patterns: number;
  /** Number of all backgrounds. */
  readonly count: number;
  /** Whether it must hold local importances. */
  readonly keepLocal: boolean;
}

/** @throws ShapeError or NotFiniteError for a state that no run of this size can have reached */
export function checkState({ backgrounds, statistics, local }: SweepState, size: StateSize): void {
  const { patterns, count, keepLocal } = size;
  const readouts = readoutsOf(size);
  if (!Number.isInteger(backgrounds) || backgrounds < 0 || backgrounds > count)
    throw new ShapeError(
      `the state to resume from is after ${backgrounds} of ${counted(count, 'background')}`,
    );
  if (statistics.length !== readouts * STATISTICS * patterns)
    throw new ShapeError('the state to resume from is of other patterns or models');
  if (keepLocal && local?.length !== readouts * patterns * count)
    throw new ShapeError('the state to resume from lacks the local importances of this run');
  if (!statistics.every(Number.isFinite) || local?.every(Number.isFinite) === false)
    throw new NotFiniteError('the state to resume from holds a number that is not finite');
}

/** The results of a state for each readout, model by model and output by output. */
export function importancesOf(
  { statistics, backgrounds, local }: SweepState,
  model: Readouts,
): ModelImportance[] {
  const readouts = readoutsOf(model);
  const patterns = statistics.length / (readouts * STATISTICS);
  const size = (local?.length ?? 0) / readouts;
  return Array.from({ length: readouts }, (_, r) => {
    const part = (i: number): Float32Array =>
      statistics.slice((r * STATISTICS + i) * patterns, (r * STATISTICS + i + 1) * patterns);
    return {
      ...readoutAt(model, r),
      mean: part(0),
      variance: part(1).map((squares) => squares / (Math.max(backgrounds, 2) - 1)),
      min: part(2),
      max: part(3),
      ...(local && { local: local.slice(r * size, (r + 1) * size) }),
    };
  });
}

export interface KeptBlock {
  readonly readouts: number;
  readonly patterns: number;
  readonly count: number;
  readonly first: number;
  readonly held: number;
  readonly block: number;
}

/** Copies a block's local importances [E * outputs, block, P] to their places in [E * outputs, P, N]. */
export function keepBlock(
  local: Float32Array,
  values: Float32Array,
  { readouts, patterns, count, first, held, block }: KeptBlock,
): void {
  for (let r = 0; r < readouts; r++) {
    for (let b = 0; b < held; b++) {
      const from = (r * block + b) * patterns;
      for (let p = 0; p < patterns; p++) local[(r * patterns + p) * count + first + b] = values[from + p]!;
    }
  }
}

/** @throws NotFiniteError naming the pattern, and the cause where one is known */
export function checkStatistics(names: readonly string[], statistics: Float32Array, cause: string): void {
  const bad = statistics.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new NotFiniteError(
      `the importance of "${names[bad % names.length]}" is not finite: ${statistics[bad]}${cause}`,
    );
  }
}
