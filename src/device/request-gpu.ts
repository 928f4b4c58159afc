/** Opens a GPU on any host: the host's own WebGPU where it has one, the adapter search in Node and Bun. */

import { Gpu } from './gpu.js';
import { type RequestGpuOptions, requestHostGpu } from './host-gpu.js';
import { needsHalves } from './precision.js';

export type { RequestGpuOptions } from './host-gpu.js';

/**
 * Opens a GPU: the host's own, or in Node hardware, lavapipe or the embedded SwiftShader, whichever comes
 * first.
 *
 * @throws AdapterNotFoundError that says what was tried and what to install; PrecisionError where the adapter
 * lacks what `precision` needs
 */
export async function requestGpu(options: RequestGpuOptions = {}): Promise<Gpu> {
  if (options.gpu || !isNode()) return requestHostGpu(options);
  const { adapter: choice, log, ...rest } = options;
  const { findAdapter } = await import('./adapter/adapter.node.js');
  const found = await findAdapter({
    ...(choice === undefined ? {} : { choice }),
    ...(log === undefined ? {} : { log }),
    experimental: (rest.experimental ?? []).length > 0,
    halves: needsHalves(rest.precision),
    exactTimestamps: Boolean(rest.profile),
  });
  return Gpu.fromAdapter(found.adapter, { ...rest, keepAlive: found.instance });
}

/** Bun says that it is Node; Deno does too, and has WebGPU of its own. */
const isNode = (): boolean =>
  typeof process !== 'undefined' && process.versions?.node !== undefined && !('Deno' in globalThis);
