/** What the network of the preset `pwm` has learned, as a matrix. */

import { ShapeError } from '../../device/errors.js';
import type { Architecture } from '../layers.js';
import type { NamedArray } from '../weights.js';

/** The motif of a PWM model. */
export interface LearnedMotif {
  /**
   * Probabilities of A, C, G and U at each position of the window: exp of the weights, which are free
   * energies in units of kT, over their sum. Weights of structure contexts are left out.
   */
  readonly pwm: readonly (readonly [number, number, number, number])[];
  /** Whether sites of the motif raise the prediction (1) or lower it (-1). */
  readonly sign: 1 | -1;
}

/** Whether a network is one motif: a convolution of one filter, exp, and a mean over all positions. */
export const isPwm = ({ layers, length }: Architecture): boolean => {
  const [first, second, pool, head] = layers;
  return (
    layers.length === 4 &&
    first?.kind === 'convolution' &&
    first.filters === 1 &&
    second?.kind === 'exponential' &&
    pool?.kind === 'pool' &&
    pool.by === 'mean' &&
    pool.size === length &&
    head?.kind === 'head' &&
    head.outputs === 1
  );
};

/**
 * The motif that a network of the preset `pwm` has learned.
 *
 * @throws ShapeError for weights of another network
 */
export function learnedMotif(
  architecture: Architecture,
  weights: Readonly<Record<string, NamedArray>>,
): LearnedMotif {
  const [kernel, out] = [weights['conv0.w'], weights['out.w']];
  if (!isPwm(architecture) || !kernel || !out)
    throw new ShapeError('the network is not a PWM model; train one with the preset "pwm"');
  const { channels } = architecture;
  const taps = kernel.data.length / channels;
  const pwm = Array.from({ length: taps }, (_, tap) => {
    const own = Array.from({ length: 4 }, (_, base) => Number(kernel.data[channels * tap + base]));
    const most = Math.max(...own);
    const shares = own.map((weight) => Math.exp(weight - most));
    const total = shares.reduce((sum, share) => sum + share, 0);
    return shares.map((share) => share / total) as unknown as readonly [number, number, number, number];
  });
  return { pwm, sign: Number(out.data[0]) < 0 ? -1 : 1 };
}
