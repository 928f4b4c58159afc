/**
 * Saliency: the gradient of the prediction with respect to the one-hot input, at the sequence itself
 * (Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks", 2014).
 */

import type { Sequences } from '../../nn/dataset.js';
import { type LayeredModel, readoutsIn } from '../model.js';
import { treatmentIn } from '../structure.js';
import {
  type Attribution,
  type AttributionOptions,
  checkAsked,
  checkDifferentiable,
  countOf,
  heightsOf,
} from './attribution.js';
import { inputGradients } from './input-gradients.js';

/**
 * df/dx at all four letters of every position: `scores` [E * outputs, N, 4, L]; f is the prediction of
 * evaluation mode, for classification the probability. The gradient is with respect to letters alone:
 * structure profiles are held as they are. Pads and N have scores 0.
 *
 * @param sequences codes [N * L], and profiles where the model takes them; default those that they fold to
 * @throws ShapeError, InvalidSequenceError or NotFiniteError naming the sequence; CancelledError
 */
export async function saliency(
  model: LayeredModel,
  sequences: Sequences,
  options: AttributionOptions = {},
): Promise<Attribution> {
  checkDifferentiable(checkAsked(model, sequences, options), 'saliency');
  const { length } = model;
  const count = countOf(model, sequences.codes);
  const path = {
    t: Float32Array.of(1),
    weights: Float32Array.of(1),
    baseline: new Float32Array(4 * length),
    integrate: false,
  };
  const { scores, predictions } = await inputGradients(model, sequences, path, options);
  return {
    method: 'saliency',
    ...readoutsIn(model),
    ...treatmentIn(model, { structure: 'keep' }),
    count,
    length,
    scores,
    heights: heightsOf(scores, length),
    predictions,
  };
}
