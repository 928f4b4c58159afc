/// <reference lib="dom" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />
/**
 * A WebGPU device with memory, pipelines, the current recording, counters, and a latch for errors. The
 * adapter comes from `adapter.node.ts` (Node) or from the host (browsers).
 */

import { type AdapterDescription, describeAdapter, SUBGROUP_MATRIX_FEATURE } from './adapter/adapter-info.js';
import { BufferPool, type PoolOptions } from './buffer-pool.js';
import { DeviceLostError, DisposedError, GpuError, OutOfMemoryError, PrecisionError } from './errors.js';
import { PipelineCache } from './pipelines.js';
import { Plan } from './plan.js';
import { missingFor, needsHalves, type Precision } from './precision.js';
import type { Counters } from './profiling/counters.js';
import { Profiler, type ProfilerOptions } from './profiling/profiler.js';
import type { UniformLayout } from './program.js';
import { type BufferRange, Recording } from './recording.js';
import { sizeFor } from './sizes.js';
import { Staging } from './staging.js';
import { UniformBlock, UniformList } from './uniform-block.js';

const OPTIONAL_FEATURES = ['shader-f16', 'subgroups', 'timestamp-query'];

/**
 * Features outside the WebGPU standard. They may change or vanish, so they are used only if requested by
 * name.
 */
const EXPERIMENTAL_FEATURES = { 'subgroup-matrix': SUBGROUP_MATRIX_FEATURE } as const;
export type ExperimentalFeature = keyof typeof EXPERIMENTAL_FEATURES;

/** Objects that open devices need alive. Optimised code cannot drop the reference that a set holds. */
const OWNERS = new Set<unknown>();

/** How a device is opened. */
export interface GpuOptions extends PoolOptions {
  /** An object that must live as long as the device, such as the one that owns Dawn's instance. */
  readonly keepAlive?: unknown;
  /** Experimental features to enable if the adapter has them; see `adapter.subgroupMatrix` for the result. */
  readonly experimental?: readonly ExperimentalFeature[];
  /**
   * A precision besides f32 that sweeps and predictions on this GPU may use; each call chooses its own.
   * Default f32, which needs no unusual feature.
   */
  readonly precision?: Precision | undefined;
  /** Attaches a `profiler` from the start. Default false. */
  readonly profile?: boolean | ProfilerOptions;
  /** Aborting it cancels kernels that wait to be compiled; awaiting them throws a CancelledError. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A WebGPU device with its memory, pipelines and recordings. `requestGpu` opens one; `dispose` it after use.
 *
 * @example
 * const gpu = await requestGpu();
 * console.log(gpu.adapter.name, gpu.adapter.class);
 * gpu.dispose();
 */
export class Gpu {
  /** Its memory. */
  readonly pool: BufferPool;
  /** Its compiled kernels. */
  readonly pipelines: PipelineCache;
  /** Work since the device was opened. */
  readonly counters: Counters = { dispatches: 0, submits: 0, bindGroups: 0, uploads: 0, uploadedBytes: 0 };
  /** The recording that receives operations: the eager list, or a plan that is being recorded. */
  recording: Recording;
  /**
   * Counts and times every dispatch submitted while it is set; without one, profiling costs nothing. Browsers
   * round timestamps, some to 0.1 ms; in Node, a GPU of `requestGpu({ profile: true })` has them unrounded.
   */
  profiler: Profiler | undefined;
  readonly #owner: unknown;
  readonly #staging: Staging;
  #latched: Error | undefined;
  /** Keeps the first error that no call reports. */
  readonly #latch = (event: Event): void => {
    const { error } = event as GPUUncapturedErrorEvent;
    const Kind = error instanceof GPUOutOfMemoryError ? OutOfMemoryError : GpuError;
    this.#latched ??= new Kind(error.message);
  };
  #disposed = false;
  /** The last flush that is running; never rejects. */
  #flushing: Promise<unknown> = Promise.resolve();

