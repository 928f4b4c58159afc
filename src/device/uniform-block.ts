/** Small uniform buffers whose fields are set by name: what changes between two replays of a plan. */

import type { Counters } from './profiling/counters.js';
import { packUniform, type UniformLayout } from './program.js';

/** What a kernel binds. */
export interface Uniform {
  readonly buffer: GPUBuffer;
}

/** One struct. @typeParam Field names of its fields */
export class UniformBlock<Field extends string = string> implements Uniform {
  readonly buffer: GPUBuffer;
  readonly #bytes: ArrayBuffer;
  readonly #values: Record<string, number>;

  constructor(
    readonly device: GPUDevice,
    readonly counters: Pick<Counters, 'uploads' | 'uploadedBytes'>,
    readonly layout: UniformLayout<Field>,
    readonly label: string,
  ) {
    this.buffer = device.createBuffer({
      label,
      size: layout.size,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    this.#bytes = new ArrayBuffer(layout.size);
    this.#values = Object.fromEntries(layout.fields.map(({ name }) => [name, 0]));
  }

  /**
   * Sets the named fields, keeps the others, and uploads the block. Takes effect for work submitted
   * afterwards.
   */
  set(values: Readonly<Partial<Record<Field, number>>>): void {
    Object.assign(this.#values, values);
    packUniform(this.layout, this.#values, new DataView(this.#bytes), 0, this.label);
    this.device.queue.writeBuffer(this.buffer, 0, this.#bytes);
    this.counters.uploads++;
    this.counters.uploadedBytes += this.#bytes.byteLength;
  }

  dispose(): void {
    this.buffer.destroy();
  }
}

/** A list of structs. @typeParam Field names of the fields of one */
export class UniformList<Field extends string = string> implements Uniform {
  readonly buffer: GPUBuffer;
  readonly #bytes: ArrayBuffer;

  constructor(
    readonly device: GPUDevice,
    readonly counters: Pick<Counters, 'uploads' | 'uploadedBytes'>,
    readonly layout: UniformLayout<Field>,
    readonly label: string,
  ) {
    const { size } = layout;
    this.buffer = device.createBuffer({
      label,
      size,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    this.#bytes = new ArrayBuffer(size);
  }

  /** Sets and uploads the first entries. Takes effect for work submitted afterwards. */
  set(entries: readonly Readonly<Record<Field, number>>[]): void {
    const { layout, label } = this;
    const view = new DataView(this.#bytes);
    const { stride } = layout.list!;
    entries.forEach((entry, i) => {
      packUniform(layout, entry, view, i * stride, label);
    });
    const size = entries.length * stride;
    this.device.queue.writeBuffer(this.buffer, 0, this.#bytes, 0, size);
    this.counters.uploads++;
    this.counters.uploadedBytes += size;
  }

  dispose(): void {
    this.buffer.destroy();
  }
}
