/** Patterns embedded in backgrounds, for the kernels of the network. */

import type { Gpu } from '../../device/gpu.js';
import type { Control } from '../control.js';
import { ceilDivide, flatGrid, launch, type Operand } from '../launch.js';

/**
 * codes [chunk, length] u32: pairs of the (background, pattern) grid, pattern fastest, from the control's
 * `pair` on.
 */
export function embed(
  gpu: Gpu,
  control: Control,
  operands: { overlays: Operand; sequences: Operand; codes: Operand },
  {
    chunk,
    length,
    patterns,
    backgrounds,
  }: { chunk: number; length: number; patterns: number; backgrounds: number },
): void {
  const count = chunk * length;
  launch(gpu, 'embed', {
    operands: { control, ...operands },
    params: { count, length, patterns, backgrounds },
    // A chunk touches the overlays and backgrounds of its own pairs only.
    bytes: 4 * count + length * (Math.min(chunk, patterns) + ceilDivide(chunk, patterns)),
    workgroups: flatGrid(gpu, count),
  });
}

/**
 * profiles [backgrounds, width] -> out [chunk, width]: the profile of each pair's background, whatever is
 * embedded.
 */
export function keepProfile(
  gpu: Gpu,
  control: Control,
  operands: { profiles: Operand; out: Operand },
  {
    chunk,
    width,
    patterns,
    backgrounds,
  }: { chunk: number; width: number; patterns: number; backgrounds: number },
): void {
  const count = chunk * width;
  launch(gpu, 'keep_profile', {
    operands: { control, ...operands },
    params: { count, width, patterns, backgrounds },
    bytes: 4 * (count + width * ceilDivide(chunk, patterns)),
    workgroups: flatGrid(gpu, count),
  });
}
