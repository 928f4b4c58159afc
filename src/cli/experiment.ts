/** An experiment with what `train` stores of it for later analyses, and what it says of the data. */

import {
  type Experiment as DataExperiment,
  type ExperimentInput,
  type ExperimentOptions,
  type Probes,
  prepareExperiment as prepare,
} from '../data/index.node.js';
import { count } from '../device/count.js';
import { profileOf } from '../gia/backgrounds/profile.js';
import { type Io, note } from './terminal/io.js';

export interface Experiment extends DataExperiment {
  /** Nucleotide frequencies of the training sequences [length * 4]. */
  readonly profile: Float64Array;
}

/** `prepareExperiment` of the data floor, and the profile of the training sequences. */
export function prepareExperiment(
  probes: Probes,
  input: ExperimentInput,
  options: ExperimentOptions,
): Experiment {
  const experiment = prepare(probes, input, options);
  return { ...experiment, profile: profileOf(experiment.train.codes, input.length) };
}

/** Says how many probes train, validate and test, and what stands in several places. */
export function describeExperiment(io: Io, { source }: Probes, { counts, stratified }: Experiment): void {
  const { train, valid, test, unassigned, repeated, shared } = counts;
  note(
    io,
    `${source}: ${count(train, 'probe')} for training, ${valid.toLocaleString('en')} for validation, ${test.toLocaleString('en')} for testing`,
  );
  if (repeated > 0)
    note(
      io,
      `${count(repeated, 'probe repeats', 'probes repeat')} the sequence of another one; all probes of a sequence train, or all validate`,
    );
  if (stratified)
    note(
      io,
      'a plain random split would leave one part with a single score, so the split is stratified by score',
    );
  if (shared > 0)
    note(
      io,
      `${shared} of the ${count(test, 'test probe')} ${shared === 1 ? 'has' : 'have'} a sequence that is also used for training or validation; the test is not independent of those`,
    );
  if (unassigned > 0)
    note(io, `${count(unassigned, 'probe is', 'probes are')} in neither set A nor set B and left out`);
  if (test === 0)
    note(io, 'there is no set B, so there will be no test score; name probes to test on with --test <file>');
}
