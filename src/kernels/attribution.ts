/**
 * The two ends of a gradient with respect to the input: points on a path to a sequence, and scores from their
 * gradients.
 */

import type { Gpu } from '../device/gpu.js';
import { flatGrid, launch, type Operand } from './launch.js';

export interface PathShape {
  readonly models: number;
  readonly records: number;
  /** Points of the path to each record. */
  readonly points: number;
  readonly length: number;
  readonly channels: number;
}

/**
 * x [E, records * points, length, channels]: the points t [points] between baseline [length, 4] and codes
 * [records, length].
 */
export function inputPath(
  gpu: Gpu,
  operands: { codes: Operand; t: Operand; baseline: Operand; profile?: Operand | undefined; x: Operand },
  { models, records, points, length, channels }: PathShape,
): void {
  const count = records * points * length * channels;
  launch(gpu, 'input_path', {
    operands,
    params: { count, length, channels, points },
    tile: { PROFILE: Number(operands.profile !== undefined) },
    workgroups: flatGrid(gpu, count, models),
  });
}

/**
 * scores [E, records, 4, length]: gradients [E, records * points, length, channels] weighed; with a baseline,
 * integrated.
 */
export function pathSum(
  gpu: Gpu,
  operands: {
    codes: Operand;
    weights: Operand;
    gradients: Operand;
    baseline?: Operand | undefined;
    scores: Operand;
  },
  { models, records, points, length, channels }: PathShape,
): void {
  const count = records * 4 * length;
  launch(gpu, 'path_sum', {
    operands,
    params: { count, length, channels, points },
    tile: { INTEGRATE: Number(operands.baseline !== undefined) },
    workgroups: flatGrid(gpu, count, models),
  });
}
