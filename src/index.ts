/**
 * The public face: a GPU, tensors, ResidualBind and global importance analysis. Importing it loads nothing
 * but `webgpu` (in Node, when a GPU is requested) and `@petamoriken/float16`; file readers are
 * `residualbind-webgpu/data`.
 */

export { requestGpu } from './device/request-gpu.js';
export * from './everywhere.js';
