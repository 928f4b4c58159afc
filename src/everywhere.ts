/** What the public face offers on every host; `index.ts` and `index.browser.ts` add how each finds a GPU. */

export * as data from './data/index.js';
export { type AdapterDescription, describeAdapter } from './device/adapter/adapter-info.js';
export * from './device/errors.js';
export { Gpu, type GpuOptions } from './device/gpu.js';
export type { RequestGpuOptions } from './device/host-gpu.js';
export { PRECISIONS, type Precision } from './device/precision.js';
export type { KernelTotals } from './device/profiling/kernel-ledger.js';
export { type ProfileReport, Profiler, type ProfilerOptions } from './device/profiling/profiler.js';
export * as gia from './gia/index.js';
export { type Ceilings, measureCeilings } from './kernels/ceilings.js';
export {
  describeVariant,
  type MatrixKernel,
  type MatrixVariant,
  subgroupMatrixVariants,
  useVariants,
  type VariantTable,
} from './kernels/matrix/variants.js';
export { rateOf } from './kernels/roofline.js';
export {
  type KernelTuning,
  type TuneOptions,
  type Tuning,
  type TuningProgress,
  tune,
  variantsInForce,
} from './kernels/tuning/tuning.js';
export * as nn from './nn/index.js';
export { ResidualBind } from './nn/residualbind.js';
export * as operations from './tensor/operations.js';
export * as reductions from './tensor/reductions.js';
export { Tape } from './tensor/tape.js';
export { type DType, Tensor, type TensorData } from './tensor/tensor.js';
