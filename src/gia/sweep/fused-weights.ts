/** Reorders a model's weights on the host for the fused kernels (src/kernels/sweep/fused-sweep.ts). */

import { evaluateTaps } from '../../kernels/sweep/filtering.js';
import type { FusedShape } from '../../kernels/sweep/fused-sweep.js';
import { concatenated } from '../arrays.js';
import type { LayeredModel } from '../model.js';
import { modelsOf, type SweepWeights } from './weights.js';

export interface FusedWeights {
  /** [E, matrices, inputs, outputs] */
  readonly weights: Float32Array;
  /** [E, layers * channels + 2 hidden + 4] */
  readonly constants: Float32Array;
  /** [E, windows * channels, hidden] */
  readonly dense: Float32Array;
}

export async function fusedWeights(
  { models, parameters }: LayeredModel,
  { stages, layers }: FusedShape,
  { host, convolutions, denseBias }: SweepWeights,
): Promise<FusedWeights> {
  const kernels = host.convolutions.map((values) => modelsOf(values, models));
  const biases = convolutions.map(({ bias }) => bias).slice(0, layers);
  const values = await Promise.all(
    [...biases, denseBias, parameters.get('out.w'), parameters.get('out.b')].map((it) => it.readFloats()),
  );
  const constants = values.map((value) => modelsOf(value, models));
  const each = Array.from({ length: models }, (_, e) => e);
  return {
    weights: concatenated(
      each.flatMap((e) =>
        stages.flatMap(({ before, layer }) => {
          if (!before || layer === undefined) return [];
          const kernel = kernels[layer]![e]!;
          return [before.size > 1 ? evaluateTaps(kernel, before.size) : kernel];
        }),
      ),
    ),
    constants: concatenated(each.flatMap((e) => [...constants.map((of) => of[e]!), [0, 0, 0]])),
    dense: host.windows,
  };
}
