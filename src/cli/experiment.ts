/**
 * From a probe table to what training and evaluation take: split, normalised and encoded (SPEC §3). It knows nothing
 * of commands or options' spelling.
 */

import {
  applyTransform,
  encodeSequences,
  type FittedTransform,
  type NormaliseOptions,
  normaliseSplits,
  type Probes,
  type Splits,
  splitBySet,
  splitValidation,
  subset,
} from '../data/index.node.js';
import { FormatError } from '../device/errors.js';
import { profileOf } from '../gia/profile.js';
import type { Architecture } from '../nn/architecture.js';
import type { Examples } from '../nn/fit.js';

/** Which scores a normalisation's numbers were fitted on, and the numbers. Null: scores are used as they are. */
export type Normalisation = {
  readonly scope: 'train' | 'all' | 'split';
  readonly fitted: Splits<FittedTransform>;
} | null;

export interface ExperimentOptions {
  /** Share of validation among the training probes. */
  readonly validation: number;
  /** Seed of that division. */
  readonly seed: number;
  /** Ignored for classification, whose scores must be 0 and 1 and stay so. */
  readonly normalise: NormaliseOptions;
  /** Probes to test on, in place of set B. */
  readonly test?: Probes | undefined;
}

export interface Experiment {
  readonly train: Examples;
  readonly valid: Examples;
  /** Absent when there is nothing to test on. */
  readonly test?: Examples;
  readonly normalisation: Normalisation;
  /** Nucleotide frequencies of the training sequences [length * 4]. */
  readonly profile: Float64Array;
  readonly counts: {
    readonly train: number;
    readonly valid: number;
    readonly test: number;
    /** Records without a set, where others have one: neither trained nor tested on. */
    readonly unassigned: number;
    /** Records without a score. */
    readonly dropped: number;
  };
}

/**
 * Set A trains and validates, set B tests. Without sets everything trains and validates.
 *
 * @throws FormatError when there is too little to train on or a class is not 0 or 1; InvalidSequenceError or
 * NotFiniteError naming the record
 */
export function prepareExperiment(
  probes: Probes,
  { length, head }: Pick<Architecture, 'length' | 'head'>,
  { validation, seed, normalise, test: other }: ExperimentOptions,
): Experiment {
  const { A, B, none } = splitBySet(probes);
  const hasSets = A.sequences.length + B.sequences.length > 0;
  const usable = hasSets ? A : none;
  if (usable.sequences.length < 2) {
    throw new FormatError(
      `${probes.source}: ${usable.sequences.length} probes ${hasSets ? 'in set A ' : ''}are too few to train on`,
    );
  }
  const split = splitValidation(usable.sequences.length, validation, seed);
  const parts = {
    train: subset(usable, split.train),
    valid: subset(usable, split.valid),
    test: other ?? B,
  };
  const codes = (part: Probes) => encodeSequences(part.sequences, length, part);
  const { train, valid, test, fitted } =
    head === 'classification' ? classes(parts) : normalised(parts, normalise);
  const trainCodes = codes(parts.train);
  return {
    train: { codes: trainCodes, scores: train },
    valid: { codes: codes(parts.valid), scores: valid },
    ...(test.length > 0 ? { test: { codes: codes(parts.test), scores: test } } : {}),
    normalisation: fitted && { scope: normalise.scope ?? 'train', fitted },
    profile: profileOf(trainCodes, length),
    counts: {
      train: train.length,
      valid: valid.length,
      test: test.length,
      unassigned: hasSets ? none.sequences.length : 0,
      dropped: probes.dropped,
    },
  };
}

/** Scores as a model with this normalisation was trained on; set B's own fit where every split has one. */
export function normalisedScores(
  probes: Probes,
  normalisation: Normalisation,
  isTest: boolean,
): Float32Array {
  if (!normalisation) return classesOf(probes);
  const { train, test } = normalisation.fitted;
  return applyTransform(isTest ? test : train, probes.scores);
}

const normalised = ({ train, valid, test }: Splits<Probes>, options: NormaliseOptions) =>
  normaliseSplits({ train: train.scores, valid: valid.scores, test: test.scores }, options);

const classes = ({ train, valid, test }: Splits<Probes>) => ({
  train: classesOf(train),
  valid: classesOf(valid),
  test: classesOf(test),
  fitted: null,
});

function classesOf({ scores, source, lines }: Probes): Float32Array {
  const bad = scores.findIndex((score) => score !== 0 && score !== 1);
  if (bad >= 0)
    throw new FormatError(
      `${source}:${lines[bad]}: a class must be 0 or 1, not ${scores[bad]}; use --head regression for other scores`,
    );
  return Float32Array.from(scores);
}

/** The probes to test on: set B where the file has sets, else all. */
export function testProbes(all: Probes): { readonly probes: Probes; readonly isTest: boolean } {
  const isTest = all.sets.includes('B');
  return { probes: isTest ? splitBySet(all).B : all, isTest };
}
