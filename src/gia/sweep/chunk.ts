/**
 * The part that computes the pairs of a chunk, as `shared-sweep.ts` sees it: where it needs edges, and what
 * it records.
 */

import type { Control } from '../../kernels/control.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { LayeredModel } from '../model.js';
import type { SweepEdges } from './edges.js';
import type { SweepPlan } from './plan.js';
import type { SweepSize } from './shared-recorder.js';
import type { SweepWeights } from './weights.js';

export interface SweepChunk {
  readonly edges: SweepEdges;
  /**
   * Size of the largest subgroup, if shared vectors are stored in f16 and multiplied with subgroup matrices.
   */
  readonly matrixLanes?: number;
  /** predictions [E, block, patterns]. It begins at the control's `pattern` and `block_background`. */
  record(control: Control, predictions: Tensor): void;
}

export interface ChunkParts {
  readonly model: LayeredModel;
  readonly plan: SweepPlan;
  readonly size: SweepSize;
  readonly weights: SweepWeights;
  /** Collects resources that are disposed of after recording. */
  readonly own: (tensor: Tensor) => Tensor;
}

export type MakeChunk = (parts: ChunkParts) => Promise<SweepChunk>;
