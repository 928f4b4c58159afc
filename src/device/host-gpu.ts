/**
 * Opens a GPU through the host's own WebGPU: a browser, Deno, Electron, or an object that the caller passes.
 */

import { describeAdapter } from './adapter/adapter-info.js';
import { AdapterNotFoundError } from './errors.js';
import { Gpu, type GpuOptions } from './gpu.js';

/** How to open a GPU, and which. */
export interface RequestGpuOptions extends GpuOptions {
  /**
   * The host's own WebGPU (`navigator.gpu`). By default Node searches for an adapter and a browser uses its
   * own.
   */
  readonly gpu?: GPU;
  /**
   * In Node and Bun: `hardware`, `lavapipe`, `swiftshader` or part of an adapter's name; default: the
   * environment variable RESIDUALBIND_ADAPTER, else the first that is found. Elsewhere the host chooses, and
   * another choice is refused.
   */
  readonly adapter?: string;
  /** Receives one line per adapter that is tried, with the reason where it cannot be used. */
  readonly log?: (line: string) => void;
}

/**
 * Opens a GPU of the host.
 *
 * @throws AdapterNotFoundError when there is none, or when it is not the adapter that was asked for;
 * PrecisionError where it lacks what `precision` needs
 */
export async function requestHostGpu({
  gpu,
  adapter: choice,
  log,
  ...options
}: RequestGpuOptions = {}): Promise<Gpu> {
  const host = gpu ?? globalThis.navigator?.gpu;
  if (!host)
    throw new AdapterNotFoundError('this host has no WebGPU; pass { gpu } or use a browser that has it');
  const adapter = await host.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter)
    throw new AdapterNotFoundError(
      'this host offers no WebGPU adapter; enable WebGPU or update its GPU driver',
    );
  const { class: found, name } = describeAdapter(adapter.info, adapter.features);
  const wanted = choice?.toLowerCase();
  if (wanted && wanted !== found && !name.toLowerCase().includes(wanted))
    throw new AdapterNotFoundError(
      `this host chooses its adapter itself and offers ${name} (${found}), not "${choice}"; leave the option adapter out`,
    );
  log?.(`host: using ${name}`);
  return Gpu.fromAdapter(adapter, options);
}
