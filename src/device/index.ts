/** Where a GPU comes from, its memory, and recorded work. No tensors, no kernels: those are the next floors. */

export { type AdapterClass, type AdapterDescription, describeAdapter } from './adapter-info.js';
export { Allocation, type Arena, BufferPool, type PoolOptions, type PoolUsage } from './buffer-pool.js';
export type { Counters } from './counters.js';
export * from './errors.js';
export { Gpu, type GpuOptions } from './gpu.js';
export { Plan } from './plan.js';
export type { BindingInfo, Program, UniformLayout } from './program.js';
export { type BufferRange, type Dispatch, Recording } from './recording.js';
export { UniformBlock } from './uniform-block.js';
