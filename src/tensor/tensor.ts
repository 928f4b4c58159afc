/**
 * A tensor: a shape, a dtype and a range of GPU memory. The first axis of every operand is the model axis E.
 * A tensor with E = 1 is shared by all models of the other operands. Lifetime is explicit: `dispose()` or
 * `using`. The memory is freed with its last handle.
 */

import { Float16Array, isFloat16Array } from '@petamoriken/float16';
import type { Allocation } from '../device/buffer-pool.js';
import { ArgumentError, DisposedError, ShapeError } from '../device/errors.js';
import type { Gpu } from '../device/gpu.js';
import type { BufferRange } from '../device/recording.js';
import type { Operand } from '../kernels/launch.js';

/** Type of the elements; u8 and u32 are codes and indices. */
export type DType = 'f32' | 'f16' | 'u8' | 'u32';
/** Elements on the host. */
export type TensorData = Float32Array | Float16Array | Uint8Array | Uint32Array;

const BYTES = { f32: 4, f16: 2, u8: 1, u32: 4 } as const;

const KINDS: Record<DType, new (buffer: ArrayBuffer) => TensorData> = {
  f32: Float32Array,
  f16: Float16Array,
  u8: Uint8Array,
  u32: Uint32Array,
};

/** Offsets of views are multiples of this many bytes, which every adapter can bind. */
export const VIEW_ALIGNMENT = 256;

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

let nextId = 1;

interface Layout {
  readonly dtype: DType;
  /** In elements. */
  readonly offset: number;
  /** Distance between the parts of neighbouring models, in elements. */
  readonly stride: number;
  readonly id: number;
}

/**
 * A shape and a range of GPU memory. `dispose` it after use.
 *
 * @example
 * using tensor = Tensor.from(gpu, new Float32Array([1, 2, 3, 4]), [1, 2, 2]); // the first axis counts models
 * console.log(await tensor.readFloats());
 */
export class Tensor implements Operand, Disposable {
  #disposed = false;

  private constructor(
    /** The GPU that holds it. */
    readonly gpu: Gpu,
    /** Its axes; the first counts models. */
    readonly shape: readonly number[],
    /** The memory that holds it. */
    readonly allocation: Allocation,
    /** Its place in that memory. */
    readonly layout: Layout,
  ) {}

  /**
   * Uploads host data. f16 takes a Float16Array; u8 and u32 hold codes and indices.
   *
   * @throws ShapeError when the data do not fill the shape
   */
  static from(gpu: Gpu, data: TensorData, shape: readonly number[]): Tensor {
    gpu.check();
    checkShape(shape);
    const dtype = dtypeOf(data);
    checkLength(data, dtype, shape);
    const tensor = Tensor.#place(gpu, shape, dtype, gpu.pool.acquire(data.byteLength));
    gpu.upload(tensor.allocation.buffer, 0, data as ArrayBufferView);
    return tensor;
  }

  /** A tensor of zeros. */
  static zeros(gpu: Gpu, shape: readonly number[], dtype: DType = 'f32'): Tensor {
    checkShape(shape);
    const tensor = Tensor.#place(gpu, shape, dtype, gpu.pool.acquire(sizeOf(shape) * BYTES[dtype]));
    gpu.clear(tensor.allocation.buffer);
    return tensor;
  }

  /** Memory for the result of recorded work; its contents are undefined until that work runs. */
  static empty(gpu: Gpu, shape: readonly number[], dtype: DType = 'f32'): Tensor {
    checkShape(shape);
    return Tensor.#place(gpu, shape, dtype, gpu.recording.acquire(sizeOf(shape) * BYTES[dtype]));
  }

