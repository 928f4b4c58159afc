/**
 * Global importance analysis: backgrounds, patterns, the sweep, and its table; attributions of single
 * sequences.
 */

export { profileOf } from '../data/sequences/profile.js';
export {
  type AdaptiveOptions,
  type AdaptiveResult,
  type AdaptiveState,
  type Round,
  topPatterns,
} from './adaptive.js';
export {
  ATTRIBUTION_METHODS,
  type Attribution,
  type AttributionMethod,
  type AttributionOptions,
  type AttributionProgress,
  heightsOf,
} from './attribution/attribution.js';
export {
  ATTRIBUTION_FORMATS,
  type AttributionFormat,
  attributionFormatOf,
  bySequence,
  encodeAttribution,
  type GivenSequences,
  type SequenceAttribution,
} from './attribution/attribution-files.js';
export {
  BASELINES,
  type Baseline,
  type Completeness,
  type IntegratedAttribution,
  type IntegratedOptions,
  integratedGradients,
} from './attribution/integrated.js';
export { type MutagenesisOptions, mutagenesis } from './attribution/mutagenesis.js';
export { saliency } from './attribution/saliency.js';
export {
  BACKGROUND_KINDS,
  type BackgroundKind,
  type BackgroundOptions,
  type Backgrounds,
  backgroundLetters,
  lettersIn,
  makeBackgrounds,
} from './backgrounds/backgrounds.js';
export {
  type LetterRange,
  lettersInPadding,
  lettersOfCodes,
  lettersOfModels,
  lettersOfProfile,
  reachesOut,
} from './backgrounds/letters.js';
export {
  backgroundsOf,
  type ModelBackgroundOptions,
  type TrainedModel,
} from './backgrounds/of-models.js';
export {
  encodeMotifTable,
  type MotifDatabaseOptions,
  type MotifDatabaseResult,
  type MotifImportance,
  type MotifLeftOut,
  type MotifPlaces,
  type MotifRanking,
  motifDatabase,
  placeMotifs,
  type TestedEffect,
} from './databases/index.js';
export {
  type ImportanceOptions,
  type ImportanceResult,
  importance,
  kmerPatterns,
  kmerPosition,
  type SweepOptions,
  sweep,
} from './importance.js';
export {
  type BesideMeasurements,
  besideMeasurements,
  type MeasuredKmers,
  type MeasuredRow,
  measuredKmers,
} from './measurement/measured-kmers.js';
export {
  type Measured,
  type Measurements,
  measuredBeside,
  measurementsInSteps,
} from './measurement/measurements.js';
export type { RidgeAgreement } from './measurement/ridge-beside.js';
export { METHODS, type Method, type NaiveReason } from './method.js';
export type {
  LayeredModel,
  Model,
  PlainModel,
  PredictFunction,
  Predicts,
  Readout,
  Readouts,
} from './model.js';
export * as motif from './motif/index.js';
export {
  importanceOfParts,
  PartsCancelledError,
  type PartsOptions,
  type PartsResult,
} from './parts.js';
export { checkPartsNeeds, type PartsNeeds } from './parts-needs.js';
export { type KmerPartsOptions, kmerParts } from './patterns/kmer-parts.js';
export { allKmers, kmer, kmerIndex, MAX_K } from './patterns/kmers.js';
export { expandPattern, parsePatternList } from './patterns/pattern-sets.js';
export { type Pattern, parsePattern, type Site } from './patterns/patterns.js';
export { type ImportanceCost, importanceCost } from './precision-cost.js';
export {
  type BootstrapIntervals,
  type BootstrapOptions,
  bootstrapIntervals,
} from './statistics/bootstrap.js';
export { type StructureOptions, TREATMENTS, type Treated, type Treatment } from './structure.js';
export { multiplyAddsPerPair, planSweep, type SweepPlan } from './sweep/plan.js';
export {
  importancesOf,
  type ModelImportance,
  SweepCancelledError,
  type SweepCosts,
  type SweepProgress,
  type SweepState,
} from './sweep/state.js';
export {
  EXPERIMENT_FILES,
  type ExperimentFile,
  experimentFiles,
  experimentTsv,
} from './tables/experiment-files.js';
export {
  type ModelStatistics,
  type ResultTable,
  type ResultTableOptions,
  resultTable,
  statisticsOf,
  statisticsOfParts,
} from './tables/result-table.js';
export { spelledResult } from './tables/spelling.js';
export { type GiaRow, type GiaTable, giaTable, toJson, topRows, toTsv } from './tables/table.js';
export {
  lettersOfName,
  parseTableJson,
  parseTsv,
  type StoredRow,
  type StoredTable,
  topRow,
} from './tables/table-reader.js';
export { type TopKmer, type TopKmerOptions, topKmer, topKmers } from './top-kmer.js';
