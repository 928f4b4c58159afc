/**
 * Files, in Node: models and checkpoints, probe tables, sequences. Browsers pass text and bytes of their own
 * to the other entry points.
 */

export * from './data/read.node.js';
export * from './nn/model-files.node.js';
