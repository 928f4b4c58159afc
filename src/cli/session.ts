/** Opens the GPU that a command works on and says which it is. */

import type { Gpu } from '../device/gpu.js';
import { Owned } from '../device/owned.js';
import { type RequestGpuOptions, requestGpu } from '../device/request-gpu.js';
import { preparePrecision, type Task } from '../kernels/precision.js';
import { PATHS } from './models/precision.js';
import { type AdapterOptions, type GpuOptions, type ProfileOptions, wantsProfile } from './options.js';
import { type Io, note } from './terminal/io.js';
import { applyTuned } from './tuning-cache.js';

/** Single dispatches that a trace holds at most; each is some 150 bytes of JSON. */
const TRACE_EVENTS = 200_000;

/** What the adapter search takes of a command's options; `--verbose` prints each attempt. */
export const searchOptions = (io: Io, { adapter, verbose }: AdapterOptions): RequestGpuOptions => ({
  signal: io.signal,
  ...(adapter === undefined ? {} : { adapter }),
  ...(verbose ? { log: (line: string) => note(io, `adapter search: ${line}`) } : {}),
});

/**
 * @param task for which `--precision` is meant
 * @throws PrecisionError before anything else is done
 */
export async function openGpu(io: Io, options: GpuOptions & ProfileOptions, task?: Task): Promise<Gpu> {
  const { trace, precision = 'f32' } = options;
  const gpu = await requestGpu({
    ...searchOptions(io, options),
    profile: wantsProfile(options) && { traceEvents: trace === undefined ? 0 : TRACE_EVENTS },
    precision,
  });
  using made = new Owned();
  made.own(gpu);
  note(io, `adapter: ${gpu.adapter.name} (${gpu.adapter.class})`);
  const path = task && (await preparePrecision(gpu, precision, task));
  if (path && path !== 'f32') note(io, `precision: ${precision}, ${PATHS[path]}`);
  await applyTuned(io, gpu, options);
  made.release();
  return gpu;
}
