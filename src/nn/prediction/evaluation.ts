/**
 * The forward pass for predictions: the same function as `network.ts` in evaluation mode, with batch normalisation
 * folded into the kernels and everything between two convolutions done as they store. Folding is part of the
 * recording, so a plan always sees the present weights.
 */

import { type HeadShape, matrixHead, matrixHeadFits } from '../../kernels/matrix/matrix-head.js';
import type { PrecisionPath } from '../../kernels/precision.js';
import * as fused from '../../tensor/fused.js';
import * as ops from '../../tensor/operations.js';
import { Tensor } from '../../tensor/tensor.js';
import { type Architecture, windowsOf } from '../architecture.js';
import { inputTensor, type NetworkInput, type NetworkState } from '../network.js';
import { fusedMeans, trunkOf } from './trunk.js';

/**
 * Predictions [E, batch]: affinities, or probabilities for a classification head.
 *
 * @param path of a precision; where there are no matrices for the network, `matrices` is `storage`. Sums are f32
 * whatever the path.
 */
export function evaluate(network: NetworkState, input: NetworkInput, path: PrecisionPath = 'f32'): Tensor {
  const { codes } = input;
  const trunk = trunkOf(codes.gpu, network, path);
  const head = headShape(network, codes.shape[1]!);
  if (trunk?.by === 'matrices' && matrixHeadFits(codes.gpu, head)) {
    using means = fusedMeans(network, codes, trunk, true);
    return predictedByMatrices(network, means, head);
  }
  const storage = path === 'f32' ? 'f32' : 'f16';
  using means = trunk ? fusedMeans(network, codes, trunk) : layeredMeans(network, input, storage);
  return predicted(network, means, storage);
}

/** The batch normalisation of a layer folded into its kernel. */
const folded = (
  { parameters, statistics }: NetworkState,
  name: string,
  layer: number,
  storage: fused.StorageFormat,
): fused.Folded =>
  fused.fold(
    parameters.get(name),
    parameters.get(`bn${layer}.affine`),
    statistics.get(`bn${layer}.moments`),
    storage,
  );

/** Pooled means of the residual block [E, batch, windows, filters], a kernel a layer. */
export function layeredMeans(
  network: NetworkState,
  input: NetworkInput,
  storage: fused.StorageFormat = 'f32',
): Tensor {
  const { architecture } = network;
  const { dilations, pool } = architecture;
  using first = folded(network, 'conv0.w', 0, storage);
  using entry = firstConvolution(architecture, input, first);
  let x = entry.retain();
  dilations.forEach((dilation, j) => {
    using kernel = folded(network, `conv${j + 1}.w`, j + 1, storage);
    using before = x;
    const end = j + 1 === dilations.length ? { skip: entry, pool: { by: 'mean', size: pool } as const } : {};
    x = fused.fusedConv1d(before, kernel, { dilation, relu: true, ...end });
  });
  return x;
}

/** Dense layer and head, a kernel each: predictions [E, batch] of means [E, batch, windows, filters]. */
export function predicted(network: NetworkState, means: Tensor, storage: fused.StorageFormat): Tensor {
  const { architecture, parameters } = network;
  const { models, rows, inputs } = headShape(network, means.shape[1]!);
  // Window-major: index = window * filters + filter.
  using flat = ops.reshape(means, [models, rows, inputs]);
  using dense = folded(network, 'dense.w', architecture.dilations.length + 1, storage);
  using hidden = fused.fusedDense(flat, dense.w, dense.bias, true);
  using out = fused.fusedDense(hidden, parameters.get('out.w'), parameters.get('out.b'));
  using raw = ops.reshape(out, [models, rows]);
  return finished(architecture, raw);
}

/** The same in one kernel of matrices, from means in matrices. */
export function predictedByMatrices(
  { architecture, parameters, statistics }: NetworkState,
  means: Tensor,
  shape: HeadShape,
): Tensor {
  const { gpu } = means;
  const { models, rows, inputs, hidden } = shape;
  const layer = architecture.dilations.length + 1;
  using w = Tensor.empty(gpu, [models, hidden, inputs], 'f16');
  using bias = Tensor.empty(gpu, [models, hidden]);
  fused.foldInto(
    { w, bias },
    parameters.get('dense.w'),
    parameters.get(`bn${layer}.affine`),
    statistics.get(`bn${layer}.moments`),
    { tiled: true },
  );
  using raw = Tensor.empty(gpu, [models, rows]);
  const output = { head: parameters.get('out.w'), headBias: parameters.get('out.b') };
  matrixHead(gpu, { x: means, w, bias, ...output, y: raw }, shape);
  return finished(architecture, raw);
}

const headShape = ({ architecture, parameters }: NetworkState, rows: number): HeadShape => ({
  models: parameters.models,
  rows,
  inputs: windowsOf(architecture) * architecture.filters,
  hidden: architecture.hidden,
});

const finished = ({ head }: Architecture, raw: Tensor): Tensor =>
  head === 'classification' ? ops.sigmoid(raw) : raw.retain();

/** First convolution, normalised and rectified: straight from codes where there is nothing but sequence. */
function firstConvolution(architecture: Architecture, input: NetworkInput, kernel: fused.Folded): Tensor {
  if (architecture.channels === 4) return fused.fusedConvCodes(input.codes, kernel);
  using x = inputTensor(architecture, input);
  return fused.fusedConv1d(x, kernel, { relu: true });
}