  static #place(gpu: Gpu, shape: readonly number[], dtype: DType, allocation: Allocation): Tensor {
    return new Tensor(gpu, [...shape], allocation, {
      dtype,
      offset: 0,
      stride: sizeOf(shape.slice(1)),
      id: nextId++,
    });
  }

  /** Identity of the value: handles made by `retain` share it. */
  get id(): number {
    return this.layout.id;
  }

  get dtype(): DType {
    return this.layout.dtype;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** Distance between the parts of neighbouring models, in elements; 0 if all models share one part. */
  get pitch(): number {
    return this.shape[0] === 1 ? 0 : this.layout.stride;
  }

  /** The bytes to bind. */
  get range(): BufferRange {
    this.check();
    const bytes = BYTES[this.dtype];
    return {
      allocation: this.allocation,
      offset: this.layout.offset * bytes,
      bytes: Math.ceil((this.#span * bytes) / 4) * 4,
    };
  }

  /** A second handle on the same value. */
  retain(): Tensor {
    this.check();
    return new Tensor(this.gpu, this.shape, this.allocation.retain(), this.layout);
  }

  /**
   * A tensor inside this one: `shape` from element `offset` on, model parts `stride` elements apart.
   *
   * @throws ShapeError when it is not aligned or leaves this tensor
   */
  slice(offset: number, shape: readonly number[], stride: number): Tensor {
    this.check();
    const start = this.layout.offset + offset;
    if ((start * BYTES[this.dtype]) % VIEW_ALIGNMENT !== 0) {
      throw new ShapeError(
        `a slice must start at a multiple of ${VIEW_ALIGNMENT} bytes, not at element ${start}`,
      );
    }
    const layout = { dtype: this.dtype, offset: start, stride, id: nextId++ };
    const slice = new Tensor(this.gpu, [...shape], this.allocation, layout);
    if (offset + slice.#span > this.size) throw new ShapeError('a slice must lie inside its tensor');
    this.allocation.retain();
    return slice;
  }

  /** The same elements with another shape. The model axis must stay, unless the elements are contiguous. */
  reshape(shape: readonly number[]): Tensor {
    this.check();
    if (sizeOf(shape) !== this.size || (shape[0] !== this.shape[0] && !this.#contiguous)) {
      throw new ShapeError(`cannot reshape [${this.shape.join(', ')}] to [${shape.join(', ')}]`);
    }
    const stride = shape[0] === this.shape[0] ? this.layout.stride : sizeOf(shape.slice(1));
    return new Tensor(this.gpu, [...shape], this.allocation.retain(), {
      ...this.layout,
      stride,
      id: nextId++,
    });
  }

  /** Copies the elements back to the host, after everything recorded so far has run. */
  async read(): Promise<TensorData> {
    const { allocation, offset, bytes } = this.range;
    const buffer = await this.gpu.download(allocation.buffer, offset, bytes);
    const Kind = KINDS[this.dtype];
    const all = new Kind(buffer).subarray(0, this.#span);
    if (this.#contiguous) return all;
    const part = this.size / this.shape[0]!;
    const packed = new Kind(new ArrayBuffer(this.size * BYTES[this.dtype]));
    for (let e = 0; e < this.shape[0]!; e++) {
      packed.set(all.subarray(e * this.layout.stride, e * this.layout.stride + part), e * part);
    }
    return packed;
  }

  /** `read` for f32 tensors. */
  async readFloats(): Promise<Float32Array> {
    if (this.dtype !== 'f32') throw new ShapeError(`readFloats needs an f32 tensor, not ${this.dtype}`);
    return (await this.read()) as Float32Array;
  }

  /** Replaces the elements, after everything recorded so far has run. */
  async write(data: TensorData): Promise<void> {
    await this.gpu.flush();
    checkLength(data, this.dtype, this.shape);
    const { allocation, offset } = this.range;
    const part = this.size / this.shape[0]!;
    if (this.#contiguous) {
      this.gpu.upload(allocation.buffer, offset, data as ArrayBufferView);
      return;
    }
    for (let e = 0; e < this.shape[0]!; e++) {
      const at = offset + e * this.layout.stride * BYTES[this.dtype];
      this.gpu.upload(allocation.buffer, at, data.subarray(e * part, (e + 1) * part) as ArrayBufferView);
    }
  }

  /** Frees the memory with its last handle. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.allocation.release();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Elements from the first to the last. */
  get #span(): number {
    return (this.shape[0]! - 1) * this.layout.stride + sizeOf(this.shape.slice(1));
  }

  get #contiguous(): boolean {
    return this.#span === this.size;
  }

  /** Checks that the tensor may still be used. @throws DisposedError after `dispose()` */
  check(): void {
    if (this.#disposed)
      throw new DisposedError(`a tensor [${this.shape.join(', ')}] was used after dispose()`);
  }
}

function checkShape(shape: readonly number[]): void {
  if (!Array.isArray(shape) || shape.length === 0 || shape.some((n) => !Number.isInteger(n) || n < 1)) {
    throw new ShapeError(`a shape needs positive whole numbers, not [${String(shape)}]`);
  }
}

function checkLength(data: TensorData, dtype: DType, shape: readonly number[]): void {
  const size = sizeOf(shape);
  if (data.length !== size || dtypeOf(data) !== dtype) {
    throw new ShapeError(
      `${dtype}[${shape.join(', ')}] needs ${size} elements, not ${data.length} of ${dtypeOf(data)}`,
    );
  }
}

function dtypeOf(data: TensorData): DType {
  if (data instanceof Float32Array) return 'f32';
  if (data instanceof Uint8Array) return 'u8';
  if (data instanceof Uint32Array) return 'u32';
  if (isFloat16Array(data)) return 'f16';
  throw new ArgumentError(
    'data',
    'data must be a Float32Array, Float16Array, Uint8Array or Uint32Array, so that its numbers have a type',
  );
}
