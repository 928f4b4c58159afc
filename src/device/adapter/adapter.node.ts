/**
 * Finds a WebGPU adapter in Node, through Dawn (npm `webgpu`): hardware, then lavapipe, then the SwiftShader
 * that an npm package contains. `adapter-search.ts` decides the order.
 */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { create, globals } from 'webgpu';
import { describeAdapter, kindOf } from './adapter-info.js';
import {
  type Attempt,
  type FoundAdapter,
  matchName,
  namesOffered,
  type OpenedAdapter,
  searchAdapter,
} from './adapter-search.js';
import { type Classes, pollFor, pollLessOften } from './polling.node.js';
import { withSwiftShader } from './swiftshader.node.js';
import { missingVulkan } from './vulkan.node.js';

export type { Attempt, FoundAdapter } from './adapter-search.js';

// GPUBufferUsage, GPUMapMode and the other names that a browser has.
Object.assign(globalThis, globals);
pollLessOften(globals as Classes);

export interface FindAdapterOptions {
  /**
   * `hardware`, `lavapipe`, `swiftshader` or part of an adapter's name; default: RESIDUALBIND_ADAPTER, else
   * the search.
   */
  readonly choice?: string;
  /** Receives one line per attempt. */
  readonly log?: (line: string) => void;
  /** Let adapters offer features outside the WebGPU standard. Default false. */
  readonly experimental?: boolean;
  /**
   * Let adapters offer f16 and its matrices, which Dawn hides by default, f16 on NVIDIA only. Default false.
   */
  readonly halves?: boolean;
  /**
   * Timestamp queries with the driver's resolution, for profiling. By default Dawn rounds them down to 65,536
   * ns.
   */
  readonly exactTimestamps?: boolean;
}

/** Installs lavapipe on Debian and Ubuntu. */
export const INSTALL_SCRIPT = fileURLToPath(new URL('../../../scripts/install-lavapipe.sh', import.meta.url));

/** Flags of Dawn's instance, which has to offer the adapter. Only those that were asked for are set. */
export function dawnFlags({
  experimental = false,
  halves = false,
  exactTimestamps = false,
}: Pick<FindAdapterOptions, 'experimental' | 'halves' | 'exactTimestamps'> = {}): string[] {
  // Dawn hides experiments without the first, and f16 on NVIDIA's Vulkan drivers without the second.
  const enabled = [
    ...(experimental || halves ? ['allow_unsafe_apis'] : []),
    ...(halves ? ['vulkan_enable_f16_on_nvidia'] : []),
  ];
  return [
    ...(enabled.length > 0 ? [`enable-dawn-features=${enabled.join()}`] : []),
    ...(exactTimestamps ? ['disable-dawn-features=timestamp_quantization'] : []),
  ];
}

/**
 * Finds an adapter. Keep a reference to `instance` of the result until its device is disposed.
 *
 * @throws AdapterNotFoundError that lists what was tried and says what to install
 */
export async function findAdapter({
  choice,
  log,
  ...wanted
}: FindAdapterOptions = {}): Promise<FoundAdapter> {
  const flags = dawnFlags(wanted);
  const notes: Attempt[] = [];
  let vulkan: Promise<string | undefined> | undefined;
  /** Without Vulkan, Dawn prints warnings that bypass Node's streams. So it is not asked in that case. */
  const withVulkan = async (openAny: () => Promise<OpenedAdapter>) => {
    vulkan ??= missingVulkan();
    const missing = await vulkan;
    if (missing) throw new Error(withoutAdapter(existsSync, missing));
    return openAny();
  };
  const sources = {
    system: () => withVulkan(() => open(flags)),
    named: (part: string) => withVulkan(() => openNamed(part, flags)),
    embedded: () =>
      withSwiftShader(
        () => openSwiftShader(flags),
        (outcome) => {
          notes.push({ what: 'cache of the embedded driver', outcome });
          log?.(outcome);
        },
      ),
    installScript: INSTALL_SCRIPT,
  };
  const found = await searchAdapter(choice ?? process.env.RESIDUALBIND_ADAPTER, sources, log);
  pollFor(kindOf(found));
  return { ...found, tried: [...found.tried.slice(0, -1), ...notes, ...found.tried.slice(-1)] };
}

/** Opens what Dawn prefers under the given flags. */
async function open(flags: readonly string[]): Promise<OpenedAdapter> {
  const instance = create([...flags]);
  const adapter = await instance.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error(withoutAdapter());
  return { adapter, instance };
}

async function openSwiftShader(flags: readonly string[]): Promise<OpenedAdapter> {
  const opened = await open(flags);
  const found = describeAdapter(opened.adapter.info, opened.adapter.features);
  if (found.class === 'swiftshader') return opened;
  throw new Error(`none; the system offers ${found.name} (${found.class})`);
}

/**
 * Why there may be no adapter. NVIDIA's Vulkan driver finds its own libraries through those that dispatch
 * OpenGL, which a server without a screen often lacks; it then opens and offers nothing.
 */
export function withoutAdapter(
  exists: (path: string) => boolean = existsSync,
  none = 'the system offers no adapter that Dawn accepts',
): string {
  return exists('/dev/nvidiactl')
    ? `${none}, though there is an NVIDIA GPU: its Vulkan driver needs libvulkan1, libgl1 and libegl1 (Debian and Ubuntu: apt-get install), and a container NVIDIA_DRIVER_CAPABILITIES=all`
    : none;
}

/** Dawn matches names case-sensitively; its refusal lists the available names. */
async function openNamed(part: string, flags: readonly string[]): Promise<OpenedAdapter> {
  try {
    return await open([...flags, `adapter=${part}`]);
  } catch (error) {
    const names = namesOffered(error instanceof Error ? error.message : '');
    const name = matchName(names, part);
    if (name) return open([...flags, `adapter=${name}`]);
    const offered = names.length > 0 ? `only ${names.join(', ')}` : 'none';
    throw new Error(`not among the system's adapters (${offered})`, { cause: error });
  }
}
