/**
 * Stands in for npm package `webgpu` in the tests that run in one process after another (vitest.config.ts):
 * devices that are asked for in the same way are one device, which is never destroyed. Dawn answers for a
 * program that it has compiled on that device, so each worker compiles a program once, and not once per GPU
 * that a test opens. On SwiftShader compiling is most of what tests take.
 *
 * What belongs to a `Gpu` (memory, recordings, counters, errors) is still its own.
 */

import { createRequire } from 'node:module';

const dawn = createRequire(import.meta.url)('webgpu') as typeof import('webgpu');

/** Kept over `vi.resetModules`, which would bring a second set of devices. */
interface Shared {
  readonly instances: Map<string, GPU>;
  readonly devices: Map<string, Promise<GPUDevice>>;
  /** Dawn forgets a pipeline when nobody holds it. */
  readonly pipelines: Set<GPUComputePipeline>;
}

const KEY = Symbol.for('residualbind-webgpu.test.shared-dawn');
const holder = globalThis as { [KEY]?: Shared };
holder[KEY] ??= { instances: new Map(), devices: new Map(), pipelines: new Set() };
const { instances, devices, pipelines } = holder[KEY];

export const { globals } = dawn;

/** An instance for these flags under the Vulkan drivers that the environment names now. */
export function create(flags: string[]): GPU {
  const key = JSON.stringify([flags, process.env.VK_DRIVER_FILES]);
  let instance = instances.get(key);
  if (!instance) {
    instance = shareDevices(dawn.create(flags), key);
    instances.set(key, instance);
  }
  return instance;
}

function shareDevices(instance: GPU, instanceKey: string): GPU {
  const requestAdapter = instance.requestAdapter.bind(instance);
  instance.requestAdapter = async (options) => {
    const adapter = await requestAdapter(options);
    if (!adapter) return adapter;
    const requestDevice = adapter.requestDevice.bind(adapter);
    adapter.requestDevice = (descriptor) => {
      const key = JSON.stringify([instanceKey, adapter.info.description, descriptor]);
      let device = devices.get(key);
      if (!device) {
        device = requestDevice(descriptor).then(keepOpen);
        devices.set(key, device);
      }
      return device;
    };
    return adapter;
  };
  return instance;
}

/** A device that outlives the `Gpu` that disposes of it, with all its pipelines. */
function keepOpen(device: GPUDevice): GPUDevice {
  const compile = device.createComputePipelineAsync.bind(device);
  device.createComputePipelineAsync = async (descriptor) => {
    const pipeline = await compile(descriptor);
    pipelines.add(pipeline);
    return pipeline;
  };
  device.destroy = () => undefined;
  return device;
}
