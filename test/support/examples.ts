/**
 * Small training sets: simulated probes as a model takes them, and random input of any shape; weights as if
 * trained.
 */

import { encodeSequences } from '../../src/data/sequences/sequence.js';
import { simulateProbes } from '../../src/data/simulation/simulate.js';
import { applyTransform, fitTransform } from '../../src/data/transform.js';
import { type Architecture, lossKindOf, outputsOf } from '../../src/nn/architecture.js';
import { initialWeights } from '../../src/nn/initialise.js';
import type { Examples } from '../../src/nn/training/fit.js';
import { normals, randomCodes } from './numbers.js';

/** Simulated probes with normalised scores. */
export function simulated(count: number, seed = 1): Examples {
  const { probes } = simulateProbes({ count, seed, noise: 0.2 });
  return {
    codes: encodeSequences(probes.sequences),
    scores: applyTransform(fitTransform(probes.scores), probes.scores),
  };
}

/** Random sequences with pads, profiles where the model takes them, and scores that suit its head. */
export function randomExamples(model: Architecture, count: number): Examples {
  const { length, channels } = model;
  const scores = normals(count * outputsOf(model), 1);
  return {
    codes: Uint8Array.from(randomCodes(count * length)),
    ...(channels > 4 ? { profile: normals(count * length * (channels - 4), 2).map(Math.abs) } : {}),
    scores: lossKindOf(model) === 'classification' ? scores.map((score) => Number(score > 0)) : scores,
  };
}

/** Records `from` to `to` of examples without profiles. */
export function range({ codes, scores }: Examples, from: number, to: number): Examples {
  const length = codes.length / scores.length;
  return { codes: codes.subarray(from * length, to * length), scores: scores.subarray(from, to) };
}

/** Fresh weights with every number moved, so that no gamma is 1 and no mean 0. */
export function movedWeights(made: Architecture, seed = 5) {
  return Object.fromEntries(
    Object.entries(initialWeights(made, seed)).map(([name, { shape, data }], t) => {
      const noise = normals(data.length, t);
      const spread = name.endsWith('.var') ? 0 : 0.2;
      return [name, { shape, data: data.map((value, i) => value + spread * noise[i]!) }];
    }),
  );
}
