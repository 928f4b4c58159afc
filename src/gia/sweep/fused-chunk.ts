/** Computes the pairs of a chunk in one dispatch (src/kernels/sweep/fused-sweep.ts). */

import { pointsOf } from '../../kernels/sweep/filtering.js';
import { type FusedShape, type FusedVariant, fusedSweep } from '../../kernels/sweep/fused-sweep.js';
import { Tensor } from '../../tensor/tensor.js';
import type { MakeChunk } from './chunk.js';
import { joinedEdges } from './edges.js';
import { sweepShapeOf } from './fused-shape.js';
import { fusedWeights } from './fused-weights.js';

/** @throws RangeError if the plan has nothing to fuse */
export const fusedChunk =
  (variant: FusedVariant): MakeChunk =>
  async ({ model, plan, size, weights, own }) => {
    const { gpu, models } = model;
    const shape = sweepShapeOf(model, plan, size);
    if (!shape) throw new RangeError('this plan has nothing to fuse');
    const edges = joinedEdges(model, plan, size.block, own);
    const values = await fusedWeights(model, shape, weights);
    const byModel = (of: Float32Array): Tensor => own(Tensor.from(gpu, of, [models, of.length / models]));
    const operands = {
      edges: edges.vectors,
      edge_index: edges.index,
      weights: byModel(inFours(values.weights, shape)),
      constants: byModel(values.constants),
      dense_edges: edges.dense?.vectors,
      dense_w: byModel(values.dense),
    };
    return {
      edges,
      record: (control, predictions) =>
        fusedSweep(gpu, control, { ...operands, predictions }, shape, variant),
    };
  };

/**
 * Reorders weights [E, matrices, inputs, outputs]: the matrices of a stage lie side by side, in groups of
 * four inputs: [E, stages, inputs / 4, matrices, 4, outputs].
 */
function inFours(weights: Float32Array, { models, stages, channels }: FusedShape): Float32Array {
  const result = new Float32Array(weights.length);
  const [model, matrix, four] = [weights.length / models, channels * channels, 4 * channels];
  for (let e = 0; e < models; e++) {
    for (const { before } of stages) {
      if (!before) continue;
      const points = pointsOf(before.size);
      const start = e * model + before.matrix * matrix;
      for (let i = 0; i < channels / 4; i++) {
        for (let q = 0; q < points; q++) {
          const from = start + q * matrix + i * four;
          result.set(weights.subarray(from, from + four), start + (i * points + q) * four);
        }
      }
    }
  }
  return result;
}
