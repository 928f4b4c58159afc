/** Global importance analysis: backgrounds, patterns, the sweep, and its table. */

export {
  BACKGROUND_KINDS,
  type BackgroundKind,
  type BackgroundOptions,
  type Backgrounds,
  makeBackgrounds,
} from './backgrounds.js';
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
export * as motif from './motif/index.js';
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
export { parseTableJson, parseTsv, type StoredRow, type StoredTable } from './table-reader.js';
