/**
 * The forward pass for predictions: the same function as `network.ts` in evaluation mode, with batch normalisation
 * folded into the kernels and everything between two convolutions done as they store. Folding is part of the
 * recording, so a plan always sees the present weights.
 */

import * as fused from '../tensor/fused.js';
import * as ops from '../tensor/operations.js';
import type { Tensor } from '../tensor/tensor.js';
import { type Architecture, windowsOf } from './architecture.js';
import { inputTensor, type NetworkInput, type NetworkState } from './network.js';

/**
 * Predictions [E, batch]: affinities, or probabilities for a classification head.
 *
 * @param storage of folded kernels and activations; f16 needs a device with `shader-f16`; sums are f32 either way
 */
export function evaluate(
  { architecture, parameters, statistics }: NetworkState,
  input: NetworkInput,
  storage: fused.StorageFormat = 'f32',
): Tensor {
  const { dilations, filters, head, pool } = architecture;
  const last = dilations.length;
  const folded = (name: string, i: number) =>
    fused.fold(
      parameters.get(name),
      parameters.get(`bn${i}.affine`),
      statistics.get(`bn${i}.moments`),
      storage,
    );

  using first = folded('conv0.w', 0);
  using entry = firstConvolution(architecture, input, first);
  let x = entry.retain();
  dilations.forEach((dilation, j) => {
    using kernel = folded(`conv${j + 1}.w`, j + 1);
    using before = x;
    const end = j + 1 === last ? { skip: entry, pool } : {};
    x = fused.fusedConv1d(before, kernel, { dilation, relu: true, ...end });
  });
  using pooled = x;
  const [models, batch] = pooled.shape as [number, number];
  // Window-major: index = window * filters + filter.
  using flat = ops.reshape(pooled, [models, batch, windowsOf(architecture) * filters]);
  using dense = folded('dense.w', last + 1);
  using hidden = fused.fusedDense(flat, dense.w, dense.bias, true);
  using out = fused.fusedDense(hidden, parameters.get('out.w'), parameters.get('out.b'));
  using raw = ops.reshape(out, [models, batch]);
  return head === 'classification' ? ops.sigmoid(raw) : raw.retain();
}

/** First convolution, normalised and rectified: straight from codes where there is nothing but sequence. */
function firstConvolution(architecture: Architecture, input: NetworkInput, kernel: fused.Folded): Tensor {
  if (architecture.channels === 4) return fused.fusedConvCodes(input.codes, kernel);
  using x = inputTensor(architecture, input);
  return fused.fusedConv1d(x, kernel, { relu: true });
}
