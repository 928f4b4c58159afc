/**
 * One GPU for all tests of a file, on the adapter that RESIDUALBIND_ADAPTER names, and the leak test after
 * the last.
 */

import { afterAll, beforeAll, expect } from 'vitest';
import type { Gpu } from '../../src/device/gpu.js';
import { requestGpu } from '../../src/index.js';
import { Tensor } from '../../src/tensor/tensor.js';

/** Opens a GPU before the file's first test; after its last one, not a single buffer may still be held. */
export function useGpu(): () => Gpu {
  let gpu: Gpu | undefined;
  const get = (): Gpu => {
    if (!gpu) throw new Error('the GPU is open only while tests run');
    return gpu;
  };
  beforeAll(async () => {
    gpu = await requestGpu();
  });
  afterAll(async () => {
    await get().sync();
    const { liveBuffers } = get().pool.usage;
    get().dispose();
    expect(liveBuffers, 'buffers that nobody disposed of').toBe(0);
  });
  return get;
}

/** The elements of a tensor, which is let go of. */
export async function take(tensor: Tensor): Promise<Float32Array> {
  using taken = tensor;
  return await taken.readFloats();
}

/** An f32 tensor of plain numbers. */
export const floats = (gpu: Gpu, values: ArrayLike<number>, shape: readonly number[]): Tensor =>
  Tensor.from(gpu, Float32Array.from(values), shape);
