/** The pairs of a chunk in one dispatch (kernels/fused-sweep.ts). */

import { type FusedVariant, fusedSweep } from '../kernels/fused-sweep.js';
import { Tensor } from '../tensor/tensor.js';
import { fusedShape } from './fused-shape.js';
import { fusedWeights } from './fused-weights.js';
import type { MakeChunk } from './sweep-chunk.js';
import { joinedEdges } from './sweep-edges.js';

/** @throws RangeError for a plan that leaves nothing to fuse */
export const fusedChunk =
  (variant: FusedVariant): MakeChunk =>
  async ({ model, plan, size, weights, own }) => {
    const { gpu, models } = model;
    const shape = fusedShape(model, plan, size);
    if (!shape) throw new RangeError('no window of this plan is computed per pattern');
    const edges = joinedEdges(model, plan, size.block, own);
    const values = await fusedWeights(model, shape, weights);
    const byModel = (of: Float32Array): Tensor => own(Tensor.from(gpu, of, [models, of.length / models]));
    const operands = {
      edges: edges.vectors,
      edge_index: edges.index,
      weights: byModel(values.weights),
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
