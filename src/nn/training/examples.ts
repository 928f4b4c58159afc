/** Sequences with scores, and whether a model can learn from them and be validated on them. */

import { DataError } from '../../device/errors.js';
import { LEAST_CORRELATED } from '../agreement.js';
import type { Head } from '../architecture.js';
import type { Sequences } from '../dataset.js';
import { isConstant } from '../metrics.js';

/** Sequences with scores. */
export interface Examples extends Sequences {
  /**
   * Normalised scores; 0 or 1 for classification. [N] for a model of one output, else [N * outputs] record by
   * record, NaN where a score is missing.
   */
  readonly scores: Float32Array;
}

/** Where scores stand in messages: the part alone, or with the number of the task. */
interface Task {
  readonly where: string;
  /** The scores that are there. */
  readonly scores: Float32Array;
}

type Scores = Pick<Examples, 'scores'>;

/**
 * @param part what messages call them
 * @throws DataError where the scores of a task are all missing or equal, or a class is not 0 or 1
 */
export function checkTraining(examples: Scores, head: Head, outputs = 1, part = 'training'): void {
  for (const { where, scores } of tasksOf(part, examples, outputs)) {
    checkClasses(where, scores, head);
    if (scores.length === 0) throw new DataError(`${where}: every score is missing`);
    if (isConstant(scores))
      throw new DataError(`${where}: ${allEqual(scores, head)}, so there is nothing to learn`);
  }
}

/**
 * @param part what messages call them
 * @throws DataError where no correlation with the scores exists, so that no epoch could ever be the best
 */
export function checkValidation(examples: Scores, head: Head, outputs = 1, part = 'validation'): void {
  for (const { where, scores } of tasksOf(part, examples, outputs)) {
    checkClasses(where, scores, head);
    const n = scores.length;
    if (n < LEAST_CORRELATED)
      throw new DataError(
        `${where}: ${n} ${n === 1 ? 'record is' : 'records are'} too few, since a correlation needs ${LEAST_CORRELATED} or more; validate on more records`,
      );
    if (isConstant(scores))
      throw new DataError(
        `${where}: ${allEqual(scores, head)}, so the correlation with predictions is undefined; validate on other or more records`,
      );
  }
}

function tasksOf(part: string, { scores }: Scores, outputs: number): Task[] {
  if (outputs === 1) return [{ where: part, scores }];
  return Array.from({ length: outputs }, (_, task) => ({
    where: `${part}, task ${task + 1}`,
    scores: scores.filter((score, i) => i % outputs === task && !Number.isNaN(score)),
  }));
}

const allEqual = (scores: Float32Array, head: Head): string =>
  head === 'classification'
    ? `all ${scores.length} records are of class ${scores[0]}`
    : `all ${scores.length} scores are ${scores[0]}`;

function checkClasses(where: string, scores: Float32Array, head: Head): void {
  if (head !== 'classification') return;
  const stray = scores.findIndex((score) => score !== 0 && score !== 1);
  if (stray >= 0)
    throw new DataError(
      `${where}: the class of record ${stray + 1} is ${scores[stray]}; classes are 0 and 1`,
    );
}
