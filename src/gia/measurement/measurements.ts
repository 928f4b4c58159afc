/** Everything that a sweep is put beside: the scores of all probes, and a regression on them. */

import { type EvaluatedModel, type ExperimentPart, evaluationSet } from '../../data/experiment.js';
import type { Probes } from '../../data/tables/probes.js';
import type { Steps } from '../../device/breathe.js';
import type { StoredRow } from '../tables/table-reader.js';
import { type BesideMeasurements, besideMeasurements, measuredKmers } from './measured-kmers.js';
import { type RidgeAgreement, ridgeBesideInSteps } from './ridge-beside.js';

/** The probes of a table, with scores normalised as for a model. */
export interface Measurements extends ExperimentPart {
  /** Positions of a sequence's codes. */
  readonly length: number;
  /** Of each task; undefined where there is none. */
  readonly ridge: readonly (RidgeAgreement | undefined)[];
}

/** A sweep beside measurements, and the regression on the same probes. */
export interface Measured {
  readonly beside: BesideMeasurements;
  readonly ridge?: RidgeAgreement | undefined;
}

/** A model with the seed that divided its probes. */
type SeededModel = EvaluatedModel & { readonly facts: { readonly seed?: number } };

/**
 * The measurements of a table for a model. All probes count for k-mers; the regression learns from set A and
 * is tested on set B.
 *
 * @throws as `data.evaluationSet`
 */
export function* measurementsInSteps(probes: Probes, model: SeededModel): Steps<Measurements> {
  const { codes, scores } = evaluationSet(probes, model, 'all');
  const ridge = yield* ridgeBesideInSteps(probes, model, { seed: model.facts.seed });
  return { codes, scores, length: model.architecture.length, ridge };
}

/**
 * A sweep of one task beside the measurements of that task.
 *
 * @param output which task, from 0
 * @returns undefined for patterns that are not all k-mers of one length up to 8
 */
export function measuredBeside(
  { codes, scores, length, ridge }: Measurements,
  rows: readonly StoredRow[],
  output = 0,
): Measured | undefined {
  const outputs = ridge.length;
  const beside = besideMeasurements(rows, (k) =>
    measuredKmers(codes, scores, { length, k, output, outputs }),
  );
  return beside && { beside, ridge: ridge[output] };
}
