/** Provides the browser's WebGPU to libraries that expect it, with the adapter that the product finds. */
import { findAdapter } from '../../dist/device/adapter/adapter.node.js';

let found;

/**
 * Defines `navigator.gpu`, which gives this adapter for any request.
 *
 * @returns a function that tells the description of the adapter the library was given
 */
export async function installNavigator(choice) {
  found = await findAdapter(choice === undefined ? {} : { choice });
  const { instance } = found;
  let given;
  const gpu = {
    wgslLanguageFeatures: instance.wgslLanguageFeatures,
    getPreferredCanvasFormat: () => 'rgba8unorm',
    async requestAdapter() {
      const adapter = await instance.requestAdapter({ powerPreference: 'high-performance' });
      given = adapter?.info.description;
      return adapter;
    },
  };
  Object.defineProperty(globalThis, 'navigator', {
    value: { gpu, userAgent: 'node', platform: process.platform, hardwareConcurrency: 1 },
    configurable: true,
  });
  return () => given;
}

/** Counts the calls for dispatches and submits in one run. Without WebGPU, all are zero. */
export async function countWork(run) {
  const counts = { dispatches: 0, submits: 0 };
  if (!('GPUQueue' in globalThis)) return counts;
  const restore = [
    counting(GPUComputePassEncoder.prototype, 'dispatchWorkgroups', () => counts.dispatches++),
    counting(GPUComputePassEncoder.prototype, 'dispatchWorkgroupsIndirect', () => counts.dispatches++),
    counting(GPUQueue.prototype, 'submit', () => counts.submits++),
  ];
  try {
    await run();
  } finally {
    for (const undo of restore) undo();
  }
  return counts;
}

function counting(prototype, name, count) {
  const original = prototype[name];
  prototype[name] = function (...all) {
    count();
    return original.apply(this, all);
  };
  return () => {
    prototype[name] = original;
  };
}
