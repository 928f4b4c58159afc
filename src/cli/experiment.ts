/** An experiment with what `train` stores of it for later analyses, and what it says of the data. */

import {
  type Experiment as DataExperiment,
  type ExperimentInput,
  type ExperimentOptions,
  type Probes,
  prepareExperiment as prepare,
} from '../data/index.node.js';
import { profileOf } from '../gia/profile.js';
import { type Io, note } from './io.js';
import { noteLeftOut } from './probe-options.js';

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

/** Says how many probes train, validate and test, what was left out, and what stands in several places. */
export function describeExperiment(
  io: Io,
  { source, leftOut }: Probes,
  { counts, stratified }: Experiment,
): void {
  const { train, valid, test, unassigned, repeated, shared } = counts;
  note(io, `${source}: ${train} probes train, ${valid} validate, ${test} test`);
  noteLeftOut(io, source, leftOut);
  if (repeated > 0)
    note(
      io,
      `${repeated} probes repeat the sequence of another one; all probes of a sequence train, or all validate`,
    );
  if (stratified)
    note(
      io,
      'a plain random split would leave a part with a single score, so the rarer scores were divided apart',
    );
  if (shared > 0)
    note(
      io,
      `${shared} of the ${test} test probes have a sequence that also trains or validates; they stay in the test, which is no independent test for them`,
    );
  if (unassigned > 0) note(io, `${unassigned} probes of neither set A nor set B were left out`);
  if (test === 0) note(io, 'there is no set B, so there will be no test score; --test <file> gives one');
}
