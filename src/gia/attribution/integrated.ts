/**
 * Integrated gradients (Sundararajan, Taly and Yan, "Axiomatic attribution for deep networks", 2017): the
 * gradient along the straight path from a baseline to the sequence, times the way gone. Scores add up to
 * f(x) - f(baseline), but for the error of the sum that stands for the integral; that error is part of the
 * result.
 */

import { ShapeError } from '../../device/errors.js';
import type { Sequences } from '../../nn/dataset.js';
import { type LayeredModel, readoutsIn, readoutsOf } from '../model.js';
import { treatmentIn } from '../structure.js';
import {
  type Attribution,
  type AttributionOptions,
  checkAsked,
  checkDifferentiable,
  countOf,
  heightsOf,
} from './attribution.js';
import { inputGradients } from './input-gradients.js';

/** Baselines by name: no letter at all, or a quarter of each. */
export const BASELINES = ['zeros', 'uniform'] as const;

/**
 * By name, or [L * 4] numbers, such as the mean nucleotide profile of the training sequences (`profileOf`).
 */
export type Baseline = (typeof BASELINES)[number] | ArrayLike<number>;

/** Steps unless said otherwise, and at most. */
export const STEPS = 128;
export const MOST_STEPS = 4096;

/** Between which inputs gradients are integrated, and in how many steps. */
export interface IntegratedOptions extends AttributionOptions {
  /**
   * Where paths begin. Default `zeros`, the pads that the network knows from training; blends of letters it
   * has never seen, and it may predict anything there. Positions without a letter (pad or N) begin as they
   * end, at zero.
   */
  readonly baseline?: Baseline | undefined;
  /** Midpoints at which the gradient is taken, 1 to 4096. Default 128. */
  readonly steps?: number | undefined;
}

/** How far scores are from adding up to f(x) - f(baseline). */
export interface Completeness {
  /** f(baseline), [E * outputs, N]: it depends on the sequence where that has pads or N. */
  readonly baselines: Float32Array;
  /** Sum of scores minus (f(x) - f(baseline)), [E * outputs, N]. */
  readonly gaps: Float32Array;
  /** The largest gap, in units of the prediction. */
  readonly absolute: number;
  /**
   * The largest gap as a share of its own |f(x) - f(baseline)|, which may be next to nothing: `absolute`
   * tells then.
   */
  readonly relative: number;
}

/** Integrated gradients, and how completely they explain each prediction. */
export interface IntegratedAttribution extends Attribution {
  readonly steps: number;
  readonly completeness: Completeness;
}

/**
 * Integrated gradients by the midpoint rule: `scores` [E * outputs, N, 4, L]; f is the prediction of
 * evaluation mode, for classification the probability. Structure profiles are the same all along the path and
 * get no share. Pads and N have scores 0.
 *
 * @param sequences codes [N * L], and profiles where the model takes them; default those that they fold to
 * @throws ShapeError, InvalidSequenceError or NotFiniteError naming the sequence; ShapeError for a baseline
 * of another length, or for steps that are not 1 to 4096; CancelledError
 */
export async function integratedGradients(
  model: LayeredModel,
  sequences: Sequences,
  given: IntegratedOptions = {},
): Promise<IntegratedAttribution> {
  checkDifferentiable(checkAsked(model, sequences, given), 'integrated');
  const { baseline = 'zeros', steps = STEPS, ...options } = given;
  const { length } = model;
  const count = countOf(model, sequences.codes);
  if (!Number.isInteger(steps) || steps < 1 || steps > MOST_STEPS)
    throw new ShapeError(`steps must be a whole number from 1 to ${MOST_STEPS}, not ${steps}`);
  // The ends of the path have no weight: their predictions are wanted.
  const t = Float32Array.from({ length: steps + 2 }, (_, i) => Math.min(1, Math.max(0, (i - 0.5) / steps)));
  const weights = t.map((_, i) => (i === 0 || i === steps + 1 ? 0 : 1 / steps));
  const path = { t, weights, baseline: baselineOf(baseline, length), integrate: true };
  const { scores, predictions } = await inputGradients(model, sequences, path, options);
  const at = (point: number) =>
    Float32Array.from({ length: readoutsOf(model) * count }, (_, i) => predictions[i * t.length + point]!);
  const [baselines, ends] = [at(0), at(steps + 1)];
  return {
    method: 'integrated',
    ...readoutsIn(model),
    ...treatmentIn(model, { structure: 'keep' }),
    count,
    length,
    scores,
    heights: heightsOf(scores, length),
    predictions: ends,
    steps,
    completeness: completenessOf(scores, ends, baselines),
  };
}

function baselineOf(baseline: Baseline, length: number): Float32Array {
  if (baseline === 'uniform') return new Float32Array(4 * length).fill(0.25);
  if (baseline === 'zeros') return new Float32Array(4 * length);
  if (typeof baseline === 'string')
    throw new ShapeError(`there is no baseline "${baseline}"; choose ${BASELINES.join(' or ')}`);
  const values = Float32Array.from(baseline);
  if (values.length !== 4 * length)
    throw new ShapeError(
      `a baseline for length ${length} has ${4 * length} numbers [length, 4], not ${values.length}`,
    );
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new ShapeError(`number ${bad + 1} of the baseline is ${values[bad]}`);
  return values;
}

function completenessOf(scores: Float32Array, ends: Float32Array, baselines: Float32Array): Completeness {
  const size = scores.length / ends.length;
  let [absolute, relative] = [0, 0];
  const gaps = ends.map((end, i) => {
    let sum = 0;
    for (let j = i * size; j < (i + 1) * size; j++) sum += scores[j]!;
    const difference = end - baselines[i]!;
    const gap = Math.fround(sum - difference);
    absolute = Math.max(absolute, Math.abs(gap));
    if (gap !== 0) relative = Math.max(relative, Math.abs(gap / difference));
    return gap;
  });
  return { baselines, gaps, absolute, relative };
}
