/**
 * Buffers through which results come back to the host. They are kept for reuse, because drivers take up to a
 * millisecond to allocate memory that the host can read.
 */

/** Most bytes that are kept, and the largest buffer that is kept. */
const KEPT = 64 * 2 ** 20;
const LARGEST_KEPT = 16 * 2 ** 20;

export class Staging {
  readonly #idle: GPUBuffer[] = [];

  constructor(readonly device: GPUDevice) {}

  /** A buffer of at least `bytes` bytes to copy to and to map. */
  acquire(bytes: number): GPUBuffer {
    const fit = this.#idle.findIndex(({ size }) => size >= bytes && size <= 4 * bytes + 4096);
    if (fit >= 0) return this.#idle.splice(fit, 1)[0]!;
    return this.device.createBuffer({
      label: 'staging',
      // A buffer that is kept also serves other sizes.
      size: bytes > LARGEST_KEPT ? bytes : 2 ** Math.ceil(Math.log2(Math.max(bytes, 1024))),
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
  }

  /** Takes back an unmapped buffer. */
  reclaim(buffer: GPUBuffer): void {
    const kept = this.#idle.reduce((sum, { size }) => sum + size, buffer.size);
    if (buffer.size <= LARGEST_KEPT && kept <= KEPT) this.#idle.push(buffer);
    else buffer.destroy();
  }

  dispose(): void {
    for (const buffer of this.#idle.splice(0)) buffer.destroy();
  }
}
