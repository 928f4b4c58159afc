/**
 * The run manifest: with which program, on which adapter and from which input a result came. What a command
 * adds (options, metrics) is the command's business.
 */

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Gpu } from '../../device/gpu.js';
import type { Counters } from '../../device/profiling/counters.js';

export interface Versions {
  readonly 'residualbind-webgpu': string;
  readonly node: string;
  readonly webgpu: string;
}

let known: Promise<Versions> | undefined;

/** Read once, at the start: a manifest at the end of a long run depends on no file of the installation. */
export const versions = (): Promise<Versions> => (known ??= readVersions());

async function readVersions(): Promise<Versions> {
  const own = new URL('../../../package.json', import.meta.url);
  // Its entry point is index.js beside its package.json, which its `exports` may hide.
  const webgpu = join(dirname(createRequire(import.meta.url).resolve('webgpu')), 'package.json');
  return {
    'residualbind-webgpu': await versionIn(own),
    node: process.versions.node,
    webgpu: await versionIn(webgpu),
  };
}

async function versionIn(path: string | URL): Promise<string> {
  return (JSON.parse(await readFile(path, 'utf8')) as { version: string }).version;
}

/** Counts time and GPU work from its making on. */
export class Stopwatch {
  readonly started = new Date();
  readonly #from = performance.now();
  readonly #before: Counters | undefined;

  constructor(readonly gpu?: Gpu) {
    this.#before = gpu && { ...gpu.counters };
  }

  /** Wall time so far, s. */
  get seconds(): number {
    return (performance.now() - this.#from) / 1000;
  }

  /** Kernel launches and submits so far. */
  get work(): { readonly dispatches: number; readonly submits: number } {
    const { gpu } = this;
    const before = this.#before;
    return {
      dispatches: gpu && before ? gpu.counters.dispatches - before.dispatches : 0,
      submits: gpu && before ? gpu.counters.submits - before.submits : 0,
    };
  }
}

/** The part that all manifests share. */
export async function manifest(command: string, options: object, watch: Stopwatch) {
  return {
    command,
    versions: await versions(),
    ...(watch.gpu ? { adapter: watch.gpu.adapter } : {}),
    options,
    started: watch.started.toISOString(),
    seconds: Math.round(watch.seconds * 1000) / 1000,
    ...(watch.gpu ? { work: watch.work } : {}),
  };
}
