/**
 * Decides in which order adapters are tried and which one is used. `adapter.node.ts` opens them. A browser
 * has one adapter and does not need this file.
 */

import { AdapterNotFoundError } from '../errors.js';
import { type AdapterClass, describeAdapter } from './adapter-info.js';

/** An adapter and the object that owns the WebGPU implementation behind it. */
export interface OpenedAdapter {
  readonly adapter: GPUAdapter;
  /**
   * Keep a reference while the adapter or its device is in use: without one, Dawn is freed and the process
   * crashes.
   */
  readonly instance: GPU;
}

export interface Attempt {
  readonly what: string;
  readonly outcome: string;
}

export interface FoundAdapter extends OpenedAdapter {
  readonly class: AdapterClass;
  readonly name: string;
  /** Every attempt in order, the successful one last. */
  readonly tried: readonly Attempt[];
}

/** Ways to open an adapter; each throws an Error that says why there is none. */
export interface AdapterSources {
  /** The one that the system prefers. */
  system(): Promise<OpenedAdapter>;
  /** The system's adapter whose name contains `part`, ignoring case. */
  named(part: string): Promise<OpenedAdapter>;
  /** SwiftShader from an npm package. */
  embedded(): Promise<OpenedAdapter>;
  /** Path of the script that installs lavapipe. */
  readonly installScript?: string;
}

interface SearchStep {
  readonly what: string;
  /** The class that the step looks for; undefined for any class. */
  readonly wanted?: AdapterClass;
  open(): Promise<OpenedAdapter>;
}

function stepsFor(choice: string | undefined, sources: AdapterSources): readonly SearchStep[] {
  const steps: Record<'hardware' | 'lavapipe' | 'swiftshader', SearchStep> = {
    hardware: { what: 'hardware', wanted: 'hardware', open: sources.system },
    lavapipe: { what: 'lavapipe', wanted: 'lavapipe', open: () => sources.named('llvmpipe') },
    swiftshader: { what: 'swiftshader', wanted: 'swiftshader', open: sources.embedded },
  };
  if (!choice) return Object.values(steps);
  const known = Object.entries(steps).find(([name]) => name === choice.toLowerCase());
  return [known?.[1] ?? { what: `an adapter named "${choice}"`, open: () => sources.named(choice) }];
}

const advice = (script: string) => `Install one of:
  hardware     a GPU driver with Vulkan (Linux), or use macOS (Metal) or Windows (Direct3D 12)
  lavapipe     Mesa 25 (22.3 is too old); on Debian and Ubuntu: sudo bash ${script}
  swiftshader  npm install @sparticuz/chromium, beside residualbind-webgpu (Linux x64, slow, needs no root)`;

/**
 * Tries hardware, then lavapipe, then SwiftShader, then whatever else the system offers. With `choice`, tries
 * only that.
 *
 * @param choice `hardware`, `lavapipe`, `swiftshader`, or part of an adapter's name; all of them where
 * undefined
 * @param log receives one line per attempt
 * @throws AdapterNotFoundError that lists every attempt and says what to install
 */
export async function searchAdapter(
  choice: string | undefined,
  sources: AdapterSources,
  log: (line: string) => void = () => {},
): Promise<FoundAdapter> {
  const tried: Attempt[] = [];
  const note = (what: string, outcome: string) => {
    tried.push({ what, outcome });
    log(`${what}: ${outcome}`);
  };
  const take = (opened: OpenedAdapter, what: string): FoundAdapter => {
    const description = describeAdapter(opened.adapter.info, opened.adapter.features);
    note(what, `using ${description.name}`);
    return { ...opened, class: description.class, name: description.name, tried };
  };

  // An adapter that one step rejects may be what a later step looks for. It is kept, because opening it again
  // costs time.
  const spare = new Map<AdapterClass, OpenedAdapter>();
  for (const { what, wanted, open } of stepsFor(choice, sources)) {
    try {
      const opened = (wanted && spare.get(wanted)) ?? (await open());
      const found = describeAdapter(opened.adapter.info, opened.adapter.features);
      if (!wanted || found.class === wanted) return take(opened, what);
      spare.set(found.class, opened);
      note(what, `none; the system offers ${found.name} (${found.class})`);
    } catch (error) {
      note(what, error instanceof Error ? error.message : String(error));
    }
  }
  const [other] = choice ? [] : spare.values();
  if (other) return take(other, 'any other software adapter');

  const list = tried.map(({ what, outcome }) => `  ${what}: ${outcome}`).join('\n');
  const script = sources.installScript ?? 'scripts/install-lavapipe.sh';
  throw new AdapterNotFoundError(`no WebGPU adapter was found. Tried:\n${list}\n${advice(script)}`);
}

/**
 * The adapter names in the message with which Dawn refuses an unknown one: lines of `* backend: 'vulkan',
 * name: '…'`.
 */
export function namesOffered(message: string): string[] {
  return [...message.matchAll(/name: '(.*)'$/gm)].map(([, name]) => name!);
}

/** The first name that contains `part`, ignoring case. */
export function matchName(names: readonly string[], part: string): string | undefined {
  return names.find((name) => name.toLowerCase().includes(part.toLowerCase()));
}
