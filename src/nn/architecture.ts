/**
 * What a network is made of, and what follows from that: parameters, arithmetic, and what an output position
 * sees. `presets.ts` has the networks of the paper.
 */

import * as check from '../device/check.js';
import { ShapeError } from '../device/errors.js';
import {
  type Architecture,
  checkLayer,
  type Head,
  INPUT,
  type Layer,
  type LayerKind,
  type ParameterSpec,
  type PlacedLayer,
  placeLayers,
  rowOf,
} from './layers.js';
import { isSizes, residualBind } from './presets.js';

export type { Alphabet, Architecture, Head, Layer, ParameterSpec } from './layers.js';

const MOST_LAYERS = 512;

const fields = check.strictRecord<Architecture>({
  ...INPUT,
  layers: check.list(checkLayer, 2, MOST_LAYERS),
});

/**
 * A whole architecture, every field and every place checked. What earlier versions wrote, the sizes of a
 * ResidualBind network, is read too.
 */
export const checkArchitecture: check.Check<Architecture> = (value, place) => {
  const given = check.object(value, place);
  if (isSizes(given)) return residualBind(given, place);
  const made = fields(given, place);
  placesIn(made, place);
  return made;
};

const placesIn = ({ length, channels, layers }: Architecture, place: check.Place): PlacedLayer[] =>
  placeLayers(layers, { positions: length, channels }, (message) =>
    place.error(place.name === '' ? message : `${place.name}.${message}`),
  );

const places = new WeakMap<Architecture, readonly PlacedLayer[]>();

/** The layers in their places. Architectures are data that nobody changes, so each is placed once. */
export function placedLayers(architecture: Architecture): readonly PlacedLayer[] {
  let placed = places.get(architecture);
  if (!placed) {
    placed = placesIn(architecture, { name: '', error: (message) => new ShapeError(message) });
    places.set(architecture, placed);
  }
  return placed;
}

/** The layers of one kind. */
export const layersOfKind = <Kind extends LayerKind>(
  architecture: Architecture,
  kind: Kind,
): readonly PlacedLayer<Kind>[] =>
  placedLayers(architecture).filter(
    (placed): placed is PlacedLayer<Kind> & PlacedLayer => placed.layer.kind === kind,
  );

/** The last layer. */
export const headOf = (architecture: Architecture): Layer<'head'> =>
  layersOfKind(architecture, 'head')[0]!.layer;

/** Numbers that the network gives for a sequence. */
export const outputsOf = (architecture: Architecture): number => headOf(architecture).outputs;

/** Whether outputs are affinities or classes. */
export const lossKindOf = (architecture: Architecture): Head => headOf(architecture).loss;

/** What data for the network must be like. */
export const inputOf = (architecture: Architecture) => {
  const { length, channels } = architecture;
  return { length, channels, head: lossKindOf(architecture), outputs: outputsOf(architecture) };
};

/** Trainable parameters in order; `bn*.affine` holds gamma and beta. */
export const parameterSpecs = (architecture: Architecture): ParameterSpec[] =>
  placedLayers(architecture).flatMap((placed) => rowOf(placed.layer).parameters?.(placed) ?? []);

/** Running statistics in order: mean and biased variance of each batch normalisation. */
export const statisticSpecs = (architecture: Architecture): ParameterSpec[] =>
  layersOfKind(architecture, 'batch-norm').map(({ name, input: { channels } }) => ({
    name: `${name}.moments`,
    shape: [2, channels],
  }));

const count = (specs: readonly ParameterSpec[]): number =>
  specs.reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0);

/** Numbers that training moves, and all numbers of the model (with running statistics). */
export function parameterCounts(architecture: Architecture): { trainable: number; total: number } {
  const trainable = count(parameterSpecs(architecture));
  return { trainable, total: trainable + count(statisticSpecs(architecture)) };
}

/** Multiply-adds of matrix products in one prediction; the first convolution of letters only adds. */
export const forwardMultiplyAdds = (architecture: Architecture): number =>
  placedLayers(architecture).reduce(
    (sum, placed) => sum + (rowOf(placed.layer).multiplyAdds?.(placed) ?? 0),
    0,
  );

/** The most numbers that one record has between two layers. */
export const widestOf = (architecture: Architecture): number =>
  Math.max(...placedLayers(architecture).map(({ output }) => output.positions * output.channels));
