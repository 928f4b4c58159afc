/** Opens the GPU that a command works on and says which it is. */

import type { Gpu } from '../device/gpu.js';
import { type RequestGpuOptions, requestGpu } from '../device/request-gpu.js';
import { type Io, note } from './io.js';
import { type AdapterOptions, type GpuOptions, type ProfileOptions, wantsProfile } from './options.js';
import { applyTuned } from './tuning-cache.js';

/** Single dispatches that a trace holds at most; each is some 150 bytes of JSON. */
const TRACE_EVENTS = 200_000;

/** What the adapter search takes of a command's options; `--verbose` prints each attempt. */
export const searchOptions = (io: Io, { adapter, verbose }: AdapterOptions): RequestGpuOptions => ({
  signal: io.signal,
  ...(adapter === undefined ? {} : { adapter }),
  ...(verbose ? { log: (line: string) => note(io, `adapter search: ${line}`) } : {}),
});

export async function openGpu(io: Io, options: GpuOptions & ProfileOptions): Promise<Gpu> {
  const { trace } = options;
  const gpu = await requestGpu({
    ...searchOptions(io, options),
    profile: wantsProfile(options) && { traceEvents: trace === undefined ? 0 : TRACE_EVENTS },
  });
  note(io, `adapter: ${gpu.adapter.name} (${gpu.adapter.class})`);
  await applyTuned(io, gpu, options);
  return gpu;
}
