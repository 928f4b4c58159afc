/** The data floor for Node: everything of `index.ts` and the file readers. */

export { readEnergies } from './energies/read-energies.node.js';
export type { StoredDataSet, StoredExperiment } from './experiments/data-set.js';
export {
  describeDataSet,
  type ReadDataSetOptions,
  readDataSet,
} from './experiments/data-set-reader.node.js';
export { type DataSetBytes, encodeDataSet } from './experiments/data-set-writer.node.js';
export { type ReadExperimentsOptions, readExperiments } from './experiments/read-experiments.node.js';
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
export { type IntervalSequences, readIntervals } from './sequences/intervals.node.js';
export { SequenceStream } from './sequences/sequence-stream.node.js';
export { type ReadProfiles, readProfiles } from './structure/read-profiles.node.js';
