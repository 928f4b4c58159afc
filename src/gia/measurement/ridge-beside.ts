/** A 6-mer ridge regression on the probes of a model, so that the model's test correlation has something beside it. */

import { type EvaluatedModel, evaluationSet } from '../../data/experiment.js';
import { splitProbes } from '../../data/split.js';
import { inTaskOrder, type Probes, splitBySet, subset } from '../../data/tables/probes.js';
import type { Steps } from '../../device/breathe.js';
import { DataError } from '../../device/errors.js';
import { type Agreement, agreement } from '../../nn/agreement.js';
import { predictRidge, ridgeInSteps } from '../../nn/baselines/ridge.js';

/** How well a regression predicts the test probes. */
export interface RidgeAgreement extends Agreement {
  /** Letters of its k-mers. */
  readonly k: number;
  readonly penalty: number;
}

/**
 * Fits the regression to nine tenths of set A, chooses its penalty on the rest, and tests it on set B. Scores
 * are normalised as for the model.
 *
 * @returns one for each task; undefined where the table has not both sets, or a task's scores cannot be fitted
 * @throws as `data.evaluationSet`
 */
export function* ridgeBesideInSteps(
  table: Probes,
  model: EvaluatedModel,
  { seed = 1 }: { readonly seed?: number | undefined } = {},
): Steps<readonly (RidgeAgreement | undefined)[]> {
  const { tasks } = model.facts;
  const all = tasks ? inTaskOrder(table, tasks) : table;
  const { A, B } = splitBySet(all);
  const outputs = all.tasks?.length ?? 1;
  if (A.sequences.length === 0 || B.sequences.length === 0) return new Array(outputs).fill(undefined);
  const found: (RidgeAgreement | undefined)[] = [];
  const [learned, test] = [evaluationSet(all, model, 'A'), evaluationSet(all, model, 'B')];
  const { length } = model.architecture;
  for (let output = 0; output < outputs; output++) {
    const own = known(learned, length, output, outputs);
    const held = known(test, length, output, outputs);
    try {
      const division = splitProbes(oneTask(A, output, own.records), { seed });
      const [train, valid] = [division.train, division.valid].map((part) => chosen(own, length, part));
      const ridge = yield* ridgeInSteps(train!, valid!, length);
      const { k, penalty } = ridge;
      found.push({ k, penalty, ...agreement(predictRidge(ridge, held.codes, length), held.scores) });
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      found.push(undefined);
    }
  }
  return found;
}

interface Part {
  readonly codes: Uint8Array;
  readonly scores: Float32Array;
  /** Where each stands in the table. */
  readonly records: readonly number[];
}

/** Records that have a score in an output. */
function known(
  { codes, scores }: { readonly codes: Uint8Array; readonly scores: Float32Array },
  length: number,
  output: number,
  outputs: number,
): Part {
  const all = Float32Array.from({ length: scores.length / outputs }, (_, i) => scores[i * outputs + output]!);
  const records = [...all.keys()].filter((i) => !Number.isNaN(all[i]!));
  return { ...chosen({ codes, scores: all }, length, records), records };
}

/** Some records. */
function chosen(
  { codes, scores }: { readonly codes: Uint8Array; readonly scores: Float32Array },
  length: number,
  records: ArrayLike<number>,
) {
  const picked = new Uint8Array(records.length * length);
  Array.from(records, (record, i) =>
    picked.set(codes.subarray(record * length, (record + 1) * length), i * length),
  );
  return { codes: picked, scores: Float32Array.from(records, (record) => scores[record]!) };
}

/** Some records of a table with the scores of one task, which decide how it is divided. */
function oneTask({ tasks, ...probes }: Probes, output: number, records: readonly number[]): Probes {
  const width = tasks?.length ?? 1;
  return subset({ ...probes, scores: probes.scores.filter((_, i) => i % width === output) }, records);
}
