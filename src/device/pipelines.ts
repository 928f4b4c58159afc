/**
 * Compute pipelines: compiled asynchronously, each once. The cache's key is the complete WGSL text, so two
 * kernels share a pipeline exactly if they are the same program. A request for a pipeline that is being
 * compiled waits for it.
 */

import { nextTurn, throwIfCancelled } from './breathe.js';
import { ShaderError } from './errors.js';
import type { Program } from './program.js';

export interface CompiledProgram {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/**
 * When a pipeline was compiled, in milliseconds of `performance.now`. Several may be compiled at the same
 * time.
 */
export interface Compilation {
  readonly kernel: string;
  readonly start: number;
  readonly milliseconds: number;
}

/** Most compilations at the same time. */
const MOST_AT_ONCE = 8;

let everywhere = 0;

/** Running compilations on all GPUs of this process, which may crash if it exits during one. */
export const compilationsUnderWay = (): number => everywhere;

export class PipelineCache {
  /** Every pipeline that was compiled, in the order in which they were completed. */
  readonly compilations: Compilation[] = [];
  readonly #compiled = new Map<string, Promise<CompiledProgram>>();

  /** Resolves when all requested compilations have begun. */
  #line: Promise<unknown> = Promise.resolve();
  readonly #underWay = new Set<Promise<unknown>>();

  /** @param signal aborting it cancels what still waits to be compiled */
  constructor(
    readonly device: GPUDevice,
    readonly signal?: AbortSignal | undefined,
  ) {}

  get size(): number {
    return this.#compiled.size;
  }

  /**
   * @throws CancelledError when the signal is aborted before; ShaderError naming kernel, WGSL line and its
   * text when the program does not compile
   */
  get(program: Program): Promise<CompiledProgram> {
    let compiled = this.#compiled.get(program.code);
    if (!compiled) {
      compiled = this.#inLine(program);
      this.#compiled.set(program.code, compiled);
      // Whoever awaits the promise gets the failure. This only keeps it from counting as unhandled before.
      compiled.catch(() => undefined);
    }
    return compiled;
  }

  /**
   * Begins one compilation after the other, each in its own iteration of the event loop, because the
   * synchronous part of many compilations adds up. Only a few run at a time, so that cancelling is quick.
   */
  async #inLine(program: Program): Promise<CompiledProgram> {
    const begun = this.#line.then(async () => {
      await nextTurn();
      while (this.#underWay.size >= MOST_AT_ONCE) await Promise.race(this.#underWay);
    });
    this.#line = begun;
    await begun;
    if (this.signal?.aborted) {
      this.#compiled.delete(program.code);
      await Promise.all(this.#underWay);
      throwIfCancelled(this.signal);
    }
    const start = performance.now();
    const compilation = this.#compile(program).finally(() => {
      this.compilations.push({ kernel: program.label, start, milliseconds: performance.now() - start });
    });
    const ended = compilation.then(
      () => undefined,
      () => undefined,
    );
    this.#underWay.add(ended);
    everywhere++;
    void ended.then(() => {
      this.#underWay.delete(ended);
      everywhere--;
    });
    return await compilation;
  }

  async #compile({ label, code, bindings }: Program): Promise<CompiledProgram> {
    const { device } = this;
    device.pushErrorScope('validation');
    const module = device.createShaderModule({ label, code });
    const layout = device.createBindGroupLayout({
      label,
      entries: bindings.map(({ binding, kind }) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: kind },
      })),
    });
    const pipelineLayout = device.createPipelineLayout({ label, bindGroupLayouts: [layout] });
    const created = device
      .createComputePipelineAsync({ label, layout: pipelineLayout, compute: { module, entryPoint: 'main' } })
      .catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
    const scope = device.popErrorScope();
    const pipeline = await created;
    const invalid = await scope;
    if (!(pipeline instanceof Error) && !invalid) return { pipeline, layout };
    const lines = code.split('\n');
    const { messages } = await module.getCompilationInfo();
    const details = messages
      .filter(({ type }) => type === 'error')
      .map(({ lineNum, message }) => `${label}.wgsl:${lineNum}: ${message}\n  ${lines[lineNum - 1] ?? ''}`);
    const reason = pipeline instanceof Error ? pipeline.message : (invalid?.message ?? '');
    throw new ShaderError(`kernel "${label}" does not compile\n${details.join('\n') || reason}`);
  }
}