  private constructor(
    /** The WebGPU device. */
    readonly device: GPUDevice,
    /** The adapter that the device belongs to. */
    readonly adapter: AdapterDescription,
    options: GpuOptions,
  ) {
    this.#owner = options.keepAlive;
    if (this.#owner) OWNERS.add(this.#owner);
    this.pool = new BufferPool(device, {
      idleLimit: sizeFor(adapter, 'idleBytes'),
      ...options,
    });
    this.#staging = new Staging(device);
    this.pipelines = new PipelineCache(device, options.signal);
    this.recording = new Recording(this.pool);
    const { profile } = options;
    if (profile) this.profiler = new Profiler(device, profile === true ? {} : profile);
    device.addEventListener('uncapturederror', this.#latch);
    void device.lost.then(({ reason, message }) => {
      if (this.#disposed) return;
      this.#latched ??= new DeviceLostError(
        `the GPU device was lost (${reason || 'unknown reason'}): ${message}`,
      );
    });
  }

  /**
   * Opens a device with the adapter's full limits, and with the optional and experimental features that it
   * has.
   *
   * @throws PrecisionError where the adapter lacks what the precision needs
   */
  static async fromAdapter(adapter: GPUAdapter, options: GpuOptions = {}): Promise<Gpu> {
    const { precision = 'f32', experimental = [] } = options;
    const offered = describeAdapter(adapter.info, adapter.features);
    const missing = missingFor(precision, adapter.features, offered);
    if (missing)
      throw new PrecisionError(`${offered.name} has no ${missing}, which ${precision} needs; use f32`);
    const experiments = new Set<ExperimentalFeature>(experimental);
    if (needsHalves(precision)) experiments.add('subgroup-matrix');
    const wanted = Array.from(experiments, (experiment) => EXPERIMENTAL_FEATURES[experiment]);
    const requiredFeatures = [...OPTIONAL_FEATURES, ...wanted].filter((feature) =>
      adapter.features.has(feature),
    ) as GPUFeatureName[];
    const requiredLimits: Record<string, number> = {};
    for (const name in adapter.limits) {
      const value = adapter.limits[name as keyof GPUSupportedLimits];
      if (typeof value === 'number') requiredLimits[name] = value;
    }
    const device = await adapter.requestDevice({ requiredFeatures, requiredLimits });
    return new Gpu(device, describeAdapter(adapter.info, device.features), options);
  }

  /**
   * Wraps a device that the host made. It must not be used for other work that replaces its error handlers.
   */
  static fromDevice(device: GPUDevice, options: GpuOptions = {}): Gpu {
    return new Gpu(device, describeAdapter(device.adapterInfo, device.features), options);
  }

  /** The device's limits, those of its adapter. */
  get limits(): GPUSupportedLimits {
    return this.device.limits;
  }

  /** Whether `dispose` was called. */
  get disposed(): boolean {
    return this.#disposed;
  }

  /** Throws the first error since the device was opened, or DisposedError. Every synchronisation calls it. */
  check(): void {
    if (this.#disposed) throw new DisposedError('the GPU was used after dispose()');
    if (this.#latched) throw this.#latched;
  }

  /**
   * Records what `body` dispatches, instead of running it, and compiles it into a plan. Results of `body`
   * that are still held live in the plan's memory and are rewritten by every run.
   */
  async record<T>(body: () => T): Promise<{ plan: Plan; result: T }> {
    this.check();
    const recording = new Recording(this.pool);
    try {
      const result = this.#into(recording, body);
      return { plan: await Plan.compile(this, recording), result };
    } catch (error) {
      recording.abandon();
      throw error;
    }
  }

  /** Runs `body` with its dispatches going to `recording`. */
  #into<T>(recording: Recording, body: () => T): T {
    const outer = this.recording;
    this.recording = recording;
    try {
      return body();
    } finally {
      this.recording = outer;
    }
  }

  /** Submits everything recorded eagerly so far, in one submit; concurrent flushes keep their order. */
  async flush(): Promise<void> {
    this.check();
    const { recording } = this;
    this.recording = new Recording(this.pool);
    if (recording.dispatches.length === 0) {
      recording.close();
      await this.#flushing;
      return;
    }
    const submitted = this.#flushing.then(() => this.#submit(recording));
    this.#flushing = submitted.catch(() => undefined);
    await submitted;
  }

  async #submit(recording: Recording): Promise<void> {
    try {
      using plan = await Plan.compile(this, recording);
      plan.submit();
    } finally {
      recording.close();
    }
  }

  /** Flushes, waits until the GPU is idle, and throws the first error. */
  async sync(): Promise<void> {
    await this.flush();
    await this.device.queue.onSubmittedWorkDone();
    this.check();
  }

  /** A uniform block of a reflected layout. */
  uniform<Field extends string>(layout: UniformLayout<Field>, label: string): UniformBlock<Field> {
    return new UniformBlock(this.device, this.counters, layout, label);
  }

  /** A uniform list of a reflected layout. */
  uniformList<Field extends string>(layout: UniformLayout<Field>, label: string): UniformList<Field> {
    return new UniformList(this.device, this.counters, layout, label);
  }

  /** Copies ranges of GPU memory, which do not overlap, after everything submitted so far. */
  copy(pairs: readonly { readonly from: BufferRange; readonly to: BufferRange }[]): void {
    this.check();
    const encoder = this.device.createCommandEncoder();
    for (const { from, to } of pairs)
      encoder.copyBufferToBuffer(
        from.allocation.buffer,
        from.offset,
        to.allocation.buffer,
        to.offset,
        from.bytes,
      );
    this.device.queue.submit([encoder.finish()]);
    this.counters.submits++;
  }

  /**
   * Copies host data into a buffer. Takes effect before any later submit, so flush pending work that still
   * reads it.
   */
  upload(buffer: GPUBuffer, offset: number, data: ArrayBufferView): void {
    this.check();
    const { byteLength } = data;
    const padded = Math.ceil(byteLength / 4) * 4;
    let bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, byteLength);
    if (padded !== byteLength) {
      const copy = new Uint8Array(padded);
      copy.set(bytes);
      bytes = copy;
    }
    this.device.queue.writeBuffer(buffer, offset, bytes);
    this.counters.uploads++;
    this.counters.uploadedBytes += padded;
  }

  /** Fills a buffer with zeros on the GPU; takes effect before any later submit, as `upload` does. */
  clear(buffer: GPUBuffer): void {
    this.check();
    const encoder = this.device.createCommandEncoder();
    encoder.clearBuffer(buffer);
    this.device.queue.submit([encoder.finish()]);
    this.counters.submits++;
  }

  /** Runs what is pending and copies a byte range back to the host. Offset and size are multiples of 4. */
  async download(buffer: GPUBuffer, offset: number, bytes: number): Promise<ArrayBuffer> {
    await this.flush();
    const staging = this.#staging.acquire(bytes);
    let isWhole = false;
    try {
      const encoder = this.device.createCommandEncoder();
      encoder.copyBufferToBuffer(buffer, offset, staging, 0, bytes);
      this.device.queue.submit([encoder.finish()]);
      this.counters.submits++;
      await staging.mapAsync(GPUMapMode.READ, 0, bytes);
      const copy = staging.getMappedRange(0, bytes).slice(0);
      staging.unmap();
      this.check();
      isWhole = true;
      return copy;
    } catch (error) {
      this.check();
      throw error;
    } finally {
      if (isWhole) this.#staging.reclaim(staging);
      else staging.destroy();
    }
  }

  /** Destroys the device and releases what keeps it alive, so that the process can exit by itself. */
  dispose(): void {
    if (this.#disposed) return;
    this.recording.close();
    this.pool.trim();
    this.#staging.dispose();
    this.profiler?.dispose();
    this.#disposed = true;
    this.device.removeEventListener('uncapturederror', this.#latch);
    this.device.destroy();
    OWNERS.delete(this.#owner);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
