/**
 * How importances are computed: the method that a sweep takes, what it costs, and why patterns are embedded
 * and predicted one by one where nobody asked for that.
 */

import { ArgumentError } from '../device/errors.js';
import type { Precision } from '../device/precision.js';
import { pathOf } from '../kernels/precision.js';
import { forwardMultiplyAdds } from '../nn/architecture.js';
import type { Backgrounds } from './backgrounds/backgrounds.js';
import { isLayered, type LayeredModel, type Model } from './model.js';
import type { Pattern } from './patterns/patterns.js';
import { matrixChoice } from './sweep/chunk-choice.js';
import { type PatternSet, patternSet } from './sweep/partition.js';
import { MOST_TERMS, multiplyAddsPerPair, planSweep, type SweepPlan, termsOf } from './sweep/plan.js';
import { reasonNotShared } from './sweep/shareable.js';
import { MOST_PATTERNS, MOST_POSITIONS } from './sweep/shared-recorder.js';

/**
 * How importances are computed; they agree to rounding. `filtered`: what patterns share is computed once, the
 * rest by minimal filtering. `shared`: without the latter. `naive`: every embedded sequence is predicted in
 * full.
 */
export const METHODS = ['filtered', 'shared', 'naive'] as const;
/** One of `METHODS`: sharing what patterns have in common, or embedding and predicting each. */
export type Method = (typeof METHODS)[number];

/**
 * Why every pattern is embedded and predicted although the method was left open.
 *
 * - `no-layers`: the model does not show its layers.
 * - `layers`: sharing cannot follow the model's layers; `reasonNotShared` has the sentence.
 * - `size`: there are more patterns, or longer sequences, than kernels for shared work count.
 * - `width`: patterns differ at more positions than a kernel for shared work holds.
 * - `few-pairs`: the work is done before kernels for a plan of its own would be compiled.
 * - `precision`: the GPU has no kernel that shares work in this precision.
 * - `no-saving`: sharing would take as many multiply-adds.
 */
export type NaiveReason = 'no-layers' | 'layers' | 'size' | 'width' | 'few-pairs' | 'precision' | 'no-saving';

/** What the method depends on: a model, or the architecture of one that is on no GPU yet. */
export type Planned =
  | Model
  | (Pick<LayeredModel, 'architecture'> & Partial<Pick<LayeredModel, 'gpu' | 'models'>>);

/** How the patterns of a sweep are computed. */
export type MethodChoice =
  | { readonly plan: SweepPlan; readonly reason?: undefined }
  /** Embedded and predicted; `reason` is absent where that was asked for. */
  | { readonly plan?: undefined; readonly reason?: NaiveReason };

/** How importances are to be computed. */
export interface MethodOptions {
  /** Default: `naive` for little work, else whichever of `filtered` and `naive` takes fewer multiply-adds. */
  readonly method?: Method | undefined;
  /**
   * What the operands of products are; f16 needs a GPU that was opened for it (`requestGpu`). Default f32.
   */
  readonly precision?: Precision | undefined;
}

/** Pairs that are predicted before kernels for a plan of their own are compiled. */
const LITTLE = 2 ** 14;

/**
 * The method by which patterns are computed.
 *
 * @throws ArgumentError for a method that the model, the precision or the size rules out
 */
export function chooseMethod(
  model: Planned,
  set: PatternSet,
  backgrounds: number,
  { method, precision = 'f32' }: MethodOptions,
): MethodChoice {
  if (precision !== 'f32' && method === 'filtered')
    throw new ArgumentError('method', `${precision} goes with the methods shared and naive, not filtered`);
  if (method === 'naive') return {};
  /** @throws ArgumentError where a method was asked for */
  const naive = (reason: NaiveReason, message: string): MethodChoice => {
    if (method === undefined) return { reason };
    throw new ArgumentError('method', message);
  };
  if (!showsArchitecture(model))
    return naive(
      'no-layers',
      `the method ${method} needs a model that shows its layers; this one takes naive`,
    );
  const { architecture } = model;
  const reason = reasonNotShared(architecture);
  if (reason) return naive('layers', `${reason}; use the method naive instead of ${method}`);
  const { names, length } = set;
  if (names.length > MOST_PATTERNS || length > MOST_POSITIONS)
    return naive(
      'size',
      `the method ${method} takes at most ${MOST_PATTERNS} patterns of ${MOST_POSITIONS} positions`,
    );
  if (method === undefined && names.length * backgrounds < LITTLE) return { reason: 'few-pairs' };
  const plan = planSweep(architecture, set, precision === 'f32' ? (method ?? 'filtered') : 'shared');
  const terms = termsOf(plan);
  if (terms > MOST_TERMS)
    return naive(
      'width',
      `a stage adds up ${terms} numbers where patterns differ, and the method ${method} takes at most ${MOST_TERMS}; use naive`,
    );
  if (precision !== 'f32' && !runsByMatrices(model, plan, precision))
    return naive('precision', `here ${precision} goes with the method naive, not ${method}`);
  const worthIt = multiplyAddsPerPair(plan) < forwardMultiplyAdds(architecture);
  return method !== undefined || worthIt ? { plan } : { reason: 'no-saving' };
}

type WithArchitecture = Exclude<Planned, Model> | LayeredModel;

const showsArchitecture = (model: Planned): model is WithArchitecture =>
  'record' in model ? isLayered(model) : 'architecture' in model;

/** Whether a GPU has matrices for a precision, and a kernel that fits a plan. */
const runsByMatrices = (
  { gpu, architecture, models = 1 }: WithArchitecture,
  plan: SweepPlan,
  precision: Precision,
): boolean =>
  gpu !== undefined &&
  pathOf(gpu, precision, 'sweeps') === 'matrices' &&
  matrixChoice(gpu, { architecture, models }, plan) !== undefined;

/** The method that `importance` would take, and what it costs. */
export interface MethodCost {
  readonly method: Method;
  /** Why it is `naive` although the method was left open. */
  readonly reason?: NaiveReason | undefined;
  /**
   * Multiply-adds of matrix products per (pattern, background) and model; absent where the model does not
   * tell.
   */
  readonly multiplyAdds?: number | undefined;
}

/** The method that `importance` would take, and its arithmetic. @throws as `chooseMethod` */
export function costOf(
  model: Planned,
  patterns: readonly Pattern[],
  { count, length }: Pick<Backgrounds, 'count' | 'length'>,
  options: MethodOptions = {},
): MethodCost {
  const { plan, reason } = chooseMethod(model, patternSet(patterns, length), count, options);
  if (plan) return { method: plan.method, multiplyAdds: multiplyAddsPerPair(plan) };
  return {
    method: 'naive',
    reason,
    multiplyAdds: showsArchitecture(model) ? forwardMultiplyAdds(model.architecture) : undefined,
  };
}
