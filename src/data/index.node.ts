/** The data floor for Node: everything of `index.ts` and the file readers. */
export * from './index.js';
export { type ReadProbes, type ReadProbesOptions, readProbes, readSequences } from './read.node.js';
export { type FileDigest, type ReadOptions, readText } from './text-file.node.js';
