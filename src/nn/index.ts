/** ResidualBind: architecture, weights, training, prediction. */

export {
  type Agreement,
  agreement,
  agreements,
  type Evaluation,
  evaluations,
  type UndefinedCorrelation,
} from './agreement.js';
export {
  type Alphabet,
  type Architecture,
  checkArchitecture,
  type Head,
  outputsOf,
  parameterCounts,
} from './architecture.js';
export { isPwm, type LearnedMotif, learnedMotif } from './baselines/pwm.js';
export { fitRidge, predictRidge, type Ridge, type RidgeOptions, type RidgeTrial } from './baselines/ridge.js';
export { auprc, auroc, type Discrimination, discrimination, type UndefinedArea } from './classification.js';
export {
  type Difference,
  type Interval,
  type PairedCorrelations,
  pairedCorrelations,
  type ResamplingOptions,
} from './comparison/correlations.js';
export { type SignedRanks, signedRanks } from './comparison/wilcoxon.js';
export { contextsOf, type StructureOptions, withStructure } from './contexts.js';
export { Dataset, type Sequences } from './dataset.js';
export { type BytesOptions, type ForeignAsOurs, importOnnx, importPytorch } from './exchange/import.js';
export type { NetworkChoice } from './exchange/network-of.js';
export { encodeOnnx } from './exchange/onnx/encode.js';
export { encodePytorch } from './exchange/pytorch.js';
export { type FoldProfilesOptions, foldProfiles } from './folding/fold-profiles.js';
export { type FoldSequencesOptions, foldSequences } from './folding/fold-sequences.js';
export {
  type Contexts,
  type Energies,
  Folding,
  type FoldingOptions,
  TURNER_1999,
} from './folding/folding.js';
export type { Layer, LayerFields, LayerKind } from './layers.js';
export { pearson, ranks, spearman } from './metrics.js';
export { type PredictionCost, predictionCost } from './prediction/precision-cost.js';
export { Predictor, type PredictorOptions, type WatchOptions } from './prediction/predictor.js';
export {
  type PredictOptions,
  SequencePredictor,
  type SequencePredictorOptions,
} from './prediction/sequence-predictor.js';
export {
  predictBatches,
  predictWindows,
  type WindowOptions,
  type WindowPredictions,
} from './prediction/windows.js';
export { architecture, PRESETS, type Preset, residualSizes, type Sizes } from './presets.js';
export { type CreateOptions, type FromWeightsOptions, ResidualBind } from './residualbind.js';
export {
  type EpochReport,
  type Examples,
  type FitOptions,
  type FitResult,
  fit,
  TrainingDivergedError,
  type TrainingState,
} from './training/fit.js';
export { type ExperimentFit, type FitManyOptions, fitMany, type ManyProgress } from './training/fit-many.js';
export { type ModelsAtOnceOptions, modelsAtOnce } from './training/models-at-once.js';
export { advance, initialSchedule, type ScheduleOptions, type ScheduleState } from './training/schedule.js';
export { TrainingStep } from './training/training-step.js';
export type { NamedArray, Weights } from './weights.js';
