/**
 * What an attribution says: how much every letter of every position of given sequences counts for the
 * prediction. Three methods lead there: `mutagenesis.ts`, `saliency.ts`, `integrated.ts`.
 */

import { PAD } from '../../data/sequences/letters.js';
import { checkRows } from '../../data/sequences/profile.js';
import * as check from '../../device/check.js';
import { NotFiniteError, UnsupportedError } from '../../device/errors.js';
import { type AskedModel, checkModel, isLayered, type LayeredModel, type Readouts } from '../model.js';
import type { Treated } from '../structure.js';

/** Ways to say which positions of a sequence a prediction comes from. */
export const ATTRIBUTION_METHODS = ['mutagenesis', 'saliency', 'integrated'] as const;
/** One of `ATTRIBUTION_METHODS`. */
export type AttributionMethod = (typeof ATTRIBUTION_METHODS)[number];

/**
 * Attributions of N sequences of length L by the outputs of E models, model by model and output by output.
 * Letters are in the order ACGU.
 */
export interface Attribution extends Readouts, Treated {
  readonly method: AttributionMethod;
  /** N. */
  readonly count: number;
  /** L, pads included. */
  readonly length: number;
  /** [E * outputs, N, 4, L], in units of the prediction. 0 where a sequence has no letter (pad or N). */
  readonly scores: Float32Array;
  /**
   * Logo heights [E * outputs, N, L]: the L2 norm of a position's four scores (paper, Methods; with the
   * square root).
   */
  readonly heights: Float32Array;
  /** Predictions f(x) of the sequences themselves, [E * outputs, N]. */
  readonly predictions: Float32Array;
}

/** How sequences are attributed. */
export interface AttributionOptions {
  /** Ends the work with CancelledError. */
  readonly signal?: AbortSignal | undefined;
  /** Called as pieces of the work are done. */
  readonly onProgress?: ((progress: AttributionProgress) => void) | undefined;
}

/** Predictions (of mutants) or gradients done, and all. */
export interface AttributionProgress {
  readonly done: number;
  readonly total: number;
}

/** The logo heights of scores [M, 4, L]: their L2 norms over letters, [M, L]. */
export function heightsOf(scores: Float32Array, length: number): Float32Array {
  const heights = new Float32Array(scores.length / 4);
  for (let i = 0; i < heights.length; i++) {
    const at = Math.floor(i / length) * 4 * length + (i % length);
    heights[i] = Math.hypot(
      scores[at]!,
      scores[at + length]!,
      scores[at + 2 * length]!,
      scores[at + 3 * length]!,
    );
  }
  return heights;
}

/** Code of a position without a letter: a pad or N, which has no attribution. */
export const NO_LETTER = PAD;

/** @throws UnsupportedError for a model without layers, which has no gradients */
export function checkDifferentiable(
  model: AskedModel,
  method: AttributionMethod,
): asserts model is LayeredModel {
  if (!isLayered(model))
    throw new UnsupportedError(
      `${method} differentiates the network, and this model does not show its layers; use mutagenesis, which only predicts`,
    );
}

/** @throws ArgumentError naming what is no model, no codes, or no option of its kind */
export function checkAsked(model: unknown, sequences: unknown, options: unknown): AskedModel {
  const asked = checkModel(model);
  check.options(sequences, { codes: check.bytes, profile: check.optional(check.floats) }, 'sequences');
  check.options(options, { signal: check.optional(check.signal) });
  return asked;
}

/**
 * N, the number of sequences.
 *
 * @throws ShapeError unless codes are N >= 1 whole sequences of the model's length; InvalidSequenceError for
 * a bad code
 */
export function countOf({ length }: Pick<AskedModel, 'length'>, codes: Uint8Array): number {
  return checkRows(codes, length);
}

/** @throws NotFiniteError naming the sequence */
export function checkFinite(scores: Float32Array, count: number, length: number): void {
  const bad = scores.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  const sequence = (Math.floor(bad / (4 * length)) % count) + 1;
  throw new NotFiniteError(
    `the attribution of sequence ${sequence}, position ${bad % length} is ${scores[bad]}`,
  );
}
