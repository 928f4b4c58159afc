/** Opens a GPU on any host: the host's own WebGPU where it has one, the adapter search in Node. */

import { describeAdapter } from './adapter-info.js';
import { AdapterNotFoundError } from './errors.js';
import { Gpu, type GpuOptions } from './gpu.js';

export interface RequestGpuOptions extends GpuOptions {
  /** The host's own WebGPU (`navigator.gpu`); without it Node searches for an adapter and a browser uses its own. */
  readonly gpu?: GPU;
  /**
   * In Node and Bun: `hardware`, `lavapipe`, `swiftshader` or part of an adapter's name; default: the environment
   * variable RESIDUALBIND_ADAPTER, else the first that is found. Elsewhere the host chooses, and another choice is refused.
   */
  readonly adapter?: string;
  /** In Node and Bun: receives one line per adapter that is tried, with the reason where it cannot be used. */
  readonly log?: (line: string) => void;
}

/**
 * Opens a GPU: the host's own, or in Node hardware, lavapipe or the embedded SwiftShader, whichever comes first.
 *
 * @throws AdapterNotFoundError that says what was tried and what to install
 */
export async function requestGpu({
  gpu,
  adapter: choice,
  log,
  ...options
}: RequestGpuOptions = {}): Promise<Gpu> {
  const host = gpu ?? (isNode() ? undefined : globalThis.navigator?.gpu);
  if (host) {
    const adapter = await host.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter)
      throw new AdapterNotFoundError(
        'this host offers no WebGPU adapter; enable WebGPU or update its GPU driver',
      );
    if (choice) checkChoice(adapter, choice);
    return Gpu.fromAdapter(adapter, options);
  }
  if (!isNode())
    throw new AdapterNotFoundError('this host has no WebGPU; pass { gpu } or use a browser that has it');
  const { findAdapter } = await import('./adapter.node.js');
  const found = await findAdapter({
    ...(choice === undefined ? {} : { choice }),
    ...(log === undefined ? {} : { log }),
    experimental: (options.experimental ?? []).length > 0,
    exactTimestamps: Boolean(options.profile),
  });
  return Gpu.fromAdapter(found.adapter, { ...options, keepAlive: found.instance });
}

/** A host that has WebGPU chooses the adapter itself. */
function checkChoice({ info, features }: GPUAdapter, choice: string): void {
  const { class: found, name } = describeAdapter(info, features);
  const wanted = choice.toLowerCase();
  if (wanted === found || name.toLowerCase().includes(wanted)) return;
  throw new AdapterNotFoundError(
    `this host chooses its adapter itself and offers ${name} (${found}), not "${choice}"; leave the option adapter out`,
  );
}

const isNode = (): boolean =>
  typeof process !== 'undefined' && process.versions?.node !== undefined && !('Deno' in globalThis);
