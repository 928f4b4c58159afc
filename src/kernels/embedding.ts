/** Kernels of global importance analysis: k-mers decoded into overlays, patterns embedded, local importances taken. */

import type { Gpu } from '../device/gpu.js';
import type { UniformBlock } from '../device/uniform-block.js';
import { ceilDivide, flatGrid, launch, type Operand } from './launch.js';

/** overlay [patterns, length] u32 of the k-mers first, first + 1, … in a slot; 4 keeps the background. */
export function decodeKmers(
  gpu: Gpu,
  overlay: Operand,
  {
    patterns,
    length,
    k,
    position,
    first,
  }: { patterns: number; length: number; k: number; position: number; first: number },
): void {
  const count = patterns * length;
  launch(gpu, 'decode_kmers', {
    operands: { overlay },
    params: { count, length, k, position, first },
    workgroups: flatGrid(gpu, count),
  });
}

/** codes [chunk, length] u32: pairs first … of the (pattern, background) grid, background fastest. */
export function embed(
  gpu: Gpu,
  control: UniformBlock,
  operands: { overlay: Operand; sequences: Operand; codes: Operand },
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
    bytes: 4 * count + length * (4 * ceilDivide(chunk, backgrounds) + Math.min(chunk, backgrounds)),
    workgroups: flatGrid(gpu, count),
  });
}

/** importance [E, total] at slot … = predictions [E, count] - base [E, backgrounds] of the pair's background. */
export function localImportance(
  gpu: Gpu,
  control: UniformBlock,
  operands: { predictions: Operand; base: Operand; importance: Operand },
  {
    models,
    count,
    total,
    backgrounds,
  }: { models: number; count: number; total: number; backgrounds: number },
): void {
  launch(gpu, 'local_importance', {
    operands: { control, ...operands },
    params: { count, total, backgrounds },
    bytes: 4 * models * (2 * count + Math.min(count, backgrounds)),
    workgroups: flatGrid(gpu, count, models),
  });
}
