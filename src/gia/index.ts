/** Global importance analysis: backgrounds, patterns, the sweep, and its table. */

export {
  type AdaptiveOptions,
  type AdaptiveResult,
  type AdaptiveState,
  type Round,
  topPatterns,
} from './adaptive.js';
export {
  BACKGROUND_KINDS,
  type BackgroundKind,
  type BackgroundOptions,
  type Backgrounds,
  makeBackgrounds,
} from './backgrounds.js';
export { type BootstrapIntervals, type BootstrapOptions, bootstrapIntervals } from './bootstrap.js';
export {
  type ImportanceOptions,
  type ImportanceResult,
  importance,
  kmerPatterns,
  METHODS,
  type Method,
  type SweepOptions,
  sweep,
} from './importance.js';
export { allKmers, kmer, kmerIndex, MAX_K } from './kmers.js';
export {
  importanceOfParts,
  PartsCancelledError,
  type PartsOptions,
  type PartsResult,
} from './parts.js';
export { expandPattern, parsePatternList } from './pattern-sets.js';
export { type Pattern, parsePattern, type Site } from './patterns.js';
export { profileOf } from './profile.js';
export {
  importancesOf,
  type ModelImportance,
  SweepCancelledError,
  type SweepProgress,
  type SweepState,
  type Work,
} from './runner.js';
export { multiplyAddsPerPair, planSweep, type SweepPlan } from './sweep-plan.js';
export { type GiaRow, type GiaTable, giaTable, toJson, topRows, toTsv } from './table.js';
