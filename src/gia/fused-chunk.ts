/** Records the pairs of a chunk in one dispatch (kernels/fused-sweep.ts). */

import type { UniformBlock } from '../device/uniform-block.js';
import { type FusedShape, type FusedVariant, fusedSweep } from '../kernels/fused-sweep.js';
import type { ResidualBind } from '../nn/residualbind.js';
import { Tensor } from '../tensor/tensor.js';
import type { FusedWeights } from './fused-weights.js';
import type { JoinedEdges } from './sweep-edges.js';

export interface FusedChunk {
  readonly model: ResidualBind;
  readonly shape: FusedShape;
  readonly variant: FusedVariant;
  readonly weights: FusedWeights;
  readonly edges: JoinedEdges;
}

/** predictions [E, block, patterns] of a chunk. Control: first = first pattern, slot = first background of the block. */
export function recordFusedChunk(
  { model: { gpu, models }, shape, variant, weights, edges }: FusedChunk,
  control: UniformBlock,
  predictions: Tensor,
): void {
  const byModel = (values: Float32Array): Tensor =>
    Tensor.from(gpu, values, [models, values.length / models]);
  using matrices = byModel(weights.weights);
  using constants = byModel(weights.constants);
  using dense = byModel(weights.dense);
  fusedSweep(
    gpu,
    control,
    {
      edges: edges.vectors,
      edge_index: edges.index,
      weights: matrices,
      constants,
      dense_edges: edges.dense?.vectors,
      dense_w: dense,
      predictions,
    },
    shape,
    variant,
  );
}
