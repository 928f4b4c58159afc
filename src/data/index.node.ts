/** The data floor for Node: everything of `index.ts` and the file readers. */
export * from './index.js';
export {
  type FileDigest,
  type ReadProbes,
  type ReadProbesOptions,
  readProbes,
  readSequences,
  readText,
} from './read.node.js';
