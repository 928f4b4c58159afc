/** An experiment of a set as `nn.fitMany` takes it: all experiments share the codes of the set's probes. */
import {
  divideExperiment,
  type ExperimentInput,
  type PreparationOptions,
  trainingFacts,
} from '../experiment.js';
import { profileOf } from '../sequences/profile.js';
import { encodeSequences } from '../sequences/sequence.js';
import { type ExperimentSet, inputOf, placesOf, probesOf, recordsIn, scoresIn } from './experiment-set.js';

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
  { length, head }: ExperimentInput,
  options: Omit<PreparationOptions, 'test'> = {},
): SharedExperiment {
  const probes = probesOf(set, [name]);
  const divided = divideExperiment(probes, head, options);
  const own = scoresIn(set, placesOf(set, [name])[0]!);
  const measured = Array.from({ length: recordsIn(set) }, (_, record) => record).filter(
    (record) => !Number.isNaN(own[record]!),
  );
  const scores = new Float32Array(recordsIn(set)).fill(Number.NaN);
  const placed = (part: 'train' | 'valid'): Uint32Array => {
    const records = divided.records[part].map((at) => measured[at]!);
    records.forEach((record, i) => {
      scores[record] = divided.scores[part][i]!;
    });
    return records;
  };
  const { parts, normalisation } = divided;
  const profile = profileOf(encodeSequences(parts.train.sequences, length, parts.train), length);
  return {
    train: placed('train'),
    valid: placed('valid'),
    scores,
    facts: trainingFacts({ normalisation, profile }, inputOf(set, name)),
  };
}
