/// <reference types="@webgpu/types" />
/** TypeScript before 6 has no WebGPU in its DOM library; this adds it. */
export * from '../../dist/report/index.js';
