/**
 * Learning-rate decay and early stopping (docs/method.md, Training) as a pure state machine: validation
 * scores in, decisions out. Its state is plain data, so that a checkpoint holds it.
 */

import * as check from '../../device/check.js';

/** When the learning rate falls and when training ends. */
export interface ScheduleOptions {
  /** Default 1e-3. */
  readonly learningRate?: number;
  /** Epochs without improvement before the rate falls. Default 7. */
  readonly decayPatience?: number;
  /** Factor of a fall. Default 0.3. */
  readonly decay?: number;
  /** Lowest rate. Default 1e-6. */
  readonly minLearningRate?: number;
  /** Epochs without improvement before training stops. Default 25. */
  readonly stopPatience?: number;
}

/** The learning rate, and how long the validation has not improved. */
export interface ScheduleState {
  readonly learningRate: number;
  /** Best validation score so far; null before the first epoch. */
  readonly best: number | null;
  /** 1-based epoch of the best score; 0 before the first. */
  readonly bestEpoch: number;
  /** Epochs without improvement since the best, and since the last fall of the rate. */
  readonly sinceBest: number;
  readonly sinceDecay: number;
  readonly stop: boolean;
}

const OPTIONS = {
  learningRate: check.optional(check.number({ above: 0 })),
  decayPatience: check.optional(check.whole(1)),
  decay: check.optional(check.number({ above: 0, most: 1 })),
  minLearningRate: check.optional(check.number({ least: 0 })),
  stopPatience: check.optional(check.whole(1)),
};

/** @throws ArgumentError naming the option */
export const checkSchedule = (options: ScheduleOptions): void => check.options(options, OPTIONS);

/**
 * The state before the first epoch.
 *
 * @throws ArgumentError naming the option
 */
export function initialSchedule(options: ScheduleOptions = {}): ScheduleState {
  checkSchedule(options);
  const { learningRate = 1e-3 } = options;
  return { learningRate, best: null, bestEpoch: 0, sinceBest: 0, sinceDecay: 0, stop: false };
}

/**
 * The state after `epoch` ended with a validation score. A NaN score (constant predictions) is no
 * improvement.
 *
 * @throws ArgumentError
 */
export function advance(
  state: ScheduleState,
  epoch: number,
  score: number,
  options: ScheduleOptions = {},
): ScheduleState {
  checkSchedule(options);
  const { decayPatience = 7, decay = 0.3, minLearningRate = 1e-6, stopPatience = 25 } = options;
  if (score > (state.best ?? Number.NEGATIVE_INFINITY)) {
    return { ...state, best: score, bestEpoch: epoch, sinceBest: 0, sinceDecay: 0 };
  }
  const sinceBest = state.sinceBest + 1;
  const falls = state.sinceDecay + 1 >= decayPatience;
  return {
    ...state,
    learningRate: falls ? Math.max(minLearningRate, state.learningRate * decay) : state.learningRate,
    sinceBest,
    sinceDecay: falls ? 0 : state.sinceDecay + 1,
    stop: sinceBest >= stopPatience,
  };
}
