/**
 * Running statistics of local importances: the state that a sweep keeps, goes on from and ends with, whoever
 * computes the predictions. A readout is one output of one model; every readout has statistics of its own.
 */

import { count as counted } from '../../device/count.js';
import { CancelledError, NotFiniteError, ShapeError } from '../../device/errors.js';
import { type Readouts, readoutAt, readoutsOf } from '../model.js';

export interface RunOptions {
  /** Ends the work with SweepCancelledError, whose `state` has what is known of the backgrounds done. */
  readonly signal?: AbortSignal | undefined;
  /** Called as pieces of the work are done. */
  readonly onProgress?: ((progress: SweepProgress) => void) | undefined;
  /** Also return every local importance. Default false. */
  readonly keepLocal?: boolean | undefined;
  /** Where an earlier run got to; the rest gives the same bits as if it had never stopped. */
  readonly resume?: SweepState | undefined;
  /**
   * Called after blocks of backgrounds with the state to resume from, at most every `checkpointSeconds`
   * (default 10).
   */
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
  /** [E * outputs, 4, P]: mean, sum of squared deviations, minimum and maximum of the local importances. */
  readonly statistics: Float32Array;
  /** [E * outputs, P, N], those of the first `backgrounds` valid, where they are kept. */
  readonly local?: Float32Array | undefined;
}

/** What one readout, a model or one of its outputs, says of P patterns over the same N backgrounds. */
export interface ModelImportance {
  /**
   * Place of the model on the E axis, of the output among its outputs, and the output's name; absent where
   * models have one output.
   */
  readonly model?: number;
  readonly output?: number;
  readonly task?: string;
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
  /**
   * Multiply-adds of matrix products that were dispatched, all models together; absent where they are not
   * counted.
   */
  readonly multiplyAdds?: number | undefined;
  readonly dispatches: number;
  readonly submits: number;
  /** Calls of a plain function. */
  readonly calls?: number | undefined;
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

/** Mean, sum of squared deviations, minimum, maximum. */
export const STATISTICS = 4;

/** What a state must fit. */
export interface StateSize extends Readouts {
  readonly patterns: number;
  /** Backgrounds in all. */
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

/** What a state says of every readout, model by model and output by output. */
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

/** Puts a block's local importances [E * outputs, block, P] into their places in [E * outputs, P, N]. */
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

/** @throws NotFiniteError naming the pattern */
export function checkStatistics(names: readonly string[], statistics: Float32Array): void {
  const bad = statistics.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new NotFiniteError(
      `the importance of "${names[bad % names.length]}" is not finite: ${statistics[bad]}`,
    );
  }
}
