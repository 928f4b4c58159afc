/**
 * Files, in Node: models and checkpoints, probe tables, sequences. Browsers pass text and bytes of their own
 * to the other entry points.
 */

export * from './data/files/read.node.js';
export type { KnownFacts, ModelFacts, StoredNormalisation, StoredTransform } from './nn/files/model-facts.js';
export * from './nn/files/model-files.node.js';
export * from './nn/files/network-file.node.js';
