/** Global importance analysis: backgrounds, patterns, the sweep, and its table. */

export {
  BACKGROUND_KINDS,
  type BackgroundKind,
  type BackgroundOptions,
  type Backgrounds,
  makeBackgrounds,
} from './backgrounds.js';
export { importance, type SweepOptions, sweep } from './importance.js';
export { allKmers, kmer, kmerIndex, MAX_K } from './kmers.js';
export { type Pattern, parsePattern, type Site } from './patterns.js';
export { profileOf } from './profile.js';
export type { ImportanceOptions, ImportanceResult, ModelImportance } from './runner.js';
export { type GiaRow, type GiaTable, giaTable, toJson, topRows, toTsv } from './table.js';
