/**
 * Ridge regression of scores on k-mer counts: the linear model that a network has to beat. It minimises
 *
 *     Σ (score − intercept − Σ count · weight)² + penalty · Σ weight²
 *
 * in float64 by conjugate gradients on the normal equations, which are never formed: a product with them is
 * two passes over the k-mers. The intercept has no penalty. The penalty is the one of a logarithmic grid whose
 * predictions agree best with the validation scores (Pearson's r). (Hoerl and Kennard, Technometrics 12:55,
 * 1970; Hestenes and Stiefel, J. Res. Natl. Bur. Stand. 49:409, 1952.)
 */

import { atOnce, type Steps } from '../../device/breathe.js';
import * as check from '../../device/check.js';
import { DataError } from '../../device/errors.js';
import { isConstant, pearson } from '../metrics.js';
import { recordsOf } from '../sequences.js';
import { checkTraining, checkValidation, type Examples } from '../training/examples.js';
import { type KmerCounts, kmerCounts, LARGEST_K, timesValues, timesWeights } from './kmer-counts.js';

/** How the regression is fitted. */
export interface RidgeOptions {
  /** Letters of a k-mer, 1 to 8. Default 6. */
  readonly k?: number;
  /** Penalties to choose from, all above 0. Default 10,000 down to 0.1, two per power of ten. */
  readonly penalties?: readonly number[];
  /** The residual of the normal equations at which the solver stops, relative to Xᵀy. Default 1e-6. */
  readonly tolerance?: number;
}

/** A fitted regression. */
export interface Ridge {
  readonly k: number;
  /** Of each k-mer in the unit of the scores, [4^k]: A C G U = 0 to 3, the first letter highest. */
  readonly weights: Float64Array;
  readonly intercept: number;
  /** The penalty that was chosen. */
  readonly penalty: number;
  /** Every penalty that was tried, the strongest first. */
  readonly path: readonly RidgeTrial[];
}

/** A penalty that was tried. */
export interface RidgeTrial {
  readonly penalty: number;
  /** Pearson's r of predictions and validation scores; NaN where all predictions are equal. */
  readonly validation: number;
  /** Iterations of the solver. */
  readonly iterations: number;
}

const PENALTIES = Array.from({ length: 11 }, (_, i) => 10 ** (4 - i / 2));

const OPTIONS = {
  k: check.optional(check.whole(1, LARGEST_K)),
  penalties: check.optional(check.list(check.number({ above: 0 }), 1)),
  tolerance: check.optional(check.number({ above: 0, below: 1 })),
};

/**
 * Fits weights to the training part and chooses the penalty on the validation part.
 *
 * @param length positions of a sequence's codes
 * @throws ArgumentError naming the option; ShapeError for a part of a sequence; DataError where nothing can be
 * learned or validated
 * @example
 * const ridge = nn.fitRidge(train, valid, 41);
 * const r = nn.pearson(nn.predictRidge(ridge, test.codes, 41), test.scores);
 */
export const fitRidge = (
  train: Examples,
  valid: Examples,
  length: number,
  options: RidgeOptions = {},
): Ridge => atOnce(ridgeInSteps(train, valid, length, options));

/** The same in steps, for `breathing` (`device/breathe.ts`). */
export function* ridgeInSteps(
  train: Examples,
  valid: Examples,
  length: number,
  options: RidgeOptions = {},
): Steps<Ridge> {
  check.options(options, OPTIONS);
  const { k = 6, tolerance = 1e-6 } = options;
  const penalties = [...(options.penalties ?? PENALTIES)].sort((a, b) => b - a);
  for (const part of [train, valid]) recordsOf({ length, channels: 4 }, part);
  checkTraining(train, 'regression');
  checkValidation(valid, 'regression');
  const equations = new NormalEquations(kmerCounts(train.codes, length, k), train.scores);
  const held = kmerCounts(valid.codes, length, k);
  const predictions = new Float64Array(held.records);
  const path: RidgeTrial[] = [];
  let best: { readonly weights: Float64Array; readonly trial: RidgeTrial } | undefined;
  const weights = new Float64Array(4 ** k);
  for (const penalty of penalties) {
    // Each solution is the start of the next one, so that a weak penalty takes fewer iterations.
    const iterations = yield* equations.solve(weights, penalty, tolerance);
    timesWeights(held, weights, predictions);
    const validation = isConstant(predictions) ? Number.NaN : pearson(predictions, valid.scores);
    const trial = { penalty, validation, iterations };
    path.push(trial);
    if (!Number.isNaN(validation) && !(best && best.trial.validation >= validation))
      best = { weights: weights.slice(), trial };
  }
  if (!best)
    throw new DataError(
      `the training and validation sequences share no ${k}-mer, so the regression predicts nothing; choose a smaller k or more records`,
    );
  return {
    k,
    weights: best.weights,
    intercept: equations.intercept(best.weights),
    penalty: best.trial.penalty,
    path,
  };
}

