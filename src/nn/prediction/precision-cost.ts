/** What a precision costs: the same predictions in f32 and in it. */

import * as check from '../../device/check.js';
import { PRECISIONS, type Precision } from '../../device/precision.js';
import { ResidualBind } from '../residualbind.js';
import { part, type Sequences } from '../sequences.js';

/** How far numbers of a precision are from those in f32, in their own unit. */
export interface Difference {
  /** Largest absolute difference. */
  readonly max: number;
  /** Root of the mean squared difference. */
  readonly rms: number;
}

/** How far predictions in a precision are from those in f32. */
export interface PredictionCost extends Difference {
  readonly of: 'predictions';
  /** Predictions compared. */
  readonly count: number;
  /** Standard deviation of the f32 predictions, to hold the differences against. */
  readonly deviation: number;
}

/** Sequences that are compared at most. */
const SAMPLE = 512;

/**
 * Compares up to 512 of the given sequences, for every model of E.
 *
 * @param sequences base codes [N * length], with the structure profiles that the model takes
 * @throws PrecisionError where the GPU cannot compute the precision; NotFiniteError where f16 overflows
 */
export async function predictionCost(
  model: ResidualBind,
  sequences: Uint8Array | Sequences,
  precision: Precision,
): Promise<PredictionCost> {
  check.instance(ResidualBind)(model, check.argument('model'));
  const isWhole = typeof sequences === 'object' && 'codes' in sequences;
  const given: Sequences = isWhole ? sequences : { codes: sequences };
  check.bytes(given.codes, check.argument('codes'));
  check.oneOf(...PRECISIONS)(precision, check.argument('precision'));
  const sample = part(model.architecture, given, 0, SAMPLE);
  const exact = await model.predict(sample);
  const rounded = await model.predict(sample, { precision });
  const mean = exact.reduce((sum, value) => sum + value, 0) / exact.length;
  const spread = exact.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    of: 'predictions',
    count: exact.length,
    ...differenceOf(exact, rounded),
    deviation: Math.sqrt(spread / exact.length),
  };
}

/** The difference of lists of the same length. */
export function differenceOf(exact: Float32Array, rounded: Float32Array): Difference {
  let [max, squares] = [0, 0];
  for (const [i, value] of exact.entries()) {
    const difference = Math.abs(value - rounded[i]!);
    max = Math.max(max, difference);
    squares += difference ** 2;
  }
  return { max, rms: Math.sqrt(squares / exact.length) };
}
