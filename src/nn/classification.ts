/**
 * How well predictions tell two classes apart: the areas under the receiver operating characteristic and
 * under the precision-recall curve, or why they do not exist. Ties count as in scikit-learn's `roc_auc_score`
 * and `average_precision_score`. `agreement.ts` has correlations.
 */

import * as check from '../device/check.js';
import { NotFiniteError, ShapeError } from '../device/errors.js';
import { ranks } from './metrics.js';

/** Why the areas do not exist. */
export type UndefinedArea = 'one-class' | 'not-classes';

/** How well predictions tell class 1 from class 0. */
export interface Discrimination {
  /** NaN where `areaReason` says why there is none; null in JSON. */
  readonly auroc: number;
  readonly auprc: number;
  /** Records of class 1. A prediction that says nothing has an AUPRC of about their share, and AUROC 0.5. */
  readonly positives: number;
  /** Null where both areas exist. */
  readonly areaReason: UndefinedArea | null;
}

/**
 * Area under the receiver operating characteristic: the share of pairs of a record of class 1 and one of
 * class 0 in which the first has the higher prediction; a tie counts half. NaN unless there are both classes.
 *
 * With R the sum of the ranks of the P records of class 1 (ties averaged) and N records of class 0:
 * `(R − P (P + 1) / 2) / (P N)` (Mann and Whitney's U).
 *
 * @param predictions [n], higher for class 1
 * @param labels [n], 0 or 1
 * @throws ShapeError unless there is one prediction a label, or for another label; NotFiniteError for NaN
 */
export function auroc(predictions: ArrayLike<number>, labels: ArrayLike<number>): number {
  const positives = countPositives(predictions, labels);
  const negatives = labels.length - positives;
  if (positives === 0 || negatives === 0) return Number.NaN;
  const ranked = ranks(predictions);
  let sum = 0;
  for (let i = 0; i < labels.length; i++) if (labels[i] === 1) sum += ranked[i]!;
  return (sum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/**
 * Area under the precision-recall curve as average precision: `Σ (R_k − R_{k−1}) P_k` over the distinct
 * predictions k from the highest to the lowest, where recall R_k and precision P_k are those of all records
 * whose prediction is at least the k-th. There is no interpolation between these points. NaN unless there are
 * both classes.
 *
 * @param predictions [n], higher for class 1
 * @param labels [n], 0 or 1
 * @throws as `auroc`
 */
export function auprc(predictions: ArrayLike<number>, labels: ArrayLike<number>): number {
  const positives = countPositives(predictions, labels);
  if (positives === 0 || positives === labels.length) return Number.NaN;
  const order = Uint32Array.from({ length: labels.length }, (_, i) => i).sort(
    (a, b) => predictions[b]! - predictions[a]!,
  );
  let [area, found] = [0, 0];
  for (let start = 0; start < order.length; ) {
    let [end, hits] = [start, 0];
    do {
      if (labels[order[end]!] === 1) hits++;
      end++;
    } while (end < order.length && predictions[order[end]!] === predictions[order[start]!]);
    found += hits;
    area += (hits / positives) * (found / end);
    start = end;
  }
  return area;
}

/** Both areas, or the reason why there are none. @throws ShapeError, NotFiniteError as `auroc` */
export function discrimination(predictions: ArrayLike<number>, labels: ArrayLike<number>): Discrimination {
  checkPairs(predictions, labels);
  const none = { auroc: Number.NaN, auprc: Number.NaN };
  const strange = Array.prototype.some.call(labels, (label) => label !== 0 && label !== 1);
  const positives = Array.prototype.filter.call(labels, (label) => label === 1).length;
  if (strange) return { ...none, positives, areaReason: 'not-classes' };
  if (positives === 0 || positives === labels.length) return { ...none, positives, areaReason: 'one-class' };
  return {
    auroc: auroc(predictions, labels),
    auprc: auprc(predictions, labels),
    positives,
    areaReason: null,
  };
}

function checkPairs(predictions: ArrayLike<number>, labels: ArrayLike<number>): void {
  check.numbers(predictions, check.argument('predictions'));
  check.numbers(labels, check.argument('labels'));
  if (predictions.length !== labels.length)
    throw new ShapeError(`${predictions.length} predictions have ${labels.length} labels`);
  const bad = Array.prototype.findIndex.call(predictions, Number.isNaN);
  if (bad >= 0) throw new NotFiniteError(`prediction ${bad + 1} of ${predictions.length} is NaN`);
}

function countPositives(predictions: ArrayLike<number>, labels: ArrayLike<number>): number {
  checkPairs(predictions, labels);
  let positives = 0;
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] !== 0 && labels[i] !== 1)
      throw new ShapeError(`label ${i + 1} of ${labels.length} is ${labels[i]}; classes are 0 and 1`);
    positives += labels[i]!;
  }
  return positives;
}