/** Predictions [N] of sequences, in the unit of the scores. @param codes [N * length] */
export function predictRidge(ridge: Ridge, codes: Uint8Array, length: number): Float64Array {
  const counts = kmerCounts(codes, length, ridge.k);
  const predictions = new Float64Array(counts.records);
  timesWeights(counts, ridge.weights, predictions);
  return predictions.map((sum) => sum + ridge.intercept);
}

/** (XᵀX + penalty) w = Xᵀy, X and y being counts and scores less their means, which takes the intercept out. */
class NormalEquations {
  readonly #counts: KmerCounts;
  /** Mean count of each k-mer. */
  readonly #means: Float64Array;
  readonly #meanScore: number;
  /** Xᵀy */
  readonly #right: Float64Array;
  /** Diagonal of XᵀX. */
  readonly #diagonal: Float64Array;
  readonly #products: Float64Array;

  constructor(counts: KmerCounts, scores: Float32Array) {
    const { records, k } = counts;
    const size = 4 ** k;
    this.#counts = counts;
    this.#products = new Float64Array(records);
    this.#meanScore = scores.reduce((sum, score) => sum + score, 0) / records;
    this.#right = new Float64Array(size);
    timesValues(
      counts,
      Float64Array.from(scores, (score) => score - this.#meanScore),
      this.#right,
    );
    this.#means = new Float64Array(size);
    timesValues(counts, new Float64Array(records).fill(1), this.#means);
    const squares = squaredCounts(counts);
    for (let i = 0; i < size; i++) this.#means[i]! /= records;
    this.#diagonal = squares.map((sum, i) => Math.max(0, sum - records * this.#means[i]! ** 2));
  }

  intercept(weights: Float64Array): number {
    return this.#meanScore - dot(this.#means, weights);
  }

  /**
   * Conjugate gradients with the diagonal as preconditioner, from the weights that are given, which it changes.
   *
   * @returns iterations taken
   */
  *solve(weights: Float64Array, penalty: number, tolerance: number): Steps<number> {
    const size = weights.length;
    const product = new Float64Array(size);
    this.#times(weights, penalty, product);
    const residual = this.#right.map((value, i) => value - product[i]!);
    const goal = tolerance ** 2 * dot(this.#right, this.#right);
    const scaled = new Float64Array(size);
    const direction = new Float64Array(size);
    let before = 1;
    let iterations = 0;
    // In exact arithmetic there are as many iterations as unknowns at most.
    while (dot(residual, residual) > goal && iterations < size) {
      yield;
      for (let i = 0; i < size; i++) scaled[i] = residual[i]! / (this.#diagonal[i]! + penalty);
      const now = dot(residual, scaled);
      const turn = iterations === 0 ? 0 : now / before;
      for (let i = 0; i < size; i++) direction[i] = scaled[i]! + turn * direction[i]!;
      this.#times(direction, penalty, product);
      const step = now / dot(direction, product);
      for (let i = 0; i < size; i++) {
        weights[i]! += step * direction[i]!;
        residual[i]! -= step * product[i]!;
      }
      before = now;
      iterations++;
    }
    return iterations;
  }

  /** (XᵀX + penalty) v into `out`. The products with centred counts sum to 0, so one centring is enough. */
  #times(values: Float64Array, penalty: number, out: Float64Array): void {
    timesWeights(this.#counts, values, this.#products);
    const mean = dot(this.#means, values);
    for (let i = 0; i < this.#products.length; i++) this.#products[i]! -= mean;
    timesValues(this.#counts, this.#products, out);
    for (let i = 0; i < out.length; i++) out[i]! += penalty * values[i]!;
  }
}

/** Σ count² of each k-mer, over all sequences. */
function squaredCounts({ starts, kmers, records, k }: KmerCounts): Float64Array {
  const sums = new Float64Array(4 ** k);
  for (let record = 0; record < records; record++)
    for (let i = starts[record]!; i < starts[record + 1]!; i++) {
      let count = 0;
      for (let j = starts[record]!; j < starts[record + 1]!; j++) if (kmers[j] === kmers[i]) count++;
      sums[kmers[i]!]! += count;
    }
  return sums;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
