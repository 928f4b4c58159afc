/** ResidualBind: architecture, weights, training, prediction. */

export { type Agreement, agreement, type UndefinedCorrelation } from './agreement.js';
export {
  type Architecture,
  architecture,
  type Head,
  PRESETS,
  type Preset,
  parameterCounts,
} from './architecture.js';
export { Dataset, type Sequences } from './dataset.js';
export {
  type EpochReport,
  type Examples,
  type FitOptions,
  type FitResult,
  fit,
  TrainingDivergedError,
  type TrainingState,
} from './fit.js';
export { pearson, ranks, spearman } from './metrics.js';
export { type PredictionCost, predictionCost } from './precision-cost.js';
export { type PredictOptions, Predictor, type PredictorOptions } from './predictor.js';
export { type CreateOptions, type FromWeightsOptions, ResidualBind } from './residualbind.js';
export { advance, initialSchedule, type ScheduleOptions, type ScheduleState } from './schedule.js';
export { TrainingStep } from './training-step.js';
export type { NamedArray, Weights } from './weights.js';
export { predictWindows, type WindowOptions, type WindowPredictions } from './windows.js';
