/**
 * Reading, checking, encoding and normalising probes and scores, and simulating them: the part that runs
 * anywhere. `index.node.ts` adds the file readers.
 */

export { echo } from './echo.js';
export { parseEnergies } from './energies/parameter-file.js';
export {
  type EvaluatedModel,
  type EvaluatedSet,
  type EvaluationSet,
  type Experiment,
  type ExperimentCounts,
  type ExperimentInput,
  type ExperimentPart,
  evaluationSet,
  inputLength,
  type Normalisation,
  normalisedScores,
  type PreparationOptions,
  prepareExperiment,
  sharedWith,
  trainingFacts,
} from './experiment.js';
export {
  checkSet,
  type ExperimentCheck,
  type SetCheck,
} from './experiments/checks.js';
export {
  codesIn,
  type ExperimentGaps,
  type ExperimentSet,
  type InputFile,
  probesOf,
  recordsIn,
  SETS,
  scoresIn,
  sequenceIn,
} from './experiments/experiment-set.js';
export { type ExperimentParts, experimentsIn, type NamedExperiment } from './experiments/experiments-in.js';
export { chosenExperiments, mergeSets } from './experiments/merge.js';
export { type SharedExperiment, sharedExperiment } from './experiments/shared-experiment.js';
export { consensusOf, type PositionWeightMatrix, pwmFromConsensus, siteAffinity } from './pwm.js';
export type { Interval } from './sequences/bed.js';
export { pairsOf } from './sequences/dot-bracket.js';
export type { SequencePiece } from './sequences/fasta-pieces.js';
export type { LetterOptions } from './sequences/letter-reader.js';
export { ALPHABET, type Alphabet, lettersOf, PAD, spell } from './sequences/letters.js';
export { type NamedSequences, parseSequences, parseSequencesInSteps } from './sequences/parse-sequences.js';
export { profileOf } from './sequences/profile.js';
export {
  canonicalSequence,
  decodeSequence,
  encodeSequences,
  INPUT_LENGTH,
  MOST_INPUT_LENGTH,
  type Origin,
} from './sequences/sequence.js';
export {
  usualStride,
  type Window,
  type WindowBatch,
  WindowCutter,
  type WindowCutterOptions,
} from './sequences/windows.js';
export {
  GC_SIDES,
  type GcSide,
  type HairpinPreference,
  type PlantedTask,
  type Simulation,
  type SimulationOptions,
  type SimulationTruth,
  type SpacingPenalty,
  type TaskMotif,
} from './simulation/options.js';
export { simulateProbes, simulateProbesInSteps } from './simulation/simulate.js';
export { LEAST_VALIDATION, type ProbeSplit, type SplitOptions, splitProbes } from './split.js';
export {
  CONTEXT_LETTERS,
  type Contexts,
  channelsWith,
  contextsIn,
} from './structure/contexts.js';
export { type MatchedProfiles, matchProfiles, type ProfiledRecords } from './structure/match-profiles.js';
export { parseProfiles, parseProfilesInSteps } from './structure/parse-profiles.js';
export { placedProfiles, type StructureProfiles } from './structure/profiles.js';
export type { ColumnChoice } from './tables/columns.js';
export { isTable } from './tables/delimited.js';
export { formatProbes } from './tables/format-probes.js';
export { isMissing } from './tables/missing.js';
export { type ProbeTableOptions, parseProbes, parseProbesInSteps } from './tables/parse-probes.js';
export {
  inTaskOrder,
  type LeftOut,
  type ProbeSet,
  type Probes,
  splitBySet,
  splitValidation,
  subset,
  withProfiles,
} from './tables/probes.js';
export { tsvField } from './tables/tsv-field.js';
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
