/**
 * The public face for browsers and whatever else brings its own WebGPU: `index.ts` without anything of Node.
 */

export { requestHostGpu as requestGpu } from './device/host-gpu.js';
export * from './everywhere.js';
