/**
 * Computes the pairs of a chunk in one dispatch with subgroup matrices of f16
 * (src/kernels/sweep/fused-sweep-matrix.ts).
 */

import {
  asMatrices,
  type FusedMatrixVariant,
  fusedSweepByMatrices,
  matrixWeights,
} from '../../kernels/sweep/fused-sweep-matrix.js';
import { cast } from '../../tensor/reductions.js';
import { Tensor } from '../../tensor/tensor.js';
import type { MakeChunk } from './chunk.js';
import { joinedEdges } from './edges.js';
import { sweepShapeOf } from './fused-shape.js';
import { fusedWeights } from './fused-weights.js';

/** @throws RangeError if the plan has nothing to fuse */
export const matrixChunk =
  (variant: FusedMatrixVariant): MakeChunk =>
  async ({ model, plan, size, weights, own }) => {
    const { gpu, models } = model;
    const shape = sweepShapeOf(model, plan, size);
    if (!shape) throw new RangeError('this plan has nothing to fuse');
    const edges = joinedEdges(model, plan, size.block, own, 'f16');
    const values = await fusedWeights(model, shape, weights);
    const { channels, hidden } = shape;
    const byModel = (of: Float32Array): Tensor => own(Tensor.from(gpu, of, [models, of.length / models]));
    // The GPU rounds to f16. JavaScript has no f16 arithmetic, and would need longer for it than for
    // everything else.
    const inHalves = (of: Float32Array): Tensor => own(cast(byModel(of), 'f16'));
    const operands = {
      edges: edges.vectors,
      edge_index: edges.index,
      weights: inHalves(matrixWeights(values.weights, models, channels)),
      constants: byModel(values.constants),
      dense_edges: edges.dense?.vectors,
      dense_w: inHalves(asMatrices(values.dense, 1, shape.pool.windows * channels, hidden)),
    };
    return {
      edges,
      matrixLanes: variant.lanes,
      record: (control, predictions) =>
        fusedSweepByMatrices(gpu, control, { ...operands, predictions }, shape, variant),
    };
  };
