/** Sequences with scores, and whether a model can learn from them and be validated on them. */

import { DataError } from '../../device/errors.js';
import { LEAST_CORRELATED } from '../agreement.js';
import type { Head } from '../architecture.js';
import type { Sequences } from '../dataset.js';
import { isConstant } from '../metrics.js';

/** Sequences with one score each. */
export interface Examples extends Sequences {
  /** Normalised scores [N]; 0 or 1 for classification. */
  readonly scores: Float32Array;
}

/** @throws DataError where the scores are all equal, or a class is not 0 or 1 */
export function checkTraining({ scores }: Examples, head: Head): void {
  checkClasses('training', scores, head);
  if (isConstant(scores))
    throw new DataError(`training: ${allEqual(scores, head)}, so there is nothing to learn`);
}

/** @throws DataError where no correlation with the scores exists, so that no epoch could ever be the best */
export function checkValidation({ scores }: Examples, head: Head): void {
  checkClasses('validation', scores, head);
  const n = scores.length;
  if (n < LEAST_CORRELATED)
    throw new DataError(
      `validation: ${n} ${n === 1 ? 'record is' : 'records are'} too few, since a correlation needs ${LEAST_CORRELATED} or more; validate on more records`,
    );
  if (isConstant(scores))
    throw new DataError(
      `validation: ${allEqual(scores, head)}, so the correlation with predictions is undefined; validate on other or more records`,
    );
}

const allEqual = (scores: Float32Array, head: Head): string =>
  head === 'classification'
    ? `all ${scores.length} records are of class ${scores[0]}`
    : `all ${scores.length} scores are ${scores[0]}`;

function checkClasses(part: string, scores: Float32Array, head: Head): void {
  if (head !== 'classification') return;
  const stray = scores.findIndex((score) => score !== 0 && score !== 1);
  if (stray >= 0)
    throw new DataError(`${part}: the class of record ${stray + 1} is ${scores[stray]}; classes are 0 and 1`);
}
