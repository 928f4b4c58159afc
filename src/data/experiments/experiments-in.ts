/**
 * The experiments of a set one after the other, each divided and normalised for training when it is asked
 * for.
 */
import {
  type ExperimentCounts,
  type ExperimentPart,
  inputLength,
  type PreparationOptions,
  prepareExperiment,
  trainingFacts,
} from '../experiment.js';
import { type ExperimentSet, inputOf, probesOf } from './experiment-set.js';

/** An experiment's parts, as `files.compareMethods` takes them. */
export interface ExperimentParts {
  /** Positions of a sequence's codes: 41, or the longest probe where that is longer. */
  readonly length: number;
  readonly train: ExperimentPart;
  readonly valid: ExperimentPart;
  /** Set B; empty where there is none. */
  readonly test: ExperimentPart;
  /** What the file of a model says of its data. */
  readonly facts: ReturnType<typeof trainingFacts>;
  /** What must agree for training to be continued. */
  readonly identity: Readonly<Record<string, unknown>>;
  readonly counts: ExperimentCounts;
}

/** An experiment by its name. */
export interface NamedExperiment {
  readonly name: string;
  /** Divides, encodes and normalises it. @throws as `prepareExperiment` */
  parts(): ExperimentParts;
}

/**
 * All experiments of a set, for regression. Only the one that is asked for takes memory.
 *
 * @param options as for `prepareExperiment`, without a table to test on: set B tests
 */
export const experimentsIn = (
  set: ExperimentSet,
  options: Omit<PreparationOptions, 'test'> = {},
): readonly NamedExperiment[] =>
  set.experiments.map((name) => ({ name, parts: () => partsOf(set, name, options) }));

function partsOf(
  set: ExperimentSet,
  name: string,
  options: Omit<PreparationOptions, 'test'>,
): ExperimentParts {
  const probes = probesOf(set, [name]);
  const length = inputLength(probes);
  const experiment = prepareExperiment(probes, { length, head: 'regression' }, options);
  const { train, valid, test, counts, normalisation } = experiment;
  const { validation = 0.1, seed = 1 } = options;
  return {
    length,
    train,
    valid,
    test: test ?? { codes: new Uint8Array(), scores: new Float32Array() },
    facts: trainingFacts(experiment, inputOf(set, name)),
    identity: {
      data: set.inputs.map(({ sha256 }) => sha256),
      experiment: name,
      'validation share': validation,
      'seed of the division': seed,
      normalisation,
    },
    counts,
  };
}
