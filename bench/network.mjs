/**
 * The network that every runner computes: seeded weights, inputs, its arithmetic, and the layouts that other
 * libraries want. Names and layouts are the product's: conv [taps, in, out], dense [in, out].
 */
import { data, nn } from '../dist/index.js';
import { Random } from '../dist/kernels/random.js';
import { initialWeights } from '../dist/nn/initialise.js';

export const EPSILON = 1e-3;
export const MOMENTUM = 0.99;
export const ADAM = { rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

/**
 * Floating-point operations of one sequence forward, two a multiply-add, pads left out; the first convolution
 * only adds.
 */
export function forwardFlops({ length, filters, dilations, hidden, pool }) {
  const block = dilations.reduce((sum, dilation) => sum + 3 * length - 2 * dilation, 0) * filters * filters;
  const dense = Math.floor(length / pool) * filters * hidden + hidden;
  return 2 * (block + dense);
}

/** The network of some sizes as the product's list of layers; other libraries build it from the sizes. */
export const networkOf = (sizes) => nn.architecture('paper', sizes);

/**
 * Glorot weights, and batch normalisations that are drawn too: the initial ones would hide a mistake in them.
 */
export function seededWeights(sizes, seed) {
  const weights = initialWeights(networkOf(sizes), seed);
  const random = new Random(seed, 100);
  const draw = {
    gamma: (draws) => 0.8 + 0.4 * draws.uniform(),
    beta: (draws) => 0.1 * draws.normal(),
    mean: (draws) => 0.1 * draws.normal(),
    var: (draws) => 0.5 + draws.uniform(),
  };
  Object.entries(weights).forEach(([name, { data: values }], index) => {
    const kind = draw[name.split('.')[1]];
    const draws = random.draws(index);
    if (kind) for (let i = 0; i < values.length; i++) values[i] = kind(draws);
  });
  return weights;
}

/** `count` simulated probes: base codes [count * length] and log scores [count]. */
export function examples(count) {
  const { probes } = data.simulateProbes({ count, seed: 1 });
  return {
    codes: data.encodeSequences(probes.sequences),
    scores: Float32Array.from(probes.scores, Math.log),
  };
}

/** Sizes of the paper's network. */
export const paper = () => nn.PRESETS.paper.sizes;

/** Codes as one-hot numbers [positions, 4]; code 4 is a row of zeros. */
export function oneHot(codes) {
  const x = new Float32Array(4 * codes.length);
  codes.forEach((code, i) => {
    if (code < 4) x[4 * i + code] = 1;
  });
  return x;
}

/** A convolution's kernel [taps, in, out] as [out, in, taps]. */
export function outputMajor({ shape: [taps, inputs, outputs], data: w }) {
  const turned = new Float32Array(w.length);
  for (let t = 0; t < taps; t++)
    for (let i = 0; i < inputs; i++)
      for (let o = 0; o < outputs; o++)
        turned[(o * inputs + i) * taps + t] = w[(t * inputs + i) * outputs + o];
  return { shape: [outputs, inputs, taps], data: turned };
}

/** The reverse of `outputMajor`. */
export function outputMinor({ shape: [outputs, inputs, taps], data: w }) {
  const { data: turned } = outputMajor({ shape: [outputs, inputs, taps], data: w });
  return { shape: [taps, inputs, outputs], data: turned };
}

/**
 * The evaluation network with each batch normalisation folded into the layer before it, as deployed networks
 * are: every `conv*.w` and `dense.w` scaled, and the bias that is left, `conv*.b` and `dense.b`.
 */
export function folded(weights, { dilations }) {
  const layers = [...dilations.map((_, i) => `conv${i}`), `conv${dilations.length}`, 'dense'];
  const result = { 'out.w': weights['out.w'], 'out.b': weights['out.b'] };
  layers.forEach((layer, i) => {
    const [gamma, beta, mean, variance] = ['gamma', 'beta', 'mean', 'var'].map(
      (kind) => weights[`bn${i}.${kind}`].data,
    );
    const scale = gamma.map((g, o) => g / Math.sqrt(variance[o] + EPSILON));
    const { shape, data: w } = weights[`${layer}.w`];
    result[`${layer}.w`] = { shape, data: w.map((value, at) => value * scale[at % scale.length]) };
    result[`${layer}.b`] = { shape: [scale.length], data: beta.map((b, o) => b - mean[o] * scale[o]) };
  });
  return result;
}
