/**
 * Files, in Node: models, training in a folder and checkpoints, probe tables, sequences, importance tables,
 * and the kernels that `residualbind tune` chose. Browsers pass text and bytes of their own to the other
 * entry points.
 */

export {
  describeDataSet,
  type ReadDataSetOptions,
  readDataSet,
} from './data/experiments/data-set-reader.node.js';
export { type DataSetBytes, encodeDataSet } from './data/experiments/data-set-writer.node.js';
export { type ReadExperimentsOptions, readExperiments } from './data/experiments/read-experiments.node.js';
export * from './data/files/read.node.js';
export { type IntervalSequences, readIntervals } from './data/sequences/intervals.node.js';
export { SequenceStream } from './data/sequences/sequence-stream.node.js';
export { type ReadProfiles, readProfiles } from './data/structure/read-profiles.node.js';
export { type FileContents, writeFiles } from './device/write-atomically.node.js';
export * from './gia/files/checkpoint.node.js';
export { type Codec, partsCodec, roundsCodec, type Saved } from './gia/files/codecs.js';
export { type InspectOptions, inspectFile } from './gia/files/inspect.node.js';
export type { Inspected, Inspection } from './gia/files/inspection.js';
export * from './gia/files/motif-files.node.js';
export * from './gia/files/table-file.node.js';
export { type Tuned, useTuned } from './kernels/tuning/tuning-cache.node.js';
export * from './nn/comparison/compare.node.js';
export {
  COMPARED_METHODS,
  type ComparedExperiment,
  type ComparedMethod,
  type ComparedParts,
  type CompareProgress,
  type MethodOptions,
} from './nn/comparison/methods.node.js';
export * from './nn/exchange/convert.node.js';
export {
  type FolderExperimentFit,
  type FolderFitManyOptions,
  type FolderFitOptions,
  fitInFolder,
  fitManyInFolders,
  type Identity,
  type KeepingOptions,
  type KeptRun,
  stateIn,
} from './nn/files/fit-in-folder.node.js';
export type { KnownFacts, ModelFacts, StoredNormalisation, StoredTransform } from './nn/files/model-facts.js';
export * from './nn/files/model-files.node.js';
export * from './nn/files/network-file.node.js';
export * from './nn/files/replicates.node.js';
export { chooseTasks, taskNames, type WithTasks } from './nn/files/task-choice.js';
