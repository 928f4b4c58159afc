/** Motif databases: sites of known motifs asked of a model, their ranking, and its table. */

export {
  type MotifDatabaseOptions,
  type MotifDatabaseResult,
  type MotifRanking,
  motifDatabase,
  patternsOfDatabase,
} from './motif-database.js';
export type { MotifImportance, TestedEffect } from './motif-importance.js';
export { encodeMotifTable, motifColumns } from './motif-table.js';
export {
  type MotifLeftOut,
  type MotifPlaces,
  type PlacedMotif,
  type PlacedMotifs,
  placeMotifs,
} from './placed-motifs.js';
