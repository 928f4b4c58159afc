/** Opens a GPU on any host: the host's own WebGPU where it has one, the adapter search in Node. */

import { AdapterNotFoundError } from './errors.js';
import { Gpu, type GpuOptions } from './gpu.js';

export interface RequestGpuOptions extends GpuOptions {
  /** The host's own WebGPU (`navigator.gpu`); without it Node searches for an adapter and a browser uses its own. */
  readonly gpu?: GPU;
  /** In Node: `hardware`, `lavapipe`, `swiftshader` or part of an adapter's name; see RESIDUALBIND_ADAPTER. */
  readonly adapter?: string;
}

/**
 * Opens a GPU: the host's own, or in Node hardware, lavapipe or the embedded SwiftShader, whichever comes first.
 *
 * @throws AdapterNotFoundError that says what was tried and what to install
 */
export async function requestGpu({ gpu, adapter: choice, ...options }: RequestGpuOptions = {}): Promise<Gpu> {
  const host = gpu ?? (isNode() ? undefined : globalThis.navigator?.gpu);
  if (host) {
    const adapter = await host.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter)
      throw new AdapterNotFoundError(
        'this host offers no WebGPU adapter; enable WebGPU or update its GPU driver',
      );
    return Gpu.fromAdapter(adapter, options);
  }
  if (!isNode())
    throw new AdapterNotFoundError('this host has no WebGPU; pass { gpu } or use a browser that has it');
  const { findAdapter } = await import('./adapter.node.js');
  const found = await findAdapter({
    ...(choice === undefined ? {} : { choice }),
    experimental: (options.experimental ?? []).length > 0,
    exactTimestamps: Boolean(options.profile),
  });
  return Gpu.fromAdapter(found.adapter, { ...options, keepAlive: found.instance });
}

const isNode = (): boolean =>
  typeof process !== 'undefined' && process.versions?.node !== undefined && !('Deno' in globalThis);
