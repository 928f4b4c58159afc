/**
 * Compute pipelines: compiled asynchronously, each once. The cache's key is the complete WGSL text, so two kernels
 * share a pipeline exactly when they are the same program; requests for one in compilation join it.
 */

import { nextTurn, throwIfCancelled } from './breathe.js';
import { ShaderError } from './errors.js';
import type { Program } from './program.js';

export interface CompiledProgram {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** When a pipeline was compiled, in milliseconds of `performance.now`; several may be under way at once. */
export interface Compilation {
  readonly kernel: string;
  readonly start: number;
  readonly milliseconds: number;
}

/** Compilations under way together. */
const MOST_AT_ONCE = 8;

let everywhere = 0;

/** Compilations under way on all GPUs of this process, which may crash when it ends amid one. */
export const compilationsUnderWay = (): number => everywhere;

export class PipelineCache {
  /** Every pipeline that was compiled, in the order in which they were done. */
  readonly compilations: Compilation[] = [];
  readonly #compiled = new Map<string, Promise<CompiledProgram>>();

  /** Ends when all that were asked for have begun. */
  #line: Promise<unknown> = Promise.resolve();
  readonly #underWay = new Set<Promise<unknown>>();

  /** @param signal aborting it gives up what still waits to be compiled */
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
      // A failure is reported to whoever awaits it; this only keeps it from counting as unhandled before then.
      compiled.catch(() => undefined);
    }
    return compiled;
  }

  /**
   * Begins one compilation after the other, each in a turn of the event loop of its own, since what the
   * driver does before it goes on beside us adds up where there are many; and few at a time, so that giving
   * up is quick.
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
