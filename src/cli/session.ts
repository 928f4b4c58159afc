/**
 * What all commands have in common: profiling, opening the GPU, uploading models, and the manifest. The
 * command itself reads its input, calls the library, and prints.
 */

import type { Gpu } from '../device/gpu.js';
import { Owned } from '../device/owned.js';
import { type RequestGpuOptions, requestGpu } from '../device/request-gpu.js';
import { preparePrecision, type Task } from '../kernels/precision.js';
import { type ModelFile, uploadModels } from '../nn/files/model-files.node.js';
import type { ResidualBind } from '../nn/residualbind.js';
import { PATHS } from './models/precision.js';
import { type AdapterOptions, type GpuFlags, type ProfileOptions, wantsProfile } from './options.js';
import { refuseInputsAsOutputs } from './output/inputs.js';
import { manifest, Stopwatch } from './output/manifest.js';
import { Profiling } from './profiling/profile.js';
import { type Io, note } from './terminal/io.js';
import { applyTuned } from './tuned.js';

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
export async function openGpu(io: Io, options: GpuFlags & ProfileOptions, task?: Task): Promise<Gpu> {
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

/** A command as its manifest names it. */
export interface Given {
  readonly command: string;
  /** What it was given beside its options, for the manifest. */
  readonly given?: object | undefined;
  readonly options: GpuFlags & ProfileOptions;
}

/** A command at work. Dispose it at the end: it holds the GPU and the models. */
export class Session implements Disposable {
  readonly #owned = new Owned();
  #watch = new Stopwatch();
  #gpu: Gpu | undefined;

  private constructor(
    readonly io: Io,
    readonly about: Given,
    readonly profiling: Profiling,
  ) {}

  /**
   * Begins a session and its first stage, `read`.
   *
   * @throws UsageError for an output that is also an input; ResidualBindError when a trace cannot be written
   *   where it should go
   */
  static async start(io: Io, about: Given): Promise<Session> {
    await refuseInputsAsOutputs(about.given ?? {}, about.options);
    const profiling = await Profiling.start(io, about.options);
    profiling.stage('read');
    return new Session(io, about, profiling);
  }

  /**
   * Opens the GPU. Time and work count from now on.
   *
   * @param task for which `--precision` is meant
   * @param options where they are not the command's own
   */
  async open(task?: Task, options: GpuFlags & ProfileOptions = this.about.options): Promise<Gpu> {
    this.stage('open');
    const gpu = this.#owned.own(await openGpu(this.io, options, task));
    this.profiling.attach(gpu);
    this.#watch = new Stopwatch(gpu);
    this.#gpu = gpu;
    return gpu;
  }

  /** The GPU, once it is open. */
  get gpu(): Gpu {
    if (!this.#gpu) throw new Error('no GPU was opened');
    return this.#gpu;
  }

  /** Uploads models of one architecture. The session disposes of them. */
  async upload(...files: readonly ModelFile[]): Promise<ResidualBind> {
    return this.#owned.own(await uploadModels(this.gpu, files));
  }

  /** Begins a stage of the profile, and ends the one before. */
  stage(name: string): void {
    this.profiling.stage(name);
  }

  /** Counts time and work since `open`; without a GPU, time since the start. */
  get watch(): Stopwatch {
    return this.#watch;
  }

  /** The manifest so far. @param about what the command adds to what all manifests share */
  async record<About extends object>(about: About) {
    const { command, given, options } = this.about;
    return { ...(await manifest(command, { ...given, ...options }, this.#watch)), ...about };
  }

  /** The manifest at the end of the work, with the profile, which is printed. */
  async finish<About extends object>(about: About) {
    return { ...(await this.record(about)), ...(await this.profiling.finish()) };
  }

  dispose(): void {
    this.#owned[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
