/** Opens the GPU that a command works on and says which it is. */

import type { Gpu } from '../device/gpu.js';
import { requestGpu } from '../device/request-gpu.js';
import { type Io, note } from './io.js';
import type { GpuOptions } from './options.js';
import { applyTuned } from './tuning-cache.js';

export async function openGpu(io: Io, { adapter, ...options }: GpuOptions): Promise<Gpu> {
  const gpu = await requestGpu(adapter === undefined ? {} : { adapter });
  note(io, `adapter: ${gpu.adapter.name} (${gpu.adapter.class})`);
  await applyTuned(io, gpu, options);
  return gpu;
}
