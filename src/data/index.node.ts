/** The data floor for Node: everything of `index.ts` and the file readers. */

export {
  type ReadProbes,
  type ReadProbesOptions,
  readProbes,
  readSequences,
  readTrainingSequences,
  type TrainingSequences,
} from './files/read.node.js';
export { type FileDigest, type ReadOptions, readText } from './files/text-file.node.js';
export * from './index.js';
