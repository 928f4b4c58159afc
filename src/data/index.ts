/**
 * Reading, checking, encoding and normalising probes and scores, and simulating them: the part that runs anywhere.
 * `index.node.ts` adds the file readers.
 */
export type { ColumnChoice } from './columns.js';
export { isTable } from './delimited.js';
export { pairsOf } from './dot-bracket.js';
export { echo } from './echo.js';
export {
  type Experiment,
  type ExperimentCounts,
  type ExperimentInput,
  type ExperimentOptions,
  type ExperimentPart,
  inputLength,
  MOST_INPUT_LENGTH,
  type Normalisation,
  normalisedScores,
  prepareExperiment,
  sharedWith,
  testProbes,
} from './experiment.js';
export { formatProbes } from './format-probes.js';
export type { LetterOptions } from './letters.js';
export { isMissing } from './missing.js';
export { type ProbeTableOptions, parseProbes, parseProbesInSteps } from './parse-probes.js';
export { type NamedSequences, parseSequences, parseSequencesInSteps } from './parse-sequences.js';
export { type LeftOut, type ProbeSet, type Probes, splitBySet, splitValidation, subset } from './probes.js';
export { consensusOf, type PositionWeightMatrix, pwmFromConsensus, siteAffinity } from './pwm.js';
export {
  ALPHABET,
  canonicalSequence,
  decodeSequence,
  encodeSequences,
  INPUT_LENGTH,
  type Origin,
  PAD,
} from './sequence.js';
export {
  GC_SIDES,
  type GcSide,
  type HairpinPreference,
  type Simulation,
  type SimulationOptions,
  type SimulationTruth,
  type SpacingPenalty,
  simulateProbes,
  simulateProbesInSteps,
} from './simulate.js';
export { LEAST_VALIDATION, type ProbeSplit, type SplitOptions, splitProbes } from './split.js';
export {
  applyTransform,
  type FittedTransform,
  fitTransform,
  type NormaliseOptions,
  normaliseSplits,
  percentile,
  type Splits,
  type TransformOptions,
} from './transform.js';
export { tsvField } from './tsv-field.js';
