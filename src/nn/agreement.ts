/**
 * How well predictions agree with scores, or why nobody can say: constant values and too few pairs have no
 * correlation.
 */

import * as check from '../device/check.js';
import { ShapeError } from '../device/errors.js';
import type { Head } from './architecture.js';
import { type Discrimination, discrimination } from './classification.js';
import { isConstant, pearson, spearman } from './metrics.js';

/** Why a correlation does not exist or says nothing. */
export type UndefinedCorrelation =
  | 'too-few'
  | 'constant-scores'
  | 'constant-predictions'
  | 'constant-scores-and-predictions';

/** How well predictions agree with scores. */
export interface Agreement {
  /** NaN where `reason` says why there is none; null in JSON. */
  readonly pearson: number;
  readonly spearman: number;
  readonly n: number;
  /** Null where both coefficients exist. */
  readonly reason: UndefinedCorrelation | null;
}

/** Fewer pairs always lie on a line. */
export const LEAST_CORRELATED = 3;

/**
 * Both coefficients, or the reason why there are none.
 *
 * @throws ShapeError unless there is one prediction a score
 */
export function agreement(predictions: ArrayLike<number>, scores: ArrayLike<number>): Agreement {
  check.numbers(predictions, check.argument('predictions'));
  check.numbers(scores, check.argument('scores'));
  const n = scores.length;
  if (predictions.length !== n) throw new ShapeError(`${predictions.length} predictions have ${n} scores`);
  const reason = whyUndefined(predictions, scores);
  if (reason !== null) return { pearson: Number.NaN, spearman: Number.NaN, n, reason };
  return { pearson: pearson(predictions, scores), spearman: spearman(predictions, scores), n, reason };
}

/**
 * The agreement of each output of one model; a score of NaN is missing and left out.
 *
 * @param predictions [outputs * N], output by output @param scores [N * outputs], record by record
 * @throws ShapeError unless there is one prediction a score
 */
export function agreements(
  predictions: Float32Array,
  scores: Float32Array,
  outputs: number,
): readonly Agreement[] {
  return ofOutputs(predictions, scores, outputs, agreement);
}

/** An agreement, for classes also the areas under both curves. */
export type Evaluation = Agreement & Partial<Discrimination>;

/**
 * `agreements`, and of a model of classes also how well each output tells them apart.
 *
 * @throws ShapeError as `agreements`
 */
export const evaluations = (
  predictions: Float32Array,
  scores: Float32Array,
  outputs: number,
  head: Head,
): readonly Evaluation[] =>
  ofOutputs(predictions, scores, outputs, (predicted, known) => ({
    ...agreement(predicted, known),
    ...(head === 'classification' && discrimination(predicted, known)),
  }));

/** A measure of each output of one model, over the records that have a score of it. */
function ofOutputs<Measure>(
  predictions: Float32Array,
  scores: Float32Array,
  outputs: number,
  measure: (predictions: ArrayLike<number>, scores: ArrayLike<number>) => Measure,
): Measure[] {
  if (outputs === 1) return [measure(predictions, scores)];
  if (predictions.length !== scores.length)
    throw new ShapeError(`${predictions.length} predictions have ${scores.length} scores`);
  const records = scores.length / outputs;
  return Array.from({ length: outputs }, (_, output) => {
    const known = Array.from({ length: records }, (_, i) => i).filter(
      (i) => !Number.isNaN(scores[i * outputs + output]!),
    );
    return measure(
      known.map((i) => predictions[output * records + i]!),
      known.map((i) => scores[i * outputs + output]!),
    );
  });
}

function whyUndefined(
  predictions: ArrayLike<number>,
  scores: ArrayLike<number>,
): UndefinedCorrelation | null {
  if (scores.length < LEAST_CORRELATED) return 'too-few';
  const [flatScores, flatPredictions] = [isConstant(scores), isConstant(predictions)];
  if (flatScores && flatPredictions) return 'constant-scores-and-predictions';
  if (flatScores) return 'constant-scores';
  return flatPredictions ? 'constant-predictions' : null;
}
