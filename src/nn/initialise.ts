/**
 * Initial weights (docs/method.md, Initialisation): Glorot uniform for kernels, gamma 1, beta 0, running mean
 * 0 and variance 1, bias 0.
 */

import { Random, STREAM } from '../kernels/random.js';
import { sizeOf } from '../tensor/tensor.js';
import { type Architecture, type ParameterSpec, parameterSpecs, statisticSpecs } from './architecture.js';
import { fileParts, type Weights } from './weights.js';

/** Weights of one new model; the same seed gives the same weights. */
export function initialWeights(model: Architecture, seed: number): Weights {
  const random = new Random(seed, STREAM.initialise);
  const weights: Record<string, { shape: readonly number[]; data: Float32Array }> = {};
  [...parameterSpecs(model), ...statisticSpecs(model)].forEach((spec, index) => {
    for (const { name, shape } of fileParts(spec))
      weights[name] = { shape, data: initial(name, shape, spec, random, index) };
  });
  return weights;
}

function initial(
  name: string,
  shape: readonly number[],
  { fans }: ParameterSpec,
  random: Random,
  index: number,
): Float32Array {
  const data = new Float32Array(sizeOf(shape));
  if (fans) {
    const limit = Math.sqrt(6 / (fans[0] + fans[1]));
    const draws = random.draws(index);
    return data.map(() => (2 * draws.uniform() - 1) * limit);
  }
  return data.fill(/gamma|var/.test(name) ? 1 : 0);
}
