/** The dense layer and the head of ResidualBind in one kernel of subgroup matrices. */

import { type HeadShape, matrixHead } from '../../kernels/matrix/matrix-head.js';
import * as fused from '../../tensor/fused.js';
import { Tensor } from '../../tensor/tensor.js';
import type { NetworkState } from '../network.js';
import { residualSizes, windowsOf } from '../presets.js';

/** The sizes of that kernel; undefined for a network that it does not compute. */
export function headShape({ architecture, parameters }: NetworkState, rows: number): HeadShape | undefined {
  const sizes = residualSizes(architecture);
  if (sizes?.outputs !== 1) return undefined;
  const { filters, hidden } = sizes;
  return { models: parameters.models, rows, inputs: windowsOf(sizes) * filters, hidden };
}

/** Raw output [E, batch, 1] of pooled means that `fusedMeans` left in matrices. */
export function predictedByMatrices(
  { architecture, parameters, statistics }: NetworkState,
  means: Tensor,
  shape: HeadShape,
): Tensor {
  const { gpu } = means;
  const { models, rows, inputs, hidden } = shape;
  const norm = `bn${residualSizes(architecture)!.dilations.length + 1}`;
  using w = Tensor.empty(gpu, [models, hidden, inputs], 'f16');
  using bias = Tensor.empty(gpu, [models, hidden]);
  fused.foldInto(
    { w, bias },
    parameters.get('dense.w'),
    parameters.get(`${norm}.affine`),
    statistics.get(`${norm}.moments`),
    { tiled: true },
  );
  const raw = Tensor.empty(gpu, [models, rows, 1]);
  const output = { head: parameters.get('out.w'), headBias: parameters.get('out.b') };
  matrixHead(gpu, { x: means, w, bias, ...output, y: raw }, shape);
  return raw;
}
