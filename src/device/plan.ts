/**
 * A recorded list of dispatches, ready to replay. Pipelines are compiled, uniforms uploaded and bind groups
 * built once. Then every run is one encoder, one pass and one submit. Under a profiler every dispatch has its
 * own pass.
 */

import { DisposedError, GpuError } from './errors.js';
import type { PipelineCache } from './pipelines.js';
import type { Counters } from './profiling/counters.js';
import type { Profiler } from './profiling/profiler.js';
import { packUniform } from './program.js';
import type { Dispatch, Recording } from './recording.js';

/** What a plan needs of the GPU it runs on. */
export interface PlanHost {
  readonly device: GPUDevice;
  readonly limits: GPUSupportedLimits;
  readonly pipelines: PipelineCache;
  readonly counters: Counters;
  readonly profiler: Profiler | undefined;
  /** The recording of eager work. */
  readonly recording: Recording;
  /** Throws when the GPU can do no more work. */
  check(): void;
}

interface BoundDispatch {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
}

/**
 * The first models of those that a plan was recorded for. In every kernel with a model axis, models are the
 * slowest part of the grid's z, so fewer of them are a shorter grid.
 */
export interface SomeModels {
  readonly first: number;
  readonly of: number;
}

export class Plan {
  #disposed = false;

  private constructor(
    readonly gpu: PlanHost,
    readonly recording: Recording,
    readonly steps: readonly BoundDispatch[],
    readonly uniforms: GPUBuffer | undefined,
  ) {}

  /**
   * Compiles and binds a recording. The plan owns the recording's memory until it is disposed.
   *
   * @throws ShaderError when a kernel does not compile; GpuError when a grid exceeds the adapter's limit
   * or nothing is bound to a binding
   */
  static async compile(gpu: PlanHost, recording: Recording): Promise<Plan> {
    const { dispatches } = recording;
    const compiled = await Promise.all(dispatches.map(({ program }) => gpu.pipelines.get(program)));
    dispatches.forEach((dispatch) => {
      checkDispatch(gpu, dispatch);
    });
    const { uniforms, offsets } = packUniforms(gpu, dispatches);
    const steps = dispatches.map((dispatch, i): BoundDispatch => {
      const { program, workgroups } = dispatch;
      const { pipeline, layout } = compiled[i]!;
      const entries = bindGroupEntries(dispatch, uniforms, offsets[i]!);
      return {
        pipeline,
        workgroups,
        bindGroup: gpu.device.createBindGroup({ label: program.label, layout, entries }),
      };
    });
    gpu.counters.bindGroups += steps.length;
    return new Plan(gpu, recording, steps, uniforms);
  }

  get dispatches(): number {
    return this.steps.length;
  }

  /**
   * Encodes and submits every dispatch once, in order. Returns at once; errors surface at the next
   * `gpu.sync()`.
   *
   * @param some runs the first models alone. Default: all
   * @throws DisposedError; GpuError if eager work is pending, because the plan would run before it
   */
  run(some?: SomeModels): void {
    if (this.gpu.recording.dispatches.length > 0) {
      throw new GpuError('eager work is pending and would run after the plan; await gpu.flush() first');
    }
    this.submit(some);
  }

  /** `run` without the check for pending work, for the flush itself. */
  submit(some?: SomeModels): void {
    if (this.#disposed) throw new DisposedError('a plan was run after dispose()');
    this.gpu.check();
    const { device, counters, profiler } = this.gpu;
    const encoder = device.createCommandEncoder();
    const timed = profiler?.time(this.recording.dispatches);
    if (timed) {
      this.steps.forEach((step, i) => {
        encodePass(encoder, [step], some, { timestampWrites: timed.writes(i) });
      });
      timed.resolve(encoder);
    } else {
      encodePass(encoder, this.steps, some);
    }
    device.queue.submit([encoder.finish()]);
    timed?.submitted();
    counters.dispatches += this.steps.length;
    counters.submits++;
  }

  /** Returns the plan's memory to the pool. Work already submitted still completes. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.recording.close();
    this.uniforms?.destroy();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function encodePass(
  encoder: GPUCommandEncoder,
  steps: readonly BoundDispatch[],
  some?: SomeModels,
  descriptor?: GPUComputePassDescriptor,
): void {
  const pass = encoder.beginComputePass(descriptor);
  for (const { pipeline, bindGroup, workgroups } of steps) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    const [x, y, z] = workgroups;
    // A grid without the model axis, such as that of an operand that all models share, stays whole.
    const isByModel = some !== undefined && z % some.of === 0;
    pass.dispatchWorkgroups(x, y, isByModel ? (z / some.of) * some.first : z);
  }
  pass.end();
}

function checkDispatch(gpu: PlanHost, { program, workgroups, buffers }: Dispatch): void {
  const { label, bindings } = program;
  if (workgroups.some((n) => n < 1 || n > gpu.limits.maxComputeWorkgroupsPerDimension)) {
    throw new GpuError(`kernel "${label}": a grid of ${workgroups.join(' x ')} workgroups is out of range`);
  }
  const unbound = bindings.find(({ name }) => name !== 'params' && !buffers[name]);
  if (unbound) throw new GpuError(`kernel "${label}": nothing is bound to "${unbound.name}"`);
}

/** All `params` structs in one buffer, each aligned for binding. */
function packUniforms(gpu: PlanHost, dispatches: readonly Dispatch[]) {
  const align = gpu.limits.minUniformBufferOffsetAlignment;
  let size = 0;
  const offsets = dispatches.map(({ program }) => {
    const offset = size;
    const layout = program.bindings.find(({ name }) => name === 'params')?.layout;
    if (layout) size += Math.ceil(layout.size / align) * align;
    return offset;
  });
  if (size === 0) return { uniforms: undefined, offsets };
  const bytes = new ArrayBuffer(size);
  dispatches.forEach(({ program, params }, i) => {
    const layout = program.bindings.find(({ name }) => name === 'params')?.layout;
    if (layout) packUniform(layout, params, new DataView(bytes), offsets[i]!, program.label);
  });
  const uniforms = gpu.device.createBuffer({
    label: 'params',
    size,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  });
  gpu.device.queue.writeBuffer(uniforms, 0, bytes);
  return { uniforms, offsets };
}

function bindGroupEntries(
  dispatch: Dispatch,
  uniforms: GPUBuffer | undefined,
  paramsOffset: number,
): GPUBindGroupEntry[] {
  return dispatch.program.bindings.map(({ name, binding, layout }) => {
    if (name === 'params') {
      return { binding, resource: { buffer: uniforms!, offset: paramsOffset, size: layout!.size } };
    }
    const bound = dispatch.buffers[name]!;
    if ('allocation' in bound) {
      const { allocation, offset, bytes } = bound;
      return { binding, resource: { buffer: allocation.buffer, offset, size: bytes } };
    }
    return { binding, resource: { buffer: bound.buffer } };
  });
}
