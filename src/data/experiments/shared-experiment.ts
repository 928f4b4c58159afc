/** An experiment of a set as `nn.fitMany` takes it: all experiments share the codes of the set's probes. */
import {
  type ExperimentInput,
  type PreparationOptions,
  prepareExperiment,
  trainingFacts,
} from '../experiment.js';
import { type ExperimentSet, placesOf, probesOf, recordsIn, scoresIn } from './experiment-set.js';

/** An experiment on the probes of its set. */
export interface SharedExperiment {
  /** Normalised scores of all records of the set [N]; NaN where a record neither trains nor validates. */
  readonly scores: Float32Array;
  /** Numbers of the records that train, in the order of `prepareExperiment`. */
  readonly train: Uint32Array;
  /** Numbers of the records that validate. */
  readonly valid: Uint32Array;
  /** What the file of a model says of its data. */
  readonly facts: ReturnType<typeof trainingFacts>;
}

/**
 * Divides and normalises one experiment of a set as `prepareExperiment` does, so that a model learns the same
 * from it as from a table of its own.
 *
 * @throws as `prepareExperiment`; DataError for an experiment that there is not, or one without any score
 */
export function sharedExperiment(
  set: ExperimentSet,
  name: string,
  input: ExperimentInput,
  options: Omit<PreparationOptions, 'test'> = {},
): SharedExperiment {
  const probes = probesOf(set, [name]);
  const experiment = prepareExperiment(probes, input, options);
  const own = scoresIn(set, placesOf(set, [name])[0]!);
  const measured = Array.from({ length: recordsIn(set) }, (_, record) => record).filter(
    (record) => !Number.isNaN(own[record]!),
  );
  const scores = new Float32Array(recordsIn(set)).fill(Number.NaN);
  const placed = (part: 'train' | 'valid'): Uint32Array => {
    const records = experiment.records[part].map((at) => measured[at]!);
    records.forEach((record, i) => {
      scores[record] = experiment[part].scores[i]!;
    });
    return records;
  };
  const [first] = set.inputs;
  return { train: placed('train'), valid: placed('valid'), scores, facts: trainingFacts(experiment, first) };
}
