/**
 * Chooses how a device computes the pairs of a plan's chunks: in one dispatch where possible, otherwise stage
 * by stage.
 */

import { type MatrixHost, matrixVariantOf } from '../../kernels/sweep/fused-sweep-matrix.js';
import { type FusedHost, fusedVariantOf } from '../../kernels/sweep/fused-variants.js';
import type { LayeredModel } from '../model.js';
import type { MakeChunk } from './chunk.js';
import { fusedChunk } from './fused-chunk.js';
import { sweepShapeOf } from './fused-shape.js';
import { matrixChunk } from './matrix-chunk.js';
import type { SweepPlan } from './plan.js';
import type { ChunkKind } from './size.js';
import { stagedChunk } from './staged-chunk.js';

export interface ChunkChoice {
  readonly kind: ChunkKind;
  readonly make: MakeChunk;
}

/** Runs on every adapter. */
export const STAGED: ChunkChoice = { kind: 'staged', make: stagedChunk };

/** Only the size, for callers that need no more than the plan. */
const ANY = { block: 1, patterns: 1, backgrounds: 1 };

/** In f32. */
export function chunkChoice(
  host: FusedHost,
  model: Pick<LayeredModel, 'architecture' | 'models'>,
  plan: SweepPlan,
): ChunkChoice {
  const shape = sweepShapeOf(model, plan, ANY);
  const variant = shape && fusedVariantOf(host, shape);
  return variant ? { kind: 'fused', make: fusedChunk(variant) } : STAGED;
}

/**
 * With subgroup matrices of f16, on a device that has them; undefined if no variant of the kernel fits the
 * plan.
 */
export function matrixChoice(
  host: MatrixHost,
  model: Pick<LayeredModel, 'architecture' | 'models'>,
  plan: SweepPlan,
): ChunkChoice | undefined {
  const shape = sweepShapeOf(model, plan, ANY);
  const variant = shape && matrixVariantOf(host, shape);
  return variant && { kind: 'matrices', make: matrixChunk(variant) };
}
